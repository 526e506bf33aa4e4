/// How a client makes a stream secret, and of whom it wants to be sure.
///
/// The other side's certificate is always verified: there is no switch. A test's authority is given as an
/// authority. Certificates count by their subject alternative names alone, a wildcard for one whole first
/// label; revocation is not looked up. TLS 1.2 and 1.3.
public struct TLSClientOptions: Hashable, Sendable {
    /// Who the other side must be: a host name in ASCII, or a numeric address. Nil: the host that is dialled.
    public var serverName: String?
    /// Who may vouch for it.
    public var trust = TLSTrust.system
    /// The protocols that may be spoken inside, most wanted first (ALPN); none: it is not asked.
    public var protocols: [String] = []
    /// Who this side is, for servers that want to know.
    public var identity: TLSIdentity?
    /// The time within which the stream has to be secret.
    public var handshakeTimeout = Duration.seconds(10)

    /// Verified by the system's authorities, or by those given.
    public init(trust: TLSTrust = .system, protocols: [String] = []) {
        self.trust = trust
        self.protocols = protocols
    }
}

/// How a listener makes its streams secret.
public struct TLSServerOptions: Hashable, Sendable {
    /// Who this side is.
    public var identity: TLSIdentity
    /// Who must vouch for the clients; nil: they need no certificate. Not given, no client is asked.
    public var clientTrust: TLSTrust?
    /// The protocols that are spoken inside, most wanted first (ALPN): a client that asks for none of them
    /// is refused, one that does not ask is taken. None: whatever is asked is not answered.
    public var protocols: [String] = []
    /// The time that a client has to make its stream secret.
    public var handshakeTimeout = Duration.seconds(10)

    /// Shows `identity` to everybody.
    public init(identity: TLSIdentity, protocols: [String] = []) {
        self.identity = identity
        self.protocols = protocols
    }
}

/// One side of a TLS connection, as a driver is told.
public enum TLSRole: Hashable, Sendable {
    /// The side that connected, to a server of this name.
    case client(TLSClientOptions, serverName: String)
    /// The side that accepted.
    case server(TLSServerOptions)

    var handshakeTimeout: Duration {
        switch self {
        case .client(let options, _): options.handshakeTimeout
        case .server(let options): options.handshakeTimeout
        }
    }
}

/// What both sides of a secret stream agreed on.
public struct TLSFacts: Hashable, Sendable {
    /// `TLSv1.2` or `TLSv1.3`.
    public var version: String
    /// The cipher suite, by its standard name.
    public var cipher: String
    /// The protocol spoken inside (ALPN), if one was agreed on.
    public var applicationProtocol: String?
    /// The session went on from an earlier one: certificates were not sent again.
    public var isResumed: Bool
    /// The name that the client asked for (SNI).
    public var serverName: String?
    /// The subject of the other side's certificate, if it has shown one: now, or in the session's first stream.
    public var peer: String?

    /// Makes the facts of a stream.
    public init(
        version: String, cipher: String, applicationProtocol: String? = nil,
        isResumed: Bool = false, serverName: String? = nil, peer: String? = nil
    ) {
        self.version = version
        self.cipher = cipher
        self.applicationProtocol = applicationProtocol
        self.isResumed = isResumed
        self.serverName = serverName
        self.peer = peer
    }
}
