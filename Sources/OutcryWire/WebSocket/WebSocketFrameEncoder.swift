public import OutcryBytes

/// Writes WebSocket frames (RFC 6455, and RFC 7692 where agreed on), one a message, unfragmented.
///
/// A client's frames carry a mask whose key the caller passes in: fresh for each frame and not to
/// be guessed, so it comes from the driver's entropy. A server's frames carry none; passing a key
/// for a server, or none for a client, is a programmer's mistake and traps.
public struct WebSocketFrameEncoder: Equatable, Sendable {
    /// Which end this is.
    public let role: WebSocketRole

    /// Makes an encoder for one end.
    public init(role: WebSocketRole) { self.role = role }

    /// The kinds of frame that carry bytes of the caller's choice.
    public enum Kind: UInt8, Equatable, Sendable {
        /// A message of text; the caller vouches that it is UTF-8.
        case text = 0x81
        /// A message of bytes.
        case binary = 0x82
        /// A ping, at most 125 bytes.
        case ping = 0x89
        /// The answer to a ping: its bytes again, at most 125.
        case pong = 0x8A
    }

    /// Writes one frame behind what is in `queue`.
    ///
    /// - Parameters:
    ///   - payload: The message; for a ping or pong at most 125 bytes.
    ///   - maskKey: For a client the key, its first byte in the lowest bits; nil for a server.
    /// - Throws: ``CodecError`` (full) when the queue's limit would be passed; nothing is written.
    /// - Complexity: O(n), no allocation unless the queue grows.
    public func write(
        _ kind: Kind, _ payload: Span<UInt8>, maskKey: UInt32? = nil, to queue: ByteQueue
    ) throws(CodecError) {
        precondition(
            payload.count <= 125 || kind == .text || kind == .binary,
            "the payload of a control frame is at most 125 bytes")
        try writeFrame(kind.rawValue, payload, maskKey, to: queue)
    }

    /// Writes one message, compressed, behind what is in `queue`.
    ///
    /// - Parameters:
    ///   - kind: Text or binary.
    ///   - deflater: This connection's; messages go out in the order in which they are compressed.
    /// - Throws: ``CodecError`` (full) when the queue's limit would be passed or zlib has no memory;
    ///   nothing is written, and the connection is not to be used further: the other end would miss a
    ///   part of the window.
    public func write(
        _ kind: Kind, _ payload: Span<UInt8>, by deflater: MessageDeflater, maskKey: UInt32? = nil,
        to queue: ByteQueue
    ) throws(CodecError) {
        precondition(kind == .text || kind == .binary, "control frames are never compressed")
        let content = try deflater.deflate(payload)
        try writeFrame(kind.rawValue | 0x40, content.span, maskKey, to: queue)
    }

    /// Writes one frame from an array behind what is in `queue`; see ``write(_:_:maskKey:to:)``.
    ///
    /// - Throws: ``CodecError`` (full) when the queue's limit would be passed; nothing is written.
    public func write(
        _ kind: Kind, _ payload: [UInt8], maskKey: UInt32? = nil, to queue: ByteQueue
    ) throws(CodecError) {
        try write(kind, payload.span, maskKey: maskKey, to: queue)
    }

    /// Writes one text frame behind what is in `queue`.
    ///
    /// - Throws: ``CodecError`` (full) when the queue's limit would be passed; nothing is written.
    public func write(
        text: String, maskKey: UInt32? = nil, to queue: ByteQueue
    ) throws(CodecError) {
        try writeFrame(Kind.text.rawValue, text.utf8.span, maskKey, to: queue)
    }

    /// Writes a close frame behind what is in `queue`.
    ///
    /// - Parameters:
    ///   - code: A code that may be sent, or ``WebSocketCloseCode/none`` for an empty frame.
    ///   - reason: Text for the peer's log; what passes 123 bytes is cut between two characters.
    /// - Throws: ``CodecError`` (full) when the queue's limit would be passed; nothing is written.
    public func writeClose(
        _ code: WebSocketCloseCode, reason: String = "", maskKey: UInt32? = nil, to queue: ByteQueue
    ) throws(CodecError) {
        let payload = Self.closePayload(code, reason: reason)
        try writeFrame(0x88, payload.span, maskKey, to: queue)
    }

    /// One frame as an array: for one message to many connections, encoded once.
    public func frame(
        _ kind: Kind, _ payload: Span<UInt8>, maskKey: UInt32? = nil
    ) -> [UInt8] {
        precondition(
            payload.count <= 125 || kind == .text || kind == .binary,
            "the payload of a control frame is at most 125 bytes")
        return [UInt8](capacity: frameSize(payload.count)) { span in
            appendFrame(kind.rawValue, payload, maskKey, to: &span)
        }
    }

    /// One frame as an array, of a message that ``MessageDeflater`` has compressed.
    public func frame(
        _ kind: Kind, deflated content: Span<UInt8>, maskKey: UInt32? = nil
    ) -> [UInt8] {
        precondition(kind == .text || kind == .binary, "control frames are never compressed")
        return [UInt8](capacity: frameSize(content.count)) { span in
            appendFrame(kind.rawValue | 0x40, content, maskKey, to: &span)
        }
    }

    /// The size of a frame with a payload of `count` bytes, in bytes.
    public func frameSize(_ count: Int) -> Int {
        (count < 126 ? 2 : count < 65_536 ? 4 : 10) + (role == .client ? 4 : 0) + count
    }

    private static func closePayload(_ code: WebSocketCloseCode, reason: String) -> [UInt8] {
        if code == .none {
            precondition(reason.isEmpty, "a close frame without a code has no reason")
            return []
        }
        precondition(code.isAllowedOnWire, "this close code is never sent")
        var payload = [UInt8(code.rawValue >> 8), UInt8(truncatingIfNeeded: code.rawValue)]
        for character in reason {
            guard payload.count + character.utf8.count <= 125 else { break }
            payload.append(contentsOf: character.utf8)
        }
        return payload
    }

    private func writeFrame(
        _ first: UInt8, _ payload: Span<UInt8>, _ maskKey: UInt32?, to queue: ByteQueue
    ) throws(CodecError) {
        do throws(ByteQueueFull) {
            try queue.withSpace(atLeast: frameSize(payload.count)) { span in
                appendFrame(first, payload, maskKey, to: &span)
            }
        } catch {
            throw CodecError(error)
        }
    }

    private func appendFrame(
        _ first: UInt8, _ payload: Span<UInt8>, _ maskKey: UInt32?, to span: inout OutputSpan<UInt8>
    ) {
        precondition((maskKey != nil) == (role == .client), "a client masks, a server does not")
        let count = payload.count
        let maskBit: UInt8 = role == .client ? 0x80 : 0
        span.append(first)
        if count < 126 {
            span.append(maskBit | UInt8(count))
        } else if count < 65_536 {
            span.append(maskBit | 126)
            span.append(UInt8(count >> 8))
            span.append(UInt8(truncatingIfNeeded: count))
        } else {
            span.append(maskBit | 127)
            for shift in stride(from: 56, through: 0, by: -8) {
                span.append(UInt8(truncatingIfNeeded: count >> shift))
            }
        }
        if let maskKey {
            for shift in stride(from: 0, through: 24, by: 8) {
                span.append(UInt8(truncatingIfNeeded: maskKey >> shift))
            }
        }
        ByteKernels.append(payload, key: maskKey ?? 0, to: &span)
    }
}
