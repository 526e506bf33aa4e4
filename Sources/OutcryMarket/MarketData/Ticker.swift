/// A venue's summary of a market.
///
/// A hot payload: twelve words, trivially copyable. A price that the venue did not give is nil;
/// in the stored units it is `Int64.min`.
@frozen public struct Ticker: Hashable, Sendable, BitwiseCopyable {
    /// Where.
    public let venue: VenueID
    /// Of what.
    public let instrument: Instrument
    /// The venue's time of the summary in microseconds since 1970; 0 if not told.
    public var stamp: Int64
    /// The highest bid, in units of the quote; `Int64.min` is none, as in all fields below.
    public var bestBidUnits: Int64
    /// The lowest ask, in units of the quote.
    public var bestAskUnits: Int64
    /// The last trade's price, in units of the quote.
    public var lastUnits: Int64
    /// The highest price of the period, in units of the quote.
    public var highUnits: Int64
    /// The lowest price of the period, in units of the quote.
    public var lowUnits: Int64
    /// The average price of the period, in units of the quote.
    public var averageUnits: Int64
    /// The volume-weighted average price of the period, in units of the quote.
    public var vwapUnits: Int64
    /// The volume of the period, in units of the base.
    public var volumeUnits: Int64

    /// Makes a summary that has no price yet.
    @inlinable public init(venue: VenueID, instrument: Instrument, stamp: Int64 = 0) {
        self.venue = venue
        self.instrument = instrument
        self.stamp = stamp
        bestBidUnits = .min
        bestAskUnits = .min
        lastUnits = .min
        highUnits = .min
        lowUnits = .min
        averageUnits = .min
        vwapUnits = .min
        volumeUnits = .min
    }

    /// Makes a summary from units of the instrument; nil is a price that was not given.
    @inlinable public init(
        venue: VenueID, instrument: Instrument, bestBidUnits: Int64?, bestAskUnits: Int64?,
        lastUnits: Int64?, highUnits: Int64? = nil, lowUnits: Int64? = nil,
        averageUnits: Int64? = nil, vwapUnits: Int64? = nil, volumeUnits: Int64? = nil,
        stamp: Int64 = 0
    ) {
        self.venue = venue
        self.instrument = instrument
        self.stamp = stamp
        self.bestBidUnits = bestBidUnits ?? .min
        self.bestAskUnits = bestAskUnits ?? .min
        self.lastUnits = lastUnits ?? .min
        self.highUnits = highUnits ?? .min
        self.lowUnits = lowUnits ?? .min
        self.averageUnits = averageUnits ?? .min
        self.vwapUnits = vwapUnits ?? .min
        self.volumeUnits = volumeUnits ?? .min
    }

    @inlinable func price(_ units: Int64) -> Price? {
        units == .min ? nil : Price(units: units, of: instrument.quote)
    }

    /// The highest bid.
    @inlinable public var bestBid: Price? { price(bestBidUnits) }
    /// The lowest ask.
    @inlinable public var bestAsk: Price? { price(bestAskUnits) }
    /// The last trade's price.
    @inlinable public var last: Price? { price(lastUnits) }
    /// The highest price of the period.
    @inlinable public var high: Price? { price(highUnits) }
    /// The lowest price of the period.
    @inlinable public var low: Price? { price(lowUnits) }
    /// The average price of the period.
    @inlinable public var average: Price? { price(averageUnits) }
    /// The volume-weighted average price of the period.
    @inlinable public var vwap: Price? { price(vwapUnits) }
    /// The volume of the period.
    @inlinable public var volume: Quantity? {
        volumeUnits == .min ? nil : Quantity(units: volumeUnits, of: instrument.base)
    }
}

extension Ticker: CustomStringConvertible {
    /// For logs: venue, instrument, best bid, best ask and last price.
    public var description: String {
        let parts = [bestBid, bestAsk, last].map { $0.map { "\($0)" } ?? "-" }
        return "\(venue) \(instrument) bid \(parts[0]) ask \(parts[1]) last \(parts[2])"
    }
}
