/// The totals of one side of a book, by price, in one flat table with open addressing.
final class MidChainsLevelTable {
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

    @safe @exclusivity(unchecked) private(set) var count = 0
    @safe @exclusivity(unchecked) private(set) var places: MidChainsPlaces<Slot>

    /// - Parameter capacity: So many prices fit before it grows.
    init(capacity: Int = 512) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        places = MidChainsPlaces(size: size, Slot())
    }

    deinit { places.deallocate() }

    @inline(__always)
    private static func home(_ price: Int64) -> Int {
        Int(truncatingIfNeeded: (UInt64(bitPattern: price) &* 0x9E37_79B9_7F4A_7C15) >> 32)
    }

    /// The place of a price, made where it was not there.
    ///
    /// - Precondition: prices are above zero.
    @inline(__always)
    func place(of price: Int64) -> Int {
        let places = places
        var place = Self.home(price) & places.mask
        while true {
            let there = places[place].price
            if there == price { return place }
            if there == 0 { return make(price, place) }
            place = (place &+ 1) & places.mask
        }
    }

    @inline(never)
    private func make(_ price: Int64, _ place: Int) -> Int {
        var place = place
        if (count + 1) * 2 > places.mask {
            grow()
            place = Self.free(price, places)
        }
        places[place] = Slot(price: price)
        count += 1
        return place
    }

    private static func free(_ price: Int64, _ places: MidChainsPlaces<Slot>) -> Int {
        var place = home(price) & places.mask
        while places[place].price != 0 { place = (place &+ 1) & places.mask }
        return place
    }

    /// Forgets the price that is at a place.
    func remove(at removed: Int) {
        let places = places
        var hole = removed
        var place = (hole &+ 1) & places.mask
        while places[place].price != 0 {
            let home = Self.home(places[place].price)
            if (place &- home) & places.mask >= (place &- hole) & places.mask {
                places[hole] = places[place]
                hole = place
            }
            place = (place &+ 1) & places.mask
        }
        places[hole] = Slot()
        count -= 1
    }

    func removeAll() {
        guard count > 0 else { return }
        for place in 0...places.mask { places[place] = Slot() }
        count = 0
    }

    @inline(never)
    private func grow() {
        let bigger = MidChainsPlaces(size: (places.mask + 1) * 2, Slot())
        for place in 0...places.mask where places[place].price != 0 {
            let slot = places[place]
            bigger[Self.free(slot.price, bigger)] = slot
        }
        places.deallocate()
        places = bigger
    }
}
