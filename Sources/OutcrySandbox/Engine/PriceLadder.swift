/// What stands at one price: the queue of its orders and their sum.
struct LadderLevel {
    /// The price for asks, its opposite for bids: the best level has the smallest key.
    let key: Int64
    var total: Int64 = 0
    /// When the total changed last.
    var stamp: Int64 = 0
    /// The orders that rest here.
    var queue = OrderQueue()

    // The neighbours in price order, and the place in the tree.
    var better = Slot.none
    var worse = Slot.none
    var left = Slot.none
    var right = Slot.none
    var weight: UInt64
}

/// A place in an array that is used as memory.
typealias Slot = Int32

extension Slot {
    /// No place.
    static var none: Slot { -1 }
}

/// One side of the engine's book: price levels in a treap, chained in price order.
///
/// The best and the next better or worse level are at hand; finding, adding and removing a level
/// takes O(log n) expected. The weights come from a counter, so that the same commands build the
/// same tree everywhere. Levels lie in one array and are used again; nothing is allocated once it
/// has grown.
final class PriceLadder {
    @safe @exclusivity(unchecked) private var levels = Slab<LadderLevel>()
    @safe @exclusivity(unchecked) private var freeSlots: [Slot] = []
    @safe @exclusivity(unchecked) private var root = Slot.none
    @safe @exclusivity(unchecked) private var made: UInt64 = 0
    @safe @exclusivity(unchecked) private(set) var best = Slot.none
    @safe @exclusivity(unchecked) private(set) var worst = Slot.none
    @safe @exclusivity(unchecked) private(set) var count = 0

    /// A level; O(1).
    subscript(slot: Slot) -> LadderLevel {
        @inline(__always) _read { yield levels[slot] }
        @inline(__always) _modify { yield &levels[slot] }
    }

    /// The level with this key, if there is one.
    func find(_ key: Int64) -> Slot? {
        var at = root
        while at != .none {
            let found = self[at].key
            if key == found { return at }
            at = key < found ? self[at].left : self[at].right
        }
        return nil
    }

    /// The level with this key, made where there was none.
    func findOrMake(_ key: Int64) -> Slot {
        var at = root
        var better = Slot.none
        var worse = Slot.none
        while at != .none {
            let found = self[at].key
            if key == found { return at }
            if key < found {
                worse = at
                at = self[at].left
            } else {
                better = at
                at = self[at].right
            }
        }
        let fresh = make(key)
        self[fresh].better = better
        self[fresh].worse = worse
        if better == .none { best = fresh } else { self[better].worse = fresh }
        if worse == .none { worst = fresh } else { self[worse].better = fresh }
        plant(fresh)
        return fresh
    }

    /// Takes a level out.
    func remove(_ slot: Slot) {
        let level = self[slot]
        if level.better == .none {
            best = level.worse
        } else {
            self[level.better].worse = level.worse
        }
        if level.worse == .none {
            worst = level.better
        } else {
            self[level.worse].better = level.better
        }
        uproot(slot)
        freeSlots.append(slot)
        count -= 1
    }

    private func make(_ key: Int64) -> Slot {
        made += 1
        count += 1
        let level = LadderLevel(key: key, weight: Self.mixed(made))
        if let slot = freeSlots.popLast() {
            self[slot] = level
            return slot
        }
        return levels.append(level)
    }

    // MARK: The tree: keys in order from left to right, weights falling from the root down.

    private func plant(_ fresh: Slot) {
        let (key, weight) = (self[fresh].key, self[fresh].weight)
        var parent = Slot.none
        var at = root
        while at != .none, self[at].weight >= weight {
            parent = at
            at = key < self[at].key ? self[at].left : self[at].right
        }
        let (less, more) = split(at, key)
        self[fresh].left = less
        self[fresh].right = more
        attach(fresh, key, to: parent)
    }

    private func uproot(_ slot: Slot) {
        let key = self[slot].key
        var parent = Slot.none
        var at = root
        while at != slot {
            parent = at
            at = key < self[at].key ? self[at].left : self[at].right
        }
        attach(join(self[slot].left, self[slot].right), key, to: parent)
    }

    private func attach(_ slot: Slot, _ key: Int64, to parent: Slot) {
        if parent == .none {
            root = slot
        } else if key < self[parent].key {
            self[parent].left = slot
        } else {
            self[parent].right = slot
        }
    }

    private func split(_ at: Slot, _ key: Int64) -> (less: Slot, more: Slot) {
        guard at != .none else { return (.none, .none) }
        if key < self[at].key {
            let (less, more) = split(self[at].left, key)
            self[at].left = more
            return (less, at)
        }
        let (less, more) = split(self[at].right, key)
        self[at].right = less
        return (at, more)
    }

    private func join(_ less: Slot, _ more: Slot) -> Slot {
        if less == .none { return more }
        if more == .none { return less }
        if self[less].weight >= self[more].weight {
            self[less].right = join(self[less].right, more)
            return less
        }
        self[more].left = join(less, self[more].left)
        return more
    }

    /// SplitMix64's finish: every bit of the weight depends on every bit of the counter.
    private static func mixed(_ counter: UInt64) -> UInt64 {
        var z = counter &* 0x9e37_79b9_7f4a_7c15
        z = (z ^ (z &>> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z &>> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z &>> 31)
    }
}
