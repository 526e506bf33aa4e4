import OutcryMarket

// The bodies of public HTTP calls (sections 5.1 and 12 of the protocol reference).

extension MessageText {
    /// The whole book, both sides ascending.
    mutating func addFullDepth(_ engine: MatchingEngine) {
        addSides(engine, 1...Int64.max)
        add("}")
    }

    /// The book within 10 % of the last price.
    mutating func addDepth(_ engine: MatchingEngine, last: Int64) {
        let low = last - last / 10
        let high = last + last / 10
        addSides(engine, min(low, high)...high)
        add(",\"filter_min_price\":")
        addPrice(low, isShort: true)
        add(",\"filter_max_price\":")
        addPrice(high, isShort: true)
        add("}")
    }

    /// Trades, oldest first.
    mutating func addTrades(_ trades: ArraySlice<EngineTrade>) {
        add("[")
        for (place, trade) in trades.enumerated() {
            if place > 0 { add(",") }
            addListedTrade(TradeView(trade, instrument))
        }
        add("]")
    }

    private mutating func addSides(_ engine: MatchingEngine, _ prices: ClosedRange<Int64>) {
        add("{\"asks\":[")
        addLevels(engine, .ask, prices)
        add("],\"bids\":[")
        addLevels(engine, .bid, prices)
        add("]")
    }

    private mutating func addLevels(
        _ engine: MatchingEngine, _ side: Side, _ prices: ClosedRange<Int64>
    ) {
        var isFirst = true
        engine.forEachLevel(side, ascending: true) { price, total, stamp in
            guard prices.contains(price) else { return }
            if !isFirst { add(",") }
            isFirst = false
            addLevel(LevelView(price: price, amount: total, stamp: stamp), instrument)
        }
    }
}
