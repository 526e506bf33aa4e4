import OutcryComponents
import OutcryKernel
import OutcryServing
import OutcryWire

// The end, in order.

extension SafetyNet {
    /// Lets nobody in any more, says goodbye to those on the stream, and ends when everything that was asked
    /// is answered and everything that was heard is written.
    func drain(within limit: Duration, _ my: Context) {
        guard !isDraining else { return }
        isDraining = true
        closeDoors()
        sayGoodbye(my)
        my.after(limit, .netDrainEnd, named: "drain-end")
        syncHistories(my)
        my.after(.milliseconds(10), .netDrainLook, named: "drain")
    }

    func lookAtDrain(_ my: Context) {
        let isStored =
            store == nil || storeFailure != nil
            || histories.allSatisfy { !$0.isWriting && !$0.isHeard }
        // A connection kept for a next request waits for nothing.
        let isWritten = connections.values.allSatisfy { $0.stream.unwritten == 0 }
        if isStored, isWritten, signed.busy == 0, waiting.isEmpty { return my.stop() }
        my.after(.milliseconds(20), .netDrainLook, named: "drain")
    }

    /// 1001 to those on a WebSocket of their own, the end of the session to those of Socket.IO.
    func sayGoodbye(_ my: Context) {
        for client in clientsInOrder {
            switch client.carrier {
            case .webSocket(let connection):
                connection.close(.goingAway, "the SafetyNet ends")
            case .socketIO(let session): socketIO.dismiss(session, my)
            }
        }
    }
}
