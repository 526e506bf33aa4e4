import OutcryMarket

/// From an order's name to where it is kept: open addressing, no allocation but to grow.
///
/// An object with memory of its own: arrays in a property are held once more each time somebody looks for an order,
/// which is twice a message.
@safe final class OrderIndex {
    private struct Place {
        var id: OrderID
        /// 0: free; -1: given up; otherwise the slot and one.
        var slot: Int32
    }

    // `mask` and 1 places, a power of two; allocated here, freed in deinit, reached by numbers that were masked.
    @exclusivity(unchecked) private var places: UnsafeMutablePointer<Place>
    @safe @exclusivity(unchecked) private var mask = 63
    @safe @exclusivity(unchecked) private(set) var count = 0
    @safe @exclusivity(unchecked) private var used = 0

    private static let nobody = OrderID("")

    init() { unsafe places = Self.room(mask + 1) }

    deinit {
        unsafe places.deinitialize(count: mask + 1)
        unsafe places.deallocate()
    }

    private static func room(_ count: Int) -> UnsafeMutablePointer<Place> {
        let places = UnsafeMutablePointer<Place>.allocate(capacity: count)
        unsafe places.initialize(repeating: Place(id: nobody, slot: 0), count: count)
        return unsafe places
    }

    /// Where an order is kept.
    subscript(id: OrderID) -> Int? {
        var place = Int(truncatingIfNeeded: id.tableHash) & mask
        while true {
            let slot = unsafe places[place].slot
            if slot == 0 { return nil }
            if unsafe slot > 0 && places[place].id == id { return Int(slot) - 1 }
            place = (place &+ 1) & mask
        }
    }

    /// Notes where an order is kept, in the place of what was noted before.
    func set(_ id: OrderID, _ slot: Int) {
        var place = Int(truncatingIfNeeded: id.tableHash) & mask
        var grave = -1
        while true {
            let there = unsafe places[place].slot
            if there == 0 { break }
            if unsafe there > 0 && places[place].id == id {
                unsafe places[place].slot = Int32(slot + 1)
                return
            }
            if there < 0, grave < 0 { grave = place }
            place = (place &+ 1) & mask
        }
        if grave < 0 { used += 1 }
        unsafe places[grave < 0 ? place : grave] = Place(id: id, slot: Int32(slot + 1))
        count += 1
        if used * 4 > mask * 3 { resize(to: count * 4 > mask ? (mask + 1) * 2 : mask + 1) }
    }

    /// Forgets an order.
    func remove(_ id: OrderID) {
        var place = Int(truncatingIfNeeded: id.tableHash) & mask
        while true {
            let slot = unsafe places[place].slot
            if slot == 0 { return }
            if unsafe slot > 0 && places[place].id == id {
                unsafe places[place] = Place(id: Self.nobody, slot: -1)
                count -= 1
                return
            }
            place = (place &+ 1) & mask
        }
    }

    @inline(never)
    private func resize(to capacity: Int) {
        let (old, oldCount) = unsafe (places, mask + 1)
        unsafe places = Self.room(capacity)
        mask = capacity - 1
        count = 0
        used = 0
        for place in 0..<oldCount where unsafe old[place].slot > 0 {
            unsafe set(old[place].id, Int(old[place].slot) - 1)
        }
        unsafe old.deinitialize(count: oldCount)
        unsafe old.deallocate()
    }
}
