package import OutcryMarket

// What the stream says, in the form of April 2013 (with `channel_name`, without `stamp`), keys in
// the order of the recordings.

/// A change of one level of a book, as the stream tells it.
package struct DepthChangeView: Hashable, Sendable {
    /// A bid's or an ask's.
    package var side: OrderSide
    /// Units of the quote.
    package var price: Int64
    /// By how much the level changed, units of the base.
    package var delta: Int64
    /// What the level holds now, units of the base.
    package var total: Int64
    /// Microseconds since 1970.
    package var stamp: Int64

    package init(side: OrderSide, price: Int64, delta: Int64, total: Int64, stamp: Int64) {
        (self.side, self.price, self.delta) = (side, price, delta)
        (self.total, self.stamp) = (total, stamp)
    }
}

extension MessageText {
    private static let tradeHead = head(of: .trades, "trade")
    private static let lagHead = head(of: .lag, "lag")

    /// How every message of a channel begins; its payload and `}` follow.
    package static func head(of channel: PublicChannel, _ kind: String) -> [UInt8] {
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
    package mutating func setDepth(_ change: DepthChangeView) {
        begin(depthHead)
        add("{\"price\":\"")
        addTrimmed(change.price, instrument.quote.decimals)
        add("\",\"type\":")
        add(change.side == .sell ? "1,\"type_str\":\"ask" : "2,\"type_str\":\"bid")
        add("\",\"volume\":\"")
        addTrimmed(change.delta, instrument.base.decimals)
        add("\",\"price_int\":\"")
        add(change.price)
        add("\",\"volume_int\":\"")
        add(change.delta)
        add("\",\"item\":\"")
        addCode(instrument.base)
        add("\",\"currency\":\"")
        addCode(instrument.quote)
        add("\",\"now\":\"")
        add(change.stamp)
        add("\",\"total_volume_int\":\"")
        add(change.total)
        add("\"}}")
    }

    /// A trade (section 12.2).
    package mutating func setTrade(_ trade: TradeView) {
        begin(Self.tradeHead)
        addTradePayload(trade)
        add("}")
    }

    /// A ticker (section 12.1).
    package mutating func setTicker(_ ticker: TickerView) {
        begin(tickerHead)
        addTicker(ticker, isShort: false)
        add("}")
    }

    /// The engine's lag (section 12.5).
    package mutating func setLag(queue: String, stamp: Int64, age: Int64) {
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
    package mutating func setSubscribed(_ channel: PublicChannel) {
        clear()
        add("{\"op\":\"subscribe\",\"channel\":\"")
        add(Array(channel.guid.utf8))
        add("\"}")
    }
}
