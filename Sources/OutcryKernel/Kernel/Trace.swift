/// One event as it was dispatched.
public struct TraceRecord: Sendable {
    /// The number of the event in the order of dispatch, from 1.
    public let sequence: UInt64
    /// The number of the event whose handler posted this one; 0 where it came from outside.
    public let cause: UInt64
    /// The time of the turn.
    public let time: KernelTime
    /// The event's number; ``Kernel/traceName(_:)`` has the name.
    public let event: UInt32
    /// The session it went to, ``SessionID/none`` when that had ended; for a published event the publisher.
    public let destination: SessionID
    /// The session that posted it; ``SessionID/none`` when it came from outside, or that has ended.
    public let source: SessionID
    /// It was published.
    public let isPublished: Bool

    init(_ sequence: UInt64, _ time: KernelTime, _ entry: TraceEntry) {
        self.sequence = sequence
        self.time = time
        cause = entry.cause
        event = entry.event
        destination = entry.destination
        source = entry.source
        isPublished = entry.isPublished
    }
}

/// What a tracer is given: entries of 32 bytes, lent, all of one turn.
@safe struct TraceBatch {
    let entries: UnsafeBufferPointer<TraceEntry>
    /// The number of the first event.
    let first: UInt64
    let time: KernelTime

    func forEach(_ body: (TraceRecord) -> Void) {
        for place in unsafe entries.indices where unsafe entries[place].event != 0 {
            body(unsafe TraceRecord(first &+ UInt64(place), time, entries[place]))
        }
    }
}

extension Kernel {
    /// Is shown every event that was dispatched, in its order, at the end of its turn at the latest; nil costs
    /// nothing.
    public var onTrace: ((TraceRecord) -> Void)? {
        get { recordTracer }
        set {
            recordTracer = newValue
            setTracer(newValue.map { body in { $0.forEach(body) } })
        }
    }

    func setTracer(_ tracer: ((TraceBatch) -> Void)?) {
        takeTraces()
        self.tracer = tracer
        setWatching()
    }

    /// Tells the core what anybody wants to know.
    func setWatching() {
        core.watch(
            tracing: tracer != nil, measuring: measures.isOn, explaining: watcher != nil)
    }

    /// Gives what was traced to the tracer.
    func takeTraces() {
        unsafe core.lendTraces { entries, first in
            tracer?(unsafe TraceBatch(entries: entries, first: first, time: now))
        }
    }

    /// The name of a traced event.
    public func traceName(_ event: UInt32) -> String { entry(event).name }

    /// What is posted or armed now is caused by this event; 0 where it comes from outside.
    var currentCause: UInt64 { cause ?? (core.current == .none ? 0 : core.sequence) }
}

/// The last events that a kernel dispatched: what a fault report wants to know.
///
/// An event costs a few nanoseconds and no allocation: a program may keep them while it runs.
@safe public final class LastEvents {
    private struct Kept {
        var sequence: UInt64
        var time: KernelTime
        var entry: TraceEntry
    }

    private unowned let kernel: Kernel
    private let capacity: Int
    /// `capacity` places, used in turn; those in front of `next` are initialized, or all.
    private let ring: UnsafeMutablePointer<Kept>
    private var isFull = false
    private var next = 0

    /// Begins to keep the last `capacity` events of `kernel`; whoever traces already goes on.
    public init(_ kernel: Kernel, capacity: Int = 256) {
        precondition(capacity > 0, "at least one event is kept")
        self.kernel = kernel
        self.capacity = capacity
        unsafe ring = .allocate(capacity: capacity)
        kernel.takeTraces()
        let other = kernel.tracer
        kernel.setTracer { [weak self] batch in
            other?(batch)
            self?.add(batch)
        }
    }

    deinit { unsafe ring.deallocate() }

    private func add(_ batch: TraceBatch) {
        var place = next
        for i in unsafe batch.entries.indices {
            guard unsafe batch.entries[i].event != 0 else { continue }
            unsafe (ring + place).initialize(
                to: Kept(
                    sequence: batch.first &+ UInt64(truncatingIfNeeded: i), time: batch.time,
                    entry: batch.entries[i]))
            place &+= 1
            if place == capacity {
                place = 0
                isFull = true
            }
        }
        next = place
    }

    /// The events, the oldest first.
    public var records: [TraceRecord] {
        kernel.takeTraces()
        return (0..<(isFull ? capacity : next)).map { i in
            let place = isFull ? (next + i) % capacity : i
            let kept = unsafe ring[place]
            return TraceRecord(kept.sequence, kept.time, kept.entry)
        }
    }

    /// One line each: number, cause, time, event, from where to where.
    public var lines: [String] {
        records.map { record in
            "\(record.sequence)<\(record.cause) \(record.time) "
                + "\(kernel.traceName(record.event)) \(record.source) "
                + (record.isPublished ? "to all" : "to \(record.destination)")
        }
    }
}

/// A running hash over everything a kernel dispatches: two runs with the same hash did the same.
///
/// FNV-1a over time, event name, source and destination of each record; the same in every process.
public final class DispatchHash {
    private weak var kernel: Kernel?
    private var sum: UInt64 = 0xcbf2_9ce4_8422_2325
    private var events = 0

    /// The hash so far.
    public var value: UInt64 {
        kernel?.takeTraces()
        return sum
    }
    /// The events so far.
    public var count: Int {
        kernel?.takeTraces()
        return events
    }

    /// Begins to hash what `kernel` dispatches, in the place of any other trace.
    public init(_ kernel: Kernel) {
        self.kernel = kernel
        kernel.onTrace = { [unowned kernel] record in
            self.add(UInt64(bitPattern: record.time.nanoseconds))
            self.add(kernel.entry(record.event).hash)
            self.add(UInt64(record.source.slot) << 32 | UInt64(record.source.generation))
            self.add(UInt64(record.destination.slot) << 32 | UInt64(record.destination.generation))
            self.events += 1
        }
    }

    private func add(_ word: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) {
            sum = (sum ^ (word >> UInt64(shift) & 0xff)) &* 0x100_0000_01b3
        }
    }
}
