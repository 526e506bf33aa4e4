// What was dispatched, for a tap: of each record the two header words, as they lie in the queue, and what its payload
// comes to.

extension Core {
    /// Records that are noted before the tap has to take them.
    static let tapeLimit = 1024
    /// Words of each.
    static let tapeStride = 3

    /// Begins or ends to note what is dispatched.
    func setTape(_ on: Bool) {
        unsafe s.pointee.isTaped = on
        unsafe s.pointee.stopAt = s.pointee.sequence
        unsafe s.pointee.tape?.deallocate()
        unsafe s.pointee.tape = on ? .allocate(capacity: Self.tapeLimit * Self.tapeStride) : nil
        unsafe s.pointee.tapeCount = 0
        if !on { forgetDigesters() }
    }

    @inline(__always) func note(_ record: UnsafeMutableRawPointer) {
        let count = unsafe s.pointee.tapeCount
        if count == Self.tapeLimit { return unsafe noteLater(record) }
        guard let tape = unsafe s.pointee.tape else { return }
        let header = unsafe record.load(as: UInt64.self)
        let place = count &* Self.tapeStride
        unsafe tape[place] = header
        unsafe tape[place &+ 1] = unsafe record.load(fromByteOffset: 8, as: UInt64.self)
        unsafe tape[place &+ 2] = unsafe UInt64(
            digest(Int(header &>> 16 & 0xffff), record + 16))
        unsafe s.pointee.tapeCount = count &+ 1
    }

    @inline(never) private func noteLater(_ record: UnsafeMutableRawPointer) {
        kernel.tap?.dispatched(kernel)
        unsafe s.pointee.tapeCount = 0
        unsafe note(record)
    }
}

/// What a tap is told of one dispatched record.
package struct TapedEvent {
    /// The process's number of its name; ``Kernel/tapeName(_:)`` has that. 0: a tombstone.
    package let event: UInt32
    /// The slot of the session it went to; for a published record the topic's number.
    package let destination: UInt32
    /// The slot of the session that posted it, 0 where it came from outside.
    package let source: UInt32
    /// It was published.
    package let isPublished: Bool
    /// What its payload comes to; 0 where nobody has said what of it is compared (``Kernel/compare(_:_:)``).
    package let digest: UInt32
}

extension Kernel {
    /// Gives what was dispatched since the last call to `body`, the oldest first.
    package func takeTape(_ body: (TapedEvent) -> Void) {
        guard let tape = unsafe core.s.pointee.tape else { return }
        let count = unsafe core.s.pointee.tapeCount
        unsafe core.s.pointee.tapeCount = 0
        for place in 0..<count {
            let a = unsafe tape[place &* Core.tapeStride]
            let b = unsafe tape[place &* Core.tapeStride &+ 1]
            let c = unsafe tape[place &* Core.tapeStride &+ 2]
            let destination = UInt32(truncatingIfNeeded: a &>> 32)
            body(
                TapedEvent(
                    event: UInt32(truncatingIfNeeded: a &>> 16) & 0xffff,
                    destination: destination & 0x7fff_ffff,
                    source: UInt32(truncatingIfNeeded: b &>> 32),
                    isPublished: destination & 0x8000_0000 != 0,
                    digest: UInt32(truncatingIfNeeded: c)))
        }
    }

    /// How many records ``takeTape(_:)`` would give.
    package var tapeCount: Int { unsafe core.s.pointee.tapeCount }

    /// The name of a dispatched event.
    package func tapeName(_ event: UInt32) -> String { entry(event).name }

    /// What one calls the session in a slot now: its alias, or else its type and number.
    package func sessionName(slot: UInt32) -> String {
        guard slot > 0, Int(slot) < core.slotCount, let id = core.session(at: Int(slot)) else {
            return slot == 0 ? "outside" : "an ended session in slot \(slot)"
        }
        return name(of: id)
    }
}
