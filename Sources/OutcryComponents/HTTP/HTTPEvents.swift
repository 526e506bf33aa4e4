public import OutcryKernel
public import OutcryWire

/// One HTTP call.
public struct HTTPCall: Sendable {
    /// Where to: scheme, host and port; the path is in ``request``.
    public var url: VenueURL
    /// Method, target and fields. `Host` is filled in where it is missing.
    public var request: HTTPRequestHead
    /// The body's bytes.
    public var body: [UInt8]

    /// A GET of `target` at the host of `url`.
    public init(get target: String, at url: VenueURL) {
        self.url = url
        request = HTTPRequestHead(method: "GET", target: target)
        body = []
    }

    /// Any call.
    public init(url: VenueURL, request: HTTPRequestHead, body: [UInt8] = []) {
        self.url = url
        self.request = request
        self.body = body
    }
}

/// A whole HTTP reply.
public struct HTTPReply: Sendable {
    /// Status and fields.
    public let head: HTTPResponseHead
    /// The body, taken out of its framing, and out of gzip where the client had asked for that.
    public let body: [UInt8]

    /// Makes a reply.
    public init(head: HTTPResponseHead, body: [UInt8]) {
        self.head = head
        self.body = body
    }
}

/// Why an HTTP call has no reply.
public enum HTTPFailure: Error, Sendable, CustomStringConvertible {
    /// There was no connection.
    case unreachable(String)
    /// The connection ended early.
    case connection(String)
    /// What came is not HTTP as it should be.
    case malformed(CodecError)
    /// No whole reply, or no first byte of one, within the time for that.
    case timedOut(Duration)
    /// The proxy did not open the way.
    case proxy(String)

    /// In words.
    public var description: String {
        switch self {
        case .unreachable(let reason), .connection(let reason): "connection: \(reason)"
        case .malformed(let error): "malformed reply: \(error)"
        case .timedOut(let time): "no reply within \(time)"
        case .proxy(let reason): "proxy: \(reason)"
        }
    }

    /// Whether nothing of the call has left, for certain.
    public var isBeforeSending: Bool {
        switch self {
        case .unreachable, .proxy: true
        case .connection, .malformed, .timedOut: false
        }
    }
}

extension Event where Payload == Ask<HTTPCall, Outcome<HTTPReply, HTTPFailure>> {
    /// Asks an HTTP client for one call.
    public static let httpCall = Self("http.call")
}
