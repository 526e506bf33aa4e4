public import OutcryComponents
public import OutcryKernel
public import OutcryMarket

/// What a sandbox exchange is to be.
public struct SandboxConfiguration: Sendable {
    /// Where it listens, at least at one door: all of them lead to the same exchange.
    public var doors = [SandboxDoor(.loopback(port: 8080))] {
        didSet { precondition(!doors.isEmpty, "a sandbox has at least one door") }
    }
    /// The books; the market plays in the first one, the others begin empty.
    public var instruments: [Instrument] = [.btcusd, .btceur, .btcjpy, .btcgbp]
    /// Fees and the smallest order of those who have an account.
    public var engine = EngineRules.mtGox
    /// What is played.
    public var market = SandboxMarket.june2011
    /// How many seconds of the market's time pass in one second; at least 1.
    public var speed = 1
    /// Decides everything in the market that is made, not recorded.
    public var seed: UInt64 = 1
    /// A recording begins again when it is over.
    public var loops = false
    /// How much the crowd of ``SandboxMarket/february2012`` does in a second of market time.
    public var crowdRate = 50
    /// How long after the start the first thing happens.
    public var firstStep = Duration.seconds(1)
    /// `fulldepth` calls that an address may make in an hour, as at the venue; nil: as many as it
    /// likes.
    public var fullDepthPerHour: Int? = 5
    /// Refuse HTTP calls without `User-Agent`, as the venue did.
    public var requiresUserAgent = false
    /// How often the lag channel speaks.
    public var lagInterval = Duration.seconds(1)
    /// Bytes that may wait for a client of the stream; one that is slower is cut off.
    public var slowClientLimit = 4 << 20
    /// Bytes that may wait for all clients of the stream together, looked at every second; above it the slowest are
    /// cut off until half of it waits.
    public var slowClientsLimit = 512 << 20
    /// The limits of its connections: whether WebSockets may be compressed (the venue's never were; at best
    /// with ``OutcryWire/DeflateOptions/shared``, so that a message is compressed once for all), whether
    /// they are sent pings: after a minute, since one whose connection broke without a word would be kept
    /// for ever. Those of Socket.IO are as the original's, with neither.
    public var connections = ServerRules(pingInterval: .seconds(60))
    /// The numbers of its Socket.IO; the endpoints are the exchange's own.
    public var socketIO = SocketIORules()
    /// Trades that HTTP can give back.
    public var tradeHistory = 20_000
    /// How many orders an account may place in how long, and is told to wait; nil: as many as it likes.
    public var orderRate: OrderRateLimit?
    /// How many HTTP calls an address may make in how long, before it gets 429; nil: as many as it likes.
    public var requestRate: RequestRateLimit?
    /// How long HTTP's public replies stay as they were; nil: each is new.
    public var replyCache: ReplyCacheRules?
    /// How many orders an account may have open; nil: as many as it likes. Each change of a wallet that does not
    /// pay for all of its orders looks at every one of them.
    public var openOrders: Int? = 10_000
    /// What there is at doors for MidChains.
    public var midChains = SandboxMidChains()
    /// What the venue did that nobody would expect.
    public var quirks = SandboxQuirks()
    /// What goes wrong on purpose, from the beginning; ``OutcryKernel/Event/sandboxFaults`` changes it.
    public var faults = SandboxFaults()

    /// A sandbox as the venue was, on port 8080.
    public init() {}

    /// Sets all limits as they are documented, or were lived with: ``fullDepthPerHour``, ``orderRate``,
    /// ``requestRate``, ``replyCache``.
    public mutating func setVenueLimits() {
        fullDepthPerHour = 5
        orderRate = OrderRateLimit(orders: 5, span: .seconds(6))
        requestRate = RequestRateLimit(requests: 40, span: .seconds(20))
        replyCache = .mtGox
        midChains.setVenueLimits()
    }

    /// Where the first door is: the only one, unless ``doors`` says more.
    public var address: SocketAddress {
        get { doors[0].address }
        set { doors[0].address = newValue }
    }
    /// Streams of the first door are secret, with this identity; nil: they are plain.
    public var tls: TLSServerOptions? {
        get { doors[0].tls }
        set { doors[0].tls = newValue }
    }
}

/// What the venue did that nobody would expect; each can be turned off.
public struct SandboxQuirks: Sendable, Equatable {
    /// The end of a market order is told twice: `completed_passive`, then `completed_active` (section 10.2
    /// of the protocol reference).
    public var marketOrdersEndTwice = true
    /// The end of an order is told with its reason, as from 2013 on; PyAlgoTrade knows cancelled orders by
    /// the form of 2012, which had none.
    public var removalsSayWhy = true

    /// As the venue was.
    public init() {}
}
