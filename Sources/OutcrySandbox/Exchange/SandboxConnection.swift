import OutcryBytes
import OutcryKernel
import OutcryMarket
import OutcryWire

/// One client of a sandbox: HTTP first, a WebSocket perhaps from some request on.
final class SandboxConnection {
    let stream: StreamWheel
    private var parser = HTTPRequestParser(limits: SandboxConnection.limits)
    private var head: HTTPRequestHead?
    private var body: HTTPBodyDecoder?
    private var frames: WebSocketFrameDecoder?
    /// Quote currencies that `mtgox.subscribe` with a type means.
    var currencies = ["USD"]
    /// Channels by ``PublicChannel/index``, in the order of subscription.
    var channels: [Int] = []
    /// Nothing it says is listened to any more.
    private(set) var isOver = false

    private static let limits = HTTPLimits(headBytes: 16 << 10, fields: 64, bodyBytes: 64 << 10)
    private static let messageLimit = 64 << 10

    init(_ stream: StreamWheel) { self.stream = stream }

    var isWebSocket: Bool { frames != nil }

    /// What the client sent.
    enum Incoming {
        case request(HTTPRequestHead)
        case text([UInt8])
        case ping([UInt8])
        case pong
        case close(WebSocketCloseCode)
        case broken(CodecError)
    }

    /// The next thing that has arrived completely; nil when more bytes are needed.
    func next() -> Incoming? {
        guard !isOver else { return nil }
        return stream.inbound.consume { (bytes: inout MutableSpan<UInt8>, position: inout Int) in
            do throws(CodecError) {
                return frames == nil
                    ? try nextRequest(bytes.span, &position) : try nextFrame(&bytes, &position)
            } catch {
                isOver = true
                return .broken(error)
            }
        }
    }

    private func nextRequest(
        _ bytes: Span<UInt8>, _ position: inout Int
    ) throws(CodecError) -> Incoming? {
        if head == nil {
            guard let found = try parser.next(bytes, at: &position) else { return nil }
            head = found
            body = HTTPBodyDecoder(try HTTPBodyFraming(of: found), limits: Self.limits)
        }
        guard let found = head else { return nil }
        while true {
            switch try body?.next(bytes, at: &position) {
            case .needMore: return nil
            case .data: continue
            case .end, nil:
                head = nil
                body = nil
                return .request(found)
            }
        }
    }

    private func nextFrame(
        _ bytes: inout MutableSpan<UInt8>, _ position: inout Int
    ) throws(CodecError) -> Incoming? {
        while true {
            switch try frames?.next(&bytes, at: &position) {
            case .needMore, nil: return nil
            case .text(let range), .binary(let range): return .text(bytes.span.copy(range))
            case .assembledText, .assembledBinary:
                return .text(frames?.withAssembled { $0.copy(0..<$0.count) } ?? [])
            case .ping(let range): return .ping(bytes.span.copy(range))
            case .pong: continue
            case .close(let code, _):
                isOver = true
                return .close(code)
            }
        }
    }

    /// From here on the client speaks WebSocket.
    func upgrade() {
        frames = WebSocketFrameDecoder(role: .server, messageLimit: Self.messageLimit)
    }

    /// Nothing the client says is listened to any more.
    func end() { isOver = true }

    // MARK: Output

    private static let encoder = WebSocketFrameEncoder(role: .server)

    /// Puts one text message.
    func send(_ message: Span<UInt8>) { _ = stream.put(Self.encoder.frame(.text, message).span) }

    /// Puts the answer to a ping.
    func pong(_ bytes: [UInt8]) { _ = stream.put(Self.encoder.frame(.pong, bytes.span).span) }

    /// Says goodbye and closes.
    func close(_ code: WebSocketCloseCode, _ reason: String = "") {
        isOver = true
        // A stream that is full gets no goodbye.
        _ = try? stream.write { (queue) throws(CodecError) in
            try Self.encoder.writeClose(code, reason: reason, to: queue)
        }
        stream.close()
    }

    /// Puts one HTTP reply, and closes behind it where the client or an error asks so.
    func reply(
        _ status: Int, _ body: Span<UInt8>, fields: HTTPFields = [], keepsAlive: Bool
    ) {
        var all: HTTPFields = [HTTPField("Content-Type", "application/json")]
        for field in fields { all.append(field.name, field.value) }
        all.append("Content-Length", "\(body.count)")
        all.append("Connection", keepsAlive ? "keep-alive" : "close")
        guard let head = try? HTTPResponseHead(status: status, fields: all).encoded() else {
            preconditionFailure("a reply's head is made of fixed text and numbers")
        }
        _ = stream.put(head.span)
        _ = stream.put(body)
        if !keepsAlive {
            isOver = true
            stream.close()
        }
    }
}

extension Span<UInt8> {
    fileprivate func copy(_ range: Range<Int>) -> [UInt8] {
        [UInt8](capacity: range.count) { output in
            for index in range { output.append(self[index]) }
        }
    }
}
