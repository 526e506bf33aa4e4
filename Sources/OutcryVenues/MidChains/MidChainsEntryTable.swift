import OutcryMarket

/// Where the entries of one book are kept: in a row, found by name through a flat index with open addressing.
///
/// Small, since a message looks at one place of it that nobody could foresee, and what streams by has driven everything
/// else out of the near caches: four bytes an entry in the index, which tells entries apart by eight bits of their names'
/// hashes; what has come is put where the last one went, so that the busy part of the row is near. No allocation but
/// when it grows; a removal leaves no trace in the index (what was pushed on comes back).
@safe final class MidChainsEntryTable {
    /// An entry, or a free place in the row.
    struct Entry: BitwiseCopyable {
        /// See ``MidChainsName``; 0: the place is free.
        var high: UInt64
        /// See ``MidChainsName``; of a free place the next one that is free.
        var low: UInt64
        /// The price, of an ask below zero.
        var signedPrice: Int64
        var quantity: Int64

        @inline(__always)
        var isFree: Bool { high == 0 }
        @inline(__always)
        var side: Side { signedPrice < 0 ? .ask : .bid }
        @inline(__always)
        var price: Int64 { signedPrice < 0 ? 0 &- signedPrice : signedPrice }
        @inline(__always)
        var name: MidChainsName { MidChainsName(high: high, low: low) }
    }

    @safe @exclusivity(unchecked) private(set) var count = 0
    /// Eight bits of the hash, and below them the place and 1; 0 where nothing is.
    @safe @exclusivity(unchecked) private var index: MidChainsPlaces<UInt32>
    // `capacity` places, of which the first `used` have been used, and the ids of those entries that have keys;
    // allocated here, freed in deinit. A place comes from the index or from 0..<used.
    @exclusivity(unchecked) private var row: UnsafeMutablePointer<Entry>
    @exclusivity(unchecked) private var ids: UnsafeMutablePointer<Int64>
    @safe private var capacity: Int
    @safe @exclusivity(unchecked) private(set) var used = 0
    /// The place that was left last; -1 when there is none.
    @safe @exclusivity(unchecked) private var firstFree = -1

    /// It takes no more than these.
    static var limit: Int { 0xFF_FFFE }

    /// - Parameter capacity: So many entries fit before it grows.
    init(capacity: Int = 1024) {
        var size = 16
        while size < capacity { size *= 2 }
        self.capacity = size
        index = MidChainsPlaces(size: size * 2, 0)
        unsafe row = .allocate(capacity: size)
        unsafe ids = .allocate(capacity: size)
    }

    deinit {
        index.deallocate()
        unsafe row.deallocate()
        unsafe ids.deallocate()
    }

    /// Where an entry is, or where one of its name would be put.
    struct Spot {
        /// Its place in the row; below zero when there is none of the name.
        let place: Int
        /// Its place in the index, counted round and round.
        fileprivate let at: Int

        @inline(__always)
        var isFound: Bool { place >= 0 }
    }

    /// Looks for an entry. What is found is good until the next change.
    @inline(__always)
    func find(_ name: MidChainsName) -> Spot {
        let index = index
        let hash = name.tableHash
        let tag = Self.tag(hash)
        var at = Int(truncatingIfNeeded: hash)
        while true {
            let found = index[at]
            if found == 0 { return Spot(place: -1, at: at) }
            if found &>> 24 == tag {
                let place = Self.place(found)
                if unsafe row[place].low == name.low, unsafe row[place].high == name.high {
                    return Spot(place: place, at: at)
                }
            }
            at &+= 1
        }
    }

    /// What is where the search for a name begins.
    @inline(__always)
    func glance(_ name: MidChainsName) -> UInt64 {
        UInt64(index[Int(truncatingIfNeeded: name.tableHash)])
    }

    /// The entry at a place that was found.
    @inline(__always)
    subscript(place: Int) -> Entry {
        precondition(place >= 0 && place < used, "an entry has a place")
        return unsafe row[place]
    }

    /// The `id` of the entry at a place.
    func id(at place: Int) -> Int64 {
        let entry = self[place]
        return unsafe entry.name.isKey ? ids[place] : Int64(bitPattern: entry.low)
    }

    /// Has the entry at a place say what a line says.
    @inline(__always)
    func set(_ place: Int, _ line: MidChainsEntry, _ side: Side) {
        precondition(place >= 0 && place < used, "an entry has a place")
        unsafe row[place].signedPrice = side == .ask ? 0 &- line.priceUnits : line.priceUnits
        unsafe row[place].quantity = line.quantityUnits
        if line.name.isKey { unsafe ids[place] = line.id }
    }

    /// Puts an entry in that was looked for and is not there.
    ///
    /// - Precondition: There are less than ``limit``.
    @inline(__always)
    func insert(_ line: MidChainsEntry, _ side: Side, at spot: Spot) {
        precondition(count < Self.limit, "a book has less than 16,777,214 entries")
        var place = firstFree
        if place >= 0 {
            firstFree = unsafe Int(truncatingIfNeeded: row[place].low)
        } else {
            if used == capacity { growRow() }
            place = used
            used &+= 1
        }
        unsafe row[place] = Entry(
            high: line.name.high, low: line.name.low, signedPrice: 0, quantity: 0)
        set(place, line, side)
        index[spot.at] = Self.slot(line.name.tableHash, place)
        count &+= 1
        if count &* 2 > index.mask { growIndex() }
    }

    /// Takes an entry out that was found.
    @inline(__always)
    func remove(_ spot: Spot) {
        let index = index
        let place = spot.place
        precondition(place >= 0 && place < used, "an entry has a place")
        var hole = spot.at & index.mask
        var at = (hole &+ 1) & index.mask
        while index[at] != 0 {
            let home = Int(truncatingIfNeeded: unsafe row[Self.place(index[at])].name.tableHash)
            // It may move to the hole where that is not before its home, on the way round.
            if (at &- home) & index.mask >= (at &- hole) & index.mask {
                index[hole] = index[at]
                hole = at
            }
            at = (at &+ 1) & index.mask
        }
        index[hole] = 0
        unsafe row[place] = Entry(
            high: 0, low: UInt64(bitPattern: Int64(firstFree)), signedPrice: 0, quantity: 0)
        firstFree = place
        count &-= 1
    }

    func removeAll() {
        for at in 0...index.mask { index[at] = 0 }
        count = 0
        used = 0
        firstFree = -1
    }

    @inline(__always)
    private static func tag(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash &>> 56) }

    @inline(__always)
    private static func slot(_ hash: UInt64, _ place: Int) -> UInt32 {
        tag(hash) &<< 24 | UInt32(truncatingIfNeeded: place &+ 1)
    }

    @inline(__always)
    private static func place(_ found: UInt32) -> Int { Int(found & 0xFF_FFFF) &- 1 }

    @inline(never)
    private func growIndex() {
        let bigger = MidChainsPlaces<UInt32>(size: (index.mask + 1) * 2, 0)
        for at in 0...index.mask where index[at] != 0 {
            let hash = unsafe row[Self.place(index[at])].name.tableHash
            var new = Int(truncatingIfNeeded: hash)
            while bigger[new] != 0 { new &+= 1 }
            bigger[new] = index[at]
        }
        index.deallocate()
        index = bigger
    }

    @inline(never)
    private func growRow() {
        let more = UnsafeMutablePointer<Entry>.allocate(capacity: capacity * 2)
        unsafe more.moveInitialize(from: row, count: used)
        unsafe row.deallocate()
        unsafe row = more
        let moreIDs = UnsafeMutablePointer<Int64>.allocate(capacity: capacity * 2)
        // Those of entries without a key were never written, and are never read: bytes are copied.
        unsafe UnsafeMutableRawPointer(moreIDs).copyMemory(from: ids, byteCount: used * 8)
        unsafe ids.deallocate()
        unsafe ids = moreIDs
        capacity *= 2
    }
}
