/// Reads WebSocket frames (RFC 6455, and RFC 7692 where agreed on) in bytes that somebody else keeps.
///
/// Give it all unread bytes and a position; it says what lies there and moves the position over
/// what it used. After ``WebSocketFound/needMore(atLeast:)`` give it the same bytes again, from the
/// position on, with more behind them. They must be the same indeed: a server takes the mask off in
/// place, and both roles check text as far as it has come, so that bad text is refused early.
///
/// A message of several frames, or a compressed one, is put together in the decoder's own memory, at
/// most `messageLimit` bytes; nothing else is ever kept or allocated, but the window of a compression.
public struct WebSocketFrameDecoder {
    /// Which end this is.
    public let role: WebSocketRole
    /// The largest payload of one message, in bytes, however many frames carry it.
    public let messageLimit: Int

    /// Assembled messages up to this size leave their memory for the next one. A server keeps none: it has
    /// many connections, of which most are idle.
    var keptCapacity: Int { role == .client ? 64 << 10 : 0 }

    var state = State.idle
    /// How much of the payload of the frame at the position, in bytes, is unmasked and checked.
    var done = 0
    /// The state of the text check behind those bytes; it goes on from frame to frame of a message.
    var text = UTF8Checker()
    /// The payloads of the frames of the message that is being put together, or just was.
    var assembly: [UInt8] = []
    /// What was wrong, once the state is `failed`.
    var failure: CodecError?
    /// Takes the compression off, where permessage-deflate was agreed on.
    let inflater: MessageInflater?
    /// The message that is being put together, or that the last call reported as assembled, came compressed.
    public internal(set) var isCompressed = false

    enum State: Equatable, Sendable {
        /// No message is begun.
        case idle
        /// A text or binary message is begun, its last frame is still to come.
        case inText, inBinary
        /// The caller knows of the message in `assembly`; the next call clears it.
        case assembled
        /// A close frame has come.
        case closed
        /// Something was wrong: `failure`.
        case failed
    }

    /// Makes a decoder for the first frame after the handshake.
    ///
    /// - Parameters:
    ///   - messageLimit: The largest payload of one message, in bytes, also when inflated.
    ///   - deflate: What the handshake agreed on for permessage-deflate; nil: nothing.
    public init(
        role: WebSocketRole, messageLimit: Int = 16 << 20, deflate: DeflateAgreement? = nil
    ) {
        precondition(messageLimit >= 0, "a limit of bytes is not negative")
        inflater = deflate.map {
            MessageInflater($0, sender: role == .client ? .server : .client)
        }
        self.role = role
        self.messageLimit = messageLimit
    }

    /// Whether a close frame has been read; all later bytes are dropped unread.
    public var isClosed: Bool { state == .closed }

    /// Reads on at `position` and moves it over the bytes that are used up.
    ///
    /// - Parameters:
    ///   - bytes: All unread bytes; a server's payloads are unmasked in place.
    ///   - position: Where the bytes begin that no earlier call used.
    /// - Returns: What was found; call again until it is ``WebSocketFound/needMore(atLeast:)``.
    /// - Throws: ``CodecError``, with ``CodecError/closeCode`` to close with; the offset counts
    ///   from the first byte of the frame.
    /// - Complexity: O(n) in the bytes not looked at before; no allocation but for messages in
    ///   several frames.
    public mutating func next(
        _ bytes: inout MutableSpan<UInt8>, at position: inout Int
    ) throws(CodecError) -> WebSocketFound {
        if state == .idle, done == 0 {
            if role == .client {
                if let payload = wholeText(bytes.span, at: position, isMasked: false),
                    ByteKernels.isASCII(bytes.span, payload)
                {
                    position = payload.upperBound
                    return .text(payload)
                }
            } else if let payload = wholeText(bytes.span, at: position, isMasked: true),
                unmaskASCII(&bytes, payload)
            {
                position = payload.upperBound
                return .text(payload)
            }
            // All is read; the head of the next frame is two bytes or more.
            if position == bytes.count { return .needMore(atLeast: 2) }
        }
        return try nextSlow(&bytes, at: &position)
    }

    /// The payload of the frame at `position` if that is the commonest of all: complete, text, in
    /// one frame, masked as it must be, below 64 KiB; everything else takes the general way.
    @inline(__always)
    private func wholeText(
        _ bytes: Span<UInt8>, at position: Int, isMasked: Bool
    ) -> Range<Int>? {
        let available = bytes.count - position
        guard available >= 4, bytes[position] == 0x81 else { return nil }
        // Without the mask bit where it must be set; with it where it must not be, so 128 or more.
        let short = Int(bytes[position + 1]) ^ (isMasked ? 0x80 : 0)
        var start = position + (isMasked ? 6 : 2)
        var length = short
        if short >= 126 {
            guard short == 126 else { return nil }
            length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
            guard length >= 126 else { return nil }
            start += 2
        }
        guard length <= bytes.count - start, length <= messageLimit else { return nil }
        return start..<start + length
    }

    /// Takes the mask off a whole payload; puts it on again, and says so, if it is not ASCII.
    @inline(never)
    private func unmaskASCII(_ bytes: inout MutableSpan<UInt8>, _ payload: Range<Int>) -> Bool {
        let key = Self.readKey(bytes.span, at: payload.lowerBound - 4)
        if ByteKernels.mask(&bytes, payload, key: key, phase: 0) { return true }
        _ = ByteKernels.mask(&bytes, payload, key: key, phase: 0)
        return false
    }

    /// The four bytes of a mask, the first in the lowest bits.
    static func readKey(_ bytes: Span<UInt8>, at index: Int) -> UInt32 {
        UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2]) << 16
            | UInt32(bytes[index + 3]) << 24
    }

    /// Calls `body` with the message that the last call reported as assembled.
    ///
    /// After any other result the bytes are empty or those of an unfinished message.
    public func withAssembled<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(assembly.span)
    }
}
