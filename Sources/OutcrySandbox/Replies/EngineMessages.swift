import OutcryMarket
import OutcryServing
import OutcryVenues

// What the stream says of the engine's events.

extension MessageText {
    /// A change of depth.
    mutating func setDepth(_ change: EngineDepth) {
        setDepth(
            DepthChangeView(
                side: change.side == .ask ? .sell : .buy, price: change.price,
                delta: change.delta, total: change.total, stamp: change.stamp))
    }

    /// A trade.
    mutating func setTrade(_ trade: EngineTrade) { setTrade(TradeView(trade, instrument)) }

    /// A ticker.
    mutating func setTicker(_ ticker: MarketSummary) {
        setTicker(TickerView(ticker, instrument))
    }
}
