/// The order book of one instrument: the total that stands at each price, a side at a time.
///
/// A reference on purpose: handlers read it live, an event's payload holds the reference, and a
/// copy a change would be ruinous. It is therefore not `Sendable`; it belongs to the thread that
/// changes it. To keep a state, make a second book and ``copyLevels(from:)``.
///
/// Each side is one flat sorted array with the best level at the back, where changes cluster:
/// ``set(side:priceUnits:quantityUnits:stamp:)`` finds its place in O(log d) and moves d levels,
/// where d is the distance from the best. No allocation but when a side outgrows its memory.
public final class Book {
    /// What the book is of; its decimals are those of all units.
    public let instrument: Instrument
    let store: LevelStore

    /// Makes an empty book.
    ///
    /// - Parameter capacity: How many levels a side fit before memory is doubled; at least 1.
    public init(_ instrument: Instrument, capacity: Int = 256) {
        self.instrument = instrument
        store = LevelStore(capacity: capacity)
    }

    /// Sets the total at a price, whatever stood there before.
    ///
    /// A negative total or an invalid price (`Int64.min`) is refused: the edit says so, and the
    /// book is as it was. Stamps are stored, not compared.
    ///
    /// - Parameters:
    ///   - priceUnits: The price, in units of the quote.
    ///   - quantityUnits: The new total, in units of the base; zero removes the level.
    ///   - stamp: The venue's time in microseconds since 1970; 0 if not told.
    /// - Returns: What changed, and whether the best level of the side did.
    /// - Complexity: O(d), d being the level's distance from the best; O(log d) without an
    ///   insertion or removal.
    @discardableResult
    public func set(
        side: Side, priceUnits: Int64, quantityUnits: Int64, stamp: Int64 = 0
    ) -> BookEdit {
        if quantityUnits < 0 || priceUnits == .min {
            return BookEdit(.refused, atBest: false, previous: quantityUnits)
        }
        return store.set(side, price: priceUnits, quantity: quantityUnits, stamp: stamp)
    }

    /// Sets the total at a price, as ``set(side:priceUnits:quantityUnits:stamp:)``; the change's
    /// delta is ignored, since totals cannot drift.
    ///
    /// - Precondition: the change is of the book's instrument.
    @discardableResult
    public func set(_ change: DepthChange) -> BookEdit {
        precondition(
            change.instrument == instrument, "a book takes changes of its own instrument")
        return set(
            side: change.side, priceUnits: change.priceUnits,
            quantityUnits: change.quantityUnits, stamp: change.stamp)
    }

    /// Removes all levels; keeps the memory.
    public func removeAll() {
        removeAll(.bid)
        removeAll(.ask)
    }

    /// Removes all levels of a side; keeps the memory.
    public func removeAll(_ side: Side) {
        store.removeBest(store.count(side), side)
    }

    /// How many levels a side has.
    public func count(of side: Side) -> Int { store.count(side) }

    /// How many levels the book has.
    public var count: Int { store.count(.bid) + store.count(.ask) }

    /// Whether the book has no level.
    public var isEmpty: Bool { count == 0 }
}
