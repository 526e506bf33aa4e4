import OutcryMarket
import OutcryVenues

/// A trade as the venue tells it.
struct TradeView: Hashable, Sendable {
    var instrument: Instrument
    /// Units of the quote.
    var price: Int64
    /// Units of the base.
    var amount: Int64
    /// Its number: microseconds since 1970.
    var tid: Int64
    /// What the order that took did.
    var aggressor: OrderSide
    /// Whether that order had no limit.
    var isMarketOrder: Bool
    /// Whether it is told in the buyer's currency; false for a converted copy.
    var isPrimary = true
    /// Whether the two orders were in two currencies.
    var isMixed = false
}

extension MessageText {
    /// Appends a trade as the stream tells it: price and amount are numbers (section 12.2).
    mutating func addTradePayload(_ trade: TradeView) {
        add("{\"type\":\"trade\",\"date\":")
        add(trade.tid / 1_000_000)
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
    mutating func addListedTrade(_ trade: TradeView) {
        addTradeHead(trade)
        add(",\"price_currency\":\"")
        addCode(trade.instrument.quote)
        add("\",\"item\":\"")
        addCode(trade.instrument.base)
        addSide(trade)
        addEnd(trade)
    }

    /// Appends trades, oldest first.
    mutating func addListedTrades(_ trades: [TradeView]) {
        add("[")
        for (place, trade) in trades.enumerated() {
            if place > 0 { add(",") }
            addListedTrade(trade)
        }
        add("]")
    }

    /// Appends trades as version 0 lists them in 2013: without `primary` and `properties`.
    mutating func addOldTrades(_ trades: [TradeView]) {
        add("[")
        for (place, trade) in trades.enumerated() {
            if place > 0 { add(",") }
            addTradeHead(trade)
            add(",\"price_currency\":\"")
            addCode(trade.instrument.quote)
            add("\",\"item\":\"")
            addCode(trade.instrument.base)
            addSide(trade)
            add("\"}")
        }
        add("]")
    }

    private mutating func addTradeHead(_ trade: TradeView) {
        add("{\"date\":")
        add(trade.tid / 1_000_000)
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
        add("\"")
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
