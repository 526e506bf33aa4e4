public import OutcryKernel

/// Requests in flight: numbers, deadlines, and which is the oldest. A pure state machine.
public struct RequestTracker<Key: Hashable, Value> {
    private struct Entry {
        let key: Key
        let value: Value
        let deadline: KernelTime
    }

    /// In the order in which they were begun.
    private var entries: [Entry] = []

    /// How many requests have ended without an answer.
    public private(set) var expired = 0

    /// Makes an empty tracker.
    public init() {}

    /// Requests in flight.
    public var count: Int { entries.count }

    /// The first deadline, if anything is in flight.
    public var nextDeadline: KernelTime? { entries.map(\.deadline).min() }

    /// Begins a request.
    ///
    /// - Returns: False when one with the same key is in flight: nothing has changed then.
    public mutating func begin(_ key: Key, _ value: Value, deadline: KernelTime) -> Bool {
        guard !entries.contains(where: { $0.key == key }) else { return false }
        entries.append(Entry(key: key, value: value, deadline: deadline))
        return true
    }

    /// What is kept for a request in flight.
    public func value(of key: Key) -> Value? { entries.first { $0.key == key }?.value }

    /// Ends a request; nil when it is not in flight, for instance because it has expired.
    public mutating func end(_ key: Key) -> Value? {
        guard let i = entries.firstIndex(where: { $0.key == key }) else { return nil }
        return entries.remove(at: i).value
    }

    /// Ends what should have been answered by `now`, in the order of its beginning.
    public mutating func expire(at now: KernelTime) -> [(key: Key, value: Value)] {
        let late = entries.filter { $0.deadline <= now }
        entries.removeAll { $0.deadline <= now }
        expired += late.count
        return late.map { ($0.key, $0.value) }
    }

    /// Ends everything, in the order of its beginning.
    public mutating func endAll() -> [(key: Key, value: Value)] {
        defer { entries.removeAll() }
        return entries.map { ($0.key, $0.value) }
    }
}
