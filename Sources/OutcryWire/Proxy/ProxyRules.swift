/// Which proxy a call goes through, if any.
public struct ProxyRules: Hashable, Sendable {
    /// For `http` and `ws`.
    public var plain: HTTPProxy?
    /// For `https` and `wss`.
    public var secure: HTTPProxy?
    /// Hosts that are called without a proxy, in the form of `NO_PROXY`.
    public var exceptions: [String]

    /// The same proxy for everything, or none.
    ///
    /// - Parameter exceptions: `*` for all hosts; a name with all names below it, with or without a leading
    ///   dot; an address; a block of IPv4 addresses such as `10.0.0.0/8`. Each with a port or without.
    public init(_ proxy: HTTPProxy? = nil, except exceptions: [String] = []) {
        plain = proxy
        secure = proxy
        self.exceptions = exceptions
    }

    /// The variables that ``init(environment:)`` looks at.
    public static let variables =
        ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap {
            [$0, $0.lowercased()]
        } + ["REQUEST_METHOD"]

    /// Reads what programs agree on: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` for either, `NO_PROXY`; each also
    /// in lower case, which goes first. An empty value is none.
    ///
    /// `HTTP_PROXY` in capitals is not looked at where `REQUEST_METHOD` is set: a CGI program gets it from
    /// whoever calls it.
    /// - Throws: ``CodecError`` for a URL that cannot be used; it names the variable, and nothing secret.
    public init(environment: [String: String]) throws(CodecError) {
        func value(_ name: String) -> (name: String, text: String)? {
            for name in [name.lowercased(), name] {
                if name == "HTTP_PROXY", environment["REQUEST_METHOD"] != nil { continue }
                if let text = environment[name], !text.isEmpty { return (name, text) }
            }
            return nil
        }
        func proxy(_ name: String) throws(CodecError) -> HTTPProxy? {
            guard let (name, text) = value(name) ?? value("ALL_PROXY") else { return nil }
            do throws(CodecError) {
                return try HTTPProxy(text)
            } catch {
                throw CodecError(
                    error.problem, at: error.offset, expected: "\(error.expected) in \(name)",
                    found: text.contains("@") ? "something else" : error.found)
            }
        }
        plain = try proxy("HTTP_PROXY")
        secure = try proxy("HTTPS_PROXY")
        exceptions = (value("NO_PROXY")?.text ?? "").split { $0 == "," || $0 == " " }
            .map(String.init)
    }

    /// The proxy for a URL; nil where it is called directly.
    public func proxy(for url: VenueURL) -> HTTPProxy? {
        guard let proxy = url.isSecure ? secure : plain else { return nil }
        return exceptions.contains { Self.matches($0, url) } ? nil : proxy
    }

    private static func matches(_ exception: String, _ url: VenueURL) -> Bool {
        if exception == "*" { return true }
        var name = exception.lowercased()[...]
        if let port = splitPort(&name), port != url.port { return false }
        if let slash = name.firstIndex(of: "/") {
            guard let base = NumericAddress.ipv4(name[..<slash]),
                let host = NumericAddress.ipv4(url.host),
                let bits = Int(name[name.index(after: slash)...]), (0...32).contains(bits)
            else { return false }
            func word(_ bytes: [UInt8]) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }
            let mask = bits == 0 ? 0 : UInt32.max << UInt32(32 - bits)
            return word(base) & mask == word(host) & mask
        }
        if let address = NumericAddress.ipv6(name) {
            return NumericAddress.ipv6(url.host) == address
        }
        if name.hasPrefix("*.") { name = name.dropFirst() }
        while name.hasPrefix(".") { name = name.dropFirst() }
        while name.hasSuffix(".") { name = name.dropLast() }
        guard !name.isEmpty else { return false }
        return url.host == name || url.host.hasSuffix("." + name)
    }

    /// Takes the port off `name:port` and `[address]:port`, and the brackets.
    private static func splitPort(_ name: inout Substring) -> Int? {
        var port: Int?
        if let colon = name.lastIndex(of: ":"),
            name.hasPrefix("[") ? name[..<colon].hasSuffix("]") : name.firstIndex(of: ":") == colon
        {
            port = Int(name[name.index(after: colon)...]) ?? 0
            name = name[..<colon]
        }
        if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
        return port
    }
}
