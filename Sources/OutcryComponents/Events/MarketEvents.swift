// The events that applications work with: the same on every venue.

public import OutcryKernel
public import OutcryMarket

/// How much a book can be relied upon.
public enum Evidence: Sendable, Hashable, CustomStringConvertible {
    /// Compared with the venue's own book, or checksummed.
    case verified
    /// Every change carried a sequence number, and none is missing.
    case contiguous
    /// Equal to a snapshot as of this venue time (µs since 1970) or just after it.
    case checkpointed(Int64)
    /// Nothing is known to be missing, but the stream has no numbers that would prove it.
    case unproven
    /// Changes are missing or may be; the book as it was is that old.
    case stale(since: KernelTime)

    /// Good enough to trade on: all but ``stale(since:)``.
    public var isTrusted: Bool {
        if case .stale = self { false } else { true }
    }

    /// In words.
    public var description: String {
        switch self {
        case .verified: "verified"
        case .contiguous: "contiguous"
        case .checkpointed(let stamp): "checkpointed at \(stamp)"
        case .unproven: "unproven"
        case .stale(let since): "stale since \(since)"
        }
    }
}

/// A book changed.
public struct BookChange {
    // In the order in which these take the least of a record.

    /// Whose book it is.
    public let venue: VenueID
    /// The book, live: it may already hold later changes than this one, when several came at once. Read
    /// it, do not keep it.
    public let book: Book
    private let bestBid: Int64
    private let bestAsk: Int64
    /// How much the book can be relied upon.
    public let evidence: Evidence
    /// The best level of the changed side is another now, in price or in size.
    public let bestChanged: Bool
    private let hasChange: Bool
    private let told: DepthChange

    /// What changed; nil when the whole book was loaded, or when only its evidence changed.
    public var change: DepthChange? { hasChange ? told : nil }

    /// Makes the news of a change that `book` has just seen.
    public init(
        venue: VenueID, book: Book, change: DepthChange?, bestChanged: Bool, evidence: Evidence
    ) {
        self.venue = venue
        self.book = book
        hasChange = change != nil
        told =
            change
            ?? DepthChange(
                venue: venue, instrument: book.instrument, side: .bid, priceUnits: 0,
                quantityUnits: 0)
        self.bestChanged = bestChanged
        self.evidence = evidence
        bestBid = book.bestPriceUnits(.bid) ?? .min
        bestAsk = book.bestPriceUnits(.ask) ?? .min
    }

    /// What is traded in the book.
    public var instrument: Instrument { book.instrument }

    /// The best price of a side right after this change, in the quote currency's smallest unit; nil if
    /// the side was empty. Each change tells its own, also where the book has gone on since.
    public func bestPriceUnits(_ side: Side) -> Int64? {
        let units = side == .bid ? bestBid : bestAsk
        return units == .min ? nil : units
    }
}

/// How far the venue's engine is behind.
public struct EngineLag: Sendable {
    /// The venue.
    public let venue: VenueID
    /// The age of the oldest order in the engine's queue.
    public let age: Duration
    /// The venue's time of the measurement, µs since 1970.
    public let stamp: Int64

    /// Makes a measurement.
    public init(venue: VenueID, age: Duration, stamp: Int64) {
        self.venue = venue
        self.age = age
        self.stamp = stamp
    }
}

extension Event where Payload == DepthChange {
    /// One level of a market changed.
    public static let depth = Self("depth")
}
extension Event where Payload == Trade {
    /// Somebody traded.
    public static let trade = Self("trade")
}
extension Event where Payload == Ticker {
    /// A market's summary.
    public static let ticker = Self("ticker")
}
extension Event where Payload == BookChange {
    /// A book changed, was loaded, or gained or lost trust.
    public static let bookChanged = Self("bookChanged")
}
extension Event where Payload == Order {
    /// One of your orders changed.
    public static let order = Self("order")
}
extension Event where Payload == EngineLag {
    /// The venue says how far its engine is behind.
    public static let lag = Self("lag")
}
