import OutcryBytes
public import OutcryKernel
public import OutcryWire

/// One client of a server: HTTP first, a WebSocket perhaps from some request on.
///
/// Requests come one at a time: the next is given out when the last was answered, at once or later, so
/// that pipelined requests are answered in their order. A client that is slow with a head or a body, or
/// silent between requests, is let go at its stream's deadline: the owner hands ``overdue()`` the event
/// `streamOverdue`, and ``feel(_:)`` that of a stream's pressure.
public final class ServerConnection {
    /// The HTTP of it: dropped when it speaks something else.
    private final class Calls {
        var machine: HTTPServerMachine
        /// For which phase the stream's deadline was set last.
        var armed: HTTPServerMachine.Phase?
        /// What `Date` says, and in which second, since 1970.
        var date = (second: Int64.min, text: "")

        init(_ rules: ServerRules) { machine = HTTPServerMachine(rules.limits) }
    }

    /// The client's stream.
    public let stream: StreamWheel
    let rules: ServerRules
    /// What the owner keeps for this client, found with it. The owner takes it away when the connection ends.
    public var bearer: AnyObject?
    private var calls: Calls?
    var frames: WebSocketFrameDecoder?
    /// What was agreed on for the compression of a WebSocket.
    var packing: WebSocketPacking?
    private var isEndless = false
    private var isHeld = false
    private var isRefused = false
    /// The client has ended its half: it asks nothing more.
    private var hasEnded = false
    // Of a WebSocket, which has one deadline: that of the next ping, of its answer, or of the last frame.
    var hasSpoken = false
    var awaitsPong = false
    var awaitsClose = false
    /// Nothing it says is listened to any more.
    public internal(set) var isOver = false {
        didSet { if isOver { stream.leaveGroup() } }
    }
    /// How the WebSocket ended, once it has; nil also where the stream broke without a word.
    public internal(set) var ending: WebSocketEnding?

    /// Makes the connection of a stream that was accepted.
    public init(_ stream: StreamWheel, rules: ServerRules = .standard) {
        self.stream = stream
        self.rules = rules
        let calls = Calls(rules)
        // The first head has its time from the beginning.
        calls.armed = .head
        self.calls = calls
        stream.setDeadline(after: rules.headTimeout)
    }

    /// The number of the stream.
    public var number: UInt64 { stream.number }
    /// It speaks WebSocket.
    public var isWebSocket: Bool { frames != nil }

    /// It carries messages until its end: a WebSocket, or an endless reply.
    public var isStream: Bool { isWebSocket || isEndless }

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
        /// A goodbye: answer it by ``ServerConnection/close(_:_:)``, which ends the connection.
        case close(WebSocketGoodbye)
        /// What is no HTTP and no WebSocket; nothing more is listened to. See ``refuse(_:)``.
        case broken(CodecError)
    }

    /// The next thing that has arrived completely; nil when more bytes are needed, when a request was not
    /// yet answered, or when the client does not read what it was sent.
    public func next() -> Incoming? {
        // Bytes that nobody will look at do not pile up.
        guard !isOver, isWebSocket || calls != nil else {
            stream.inbound.removeAll()
            return nil
        }
        hasSpoken = true
        guard !awaitsClose else {
            readToClose()
            return nil
        }
        var incoming: Incoming?
        if !mayNotAnswer || isWebSocket {
            incoming = stream.inbound.consume {
                (bytes: inout MutableSpan<UInt8>, position: inout Int) in
                do throws(CodecError) {
                    return frames == nil
                        ? try nextRequest(bytes.span, &position)
                        : try nextFrame(&bytes, &position)
                } catch {
                    isOver = true
                    return .broken(error)
                }
            }
        }
        if incoming == nil {
            if hasEnded, !mayNotAnswer, calls?.machine.phase != .answering {
                finish()
            } else {
                arm()
            }
        }
        return incoming
    }

    /// The client has to read before it is answered more; the news of that may be on its way.
    private var mayNotAnswer: Bool { isHeld || stream.isUnderPressure }

    private func nextRequest(
        _ bytes: Span<UInt8>, _ position: inout Int
    ) throws(CodecError) -> Incoming? {
        while let calls {
            switch try calls.machine.next(bytes, &position) {
            case .needMore: return nil
            case .proceed: putHead(HTTPResponseHead(status: 100))
            case .request(let head, let body): return .request(head, body: body)
            }
        }
        return nil
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
        case .close(let code, let reason):
            isOver = true
            let said = WebSocketGoodbye(code, reason: bytes.span.extracting(reason))
            ending = .theirs(said)
            return .close(said)
        }
    }

    /// Nothing the client says is listened to any more.
    public func end() { isOver = true }

    /// The client has ended its half of the stream: it is closed behind the answers to all that was asked,
    /// also where these come late.
    public func ended() {
        guard let calls, !isOver else { return stream.close() }
        hasEnded = true
        if calls.machine.phase != .answering, !mayNotAnswer { finish() }
    }

    // MARK: Time and pressure

    /// Gives the stream the deadline of the phase that it has come to.
    private func arm() {
        guard let calls, calls.armed != calls.machine.phase else { return }
        calls.armed = calls.machine.phase
        switch calls.machine.phase {
        case .idle: stream.setDeadline(after: rules.idleTimeout)
        case .head: stream.setDeadline(after: rules.headTimeout)
        case .body: stream.setDeadline(after: rules.bodyTimeout)
        case .answering: stream.clearDeadline()
        }
    }

    /// The stream's deadline has passed: the client is let go, with an answer where it has begun to ask.
    public func overdue() {
        guard !isRefused else { return stream.close() }
        guard !isWebSocket else { return socketOverdue() }
        guard !isOver, let calls else { return finish() }
        switch calls.machine.phase {
        case .idle: finish()
        case .answering: break
        case .head, .body:
            isOver = true
            refuse(408, "Expected a whole request in time.")
        }
    }

    /// The stream's output crossed a mark: a client of HTTP has to read before it is answered more.
    public func feel(_ pressure: StreamPressure) {
        isHeld = pressure.isHigh
        if isHeld { return stream.pauseReading() }
        calls?.armed = nil
        stream.resumeReading()
        stream.continueReading()
    }

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
        guard let calls, !isRefused else { return }
        let answer = calls.machine.answer(
            status, fields, bytes: body.count, keepsAlive: keepsAlive && !isOver,
            isChunked: isChunked)
        calls.armed = nil
        putHead(answer.head)
        if answer.hasBody { put(body, inChunk: answer.isChunked) }
        if isOver || answer.closes {
            leave()
        } else if isLate {
            // Also for the deadline of the next request.
            stream.continueReading()
        }
    }

    private func put(_ body: Span<UInt8>, inChunk: Bool) {
        guard inChunk else { return _ = stream.put(body) }
        putChunks { (queue) throws(CodecError) in
            try HTTPChunkWriter.write(body, to: queue)
            try HTTPChunkWriter.writeEnd(to: queue)
        }
    }

    /// Answers what is no request with its status, or no frame with its close code, and closes.
    public func refuse(_ error: CodecError) {
        isOver = true
        if isWebSocket { return fail(error) }
        refuse(error.httpStatus, "\(error)")
    }

    private func refuse(_ status: Int, _ text: String) {
        let fields: HTTPFields = [HTTPField("Content-Type", "text/plain; charset=utf-8")]
        reply(status, fields, (text + "\n").utf8.span, keepsAlive: false)
    }

    /// Ends this side's half behind the last reply, and leaves the client some time to read that: closing at
    /// once would take it from it where more of it is unread here (RFC 9112 section 9.6).
    func leave() {
        isOver = true
        isRefused = true
        stream.inbound.removeAll()
        stream.resumeReading()
        stream.endWriting()
        stream.setDeadline(after: rules.refusalTimeout)
    }

    /// Begins an endless reply: pieces follow by ``chunk(_:)``; no request is listened to any more.
    public func beginChunks(_ status: Int, _ fields: HTTPFields) {
        var all = fields
        all.append("Connection", "keep-alive")
        all.append("Transfer-Encoding", "chunked")
        putHead(HTTPResponseHead(status: status, fields: all))
        isEndless = true
        leaveHTTP()
    }

    private func leaveHTTP() {
        stream.clearDeadline()
        calls = nil
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

    /// Makes a WebSocket of it, behind the head that grants that.
    func becomeWebSocket(_ response: HTTPResponseHead, _ agreement: DeflateAgreement?) {
        putHead(response)
        leaveHTTP()
        frames = WebSocketFrameDecoder(
            role: .server, messageLimit: rules.messageLimit, deflate: agreement)
    }

    /// Puts a head, with the date (RFC 9110 section 6.6.1) where it has none from elsewhere.
    func putHead(_ undated: HTTPResponseHead) {
        var head = undated
        if let calls, head.status >= 200, head.fields["Date"] == nil {
            let second = stream.wallNow.microseconds / 1_000_000
            if calls.date.second != second { calls.date = (second, HTTPDate.text(second)) }
            head.fields.append("Date", calls.date.text)
        }
        guard let bytes = try? head.encoded() else {
            preconditionFailure("a reply's fields are made of what may go over the wire")
        }
        _ = stream.put(bytes.span)
    }

    /// Closes when what was put has left, without a goodbye but the last chunk of an endless reply.
    public func finish() {
        isOver = true
        if isEndless {
            _ = try? stream.write { (queue) throws(CodecError) in
                try HTTPChunkWriter.writeEnd(to: queue)
            }
        }
        stream.close()
    }
}
