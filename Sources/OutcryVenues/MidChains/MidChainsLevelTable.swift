import OutcryMarket

/// The totals of a book's levels, in one flat table with open addressing.
///
/// Beside each total stands what it was before the message that is being read, where that message has changed it.
final class MidChainsLevelTable {
    private struct Level: BitwiseCopyable {
        /// An ask's price stands here below zero, so that both sides are in one table; 0: the place is free.
        var signedPrice: Int64 = 0
        /// The sum of the entries there.
        var total: Int64 = 0
    }

    /// What a message with several lines does to a level.
    private struct Change: BitwiseCopyable {
        /// Which of the messages it is; 0: none.
        var message: UInt64 = 0
        /// The sum before it.
        var told: Int64 = 0
        /// The time that the last of its lines says.
        var stamp: Int64 = 0
    }

    @safe @exclusivity(unchecked) private(set) var count = 0
    @safe @exclusivity(unchecked) private var places: MidChainsPlaces<Level>
    @safe @exclusivity(unchecked) private var changes: MidChainsPlaces<Change>
    @safe @exclusivity(unchecked) private var message: UInt64 = 0

    /// - Parameter capacity: So many levels fit before it grows.
    init(capacity: Int = 1024) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        places = MidChainsPlaces(size: size, Level())
        changes = MidChainsPlaces(size: size, Change())
    }

    deinit {
        places.deallocate()
        changes.deallocate()
    }

    /// A message with several lines begins.
    func beginMessage() { message &+= 1 }

    // MARK: Places

    @inline(__always)
    private static func home(_ signedPrice: Int64) -> Int {
        Int(
            truncatingIfNeeded: (UInt64(bitPattern: signedPrice) &* 0x9E37_79B9_7F4A_7C15) >> 32)
    }

    /// The place of a level, made where it was not there.
    ///
    /// - Precondition: prices are above zero.
    @inline(__always)
    func place(of price: Int64, _ side: Side) -> Int {
        let signed = side == .bid ? price : 0 &- price
        let places = places
        var place = Self.home(signed)
        while true {
            let there = places[place].signedPrice
            if there == signed { return place }
            if there == 0 { return make(signed, place) }
            place &+= 1
        }
    }

    /// What is where the search for a level begins.
    @inline(__always)
    func glance(_ price: Int64, _ side: Side) -> UInt64 {
        UInt64(bitPattern: places[Self.home(side == .bid ? price : 0 &- price)].signedPrice)
    }

    @inline(never)
    private func make(_ signedPrice: Int64, _ place: Int) -> Int {
        var place = place
        if (count + 1) * 2 > places.mask {
            grow()
            place = Self.free(signedPrice, places)
        }
        places[place] = Level(signedPrice: signedPrice)
        changes[place].message = 0
        count += 1
        return place
    }

    private static func free(_ signedPrice: Int64, _ places: MidChainsPlaces<Level>) -> Int {
        var place = home(signedPrice)
        while places[place].signedPrice != 0 { place &+= 1 }
        return place
    }

    // MARK: Totals

    /// The sum at a place.
    @inline(__always)
    func total(at place: Int) -> Int64 { places[place].total }

    /// Changes the sum at a place by the only line of a message.
    @inline(__always)
    func set(_ place: Int, _ total: Int64) { places.with(place) { $0.total = total } }

    /// Changes the sum at a place by one of a message's lines; the sum before the message is kept.
    ///
    /// - Returns: Whether it is the first of the message's lines that changes it.
    @inline(__always)
    func set(_ place: Int, _ total: Int64, stamp: Int64) -> Bool {
        let before = places[place].total
        set(place, total)
        return changes.with(place) { change in
            change.stamp = stamp
            guard change.message != message else { return false }
            change.message = message
            change.told = before
            return true
        }
    }

    /// What the message has done to a level that it has changed.
    @inline(__always)
    func change(at place: Int) -> (told: Int64, total: Int64, stamp: Int64) {
        let change = changes[place]
        return (change.told, places[place].total, change.stamp)
    }

    /// Forgets the level that is at a place.
    func remove(at removed: Int) {
        let places = places
        var hole = removed & places.mask
        var place = (hole &+ 1) & places.mask
        while places[place].signedPrice != 0 {
            let home = Self.home(places[place].signedPrice)
            if (place &- home) & places.mask >= (place &- hole) & places.mask {
                places[hole] = places[place]
                changes[hole] = changes[place]
                hole = place
            }
            place = (place &+ 1) & places.mask
        }
        places[hole] = Level()
        count -= 1
    }

    func removeAll() {
        guard count > 0 else { return }
        for place in 0...places.mask { places[place] = Level() }
        count = 0
    }

    @inline(never)
    private func grow() {
        let bigger = MidChainsPlaces(size: (places.mask + 1) * 2, Level())
        let biggerChanges = MidChainsPlaces(size: (places.mask + 1) * 2, Change())
        for place in 0...places.mask where places[place].signedPrice != 0 {
            let new = Self.free(places[place].signedPrice, bigger)
            bigger[new] = places[place]
            biggerChanges[new] = changes[place]
        }
        places.deallocate()
        changes.deallocate()
        places = bigger
        changes = biggerChanges
    }
}
