/// Where a venue is reached: a strict, small URL (RFC 3986) of the schemes ws, wss, http, https, and
/// `socketio+http` and `socketio+https`.
///
/// Refused, with a clear error: other schemes, user names, fragments, an empty host, ports outside
/// 1 ... 65535, blanks, control characters and whatever is not ASCII.
public struct VenueURL: Hashable, Sendable, CustomStringConvertible {
    /// The schemes that are spoken.
    public enum Scheme: String, Sendable, CaseIterable {
        /// WebSocket over TCP.
        case ws
        /// WebSocket over TLS.
        case wss
        /// HTTP over TCP.
        case http
        /// HTTP over TLS.
        case https
        /// Socket.IO 0.9 over HTTP and WebSocket; the path is the endpoint.
        case socketIO = "socketio+http"
        /// Socket.IO 0.9 over HTTP and WebSocket over TLS; the path is the endpoint.
        case secureSocketIO = "socketio+https"

        /// Whether it runs over TLS.
        public var isSecure: Bool { self == .wss || self == .https || self == .secureSocketIO }
        /// Whether it is a WebSocket.
        public var isWebSocket: Bool { self == .ws || self == .wss }
        /// Whether it is Socket.IO.
        public var isSocketIO: Bool { self == .socketIO || self == .secureSocketIO }
        /// Whether it is a stream of messages, not of calls.
        public var isStream: Bool { isWebSocket || isSocketIO }
        /// The port where none is written: 80 or 443.
        public var defaultPort: Int { isSecure ? 443 : 80 }
    }

    /// The scheme.
    public var scheme: Scheme
    /// The host in lower case; an IPv6 address without its brackets.
    public var host: String
    /// The port, written or by default.
    public var port: Int
    /// The path and the query as they go into a request line: never empty, begins with `/`.
    public var target: String

    /// Reads a URL.
    ///
    /// - Throws: ``CodecError`` (malformed); the offset counts the bytes of `text`.
    public init(_ text: String) throws(CodecError) {
        self = try VenueURLReader(text).read()
    }

    init(scheme: Scheme, host: String, port: Int, target: String) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.target = target
    }

    /// Whether the host is an IPv6 address.
    public var isIPv6: Bool { host.utf8.contains(0x3A) }

    /// Whether it runs over TLS.
    public var isSecure: Bool { scheme.isSecure }

    /// The value of the Host field: the port is left out where it is the scheme's own.
    public var hostField: String {
        let name = isIPv6 ? "[\(host)]" : host
        return port == scheme.defaultPort ? name : "\(name):\(port)"
    }

    /// The part of ``target`` before `?`.
    public var path: String { String(target.prefix { $0 != "?" }) }

    /// The part of ``target`` behind the first `?`, or nil.
    public var query: String? {
        target.firstIndex(of: "?").map { String(target[target.index(after: $0)...]) }
    }

    /// The items of the query, decoded; none where there is no query.
    ///
    /// - Throws: ``CodecError`` where an item is not percent-encoded UTF-8.
    public func queryItems() throws(CodecError) -> [HTTPQueryItem] {
        try PercentEncoding.items(query ?? "")
    }

    /// The same URL with more items at the end of its query, percent-encoded.
    public func adding(query items: [HTTPQueryItem]) -> VenueURL {
        guard !items.isEmpty else { return self }
        let separator = query.map { $0.isEmpty ? "" : "&" } ?? "?"
        var result = self
        result.target += separator + PercentEncoding.query(items)
        return result
    }

    /// The URL as text, without a default port.
    public var description: String { "\(scheme.rawValue)://\(hostField)\(target)" }
}
