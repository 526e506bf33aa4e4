/// The slow, honest twin of ``Book``: every answer is computed the plain way from sorted arrays.
///
/// It exists to be read and believed. One property suite runs both and compares every answer; a
/// simulation can do the same beside a live book. It is a value, and everything is O(n).
public struct NaiveBook: Sendable {
    /// What the book is of.
    public let instrument: Instrument
    /// The bids by ascending price.
    public private(set) var bids: [BookLevel] = []
    /// The asks by ascending price.
    public private(set) var asks: [BookLevel] = []

    /// Makes an empty book.
    public init(_ instrument: Instrument) {
        self.instrument = instrument
    }

    /// The levels of a side by ascending price.
    public func ascending(_ side: Side) -> [BookLevel] { side == .bid ? bids : asks }

    /// The levels of a side from the best outwards.
    public func levels(_ side: Side) -> [BookLevel] {
        side == .bid ? Array(bids.reversed()) : asks
    }

    /// The best level of a side.
    public func best(_ side: Side) -> BookLevel? { side == .bid ? bids.last : asks.first }

    /// The highest bid.
    public var bestBid: BookLevel? { best(.bid) }

    /// The lowest ask.
    public var bestAsk: BookLevel? { best(.ask) }

    /// Sets the total at a price; as ``Book/set(side:priceUnits:quantityUnits:stamp:)``.
    @discardableResult
    public mutating func set(
        side: Side, priceUnits: Int64, quantityUnits: Int64, stamp: Int64 = 0
    ) -> BookEdit {
        let new = BookLevel(
            instrument, priceUnits: priceUnits, quantityUnits: quantityUnits, stamp: stamp)
        guard new.price.isValid, quantityUnits >= 0 else {
            return BookEdit(.refused, atBest: false, previous: quantityUnits)
        }
        let bestBefore = best(side)
        var kept = ascending(side)
        let old = kept.first { $0.price == new.price }
        kept.removeAll { $0.price == new.price }
        if quantityUnits > 0 {
            kept.append(new)
            kept.sort { $0.price < $1.price }
        }
        if side == .bid { bids = kept } else { asks = kept }
        let isBest = new.price == bestBefore?.price || new.price == best(side)?.price
        let kind: BookEdit.Kind =
            if old == nil {
                quantityUnits > 0 ? .inserted : .nothing
            } else if quantityUnits == 0 {
                .removed
            } else {
                old?.quantity == new.quantity ? .nothing : .updated
            }
        return BookEdit(kind, atBest: isBest, previous: old?.quantity.units ?? 0)
    }

    /// Removes all levels.
    public mutating func removeAll() {
        bids = []
        asks = []
    }

    /// Replaces the whole book by levels in any order, one after the other; as
    /// ``Book/load(bids:asks:)``, for levels that the book does not refuse.
    public mutating func load(bids: [BookLevel], asks: [BookLevel]) {
        removeAll()
        for (side, levels) in [(Side.bid, bids), (Side.ask, asks)] {
            for level in levels {
                set(
                    side: side, priceUnits: level.price.units,
                    quantityUnits: level.quantity.units, stamp: level.stamp)
            }
        }
    }

    /// Drops the levels of the other side that a newer level crosses; returns them, best first.
    @discardableResult
    public mutating func removeCrossed(by side: Side, priceUnits: Int64) -> [BookLevel] {
        let price = Price(units: priceUnits, of: instrument.quote)
        if side == .bid {
            let dropped = asks.filter { $0.price <= price }
            asks.removeAll { $0.price <= price }
            return dropped
        }
        let dropped = bids.filter { $0.price >= price }
        bids.removeAll { $0.price >= price }
        return dropped.reversed()
    }
}
