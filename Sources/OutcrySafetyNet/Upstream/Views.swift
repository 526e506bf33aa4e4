import OutcryMarket
import OutcryServing
import OutcryVenues

// What the link tells, as the views that texts are written from.

extension DepthChangeView {
    /// A change of the stream.
    init(_ change: DepthChange) {
        self.init(
            side: change.side == .ask ? .sell : .buy, price: change.priceUnits,
            delta: change.deltaUnits == .min ? change.quantityUnits : change.deltaUnits,
            total: change.quantityUnits, stamp: change.stamp)
    }
}

extension TradeView {
    /// A trade of the stream or of the history.
    init(_ trade: Trade) {
        self.init(
            instrument: trade.instrument, price: trade.priceUnits, amount: trade.quantityUnits,
            tid: trade.id, aggressor: trade.aggressor ?? .buy, isMarketOrder: trade.isMarketOrder,
            isPrimary: trade.isPrimary, isMixed: trade.isMixedCurrency, stamp: trade.stamp)
    }
}

extension TickerView {
    /// A ticker with all that a whole one tells; nil for a short one (`ticker_fast`).
    init?(_ ticker: MtGoxTicker) {
        let summary = ticker.summary
        guard let last = summary.last?.units, let buy = summary.bestBid?.units,
            let sell = summary.bestAsk?.units, let high = summary.high?.units,
            let low = summary.low?.units, let average = summary.average?.units,
            let vwap = summary.vwap?.units, let volume = summary.volume?.units
        else { return nil }
        self.init(
            instrument: summary.instrument, high: high, low: low, average: average, vwap: vwap,
            volume: volume, lastLocal: ticker.lastLocal?.units ?? last,
            lastOrigin: ticker.lastOriginal?.units ?? last,
            origin: ticker.lastOriginal?.currency ?? summary.instrument.quote,
            lastAll: ticker.lastAll?.units ?? last, last: last, buy: buy, sell: sell,
            now: summary.stamp)
    }
}
