public import OutcryKernel
public import OutcryWire

/// The numbers and habits of an ``HTTPClient``.
public struct HTTPClientOptions: Sendable {
    /// The time for a call as a whole, its waiting for a connection and its second try included.
    public var timeout = Duration.seconds(20)
    /// The time for a new connection: name, address, proxy and TLS together.
    public var connectTimeout = Duration.seconds(10)
    /// The time from the request to the first byte of the reply.
    public var firstByteTimeout = Duration.seconds(15)
    /// What `User-Agent` says, where a call does not say it.
    public var agent = "outcry"
    /// The most bytes that a reply's body may have: as it comes, and inflated.
    public var bodyLimit = 32 << 20
    /// Fields of each call that does not say them itself.
    public var fields: HTTPFields = []
    /// Who may vouch for the servers' certificates, for `https`.
    public var trust = TLSTrust.system
    /// Which calls go through which proxy.
    public var proxies = ProxyRules()
    /// Connections are kept for later calls; else each call has its own, which ends with it.
    public var keepsAlive = true
    /// The most connections a host; further calls wait for one, in their order.
    public var connectionsPerHost = 6
    /// A connection without a call is closed after this time. The kernel does not go on for it.
    public var idleTimeout = Duration.seconds(30)
    /// Bodies are asked for as gzip where a call does not say otherwise, and inflated.
    public var asksForGzip = true

    /// The house's numbers.
    public init() {}
}
