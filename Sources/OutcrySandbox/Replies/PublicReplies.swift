import OutcryMarket
import OutcryServing

// What the engine holds, as the views that public replies are written from.

extension TickerView {
    /// The summary of a market that only knows its own trades.
    init(_ summary: MarketSummary, _ instrument: Instrument) {
        self.init(
            instrument: instrument, high: summary.high, low: summary.low,
            average: summary.average, vwap: summary.vwap, volume: summary.volume,
            lastLocal: summary.last, lastOrigin: summary.last, origin: instrument.quote,
            lastAll: summary.last, last: summary.last, buy: summary.bestBid,
            sell: summary.bestAsk, now: summary.stamp)
    }
}

extension DepthView {
    /// The whole book, both sides ascending.
    init(_ engine: MatchingEngine, _ book: BookNumber) {
        self.init(engine, book, within: 1...Int64.max)
    }

    /// The book within 10 % of the last price.
    init(_ engine: MatchingEngine, _ book: BookNumber, near last: Int64) {
        let low = last - last / 10
        let (sum, over) = last.addingReportingOverflow(last / 10)
        let high = over ? .max : sum
        self.init(engine, book, within: min(low, high)...high)
        filter = min(low, high)...high
    }

    private init(
        _ engine: MatchingEngine, _ book: BookNumber, within prices: ClosedRange<Int64>
    ) {
        func levels(_ side: Side) -> [LevelView] {
            var levels: [LevelView] = []
            engine.forEachLevel(side, in: book, ascending: true) { price, total, stamp in
                guard prices.contains(price) else { return }
                levels.append(LevelView(price: price, amount: total, stamp: stamp))
            }
            return levels
        }
        self.init(
            instrument: engine.instruments[Int(book.value)], asks: levels(.ask),
            bids: levels(.bid))
    }
}

extension TradeView {
    /// A trade of the engine's.
    init(_ trade: EngineTrade, _ instrument: Instrument) {
        self.init(
            instrument: instrument, price: trade.price, amount: trade.amount, tid: trade.id,
            aggressor: trade.aggressor, isMarketOrder: trade.isMarketOrder)
    }
}
