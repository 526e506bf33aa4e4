package import OutcryMarket
import OutcryVenues

/// A trade as the venue tells it.
package struct TradeView: Hashable, Sendable {
    package var instrument: Instrument
    /// Units of the quote.
    package var price: Int64
    /// Units of the base.
    package var amount: Int64
    /// Its number: from June 2011 on its time.
    package var tid: Int64
    /// Its time in microseconds since 1970.
    package var stamp: Int64
    /// What the order that took did.
    package var aggressor: OrderSide
    /// Whether that order had no limit.
    package var isMarketOrder: Bool
    /// Whether it is told in the buyer's currency; false for a converted copy.
    package var isPrimary = true
    /// Whether the two orders were in two currencies.
    package var isMixed = false

    package init(
        instrument: Instrument, price: Int64, amount: Int64, tid: Int64, aggressor: OrderSide,
        isMarketOrder: Bool, isPrimary: Bool = true, isMixed: Bool = false,
        stamp: Int64? = nil
    ) {
        self.instrument = instrument
        self.price = price
        self.amount = amount
        self.tid = tid
        self.stamp = stamp ?? tid
        self.aggressor = aggressor
        self.isMarketOrder = isMarketOrder
        self.isPrimary = isPrimary
        self.isMixed = isMixed
    }
}

extension MessageText {
    /// Appends a trade as the stream tells it: price and amount are numbers (section 12.2).
    package mutating func addTradePayload(_ trade: TradeView) {
        add("{\"type\":\"trade\",\"date\":")
        add(trade.stamp / 1_000_000)
        add(",\"amount\":")
        addTrimmed(trade.amount, trade.instrument.base.decimals)
        add(",\"price\":")
        addTrimmed(trade.price, trade.instrument.quote.decimals)
        add(",\"amount_int\":\"")
        add(trade.amount)
        add("\",\"price_int\":\"")
        add(trade.price)
        add("\",\"item\":\"")
        addCode(trade.instrument.base)
        add("\",\"price_currency\":\"")
        addCode(trade.instrument.quote)
        addSide(trade)
        add("\",\"tid\":\"")
        add(trade.tid)
        addEnd(trade)
    }

    /// Appends a trade as HTTP lists it: without `type`, price and amount as strings.
    package mutating func addListedTrade(_ trade: TradeView) {
        addListedHead(trade)
        addEnd(trade)
    }

    /// Appends trades, oldest first.
    package mutating func addListedTrades(_ trades: [TradeView]) {
        add("[")
        for (place, trade) in trades.enumerated() {
            if place > 0 { add(",") }
            addListedTrade(trade)
        }
        add("]")
    }

    /// Appends trades as version 0 lists them in 2013: without `primary` and `properties`.
    package mutating func addOldTrades(_ trades: [TradeView]) {
        add("[")
        for (place, trade) in trades.enumerated() {
            if place > 0 { add(",") }
            addListedHead(trade)
            add("\"}")
        }
        add("]")
    }

    /// Up to its side, as HTTP lists it in each version.
    private mutating func addListedHead(_ trade: TradeView) {
        add("{\"date\":")
        add(trade.stamp / 1_000_000)
        add(",\"price\":\"")
        addTrimmed(trade.price, trade.instrument.quote.decimals)
        add("\",\"amount\":\"")
        addTrimmed(trade.amount, trade.instrument.base.decimals)
        add("\",\"price_int\":\"")
        add(trade.price)
        add("\",\"amount_int\":\"")
        add(trade.amount)
        add("\",\"tid\":\"")
        add(trade.tid)
        add("\",\"price_currency\":\"")
        addCode(trade.instrument.quote)
        add("\",\"item\":\"")
        addCode(trade.instrument.base)
        addSide(trade)
    }

    private mutating func addSide(_ trade: TradeView) {
        add("\",\"trade_type\":\"")
        add(trade.aggressor == .buy ? "bid" : "ask")
    }

    private mutating func addEnd(_ trade: TradeView) {
        add(trade.isPrimary ? "\",\"primary\":\"Y" : "\",\"primary\":\"N")
        add(trade.isMarketOrder ? "\",\"properties\":\"market" : "\",\"properties\":\"limit")
        add(trade.isMixed ? ",mixed_currency\"}" : "\"}")
    }
}
