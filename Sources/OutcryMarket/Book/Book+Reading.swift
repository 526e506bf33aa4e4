extension Book {
    /// The highest bid.
    public var bestBid: BookLevel? { best(.bid) }

    /// The lowest ask.
    public var bestAsk: BookLevel? { best(.ask) }

    /// The best level of a side.
    public func best(_ side: Side) -> BookLevel? {
        store.count(side) == 0 ? nil : level(side, rank: 0)
    }

    /// The best price of a side in units of the quote, for hot paths.
    public func bestPriceUnits(_ side: Side) -> Int64? {
        guard store.count(side) != 0 else { return nil }
        return LevelStore.key(store.entry(side, rank: 0).key, side)
    }

    /// The level so many places behind the best, which is 0.
    ///
    /// - Precondition: `rank` is 0 or more, and below the side's count.
    public func level(_ side: Side, rank: Int) -> BookLevel {
        let entry = store.entry(side, rank: rank)
        return BookLevel(
            instrument, priceUnits: LevelStore.key(entry.key, side),
            quantityUnits: entry.quantity, stamp: entry.stamp)
    }

    /// The level at a price, or nil when nothing stands there.
    ///
    /// - Complexity: O(log d), d being the level's distance from the best.
    public func level(_ side: Side, at price: Price) -> BookLevel? {
        guard let exact = price.rescaled(to: instrument.quote.decimals) else { return nil }
        return level(side, priceUnits: exact.units)
    }

    /// The level at a price in units of the quote, or nil when nothing stands there.
    ///
    /// - Complexity: O(log d), d being the level's distance from the best.
    public func level(_ side: Side, priceUnits: Int64) -> BookLevel? {
        guard let entry = store.find(side, price: priceUnits)?.entry else { return nil }
        return BookLevel(
            instrument, priceUnits: priceUnits, quantityUnits: entry.quantity,
            stamp: entry.stamp)
    }

    /// The total that stands at a price; zero when nothing does.
    ///
    /// - Complexity: O(log d), d being the level's distance from the best.
    public func quantity(_ side: Side, at price: Price) -> Quantity {
        level(side, at: price)?.quantity ?? Quantity(units: 0, of: instrument.base)
    }

    /// How many levels of a side are better than the one at a price; nil when nothing stands there.
    public func rank(_ side: Side, priceUnits: Int64) -> Int? {
        store.find(side, price: priceUnits)?.rank
    }

    /// The middle between best bid and best ask, exact: with one decimal more than the instrument
    /// where it falls between two units. Nil while a side is empty.
    public var mid: Price? {
        guard let bid = bestPriceUnits(.bid), let ask = bestPriceUnits(.ask) else { return nil }
        let sum = Int128(bid) + Int128(ask)
        let scale = instrument.quote.decimals
        if sum & 1 == 0 { return Price(units: Int64(sum / 2), scale: scale) }
        guard scale < Price.maximumScale else { return .invalid }
        return Price(units: FixedPointMath.narrow(sum * 5), scale: scale + 1)
    }

    /// Best ask less best bid, negative when crossed. Nil while a side is empty.
    public var spread: Price? {
        guard let bid = bestBid, let ask = bestAsk else { return nil }
        return ask.price - bid.price
    }

    /// Whether the best bid is at or above the best ask.
    public var isCrossed: Bool {
        guard let bid = bestPriceUnits(.bid), let ask = bestPriceUnits(.ask) else { return false }
        return bid >= ask
    }

    /// The levels of a side from the best outwards, read live.
    public func levels(_ side: Side) -> BookLevels {
        BookLevels(book: self, side: side, fromBest: true)
    }

    /// The levels of a side by ascending price, read live.
    public func ascending(_ side: Side) -> BookLevels {
        BookLevels(book: self, side: side, fromBest: side == .ask)
    }
}

/// The levels of one side of a live book, in one of the two orders.
///
/// It reads the book as it is at each access. Changing the book while iterating over it is a
/// mistake; an index past the live count traps.
public struct BookLevels: RandomAccessCollection {
    let book: Book
    let side: Side
    let fromBest: Bool

    /// Always 0.
    public var startIndex: Int { 0 }

    /// The side's count.
    public var endIndex: Int { book.count(of: side) }

    /// The level at a place.
    ///
    /// - Precondition: the place is 0 or more, and below ``endIndex``.
    public subscript(position: Int) -> BookLevel {
        book.level(side, rank: fromBest ? position : endIndex - 1 - position)
    }
}
