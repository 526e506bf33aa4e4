/// The totals of one side of a book, by price, in one flat table with open addressing.
struct MidChainsLevelTable {
    struct Slot: BitwiseCopyable {
        /// 0: the place is free.
        var price: Int64 = 0
        /// The sum of the entries there.
        var total: Int64 = 0
        /// What the sum was when it was told last.
        var told: Int64 = 0
        /// When it changed last.
        var stamp: Int64 = 0
    }

    private(set) var count = 0
    var slots: [Slot]
    private var mask: Int

    /// - Parameter capacity: So many prices fit before it grows.
    init(capacity: Int = 512) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = Array(repeating: Slot(), count: size)
        mask = size - 1
    }

    @inline(__always)
    private func home(_ price: Int64) -> Int {
        let mixed = UInt64(bitPattern: price) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed >> 32) & mask
    }

    /// The place of a price, made where it was not there.
    ///
    /// - Precondition: prices are above zero.
    @inline(__always)
    mutating func place(of price: Int64) -> Int {
        var place = home(price)
        while slots[place].price != 0 {
            if slots[place].price == price { return place }
            place = (place &+ 1) & mask
        }
        return make(price, place)
    }

    @inline(never)
    private mutating func make(_ price: Int64, _ place: Int) -> Int {
        var place = place
        if (count + 1) * 2 > slots.count {
            grow()
            place = free(price)
        }
        slots[place].price = price
        count += 1
        return place
    }

    private func free(_ price: Int64) -> Int {
        var place = home(price)
        while slots[place].price != 0 { place = (place &+ 1) & mask }
        return place
    }

    /// Forgets the price that is at a place.
    mutating func remove(at removed: Int) {
        var hole = removed
        var place = (hole &+ 1) & mask
        while slots[place].price != 0 {
            if (place &- home(slots[place].price)) & mask >= (place &- hole) & mask {
                slots[hole] = slots[place]
                hole = place
            }
            place = (place &+ 1) & mask
        }
        slots[hole] = Slot()
        count -= 1
    }

    mutating func removeAll() {
        guard count > 0 else { return }
        for place in slots.indices { slots[place] = Slot() }
        count = 0
    }

    @inline(never)
    private mutating func grow() {
        let old = slots
        slots = Array(repeating: Slot(), count: old.count * 2)
        mask = slots.count - 1
        for slot in old where slot.price != 0 { slots[free(slot.price)] = slot }
    }
}
