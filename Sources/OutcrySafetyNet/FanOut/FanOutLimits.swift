public import OutcryKernel

/// How far behind a client of the stream may be, and how long.
///
/// A client is slow from the moment at which ``highWater`` bytes wait for it until nothing does. What comes
/// meanwhile is not put to it: of the depth it will be told what each level holds then, of tickers the last
/// one, of trades all. So a slow client costs at most ``bytesPerClient``, whatever comes, and nobody else
/// anything.
public struct FanOutLimits: Hashable, Sendable {
    /// Unwritten bytes from which on a client is slow.
    public var highWater = 64 << 10
    /// Unwritten bytes at which a slow client is told what was kept for it.
    public var lowWater = 8 << 10
    /// Bytes that the system keeps for a connection before any wait here. It would keep megabytes for each
    /// client that is stopped, and we would know late that it is.
    public var systemBuffer = 128 << 10
    /// Trades that are kept for a slow client; one more, and it is cut off.
    public var trades = 1_000
    /// Levels that are kept for a slow client; one more, and it is cut off.
    public var levels = 1_000
    /// Bytes of answers of its own that are kept for a slow client; one more, and it is cut off.
    public var answers = 128 << 10
    /// Bytes of a whole book that a client asks for; a larger one is not told. A client that is behind costs
    /// one of it at most, once it reads again.
    public var snapshot = 5 << 19
    /// How long a client may be slow without a pause before it is cut off.
    public var patience = Duration.seconds(30)

    /// The house's numbers.
    public init() {}

    /// Gives streams the marks at which their clients are slow.
    public func apply(to options: inout StreamOptions) {
        options.highWater = highWater
        options.lowWater = lowWater
        options.systemBuffer = systemBuffer
    }

    /// What the stream of one slow client can take in the process, in bytes, besides the system's: its
    /// unwritten bytes in a queue that has doubled, what one turn brings, its answers, and the tables of
    /// what is kept. Texts of everybody's are the same for all and not counted, of which 8,192 are kept at
    /// most besides trades; nor is a whole book that the client reads, see ``bytesPerSnapshot``.
    public var bytesPerClient: Int { 2 * highWater + answers + 128 * (trades + 2 * levels) }

    /// What a client can take besides while it reads a whole book that it asked for: one, in a queue that
    /// has doubled.
    public var bytesPerSnapshot: Int { 2 * snapshot }
}

/// Why a client of the stream was cut off.
public enum FanOutEnd: Hashable, Sendable, CustomStringConvertible {
    /// So many trades had to be kept for it.
    case trades(Int)
    /// So many levels had changed.
    case levels(Int)
    /// So many bytes of answers had to be kept for it.
    case answers(Int)
    /// It was slow for so long.
    case time(Duration)

    /// In words, for the client and for logs.
    public var description: String {
        switch self {
        case .trades(let count): "too slow: \(count) trades wait"
        case .levels(let count): "too slow: \(count) levels wait"
        case .answers(let bytes): "too slow: \(bytes) bytes of answers wait"
        case .time(let time): "too slow for \(time)"
        }
    }
}

/// What a fan-out has done.
public struct FanOutCounters: Hashable, Sendable {
    /// Messages that were framed once and put to everybody who listens.
    public var messages = 0
    /// Messages put to clients, theirs alone or everybody's.
    public var deliveries = 0
    /// Times that a client became slow.
    public var slowed = 0
    /// Times that a slow client had caught up.
    public var caughtUp = 0
    /// Messages that a slow client got no more, because a later one says it all.
    public var conflated = 0
    /// Clients that were cut off for their trades.
    public var cutForTrades = 0
    /// Clients that were cut off for the levels that had changed.
    public var cutForLevels = 0
    /// Clients that were cut off for what they had asked.
    public var cutForAnswers = 0
    /// Clients that were cut off for the time that they were slow.
    public var cutForTime = 0

    /// Clients that were cut off.
    public var cut: Int { cutForTrades + cutForLevels + cutForAnswers + cutForTime }

    /// Nothing yet.
    public init() {}

    mutating func count(_ end: FanOutEnd) {
        switch end {
        case .trades: cutForTrades += 1
        case .levels: cutForLevels += 1
        case .answers: cutForAnswers += 1
        case .time: cutForTime += 1
        }
    }
}
