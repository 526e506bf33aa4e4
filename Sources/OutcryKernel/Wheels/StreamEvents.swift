/// Why a stream is over.
public enum StreamEnd: Sendable, CustomStringConvertible {
    /// This side closed it.
    case closed
    /// The other side ended it, in order.
    case ended
    /// The system said no.
    case failed(SystemError)
    /// No address of the host took the connection; the first error is the most telling.
    case unreachable([String])
    /// No connection within the time.
    case timedOut(Duration)
    /// The stream could not be made secret, or ended without a good-bye.
    case insecure(TLSFailure)
    /// More bytes were put than the stream may hold.
    case overflowed(limit: Int)

    /// In words, for logs.
    public var description: String {
        switch self {
        case .closed: "closed"
        case .ended: "ended by the other side"
        case .failed(let error): "\(error)"
        case .unreachable(let errors): "cannot connect: " + errors.joined(separator: "; ")
        case .timedOut(let time): "no connection within \(time)"
        case .insecure(let failure): "\(failure)"
        case .overflowed(let limit): "more than \(limit) bytes waiting to be written"
        }
    }
}

/// A stream that is over.
public struct StreamClosed {
    /// The stream.
    public let stream: StreamWheel
    /// Why.
    public let reason: StreamEnd
}

/// A stream's output crossed a water mark.
public struct StreamPressure {
    /// The stream.
    public let stream: StreamWheel
    /// True at the high mark, false at the low one; the two strictly alternate, high first.
    public let isHigh: Bool
}

/// A connection came to a listener and did not become a stream, for it could not be made secret.
public struct StreamRefused {
    /// The listener.
    public let listener: ListenerWheel
    /// Where the connection came from.
    public let peer: String
    /// Why it is no stream.
    public let reason: StreamEnd
}

/// A listener has a new stream, which is open, and secret if the listener's streams are.
public struct StreamAccepted {
    /// The listener.
    public let listener: ListenerWheel
    /// The new stream; it belongs to the listener's session until it is given away.
    public let stream: StreamWheel
}

/// A listener is over, because the system said so.
public struct ListenerFailed {
    /// The listener, which is closed.
    public let listener: ListenerWheel
    /// What the system said.
    public let error: SystemError
}

extension Event where Payload == StreamWheel {
    /// A stream that was asked for is there.
    public static let streamOpened = Self("streamOpened")
    /// An open stream that was to be made secret is so.
    public static let streamSecured = Self("streamSecured")
    /// A stream has unread bytes in its ``StreamWheel/inbound``.
    public static let streamReceived = Self("streamReceived")
    /// The other side ended its half: no more bytes will come. Without a handler the stream is closed.
    public static let streamEnded = Self("streamEnded")
}

extension Event where Payload == StreamWheel {
    /// The deadline that a stream was given has passed. Without a handler the stream is closed.
    public static let streamOverdue = Self("streamOverdue")
}

extension Event where Payload == StreamClosed {
    /// A stream is over, or never came to be. The last event of every stream.
    public static let streamClosed = Self("streamClosed")
}

extension Event where Payload == StreamPressure {
    /// A stream's output crossed a water mark.
    public static let streamPressure = Self("streamPressure")
}

extension Event where Payload == ListenerFailed {
    /// A listener failed and is closed; it is also logged. The streams that it brought live on.
    public static let listenerFailed = Self("listenerFailed")
}

extension Event where Payload == StreamRefused {
    /// A connection to a listener could not be made secret. Without a handler it is logged (debug).
    public static let streamRefused = Self("streamRefused")
}

extension Event where Payload == StreamAccepted {
    /// A listener has a new stream.
    public static let streamAccepted = Self("streamAccepted")
}
