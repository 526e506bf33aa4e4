import OutcryMarket

// What the stream says, in the form of April 2013 (with `channel_name`, without `stamp`), keys in
// the order of the recordings.

extension MessageText {
    /// Begins a message of a channel; its payload and `}` follow.
    private mutating func begin(_ channel: PublicChannel, _ kind: String) {
        clear()
        add("{\"channel\":\"")
        add(channel.guid)
        add("\",\"channel_name\":\"")
        add(channel.name)
        add("\",\"op\":\"private\",\"origin\":\"broadcast\",\"private\":\"")
        add(kind)
        add("\",\"")
        add(kind)
        add("\":")
    }

    /// A change of depth (section 12.3).
    mutating func setDepth(_ change: EngineDepth, _ instrument: Instrument) {
        begin(.depth, "depth")
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
        add(instrument.base.code)
        add("\",\"currency\":\"")
        add(instrument.quote.code)
        add("\",\"now\":\"")
        add(change.stamp)
        add("\",\"total_volume_int\":\"")
        add(change.total)
        add("\"}}")
    }

    /// A trade (section 12.2).
    mutating func setTrade(_ trade: EngineTrade, _ instrument: Instrument) {
        begin(.trades, "trade")
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
        add(instrument.base.code)
        add("\",\"price_currency\":\"")
        add(instrument.quote.code)
        addSide(trade)
        add("\",\"tid\":\"")
        add(trade.id)
        addTradeEnd(trade)
        add("}")
    }

    /// A trade as HTTP lists it: without `type`, price and amount as strings.
    mutating func addListedTrade(_ trade: EngineTrade, _ instrument: Instrument) {
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
        add(instrument.quote.code)
        add("\",\"item\":\"")
        add(instrument.base.code)
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
    mutating func setTicker(_ ticker: MarketSummary, _ instrument: Instrument) {
        begin(.ticker, "ticker")
        addTicker(ticker, instrument, isShort: false)
        add("}")
    }

    /// A ticker's payload: HTTP shortens what is for people, and says nothing of the item.
    mutating func addTicker(_ ticker: MarketSummary, _ instrument: Instrument, isShort: Bool) {
        var isFirst = true
        func money(_ text: inout MessageText, _ key: String, _ units: Int64, _ currency: Currency) {
            text.add(isFirst ? "{\"" : ",\"")
            isFirst = false
            text.add(key)
            text.add("\":")
            text.addMoney(units, currency, isShort: isShort)
        }
        money(&self, "high", ticker.high, instrument.quote)
        money(&self, "low", ticker.low, instrument.quote)
        money(&self, "avg", ticker.average, instrument.quote)
        money(&self, "vwap", ticker.vwap, instrument.quote)
        money(&self, "vol", ticker.volume, instrument.base)
        money(&self, "last_local", ticker.last, instrument.quote)
        money(&self, "last_orig", ticker.last, instrument.quote)
        money(&self, "last_all", ticker.last, instrument.quote)
        money(&self, "last", ticker.last, instrument.quote)
        money(&self, "buy", ticker.bestBid, instrument.quote)
        money(&self, "sell", ticker.bestAsk, instrument.quote)
        if !isShort {
            add(",\"item\":\"")
            add(instrument.base.code)
            add("\"")
        }
        add(",\"now\":\"")
        add(ticker.stamp)
        add("\"}")
    }

    /// The engine's lag (section 12.5).
    mutating func setLag(queue: String, stamp: Int64, age: Int64) {
        begin(.lag, "lag")
        add("{\"qid\":\"")
        add(queue)
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
        add(channel.guid)
        add("\"}")
    }
}
