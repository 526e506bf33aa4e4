/// The memory of a ``Book``: two ladders of levels, best at the back.
///
/// All unsafe memory of the module is in this file. The invariants:
///
/// 1. `ladders` points to two initialized `Ladder`s, `[0]` bids and `[1]` asks (`Side.rawValue`),
///    from `init` to `deinit`; nothing else knows the address.
/// 2. `entries` of a ladder points to memory for `capacity` entries, of which the first `count`
///    are initialized; `0 <= count <= capacity`, and `capacity > 0`. In front of it, at -64 to -1,
///    lie `window` sentinels whose key is `Int64.min`, below every other key: a search may start
///    64 places before the end of any ladder.
/// 3. The keys of a ladder ascend strictly. A bid's key is its price, an ask's its price negated,
///    so one code path serves both sides, and the best level of either is the last entry.
/// 4. Every total is positive; no price is `Int64.min`, so no key is. Callers keep this: `set` is
///    given checked numbers, `replace` checked and sorted ones.
/// 5. Every index from outside the file is checked against `count` before it is used.
@safe struct LevelStore: ~Copyable {
    /// One level as it lies in memory.
    struct Entry: BitwiseCopyable {
        var key: Int64
        var quantity: Int64
        var stamp: Int64
    }

    @unsafe private struct Ladder {
        var entries: UnsafeMutablePointer<Entry>
        var count: Int
        var capacity: Int
    }

    /// How many places a near search covers, and how many sentinels there are.
    private static var window: Int { 64 }

    private let ladders: UnsafeMutablePointer<Ladder>

    init(capacity: Int) {
        precondition(capacity > 0, "a book has room for at least one level a side")
        unsafe ladders = .allocate(capacity: 2)
        for side in 0..<2 {
            let entries = unsafe Self.allocate(capacity)
            let ladder = unsafe Ladder(entries: entries, count: 0, capacity: capacity)
            unsafe (ladders + side).initialize(to: ladder)
        }
    }

    deinit {
        for side in 0..<2 { unsafe (ladders[side].entries - Self.window).deallocate() }
        unsafe ladders.deallocate()
    }

    /// The key of a price, and the price of a key.
    @inline(__always) static func key(_ price: Int64, _ side: Side) -> Int64 {
        let mask = 0 &- Int64(side.rawValue)
        return (price ^ mask) &- mask
    }

    @inline(__always) func count(_ side: Side) -> Int {
        unsafe ladders[Int(side.rawValue)].count
    }

    /// The entry so many places behind the best.
    @inline(__always) func entry(_ side: Side, rank: Int) -> Entry {
        let ladder = unsafe ladders + Int(side.rawValue)
        let count = unsafe ladder.pointee.count
        precondition(rank >= 0 && rank < count, "a level's rank is below the side's count")
        return unsafe ladder.pointee.entries[count &- 1 &- rank]
    }

    /// Where a key is or belongs: the number of entries with smaller keys.
    ///
    /// Near the best, without a branch to predict wrongly: three rounds of three comparisons
    /// each narrow 64 places to one. The entry at `low` is always smaller, a sentinel at least.
    @inline(__always) private static func position(
        _ key: Int64, in entries: UnsafeMutablePointer<Entry>, count: Int
    ) -> Int {
        var low = count &- window
        guard unsafe entries[low].key < key else {
            return unsafe farPosition(key, in: entries, below: low)
        }
        unsafe low &+= smaller(key, entries + low, 16) &<< 4
        unsafe low &+= smaller(key, entries + low, 4) &<< 2
        unsafe low &+= smaller(key, entries + low, 1)
        return low &+ 1
    }

    /// How many of the three entries at one, two and three steps have smaller keys.
    @inline(__always) private static func smaller(
        _ key: Int64, _ entries: UnsafeMutablePointer<Entry>, _ step: Int
    ) -> Int {
        let first = unsafe entries[step].key < key ? 1 : 0
        let second = unsafe entries[step &* 2].key < key ? 1 : 0
        let third = unsafe entries[step &* 3].key < key ? 1 : 0
        return first &+ second &+ third
    }

    /// The position of a key that is not above the entry at `limit`: doubling steps, then halving.
    @inline(never) private static func farPosition(
        _ key: Int64, in entries: UnsafeMutablePointer<Entry>, below limit: Int
    ) -> Int {
        var high = limit
        var step = window
        while unsafe high &- step >= 0 && entries[high &- step].key >= key {
            high &-= step
            step &<<= 1
        }
        var low = max(high &- step, -1)
        while high &- low > 1 {
            let middle = (low &+ high) / 2
            if unsafe entries[middle].key < key { low = middle } else { high = middle }
        }
        return high
    }

    /// Sets the total at a price; zero removes the level.
    @inline(__always) func set(
        _ side: Side, price: Int64, quantity: Int64, stamp: Int64
    ) -> BookEdit {
        let ladder = unsafe ladders + Int(side.rawValue)
        let key = Self.key(price, side)
        let count = unsafe ladder.pointee.count
        let entries = unsafe ladder.pointee.entries
        let place = unsafe Self.position(key, in: entries, count: count)
        let behind = count &- place
        if unsafe behind != 0 && entries[place].key == key {
            let old = unsafe entries[place].quantity
            if quantity != 0 {
                unsafe entries[place].quantity = quantity
                unsafe entries[place].stamp = stamp
                return BookEdit(
                    old == quantity ? .nothing : .updated, atBest: behind == 1, previous: old)
            }
            unsafe (entries + place).update(from: entries + place + 1, count: behind &- 1)
            unsafe ladder.pointee.count = count &- 1
            return BookEdit(.removed, atBest: behind == 1, previous: old)
        }
        if quantity == 0 { return BookEdit(.nothing, atBest: false, previous: 0) }
        if unsafe count == ladder.pointee.capacity { unsafe Self.grow(ladder) }
        let target = unsafe ladder.pointee.entries + place
        unsafe (target + 1).update(from: target, count: behind)
        unsafe target.initialize(to: Entry(key: key, quantity: quantity, stamp: stamp))
        unsafe ladder.pointee.count = count &+ 1
        return BookEdit(.inserted, atBest: behind == 0, previous: 0)
    }

    /// The entry of a price, and how many levels are better.
    func find(_ side: Side, price: Int64) -> (entry: Entry, rank: Int)? {
        guard price != .min else { return nil }  // the sentinels' key
        let ladder = unsafe ladders[Int(side.rawValue)]
        let key = Self.key(price, side)
        let place = unsafe Self.position(key, in: ladder.entries, count: ladder.count)
        guard unsafe place < ladder.count, unsafe ladder.entries[place].key == key else {
            return nil
        }
        return unsafe (ladder.entries[place], ladder.count - 1 - place)
    }

    /// Drops the best `number` levels of a side.
    func removeBest(_ number: Int, _ side: Side) {
        let count = count(side)
        precondition(number >= 0 && number <= count, "no more levels are removed than there are")
        unsafe ladders[Int(side.rawValue)].count = count - number
    }

    /// Replaces a side by entries whose keys ascend strictly.
    func replace(_ side: Side, with sorted: [Entry]) {
        let ladder = unsafe ladders + Int(side.rawValue)
        unsafe ladder.pointee.count = 0
        while unsafe ladder.pointee.capacity < sorted.count { unsafe Self.grow(ladder) }
        for index in sorted.indices {
            unsafe (ladder.pointee.entries + index).initialize(to: sorted[index])
        }
        unsafe ladder.pointee.count = sorted.count
    }

    /// Memory for so many entries, behind its sentinels.
    private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<Entry> {
        let memory = UnsafeMutablePointer<Entry>.allocate(capacity: capacity + window)
        unsafe memory.initialize(
            repeating: Entry(key: .min, quantity: 0, stamp: 0), count: window)
        return unsafe memory + window
    }

    /// Doubles a ladder's memory.
    @inline(never) private static func grow(_ ladder: UnsafeMutablePointer<Ladder>) {
        let old = unsafe ladder.pointee
        let entries = unsafe allocate(old.capacity * 2)
        unsafe entries.initialize(from: old.entries, count: old.count)
        unsafe (old.entries - window).deallocate()
        unsafe ladder.pointee = Ladder(
            entries: entries, count: old.count, capacity: old.capacity * 2)
    }
}
