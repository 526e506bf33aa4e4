import Outcry

/// `outcry-peer sio-server PORT`: a Socket.IO 0.9 server with the endpoint `/mtgox`, which behaves as the
/// suite's `tornadio2_server.py` does; the session itself sends back what it gets.
///
/// `auth`: a handshake needs `token=ok`, and fails with `bad=`. `fast`: heartbeats after 1 s with 2 s to
/// answer, polls of 2 s, sessions without polls kept 2 s.
enum SIOServer {
    static func run(_ words: inout PeerWords) throws {
        let port = try words.port()
        let mode = words.optional()
        try words.finish()
        var rules = SocketIORules()
        rules.endpoints = ["/mtgox"]
        rules.refusals = [
            ("/private", SocketIORefusal(.unauthorized)),
            ("/broken", SocketIORefusal(.other("undefined"))),
        ]
        if mode == "fast" {
            rules.heartbeatInterval = .seconds(1)
            rules.heartbeatTimeout = .seconds(2)
            rules.pollingDuration = .seconds(2)
            rules.closeTimeout = .seconds(2)
        }
        let server = SIOServerSession(port, rules, asksToken: mode == "auth")
        let kernel = Kernel(driver: try Reactor())
        kernel.start(server)
        try kernel.run()
        if let failure = server.failure { throw failure }
    }
}

/// Listens, and plays the venue.
final class SIOServerSession: Session {
    private let port: UInt16
    private let server: SocketIOServer
    private var connections: [UInt64: ServerConnection] = [:]
    private var acks: [UInt64: Int] = [:]
    /// Why it does not listen.
    private(set) var failure: SystemError?

    private static let channels = [
        ("trades", "dbf1dee9-4f2e-4a08-8cb7-748919a71b21"),
        ("ticker", "d5f06780-30a8-4a48-a2f8-7ed181b4a13f"),
        ("depth", "24e67e0d-1cad-4cc0-9e7a-f8523ef460fe"),
    ]

    private static let nothing: [UInt8] = []

    init(_ port: UInt16, _ rules: SocketIORules, asksToken: Bool) {
        self.port = port
        server = SocketIOServer(rules)
        guard asksToken else { return }
        server.authorize = { head in
            let query = (try? PercentEncoding.items(head.query ?? "")) ?? []
            if query.contains(where: { $0.name == "bad" }) { return .failed }
            return query.contains(HTTPQueryItem("token", "ok")) ? .granted : .unauthorized
        }
    }

    static func handlers(_ on: inout Handlers<SIOServerSession>) {
        on(.started) { me, _, my in
            do throws(SystemError) {
                let listener = try my.listen(on: .loopback(port: me.port))
                Output.ready(listener.address, asked: me.port)
            } catch { me.failure = error }
        }
        on(.streamAccepted) { me, news, _ in
            me.connections[news.stream.number] = ServerConnection(news.stream)
        }
        on(.streamReceived) { me, stream, my in me.read(stream, my) }
        on(.streamEnded) { me, stream, my in
            if !me.server.ended(stream, my) { stream.close() }
        }
        on(.streamOverdue) { me, stream, _ in me.connections[stream.number]?.overdue() }
        on(.streamClosed) { me, end, my in
            me.connections[end.stream.number] = nil
            me.server.closed(end, my)
            me.hear(my)
        }
        on(.socketIOTick) { me, _, my in
            me.server.tick(my)
            me.hear(my)
        }
        on(.socketIOFlush) { me, _, my in
            me.server.flush(my)
            me.hear(my)
        }
        on(.interrupt) { _, _, my in my.kernel.stop() }
    }

    private func read(_ stream: StreamWheel, _ my: Context) {
        guard let connection = connections[stream.number] else { return }
        while let incoming = connection.next() {
            switch incoming {
            case .request(let head, let body):
                if !server.serve(head, body: body, on: connection, my) {
                    connection.reply(404, [], Self.nothing.span)
                }
            case .text(let bytes): _ = server.hear(bytes, on: connection, my)
            case .ping(let bytes): connection.pong(bytes)
            case .pong: continue
            case .close(let goodbye): connection.close(goodbye.answer)
            case .broken(let error):
                // As the original does it: without a reason.
                if connection.isWebSocket {
                    connection.close(error.closeCode)
                } else {
                    connection.refuse(error)
                }
            }
            hear(my)
        }
    }

    private func hear(_ my: Context) {
        while let news = server.nextNews() {
            switch news {
            case .joined(let session, _, _):
                for (_, guid) in Self.channels {
                    json("{\"channel\":\"\(guid)\",\"op\":\"subscribe\"}", session, my)
                }
            case .received(let session, let received): take(received, session, my)
            case .acknowledged(let session, "/mtgox", let id, _) where acks[session.number] == id:
                put(.event, "{\"name\":\"autoacked\"}", session, my)
            case .over(let session, _): acks[session.number] = nil
            case .left, .acknowledged: continue
            }
        }
    }

    private func put(
        _ kind: SocketIOPacket.Kind, _ data: String, _ session: SocketIOSession, id: Int? = nil,
        _ my: Context
    ) {
        let packet = SocketIOPacket.encoded(kind, id: id, endpoint: "/mtgox", data: data.utf8)
        server.send(packet, to: session, my)
    }

    private func json(_ text: String, _ session: SocketIOSession, _ my: Context) {
        put(.json, text, session, my)
    }

    // MARK: The venue

    private func take(
        _ received: SocketIOReceived, _ session: SocketIOSession, _ my: Context
    ) {
        guard received.endpoint == "/mtgox" else { return sendBack(received, session, my) }
        guard session.isJoined("/mtgox") else { return }
        switch received.content {
        case .text(let bytes):
            server.acknowledge(received, with: nil, to: session, my)
            put(.message, "echo:" + String(decoding: bytes, as: UTF8.self), session, my)
        case .json(let bytes):
            server.acknowledge(received, with: nil, to: session, my)
            answer(bytes, session, my)
        case .event("hello", let arguments):
            let list = String(decoding: arguments ?? [], as: UTF8.self)
            let inner = list.dropFirst().dropLast()
            let first = inner.prefix { $0 != "," }
            put(
                .event,
                "{\"name\":\"world\",\"args\":[{\"a\":\(first)},"
                    + inner.drop { $0 != "," }.dropFirst() + "]}", session, my)
            server.acknowledge(
                received, with: Array("[\"ack\",\(inner)]".utf8), to: session, my)
        case .event("ackme", _):
            let id = (acks[session.number] ?? 0) + 1
            acks[session.number] = id
            put(.message, "msg-needs-ack", session, id: id, my)
            server.acknowledge(received, with: nil, to: session, my)
        case .event("burst", let arguments):
            let digits = String(decoding: arguments ?? [], as: UTF8.self).dropFirst().dropLast()
            for index in 0..<min(10_000, Int(digits) ?? 0) {
                json("{\"i\":\(index)}", session, my)
            }
            server.acknowledge(received, with: nil, to: session, my)
        case .event: server.acknowledge(received, with: nil, to: session, my)
        }
    }

    private func answer(_ bytes: [UInt8], _ session: SocketIOSession, _ my: Context) {
        let fields = Self.fields(bytes)
        switch fields["op"] {
        case "call":
            json(
                "{\"id\":\"\(fields["id"] ?? "")\",\"op\":\"result\",\"result\":"
                    + "{\"ok\":true,\"u\":\"\u{A0}\u{20AC}\"}}", session, my)
        case "mtgox.subscribe":
            let guid = Self.channels.first { $0.0 == fields["type"] }?.1 ?? "?"
            json("{\"channel\":\"\(guid)\",\"op\":\"subscribe\"}", session, my)
        default: json(String(decoding: bytes, as: UTF8.self), session, my)
        }
    }

    private func sendBack(
        _ received: SocketIOReceived, _ session: SocketIOSession, _ my: Context
    ) {
        server.acknowledge(received, with: nil, to: session, my)
        switch received.content {
        case .text(let bytes):
            server.send(SocketIOPacket.encoded(.message, data: bytes), to: session, my)
        case .json(let bytes):
            server.send(SocketIOPacket.encoded(.json, data: bytes), to: session, my)
        case .event: return
        }
    }

    /// The strings of an object's fields; none for what is no object.
    static func fields(_ bytes: [UInt8]) -> [String: String] {
        var fields: [String: String] = [:]
        var reader = JSONReader(bytes.span)
        do throws(JSONError) {
            try reader.beginObject()
            while let key = try reader.nextKey() {
                let name = key.string
                if try reader.peek() == .string {
                    fields[name] = try reader.string().string
                } else {
                    try reader.skip()
                }
            }
        } catch { return [:] }
        return fields
    }
}
