import OutcryMarket
import OutcryVenues

/// Which of the two forms that version 0 is recorded in.
///
/// - Source: the protocol reference, section 4.2.
package enum OldForm: UInt8, Hashable, Sendable {
    /// Numbers, and a depth whose bids descend.
    case june2011
    /// Strings beside their units, money objects, the status in words.
    case january2013
}

extension MessageText {
    /// Appends `data/ticker.php` (section 4.1): numbers, the volume a whole one.
    package mutating func addOldTicker(_ ticker: TickerView) {
        let (base, quote) = (ticker.instrument.base, ticker.instrument.quote.decimals)
        add("{\"ticker\":{\"high\":")
        addTrimmed(ticker.high, quote)
        add(",\"low\":")
        addTrimmed(ticker.low, quote)
        add(",\"avg\":")
        addTrimmed(ticker.average, quote)
        add(",\"vwap\":")
        addTrimmed(ticker.vwap, quote)
        add(",\"vol\":")
        addWhole(ticker.volume, base.decimals)
        add(",\"last_all\":")
        addTrimmed(ticker.lastAll, quote)
        add(",\"last_local\":")
        addTrimmed(ticker.lastLocal, quote)
        add(",\"last\":")
        addTrimmed(ticker.last, quote)
        add(",\"buy\":")
        addTrimmed(ticker.buy, quote)
        add(",\"sell\":")
        addTrimmed(ticker.sell, quote)
        add("}}")
    }

    /// Appends `data/getDepth.php`: pairs of price and amount.
    package mutating func addOldDepth(_ depth: DepthView, _ form: OldForm) {
        add("{\"asks\":[")
        addOldLevels(depth.asks, depth.instrument)
        add("],\"bids\":[")
        addOldLevels(form == .june2011 ? depth.bids.reversed() : depth.bids, depth.instrument)
        add("]}")
    }

    private mutating func addOldLevels(_ levels: [LevelView], _ instrument: Instrument) {
        for (place, level) in levels.enumerated() {
            add(place > 0 ? ",[" : "[")
            addTrimmed(level.price, instrument.quote.decimals)
            add(",")
            addTrimmed(level.amount, instrument.base.decimals)
            add("]")
        }
    }

    /// Appends an amount without what is behind its point.
    private mutating func addWhole(_ units: Int64, _ decimals: Int) {
        var whole = units
        for _ in 0..<decimals { whole /= 10 }
        add(whole)
    }
}
