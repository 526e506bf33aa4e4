import OutcryBytes
import OutcryComponents
import OutcryKernel
import OutcryWire

/// Answers each request with its method, path and body; grants WebSockets, and sends back what they say.
final class EchoHost: Session {
    let rules: ServerRules
    private let port: UInt16
    private(set) var accepted = 0
    /// Method and path of each request.
    private(set) var seen: [String] = []
    private(set) var listener: ListenerWheel?
    var connections: [UInt64: ServerConnection] = [:]
    /// How WebSockets ended, and why their streams did.
    private(set) var endings: [String] = []
    private(set) var shared: SharedMessage
    /// The answer to `/big`.
    static let big = [UInt8](repeating: 0x62, count: 512 << 10)
    /// The most that was unwritten behind such an answer.
    private(set) var mostUnwritten = 0
    /// Requests to `/late` wait for a beat.
    var late: [ServerConnection] = []

    init(_ rules: ServerRules = .standard, port: UInt16 = 80) {
        self.rules = rules
        self.port = port
        shared = SharedMessage(rules)
    }

    static func handlers(_ on: inout Handlers<EchoHost>) {
        on(.started) { me, _, my in me.listener = try my.listen(on: .loopback(port: me.port)) }
        on(.streamAccepted) { me, news, _ in
            me.accepted += 1
            me.connections[news.stream.number] = ServerConnection(news.stream, rules: me.rules)
        }
        on(.streamReceived) { me, stream, _ in me.read(stream) }
        on(.streamOverdue) { me, stream, _ in me.connections[stream.number]?.overdue() }
        on(.streamPressure) { me, pressure, _ in
            me.connections[pressure.stream.number]?.feel(pressure)
        }
        on(.streamEnded) { me, stream, _ in me.connections[stream.number]?.ended() }
        on(.streamClosed) { me, end, _ in
            let connection = me.connections.removeValue(forKey: end.stream.number)
            if let connection, connection.isWebSocket {
                me.endings.append(connection.ending.map { "\($0)" } ?? "\(end.reason)")
            }
        }
        on(.hostBeat) { me, _, _ in
            for connection in me.late {
                connection.reply(200, [], "late".utf8.span, isLate: true)
            }
            me.late = []
        }
    }

    /// Those who speak WebSocket, in the order of their coming.
    var sockets: [ServerConnection] {
        connections.sorted { $0.key < $1.key }.map(\.value).filter(\.isWebSocket)
    }

    /// Sends one message to all of them.
    func broadcast(_ text: String) throws {
        try shared.set(text.utf8.span)
        for socket in sockets { shared.put(to: socket) }
    }

    private func read(_ stream: StreamWheel) {
        guard let connection = connections[stream.number] else { return }
        while let incoming = connection.next() {
            switch incoming {
            case .request(let head, let body):
                seen.append("\(head.method) \(head.path)")
                if WebSocketServerHandshake.isAsked(in: head),
                    let handshake = try? WebSocketServerHandshake(head)
                {
                    connection.upgrade(handshake)
                } else if head.path == "/late" {
                    late.append(connection)
                } else if head.path == "/big" {
                    connection.reply(200, [], Self.big.span)
                    mostUnwritten = max(mostUnwritten, stream.unwritten)
                } else if head.path == "/none" {
                    connection.reply(204, [], "".utf8.span)
                } else {
                    let text =
                        "\(head.method) \(head.path) \(String(decoding: body, as: UTF8.self))"
                    connection.reply(200, [], text.utf8.span, isChunked: head.path == "/chunks")
                }
            case .text(let bytes): connection.send(bytes.span)
            case .ping(let bytes): connection.pong(bytes)
            case .pong: break
            case .close(let goodbye): connection.close(goodbye.answer)
            case .broken(let error): connection.refuse(error)
            }
        }
    }
}

extension Event where Payload == Void {
    static let hostBeat = Self("test.hostBeat")
}
