/// What belongs to numbers that are given out one after the other: questions, requests, streams.
///
/// The kernel's own table. A `Dictionary` hashes for 70 ns against attackers, who do not choose these
/// numbers, and the first one of a process searches the conformances of all its libraries, which makes
/// a megabyte of them resident. Here a look takes a multiplication and a probe.
struct NumberMap<Value> {
    private var places: [(number: UInt64, value: Value)?] = []
    /// Numbers in the map.
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// Whether `number` has a value, which is not looked at.
    func contains(_ number: UInt64) -> Bool { count > 0 && find(number) != nil }

    /// The value of `number`; nil removes it.
    subscript(number: UInt64) -> Value? {
        get { count == 0 ? nil : find(number).flatMap { places[$0]?.value } }
        set {
            guard let newValue else { return _ = removeValue(forKey: number) }
            if let place = find(number) { return places[place] = (number, newValue) }
            if (count + 1) * 4 > places.count * 3 { grow() }
            insert(number, newValue)
            count += 1
        }
    }

    /// The numbers, in their order.
    var numbers: [UInt64] {
        var numbers: [UInt64] = []
        for place in places { if let place { numbers.append(place.number) } }
        numbers.sort()
        return numbers
    }

    /// The values in the order of their numbers.
    var values: [Value] {
        var values: [Value] = []
        for number in numbers { if let value = self[number] { values.append(value) } }
        return values
    }

    mutating func removeValue(forKey number: UInt64) -> Value? {
        guard count > 0, let place = find(number) else { return nil }
        let value = places[place]?.value
        places[place] = nil
        count -= 1
        closeGap(place)
        return value
    }

    /// Moves up what was pushed past the free place, so that every probe still ends at a free one.
    private mutating func closeGap(_ gap: Int) {
        var gap = gap
        var at = next(gap)
        while let (number, value) = places[at] {
            let way = (at &- home(number)) & (places.count &- 1)
            if way >= (at &- gap) & (places.count &- 1) {
                places[gap] = (number, value)
                places[at] = nil
                gap = at
            }
            at = next(at)
        }
    }

    private func find(_ number: UInt64) -> Int? {
        guard !places.isEmpty else { return nil }
        var at = home(number)
        while let place = places[at] {
            if place.number == number { return at }
            at = next(at)
        }
        return nil
    }

    private mutating func insert(_ number: UInt64, _ value: Value) {
        var at = home(number)
        while places[at] != nil { at = next(at) }
        places[at] = (number, value)
    }

    private mutating func grow() {
        let old = places
        places = Array(repeating: nil, count: max(8, old.count * 2))
        for place in old { if let place { insert(place.number, place.value) } }
    }

    private func home(_ number: UInt64) -> Int {
        Int(truncatingIfNeeded: (number &* 0x9e37_79b9_7f4a_7c15) &>> 32) & (places.count &- 1)
    }

    private func next(_ place: Int) -> Int { (place &+ 1) & (places.count &- 1) }
}

extension NumberMap: Sendable where Value: Sendable {}
