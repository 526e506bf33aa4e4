/// The trades of one period: first, highest, lowest and last price, and the volume.
///
/// First and last are by the trades' time and number, not by their arrival, so a candle is a
/// function of the set of its trades.
public struct Candle: Hashable, Sendable, BitwiseCopyable {
    /// What was traded.
    public let instrument: Instrument
    /// Where the period begins, in microseconds since 1970, a multiple of the period.
    public let start: Int64
    /// How long the period is, in microseconds.
    public let period: Int64
    /// The first price, in units of the quote.
    public private(set) var openUnits: Int64
    /// The highest price, in units of the quote.
    public private(set) var highUnits: Int64
    /// The lowest price, in units of the quote.
    public private(set) var lowUnits: Int64
    /// The last price, in units of the quote.
    public private(set) var closeUnits: Int64
    /// The sum of the amounts, in units of the base; `Int64.min` when it does not fit.
    public private(set) var volumeUnits: Int64
    /// How many trades there were; 0 for a candle that fills a gap.
    public private(set) var trades: Int
    private var first: Key
    private var last: Key

    /// What orders trades: time, then number.
    private struct Key: Hashable, BitwiseCopyable {
        var stamp: Int64
        var id: Int64

        static func < (left: Self, right: Self) -> Bool {
            left.stamp == right.stamp ? left.id < right.id : left.stamp < right.stamp
        }
    }

    /// The candle of one trade.
    init(_ trade: Trade, start: Int64, period: Int64) {
        instrument = trade.instrument
        self.start = start
        self.period = period
        openUnits = trade.priceUnits
        highUnits = trade.priceUnits
        lowUnits = trade.priceUnits
        closeUnits = trade.priceUnits
        volumeUnits = trade.quantityUnits
        trades = 1
        first = Key(stamp: trade.stamp, id: trade.id)
        last = first
    }

    /// A candle without trades that goes on at the close of another.
    init(after candle: Candle, start: Int64) {
        instrument = candle.instrument
        self.start = start
        period = candle.period
        openUnits = candle.closeUnits
        highUnits = candle.closeUnits
        lowUnits = candle.closeUnits
        closeUnits = candle.closeUnits
        volumeUnits = 0
        trades = 0
        first = candle.last
        last = candle.last
    }

    /// Takes in another trade of the period.
    ///
    /// - Returns: Whether the trade comes before one that was taken in already.
    mutating func add(_ trade: Trade) -> Bool {
        let key = Key(stamp: trade.stamp, id: trade.id)
        let isLate = key < last
        if key < first {
            first = key
            openUnits = trade.priceUnits
        }
        if !isLate {
            last = key
            closeUnits = trade.priceUnits
        }
        highUnits = max(highUnits, trade.priceUnits)
        lowUnits = min(lowUnits, trade.priceUnits)
        let sum =
            Quantity(units: volumeUnits, scale: 0) + Quantity(units: trade.quantityUnits, scale: 0)
        volumeUnits = sum.units
        trades += 1
        return isLate
    }

    /// Where the next period begins, in microseconds since 1970.
    public var end: Int64 {
        let (end, overflow) = start.addingReportingOverflow(period)
        return overflow ? .max : end
    }

    /// The first price.
    public var open: Price { Price(units: openUnits, of: instrument.quote) }
    /// The highest price.
    public var high: Price { Price(units: highUnits, of: instrument.quote) }
    /// The lowest price.
    public var low: Price { Price(units: lowUnits, of: instrument.quote) }
    /// The last price.
    public var close: Price { Price(units: closeUnits, of: instrument.quote) }
    /// The sum of the amounts; invalid when it does not fit.
    public var volume: Quantity { Quantity(units: volumeUnits, of: instrument.base) }
    /// Whether the candle only fills a gap.
    public var isGap: Bool { trades == 0 }
}

extension Candle: CustomStringConvertible {
    /// For logs: the four prices and the volume.
    public var description: String {
        "\(start) open \(open) high \(high) low \(low) close \(close) volume \(volume)"
    }
}
