import OutcryMarket

/// From an order's name to where it is kept: open addressing, no allocation but to grow.
struct OrderIndex {
    private var ids: [OrderID] = []
    /// 0: free; -1: given up; otherwise the slot and one.
    private var slots: [Int32] = []
    private(set) var count = 0
    private var used = 0

    private static let nobody = OrderID("")

    init() { resize(to: 64) }

    /// Where an order is kept.
    subscript(id: OrderID) -> Int? {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: id.tableHash) & mask
        while slots[place] != 0 {
            if slots[place] > 0, ids[place] == id { return Int(slots[place]) - 1 }
            place = (place + 1) & mask
        }
        return nil
    }

    /// Notes where an order is kept, in the place of what was noted before.
    mutating func set(_ id: OrderID, _ slot: Int) {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: id.tableHash) & mask
        var grave: Int?
        while slots[place] != 0 {
            if slots[place] > 0, ids[place] == id {
                slots[place] = Int32(slot + 1)
                return
            }
            if slots[place] < 0, grave == nil { grave = place }
            place = (place + 1) & mask
        }
        if grave == nil { used += 1 }
        ids[grave ?? place] = id
        slots[grave ?? place] = Int32(slot + 1)
        count += 1
        if used * 4 > slots.count * 3 {
            resize(to: count * 4 > slots.count ? slots.count * 2 : slots.count)
        }
    }

    /// Forgets an order.
    mutating func remove(_ id: OrderID) {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: id.tableHash) & mask
        while slots[place] != 0 {
            if slots[place] > 0, ids[place] == id {
                slots[place] = -1
                ids[place] = Self.nobody
                count -= 1
                return
            }
            place = (place + 1) & mask
        }
    }

    private mutating func resize(to capacity: Int) {
        let (oldIDs, oldSlots) = (ids, slots)
        ids = Array(repeating: Self.nobody, count: capacity)
        slots = Array(repeating: 0, count: capacity)
        count = 0
        used = 0
        for place in oldSlots.indices where oldSlots[place] > 0 {
            set(oldIDs[place], Int(oldSlots[place]) - 1)
        }
    }
}
