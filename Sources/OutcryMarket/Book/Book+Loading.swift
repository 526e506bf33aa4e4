extension Book {
    /// Replaces the whole book by levels in any order.
    ///
    /// The result is that of ``set(side:priceUnits:quantityUnits:stamp:)`` for each level in turn
    /// on an empty book: a price given twice keeps the last, and a total of zero is no level.
    ///
    /// - Throws: ``MarketError/negativeTotal(found:index:)``, ``MarketError/invalidPrice(index:)``
    ///   or ``MarketError/finerThanUnit(decimals:found:index:)``, with the level's place in its
    ///   sequence; the book is then as it was.
    /// - Complexity: O(n log n); allocates.
    public func load(
        bids: some Sequence<BookLevel>, asks: some Sequence<BookLevel>
    ) throws(MarketError) {
        let bids = try entries(bids, .bid)
        let asks = try entries(asks, .ask)
        store.replace(.bid, with: bids)
        store.replace(.ask, with: asks)
    }

    /// Replaces the whole book by the levels of another one, stamps included.
    ///
    /// - Precondition: both books are of the same instrument.
    public func copyLevels(from other: Book) {
        precondition(
            other.instrument == instrument, "a book takes levels of its own instrument")
        for side in Side.allCases {
            let count = other.store.count(side)
            let sorted = (0..<count).map { other.store.entry(side, rank: count - 1 - $0) }
            store.replace(side, with: sorted)
        }
    }

    /// Checks, sorts and thins levels into what the store takes.
    private func entries(
        _ levels: some Sequence<BookLevel>, _ side: Side
    ) throws(MarketError) -> [LevelStore.Entry] {
        var entries: [LevelStore.Entry] = []
        entries.reserveCapacity(levels.underestimatedCount)
        var index = 0
        for level in levels {
            guard level.price.isValid else { throw .invalidPrice(index: index) }
            let price = try units(level.price, instrument.quote, index)
            let quantity = try units(level.quantity, instrument.base, index)
            guard quantity >= 0 else { throw .negativeTotal(found: quantity, index: index) }
            entries.append(
                LevelStore.Entry(
                    key: LevelStore.key(price, side), quantity: quantity, stamp: level.stamp))
            index += 1
        }
        entries.sort { $0.key < $1.key }  // stable: of equal keys the last given stays last
        var kept = 0
        for index in entries.indices {
            let isLast = index + 1 == entries.count || entries[index + 1].key != entries[index].key
            guard isLast, entries[index].quantity != 0 else { continue }
            entries[kept] = entries[index]
            kept += 1
        }
        entries.removeSubrange(kept...)
        return entries
    }

    private func units(
        _ value: some FixedPoint, _ currency: Currency, _ index: Int
    ) throws(MarketError) -> Int64 {
        if value.scale == currency.decimals { return value.units }
        guard let exact = value.rescaled(to: currency.decimals) else {
            throw .finerThanUnit(
                decimals: currency.decimals, found: value.scale, index: index)
        }
        return exact.units
    }
}
