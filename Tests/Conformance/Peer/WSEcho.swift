import Outcry

/// `outcry-peer ws-echo PORT`: a WebSocket server that sends every message back, at any path;
/// permessage-deflate is granted to those who offer it.
enum WSEcho {
    static func run(_ words: inout PeerWords) throws {
        let port = try words.port()
        try words.finish()
        let server = WSEchoServer(port: port)
        let kernel = Kernel(driver: try Reactor())
        kernel.start(server)
        try kernel.run()
        if let failure = server.failure { throw failure }
    }
}

/// Takes connections, grants handshakes, echoes.
private final class WSEchoServer: Session {
    private let port: UInt16
    private var clients: [UInt64: WSEchoClient] = [:]
    /// Why it does not listen.
    private(set) var failure: SystemError?

    init(port: UInt16) { self.port = port }

    static func handlers(_ on: inout Handlers<WSEchoServer>) {
        on(.started) { me, _, my in
            do throws(SystemError) {
                let listener = try my.listen(on: .loopback(port: me.port))
                Output.ready(listener.address, asked: me.port)
            } catch { me.failure = error }
        }
        on(.streamAccepted) { me, news, _ in me.clients[news.stream.number] = WSEchoClient() }
        on(.streamReceived) { me, stream, my in me.clients[stream.number]?.read(stream, my) }
        on(.streamEnded) { _, stream, _ in stream.close() }
        on(.streamPressure) { _, pressure, _ in
            pressure.isHigh ? pressure.stream.pauseReading() : pressure.stream.resumeReading()
        }
        on(.streamClosed) { me, end, _ in me.clients[end.stream.number] = nil }
        on(.interrupt) { _, _, my in my.kernel.stop() }
    }
}

/// One connection: a handshake, then messages. A class, since closing a stream tells the server at once.
private final class WSEchoClient {
    private var parser = HTTPRequestParser()
    private var echo: MessageEcho?

    func read(_ stream: StreamWheel, _ my: Context) {
        if echo == nil { greet(stream) }
        echo?.read(stream, my)
    }

    /// Answers the handshake once it is there.
    private func greet(_ stream: StreamWheel) {
        do throws(CodecError) {
            let head = try stream.inbound.consume { (bytes, position) throws(CodecError) in
                try parser.next(bytes.span, at: &position)
            }
            if let head { try answer(head, stream) }
        } catch {
            let line = "HTTP/1.1 \(error.httpStatus) \r\n"
            stream.put("\(line)Content-Length: 0\r\nConnection: close\r\n\r\n".utf8.span)
            stream.close()
        }
    }

    /// Grants a request; a refused one is told why, and that was all.
    private func answer(_ head: HTTPRequestHead, _ stream: StreamWheel) throws(CodecError) {
        let granted: HTTPResponseHead
        let deflate: DeflateAgreement?
        do throws(WebSocketServerHandshake.Refusal) {
            let handshake = try WebSocketServerHandshake(head)
            deflate = handshake.agreement(on: DeflateOptions())
            granted = handshake.response(deflate: deflate)
        } catch {
            let refusal = try error.response.encoded() + Array(error.description.utf8)
            stream.put(refusal.span)
            return stream.close()
        }
        let bytes = try granted.encoded()
        stream.put(bytes.span)
        echo = MessageEcho(.server, deflate)
    }
}
