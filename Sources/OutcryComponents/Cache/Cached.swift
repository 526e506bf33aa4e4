public import OutcryKernel
public import OutcryMarket

/// A value that a cache answers with, and how much it is worth.
public struct Cached<Value> {
    /// The value.
    public let value: Value
    /// How long ago it was known to be the venue's, besides the time for which the venue itself repeats a
    /// reply; zero while the stream keeps it current.
    public let age: Duration
    /// It is older than the rules want, and there was none younger to be had.
    public let isStale: Bool
    /// Where it comes from.
    public let source: CacheSource

    /// Makes an answer.
    public init(_ value: Value, age: Duration, isStale: Bool = false, source: CacheSource) {
        self.value = value
        self.age = age
        self.isStale = isStale
        self.source = source
    }

    /// The same about another form of the value.
    func with<Other>(_ other: Other) -> Cached<Other> {
        Cached<Other>(other, age: age, isStale: isStale, source: source)
    }
}

extension Cached: Sendable where Value: Sendable {}

/// Where a cache has an answer from.
public enum CacheSource: Hashable, Sendable {
    /// The venue was asked for it.
    case upstream
    /// It was kept from an earlier answer.
    case memory
    /// The stream keeps it current.
    case stream
}

/// Public trades in the order of their numbers, without a hole.
public struct TradeTape: Hashable, Sendable {
    /// What was traded.
    public let instrument: Instrument
    /// All trades with a number above this, as far as the tape goes; nil where that is not known.
    public let after: Int64?
    /// The trades, the oldest first, each number once.
    public let trades: [Trade]
    /// It begins where it was asked to and goes to the time that the answer's age tells; false where older or
    /// newer trades are missing.
    public let isComplete: Bool
    /// The cache keeps all trades above this number: what lies before it costs a call. Nil where it keeps
    /// none. It rises as old trades are let go, and where a tape had to begin anew.
    public let floor: Int64?

    /// Makes a tape.
    public init(
        instrument: Instrument, after: Int64?, trades: [Trade], isComplete: Bool,
        floor: Int64? = nil
    ) {
        self.instrument = instrument
        self.after = after
        self.trades = trades
        self.isComplete = isComplete
        self.floor = floor
    }
}

/// Why a cache has no answer.
public struct CacheFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of reason it is.
    public enum Cause: Hashable, Sendable {
        /// No rule says that such a thing is kept.
        case notKept
        /// The venue was asked and did not tell, or nobody could ask it.
        case venue
        /// The venue's budget for such calls is spent.
        case budget
        /// The last call failed and the pause after it is not over.
        case paused
        /// As many calls are under way as the cache may hold answers, or as many wait for this one as may.
        case busy
    }

    /// What kind of reason it is.
    public let cause: Cause
    /// Why, in words.
    public let reason: String
    /// Not before this time is the venue asked again; nil: as soon as somebody asks.
    public let retryAt: KernelTime?

    /// Puts the parts together.
    public init(cause: Cause, reason: String, retryAt: KernelTime?) {
        self.cause = cause
        self.reason = reason
        self.retryAt = retryAt
    }

    /// In words.
    public var description: String { reason }
}
