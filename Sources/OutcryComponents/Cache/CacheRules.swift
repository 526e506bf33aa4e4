/// How long one kind of thing is worth keeping.
public struct CacheRule: Hashable, Sendable {
    /// Younger than this it is answered from memory. Nothing is gained below the time for which the venue
    /// itself repeats a reply.
    public var age: Duration
    /// So much older than ``age`` it is still told, as stale, where the venue cannot be asked; nil: never.
    public var serveStaleFor: Duration?

    /// Makes a rule.
    public init(age: Duration, serveStaleFor: Duration? = nil) {
        precondition(age >= .zero, "an age is not negative")
        self.age = age
        self.serveStaleFor = serveStaleFor
    }
}

/// What a cache keeps, how long and how much of it.
public struct CacheRules: Hashable, Sendable {
    /// In the order of the kinds.
    private var rules: [CacheRule?]
    /// The most answers that are kept.
    public var mostEntries = 256
    /// The most bytes that they take, about.
    public var mostBytes = 32 << 20
    /// The most who may wait for one call.
    public var mostWaiting = 10_000
    /// How long the venue is left alone after a call failed; twice as long after the next failure, and so on.
    public var pause = Duration.seconds(1)
    /// The longest of these pauses.
    public var longestPause = Duration.seconds(300)
    /// The most trades of a market that are kept current.
    public var mostTrades = 20_000
    /// How far back they are kept, by the venue's time.
    public var tradeWindow = Duration.seconds(86_400)
    /// How far from the middle the levels of a depth lie, in per cent of the price, where it is cut out of a
    /// whole book.
    public var depthPercent = 10

    /// Rules for a venue without known ages. Private things are not kept.
    public init() {
        rules = CacheKind.allCases.map { _ in nil }
        self[.ticker] = CacheRule(age: .seconds(1), serveStaleFor: .seconds(60))
        self[.depth] = CacheRule(age: .seconds(1), serveStaleFor: .seconds(60))
        self[.fullDepth] = CacheRule(age: .seconds(10), serveStaleFor: .seconds(60))
        self[.trades] = CacheRule(age: .seconds(1), serveStaleFor: .seconds(60))
    }

    /// The rule of a kind; nil: it is not kept, and the cache refuses to be asked for it.
    public subscript(kind: CacheKind) -> CacheRule? {
        get { rules[Int(kind.rawValue)] }
        set { rules[Int(kind.rawValue)] = newValue }
    }
}
