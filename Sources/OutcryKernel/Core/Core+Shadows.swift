// What is noted of records while they are queued, and of events as they are dispatched: for tracers, measures
// and explanations. Where nobody wants it nothing of this is touched.

/// What is noted of a queued record: who caused it, and when it was posted.
@safe @frozen @usableFromInline struct Shadow {
    /// The number of the event whose handler posted it; 0 where it came from outside.
    @usableFromInline var cause: UInt64 = 0
    /// What it was posted in, if not in a handler: see ``KernelOrigin``.
    @usableFromInline var origin: UInt64 = 0
    /// The clock when it was posted, ns: the last reading, where events are measured.
    @usableFromInline var stamp: Int64 = 0
    // A power of two, so that a place is found by a shift.
    @usableFromInline var unused: UInt64 = 0
}

/// One dispatched event: 32 bytes. Number and time follow from its place.
@safe @frozen @usableFromInline struct TraceEntry {
    @usableFromInline var cause: UInt64
    @usableFromInline var destination: SessionID
    @usableFromInline var source: SessionID
    /// 0: a tombstone.
    @usableFromInline var event: UInt32
    @usableFromInline var isPublished: Bool
}

extension Core {
    /// Entries that are noted before the tracer has to take them: more than a turn has, by default.
    static let traceLimit = 1024

    /// Begins or ends to note what somebody wants to know of records.
    func watch(tracing: Bool, measuring: Bool, explaining: Bool) {
        let wasShadowed = unsafe s.pointee.isShadowed
        unsafe s.pointee.isTracing = tracing
        unsafe s.pointee.isMeasuring = measuring
        unsafe s.pointee.isWatched = explaining
        unsafe s.pointee.isShadowed = tracing || measuring || explaining
        if tracing, unsafe s.pointee.traces == nil {
            unsafe s.pointee.traces = .allocate(capacity: Self.traceLimit)
        }
        if unsafe s.pointee.isShadowed, !wasShadowed {
            unsafe s.pointee.shadows?.deallocate()
            makeShadows(1024)
        }
        // A running dispatch looks anew.
        unsafe s.pointee.stopAt = s.pointee.sequence
        setEnd()
    }

    func forgetShadows() {
        unsafe s.pointee.shadows?.deallocate()
        unsafe s.pointee.shadows = nil
        unsafe s.pointee.traces?.deallocate()
        unsafe s.pointee.traces = nil
    }

    private func makeShadows(_ least: Int) {
        var count = least
        while count <= pending { count *= 2 }
        unsafe s.pointee.shadows = .allocate(capacity: count)
        unsafe s.pointee.shadows?.initialize(repeating: Shadow(), count: count)
        unsafe s.pointee.shadowMask = UInt64(count - 1)
    }

    // These lie here, and not in the kernel's object, since each post of a traced kernel reads them.

    var outerCause: UInt64? {
        let cause = unsafe s.pointee.outerCause
        return cause == .max ? nil : cause
    }
    func setOuterCause(_ cause: UInt64?) { unsafe s.pointee.outerCause = cause ?? .max }
    var origin: UInt64 { unsafe s.pointee.origin }
    func setOrigin(_ origin: UInt64) { unsafe s.pointee.origin = origin }
    var clockReading: Int64 { unsafe s.pointee.clockReading }
    func setClockReading(_ reading: Int64) { unsafe s.pointee.clockReading = reading }

    /// Notes what is known of the record that is about to be written.
    @inline(__always) func castShadow() {
        let number = unsafe s.pointee.appended
        if unsafe number &- s.pointee.sequence > s.pointee.shadowMask { growShadows() }
        guard let shadows = unsafe s.pointee.shadows else { return }
        let outer = unsafe s.pointee.outerCause
        let shadow = unsafe shadows + Int(truncatingIfNeeded: number & s.pointee.shadowMask)
        unsafe shadow.pointee.cause =
            outer != .max ? outer : s.pointee.current == .none ? 0 : s.pointee.sequence
        unsafe shadow.pointee.origin = s.pointee.origin
        unsafe shadow.pointee.stamp = s.pointee.clockReading
    }

    @inline(never) private func growShadows() {
        guard let old = unsafe s.pointee.shadows else { return }
        let mask = unsafe s.pointee.shadowMask
        makeShadows((Int(mask) + 1) * 2)
        // The records that are queued have their places by their numbers.
        var number = unsafe s.pointee.sequence
        while unsafe number != s.pointee.appended {
            let at = unsafe Int(number & s.pointee.shadowMask)
            unsafe s.pointee.shadows?[at] = old[Int(number & mask)]
            number &+= 1
        }
        unsafe old.deallocate()
    }

    /// The shadow of the record that was taken off the queue last.
    @inline(__always) private var shadowOfLast: UnsafeMutablePointer<Shadow> {
        // Sound: whoever asks has had shadows made, and they are there until the core is destroyed.
        unsafe s.pointee.shadows.unsafelyUnwrapped
            + Int(truncatingIfNeeded: (s.pointee.sequence &- 1) & s.pointee.shadowMask)
    }

    // MARK: Tracing

    @inline(__always) func trace(_ record: UnsafeMutableRawPointer) {
        if unsafe s.pointee.traceCount == Self.traceLimit { kernel.takeTraces() }
        guard let traces = unsafe s.pointee.traces else { return }
        unsafe (traces + s.pointee.traceCount).initialize(to: entry(record))
        unsafe s.pointee.traceCount &+= 1
    }

    /// The header of a record that is being dispatched, in words.
    @inline(__always) private func entry(_ record: UnsafeMutableRawPointer) -> TraceEntry {
        let header = unsafe record.load(as: UInt64.self)
        let word = unsafe record.load(fromByteOffset: 8, as: UInt64.self)
        let destination = UInt32(truncatingIfNeeded: header &>> 32)
        let source = living(
            UInt32(truncatingIfNeeded: word &>> 32), UInt32(truncatingIfNeeded: word &>> 16))
        let isPublished = destination & 0x8000_0000 != 0
        return unsafe TraceEntry(
            cause: shadowOfLast.pointee.cause,
            destination: isPublished
                ? source : living(destination, UInt32(truncatingIfNeeded: word)),
            source: source, event: UInt32(truncatingIfNeeded: header &>> 16) & 0xffff,
            isPublished: isPublished)
    }

    /// The session in a slot, if it is still the one whose generation ends in these 16 bits. A record's generation is
    /// odd or none, a dead slot's is even, and slot 0's is none: equal means alive and the same.
    @inline(__always) private func living(_ slot: UInt32, _ generation: UInt32) -> SessionID {
        let now = unsafe s.pointee.slots[Int(slot)].generation
        return now & 0xffff == generation & 0xffff
            ? SessionID(slot: slot, generation: now) : .none
    }

    /// Lends what was traced since the last call, the oldest first, with the number of the first.
    func lendTraces(_ body: (UnsafeBufferPointer<TraceEntry>, UInt64) -> Void) {
        let count = unsafe s.pointee.traceCount
        unsafe s.pointee.traceCount = 0
        guard count > 0, let traces = unsafe s.pointee.traces else { return }
        unsafe body(
            UnsafeBufferPointer(start: traces, count: count),
            s.pointee.sequence &- UInt64(count) &+ 1)
    }

    // MARK: Explaining

    /// Shows a record to the watcher before it is delivered.
    @inline(never) func show(_ record: UnsafeMutableRawPointer) {
        let entry = unsafe entry(record)
        guard entry.event != 0 else { return }
        let describe = kernel.describers[UInt64(entry.event)]
        kernel.watcher?.dispatching(
            TraceRecord(sequence, kernel.now, entry), origin: unsafe shadowOfLast.pointee.origin,
            words: unsafe describe?.run(record + 16), kernel)
    }

    // MARK: Measuring

    /// Delivers a record by `body`, and notes how long it waited and how long that took.
    @inline(never) func measure(_ record: UnsafeMutableRawPointer, _ body: () -> Void) {
        let header = unsafe record.load(as: UInt64.self)
        let event = UInt32(truncatingIfNeeded: header &>> 16) & 0xffff
        let kernel = kernel
        // The last event's end is this one's beginning.
        let start = kernel.clockReading
        let stamp = unsafe shadowOfLast.pointee.stamp
        body()
        kernel.readClock()
        let end = kernel.clockReading
        guard event != 0 else { return }
        kernel.measures.add(
            event, queued: stamp == 0 ? nil : max(0, start - stamp), taken: max(0, end - start))
    }
}
