import OutcryMarket

// What the stream says, in the form of April 2013 (with `channel_name`, without `stamp`), keys in
// the order of the recordings.

extension MessageText {
    private static let depthHead = head(of: .depth, "depth")
    private static let tradeHead = head(of: .trades, "trade")
    private static let tickerHead = head(of: .ticker, "ticker")
    private static let lagHead = head(of: .lag, "lag")

    /// How every message of a channel begins; its payload and `}` follow.
    private static func head(of channel: PublicChannel, _ kind: String) -> [UInt8] {
        let text =
            "{\"channel\":\"\(channel.guid)\",\"channel_name\":\"\(channel.name)\","
            + "\"op\":\"private\",\"origin\":\"broadcast\",\"private\":\"\(kind)\",\"\(kind)\":"
        return Array(text.utf8)
    }

    private mutating func begin(_ head: [UInt8]) {
        clear()
        add(head)
    }

    /// A change of depth (section 12.3).
    mutating func setDepth(_ change: EngineDepth) {
        begin(Self.depthHead)
        add("{\"price\":\"")
        addTrimmed(change.price, instrument.quote.decimals)
        add("\",\"type\":")
        add(change.side == .ask ? "1,\"type_str\":\"ask" : "2,\"type_str\":\"bid")
        add("\",\"volume\":\"")
        addTrimmed(change.delta, instrument.base.decimals)
        add("\",\"price_int\":\"")
        add(change.price)
        add("\",\"volume_int\":\"")
        add(change.delta)
        add("\",\"item\":\"")
        add(item)
        add("\",\"currency\":\"")
        add(currency)
        add("\",\"now\":\"")
        add(change.stamp)
        add("\",\"total_volume_int\":\"")
        add(change.total)
        add("\"}}")
    }

    /// A trade (section 12.2).
    mutating func setTrade(_ trade: EngineTrade) {
        begin(Self.tradeHead)
        add("{\"type\":\"trade\",\"date\":")
        add(trade.stamp / 1_000_000)
        add(",\"amount\":")
        addTrimmed(trade.amount, instrument.base.decimals)
        add(",\"price\":")
        addTrimmed(trade.price, instrument.quote.decimals)
        add(",\"amount_int\":\"")
        add(trade.amount)
        add("\",\"price_int\":\"")
        add(trade.price)
        add("\",\"item\":\"")
        add(item)
        add("\",\"price_currency\":\"")
        add(currency)
        addSide(trade)
        add("\",\"tid\":\"")
        add(trade.id)
        addTradeEnd(trade)
        add("}")
    }

    /// A trade as HTTP lists it: without `type`, price and amount as strings.
    mutating func addListedTrade(_ trade: EngineTrade) {
        add("{\"date\":")
        add(trade.stamp / 1_000_000)
        add(",\"price\":\"")
        addTrimmed(trade.price, instrument.quote.decimals)
        add("\",\"amount\":\"")
        addTrimmed(trade.amount, instrument.base.decimals)
        add("\",\"price_int\":\"")
        add(trade.price)
        add("\",\"amount_int\":\"")
        add(trade.amount)
        add("\",\"tid\":\"")
        add(trade.id)
        add("\",\"price_currency\":\"")
        add(currency)
        add("\",\"item\":\"")
        add(item)
        addSide(trade)
        addTradeEnd(trade)
    }

    private mutating func addSide(_ trade: EngineTrade) {
        add("\",\"trade_type\":\"")
        add(trade.aggressor == .buy ? "bid" : "ask")
    }

    private mutating func addTradeEnd(_ trade: EngineTrade) {
        add("\",\"primary\":\"Y\",\"properties\":\"")
        add(trade.isMarketOrder ? "market" : "limit")
        add("\"}")
    }

    /// A ticker (section 12.1).
    mutating func setTicker(_ ticker: MarketSummary) {
        begin(Self.tickerHead)
        addTicker(ticker, isShort: false)
        add("}")
    }

    /// A ticker's payload: HTTP shortens what is for people, and says nothing of the item.
    mutating func addTicker(_ ticker: MarketSummary, isShort: Bool) {
        add("{\"high\":")
        addPrice(ticker.high, isShort: isShort)
        add(",\"low\":")
        addPrice(ticker.low, isShort: isShort)
        add(",\"avg\":")
        addPrice(ticker.average, isShort: isShort)
        add(",\"vwap\":")
        addPrice(ticker.vwap, isShort: isShort)
        add(",\"vol\":")
        addAmount(ticker.volume, isShort: isShort)
        add(",\"last_local\":")
        addPrice(ticker.last, isShort: isShort)
        add(",\"last_orig\":")
        addPrice(ticker.last, isShort: isShort)
        add(",\"last_all\":")
        addPrice(ticker.last, isShort: isShort)
        add(",\"last\":")
        addPrice(ticker.last, isShort: isShort)
        add(",\"buy\":")
        addPrice(ticker.bestBid, isShort: isShort)
        add(",\"sell\":")
        addPrice(ticker.bestAsk, isShort: isShort)
        if !isShort {
            add(",\"item\":\"")
            add(item)
            add("\"")
        }
        add(",\"now\":\"")
        add(ticker.stamp)
        add("\"}")
    }

    /// The engine's lag (section 12.5).
    mutating func setLag(queue: String, stamp: Int64, age: Int64) {
        begin(Self.lagHead)
        add("{\"qid\":\"")
        add(Array(queue.utf8))
        add("\",\"stamp\":\"")
        add(stamp)
        add("\",\"age\":")
        add(age)
        add("}}")
    }

    /// The confirmation of a subscription.
    mutating func setSubscribed(_ channel: PublicChannel) {
        clear()
        add("{\"op\":\"subscribe\",\"channel\":\"")
        add(Array(channel.guid.utf8))
        add("\"}")
    }
}
