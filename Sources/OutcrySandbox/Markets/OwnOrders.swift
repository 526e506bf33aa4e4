/// The orders of one side that a market has put in and that rest, in the order in which they would trade.
///
/// An order without an account never shrinks for lack of money: it goes when its market takes it back, which
/// is told here, or when it is traded, which happens to the first of them. So those that are no more stand
/// before all others, and both ends are found in O(1), however many orders of people stand between them; a
/// new one takes its place in O(n) of the market's own.
struct OwnOrders {
    private struct Entry {
        /// As in the engine's ladder: the best price has the smallest.
        let key: Int64
        let number: OrderNumber
    }

    /// The last that would trade comes first, so that the first is taken away at no cost.
    private var entries: [Entry] = []
    /// How many different prices they have.
    private var levels = 0

    /// Notes a new order that rests.
    mutating func add(_ number: OrderNumber, key: Int64) {
        // It stands behind those of its price, so before them here.
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].key > key { low = middle + 1 } else { high = middle }
        }
        if low == entries.count || entries[low].key != key { levels += 1 }
        entries.insert(Entry(key: key, number: number), at: low)
    }

    /// The one that would be traded next; nil when none rests.
    mutating func first(_ engine: MatchingEngine) -> EngineOrder? {
        prune(engine)
        return entries.last.flatMap { engine.order($0.number) }
    }

    /// The one that would be traded last; nil when none rests.
    mutating func last(_ engine: MatchingEngine) -> EngineOrder? {
        prune(engine)
        return entries.first.flatMap { engine.order($0.number) }
    }

    /// How many prices have one.
    mutating func levelCount(_ engine: MatchingEngine) -> Int {
        prune(engine)
        return levels
    }

    /// Forgets the one that would be traded next.
    mutating func removeFirst() {
        let gone = entries.removeLast()
        if entries.last?.key != gone.key { levels -= 1 }
    }

    /// Forgets the one that would be traded last.
    mutating func removeLast() {
        let gone = entries.removeFirst()
        if entries.first?.key != gone.key { levels -= 1 }
    }

    private mutating func prune(_ engine: MatchingEngine) {
        while let next = entries.last, !engine.isOpen(next.number) { removeFirst() }
    }
}
