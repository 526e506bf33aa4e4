import OutcryMarket

/// The book of one market, order by order, and the levels that follow from it.
///
/// Takes the lines of a message together: a level that several of them move is told once, those that shrink
/// before those that grow, so that a move from one price to another never shows both.
final class MidChainsEntryBook {
    /// What cannot be.
    enum Trouble: Equatable {
        /// A removal by an id that so many entries with keys have: nobody can say which is meant.
        case ambiguous(id: Int64, count: Int)
        /// A level would hold more than 64 bits can.
        case tooLarge(price: Int64)
    }

    private struct Touch: BitwiseCopyable {
        let side: Side
        let price: Int64
    }

    let instrument: Instrument
    // On one thread, one message after the other: see ARCHITECTURE.md on exclusivity.
    @safe @exclusivity(unchecked) private var entries = MidChainsEntryTable()
    @safe @exclusivity(unchecked) private var bids = MidChainsLevelTable()
    @safe @exclusivity(unchecked) private var asks = MidChainsLevelTable()
    @safe @exclusivity(unchecked) private var touched: [Touch] = []
    /// How many entries are known by a key.
    @safe @exclusivity(unchecked) private var keyed = 0
    /// Removals of entries that were not there.
    @safe @exclusivity(unchecked) private(set) var strangeRemovals = 0

    init(_ instrument: Instrument) { self.instrument = instrument }

    /// How many entries there are.
    var count: Int { entries.count }

    /// Forgets everything; nothing is told.
    func removeAll() {
        entries.removeAll()
        keyed = 0
        bids.removeAll()
        asks.removeAll()
        touched.removeAll(keepingCapacity: true)
    }

    /// Does what the lines of a message say, and tells each level that is another then.
    ///
    /// - Returns: What cannot be; the book is not to be relied upon then.
    @inline(__always)
    func apply(_ lines: [MidChainsEntry], _ tell: (DepthChange) -> Void) -> Trouble? {
        for place in lines.indices {
            if let trouble = apply(lines[place]) {
                touched.removeAll(keepingCapacity: true)
                return trouble
            }
        }
        if touched.count == 1 {
            self.tell(touched[0], tell)
        } else {
            for touch in touched where hasShrunk(touch) { self.tell(touch, tell) }
            for touch in touched { self.tell(touch, tell) }
        }
        touched.removeAll(keepingCapacity: true)
        return nil
    }

    @inline(__always)
    private func apply(_ line: MidChainsEntry) -> Trouble? {
        let found = entries.find(line.name)
        // An indication is not to be traded with, and so not in the book.
        guard line.act != .remove, !line.isIndication, line.quantityUnits > 0, let side = line.side
        else { return remove(line, found) }
        guard let place = found else {
            entries.insert(line.name, line, side)
            if line.name.isKey { keyed &+= 1 }
            return add(line.quantityUnits, side, line.priceUnits, line.stamp)
        }
        let old = entries.slots[place]
        entries.slots[place].id = line.id
        entries.slots[place].quantity = line.quantityUnits
        if old.price == line.priceUnits, old.side == side {
            return add(
                line.quantityUnits &- old.quantity, side, line.priceUnits, line.stamp)
        }
        entries.slots[place].price = line.priceUnits
        entries.slots[place].side = side
        return add(0 &- old.quantity, old.side, old.price, line.stamp)
            ?? add(line.quantityUnits, side, line.priceUnits, line.stamp)
    }

    @inline(__always)
    private func remove(_ line: MidChainsEntry, _ found: Int?) -> Trouble? {
        guard let place = found else { return removeByID(line) }
        let old = entries.slots[place]
        if MidChainsName(old).isKey { keyed &-= 1 }
        entries.remove(at: place)
        return add(0 &- old.quantity, old.side, old.price, line.stamp)
    }

    /// A removal that names no key, of an entry that has one: it is the one with that id.
    ///
    /// - Complexity: O(entries), for a venue that adds by key and removes by id.
    @inline(never)
    private func removeByID(_ line: MidChainsEntry) -> Trouble? {
        guard line.act == .remove else { return nil }
        guard !line.name.isKey, keyed > 0 else {
            strangeRemovals += 1
            return nil
        }
        var places: [Int] = []
        for place in entries.slots.indices {
            let slot = entries.slots[place]
            if !slot.isFree, slot.id == line.id { places.append(place) }
        }
        guard places.count < 2 else { return .ambiguous(id: line.id, count: places.count) }
        guard let place = places.first else {
            strangeRemovals += 1
            return nil
        }
        return remove(line, place)
    }

    @inline(__always)
    private func add(_ delta: Int64, _ side: Side, _ price: Int64, _ stamp: Int64) -> Trouble? {
        let isOver =
            side == .bid
            ? Self.add(delta, &bids, price, stamp) : Self.add(delta, &asks, price, stamp)
        if isOver { return .tooLarge(price: price) }
        touched.append(Touch(side: side, price: price))
        return nil
    }

    @inline(__always)
    private static func add(
        _ delta: Int64, _ table: inout MidChainsLevelTable, _ price: Int64, _ stamp: Int64
    ) -> Bool {
        let place = table.place(of: price)
        let (total, isOver) = table.slots[place].total.addingReportingOverflow(delta)
        table.slots[place].total = total
        table.slots[place].stamp = stamp
        return isOver
    }

    private func hasShrunk(_ touch: Touch) -> Bool {
        let place = touch.side == .bid ? bids.place(of: touch.price) : asks.place(of: touch.price)
        let slot = touch.side == .bid ? bids.slots[place] : asks.slots[place]
        return slot.total < slot.told
    }

    @inline(__always)
    private func tell(_ touch: Touch, _ tell: (DepthChange) -> Void) {
        if touch.side == .bid {
            Self.tell(touch, instrument, &bids, tell)
        } else {
            Self.tell(touch, instrument, &asks, tell)
        }
    }

    @inline(__always)
    private static func tell(
        _ touch: Touch, _ instrument: Instrument, _ table: inout MidChainsLevelTable,
        _ tell: (DepthChange) -> Void
    ) {
        let place = table.place(of: touch.price)
        let slot = table.slots[place]
        if slot.total == 0 {
            table.remove(at: place)
        } else {
            table.slots[place].told = slot.total
        }
        guard slot.total != slot.told else { return }
        tell(
            DepthChange(
                venue: .midchains, instrument: instrument, side: touch.side,
                priceUnits: touch.price, quantityUnits: slot.total,
                deltaUnits: slot.total &- slot.told, stamp: slot.stamp))
    }
}
