import Outcry

/// `outcry-peer http-echo PORT`: an HTTP/1.1 server; any method, any path, 200 with the request's body.
enum HTTPEcho {
    static func run(_ words: inout PeerWords) throws {
        let port = try words.port()
        try words.finish()
        try serve(HTTPEchoServer(port: port))
    }

    static func serve(_ server: HTTPEchoServer) throws {
        let kernel = Kernel(driver: try Reactor())
        kernel.start(server)
        try kernel.run()
        if let failure = server.failure { throw failure }
    }
}

/// Answers each request with its body, in order, on connections that stay.
final class HTTPEchoServer: Session {
    private let port: UInt16
    /// Makes its streams secret.
    private let tls: TLSServerOptions?
    private let rules = ServerRules(limits: HTTPLimits())
    private var clients: [UInt64: ServerConnection] = [:]
    /// Why it does not listen.
    private(set) var failure: SystemError?

    /// Requests of one client before others get their turn.
    private static let budget = 32

    init(port: UInt16, tls: TLSServerOptions? = nil) {
        self.port = port
        self.tls = tls
    }

    static func handlers(_ on: inout Handlers<HTTPEchoServer>) {
        on(.started) { me, _, my in
            do throws(SystemError) {
                let listener = try my.listen(on: .loopback(port: me.port), tls: me.tls)
                Output.ready(listener.address, asked: me.port)
            } catch { me.failure = error }
        }
        on(.streamAccepted) { me, news, _ in
            me.clients[news.stream.number] = ServerConnection(news.stream, rules: me.rules)
        }
        on(.streamRefused) { _, news, _ in Output.error("\(news.peer): \(news.reason)") }
        on(.streamReceived) { me, stream, _ in me.read(stream) }
        on(.streamOverdue) { me, stream, _ in me.clients[stream.number]?.overdue() }
        on(.streamPressure) { me, pressure, _ in
            me.clients[pressure.stream.number]?.feel(pressure)
        }
        on(.streamEnded) { _, stream, _ in stream.close() }
        on(.streamClosed) { me, end, _ in me.clients[end.stream.number] = nil }
        on(.interrupt) { _, _, my in my.kernel.stop() }
    }

    private func read(_ stream: StreamWheel) {
        guard let client = clients[stream.number] else { return }
        var left = Self.budget
        while let incoming = client.next() {
            switch incoming {
            case .request(_, let body): client.reply(200, [], body.span)
            case .broken(let error): client.refuse(error)
            case .text, .ping, .pong, .close: break  // nobody was granted a WebSocket
            }
            left -= 1
            if left == 0 { return stream.continueReading() }
        }
    }
}

extension [UInt8] {
    /// Appends bytes in one copy.
    mutating func append(copying bytes: Span<UInt8>) {
        // Sound: the pointer is used inside the call only, and the span keeps its bytes meanwhile.
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
