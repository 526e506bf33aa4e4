import OutcryComponents
import OutcryKernel
import OutcryServing
import OutcryWire

// The end, in order.

extension SafetyNet {
    /// Lets nobody in any more, says goodbye to those on the stream once all signed calls are answered, and
    /// ends when everything that was asked is answered and everything that was heard is written.
    func drain(within limit: Duration, _ my: Context) {
        guard !isDraining else { return }
        isDraining = true
        drainBegan = my.now
        closeDoors()
        if signed.busy == 0 { sayGoodbye(my) }
        my.after(limit, .netDrainEnd, named: "drain-end")
        my.after(.milliseconds(10), .netDrainLook, named: "drain")
    }

    func lookAtDrain(_ my: Context) {
        // What was heard before the end began; without an upstream nothing more is to be had.
        for place in histories.indices where isBehind(histories[place]) {
            histories[place].isHeard = true
        }
        syncHistories(my)
        if signed.busy == 0 { sayGoodbye(my) }
        let isStored = histories.allSatisfy { !$0.isWriting && !isBehind($0) }
        // A connection kept for a next request waits for nothing.
        let isWritten = connections.values.allSatisfy { $0.stream.unwritten == 0 }
        if isStored, isWritten, signed.busy == 0, waiting.isEmpty { return my.stop() }
        my.after(.milliseconds(20), .netDrainLook, named: "drain")
    }

    /// Whether the store has not been asked since the end began to take what there was.
    private func isBehind(_ history: HistoryState) -> Bool {
        store != nil && storeFailure == nil && isUp && history.syncedAt < drainBegan
    }

    /// 1001 to those on a WebSocket of their own, the end of the session to those of Socket.IO.
    func sayGoodbye(_ my: Context) {
        guard !hasSaidGoodbye else { return }
        hasSaidGoodbye = true
        for client in clientsInOrder {
            switch client.carrier {
            case .webSocket(let connection):
                connection.close(.goingAway, "the SafetyNet ends")
            case .socketIO(let session): socketIO.dismiss(session, my)
            }
        }
    }
}
