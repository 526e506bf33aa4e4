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
}

/// The causes of the events in the queue, in their order; only kept while tracing.
struct CauseRing {
    private var ring: [UInt64] = []
    private var head = 0

    mutating func push(_ cause: UInt64) { ring.append(cause) }

    /// Forgets the one that was pushed last.
    mutating func takeBack() { if head < ring.count { ring.removeLast() } }

    mutating func pop() -> UInt64 {
        guard head < ring.count else { return 0 }
        let cause = ring[head]
        head += 1
        if head == ring.count {
            ring.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 4096, head * 2 > ring.count {
            ring.removeFirst(head)
            head = 0
        }
        return cause
    }

    mutating func reset(to count: Int) {
        ring = Array(repeating: 0, count: count)
        head = 0
    }
}

extension Kernel {
    /// Is shown every event as it is dispatched; nil costs nothing.
    public var onTrace: ((TraceRecord) -> Void)? {
        get { tracer }
        set {
            if newValue != nil, tracer == nil { causes.reset(to: core.pending) }
            tracer = newValue
            core.setTracing(newValue != nil)
        }
    }

    /// The name of a traced event.
    public func traceName(_ event: UInt32) -> String { entry(event).name }

    func noteCause(_ current: UInt64) { causes.push(cause ?? current) }

    /// What is posted or armed now is caused by this event; 0 where it comes from outside.
    var currentCause: UInt64 { cause ?? (core.current == .none ? 0 : core.sequence) }

    func trace(
        sequence: UInt64, event: UInt32, destination: SessionID, source: SessionID,
        isPublished: Bool
    ) {
        let cause = causes.pop()
        guard event != 0 else { return }
        tracer?(
            TraceRecord(
                sequence: sequence, cause: cause, time: now, event: event,
                destination: destination, source: source, isPublished: isPublished))
    }
}

/// The last events that a kernel dispatched: what a fault report wants to know.
public final class LastEvents {
    private unowned let kernel: Kernel
    private let capacity: Int
    private var ring: [TraceRecord] = []
    private var next = 0

    /// Begins to keep the last `capacity` events of `kernel`; whoever traces already goes on.
    public init(_ kernel: Kernel, capacity: Int = 256) {
        precondition(capacity > 0, "at least one event is kept")
        self.kernel = kernel
        self.capacity = capacity
        ring.reserveCapacity(capacity)
        let other = kernel.onTrace
        kernel.onTrace = { [weak self] record in
            other?(record)
            self?.add(record)
        }
    }

    private func add(_ record: TraceRecord) {
        guard ring.count == capacity else { return ring.append(record) }
        ring[next] = record
        next = next + 1 == capacity ? 0 : next + 1
    }

    /// The events, the oldest first.
    public var records: [TraceRecord] { Array(ring[next...] + ring[..<next]) }

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
    /// The hash so far.
    public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325
    /// The events so far.
    public private(set) var count = 0

    /// Begins to hash what `kernel` dispatches, in the place of any other trace.
    public init(_ kernel: Kernel) {
        kernel.onTrace = { [unowned kernel] record in
            self.add(UInt64(bitPattern: record.time.nanoseconds))
            self.add(kernel.entry(record.event).hash)
            self.add(UInt64(record.source.slot) << 32 | UInt64(record.source.generation))
            self.add(UInt64(record.destination.slot) << 32 | UInt64(record.destination.generation))
            self.count += 1
        }
    }

    private func add(_ word: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) {
            value = (value ^ (word >> UInt64(shift) & 0xff)) &* 0x100_0000_01b3
        }
    }
}
