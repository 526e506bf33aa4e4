// What is noted of records while they are queued, for measures and explanations. Where nobody wants it nothing of
// this is touched.

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

extension Core {
    /// Begins or ends to note what somebody wants to know of records.
    func watch(measuring: Bool, explaining: Bool) {
        let wasShadowed = unsafe s.pointee.isShadowed
        unsafe s.pointee.isMeasuring = measuring
        unsafe s.pointee.isWatched = explaining
        unsafe s.pointee.isShadowed = measuring || explaining
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
    }

    private func makeShadows(_ least: Int) {
        var count = least
        while count <= pending { count *= 2 }
        unsafe s.pointee.shadows = .allocate(capacity: count)
        unsafe s.pointee.shadows?.initialize(repeating: Shadow(), count: count)
        unsafe s.pointee.shadowMask = UInt64(count - 1)
    }

    // These lie here, and not in the kernel's object, since each post of a watched kernel reads them.

    var origin: UInt64 { unsafe s.pointee.origin }
    func setOrigin(_ origin: UInt64) { unsafe s.pointee.origin = origin }
    var clockReading: Int64 { unsafe s.pointee.clockReading }
    func setClockReading(_ reading: Int64) { unsafe s.pointee.clockReading = reading }

    /// Notes what is known of the record that is about to be written.
    @inline(__always) func castShadow() {
        let number = unsafe s.pointee.appended
        if unsafe number &- s.pointee.sequence > s.pointee.shadowMask { growShadows() }
        guard let shadows = unsafe s.pointee.shadows else { return }
        let shadow = unsafe shadows + Int(truncatingIfNeeded: number & s.pointee.shadowMask)
        unsafe shadow.pointee.cause = cause
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

    // MARK: Explaining

    /// Shows a record to the watcher before it is delivered.
    @inline(never) func show(_ record: UnsafeMutableRawPointer) {
        let shadow = unsafe shadowOfLast.pointee
        let shown = unsafe shownRecord(record, shadow.cause)
        guard shown.event != 0 else { return }
        let describe = kernel.describers[UInt64(shown.event)]
        kernel.watcher?.dispatching(
            shown, origin: shadow.origin, words: unsafe describe?.run(record + 16), kernel)
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
