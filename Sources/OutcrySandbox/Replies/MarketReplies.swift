import OutcryMarket
import OutcryVenues

/// A market's summary as the venue tells it. Prices are units of the quote.
struct TickerView: Hashable, Sendable {
    var instrument: Instrument
    var high: Int64
    var low: Int64
    var average: Int64
    var vwap: Int64
    /// Units of the base.
    var volume: Int64
    /// The last trade in this currency.
    var lastLocal: Int64
    /// The last trade in any currency, in units of ``origin``.
    var lastOrigin: Int64
    var origin: Currency
    /// The same, converted.
    var lastAll: Int64
    var last: Int64
    /// The best bid.
    var buy: Int64
    /// The best ask.
    var sell: Int64
    /// Microseconds since 1970.
    var now: Int64

    /// The summary of a market that only knows its own trades.
    init(_ summary: MarketSummary, _ instrument: Instrument) {
        self.instrument = instrument
        (high, low) = (summary.high, summary.low)
        (average, vwap, volume) = (summary.average, summary.vwap, summary.volume)
        (lastLocal, lastOrigin, origin) = (summary.last, summary.last, instrument.quote)
        (lastAll, last) = (summary.last, summary.last)
        (buy, sell, now) = (summary.bestBid, summary.bestAsk, summary.stamp)
    }
}

/// One level of a book.
struct LevelView: Hashable, Sendable {
    /// Units of the quote.
    var price: Int64
    /// Units of the base.
    var amount: Int64
    /// When it last changed, microseconds since 1970.
    var stamp: Int64
}

/// What a book holds. Both sides ascend.
struct DepthView: Hashable, Sendable {
    var instrument: Instrument
    var asks: [LevelView]
    var bids: [LevelView]
    /// The prices that were looked at; nil for all.
    var filter: ClosedRange<Int64>?
}

extension MessageText {
    /// Appends a ticker (section 12.1 of the protocol reference).
    ///
    /// - Parameter isShort: HTTP shortens what is for people, and says nothing of the item.
    mutating func addTicker(_ ticker: TickerView, isShort: Bool) {
        let (base, quote) = (ticker.instrument.base, ticker.instrument.quote)
        add("{\"high\":")
        addMoney(ticker.high, quote, isShort: isShort)
        add(",\"low\":")
        addMoney(ticker.low, quote, isShort: isShort)
        add(",\"avg\":")
        addMoney(ticker.average, quote, isShort: isShort)
        add(",\"vwap\":")
        addMoney(ticker.vwap, quote, isShort: isShort)
        add(",\"vol\":")
        addMoney(ticker.volume, base, isShort: isShort)
        add(",")
        addLasts(ticker, isShort: isShort)
        if !isShort {
            add(",\"item\":\"")
            addCode(base)
            add("\"")
        }
        add(",\"now\":\"")
        add(ticker.now)
        add("\"}")
    }

    /// Appends `ticker_fast`: the last prices and the best levels.
    mutating func addFastTicker(_ ticker: TickerView) {
        add("{")
        addLasts(ticker, isShort: true)
        add(",\"now\":\"")
        add(ticker.now)
        add("\"}")
    }

    private mutating func addLasts(_ ticker: TickerView, isShort: Bool) {
        let quote = ticker.instrument.quote
        add("\"last_local\":")
        addMoney(ticker.lastLocal, quote, isShort: isShort)
        add(",\"last_orig\":")
        addMoney(ticker.lastOrigin, ticker.origin, isShort: isShort)
        add(",\"last_all\":")
        addMoney(ticker.lastAll, quote, isShort: isShort)
        add(",\"last\":")
        addMoney(ticker.last, quote, isShort: isShort)
        add(",\"buy\":")
        addMoney(ticker.buy, quote, isShort: isShort)
        add(",\"sell\":")
        addMoney(ticker.sell, quote, isShort: isShort)
    }

    /// Appends a book, or the part of it that was looked at (section 5.1).
    mutating func addDepth(_ depth: DepthView) {
        add("{\"asks\":[")
        addLevels(depth.asks, depth.instrument)
        add("],\"bids\":[")
        addLevels(depth.bids, depth.instrument)
        add("]")
        if let filter = depth.filter {
            add(",\"filter_min_price\":")
            addMoney(filter.lowerBound, depth.instrument.quote, isShort: true)
            add(",\"filter_max_price\":")
            addMoney(filter.upperBound, depth.instrument.quote, isShort: true)
        }
        add("}")
    }

    private mutating func addLevels(_ levels: [LevelView], _ instrument: Instrument) {
        for (place, level) in levels.enumerated() {
            if place > 0 { add(",") }
            addLevel(level, instrument)
        }
    }

    /// Appends one level.
    mutating func addLevel(_ level: LevelView, _ instrument: Instrument) {
        add("{\"price\":")
        addTrimmed(level.price, instrument.quote.decimals)
        add(",\"amount\":")
        addTrimmed(level.amount, instrument.base.decimals)
        add(",\"price_int\":\"")
        add(level.price)
        add("\",\"amount_int\":\"")
        add(level.amount)
        add("\",\"stamp\":\"")
        add(level.stamp)
        add("\"}")
    }

    /// Appends the trades that were taken back: never any.
    mutating func addCancelledTrades() { add("[]") }

    /// Appends how far the engine is behind.
    ///
    /// - Parameters:
    ///   - age: of the oldest order in the queue, in microseconds; 0 for none.
    ///   - length: of the queue.
    mutating func addLag(age: Int64, length: Int64) {
        add("{\"lag\":")
        add(age)
        add(",\"lag_secs\":")
        addTrimmed(age, 6)
        add(",\"lag_text\":\"")
        addTrimmed(age, 6)
        add(" seconds\",\"length\":\"")
        add(length)
        add("\"}")
    }

    /// Appends what an amount would cost or bring, in units of the quote.
    mutating func addQuote(_ units: Int64) {
        add("{\"amount\":")
        add(units)
        add("}")
    }

    /// Appends what is known of a currency that bitcoin is traded in; false, with nothing appended,
    /// for one that has no channels.
    mutating func addCurrency(_ currency: Currency) -> Bool {
        guard let ticker = PublicChannel.find("ticker.BTC\(currency)"),
            let depth = PublicChannel.find("depth.BTC\(currency)")
        else { return false }
        let style = CurrencyStyle(currency)
        add("{\"currency\":\"")
        addCode(currency)
        add("\",\"name\":\"")
        if let name = style.name { add(name) } else { addCode(currency) }
        add("\",\"symbol\":\"")
        addSymbol(style, currency)
        add("\",\"decimals\":\"")
        add(Int64(currency.decimals))
        add("\",\"display_decimals\":\"2\",\"symbol_position\":\"")
        add(style.isBefore ? "before" : "after")
        add("\",\"virtual\":\"N\",\"ticker_channel\":")
        addString(ticker.guid)
        add(",\"depth_channel\":")
        addString(depth.guid)
        add("}")
        return true
    }

    /// Appends the names and GUIDs of the public channels, by name.
    mutating func addPublicChannels() {
        add("{")
        for (place, channel) in PublicChannel.all.enumerated() {
            if place > 0 { add(",") }
            addString(channel.name)
            add(":")
            addString(channel.guid)
        }
        add("}")
    }
}
