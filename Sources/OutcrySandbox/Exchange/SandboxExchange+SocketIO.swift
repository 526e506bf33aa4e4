import OutcryComponents
import OutcryKernel
import OutcryServing
import OutcryWire

// Clients at the endpoint /mtgox of a Socket.IO session.

extension SandboxExchange {
    /// The endpoint at which the stream is.
    static let endpoint = "/mtgox"

    /// Takes what happened to the Socket.IO sessions.
    func hearNews(_ my: Context) {
        while let news = socketIO.nextNews() {
            switch news {
            case .joined(let session, _, let query): join(session, query, my)
            case .left(let session, _), .over(let session, _): leave(session)
            case .received(let session, let received): take(received, session, my)
            case .acknowledged: continue
            }
        }
    }

    /// A client is at the endpoint. `?Channel=` and `?Currency=` of the handshake, or behind the
    /// endpoint's name, say what it wants; without, it is what a WebSocket at `/mtgox` gets.
    private func join(_ session: SocketIOSession, _ query: String, _ my: Context) {
        guard sessionClients[session.number] == nil else { return }
        let client = SandboxClient(.socketIO(session))
        sessionClients[session.number] = client
        counters.socketIO += 1
        let text = query.hasPrefix("?") ? query.dropFirst() : query[...]
        let own = (try? PercentEncoding.items(text)) ?? []
        welcome(client, session.query + own, isBare: false, my)
    }

    private func leave(_ session: SocketIOSession) {
        guard let client = sessionClients.removeValue(forKey: session.number) else { return }
        counters.socketIO -= 1
        forget(client)
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
                return remarkEvent(client, my)
            }
            hear(message, client, my)
        case .event: remarkEvent(client, my)
        }
        socketIO.acknowledge(received, with: nil, to: session, my)
    }

    private func remarkEvent(_ client: SandboxClient, _ my: Context) {
        send(StreamRemark.make("Unknown operation", success: false), to: client, my)
    }

    /// Sends one message of the venue to one client.
    func send(_ message: [UInt8], to client: SandboxClient, _ my: Context) {
        guard !mustHold(my) else { return hold(.message(client, message)) }
        put(message, to: client, my)
    }

    /// Puts one message of the venue to one client.
    func put(_ message: [UInt8], to client: SandboxClient, _ my: Context) {
        counters.sent += 1
        switch client.carrier {
        case .webSocket(let connection): connection.send(message.span)
        case .socketIO(let session):
            socketIO.send(
                SocketIOPacket.encoded(.json, endpoint: Self.endpoint, data: message),
                to: session, my)
        }
    }

    /// Takes one WebSocket message: of a client of the stream, or of a Socket.IO session.
    func hear(_ bytes: [UInt8], _ connection: ServerConnection, _ my: Context) {
        if hearMidChains(bytes, connection, my) { return }
        if let client = clients[connection.number] {
            hear(bytes, client, my)
        } else {
            _ = socketIO.hear(bytes, on: connection, my)
        }
    }
}
