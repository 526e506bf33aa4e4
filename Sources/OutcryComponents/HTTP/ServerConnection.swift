import OutcryBytes
public import OutcryKernel
public import OutcryWire

/// One client of a server: HTTP first, a WebSocket perhaps from some request on.
///
/// Requests come one at a time: the next is given out when the last was answered, at once or later, so
/// that pipelined requests are answered in their order.
public final class ServerConnection {
    /// The client's stream.
    public let stream: StreamWheel
    private let limits: HTTPLimits
    private let messageLimit: Int
    private var parser: HTTPRequestParser
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var decoder: HTTPBodyDecoder?
    private var frames: WebSocketFrameDecoder?
    private var isAnswerDue = false
    private var keepsAlive = true
    private var isChunked = false
    /// Nothing it says is listened to any more.
    public private(set) var isOver = false

    /// Makes the connection of a stream that was accepted.
    ///
    /// - Parameters:
    ///   - limits: For requests and their bodies.
    ///   - messageLimit: The largest WebSocket message, in bytes.
    public init(
        _ stream: StreamWheel,
        limits: HTTPLimits = HTTPLimits(headBytes: 16 << 10, fields: 64, bodyBytes: 64 << 10),
        messageLimit: Int = 64 << 10
    ) {
        self.stream = stream
        self.limits = limits
        self.messageLimit = messageLimit
        parser = HTTPRequestParser(limits: limits)
    }

    /// The number of the stream.
    public var number: UInt64 { stream.number }
    /// It speaks WebSocket.
    public var isWebSocket: Bool { frames != nil }

    /// It carries messages until its end: a WebSocket, or an endless reply.
    public var isStream: Bool { isWebSocket || isChunked }

    /// What the client sent.
    public enum Incoming {
        /// A request with its body.
        case request(HTTPRequestHead, body: [UInt8])
        /// A message, text or not.
        case text([UInt8])
        /// A ping, with its bytes.
        case ping([UInt8])
        /// A pong.
        case pong
        /// A goodbye.
        case close(WebSocketCloseCode)
        /// What is no HTTP and no WebSocket; nothing more is listened to.
        case broken(CodecError)
    }

    /// The next thing that has arrived completely; nil when more bytes are needed, or when a request was
    /// not yet answered.
    public func next() -> Incoming? {
        guard !isOver, !isAnswerDue else { return nil }
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
            decoder = HTTPBodyDecoder(try HTTPBodyFraming(of: found), limits: limits)
        }
        guard let found = head else { return nil }
        while true {
            switch try decoder?.next(bytes, at: &position) {
            case .needMore: return nil
            case .data(let range): body += bytes.copy(range)
            case .end, nil:
                let content = body
                head = nil
                decoder = nil
                body = []
                isAnswerDue = true
                keepsAlive = found.keepsAlive
                return .request(found, body: content)
            }
        }
    }

    private func nextFrame(
        _ bytes: inout MutableSpan<UInt8>, _ position: inout Int
    ) throws(CodecError) -> Incoming? {
        switch try frames?.next(&bytes, at: &position) {
        case .needMore, nil: return nil
        case .text(let range), .binary(let range): return .text(bytes.span.copy(range))
        case .assembledText, .assembledBinary:
            return .text(frames?.withAssembled { $0.copy(0..<$0.count) } ?? [])
        case .ping(let range): return .ping(bytes.span.copy(range))
        case .pong: return .pong
        case .close(let code, _):
            isOver = true
            return .close(code)
        }
    }

    /// Nothing the client says is listened to any more.
    public func end() { isOver = true }

    // MARK: Answers

    /// Puts a whole reply, and closes behind it where the client or `keepsAlive` asks so.
    ///
    /// - Parameters:
    ///   - fields: All but those of the framing and `Connection`.
    ///   - isChunked: The body goes in one chunk, as node's do; not to HTTP/1.0.
    ///   - isLate: Some time has passed since the request: the client may have asked for more meanwhile.
    public func reply(
        _ status: Int, _ fields: HTTPFields, _ body: Span<UInt8>, keepsAlive: Bool = true,
        isChunked: Bool = false, isLate: Bool = false
    ) {
        let stays = keepsAlive && self.keepsAlive
        let inChunks = isChunked && stays
        var all = fields
        if !inChunks { all.append("Content-Length", "\(body.count)") }
        all.append("Connection", stays ? "keep-alive" : "close")
        if inChunks { all.append("Transfer-Encoding", "chunked") }
        putHead(HTTPResponseHead(status: status, fields: all))
        if inChunks {
            putChunks { (queue) throws(CodecError) in
                try HTTPChunkWriter.write(body, to: queue)
                try HTTPChunkWriter.writeEnd(to: queue)
            }
        } else {
            _ = stream.put(body)
        }
        isAnswerDue = false
        if !stays {
            finish()
        } else if isLate, !stream.inbound.isEmpty {
            stream.continueReading()
        }
    }

    /// Begins an endless reply: pieces follow by ``chunk(_:)``; no request is listened to any more.
    public func beginChunks(_ status: Int, _ fields: HTTPFields) {
        var all = fields
        all.append("Connection", "keep-alive")
        all.append("Transfer-Encoding", "chunked")
        putHead(HTTPResponseHead(status: status, fields: all))
        isChunked = true
    }

    /// Puts a piece of an endless reply.
    public func chunk(_ bytes: Span<UInt8>) {
        putChunks { (queue) throws(CodecError) in try HTTPChunkWriter.write(bytes, to: queue) }
    }

    /// A reply that lacks a piece is none: where there is no room the stream is cut off.
    private func putChunks(_ body: (ByteQueue) throws(CodecError) -> Void) {
        do throws(CodecError) {
            _ = try stream.write(body)
        } catch { stream.abort() }
    }

    /// Grants a WebSocket: from here on the client speaks frames.
    public func upgrade(_ response: HTTPResponseHead) {
        putHead(response)
        isAnswerDue = false
        frames = WebSocketFrameDecoder(role: .server, messageLimit: messageLimit)
    }

    private func putHead(_ head: HTTPResponseHead) {
        guard let bytes = try? head.encoded() else {
            preconditionFailure("a reply's fields are made of what may go over the wire")
        }
        _ = stream.put(bytes.span)
    }

    // MARK: Frames

    private static let encoder = WebSocketFrameEncoder(role: .server)

    /// Puts one text message.
    public func send(_ message: Span<UInt8>) {
        _ = stream.put(Self.encoder.frame(.text, message).span)
    }

    /// Puts the answer to a ping.
    public func pong(_ bytes: [UInt8]) {
        _ = stream.put(Self.encoder.frame(.pong, bytes.span).span)
    }

    /// Says goodbye and closes.
    public func close(_ code: WebSocketCloseCode, _ reason: String = "") {
        // A stream that is full gets no goodbye.
        _ = try? stream.write { (queue) throws(CodecError) in
            try Self.encoder.writeClose(code, reason: reason, to: queue)
        }
        finish()
    }

    /// Closes when what was put has left, without a goodbye but the last chunk of an endless reply.
    public func finish() {
        isOver = true
        if isChunked {
            _ = try? stream.write { (queue) throws(CodecError) in
                try HTTPChunkWriter.writeEnd(to: queue)
            }
        }
        stream.close()
    }
}
