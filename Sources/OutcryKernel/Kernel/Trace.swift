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
    /// The session that posted it, also where that has ended since; ``SessionID/none`` when it came from outside.
    public let source: SessionID
    /// It was published.
    public let isPublished: Bool
}

extension Kernel {
    /// Is shown every event that was dispatched, in its order, at the end of its turn at the latest; nil costs
    /// nothing.
    public var onTrace: ((TraceRecord) -> Void)? {
        get { tracer }
        set {
            takeTraces()
            tracer = newValue
            setTracing()
        }
    }

    /// Tells the core whether anybody traces, and how much is to be kept.
    func setTracing() {
        let isKept = !tracesKept.isEmpty
        core.setTracing(keeping: tracer != nil || isKept ? tracesKept.values.max() ?? 0 : nil)
    }

    /// Tells the core what else anybody wants to know.
    func setWatching() {
        core.watch(measuring: measures.isOn, explaining: watcher != nil)
    }

    /// Gives what was traced to the tracer.
    func takeTraces() { core.takeTraces(tracer) }

    /// The name of a traced event.
    public func traceName(_ event: UInt32) -> String { entry(event).name }

    /// What is posted or armed now is caused by this event; 0 where it comes from outside.
    var currentCause: UInt64 { core.cause }
}

/// The last events that a kernel dispatched: what a fault report wants to know.
///
/// An event costs a nanosecond or two and no allocation: a program may keep them while it runs.
public final class LastEvents {
    private weak var kernel: Kernel?
    private let capacity: Int
    /// The number of the last event before these.
    private let start: UInt64

    /// Begins to keep the last `capacity` events of `kernel`; whoever traces already goes on.
    public init(_ kernel: Kernel, capacity: Int = 256) {
        precondition(capacity > 0, "at least one event is kept")
        self.kernel = kernel
        self.capacity = capacity
        start = kernel.core.sequence
        kernel.tracesKept[ObjectIdentifier(self)] = capacity
        kernel.setTracing()
    }

    deinit {
        kernel?.tracesKept[ObjectIdentifier(self)] = nil
        kernel?.setTracing()
    }

    /// The events, the oldest first.
    public var records: [TraceRecord] {
        var all: [TraceRecord] = []
        guard let kernel else { return all }
        kernel.core.readTraces(from: kernel.core.traceStart(capacity, after: start)) {
            all.append($0)
        }
        return all
    }

    /// One line each: number, cause, time, event, from where to where.
    public var lines: [String] {
        records.map { record in
            "\(record.sequence)<\(record.cause) \(record.time) "
                + "\(kernel?.traceName(record.event) ?? "") \(record.source) "
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
