import OutcryMarket

/// Where the entries of one book are kept: by name, in one flat table with open addressing.
///
/// No allocation but when it grows; a removal leaves no trace (what was pushed on comes back).
final class MidChainsEntryTable {
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

    @safe @exclusivity(unchecked) private(set) var count = 0
    @safe @exclusivity(unchecked) private(set) var places: MidChainsPlaces<Slot>

    /// - Parameter capacity: So many entries fit before it grows.
    init(capacity: Int = 1024) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        places = MidChainsPlaces(size: size, Slot())
    }

    deinit { places.deallocate() }

    @inline(__always)
    private static func home(_ name: MidChainsName) -> Int {
        Int(truncatingIfNeeded: name.tableHash)
    }

    /// The place of an entry; nil when there is none of the name.
    @inline(__always)
    func find(_ name: MidChainsName) -> Int? {
        let places = places
        var place = Self.home(name) & places.mask
        while true {
            let slot = places[place]
            if slot.low == name.low, slot.high == name.high { return place }
            if slot.isFree { return nil }
            place = (place &+ 1) & places.mask
        }
    }

    /// Puts an entry in that is not there.
    @inline(__always)
    func insert(_ entry: MidChainsEntry, _ side: Side) {
        if (count &+ 1) &* 2 > places.mask { grow() }
        let place = Self.freePlace(entry.name, places)
        places[place] = Slot(
            high: entry.name.high, low: entry.name.low, id: entry.id, price: entry.priceUnits,
            quantity: entry.quantityUnits, side: side)
        count &+= 1
    }

    @inline(__always)
    private static func freePlace(_ name: MidChainsName, _ places: MidChainsPlaces<Slot>) -> Int {
        var place = home(name) & places.mask
        while !places[place].isFree { place = (place &+ 1) & places.mask }
        return place
    }

    /// Takes the entry out that is at a place.
    func remove(at removed: Int) {
        let places = places
        var hole = removed
        var place = (hole &+ 1) & places.mask
        while !places[place].isFree {
            let home = Self.home(MidChainsName(places[place]))
            // It may move to the hole where that is not before its home, on the way round.
            if (place &- home) & places.mask >= (place &- hole) & places.mask {
                places[hole] = places[place]
                hole = place
            }
            place = (place &+ 1) & places.mask
        }
        places[hole] = Slot()
        count &-= 1
    }

    func removeAll() {
        guard count > 0 else { return }
        for place in 0...places.mask { places[place] = Slot() }
        count = 0
    }

    @inline(never)
    private func grow() {
        let bigger = MidChainsPlaces(size: (places.mask + 1) * 2, Slot())
        for place in 0...places.mask where !places[place].isFree {
            let slot = places[place]
            bigger[Self.freePlace(MidChainsName(slot), bigger)] = slot
        }
        places.deallocate()
        places = bigger
    }
}

extension MidChainsName {
    @inline(__always)
    init(_ slot: MidChainsEntryTable.Slot) {
        high = slot.high
        low = slot.low
    }
}
