public import OutcryWire

/// The limits of a server's connections, kept once for all of them.
public final class ServerRules: Sendable {
    /// For requests and their bodies.
    public let limits: HTTPLimits
    /// The largest WebSocket message, in bytes.
    public let messageLimit: Int
    /// How permessage-deflate is granted to WebSockets that offer it; nil: it is not.
    ///
    /// ``OutcryWire/DeflateOptions/shared`` compresses a message to many once. Where the windows are kept,
    /// each connection compresses its own, and holds some 300 KiB from its first message on.
    public let compression: DeflateOptions?
    /// A WebSocket that was silent for so long is sent a ping; nil: never.
    public let pingInterval: Duration?
    /// The time for the answer to a ping: a WebSocket that is silent so long behind one is ended.
    public let pongTimeout: Duration
    /// The time for the answer to a close frame.
    public let closeTimeout: Duration
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
        messageLimit: Int = 64 << 10, compression: DeflateOptions? = nil,
        pingInterval: Duration? = nil, pongTimeout: Duration = .seconds(10),
        closeTimeout: Duration = .seconds(5), headTimeout: Duration = .seconds(10),
        bodyTimeout: Duration = .seconds(30), idleTimeout: Duration = .seconds(75),
        refusalTimeout: Duration = .seconds(2)
    ) {
        self.limits = limits
        self.messageLimit = messageLimit
        self.compression = compression
        self.pingInterval = pingInterval
        self.pongTimeout = pongTimeout
        self.closeTimeout = closeTimeout
        self.headTimeout = headTimeout
        self.bodyTimeout = bodyTimeout
        self.idleTimeout = idleTimeout
        self.refusalTimeout = refusalTimeout
    }

    /// The house's numbers.
    public static let standard = ServerRules()
}
