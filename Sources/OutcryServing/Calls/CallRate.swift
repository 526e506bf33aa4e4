package import OutcryKernel

/// Counts what each has done in the last span of time.
package struct CallRate<Key: Hashable> {
    private let limit: (count: Int, span: Duration)?
    /// When each did its last things, oldest first. Only looked up.
    private var times: [Key: [KernelTime]] = [:]
    /// Beyond so many, those of whom nothing counts any more are forgotten.
    private var mostKeys = 10_000

    package init(_ count: Int?, _ span: Duration?) {
        if let count, let span { limit = (count, span) } else { limit = nil }
    }

    /// Counts a thing.
    ///
    /// - Returns: How many whole seconds to wait, where there were too many; nil where it may be done.
    package mutating func wait(_ key: Key, at now: KernelTime) -> Int? {
        guard let limit else { return nil }
        var recent = times[key, default: []]
        recent.removeAll { $0 + limit.span <= now }
        defer { times[key] = recent }
        guard recent.count >= limit.count, let first = recent.first else {
            recent.append(now)
            forget(at: now, limit.span)
            return nil
        }
        let rest = (first + limit.span - now).nanoseconds
        return max(1, Int((rest + 999_999_999) / 1_000_000_000))
    }

    private mutating func forget(at now: KernelTime, _ span: Duration) {
        guard times.count > mostKeys else { return }
        times = times.filter { $0.value.last.map { $0 + span > now } ?? false }
        mostKeys = max(10_000, times.count * 2)
    }
}
