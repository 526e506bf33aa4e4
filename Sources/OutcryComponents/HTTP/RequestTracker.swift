public import OutcryKernel

/// Requests in flight: numbers, deadlines, and which is the oldest. A pure state machine.
///
/// Beginning and ending a request costs O(1) amortized where the deadlines come in order, as they do with
/// one timeout for all.
public struct RequestTracker<Key: Hashable, Value> {
    private struct Entry {
        let order: Int
        let value: Value
        let deadline: KernelTime
    }

    private var entries: [Key: Entry] = [:]
    /// By deadline, then by the order of their beginning; those before `head`, and those whose request has
    /// ended, are passed over.
    private var queue: [(deadline: KernelTime, order: Int, key: Key)] = []
    private var head = 0
    private var begun = 0

    /// How many requests have ended without an answer.
    public private(set) var expired = 0

    /// Makes an empty tracker.
    public init() {}

    /// Requests in flight.
    public var count: Int { entries.count }

    /// The first deadline, if anything is in flight.
    public var nextDeadline: KernelTime? { head < queue.count ? queue[head].deadline : nil }

    /// Begins a request.
    ///
    /// - Returns: False when one with the same key is in flight: nothing has changed then.
    public mutating func begin(_ key: Key, _ value: Value, deadline: KernelTime) -> Bool {
        guard entries[key] == nil else { return false }
        begun += 1
        entries[key] = Entry(order: begun, value: value, deadline: deadline)
        var i = queue.count
        while i > head, queue[i - 1].deadline > deadline { i -= 1 }
        queue.insert((deadline, begun, key), at: i)
        return true
    }

    /// What is kept for a request in flight.
    public func value(of key: Key) -> Value? { entries[key]?.value }

    /// Ends a request; nil when it is not in flight, for instance because it has expired.
    public mutating func end(_ key: Key) -> Value? {
        guard let entry = entries.removeValue(forKey: key) else { return nil }
        passOver()
        return entry.value
    }

    /// Ends what should have been answered by `now`, in the order of its beginning.
    public mutating func expire(at now: KernelTime) -> [(key: Key, value: Value)] {
        var late: [(order: Int, key: Key, value: Value)] = []
        while let deadline = nextDeadline, deadline <= now {
            let key = queue[head].key
            head += 1
            if let entry = entries.removeValue(forKey: key) {
                late.append((entry.order, key, entry.value))
            }
            passOver()
        }
        expired += late.count
        return late.sorted { $0.order < $1.order }.map { ($0.key, $0.value) }
    }

    /// Ends everything, in the order of its beginning.
    public mutating func endAll() -> [(key: Key, value: Value)] {
        let all = entries.sorted { $0.value.order < $1.value.order }
        entries.removeAll()
        passOver()
        return all.map { ($0.key, $0.value.value) }
    }

    /// Moves the head over requests that have ended, and gives room back now and then.
    private mutating func passOver() {
        while head < queue.count, entries[queue[head].key]?.order != queue[head].order { head += 1 }
        if head == queue.count {
            queue.removeAll(keepingCapacity: true)
            head = 0
        } else if queue.count > 64, queue.count > entries.count * 2 {
            let entries = entries
            queue = queue[head...].filter { entries[$0.key]?.order == $0.order }
            head = 0
        }
    }
}
