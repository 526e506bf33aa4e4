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
    private var clients: [UInt64: HTTPEchoClient] = [:]
    /// Why it does not listen.
    private(set) var failure: SystemError?

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
        on(.streamAccepted) { me, news, _ in me.clients[news.stream.number] = HTTPEchoClient() }
        on(.streamRefused) { _, news, _ in Output.error("\(news.peer): \(news.reason)") }
        on(.streamReceived) { me, stream, _ in me.clients[stream.number]?.read(stream) }
        on(.streamEnded) { _, stream, _ in stream.close() }
        on(.streamPressure) { _, pressure, _ in
            pressure.isHigh ? pressure.stream.pauseReading() : pressure.stream.resumeReading()
        }
        on(.streamClosed) { me, end, _ in me.clients[end.stream.number] = nil }
        on(.interrupt) { _, _, my in my.kernel.stop() }
    }
}

/// One connection: requests in, answers out. A class, since closing a stream tells the server at once.
final class HTTPEchoClient {
    private var parser = HTTPRequestParser()
    private var head: HTTPRequestHead?
    private var decoder = HTTPBodyDecoder(.none)
    private var body: [UInt8] = []

    /// Answers what has come completely; what is no request with its status, and then the end.
    func read(_ stream: StreamWheel) {
        do throws(CodecError) {
            try stream.inbound.consume { (bytes, position) throws(CodecError) in
                while stream.isOpen, try take(bytes.span, &position, stream) {}
            }
        } catch {
            let fields: HTTPFields = [
                HTTPField("Content-Length", "0"), HTTPField("Connection", "close"),
            ]
            put(HTTPResponseHead(status: error.httpStatus, fields: fields), stream)
            stream.close()
        }
    }

    /// Takes the rest of one request; false when more bytes are needed.
    private func take(
        _ bytes: Span<UInt8>, _ position: inout Int, _ stream: StreamWheel
    ) throws(CodecError) -> Bool {
        if head == nil {
            guard let found = try parser.next(bytes, at: &position) else { return false }
            let framing = try HTTPBodyFraming(of: found)
            decoder = HTTPBodyDecoder(framing)
            // RFC 9110 section 10.1.1: not to HTTP/1.0, nor where the body has begun to come.
            if framing != .none, position == bytes.count, found.version == .http11,
                found.fields.contains("100-continue", in: "Expect")
            {
                put(HTTPResponseHead(status: 100), stream)
            }
            head = found
        }
        while true {
            switch try decoder.next(bytes, at: &position) {
            case .needMore: return false
            case .data(let range): body.append(copying: bytes.extracting(range))
            case .end:
                answer(stream)
                return true
            }
        }
    }

    private func answer(_ stream: StreamWheel) {
        guard let head else { return }
        var reply = HTTPResponseHead(status: 200)
        reply.fields.append("Content-Length", "\(body.count)")
        if !head.keepsAlive { reply.fields.append("Connection", "close") }
        put(reply, stream)
        if head.method != "HEAD" { stream.put(body.span) }
        if !head.keepsAlive { stream.close() }
        self.head = nil
        body.removeAll(keepingCapacity: body.capacity <= 1 << 16)
    }

    private func put(_ head: HTTPResponseHead, _ stream: StreamWheel) {
        do {
            try stream.write { (queue) throws(CodecError) in try head.write(to: queue) }
        } catch {
            stream.abort()
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
