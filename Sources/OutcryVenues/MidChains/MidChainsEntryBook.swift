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
        /// More entries at a time than a book can have.
        case tooMany(entries: Int)
    }

    private struct Touch: BitwiseCopyable {
        let side: Side
        let price: Int64
    }

    let instrument: Instrument
    private let entries = MidChainsEntryTable()
    private let levels = MidChainsLevelTable(capacity: 1024)
    /// The levels that the message has changed, and those of them that are told last.
    private let touched = MidChainsBuffer<Touch>()
    private let grown = MidChainsBuffer<Touch>()
    // On one thread, one message after the other: see ARCHITECTURE.md on exclusivity.
    /// A message of it has come.
    @safe @exclusivity(unchecked) var isHeard = false
    /// A trade has come.
    @safe @exclusivity(unchecked) var isTraded = false
    /// A part of what was said of it is lost.
    @safe @exclusivity(unchecked) var isBroken = false
    /// How many entries are known by a key.
    @safe @exclusivity(unchecked) private var keyed = 0
    /// What was last looked at and not asked for.
    @safe @exclusivity(unchecked) private var expected: UInt64 = 0
    /// Removals of entries that were not there.
    @safe @exclusivity(unchecked) private(set) var strangeRemovals = 0

    init(_ instrument: Instrument) { self.instrument = instrument }

    /// How many entries there are.
    var count: Int { entries.count }

    /// Forgets everything; nothing is told.
    func removeAll() {
        entries.removeAll()
        keyed = 0
        levels.removeAll()
    }

    /// Looks where an entry of this name would be found, and forgets what is there: it is near then, when the rest of its
    /// line has been read. Nobody waits for it, since nothing depends on it.
    @inline(__always)
    func expect(_ name: MidChainsName) { expected = entries.glance(name) }

    /// The same with a level.
    @inline(__always)
    func expect(_ price: Int64, _ side: Side) { expected = levels.glance(price, side) }

    /// Does what the lines of a message say, and tells each level that is another then.
    ///
    /// - Returns: What cannot be; the book is not to be relied upon then.
    @inline(__always)
    func apply(
        _ lines: MidChainsBuffer<MidChainsEntry>, _ tell: (DepthChange) -> Void
    ) -> Trouble? {
        if lines.count == 1 {
            return unsafe lines.with(0) { applyOnly(unsafe MidChainsEntry(partsOf: $0), tell) }
        }
        begin()
        for place in 0..<lines.count {
            if let trouble = apply(lines[place]) { return trouble }
        }
        tellAll(tell)
        return nil
    }

    /// A message begins that may change several levels.
    @inline(__always)
    private func begin() {
        levels.beginMessage()
        touched.removeAll()
    }

    /// Tells each level that the message has changed, once.
    @inline(__always)
    private func tellAll(_ tell: (DepthChange) -> Void) {
        grown.removeAll()
        for place in 0..<touched.count {
            if touched.count == 1 || hasShrunk(touched[place]) {
                self.tell(touched[place], tell)
            } else {
                grown.append(touched[place])
            }
        }
        for place in 0..<grown.count { self.tell(grown[place], tell) }
    }

    /// Does what the only line of a message says: at most one level is another then, unless the entry moves.
    @inline(__always)
    private func applyOnly(_ line: MidChainsEntry, _ tell: (DepthChange) -> Void) -> Trouble? {
        let isThere = line.act != .remove && !line.isIndication && line.quantityUnits > 0
        var (delta, side, price) = (line.quantityUnits, line.side ?? .bid, line.priceUnits)
        let spot = entries.find(line.name)
        if spot.isFound {
            let old = entries[spot.place]
            guard !isThere || old.price == price && old.side == side else {
                return applyMove(line, tell)
            }
            if isThere {
                delta = delta &- old.quantity
                entries.set(spot.place, line, side)
            } else {
                (delta, side, price) = (0 &- old.quantity, old.side, old.price)
                if old.name.isKey { keyed &-= 1 }
                entries.remove(spot)
            }
        } else {
            guard isThere, entries.count < MidChainsEntryTable.limit else {
                return applyMove(line, tell)
            }
            entries.insert(line, side, at: spot)
            if line.name.isKey { keyed &+= 1 }
        }
        guard delta != 0 else { return nil }
        let place = levels.place(of: price, side)
        let (total, isOver) = levels.total(at: place).addingReportingOverflow(delta)
        if isOver { return .tooLarge(price: price) }
        if total == 0 {
            levels.remove(at: place)
        } else {
            levels.set(place, total)
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
        begin()
        if let trouble = apply(line) { return trouble }
        tellAll(tell)
        return nil
    }

    @inline(__always)
    private func apply(_ line: MidChainsEntry) -> Trouble? {
        let found = entries.find(line.name)
        // An indication is not to be traded with, and so not in the book.
        guard line.act != .remove, !line.isIndication, line.quantityUnits > 0, let side = line.side
        else { return remove(line, found) }
        guard found.isFound else {
            guard entries.count < MidChainsEntryTable.limit else {
                return .tooMany(entries: entries.count)
            }
            entries.insert(line, side, at: found)
            if line.name.isKey { keyed &+= 1 }
            return add(line.quantityUnits, side, line.priceUnits, line.stamp)
        }
        let old = entries[found.place]
        entries.set(found.place, line, side)
        if old.price == line.priceUnits, old.side == side {
            return add(line.quantityUnits &- old.quantity, side, line.priceUnits, line.stamp)
        }
        return move(old, line, side)
    }

    @inline(never)
    private func move(
        _ old: MidChainsEntryTable.Entry, _ line: MidChainsEntry, _ side: Side
    ) -> Trouble? {
        add(0 &- old.quantity, old.side, old.price, line.stamp)
            ?? add(line.quantityUnits, side, line.priceUnits, line.stamp)
    }

    @inline(__always)
    private func remove(_ line: MidChainsEntry, _ found: MidChainsEntryTable.Spot) -> Trouble? {
        guard found.isFound else { return removeByID(line) }
        let old = entries[found.place]
        if old.name.isKey { keyed &-= 1 }
        entries.remove(found)
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
        for place in 0..<entries.used where !entries[place].isFree {
            if entries.id(at: place) == line.id { found.append(place) }
        }
        guard found.count < 2 else { return .ambiguous(id: line.id, count: found.count) }
        guard let place = found.first else {
            strangeRemovals += 1
            return nil
        }
        return remove(line, entries.find(entries[place].name))
    }

    @inline(__always)
    private func add(_ delta: Int64, _ side: Side, _ price: Int64, _ stamp: Int64) -> Trouble? {
        let place = levels.place(of: price, side)
        let (total, isOver) = levels.total(at: place).addingReportingOverflow(delta)
        if isOver { return .tooLarge(price: price) }
        if levels.set(place, total, stamp: stamp) {
            touched.append(Touch(side: side, price: price))
        }
        return nil
    }

    private func hasShrunk(_ touch: Touch) -> Bool {
        let change = levels.change(at: levels.place(of: touch.price, touch.side))
        return change.total < change.told
    }

    @inline(__always)
    private func tell(_ touch: Touch, _ tell: (DepthChange) -> Void) {
        let place = levels.place(of: touch.price, touch.side)
        let (told, total, stamp) = levels.change(at: place)
        if total == 0 { levels.remove(at: place) }
        guard total != told else { return }
        tell(
            DepthChange(
                venue: .midchains, instrument: instrument, side: touch.side,
                priceUnits: touch.price, quantityUnits: total, deltaUnits: total &- told,
                stamp: stamp))
    }
}

extension MidChainsEntry {
    /// The entry that stands somewhere, each part of it read on its own.
    @inline(__always)
    fileprivate init(partsOf entry: UnsafePointer<MidChainsEntry>) {
        unsafe self.init(
            name: MidChainsName(high: entry.pointee.name.high, low: entry.pointee.name.low),
            id: entry.pointee.id, priceUnits: entry.pointee.priceUnits,
            quantityUnits: entry.pointee.quantityUnits, stamp: entry.pointee.stamp,
            act: entry.pointee.act, side: entry.pointee.side,
            isIndication: entry.pointee.isIndication)
    }
}
