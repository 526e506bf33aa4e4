/// A proxy: where it is, how it is spoken to, and who we are there.
public struct HTTPProxy: Hashable, Sendable, CustomStringConvertible {
    /// How it is spoken to.
    public let language: ProxyNegotiation.Language
    /// Its host in lower case; an IPv6 address without its brackets.
    public let host: String
    /// Its port.
    public let port: Int
    /// Who we are there.
    public let credentials: ProxyCredentials?

    /// Reads a proxy's URL: `http://`, `socks5://` or `socks5h://`, then perhaps `user:password@`
    /// (percent-encoded), the host and perhaps a port (80, or 1080 for SOCKS). Without a scheme it is one of
    /// HTTP.
    ///
    /// Names are always resolved by the proxy.
    /// - Throws: ``CodecError``, in whose text nothing of the credentials is.
    public init(_ text: String) throws(CodecError) {
        var rest = text[...]
        var scheme = "http"
        if let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") {
            scheme = text[..<colon].lowercased()
            rest = text[text.index(colon, offsetBy: 3)...]
        }
        switch scheme {
        case "http": language = .http
        case "socks5", "socks5h": language = .socks5
        default:
            throw CodecError(
                .malformed, at: 0, expected: "a proxy's URL with http, socks5 or socks5h",
                found: "the scheme \"\(scheme.prefix(20))\"")
        }
        var authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        var credentials: ProxyCredentials?
        if let at = authority.lastIndex(of: "@") {
            let parts = authority[..<at].split(
                separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            credentials = try ProxyCredentials(
                user: try Self.decoded(parts[0]),
                password: parts.count > 1 ? try Self.decoded(parts[1]) : "")
            authority = authority[authority.index(after: at)...]
        } else if rest.contains("@") {
            // What is shown of a bad host would be a secret.
            throw CodecError(
                .malformed, at: 0, expected: "percent-encoded credentials of a proxy",
                found: "'@' behind the host")
        }
        self.credentials = credentials
        let place = try VenueURL("http://\(authority)")
        host = place.host
        let isPortTold =
            authority.hasPrefix("[") ? authority.contains("]:") : authority.contains(":")
        port = isPortTold || language == .http ? place.port : 1080
    }

    /// Without the credentials.
    public var description: String {
        let name = host.utf8.contains(0x3A) ? "[\(host)]" : host
        return "\(language == .http ? "http" : "socks5h")://\(name):\(port)"
    }

    /// An error would show what is secret.
    private static func decoded(_ text: Substring) throws(CodecError) -> String {
        guard let plain = try? PercentEncoding.decode(text) else {
            throw CodecError(
                .malformed, at: 0, expected: "percent-encoded credentials of a proxy",
                found: "something else")
        }
        return plain
    }
}
