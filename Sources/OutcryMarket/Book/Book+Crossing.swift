extension Book {
    /// Drops the asks that a newer bid crosses: those at or below its price.
    ///
    /// - Returns: What was dropped, best first; empty, without allocating, when nothing crosses.
    @discardableResult
    public func removeCrossed(byBid price: Price) -> [BookLevel] {
        removeBest(.ask) { $0 <= price }
    }

    /// Drops the bids that a newer ask crosses: those at or above its price.
    ///
    /// - Returns: What was dropped, best first; empty, without allocating, when nothing crosses.
    @discardableResult
    public func removeCrossed(byAsk price: Price) -> [BookLevel] {
        removeBest(.bid) { $0 >= price }
    }

    /// Drops the levels of the other side that a newer level, in units of the quote, crosses.
    ///
    /// - Parameter side: The side of the newer level.
    /// - Returns: What was dropped, best first; empty, without allocating, when nothing crosses.
    @discardableResult
    public func removeCrossed(by side: Side, priceUnits: Int64) -> [BookLevel] {
        let price = Price(units: priceUnits, of: instrument.quote)
        return side == .bid ? removeCrossed(byBid: price) : removeCrossed(byAsk: price)
    }

    private func removeBest(_ side: Side, while crosses: (Price) -> Bool) -> [BookLevel] {
        var dropped: [BookLevel] = []
        while dropped.count < count(of: side) {
            let level = level(side, rank: dropped.count)
            guard crosses(level.price) else { break }
            dropped.append(level)
        }
        store.removeBest(dropped.count, side)
        return dropped
    }
}
