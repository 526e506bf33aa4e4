import Outcry

/// `outcry-peer tls-echo PORT CHAIN.pem KEY.pem`: an HTTP/1.1 server over TLS on 127.0.0.1:PORT that answers
/// every request with its own body; prints `READY`. With `ALPN` behind it, that protocol is spoken, else
/// http/1.1; with `CA.pem` behind that, clients need a certificate of that authority.
enum TLSEcho {
    static func run(
        port: UInt16, chain: String, key: String, protocols: [String], authority: String?
    ) throws {
        let identity = TLSIdentity(chain: .file(chain), key: .file(key))
        var options = TLSServerOptions(identity: identity, protocols: protocols)
        if let authority { options.clientTrust = .authorities(.file(authority)) }
        let kernel = Kernel(driver: try Reactor())
        kernel.start(EchoServer(.loopback(port: port), options))
        try kernel.run()
    }
}

/// Answers each request with its body, in order, on connections that stay.
final class EchoServer: Session {
    fileprivate struct Client {
        var parser = HTTPRequestParser()
        var head: HTTPRequestHead?
        var decoder: HTTPBodyDecoder?
        var body: [UInt8] = []
    }

    private let address: SocketAddress
    private let tls: TLSServerOptions?
    private var listener: ListenerWheel?
    private var clients: [UInt64: Client] = [:]

    init(_ address: SocketAddress, _ tls: TLSServerOptions?) {
        self.address = address
        self.tls = tls
    }

    static func handlers(_ on: inout Handlers<EchoServer>) {
        on(.started) { me, _, my in
            me.listener = try my.listen(on: me.address, tls: me.tls)
            print("READY")
            Flush.output()
        }
        on(.streamAccepted) { me, news, _ in me.clients[news.stream.number] = Client() }
        on(.streamReceived) { me, stream, _ in me.read(stream) }
        on(.streamEnded) { _, stream, _ in stream.close() }
        on(.streamClosed) { me, end, _ in me.clients[end.stream.number] = nil }
        on(.streamRefused) { _, news, my in my.log.info("refused", news.peer, news.reason) }
    }

    private func read(_ stream: StreamWheel) {
        guard var client = clients[stream.number] else { return stream.abort() }
        do throws(CodecError) {
            try stream.inbound.consume { (bytes, position) throws(CodecError) in
                while let reply = try client.next(bytes.span, &position) {
                    stream.put(reply.bytes.span)
                    if reply.isLast { stream.close() }
                }
            }
            clients[stream.number] = client
        } catch {
            stream.put(
                "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8
                    .span)
            stream.close()
        }
    }
}

extension EchoServer.Client {
    /// The answer to the next whole request.
    fileprivate mutating func next(
        _ bytes: Span<UInt8>, _ position: inout Int
    ) throws(CodecError) -> (bytes: [UInt8], isLast: Bool)? {
        if head == nil {
            guard let found = try parser.next(bytes, at: &position) else { return nil }
            head = found
            decoder = HTTPBodyDecoder(try HTTPBodyFraming(of: found))
            body = []
        }
        while true {
            switch try decoder?.next(bytes, at: &position) {
            case .data(let range): for i in range { body.append(bytes[i]) }
            case .needMore: return nil
            case .end, nil:
                guard let head else { return nil }
                self.head = nil
                var reply = HTTPResponseHead(status: 200)
                reply.fields.append("Content-Length", "\(body.count)")
                if !head.keepsAlive { reply.fields.append("Connection", "close") }
                return (try reply.encoded() + (head.method == "HEAD" ? [] : body), !head.keepsAlive)
            }
        }
    }
}
