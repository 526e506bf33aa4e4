// Delivery: the hot loop, its slow exits, and the nested call. The invariants stand in Core.swift.

extension Core {
    /// Delivers up to `budget` records in the order they were posted, and says how many.
    ///
    /// Ends early when a workflow was woken, so that it runs before the next event.
    @inline(never) func dispatch(_ budget: Int) -> Int {
        let first = unsafe s.pointee.sequence
        unsafe s.pointee.stopAt = first &+ UInt64(budget)
        unsafe s.pointee.isDispatching = true
        if unsafe s.pointee.isShadowed || s.pointee.isTiming || s.pointee.isTaped {
            dispatchWatched(budget)
        } else if unsafe s.pointee.ring != nil {
            dispatchTraced(budget)
        } else {
            while unsafe s.pointee.sequence != s.pointee.appended,
                unsafe s.pointee.sequence != s.pointee.stopAt
            {
                unsafe deliver(nextRecord())
            }
        }
        if pending == 0, unsafe s.pointee.readBlock == s.pointee.writeBlock {
            unsafe s.pointee.read = unsafe s.pointee.readBlock + 16
            unsafe s.pointee.write = unsafe s.pointee.read
        }
        unsafe s.pointee.current = .none
        unsafe s.pointee.isDispatching = false
        if unsafe s.pointee.ring != nil { tracesCame() }
        return unsafe Int(truncatingIfNeeded: s.pointee.sequence &- first)
    }

    private func tracesCame() {
        markCause()
        kernel.takeTraces()
    }

    /// Whoever changes what is traced meanwhile ends this by `stopAt`.
    @inline(never) private func dispatchTraced(_ budget: Int) {
        makeTraceRoom(budget)
        guard let ring = unsafe s.pointee.ring else { return }
        let entries = unsafe ring.pointee.entries
        let mask = unsafe ring.pointee.mask
        let now = kernel.now.nanoseconds
        while unsafe s.pointee.sequence != s.pointee.appended,
            unsafe s.pointee.sequence != s.pointee.stopAt
        {
            let record = unsafe nextRecord()
            unsafe trace(record, entries, mask, now)
            unsafe deliver(record)
        }
    }

    @inline(never) private func dispatchWatched(_ budget: Int) {
        makeTraceRoom(budget)
        // What was done since the turn began is no event's time.
        if unsafe s.pointee.isMeasuring { kernel.readClock() }
        while unsafe s.pointee.sequence != s.pointee.appended,
            unsafe s.pointee.sequence != s.pointee.stopAt
        {
            let record = unsafe nextRecord()
            if unsafe s.pointee.isTaped { unsafe note(record) }
            unsafe trace(record)
            if unsafe s.pointee.isWatched { unsafe show(record) }
            defer { if unsafe s.pointee.isWatched { kernel.watcher?.delivered() } }
            guard unsafe s.pointee.isTiming else {
                unsafe deliverMeasured(record)
                continue
            }
            let header = unsafe record.load(as: UInt64.self)
            let destination = UInt32(truncatingIfNeeded: header &>> 32)
            let event = UInt32(truncatingIfNeeded: header &>> 16) & 0xffff
            // A published record has many receivers; the line names the event alone.
            let id = destination & 0x8000_0000 == 0 ? session(at: Int(destination)) : nil
            kernel.timed(kernel.entry(event).name, id ?? .none) {
                unsafe deliverMeasured(record)
            }
        }
    }

    @inline(__always) private func deliverMeasured(_ record: UnsafeMutableRawPointer) {
        if unsafe s.pointee.isMeasuring {
            unsafe measure(record) { unsafe deliver(record) }
        } else {
            unsafe deliver(record)
        }
    }

    /// Destroys everything that is queued.
    func dropAll() {
        makeTraceRoom(0)
        while pending > 0 {
            let record = unsafe nextRecord()
            if unsafe s.pointee.isTaped { unsafe note(record) }
            unsafe trace(record)
            traceWasDropped()
            let header = unsafe record.load(as: UInt64.self)
            let event = UInt32(truncatingIfNeeded: header &>> 16) & 0xffff
            let destination = UInt32(truncatingIfNeeded: header &>> 32)
            if destination & 0x8000_0000 != 0 {
                unsafe fanOut(
                    event, destination & 0x7fff_ffff, record, true, header & 0x8000 == 0)
            } else {
                unsafe drop(event, record + 16, trivial: header & 0x8000 != 0)
            }
        }
        if unsafe s.pointee.ring != nil { kernel.takeTraces() }
    }

    /// Takes the next record off the queue. There is one.
    @inline(__always) private func nextRecord() -> UnsafeMutableRawPointer {
        var record = unsafe s.pointee.read
        var header = unsafe record.load(as: UInt64.self)
        if header == 0 {
            advance()
            unsafe record = s.pointee.read
            header = unsafe record.load(as: UInt64.self)
        }
        unsafe s.pointee.read = unsafe record + Int(header & 0x7fff) &<< 4
        unsafe s.pointee.sequence &+= 1
        return unsafe record
    }

    /// Delivers one record to its session, or to everybody registered.
    @inline(__always) private func deliver(_ record: UnsafeMutableRawPointer) {
        let a = unsafe record.load(as: UInt64.self)
        let b = unsafe record.load(fromByteOffset: 8, as: UInt64.self)
        let event = UInt32(truncatingIfNeeded: a &>> 16) & 0xffff
        let destination = UInt32(truncatingIfNeeded: a &>> 32)
        guard destination & 0x8000_0000 == 0 else {
            return unsafe fanOut(
                event, destination & 0x7fff_ffff, record, false, a & 0x8000 == 0)
        }
        let slot = unsafe s.pointee.slots + Int(destination)
        let generation = unsafe slot.pointee.generation
        // A record's generation is odd, a dead slot's is even: equal means alive and the same.
        guard UInt64(generation & 0xffff) == b & 0xffff else {
            return unsafe drop(event, record + 16, trivial: a & 0x8000 != 0)
        }
        unsafe slot.pointee.pending &-= 1
        unsafe slot.pointee.dispatched &+= 1
        let id = SessionID(slot: destination, generation: generation)
        unsafe s.pointee.current = id
        if unsafe slot.pointee.special != 0 { unsafe deliverSpecially(id, event, record) }
        if unsafe event < slot.pointee.rowCount,
            let thunk = unsafe slot.pointee.row.unsafelyUnwrapped[Int(event)]
        {
            let object = unsafe slot.pointee.object.unsafelyUnwrapped
            do {
                unsafe try thunk._withUnsafeGuaranteedRef {
                    unsafe try $0.run(object, record + 16, Context(self, id), true)
                }
            } catch { kernel.failed(id, error) }
        } else {
            unsafe unhandled(id, event, record + 16, b)
        }
        noteIdle(destination)
    }

    /// Remembers a session that has nothing left to do; the turn's end looks again.
    @inline(__always) func noteIdle(_ index: UInt32) {
        let slot = unsafe s.pointee.slots + Int(index)
        if unsafe slot.pointee.pending == 0, unsafe slot.pointee.interest == 0,
            unsafe !slot.pointee.isCandidate
        {
            addCandidate(index)
        }
    }

    @inline(never) func addCandidate(_ index: UInt32) {
        unsafe s.pointee.slots[Int(index)].isCandidate = true
        let generation = unsafe s.pointee.slots[Int(index)].generation
        kernel.candidates.append(
            Kernel.Candidate(session: SessionID(slot: index, generation: generation)))
    }

    /// One published record, lent to everybody registered, in the order of registration.
    @inline(never) func fanOut(
        _ event: UInt32, _ topic: UInt32, _ record: UnsafeMutableRawPointer, _ dropping: Bool,
        _ owns: Bool
    ) {
        let list = unsafe s.pointee.topics + Int(topic)
        unsafe list.pointee.delivered &+= 1
        let sequence = unsafe list.pointee.delivered
        let count = unsafe dropping ? 0 : list.pointee.count
        unsafe s.pointee.fanTopic = topic
        var i: UInt32 = 0
        while i < count {
            unsafe s.pointee.fanIndex = i
            unsafe lend(event, topic, record, i, sequence)
            i &+= 1
        }
        if event == 0 { kernel.counters.tombstones &+= 1 }
        if owns { unsafe destroyPayload(event, record + 16) }
        unsafe s.pointee.fanTopic = .max
        if unsafe s.pointee.topics[Int(topic)].hasDead { sweep(topic) }
    }

    /// Lends a record to one of those registered. Reads the list anew: a handler may register.
    @inline(__always) private func lend(
        _ event: UInt32, _ topic: UInt32, _ record: UnsafeMutableRawPointer, _ place: UInt32,
        _ sequence: UInt64
    ) {
        let list = unsafe s.pointee.topics + Int(topic)
        let subscriber = unsafe list.pointee.subscribers.unsafelyUnwrapped + Int(place)
        let id = unsafe subscriber.pointee.session
        let slot = unsafe s.pointee.slots + Int(id.slot)
        guard unsafe slot.pointee.generation == id.generation else {
            unsafe list.pointee.hasDead = true
            return
        }
        guard unsafe subscriber.pointee.joined < sequence else { return }
        guard unsafe slot.pointee.special == 0, unsafe event < slot.pointee.rowCount,
            let thunk = unsafe slot.pointee.row.unsafelyUnwrapped[Int(event)]
        else { return unsafe lendSpecially(event, topic, record, id, sequence) }
        unsafe slot.pointee.pending &-= 1
        unsafe slot.pointee.dispatched &+= 1
        unsafe s.pointee.current = id
        let object = unsafe slot.pointee.object.unsafelyUnwrapped
        do {
            unsafe try thunk._withUnsafeGuaranteedRef {
                unsafe try $0.run(object, record + 16, Context(self, id), false)
            }
        } catch { kernel.failed(id, error) }
        noteIdle(id.slot)
    }

    /// The same for a tombstone, for a session with open inboxes or mailbox policies, and for one without a handler.
    @inline(never) private func lendSpecially(
        _ event: UInt32, _ topic: UInt32, _ record: UnsafeMutableRawPointer, _ id: SessionID,
        _ sequence: UInt64
    ) {
        let slot = unsafe s.pointee.slots + Int(id.slot)
        if unsafe slot.pointee.special != 0,
            unsafe !admitsPublished(id, event, record, topic, sequence)
        {
            return
        }
        unsafe slot.pointee.pending &-= 1
        defer { noteIdle(id.slot) }
        guard event != 0 else { return }
        unsafe slot.pointee.dispatched &+= 1
        unsafe s.pointee.current = id
        guard unsafe event < slot.pointee.rowCount,
            let thunk = unsafe slot.pointee.row.unsafelyUnwrapped[Int(event)]
        else {
            if kernel.existingExtras(of: id)?.hasInbox(for: event) != true {
                kernel.missed(event, by: id)
            }
            return
        }
        let object = unsafe slot.pointee.object.unsafelyUnwrapped
        do {
            unsafe try thunk._withUnsafeGuaranteedRef {
                unsafe try $0.run(object, record + 16, Context(self, id), false)
            }
        } catch { kernel.failed(id, error) }
    }

    /// Runs the handler of `event` now, on the caller's stack; the payload is at `raw` and owned.
    @inline(never) @usableFromInline func deliverNow(
        _ event: UInt32, to id: SessionID, _ raw: UnsafeMutableRawPointer
    ) throws {
        let slot = unsafe s.pointee.slots + Int(id.slot)
        if unsafe slot.pointee.special != 0 { unsafe kernel.extras(of: id).deliver(event, raw) }
        guard unsafe event < slot.pointee.rowCount,
            let thunk = unsafe slot.pointee.row.unsafelyUnwrapped[Int(event)],
            let object = unsafe slot.pointee.object
        else {
            let source = unsafe s.pointee.current
            unsafe unhandled(
                id, event, raw,
                UInt64(source.generation & 0xffff) &<< 16 | UInt64(source.slot) &<< 32)
            return
        }
        let caller = unsafe s.pointee.current
        unsafe slot.pointee.dispatched &+= 1
        unsafe s.pointee.current = id
        unsafe s.pointee.depth &+= 1
        defer {
            unsafe s.pointee.depth &-= 1
            unsafe s.pointee.current = caller
            if isAlive(id) { noteIdle(id.slot) }
        }
        unsafe try thunk._withUnsafeGuaranteedRef {
            unsafe try $0.run(object, raw, Context(self, id), true)
        }
    }

    /// Calls a handler that has no say in what happens next: a throw fails its session.
    @inlinable func notify<P: ~Copyable>(
        _ event: Event<P>, _ id: SessionID, _ payload: consuming P
    ) {
        guard isAlive(id), handles(event.id, id) || awaits(event.id, id) else { return }
        do { _ = try call(event, to: id, payload) } catch { kernel.failed(id, error) }
    }

    @inlinable func handles(_ event: UInt32, _ id: SessionID) -> Bool {
        guard isAlive(id) else { return false }
        let slot = unsafe s.pointee.slots + Int(id.slot)
        return unsafe event < slot.pointee.rowCount
            && slot.pointee.row.unsafelyUnwrapped[Int(event)] != nil
    }

    /// A workflow of `id` has an inbox for `event`.
    @usableFromInline func awaits(_ event: UInt32, _ id: SessionID) -> Bool {
        unsafe s.pointee.slots[Int(id.slot)].special != 0
            && kernel.extras(of: id).hasInbox(for: event)
    }

    // MARK: Slow exits

    /// The record found no handler: the kernel's own events, then the catch-all, then the dead letters.
    @inline(never) func unhandled(
        _ id: SessionID, _ event: UInt32, _ payload: UnsafeMutableRawPointer, _ word: UInt64
    ) {
        switch event {
        case Event<UInt64>.answered.id:
            kernel.answered(unsafe payload.load(as: UInt64.self), by: id)
        case Event<UInt64>.resumeReading.id:
            kernel.resumeReading(unsafe payload.load(as: UInt64.self))
        default:
            let source = SessionID(
                slot: UInt32(truncatingIfNeeded: word &>> 32),
                generation: UInt32(truncatingIfNeeded: word &>> 16) & 0xffff)
            let isExpected = kernel.existingExtras(of: id)?.hasInbox(for: event) ?? false
            if !isExpected, !kernel.catchAll(event, id, source) { kernel.missed(event, by: id) }
            unsafe destroyPayload(event, payload)
        }
    }

    @inline(never) func drop(_ event: UInt32, _ payload: UnsafeMutableRawPointer, trivial: Bool) {
        traceWasDropped()
        if event == 0 {
            kernel.counters.tombstones &+= 1
        } else {
            kernel.counters.undelivered &+= 1
            if !trivial { unsafe destroyPayload(event, payload) }
        }
    }

    func destroyPayload(_ event: UInt32, _ payload: UnsafeMutableRawPointer) {
        if unsafe event >= s.pointee.destroyerCount { learnDestroyers() }
        unsafe s.pointee.destroyers.unsafelyUnwrapped[Int(event)]._withUnsafeGuaranteedRef {
            unsafe $0.run(payload)
        }
    }

    /// Takes over what events have been interned since.
    @inline(never) private func learnDestroyers() {
        let all = Names.entries()
        forgetDestroyers()
        let table = UnsafeMutablePointer<Unmanaged<Names.Destroyer>>.allocate(
            capacity: all.count)
        // Names are kept for ever, and their destroyers with them.
        for index in all.indices {
            unsafe (table + index).initialize(to: .passUnretained(all[index].destroy))
        }
        unsafe s.pointee.destroyers = unsafe table
        unsafe s.pointee.destroyerCount = UInt32(all.count)
    }

    func forgetDestroyers() {
        unsafe s.pointee.destroyers?.deallocate()
        unsafe s.pointee.destroyers = nil
        unsafe s.pointee.destroyerCount = 0
    }

    /// A delivery to a session with open inboxes or mailbox policies.
    @inline(never) func deliverSpecially(
        _ id: SessionID, _ event: UInt32, _ record: UnsafeMutableRawPointer
    ) {
        let extras = kernel.extras(of: id)
        if let policy = extras.policies?[event] {
            unsafe policy.dequeued(record + 16, QueueReference(record: record))
        }
        if extras.isHigh { kernel.noteLow(id, extras) }
        unsafe extras.deliver(event, record + 16)
    }

    /// Whether a published record is (still) meant for a session with inboxes or policies.
    @inline(never) func admitsPublished(
        _ id: SessionID, _ event: UInt32, _ record: UnsafeMutableRawPointer, _ topic: UInt32,
        _ sequence: UInt64
    ) -> Bool {
        let extras = kernel.extras(of: id)
        if !extras.skips.isEmpty, extras.skips[topic]?.remove(sequence) != nil {
            if extras.skips[topic]?.isEmpty == true { extras.skips[topic] = nil }
            respecial(id, extras)
            return false
        }
        if let policy = extras.policies?[event] {
            unsafe policy.dequeued(
                record + 16, QueueReference(topic: topic, sequence: sequence))
        }
        if extras.isHigh { kernel.noteLow(id, extras) }
        unsafe extras.deliver(event, record + 16)
        return true
    }

    /// Recomputes what deliveries to `id` have to look at.
    func respecial(_ id: SessionID, _ extras: Extras) {
        guard isAlive(id) else { return }
        unsafe s.pointee.slots[Int(id.slot)].special =
            UInt32(extras.inboxCount) &+ (extras.policies == nil ? 0 : 1)
            &+ (extras.skips.isEmpty ? 0 : 1) &+ (extras.isHigh ? 1 : 0)
    }
}
