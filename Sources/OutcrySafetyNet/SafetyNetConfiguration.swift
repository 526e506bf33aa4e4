public import OutcryComponents
public import OutcryKernel
public import OutcryMarket

/// What a SafetyNet is to be.
public struct SafetyNetConfiguration: Sendable {
    /// The stem of its parts' aliases, for more than one on a kernel.
    public var name = "safetynet"
    /// Where the data come from: the first one that can be had. At least one.
    public var upstreams: [SafetyNetUpstream]
    /// Who may vouch for the certificates of upstreams.
    public var trust = TLSTrust.system
    /// An upstream that is not up for so long is left for the next one, where there is another.
    public var failoverAfter = Duration.seconds(15)
    /// An upstream that is up but has no trusted book of a market for so long is left for the next one, too.
    public var bookWithin = Duration.seconds(120)
    /// So long after a change the first upstream is tried again: where it brings its books it is taken back.
    /// After one that does not last it is twice as long, to a day.
    public var returnAfter = Duration.seconds(600)
    /// The markets whose books and trades are kept.
    public var instruments: [Instrument] = [.btcusd]
    /// Whole books that may be fetched upstream in an hour: a book needs one after each loss.
    public var wholeBooksPerHour = 5

    /// Where it listens: at least at one door, all of which lead to the same room.
    public var doors = [SafetyNetDoor(.loopback(port: 8090))]
    /// Who may come, and how much of everything anybody gets.
    public var access = SafetyNetAccess()
    /// The limits of its connections; those of Socket.IO are as the original's.
    public var connections = ServerRules(pingInterval: .seconds(60))
    /// The numbers of its Socket.IO; the endpoints are its own.
    public var socketIO = SocketIORules()

    /// How far behind a client of the stream may be, and how long.
    public var fanOut = FanOutLimits()

    /// From when data count as stale, and what is done with stale ones.
    public var staleness = StalenessRule()
    /// A reply that was made is told again for so long, where it is not known to be out of date sooner.
    public var replyAge = Duration.milliseconds(250)
    /// How long what never changes much is kept: the table of a currency, the trades taken back.
    public var longReplyAge = Duration.seconds(3600)
    /// How long the engine's lag is kept.
    public var lagAge = Duration.seconds(2)

    /// How far back the history goes; what is missing is fetched a page at a time.
    public var history = HistoryWish.everything
    /// The pause between two pages of the history.
    public var historyPace = Duration.seconds(5)

    /// A SafetyNet before one upstream or more, on port 8090 of this machine.
    public init(_ upstreams: [SafetyNetUpstream]) {
        precondition(!upstreams.isEmpty, "a SafetyNet has at least one upstream")
        self.upstreams = upstreams
    }
}

/// A server of the venue's protocol that data come from: the venue, a sandbox, another SafetyNet.
public struct SafetyNetUpstream: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// The stream: `ws`, `wss`, `socketio+http`, `socketio+https`.
    public var stream: String
    /// The host of calls; nil: that of the stream, but `data.mtgox.com` where that is one of the venue's hosts
    /// for streams.
    public var calls: String?

    /// What it is shown, where it is a SafetyNet that wants a token.
    public var token: String?

    /// Names an upstream.
    public init(_ stream: String, calls: String? = nil, token: String? = nil) {
        self.stream = stream
        self.calls = calls
        self.token = token
    }

    /// Without the token.
    public var description: String { stream }
    /// Without the token.
    public var customMirror: Mirror { Mirror(self, children: ["stream": stream]) }
}

/// One place where a SafetyNet listens, for streams that are all plain or all secret.
public struct SafetyNetDoor: Hashable, Sendable {
    /// The address; port 0 takes a free one, see ``SafetyNet/addresses``.
    public var address: SocketAddress
    /// Its streams are secret, with this identity; nil: they are plain.
    public var tls: TLSServerOptions?

    /// A door at an address.
    public init(_ address: SocketAddress, tls: TLSServerOptions? = nil) {
        self.address = address
        self.tls = tls
    }
}

/// From when data count as stale, and what is done with stale ones.
public struct StalenessRule: Hashable, Sendable {
    /// What becomes of a question whose answer is stale.
    public enum Policy: String, Hashable, Sendable, CaseIterable {
        /// It is refused, by 503.
        case refuse
        /// It is answered, with `Warning: 110`, as RFC 9111 has it.
        case mark
    }

    /// Data are stale when it is longer ago that they were known to be the venue's.
    public var limit: Duration
    /// What is done with stale ones.
    public var policy: Policy

    /// Refused after two minutes, if not said otherwise.
    public init(limit: Duration = .seconds(120), policy: Policy = .refuse) {
        self.limit = limit
        self.policy = policy
    }
}

/// How far back a history of trades goes.
public enum HistoryWish: Hashable, Sendable {
    /// To the venue's first trade.
    case everything
    /// To the trade behind the one with this number: µs since 1970.
    case after(Int64)
    /// What is told from now on, and the last day.
    case recent
}

/// Who may come to a SafetyNet, and how much of everything anybody gets.
public struct SafetyNetAccess: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// Secrets of which a client has to show one, from wherever it comes; empty: nobody has to.
    public var tokens: [String] = []
    /// Origins such as `https://example.com` whose pages may use the password that a browser knows for here,
    /// besides our own: also our own name where a proxy stands before us.
    public var trustedOrigins: [String] = []
    /// HTTP calls and handshakes that an address may make in how long; nil: as many as it likes.
    public var requests: (count: Int, span: Duration)? {
        get { requestCount.map { ($0, requestSpan) } }
        set { (requestCount, requestSpan) = (newValue?.count, newValue?.span ?? .seconds(1)) }
    }
    private var requestCount: Int?
    private var requestSpan = Duration.seconds(1)
    /// Connections that an address may have at once; nil: as many as it likes.
    public var connectionsPerAddress: Int?
    /// Connections in all.
    public var connections = 20_000
    /// Signed calls of one key that may wait for their turn.
    public var waitingPerKey = 32
    /// Clients that may have a connection upstream of their own, for `op:call` and private channels.
    public var ownLines = 200
    /// Such connections that may be made in a minute, as often as a link would try.
    public var ownLinesPerMinute = 20
    /// A door that others than this machine can reach needs TLS and tokens, unless this says that it is
    /// meant to be open.
    public var isOpenToAll = false

    /// Nobody has to show anything; no limits an address.
    public init() {}

    /// How many tokens there are, and none of them.
    public var description: String { "\(tokens.count) tokens" }
    /// How many tokens there are, and none of them.
    public var customMirror: Mirror { Mirror(self, children: ["tokens": tokens.count]) }
}
