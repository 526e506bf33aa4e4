import OutcryMarket

// What the engine holds, as the views that public replies are written from.

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

    /// What an amount would cost or bring at the market now, in units of the quote, the nearest one;
    /// nil where the book does not hold so much, or the sum does not fit.
    func quote(_ side: OrderSide, units: Int64) -> Int64? {
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

extension TradeView {
    /// A trade of the engine's.
    init(_ trade: EngineTrade, _ instrument: Instrument) {
        self.init(
            instrument: instrument, price: trade.price, amount: trade.amount, tid: trade.id,
            aggressor: trade.aggressor, isMarketOrder: trade.isMarketOrder)
    }
}
