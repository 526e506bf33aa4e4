import OutcryMarket

/// Where the entries of one book are kept: by name, in one flat table with open addressing.
///
/// No allocation but when it grows; a removal leaves no trace (what was pushed on comes back).
struct MidChainsEntryTable {
    struct Slot: BitwiseCopyable {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var id: Int64 = 0
        var price: Int64 = 0
        var quantity: Int64 = 0
        var side = Side.bid

        @inline(__always)
        var isFree: Bool { high == 0 }
    }

    private(set) var count = 0
    var slots: [Slot]
    private var mask: Int

    /// - Parameter capacity: So many entries fit before it grows.
    init(capacity: Int = 1024) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = Array(repeating: Slot(), count: size)
        mask = size - 1
    }

    @inline(__always)
    private func home(_ name: MidChainsName) -> Int {
        Int(truncatingIfNeeded: name.tableHash) & mask
    }

    /// The place of an entry; nil when there is none of the name.
    @inline(__always)
    func find(_ name: MidChainsName) -> Int? {
        var place = home(name)
        while !slots[place].isFree {
            if slots[place].low == name.low, slots[place].high == name.high { return place }
            place = (place &+ 1) & mask
        }
        return nil
    }

    /// Puts an entry in that is not there.
    @inline(__always)
    mutating func insert(_ name: MidChainsName, _ entry: MidChainsEntry, _ side: Side) {
        if (count &+ 1) &* 2 > slots.count { grow() }
        let place = freePlace(name)
        slots[place].high = name.high
        slots[place].low = name.low
        slots[place].id = entry.id
        slots[place].price = entry.priceUnits
        slots[place].quantity = entry.quantityUnits
        slots[place].side = side
        count &+= 1
    }

    @inline(__always)
    private func freePlace(_ name: MidChainsName) -> Int {
        var place = home(name)
        while !slots[place].isFree { place = (place &+ 1) & mask }
        return place
    }

    /// Takes the entry out that is at a place.
    mutating func remove(at removed: Int) {
        var hole = removed
        var place = (hole &+ 1) & mask
        while !slots[place].isFree {
            let home = home(MidChainsName(slots[place]))
            // It may move to the hole where that is not before its home, on the way round.
            if (place &- home) & mask >= (place &- hole) & mask {
                slots[hole] = slots[place]
                hole = place
            }
            place = (place &+ 1) & mask
        }
        slots[hole] = Slot()
        count &-= 1
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
        for slot in old where !slot.isFree { slots[freePlace(MidChainsName(slot))] = slot }
    }
}

extension MidChainsName {
    @inline(__always)
    init(_ slot: MidChainsEntryTable.Slot) {
        high = slot.high
        low = slot.low
    }
}
