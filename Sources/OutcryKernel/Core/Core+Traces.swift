// The last events, as they were dispatched: the ring that tracers read. Nothing is noted when a record is posted. The
// records of a handler have numbers that follow each other, so it is enough to know how many there were when each event
// was dispatched: whatever was posted between two events was posted by the first. What is posted outside of a dispatch
// is told apart by marks.

/// One dispatched event: 32 bytes. Its number follows from its place.
@safe @frozen @usableFromInline struct TraceEntry {
    /// How many records there were before its handler ran.
    @usableFromInline var posted: UInt64
    /// The time of the turn, ns.
    @usableFromInline var time: Int64
    /// The record's header: see Core.swift. The destination's generation is 0 where that had ended.
    @usableFromInline var word: UInt64
    @usableFromInline var word1: UInt64

    var event: UInt32 { UInt32(truncatingIfNeeded: word &>> 16) & 0xffff }
}

/// From where on records have another cause than the event before them.
@safe @frozen @usableFromInline struct TraceMark {
    /// The number of the first such record, from 0.
    @usableFromInline var record: UInt64
    /// The event that was dispatched last.
    @usableFromInline var behind: UInt64
    /// 0: they come from outside.
    @usableFromInline var cause: UInt64
}

/// What is kept while somebody traces.
@safe @frozen @usableFromInline struct TraceRing {
    /// By the number of an event, modulo the mask and one.
    @usableFromInline var entries: UnsafeMutablePointer<TraceEntry>
    @usableFromInline var mask: UInt64
    /// The event before the first that was noted, or that was still there when the ring grew.
    @usableFromInline var start: UInt64
    /// The last event that the tracer was given.
    @usableFromInline var taken: UInt64
    /// The marks, in the order in which they were made.
    @usableFromInline var marks: [TraceMark] = []
}

extension Core {
    /// Begins or ends to note what is dispatched. Of what was noted `kept` events stay readable.
    func setTracing(keeping kept: Int?) {
        if let kept {
            if unsafe s.pointee.ring == nil {
                let ring = UnsafeMutablePointer<TraceRing>.allocate(capacity: 1)
                let count = 256
                unsafe ring.initialize(
                    to: TraceRing(
                        entries: .allocate(capacity: count), mask: UInt64(count - 1),
                        start: sequence, taken: sequence))
                unsafe s.pointee.ring = unsafe ring
                markCause()
            }
            unsafe s.pointee.kept = kept
        } else if let ring = unsafe s.pointee.ring {
            unsafe ring.pointee.entries.deallocate()
            unsafe ring.deinitialize(count: 1)
            unsafe ring.deallocate()
            unsafe s.pointee.ring = nil
        }
        // A running dispatch looks anew.
        unsafe s.pointee.stopAt = s.pointee.sequence
    }

    /// Makes the ring so large that nothing is overwritten which somebody may ask for: of the events that are kept,
    /// those that posted them, and what this dispatch adds.
    func makeTraceRoom(_ budget: Int) {
        guard let ring = unsafe s.pointee.ring else { return }
        let wanted = unsafe s.pointee.kept + pending + budget + 1
        guard unsafe UInt64(wanted) > ring.pointee.mask else { return }
        let old = unsafe ring.pointee
        var count = unsafe Int(ring.pointee.mask) + 1
        while count <= wanted { count *= 2 }
        let entries = UnsafeMutablePointer<TraceEntry>.allocate(capacity: count)
        let mask = UInt64(count - 1)
        let oldest = oldestTrace
        var event = oldest
        while event <= sequence {
            unsafe (entries + Int(event & mask)).initialize(
                to: old.entries[Int(event & old.mask)])
            event &+= 1
        }
        unsafe old.entries.deallocate()
        unsafe ring.pointee.entries = unsafe entries
        unsafe ring.pointee.mask = mask
        unsafe ring.pointee.start = oldest &- 1
    }

    /// Notes a record that was taken off the queue just now.
    @inline(__always) func trace(
        _ record: UnsafeMutableRawPointer, _ entries: UnsafeMutablePointer<TraceEntry>,
        _ mask: UInt64, _ time: Int64
    ) {
        let place = unsafe Int(truncatingIfNeeded: s.pointee.sequence & mask)
        unsafe (entries + place).initialize(
            to: TraceEntry(
                posted: s.pointee.appended, time: time, word: record.load(as: UInt64.self),
                word1: record.load(fromByteOffset: 8, as: UInt64.self)))
    }

    /// The same for a dispatch that does other things as well.
    func trace(_ record: UnsafeMutableRawPointer) {
        guard let ring = unsafe s.pointee.ring else { return }
        unsafe trace(record, ring.pointee.entries, ring.pointee.mask, kernel.now.nanoseconds)
    }

    /// The event that was noted last went to a session that had ended.
    func traceWasDropped() {
        guard let ring = unsafe s.pointee.ring else { return }
        let place = unsafe Int(truncatingIfNeeded: s.pointee.sequence & ring.pointee.mask)
        unsafe ring.pointee.entries[place].word1 &= ~0xffff
    }

    // MARK: Causes

    /// The number of the event by whose handler what is posted now is posted; 0 where it comes from outside.
    var cause: UInt64 {
        let outer = unsafe s.pointee.outerCause
        return unsafe outer != .max ? outer : s.pointee.isDispatching ? s.pointee.sequence : 0
    }

    var outerCause: UInt64? {
        let cause = unsafe s.pointee.outerCause
        return cause == .max ? nil : cause
    }

    func setOuterCause(_ cause: UInt64?) {
        unsafe s.pointee.outerCause = cause ?? .max
        markCause()
    }

    /// What is posted from now on may have another cause than what was posted last.
    @inline(__always) func markCause() {
        if unsafe s.pointee.ring != nil { noteCause() }
    }

    @inline(never) private func noteCause() {
        guard let ring = unsafe s.pointee.ring else { return }
        let mark = unsafe TraceMark(
            record: s.pointee.appended, behind: s.pointee.sequence, cause: cause)
        if let last = unsafe ring.pointee.marks.last, last.record == mark.record,
            last.behind == mark.behind
        {
            unsafe ring.pointee.marks[ring.pointee.marks.count - 1] = mark
            return
        }
        if unsafe ring.pointee.marks.count == ring.pointee.marks.capacity { dropMarks() }
        unsafe ring.pointee.marks.append(mark)
    }

    /// Forgets the marks of records that nobody can ask for any more.
    private func dropMarks() {
        guard let ring = unsafe s.pointee.ring else { return }
        let first = oldestTrace &- 1
        var gone = 0
        while unsafe gone + 1 < ring.pointee.marks.count,
            unsafe ring.pointee.marks[gone + 1].record <= first
        {
            gone += 1
        }
        if unsafe gone > ring.pointee.marks.count / 2 {
            unsafe ring.pointee.marks.removeFirst(gone)
        }
    }

    // MARK: Reading

    /// The oldest event that is still there.
    private var oldestTrace: UInt64 {
        guard let ring = unsafe s.pointee.ring else { return .max }
        let all = unsafe ring.pointee.mask
        let first = unsafe ring.pointee.start
        return sequence &- first > all ? sequence &- all : first &+ 1
    }

    /// The first of the last `count` events that are no tombstones, and that came after `start`.
    func traceStart(_ count: Int, after start: UInt64) -> UInt64 {
        guard let ring = unsafe s.pointee.ring else { return 1 }
        var event = sequence &+ 1
        var left = count
        let oldest = max(oldestTrace, start &+ 1)
        while event > oldest, left > 0 {
            event &-= 1
            if unsafe ring.pointee.entries[Int(event & ring.pointee.mask)].event != 0 { left -= 1 }
        }
        return event
    }

    /// Gives what the tracer has not had yet to it.
    func takeTraces(_ body: ((TraceRecord) -> Void)?) {
        guard let ring = unsafe s.pointee.ring else { return }
        let first = unsafe ring.pointee.taken &+ 1
        unsafe ring.pointee.taken = sequence
        if let body { readTraces(from: first, body) }
    }

    /// Gives the events from `first` on to `body`, without tombstones.
    func readTraces(from first: UInt64, _ body: (TraceRecord) -> Void) {
        guard let ring = unsafe s.pointee.ring, first <= sequence else { return }
        let oldest = oldestTrace
        var poster = Poster(unsafe ring.pointee, oldest: oldest, record: first &- 1)
        for event in max(first, oldest)...sequence {
            let entry = unsafe ring.pointee.entries[Int(event & ring.pointee.mask)]
            let cause = poster.advance(to: event &- 1)
            guard entry.event != 0 else { continue }
            body(record(event, entry, cause))
        }
    }

    private func record(_ number: UInt64, _ entry: TraceEntry, _ cause: UInt64) -> TraceRecord {
        let destination = UInt32(truncatingIfNeeded: entry.word &>> 32)
        let isPublished = destination & 0x8000_0000 != 0
        let source = session(
            UInt32(truncatingIfNeeded: entry.word1 &>> 32),
            UInt32(truncatingIfNeeded: entry.word1 &>> 16))
        let receiver =
            isPublished ? source : session(destination, UInt32(truncatingIfNeeded: entry.word1))
        return TraceRecord(
            sequence: number, cause: cause, time: KernelTime(nanoseconds: entry.time),
            event: entry.event, destination: receiver, source: source, isPublished: isPublished)
    }

    /// The record that is about to be delivered.
    func shownRecord(_ record: UnsafeMutableRawPointer, _ cause: UInt64) -> TraceRecord {
        let word = unsafe record.load(as: UInt64.self)
        var word1 = unsafe record.load(fromByteOffset: 8, as: UInt64.self)
        let destination = Int(word &>> 32)
        if destination & 0x8000_0000 == 0,
            unsafe UInt64(s.pointee.slots[destination].generation & 0xffff) != word1 & 0xffff
        {
            word1 &= ~0xffff
        }
        return self.record(
            sequence,
            TraceEntry(posted: 0, time: kernel.now.nanoseconds, word: word, word1: word1), cause)
    }

    /// The session that had a slot when its generation ended in these 16 bits, last.
    private func session(_ slot: UInt32, _ generation: UInt32) -> SessionID {
        guard generation & 1 == 1 else { return .none }
        let now = unsafe s.pointee.slots[Int(slot)].generation
        return SessionID(slot: slot, generation: now &- ((now &- generation) & 0xffff))
    }
}

/// Goes over the records in their order, and says who posted each.
@safe private struct Poster {
    private let ring: TraceRing
    /// The last event of those that are there whose handler began before the record was posted; one less than the
    /// oldest where there is none.
    private var event: UInt64
    private let oldest: UInt64
    private var mark: Int

    init(_ ring: TraceRing, oldest: UInt64, record: UInt64) {
        self.ring = ring
        self.oldest = oldest
        // An event is posted before it is dispatched: its cause is no later one.
        var low = oldest &- 1
        var high = max(low, record)
        while low < high {
            let middle = low &+ (high &- low &+ 1) / 2
            if unsafe ring.entries[Int(middle & ring.mask)].posted <= record {
                low = middle
            } else {
                high = middle &- 1
            }
        }
        event = low
        mark = ring.marks.partitioned { $0.record <= record } - 1
    }

    /// The cause of the record with this number, which is not less than the last.
    mutating func advance(to record: UInt64) -> UInt64 {
        // The record's own event is dispatched later than it was posted.
        while event < record, unsafe ring.entries[Int((event &+ 1) & ring.mask)].posted <= record {
            event &+= 1
        }
        while mark + 1 < ring.marks.count, ring.marks[mark + 1].record <= record { mark += 1 }
        if mark >= 0, ring.marks[mark].behind >= event || event < oldest {
            return ring.marks[mark].cause
        }
        return event >= oldest ? event : 0
    }
}

extension Array {
    /// How many elements at the beginning are as wanted; none behind them is.
    fileprivate func partitioned(_ isBefore: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
