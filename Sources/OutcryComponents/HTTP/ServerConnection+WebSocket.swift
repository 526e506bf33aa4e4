import OutcryBytes
import OutcryKernel
public import OutcryWire

// The server's end of a WebSocket: what it grants, sends, and how it says goodbye.

/// How a server's WebSocket ended.
public indirect enum WebSocketEnding: Equatable, Sendable, CustomStringConvertible {
    /// The client said goodbye.
    case theirs(WebSocketGoodbye)
    /// This side did, and the client answered or went.
    case ours(WebSocketGoodbye)
    /// This side said goodbye, and the client did not answer for so long.
    case unanswered(WebSocketGoodbye, Duration)
    /// The client did not answer a ping for so long, nor said anything else.
    case silent(Duration)

    /// In words, for logs.
    public var description: String {
        switch self {
        case .theirs(let goodbye): "closed by the client: \(goodbye)"
        case .ours(let goodbye): "closed: \(goodbye)"
        case .unanswered(let goodbye, let time): "closed: \(goodbye), not answered for \(time)"
        case .silent(let time): "no answer to a ping for \(time)"
        }
    }
}

/// What the ends of a WebSocket agreed on for compression, and the compressor of one that has its own.
final class WebSocketPacking {
    let agreement: DeflateAgreement
    private let level: Int
    private var deflater: MessageDeflater?

    init(_ agreement: DeflateAgreement, level: Int) {
        self.agreement = agreement
        self.level = level
    }

    /// Each message is compressed for itself: one for many needs to be compressed but once.
    var isShared: Bool { agreement.serverNoContextTakeover }

    /// The frame of a message; as it is where compression makes it no shorter, or there is no memory for it.
    func frame(_ message: Span<UInt8>) -> [UInt8] {
        let encoder = WebSocketFrameEncoder(role: .server)
        if let content = try? content(message), !isShared || content.count < message.count {
            return encoder.frame(.text, deflated: content.span)
        }
        return encoder.frame(.text, message)
    }

    private func content(_ message: Span<UInt8>) throws(CodecError) -> [UInt8] {
        guard !isShared else {
            return try MessageDeflater(agreement, role: .server, level: level).deflate(message)
        }
        let deflater =
            self.deflater ?? MessageDeflater(agreement, role: .server, level: level)
        self.deflater = deflater
        return try deflater.deflate(message)
    }
}

extension ServerConnection {
    /// Grants a WebSocket as the rules say: with compression where the client offers it, watched by pings. From
    /// here on the client speaks frames, also in the bytes that have come already.
    ///
    /// - Parameters:
    ///   - subprotocol: One of those that the client offers, or nil.
    ///   - fields: More fields of the answer.
    public func upgrade(
        _ handshake: WebSocketServerHandshake, subprotocol: String? = nil, fields: HTTPFields = []
    ) {
        let agreement = rules.compression.flatMap { handshake.agreement(on: $0) }
        becomeWebSocket(
            handshake.response(subprotocol: subprotocol, deflate: agreement, fields: fields),
            agreement)
        packing = agreement.map { WebSocketPacking($0, level: rules.compression?.level ?? 6) }
        if let interval = rules.pingInterval { stream.setDeadline(after: interval) }
    }

    /// Grants a WebSocket with an answer that is somebody else's: without compression and pings, as carriers
    /// want it that have their own heartbeats.
    public func upgrade(_ response: HTTPResponseHead) { becomeWebSocket(response, nil) }

    /// What was agreed on for compression; nil where messages go as they are.
    public var compression: DeflateAgreement? { packing?.agreement }

    // MARK: Messages

    private static let encoder = WebSocketFrameEncoder(role: .server)

    /// Puts one text message. One that goes to many is a ``SharedMessage``.
    public func send(_ message: Span<UInt8>) {
        // Behind a close frame nothing follows.
        guard !isOver, !awaitsClose else { return }
        if let packing {
            _ = stream.put(packing.frame(message).span)
        } else {
            _ = stream.put(Self.encoder.frame(.text, message).span)
        }
    }

    /// Puts the answer to a ping.
    public func pong(_ bytes: [UInt8]) {
        guard !isOver, !awaitsClose else { return }
        _ = stream.put(Self.encoder.frame(.pong, bytes.span).span)
    }

    // MARK: Time

    /// The deadline has passed: a client that has spoken meanwhile is left alone, one that has not is asked
    /// whether it lives, and one that was asked is gone. That takes less than two intervals and the timeout.
    func socketOverdue() {
        if awaitsClose, case .ours(let goodbye) = ending {
            ending = .unanswered(goodbye, rules.closeTimeout)
            isOver = true
            return stream.abort()
        }
        guard !isOver, let interval = rules.pingInterval else { return finish() }
        if hasSpoken {
            hasSpoken = false
            awaitsPong = false
            stream.setDeadline(after: interval)
        } else if awaitsPong {
            ending = .silent(rules.pongTimeout)
            isOver = true
            stream.abort()
        } else {
            awaitsPong = true
            let nothing: [UInt8] = []
            _ = stream.put(Self.encoder.frame(.ping, nothing.span).span)
            stream.setDeadline(after: rules.pongTimeout)
        }
    }

    // MARK: Goodbye

    /// Says goodbye. The connection ends when the client has answered, or with the rules' `closeTimeout`; at
    /// once where this is the answer.
    ///
    /// - Parameter reason: Text for the client's log; what passes 123 bytes is cut.
    public func close(_ code: WebSocketCloseCode, _ reason: String = "") {
        guard !awaitsClose else { return }
        say(code, reason)
        guard !isOver else { return finish() }
        ending = .ours(WebSocketGoodbye(code, reason: reason))
        awaitsClose = true
        stream.setDeadline(after: rules.closeTimeout)
    }

    /// Says why what came is no frame, and leaves the client some time to read it.
    func fail(_ error: CodecError) {
        ending = .ours(WebSocketGoodbye(error.closeCode, reason: error.expected))
        say(error.closeCode, error.expected)
        leave()
    }

    private func say(_ code: WebSocketCloseCode, _ reason: String) {
        // Nothing follows, also of what goes to many.
        stream.leaveGroup()
        // A stream that is full gets no goodbye.
        _ = try? stream.write { (queue) throws(CodecError) in
            try Self.encoder.writeClose(code, reason: reason, to: queue)
        }
    }

    /// Reads on until the answer to the close frame: what was on its way before it is dropped.
    func readToClose() {
        let isAnswered = stream.inbound.consume { (bytes, position) in
            do throws(CodecError) {
                while true {
                    switch try frames?.next(&bytes, at: &position) {
                    case .needMore: return false
                    case .close, nil: return true
                    default: continue
                    }
                }
            } catch { return true }
        }
        if isAnswered { finish() }
    }
}
