package import OutcryMarket
import OutcryVenues

/// A market's summary as the venue tells it. Prices are units of the quote.
package struct TickerView: Hashable, Sendable {
    package var instrument: Instrument
    package var high: Int64
    package var low: Int64
    package var average: Int64
    package var vwap: Int64
    /// Units of the base.
    package var volume: Int64
    /// The last trade in this currency.
    package var lastLocal: Int64
    /// The last trade in any currency, in units of ``origin``.
    package var lastOrigin: Int64
    package var origin: Currency
    /// The same, converted.
    package var lastAll: Int64
    package var last: Int64
    /// The best bid.
    package var buy: Int64
    /// The best ask.
    package var sell: Int64
    /// Microseconds since 1970.
    package var now: Int64

    package init(
        instrument: Instrument, high: Int64, low: Int64, average: Int64, vwap: Int64, volume: Int64,
        lastLocal: Int64, lastOrigin: Int64, origin: Currency, lastAll: Int64, last: Int64,
        buy: Int64, sell: Int64, now: Int64
    ) {
        self.instrument = instrument
        self.high = high
        self.low = low
        self.average = average
        self.vwap = vwap
        self.volume = volume
        self.lastLocal = lastLocal
        self.lastOrigin = lastOrigin
        self.origin = origin
        self.lastAll = lastAll
        self.last = last
        self.buy = buy
        self.sell = sell
        self.now = now
    }
}

/// One level of a book.
package struct LevelView: Hashable, Sendable {
    /// Units of the quote.
    package var price: Int64
    /// Units of the base.
    package var amount: Int64
    /// When it last changed, microseconds since 1970.
    package var stamp: Int64

    package init(
        price: Int64, amount: Int64, stamp: Int64
    ) {
        self.price = price
        self.amount = amount
        self.stamp = stamp
    }
}

/// What a book holds. Both sides ascend.
package struct DepthView: Hashable, Sendable {
    package var instrument: Instrument
    package var asks: [LevelView]
    package var bids: [LevelView]
    /// The prices that were looked at; nil for all.
    package var filter: ClosedRange<Int64>?

    package init(
        instrument: Instrument, asks: [LevelView], bids: [LevelView],
        filter: ClosedRange<Int64>? = nil
    ) {
        self.instrument = instrument
        self.asks = asks
        self.bids = bids
        self.filter = filter
    }
}

extension DepthView {
    /// What an amount would cost or bring at the market now, in units of the quote, the nearest one;
    /// nil where the book does not hold so much, or the sum does not fit.
    package func quote(_ side: OrderSide, units: Int64) -> Int64? {
        var unit = Int128(1)
        for _ in 0..<instrument.base.decimals { unit *= 10 }
        var left = units
        var sum = Int128(0)
        let levels = side == .buy ? asks : bids.reversed()
        for level in levels where left > 0 {
            let part = min(left, level.amount)
            let (cost, over) = sum.addingReportingOverflow(Int128(part) * Int128(level.price))
            guard !over else { return nil }
            (sum, left) = (cost, left - part)
        }
        return left > 0 ? nil : Int64(exactly: (sum + unit / 2) / unit)
    }
}

extension MessageText {
    /// Appends a ticker (section 12.1 of the protocol reference).
    ///
    /// - Parameter isShort: HTTP shortens what is for people, and says nothing of the item.
    package mutating func addTicker(_ ticker: TickerView, isShort: Bool) {
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
    package mutating func addFastTicker(_ ticker: TickerView) {
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
    package mutating func addDepth(_ depth: DepthView) {
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
    package mutating func addLevel(_ level: LevelView, _ instrument: Instrument) {
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
    package mutating func addCancelledTrades() { add("[]") }

    /// Appends how far the engine is behind.
    ///
    /// - Parameters:
    ///   - age: of the oldest order in the queue, in microseconds; 0 for none.
    ///   - length: of the queue.
    package mutating func addLag(age: Int64, length: Int64) {
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
    package mutating func addQuote(_ units: Int64) {
        add("{\"amount\":")
        add(units)
        add("}")
    }

    /// Appends what is known of a currency that bitcoin is traded in; false, with nothing appended,
    /// for one that has no channels.
    package mutating func addCurrency(_ currency: Currency) -> Bool {
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
    package mutating func addPublicChannels() {
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
