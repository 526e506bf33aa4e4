/// A client's talk with a proxy, up to where its bytes go to the destination. A pure state machine.
///
/// Put ``hello`` on the wire, then give it what comes; behind `open` the bytes are the destination's.
public struct ProxyNegotiation: Sendable {
    /// How a proxy is spoken to.
    public enum Language: Hashable, Sendable {
        /// `CONNECT` (RFC 9110 section 9.3.6).
        case http
        /// SOCKS 5 (RFC 1928), with names resolved by the proxy.
        case socks5
    }

    /// What comes next.
    public enum Step: Equatable, Sendable {
        /// More bytes are needed.
        case needMore
        /// These bytes go to the proxy.
        case send([UInt8])
        /// The way is open.
        case open
    }

    private enum State { case connect(HTTPTunnelClient), socks(SOCKS5Client) }

    private var state: State
    /// The first bytes to send: a secret, where there are credentials.
    public let hello: [UInt8]

    /// Begins a talk.
    ///
    /// - Parameters:
    ///   - host: The destination: a name, or an address as text (IPv6 without brackets).
    /// - Throws: ``CodecError`` (unwritable) for a host that cannot be told.
    public init(
        _ language: Language, host: String, port: Int, credentials: ProxyCredentials? = nil
    ) throws(CodecError) {
        precondition((1...65_535).contains(port), "a port is 1 to 65535")
        switch language {
        case .http:
            let client = HTTPTunnelClient(host: host, port: port, credentials: credentials)
            hello = try client.request.encoded()
            state = .connect(client)
        case .socks5:
            let client = try SOCKS5Client(host: host, port: port, credentials: credentials)
            hello = client.greeting
            state = .socks(client)
        }
    }

    /// Reads on at `position` and moves it over what is used.
    ///
    /// - Throws: ``ProxyError``; the talk is over then.
    public mutating func next(
        _ bytes: Span<UInt8>, at position: inout Int
    ) throws(ProxyError) -> Step {
        switch state {
        case .connect(var client):
            let step = try client.next(bytes, at: &position)
            state = .connect(client)
            return step
        case .socks(var client):
            let step = try client.next(bytes, at: &position)
            state = .socks(client)
            return step
        }
    }
}
