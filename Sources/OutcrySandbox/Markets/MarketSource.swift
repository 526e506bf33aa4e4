/// What happens in a sandbox's market: a deterministic source of commands for its engine.
///
/// It has no clock: the caller gives the time and is told when to come back. The same seed and the
/// same calls give the same commands everywhere.
public protocol MarketSource: AnyObject {
    /// Fills the empty engine with the opening book; nothing of it is an event.
    ///
    /// - Parameter now: Microseconds since 1970, the stamp of levels that have none of their own.
    func open(_ engine: MatchingEngine, at now: Int64) throws(EngineError)

    /// Does the next thing.
    ///
    /// - Parameter now: Microseconds since 1970.
    /// - Returns: When to come for the next one.
    func step(
        _ engine: MatchingEngine, at now: Int64, into events: inout [EngineEvent]
    ) throws(EngineError) -> MarketPause
}

/// When a market source wants to go on.
@frozen public enum MarketPause: Hashable, Sendable {
    /// After so many microseconds of the market's own time; the speed factor divides them.
    case after(microseconds: Int64)
    /// Never: the recording is over.
    case ended
}

/// The markets that a sandbox can play.
public enum SandboxMarket: String, Hashable, Sendable, CaseIterable {
    /// Two days of trades that happened.
    case june2011 = "2011-06-06"
    /// A book that stood, with an invented crowd.
    case february2012 = "2012-02"

    /// What was recorded, in one sentence for people.
    public var recorded: String {
        switch self {
        case .june2011:
            "Recorded: 11,214 trades of Mt. Gox from 2011-06-06 09:52 to 2011-06-08 09:51 UTC "
                + "(price, amount, order, second) and a book of June 2011 (355 levels)."
        case .february2012:
            "Recorded: the full book of Mt. Gox of 2012-02-07 (8,091 levels with price, amount "
                + "and time of last change)."
        }
    }

    /// What the sandbox invents, in one sentence for people.
    public var made: String {
        switch self {
        case .june2011:
            "Made: who traded with whom (the side is read from the price's direction), the orders "
                + "that seeded makers move so that each recorded trade finds its price, "
                + "everything's time of today, and where the book stood (it was recorded at 26.6 "
                + "USD, the trades begin at 17.7, so the makers move it down first)."
        case .february2012:
            "Made: everything that happens, by a seeded crowd of makers, takers and cancellers "
                + "around the touch, and that each level is one order."
        }
    }

    /// The source of its commands.
    ///
    /// - Parameters:
    ///   - seed: Decides everything that is made.
    ///   - loops: Whether a recording begins again when it is over.
    ///   - rate: How much the crowd of ``february2012`` does in a second of market time.
    /// - Throws: When the program was built with damaged data.
    public func source(
        seed: UInt64, loops: Bool = false, rate: Int = 50
    ) throws(RecordedDataError) -> any MarketSource {
        switch self {
        case .june2011: try June2011Market(seed: seed, loops: loops)
        case .february2012: try February2012Market(seed: seed, rate: rate)
        }
    }
}
