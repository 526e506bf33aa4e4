import Glibc
import Outcry

/// `outcry-bench fanout PORT [CHAIN.pem KEY.pem]`: text that comes in on `/pub` goes unchanged to everybody on
/// `/sub`; by TLS where a certificate is given.
enum Fanout {
    static func run(_ words: [String]) throws -> Int32 {
        guard let port = words.first.flatMap(UInt16.init) else {
            print("usage: outcry-bench fanout PORT [CHAIN.pem KEY.pem]")
            return 2
        }
        let kernel = Kernel(driver: try Reactor())
        var tls: TLSServerOptions?
        if words.count > 2 {
            tls = TLSServerOptions(
                identity: TLSIdentity(chain: .file(words[1]), key: .file(words[2])))
        }
        kernel.start(FanoutServer(port: port, tls), alias: "fanout")
        try kernel.run()
        return 0
    }
}

/// One listener session that owns all the connections.
final class FanoutServer: Session {
    private final class Client {
        /// A request is awaited, or frames are.
        enum Phase {
            indirect case request(HTTPRequestParser)
            case frames(WebSocketFrameDecoder)
        }
        let stream: StreamWheel
        var phase = Phase.request(HTTPRequestParser())
        var isPublisher = false
        init(_ stream: StreamWheel) { self.stream = stream }
    }

    private let port: UInt16
    private let tls: TLSServerOptions?
    private var listener: ListenerWheel?
    private var clients: [UInt64: Client] = [:]
    private var subscribers: StreamGroup?

    init(port: UInt16, _ tls: TLSServerOptions?) {
        self.port = port
        self.tls = tls
    }

    static func handlers(_ on: inout Handlers<FanoutServer>) {
        on(.started) { me, _, my in
            var options = StreamOptions()
            options.outboundKept = 0
            me.subscribers = my.makeGroup()
            me.listener = try my.listen(
                on: .loopback(port: me.port), tls: me.tls, options: options)
            print("READY")
            _ = fflush(nil)
        }
        on(.streamAccepted) { me, new, _ in me.clients[new.stream.number] = Client(new.stream) }
        on(.streamReceived) { me, stream, _ in me.read(stream) }
        on(.streamClosed) { me, end, _ in me.clients[end.stream.number] = nil }
    }

    private func read(_ stream: StreamWheel) {
        guard let client = clients[stream.number] else { return }
        do throws(CodecError) {
            if case .request(let parser) = client.phase {
                guard try upgrade(client, parser) else { return }
            }
            try messages(client)
        } catch { stream.abort() }
    }

    private func upgrade(
        _ client: Client, _ begun: HTTPRequestParser
    ) throws(CodecError) -> Bool {
        var parser = begun
        let head = try client.stream.inbound.consume { (bytes, position) throws(CodecError) in
            try parser.next(bytes.span, at: &position)
        }
        client.phase = .request(parser)
        guard let head else { return false }
        do throws(WebSocketServerHandshake.Refusal) {
            let handshake = try WebSocketServerHandshake(head)
            _ = try? client.stream.write { (queue) throws(CodecError) in
                try handshake.response().write(to: queue)
            }
        } catch {
            _ = try? client.stream.write { (queue) throws(CodecError) in
                try error.response.write(to: queue)
            }
            client.stream.close()
            return false
        }
        client.phase = .frames(WebSocketFrameDecoder(role: .server))
        client.isPublisher = head.path == "/pub"
        if !client.isPublisher { subscribers?.add(client.stream) }
        return true
    }

    private func messages(_ client: Client) throws(CodecError) {
        guard case .frames(var decoder) = client.phase else { return }
        defer { client.phase = .frames(decoder) }
        try client.stream.inbound.consume { (bytes, position) throws(CodecError) in
            while true {
                switch try decoder.next(&bytes, at: &position) {
                case .text(let range) where client.isPublisher:
                    try publish(bytes.span.extracting(range))
                case .close, .needMore: return
                default: continue
                }
            }
        }
    }

    /// Frames once, for everybody.
    private func publish(_ text: Span<UInt8>) throws(CodecError) {
        try subscribers?.write { (queue) throws(CodecError) in
            try WebSocketFrameEncoder(role: .server).write(.text, text, to: queue)
        }
    }
}
