public import OutcryWire

/// The limits of a server's connections, kept once for all of them.
public final class ServerRules: Sendable {
    /// For requests and their bodies.
    public let limits: HTTPLimits
    /// The largest WebSocket message, in bytes.
    public let messageLimit: Int
    /// The time for a request's head, and for the first request to begin.
    public let headTimeout: Duration
    /// The time for a request's body.
    public let bodyTimeout: Duration
    /// The time that a connection is kept between two requests.
    public let idleTimeout: Duration
    /// The time that a client which was refused has to read that.
    public let refusalTimeout: Duration

    /// Makes rules.
    public init(
        limits: HTTPLimits = HTTPLimits(headBytes: 16 << 10, fields: 64, bodyBytes: 64 << 10),
        messageLimit: Int = 64 << 10, headTimeout: Duration = .seconds(10),
        bodyTimeout: Duration = .seconds(30), idleTimeout: Duration = .seconds(75),
        refusalTimeout: Duration = .seconds(2)
    ) {
        self.limits = limits
        self.messageLimit = messageLimit
        self.headTimeout = headTimeout
        self.bodyTimeout = bodyTimeout
        self.idleTimeout = idleTimeout
        self.refusalTimeout = refusalTimeout
    }

    /// The house's numbers.
    public static let standard = ServerRules()
}
