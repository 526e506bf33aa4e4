/// The minor versions of HTTP/1 (RFC 9112 section 2.3); a higher minor version counts as 1.1.
public enum HTTPVersion: String, Equatable, Sendable {
    /// HTTP/1.0.
    case http10 = "HTTP/1.0"
    /// HTTP/1.1.
    case http11 = "HTTP/1.1"
}

/// The start line and the fields of a request.
public struct HTTPRequestHead: Equatable, Sendable {
    /// The method, for example `GET`; case matters.
    public var method: String
    /// The target as it was written: a path with a query, an absolute URL, `host:port` or `*`.
    public var target: String
    /// The version of the start line.
    public var version: HTTPVersion
    /// The fields in their order.
    public var fields: HTTPFields

    /// Makes a head; what may not go over the wire is refused when it is written.
    public init(
        method: String = "GET", target: String = "/", version: HTTPVersion = .http11,
        fields: HTTPFields = []
    ) {
        self.method = method
        self.target = target
        self.version = version
        self.fields = fields
    }

    /// Whether the connection may serve another request after this one (RFC 9112 section 9.3).
    public var keepsAlive: Bool { fields.keepsAlive(version) }

    /// The path of ``target``: what is before the first `?`, without the scheme and the host of an absolute
    /// URL.
    public var path: Substring {
        let path = target.prefix { $0 != "?" }
        guard let authority = authority else { return path }
        let rest = path[authority.endIndex...]
        return rest.isEmpty ? "/" : rest
    }

    /// The part of ``target`` behind the first `?`, or nil.
    public var query: Substring? {
        target.firstIndex(of: "?").map { target[target.index(after: $0)...] }
    }

    /// The host and port in a target that is an absolute URL; nil in any other.
    var authority: Substring? {
        guard !target.hasPrefix("/"), method != "CONNECT", let colon = target.firstIndex(of: ":"),
            target[colon...].hasPrefix("://")
        else { return nil }
        return target[target.index(colon, offsetBy: 3)...].prefix { $0 != "/" && $0 != "?" }
    }
}

/// The status line and the fields of a response.
public struct HTTPResponseHead: Equatable, Sendable {
    /// The version of the status line.
    public var version: HTTPVersion
    /// The status, 100 to 999.
    public var status: Int
    /// The text behind the status; it means nothing.
    public var reason: String
    /// The fields in their order.
    public var fields: HTTPFields

    /// Makes a head; what may not go over the wire is refused when it is written.
    ///
    /// - Parameter reason: The text behind the status; nil for the usual one.
    public init(
        status: Int, reason: String? = nil, version: HTTPVersion = .http11, fields: HTTPFields = []
    ) {
        self.version = version
        self.status = status
        self.reason = reason ?? Self.reason(of: status)
        self.fields = fields
    }

    /// Whether the connection may serve another request after this one (RFC 9112 section 9.3).
    public var keepsAlive: Bool { fields.keepsAlive(version) }

    /// Whether it is only a remark before the response proper: 100 to 199 but for 101.
    public var isInterim: Bool { (100..<200).contains(status) && status != 101 }

    /// The most interim responses that a client takes before one that is none.
    public static let interimLimit = 16

    /// The usual text behind a status (RFC 9110 section 15); empty for one that is not known here.
    public static func reason(of status: Int) -> String {
        switch status {
        case 100: "Continue"
        case 101: "Switching Protocols"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 426: "Upgrade Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: ""
        }
    }
}

extension HTTPFields {
    func keepsAlive(_ version: HTTPVersion) -> Bool {
        if contains("close", in: "Connection") { return false }
        return version == .http11 || contains("keep-alive", in: "Connection")
    }
}
