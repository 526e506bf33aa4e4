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
    private let entries = MidChainsEntryTable()
    private let bids = MidChainsLevelTable()
    private let asks = MidChainsLevelTable()
    private let touched = MidChainsBuffer<Touch>()
    // On one thread, one message after the other: see ARCHITECTURE.md on exclusivity.
    /// A message of it has come.
    @safe @exclusivity(unchecked) var isHeard = false
    /// A trade has come.
    @safe @exclusivity(unchecked) var isTraded = false
    /// A part of what was said of it is lost.
    @safe @exclusivity(unchecked) var isBroken = false
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
        touched.removeAll()
    }

    /// Does what the lines of a message say, and tells each level that is another then.
    ///
    /// - Returns: What cannot be; the book is not to be relied upon then.
    @inline(__always)
    func apply(
        _ lines: MidChainsBuffer<MidChainsEntry>, _ tell: (DepthChange) -> Void
    ) -> Trouble? {
        touched.removeAll()
        if lines.count == 1 { return applyOnly(lines[0], tell) }
        for place in 0..<lines.count {
            if let trouble = apply(lines[place]) { return trouble }
        }
        if touched.count > 1 {
            for place in 0..<touched.count where hasShrunk(touched[place]) {
                self.tell(touched[place], tell)
            }
        }
        for place in 0..<touched.count { self.tell(touched[place], tell) }
        return nil
    }

    /// Does what the only line of a message says: at most one level is another then, unless the entry moves.
    @inline(__always)
    private func applyOnly(_ line: MidChainsEntry, _ tell: (DepthChange) -> Void) -> Trouble? {
        let isThere = line.act != .remove && !line.isIndication && line.quantityUnits > 0
        var (delta, side, price) = (line.quantityUnits, line.side ?? .bid, line.priceUnits)
        if let place = entries.find(line.name) {
            let old = entries.places[place]
            guard !isThere || old.price == price && old.side == side else {
                return applyMove(line, tell)
            }
            if isThere {
                delta = delta &- old.quantity
                entries.places.with(place) { slot in
                    slot.id = line.id
                    slot.quantity = line.quantityUnits
                }
            } else {
                (delta, side, price) = (0 &- old.quantity, old.side, old.price)
                if MidChainsName(old).isKey { keyed &-= 1 }
                entries.remove(at: place)
            }
        } else {
            guard isThere else { return applyMove(line, tell) }
            entries.insert(line, side)
            if line.name.isKey { keyed &+= 1 }
        }
        guard delta != 0 else { return nil }
        let table = levels(side)
        let place = table.place(of: price)
        let before = table.places[place].total
        let (total, isOver) = before.addingReportingOverflow(delta)
        if isOver { return .tooLarge(price: price) }
        if total == 0 {
            table.remove(at: place)
        } else {
            table.places.with(place) { slot in
                slot.total = total
                slot.told = total
                slot.stamp = line.stamp
            }
        }
        tell(
            DepthChange(
                venue: .midchains, instrument: instrument, side: side, priceUnits: price,
                quantityUnits: total, deltaUnits: delta, stamp: line.stamp))
        return nil
    }

    /// The same the longer way: two levels change, or an entry is to be found by its id.
    @inline(never)
    private func applyMove(_ line: MidChainsEntry, _ tell: (DepthChange) -> Void) -> Trouble? {
        if let trouble = apply(line) { return trouble }
        if touched.count > 1, hasShrunk(touched[0]) { self.tell(touched[0], tell) }
        for place in (0..<touched.count).reversed() { self.tell(touched[place], tell) }
        return nil
    }

    @inline(__always)
    private func apply(_ line: MidChainsEntry) -> Trouble? {
        let found = entries.find(line.name)
        // An indication is not to be traded with, and so not in the book.
        guard line.act != .remove, !line.isIndication, line.quantityUnits > 0, let side = line.side
        else { return remove(line, found) }
        guard let place = found else {
            entries.insert(line, side)
            if line.name.isKey { keyed &+= 1 }
            return add(line.quantityUnits, side, line.priceUnits, line.stamp)
        }
        let old = entries.places[place]
        entries.places.with(place) { slot in
            slot.id = line.id
            slot.quantity = line.quantityUnits
            slot.price = line.priceUnits
            slot.side = side
        }
        if old.price == line.priceUnits, old.side == side {
            return add(line.quantityUnits &- old.quantity, side, line.priceUnits, line.stamp)
        }
        return move(old, line, side)
    }

    @inline(never)
    private func move(
        _ old: MidChainsEntryTable.Slot, _ line: MidChainsEntry, _ side: Side
    ) -> Trouble? {
        add(0 &- old.quantity, old.side, old.price, line.stamp)
            ?? add(line.quantityUnits, side, line.priceUnits, line.stamp)
    }

    @inline(__always)
    private func remove(_ line: MidChainsEntry, _ found: Int?) -> Trouble? {
        guard let place = found else { return removeByID(line) }
        let old = entries.places[place]
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
        var found: [Int] = []
        for place in 0...entries.places.mask {
            let slot = entries.places[place]
            if !slot.isFree, slot.id == line.id { found.append(place) }
        }
        guard found.count < 2 else { return .ambiguous(id: line.id, count: found.count) }
        guard let place = found.first else {
            strangeRemovals += 1
            return nil
        }
        return remove(line, place)
    }

    private func levels(_ side: Side) -> MidChainsLevelTable { side == .bid ? bids : asks }

    @inline(__always)
    private func add(_ delta: Int64, _ side: Side, _ price: Int64, _ stamp: Int64) -> Trouble? {
        let table = levels(side)
        let isOver = table.places.with(table.place(of: price)) { slot in
            let (total, isOver) = slot.total.addingReportingOverflow(delta)
            slot.total = total
            slot.stamp = stamp
            return isOver
        }
        if isOver { return .tooLarge(price: price) }
        touched.append(Touch(side: side, price: price))
        return nil
    }

    private func hasShrunk(_ touch: Touch) -> Bool {
        let table = levels(touch.side)
        let slot = table.places[table.place(of: touch.price)]
        return slot.total < slot.told
    }

    @inline(__always)
    private func tell(_ touch: Touch, _ tell: (DepthChange) -> Void) {
        let table = levels(touch.side)
        let place = table.place(of: touch.price)
        let slot = table.places[place]
        if slot.total == 0 {
            table.remove(at: place)
        } else {
            table.places.with(place) { $0.told = slot.total }
        }
        guard slot.total != slot.told else { return }
        tell(
            DepthChange(
                venue: .midchains, instrument: instrument, side: touch.side,
                priceUnits: touch.price, quantityUnits: slot.total,
                deltaUnits: slot.total &- slot.told, stamp: slot.stamp))
    }
}
