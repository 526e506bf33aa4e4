/// Where each open order is: slots by order number, in one array, nothing allocated once it has grown.
struct OrderTable: ~Copyable {
    private var places = Self.empty(1024)
    private(set) var count = 0

    /// The slot of an order; none when it is not here.
    func find(_ number: Int64) -> Slot {
        guard number > 0 else { return .none }
        var at = home(number)
        while true {
            let place = places[at]
            if place.number == number { return place.slot }
            if place.number == 0 { return .none }
            at = next(at)
        }
    }

    /// Notes the slot of an order that is not in the table.
    mutating func insert(_ number: Int64, _ slot: Slot) {
        if (count + 1) * 2 > places.count { grow() }
        put(OrderPlace(number: number, slot: slot))
        count += 1
    }

    /// Takes an order out that is in the table, and moves up what was pushed past its place.
    mutating func remove(_ number: Int64) {
        var gap = home(number)
        while places[gap].number != number { gap = next(gap) }
        count -= 1
        var at = next(gap)
        while places[at].number != 0 {
            let way = (at &- home(places[at].number)) & (places.count &- 1)
            if way >= (at &- gap) & (places.count &- 1) {
                places[gap] = places[at]
                gap = at
            }
            at = next(at)
        }
        places[gap] = OrderPlace()
    }

    private mutating func put(_ place: OrderPlace) {
        var at = home(place.number)
        while places[at].number != 0 { at = next(at) }
        places[at] = place
    }

    private mutating func grow() {
        var old = Self.empty(places.count * 2)
        swap(&old, &places)
        for at in 0..<old.count where old[at].number != 0 { put(old[at]) }
    }

    private static func empty(_ count: Int) -> Slab<OrderPlace> {
        var places = Slab<OrderPlace>()
        for _ in 0..<count { places.append(OrderPlace()) }
        return places
    }

    private func home(_ number: Int64) -> Int {
        let mixed = UInt64(bitPattern: number) &* 0x9e37_79b9_7f4a_7c15
        return Int(truncatingIfNeeded: mixed &>> 32) & (places.count &- 1)
    }

    private func next(_ place: Int) -> Int { (place &+ 1) & (places.count &- 1) }
}

/// One place of the table. Internal, since Swift 6.3.1 cannot compile a slab of what is private to
/// another file.
struct OrderPlace {
    /// The order's number; 0 where nobody is.
    var number: Int64 = 0
    var slot = Slot.none
}
