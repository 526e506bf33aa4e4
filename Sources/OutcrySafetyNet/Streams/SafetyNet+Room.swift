import OutcryComponents
import OutcryKernel
import OutcryServing

// What everybody is told.

extension SafetyNet {
    /// Puts a message to everybody who listens to a channel.
    ///
    /// - Parameter news: What it says, for those who are behind.
    func tell(_ channel: Int, _ message: [UInt8], _ news: FanOutNews, _ my: Context) {
        fanOut.tell(channel, message, news, my)
    }

    /// Puts a message to every client of the stream.
    func tellAll(_ message: [UInt8], _ my: Context) {
        for client in clientsInOrder { put(message, to: client, my) }
    }

    /// Puts one message to one client.
    func put(_ message: [UInt8], to client: NetClient, _ my: Context) {
        fanOut.put(message, to: client, my)
    }

    /// All clients of the stream, in the order of arrival.
    var clientsInOrder: [NetClient] {
        (webSocketClients + sessionClients.values).sorted { $0.number < $1.number }
    }

    /// Those on a WebSocket of their own, in no order.
    var webSocketClients: [NetClient] { connections.values.compactMap(client(of:)) }

    /// The client of the stream that is on this connection alone: not one of a session of Socket.IO's.
    func client(of connection: ServerConnection) -> NetClient? {
        guard let client = connection.bearer as? NetClient, case .webSocket = client.carrier
        else { return nil }
        return client
    }
}
