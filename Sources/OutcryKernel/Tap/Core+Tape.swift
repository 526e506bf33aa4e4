// What was dispatched, for a tap: the two header words of each record, as they lie in the queue.

extension Core {
    /// Records that are noted before the tap has to take them.
    static let tapeLimit = 1024

    /// Begins or ends to note what is dispatched.
    func setTape(_ on: Bool) {
        unsafe s.pointee.isTaped = on
        unsafe s.pointee.stopAt = s.pointee.sequence
        unsafe s.pointee.tape?.deallocate()
        unsafe s.pointee.tape = on ? .allocate(capacity: Self.tapeLimit * 2) : nil
        unsafe s.pointee.tapeCount = 0
    }

    @inline(__always) func note(_ record: UnsafeMutableRawPointer) {
        let count = unsafe s.pointee.tapeCount
        if count == Self.tapeLimit { return unsafe noteLater(record) }
        guard let tape = unsafe s.pointee.tape else { return }
        unsafe tape[count &* 2] = unsafe record.load(as: UInt64.self)
        unsafe tape[count &* 2 &+ 1] = unsafe record.load(fromByteOffset: 8, as: UInt64.self)
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
}

extension Kernel {
    /// Gives what was dispatched since the last call to `body`, the oldest first.
    package func takeTape(_ body: (TapedEvent) -> Void) {
        guard let tape = unsafe core.s.pointee.tape else { return }
        let count = unsafe core.s.pointee.tapeCount
        unsafe core.s.pointee.tapeCount = 0
        for place in 0..<count {
            let a = unsafe tape[place &* 2]
            let b = unsafe tape[place &* 2 &+ 1]
            let destination = UInt32(truncatingIfNeeded: a &>> 32)
            body(
                TapedEvent(
                    event: UInt32(truncatingIfNeeded: a &>> 16) & 0xffff,
                    destination: destination & 0x7fff_ffff,
                    source: UInt32(truncatingIfNeeded: b &>> 32),
                    isPublished: destination & 0x8000_0000 != 0))
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
