import OutcryComponents
import OutcryKernel
import OutcryServing
import OutcryWire

// Clients at the endpoint /mtgox of a Socket.IO session.

extension SafetyNet {
    /// The endpoint at which the stream is.
    static let endpoint = "/mtgox"

    /// Takes what happened to the Socket.IO sessions.
    func hearNews(_ my: Context) {
        while let news = socketIO.nextNews() {
            switch news {
            case .joined(let session, _, let query): join(session, query, my)
            case .left(let session, _), .over(let session, _): leave(session, my)
            case .received(let session, let received): take(received, session, my)
            case .acknowledged: continue
            }
        }
        fanOut.tellPolled(my)
    }

    private func join(_ session: SocketIOSession, _ query: String, _ my: Context) {
        guard sessionClients[session.number] == nil else { return }
        let client = makeClient(.socketIO(session))
        sessionClients[session.number] = client
        let text = query.hasPrefix("?") ? query.dropFirst() : query[...]
        let own = (try? PercentEncoding.items(text)) ?? []
        welcome(client, session.query + own, isBare: false, my)
    }

    private func leave(_ session: SocketIOSession, _ my: Context) {
        guard let client = sessionClients.removeValue(forKey: session.number) else { return }
        forget(client, my)
    }

    private func take(_ received: SocketIOReceived, _ session: SocketIOSession, _ my: Context) {
        // Only those who joined are answered; the rest is acknowledged at most.
        guard received.endpoint == Self.endpoint, let client = sessionClients[session.number] else {
            return
        }
        switch received.content {
        case .json(let bytes), .text(let bytes): hear(bytes, client, my)
        case .event("message", let arguments?):
            guard let message = StreamRequest.message(inEvent: arguments) else {
                return remark("Unknown operation", to: client, my)
            }
            hear(message, client, my)
        case .event: remark("Unknown operation", to: client, my)
        }
        socketIO.acknowledge(received, with: nil, to: session, my)
    }

    /// Takes one WebSocket message: of a client of the stream, or of a Socket.IO session.
    func hear(_ bytes: [UInt8], _ connection: ServerConnection, _ my: Context) {
        if let client = client(of: connection) {
            hear(bytes, client, my)
        } else {
            _ = socketIO.hear(bytes, on: connection, my)
        }
    }

    func makeClient(_ carrier: FanOutClient.Carrier) -> NetClient {
        clientsEver += 1
        let client = NetClient(clientsEver, carrier)
        fanOut.add(client)
        return client
    }
}
