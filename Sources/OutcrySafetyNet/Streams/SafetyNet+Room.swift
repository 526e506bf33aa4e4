import OutcryComponents
import OutcryKernel
import OutcryServing
import OutcryWire

// What everybody is told.

extension SafetyNet {
    /// Puts a message to everybody who listens to a channel: one frame for all of a kind.
    func tell(_ channel: Int, _ message: [UInt8], _ my: Context) {
        room.sweep()
        put(message, to: room.subscribers[channel], my)
    }

    /// Puts a message to every client of the stream.
    func tellAll(_ message: [UInt8], _ my: Context) { put(message, to: clientsInOrder, my) }

    private func put(_ message: [UInt8], to listeners: [NetClient], _ my: Context) {
        guard !listeners.isEmpty, share(message) else { return }
        var isCarried = false
        for listener in listeners {
            switch listener.carrier {
            case .webSocket(let connection): shared.put(to: connection)
            case .socketIO: isCarried = true
            }
        }
        counters.sent += listeners.count
        guard isCarried else { return }
        let packet = SocketIOPacket.encoded(.json, endpoint: Self.endpoint, data: message)
        guard share(packet) else { return }
        shared.withFrame { bytes in
            for listener in listeners {
                guard case .socketIO(let session) = listener.carrier else { continue }
                socketIO.send(packet.span, frame: bytes, to: session, my)
            }
        }
    }

    /// A message of a megabyte is nothing that the venue says.
    private func share(_ message: [UInt8]) -> Bool {
        do throws(CodecError) { try shared.set(message.span) } catch { return false }
        return true
    }

    /// Puts one message to one client.
    func put(_ message: [UInt8], to client: NetClient, _ my: Context) {
        guard !client.isGone else { return }
        counters.sent += 1
        switch client.carrier {
        case .webSocket(let connection): connection.send(message.span)
        case .socketIO(let session):
            socketIO.send(
                SocketIOPacket.encoded(.json, endpoint: Self.endpoint, data: message),
                to: session, my)
        }
    }

    /// All clients of the stream, in the order of arrival.
    var clientsInOrder: [NetClient] {
        (Array(clients.values) + Array(sessionClients.values)).sorted { $0.number < $1.number }
    }
}
