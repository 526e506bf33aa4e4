/// What a ``WebSocketFrameDecoder`` found at the front of the bytes.
///
/// Every range counts from the start of the bytes given to that call and holds the payload without
/// its mask; it is good until those bytes are changed or dropped.
public enum WebSocketFound: Equatable, Sendable {
    /// Nothing complete yet: at least so many bytes more than were given are needed. It is the
    /// peer's claim, up to the message limit: no reason to take the memory before the bytes come.
    case needMore(atLeast: Int)
    /// A text message of one frame; its bytes are valid UTF-8.
    case text(Range<Int>)
    /// A binary message of one frame.
    case binary(Range<Int>)
    /// A text message of several frames, valid UTF-8: read it by
    /// ``WebSocketFrameDecoder/withAssembled(_:)`` before the next call.
    case assembledText
    /// A binary message of several frames: read it by
    /// ``WebSocketFrameDecoder/withAssembled(_:)`` before the next call.
    case assembledBinary
    /// A ping with its payload, at most 125 bytes: answer it with a pong of the same bytes.
    case ping(Range<Int>)
    /// A pong with its payload, at most 125 bytes.
    case pong(Range<Int>)
    /// A close frame with its code (``WebSocketCloseCode/none`` where it has none) and its reason,
    /// valid UTF-8, at most 123 bytes. Whatever comes after it is dropped unread.
    case close(WebSocketCloseCode, reason: Range<Int>)
}
