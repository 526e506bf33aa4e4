public import OutcryWire

/// The numbers of a Socket.IO server.
public struct SocketIORules: Sendable {
    /// The pause between an answer to a heartbeat and the next one.
    public var heartbeatInterval = Duration.seconds(25)
    /// The silence after a heartbeat by which a client is gone; whole seconds, as it is told to clients.
    public var heartbeatTimeout = Duration.seconds(60)
    /// How long a session is kept that nobody polls; whole seconds, as it is told to clients.
    public var closeTimeout = Duration.seconds(60)
    /// How long a poll is held when there is nothing to say.
    public var pollingDuration = Duration.seconds(20)
    /// How long a session is kept that was never used.
    public var unusedExpiry = Duration.seconds(30)
    /// How long after the end of a connection it is still waited for the news that the last answer on it
    /// was lost.
    public var lossNotice = Duration.seconds(2)
    /// How long of that a new poll waits for the same news, before it is told what is newer.
    public var doubt = Duration.milliseconds(200)
    /// Sessions that there may be at a time; a handshake beyond gets 503.
    public var sessions = 10_000
    /// Bytes that may wait for a session, on this side of a stream or until a poll; beyond, it is ended.
    /// Each packet counts 32 bytes more than it has, as it does in memory.
    public var waitingBytes = 4 << 20
    /// Bytes that may wait for the polls of all sessions together; beyond, those end that have more than
    /// their share.
    public var allWaitingBytes = 256 << 20
    /// The transports, in the order in which they are offered.
    public var transports: [SocketIOTransport] = [
        .websocket, .htmlfile, .xhrPolling, .jsonpPolling,
    ]
    /// The endpoints that can be joined, besides the session itself.
    public var endpoints: [String] = []
    /// Endpoints that are refused, and how.
    public var refusals: [(endpoint: String, refusal: SocketIORefusal)] = []
    /// Origins such as `https://example.com` whose pages may read what is answered to the credentials that
    /// a browser adds by itself. The server's own origin may always.
    public var trustedOrigins: [String] = []

    /// The original server's numbers.
    public init() {}

    /// Whether a page of an origin may use a browser's credentials, at a server that was asked by this name.
    public func trusts(_ origin: String, _ host: String?) -> Bool {
        if trustedOrigins.contains(origin) { return true }
        guard let host, let start = origin.firstRange(of: "://") else { return false }
        return origin[start.upperBound...] == host
    }

    /// No time or limit is so small that nothing could ever be done.
    var isSensible: Bool {
        let times = [
            heartbeatInterval, heartbeatTimeout, closeTimeout, pollingDuration, unusedExpiry,
            lossNotice,
            doubt,
        ]
        return times.allSatisfy { $0 > .zero } && sessions > 0 && waitingBytes > 0
            && allWaitingBytes > 0
    }
}

/// Why a session is over.
public enum SocketIOEnd: Equatable, Sendable, CustomStringConvertible {
    /// It was never used.
    case unused
    /// The client said so.
    case left
    /// The client's connection ended, and the transport has but one.
    case connectionLost
    /// No answer to a heartbeat.
    case silent
    /// Nobody polled.
    case notPolled
    /// More waited for it than may wait.
    case tooSlow
    /// This end said so.
    case dismissed
    /// The client sent what cannot be read.
    case malformed

    /// In words.
    public var description: String {
        switch self {
        case .unused: "never used"
        case .left: "the client left"
        case .connectionLost: "the connection ended"
        case .silent: "no answer to a heartbeat"
        case .notPolled: "nobody polled"
        case .tooSlow: "too much waited for it"
        case .dismissed: "dismissed"
        case .malformed: "what came cannot be read"
        }
    }
}

/// What a server says to a handshake.
public enum SocketIOAdmission: Equatable, Sendable {
    /// Come in.
    case granted
    /// No: 403 `handshake unauthorized`.
    case unauthorized
    /// It cannot be said: 500 `handshake error`.
    case failed
    /// Not from this origin: 403 `handshake bad origin`.
    case badOrigin
}
