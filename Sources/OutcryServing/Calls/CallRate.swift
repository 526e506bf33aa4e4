package import OutcryKernel

/// Counts what each has done in the last span of time.
package struct CallRate<Key: Hashable> {
    /// When somebody did his last things, oldest first.
    private struct Recent {
        private var times: [KernelTime] = []
        /// Those before are over.
        private var start = 0

        var last: KernelTime? { times.last }
        var count: Int { times.count - start }
        var first: KernelTime { times[start] }

        mutating func append(_ time: KernelTime) { times.append(time) }

        mutating func forget(until end: KernelTime) {
            while start < times.count, times[start] <= end { start += 1 }
            guard start > 16, start * 2 > times.count else { return }
            times.removeFirst(start)
            start = 0
        }
    }

    /// The span in nanoseconds.
    private let limit: (count: Int, span: Int64)?
    /// Only looked up.
    private var recent: [Key: Recent] = [:]
    /// Beyond so many, those of whom nothing counts any more are forgotten.
    private var mostKeys = 10_000

    /// How many are remembered.
    package var keys: Int { recent.count }

    package init(_ count: Int?, _ span: Duration?) {
        if let count, let span { limit = (count, span.nanoseconds) } else { limit = nil }
    }

    /// Counts a thing. What it costs does not grow with the limit.
    ///
    /// - Returns: How many whole seconds to wait, where there were too many; nil where it may be done.
    package mutating func wait(_ key: Key, at now: KernelTime) -> Int? {
        guard let limit else { return nil }
        let (begin, isBefore) = now.nanoseconds.subtractingReportingOverflow(limit.span)
        let over = KernelTime(nanoseconds: isBefore ? .min : begin)
        let first: KernelTime? = Self.count(
            now, over: over, most: limit.count, in: &recent[key, default: Recent()])
        guard let first else {
            forget(over)
            return nil
        }
        let rest = (first - over).nanoseconds
        return max(1, Int((rest + 999_999_999) / 1_000_000_000))
    }

    /// - Returns: The oldest thing that counts, where there are too many.
    private static func count(
        _ now: KernelTime, over: KernelTime, most: Int, in recent: inout Recent
    ) -> KernelTime? {
        recent.forget(until: over)
        guard recent.count < max(most, 1) else { return recent.first }
        recent.append(now)
        return nil
    }

    private mutating func forget(_ over: KernelTime) {
        guard recent.count > mostKeys else { return }
        recent = recent.filter { $0.value.last.map { $0 > over } ?? false }
        mostKeys = max(10_000, recent.count * 2)
    }
}
