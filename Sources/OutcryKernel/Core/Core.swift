// The kernel's queue. Together with State, Core+Dispatch, Core+Sessions, Core+Topics, Payload and Thunk this is
// the unsafe part of the kernel; everything above calls it through safe functions. Its invariants:
//
//  1. One thread. Everything here runs on the thread that made the kernel; `Kernel`, `Core` and `Context`
//     are not Sendable.
//  2. A record is 16 bytes of header, then the payload, in a block that never moves; its size counts both
//     and is a multiple of 16. So any Swift type is legal as a payload, and a pointer to a queued record
//     stays good until the record is dispatched.
//  3. The payload under an event id has the type that `Names` holds for that id: `Event.init` is the only
//     way to an id, and checks.
//  4. A row's thunk under an event id was built for the row's session type and that event's payload type;
//     a slot's object is of the type its row was built for.
//  5. A payload is moved out or destroyed exactly once: by the thunk when it is `owned`, else by whoever
//     lent it. A tombstone's payload is gone already.
//  6. The object of a closed slot goes to the kernel's graveyard, so that it outlives the handler that
//     closed it; rows live as long as the kernel.
//
// Header, word 0: size / 16 (15 bits) | trivial payload (1) | event (16) | destination slot or topic (32).
// Header, word 1: destination generation (16) | source generation (16) | source slot (32).
// A size of zero says: go on in the next block. Event 0 is a tombstone.

@safe @frozen @usableFromInline struct Core {
    @usableFromInline let s: UnsafeMutablePointer<State>
    @inlinable init(_ state: UnsafeMutablePointer<State>) { unsafe s = unsafe state }

    @usableFromInline static let blockSize = 1 << 16

    static func make() -> Core {
        let block = unsafe fresh(nil)
        let slots = UnsafeMutablePointer<Slot>.allocate(capacity: 64)
        unsafe slots.initialize(repeating: Slot(), count: 64)
        unsafe slots[0].generation = 0xffff_fffe
        let aliases = UnsafeMutablePointer<AliasEntry>.allocate(capacity: 64)
        unsafe aliases.initialize(repeating: AliasEntry(), count: 64)
        let recentTopics = UnsafeMutablePointer<UInt32>.allocate(capacity: 64)
        unsafe recentTopics.initialize(repeating: .max, count: 64)
        let state = UnsafeMutablePointer<State>.allocate(capacity: 1)
        unsafe state.initialize(
            to: State(
                write: block + 16, end: block + blockSize - 16, read: block + 16,
                writeBlock: block, readBlock: block, slots: slots, slotCapacity: 64,
                aliases: aliases, aliasCapacity: 64, topics: .allocate(capacity: 64),
                topicCapacity: 64, recentTopics: recentTopics))
        return unsafe Core(state)
    }

    func adopt(_ kernel: Kernel) { unsafe s.pointee.kernel = kernel }

    /// Destroys what is queued and gives everything back, also the sessions of a run that was never ended.
    func destroy() {
        dropAll()
        for i in 1..<Int(unsafe s.pointee.slotCount) {
            guard unsafe s.pointee.slots[i].generation & 1 == 1,
                let object = unsafe s.pointee.slots[i].object
            else { continue }
            unsafe s.pointee.slots[i].generation &+= 1
            unsafe Unmanaged<AnyObject>.fromOpaque(object).release()
        }
        for i in 0..<Int(unsafe s.pointee.topicCount) {
            unsafe s.pointee.topics[i].subscribers?.deallocate()
        }
        var block = unsafe s.pointee.freeBlock
        while let b = unsafe block {
            unsafe block = b.load(as: UnsafeMutableRawPointer?.self)
            unsafe b.deallocate()
        }
        unsafe s.pointee.writeBlock.deallocate()
        unsafe s.pointee.slots.deallocate()
        unsafe s.pointee.aliases.deallocate()
        unsafe s.pointee.topics.deallocate()
        unsafe s.pointee.recentTopics.deallocate()
        forgetDestroyers()
        setTape(false)
        setTracing(keeping: nil)
        forgetShadows()
        unsafe s.deinitialize(count: 1)
        unsafe s.deallocate()
    }

    @usableFromInline var kernel: Kernel { unsafe s.pointee.kernel.unsafelyUnwrapped }
    @inlinable var pending: Int {
        unsafe Int(truncatingIfNeeded: s.pointee.appended &- s.pointee.sequence)
    }
    @inlinable var sequence: UInt64 { unsafe s.pointee.sequence }
    @inlinable var current: SessionID { unsafe s.pointee.current }

    // MARK: Blocks

    private static func fresh(_ free: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer {
        let block = unsafe free ?? .allocate(byteCount: blockSize, alignment: 64)
        unsafe block.storeBytes(of: nil, as: UnsafeMutableRawPointer?.self)
        return unsafe block
    }

    /// The end of what may be written into the current block. While records have shadows it seems to be full,
    /// so that every record takes the slow way, where its cause is noted.
    func setEnd() {
        unsafe s.pointee.end =
            unsafe s.pointee.isShadowed
            ? s.pointee.writeBlock : s.pointee.writeBlock + Self.blockSize - 16
    }

    /// The slow way of a record into the queue: notes its cause, goes on in the next block if need be.
    @inline(never) @usableFromInline func makeRoom(_ size: Int) {
        if unsafe s.pointee.isShadowed { castShadow() }
        if unsafe s.pointee.write + size > s.pointee.writeBlock + Self.blockSize - 16 { link() }
    }

    /// Goes on writing in the next block.
    private func link() {
        let free = unsafe s.pointee.freeBlock
        if let free = unsafe free {
            unsafe s.pointee.freeBlock = free.load(as: UnsafeMutableRawPointer?.self)
        }
        let block = unsafe Self.fresh(free)
        unsafe s.pointee.write.storeBytes(of: 0, as: UInt64.self)
        unsafe s.pointee.writeBlock.storeBytes(of: block, as: UnsafeMutableRawPointer?.self)
        unsafe s.pointee.writeBlock = unsafe block
        unsafe s.pointee.write = unsafe block + 16
        setEnd()
    }

    /// Goes on reading in the next block; the old one is recycled.
    @inline(never) func advance() {
        let old = unsafe s.pointee.readBlock
        let next = unsafe old.load(as: UnsafeMutableRawPointer?.self).unsafelyUnwrapped
        unsafe old.storeBytes(of: s.pointee.freeBlock, as: UnsafeMutableRawPointer?.self)
        unsafe s.pointee.freeBlock = unsafe old
        unsafe s.pointee.readBlock = unsafe next
        unsafe s.pointee.read = unsafe next + 16
    }

    /// A place in the queue, to find again what was written after it.
    @safe struct Mark {
        let block: UnsafeMutableRawPointer
        let at: UnsafeMutableRawPointer
    }

    var mark: Mark { unsafe Mark(block: s.pointee.writeBlock, at: s.pointee.write) }

    /// Turns what `source` posted since `mark` into tombstones: nothing posted from `stopped` is delivered.
    func bury(since mark: Mark, from source: SessionID) {
        var block = unsafe mark.block
        var at = unsafe mark.at
        var published: [(topic: UInt32, event: UInt32, isBuried: Bool)] = []
        while unsafe at != s.pointee.write {
            let header = unsafe at.load(as: UInt64.self)
            if header == 0 {
                unsafe block = block.load(as: UnsafeMutableRawPointer?.self).unsafelyUnwrapped
                unsafe at = block + 16
                continue
            }
            let word = unsafe at.load(fromByteOffset: 8, as: UInt64.self)
            let destination = UInt32(truncatingIfNeeded: header &>> 32)
            let event = UInt32(truncatingIfNeeded: header &>> 16) & 0xffff
            let isTopic = destination & 0x8000_0000 != 0
            let isBuried =
                UInt32(truncatingIfNeeded: word &>> 32) == source.slot
                && (word &>> 16) & 0xffff == UInt64(source.generation & 0xffff)
            if isTopic { published.append((destination & 0x7fff_ffff, event, isBuried)) }
            if isBuried {
                if header & 0x8000 == 0 { unsafe destroyPayload(event, at + 16) }
                if !isTopic {
                    unsafe forgetPosted(event, destination, UInt32(truncatingIfNeeded: word), at)
                }
                unsafe at.storeBytes(
                    of: header & 0x7fff | 0x8000 | (isTopic ? UInt64(destination) &<< 32 : 0),
                    as: UInt64.self)
                unsafe at.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
            }
            unsafe at += Int(header & 0x7fff) &<< 4
        }
        var behind: [UInt32: UInt64] = [:]
        for (topic, event, isBuried) in published.reversed() {
            if isBuried { forgetPublished(event, topic, behind: behind[topic, default: 0]) }
            behind[topic, default: 0] += 1
        }
    }

    /// A posted record will not come: counts it off, if its receiver still lives.
    private func forgetPosted(
        _ event: UInt32, _ index: UInt32, _ generation: UInt32, _ record: UnsafeMutableRawPointer
    ) {
        let slot = unsafe s.pointee.slots + Int(index)
        guard unsafe slot.pointee.generation & 0xffff == generation & 0xffff,
            unsafe slot.pointee.generation & 1 == 1
        else { return }
        unsafe slot.pointee.pending &-= 1
        let id = unsafe SessionID(slot: index, generation: slot.pointee.generation)
        if let policy = kernel.existingExtras(of: id)?.policies?[event] {
            let reference = unsafe QueueReference(record: record)
            policy.forget { $0.isSame(as: reference) }
        }
        if let extras = kernel.existingExtras(of: id), extras.isHigh { kernel.noteLow(id, extras) }
        noteIdle(index)
    }

    /// A published record is a tombstone now. It is still counted for all listeners, and counted off when
    /// it comes; but no policy may take it back.
    private func forgetPublished(_ event: UInt32, _ topic: UInt32, behind: UInt64) {
        let sequence = unsafe s.pointee.topics[Int(topic)].published &- behind
        let reference = QueueReference(topic: topic, sequence: sequence)
        let list = unsafe s.pointee.topics + Int(topic)
        for i in 0..<Int(unsafe list.pointee.count) {
            let id = unsafe list.pointee.subscribers.unsafelyUnwrapped[i].session
            guard isAlive(id), let policy = kernel.existingExtras(of: id)?.policies?[event] else {
                continue
            }
            policy.forget { $0.isSame(as: reference) }
        }
    }

    // MARK: Posting

    /// Writes one record behind the last. Every event of the kernel passes here.
    @inline(__always) @inlinable func append<P: ~Copyable>(
        _ event: Event<P>, _ destination: UInt32, _ generation: UInt32, _ source: SessionID,
        _ payload: consuming P
    ) {
        let size = 16 &+ Payload<P>.size
        if unsafe s.pointee.write + size > s.pointee.end { makeRoom(size) }
        let record = unsafe s.pointee.write
        unsafe record.storeBytes(
            of: UInt64(truncatingIfNeeded: size &>> 4) | (Payload<P>.isTrivial ? 0x8000 : 0)
                | UInt64(truncatingIfNeeded: event.id) &<< 16 | UInt64(destination) &<< 32,
            as: UInt64.self)
        unsafe record.storeBytes(
            of: UInt64(truncatingIfNeeded: generation & 0xffff)
                | UInt64(truncatingIfNeeded: source.generation & 0xffff) &<< 16
                | UInt64(source.slot) &<< 32,
            toByteOffset: 8, as: UInt64.self)
        unsafe Payload<P>.put(payload, at: record + 16)
        unsafe s.pointee.write = unsafe record + size
        unsafe s.pointee.appended &+= 1
    }

    /// Queues one event. The payload is used once, so that it is made in its record: a payload that has
    /// an address of its own on some other path is copied twice on this one.
    @inline(__always) @inlinable func post<P: ~Copyable>(
        _ event: Event<P>, to destination: SessionID, from source: SessionID, _ payload: consuming P
    ) -> Posted {
        guard isAlive(destination) else { return .gone }
        let slot = unsafe s.pointee.slots + Int(destination.slot)
        let isUsual = unsafe slot.pointee.pending < slot.pointee.limit
        unsafe slot.pointee.pending &+= 1
        append(event, destination.slot, destination.generation, source, payload)
        guard isUsual else {
            let raw = unsafe s.pointee.write - Payload<P>.size
            return unsafe admitLast(
                event.id, destination, UnsafeRawPointer(Payload<P>.find(raw)), Payload<P>.size)
        }
        return .taken
    }

    /// The mailbox was full, or its owner has a policy for some event: decides whether the record that was
    /// written last stays, and takes it back if not.
    @inline(never) @usableFromInline func admitLast(
        _ event: UInt32, _ destination: SessionID, _ payload: UnsafeRawPointer, _ size: Int
    ) -> Posted {
        let extras = kernel.extras(of: destination)
        let slot = unsafe s.pointee.slots + Int(destination.slot)
        let record = unsafe s.pointee.write - (16 + size)
        let isFull = unsafe slot.pointee.pending > extras.marks.limit
        let policy = extras.policies?[event]
        switch unsafe policy?.admit(payload, isFull: isFull) ?? (isFull ? .refuse : .admit) {
        case .refuse:
            unsafe destroyPayload(event, record + 16)
            unsafe s.pointee.write = unsafe record
            unsafe s.pointee.appended &-= 1
            unsafe slot.pointee.pending &-= 1
            kernel.refused(event, by: destination, extras)
            return .full
        case .admit: break
        case .replace(let old): bury(old, of: destination, extras)
        }
        unsafe policy?.queued(payload, QueueReference(record: record))
        kernel.noteHigh(destination, extras)
        return .taken
    }

    /// Posts although the mailbox may be full: for the kernel's own news (`overflow`, replies, stops).
    func postAnyway<P: ~Copyable>(
        _ event: Event<P>, to destination: SessionID, from source: SessionID = .none,
        _ payload: consuming P
    ) {
        guard isAlive(destination) else { return }
        unsafe s.pointee.slots[Int(destination.slot)].pending &+= 1
        append(event, destination.slot, destination.generation, source, payload)
    }

    /// Whether a mailbox might take one more `event`.
    func hasRoom(_ event: UInt32, _ id: SessionID) -> Bool {
        guard isAlive(id) else { return false }
        let slot = unsafe s.pointee.slots + Int(id.slot)
        if unsafe slot.pointee.pending < slot.pointee.limit { return true }
        let extras = kernel.extras(of: id)
        return unsafe slot.pointee.pending < extras.marks.limit || extras.policies?[event] != nil
    }

    /// Turns a queued record into a tombstone, or marks a published one as not for this session.
    func bury(_ old: QueueReference, of session: SessionID, _ extras: Extras) {
        unsafe s.pointee.slots[Int(session.slot)].pending &-= 1
        extras.dropped &+= 1
        guard let record = unsafe old.record else {
            extras.skips[old.topic, default: []].insert(old.sequence)
            return
        }
        let header = unsafe record.load(as: UInt64.self)
        let event = UInt32(truncatingIfNeeded: header &>> 16) & 0xffff
        if header & 0x8000 == 0 { unsafe destroyPayload(event, record + 16) }
        unsafe record.storeBytes(of: header & 0x7fff | 0x8000, as: UInt64.self)
        unsafe record.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
    }

    @inlinable func call<P: ~Copyable>(
        _ event: Event<P>, to destination: SessionID, _ payload: consuming P
    ) throws -> Posted {
        guard isAlive(destination) else { return .gone }
        guard unsafe s.pointee.depth < 64 else { throw KernelError.callTooDeep(event.name) }
        var held: P? = consume payload
        let size = 16 &+ Payload<P>.size
        unsafe try withUnsafeTemporaryAllocation(byteCount: size, alignment: 16) { buffer in
            let raw = unsafe buffer.baseAddress.unsafelyUnwrapped
            unsafe Payload<P>.put(held.take()!, at: raw)
            unsafe try deliverNow(event.id, to: destination, raw)
        }
        return .taken
    }

    @inline(__always) @inlinable func isAlive(_ id: SessionID) -> Bool {
        // Ids are odd and dead slots even; slot 0, which no session has, fits neither.
        unsafe id.slot < s.pointee.slotCount
            && s.pointee.slots[Int(id.slot)].generation == id.generation
    }

    /// Who bears the alias now, or bore it last.
    @inlinable @inline(__always) func bearer(of alias: Alias) -> SessionID {
        unsafe alias.id < s.pointee.aliasCapacity ? s.pointee.aliases[Int(alias.id)].session : .none
    }

    @inlinable func find(_ alias: Alias) -> SessionID {
        let id = bearer(of: alias)
        if unsafe s.pointee.absent != 0, !isAlive(id) { return startAbsent(alias) }
        return id
    }

    /// It may start when it is looked for.
    @inline(never) @usableFromInline func startAbsent(_ alias: Alias) -> SessionID {
        kernel.startAbsent(alias)
    }

    func noteAbsent(_ count: Int) { unsafe s.pointee.absent = UInt32(count) }
}

/// A record that a mailbox policy may want to take back.
@safe @usableFromInline struct QueueReference {
    var record: UnsafeMutableRawPointer?
    var topic: UInt32 = 0
    var sequence: UInt64 = 0
    @usableFromInline init(record: UnsafeMutableRawPointer) { unsafe self.record = unsafe record }
    init(topic: UInt32, sequence: UInt64) {
        unsafe record = nil
        self.topic = topic
        self.sequence = sequence
    }
    func isOf(topic: UInt32) -> Bool { unsafe record == nil && self.topic == topic }
    func isSame(as other: QueueReference) -> Bool {
        unsafe record == other.record && topic == other.topic && sequence == other.sequence
    }
}
