// Opening and closing slots. The invariants stand in Core.swift.

extension Core {
    /// Gives `object` a slot. Its mailbox takes `limit` records; zero sends every post the slow way.
    func open(_ object: AnyObject, _ table: Table, _ alias: Alias?, limit: UInt32) -> SessionID {
        let index: UInt32
        if let free = kernel.freeSlots.popLast() {
            index = free
        } else {
            index = unsafe s.pointee.slotCount
            unsafe s.pointee.slotCount += 1
            if unsafe index == s.pointee.slotCapacity { growSlots(Int(index)) }
        }
        let slot = unsafe s.pointee.slots + Int(index)
        let generation = unsafe slot.pointee.generation &+ 1
        unsafe slot.pointee = Slot()
        unsafe slot.pointee.generation = generation
        unsafe slot.pointee.row = unsafe table.row
        unsafe slot.pointee.rowCount = table.count
        unsafe slot.pointee.limit = limit
        unsafe slot.pointee.born = kernel.counters.started
        unsafe slot.pointee.object = unsafe UnsafeRawPointer(
            Unmanaged.passRetained(object).toOpaque())
        let id = SessionID(slot: index, generation: generation)
        if let alias {
            grow(alias.id)
            let holder = unsafe s.pointee.aliases[Int(alias.id)].session
            precondition(!isAlive(holder), "alias \"\(alias)\" is borne by session \(holder)")
            unsafe slot.pointee.alias = alias.id
            unsafe s.pointee.aliases[Int(alias.id)].session = id
        }
        return id
    }

    private func growSlots(_ count: Int) {
        let bigger = UnsafeMutablePointer<Slot>.allocate(capacity: count * 2)
        unsafe bigger.moveInitialize(from: s.pointee.slots, count: count)
        unsafe (bigger + count).initialize(repeating: Slot(), count: count)
        unsafe s.pointee.slots.deallocate()
        unsafe s.pointee.slots = unsafe bigger
        unsafe s.pointee.slotCapacity = UInt32(count * 2)
    }

    /// Ends `id`: from here on stale ids and queued records miss by comparison, and nobody scans.
    ///
    /// - Returns: The session object, which the caller keeps until no handler can be running on it.
    func close(_ id: SessionID) -> AnyObject? {
        guard isAlive(id) else { return nil }
        let slot = unsafe s.pointee.slots + Int(id.slot)
        unsafe slot.pointee.generation &+= 1
        let object = unsafe Unmanaged<AnyObject>.fromOpaque(
            slot.pointee.object.unsafelyUnwrapped
        ).takeRetainedValue()
        unsafe slot.pointee.object = nil
        if unsafe slot.pointee.alias != .max {
            unsafe s.pointee.aliases[Int(slot.pointee.alias)].session = .none
            unsafe slot.pointee.alias = .max
        }
        unsafe slot.pointee.special = 0
        // The generation's low 16 bits are all that a record carries: a slot rests when they are used up.
        if unsafe slot.pointee.generation & 0xffff != 0xfffe { kernel.freeSlots.append(id.slot) }
        return object
    }

    @usableFromInline @inline(never) func grow(_ alias: UInt32) {
        guard unsafe alias >= s.pointee.aliasCapacity else { return }
        let count = Int(alias) * 2
        let old = unsafe Int(s.pointee.aliasCapacity)
        let bigger = UnsafeMutablePointer<AliasEntry>.allocate(capacity: count)
        unsafe bigger.moveInitialize(from: s.pointee.aliases, count: old)
        unsafe (bigger + old).initialize(repeating: AliasEntry(), count: count - old)
        unsafe s.pointee.aliases.deallocate()
        unsafe s.pointee.aliases = unsafe bigger
        unsafe s.pointee.aliasCapacity = UInt32(count)
    }

    /// Counts one more reason (or one fewer) to keep `id`.
    func interest(_ id: SessionID, _ change: Int) {
        guard isAlive(id) else { return }
        let slot = unsafe s.pointee.slots + Int(id.slot)
        unsafe slot.pointee.interest = UInt32(Int(slot.pointee.interest) + change)
        noteIdle(id.slot)
    }

    /// What the kernel's slow parts ask of a slot.
    func facts(_ id: SessionID) -> (pending: Int, interest: Int, alias: Alias?, dispatched: UInt64)
    {
        guard isAlive(id) else { return (0, 0, nil, 0) }
        let slot = unsafe s.pointee.slots[Int(id.slot)]
        return (
            Int(slot.pending), Int(slot.interest),
            slot.alias == .max ? nil : Alias(id: slot.alias), slot.dispatched
        )
    }

    func born(_ id: SessionID) -> UInt64 { unsafe s.pointee.slots[Int(id.slot)].born }

    func row(_ id: SessionID) -> UnsafeRawPointer? {
        unsafe UnsafeRawPointer(s.pointee.slots[Int(id.slot)].row)
    }

    func uncandidate(_ id: SessionID) {
        unsafe s.pointee.slots[Int(id.slot)].isCandidate = false
    }

    func run(_ handler: CatchAll, _ id: SessionID, _ letter: DeadLetter) throws {
        guard let object = unsafe s.pointee.slots[Int(id.slot)].object else { return }
        unsafe try handler.run(object, letter, Context(self, id))
    }

    func setCurrent(_ id: SessionID) { unsafe s.pointee.current = id }
    var slotCount: Int { unsafe Int(s.pointee.slotCount) }

    /// The living session in slot `index`, if there is one.
    func session(at index: Int) -> SessionID? {
        let generation = unsafe s.pointee.slots[index].generation
        return generation & 1 == 1 ? SessionID(slot: UInt32(index), generation: generation) : nil
    }

    /// Counts the queued records by event, in order of first appearance.
    func queueByEvent() -> [(event: UInt32, count: Int)] {
        var counts: [UInt32: Int] = [:]
        var order: [UInt32] = []
        var left = pending
        var block = unsafe s.pointee.readBlock
        var at = unsafe s.pointee.read
        while left > 0 {
            let header = unsafe at.load(as: UInt64.self)
            if header == 0 {
                unsafe block = block.load(as: UnsafeMutableRawPointer?.self).unsafelyUnwrapped
                unsafe at = block + 16
                continue
            }
            let event = UInt32(truncatingIfNeeded: header &>> 16) & 0xffff
            if event != 0 {
                if counts[event] == nil { order.append(event) }
                counts[event, default: 0] += 1
            }
            unsafe at += Int(header & 0x7fff) &<< 4
            left -= 1
        }
        return order.map { ($0, counts[$0] ?? 0) }
    }
}
