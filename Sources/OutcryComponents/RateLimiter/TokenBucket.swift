public import OutcryKernel

/// Whether a request may go out.
public enum Permit: Sendable, Equatable {
    /// It may, now.
    case granted
    /// The budget is spent; not before this time.
    case spent(until: KernelTime)
}

/// A bucket of `capacity` tokens; each comes back one `period` after it was taken, as at venues that
/// count the requests of the last hour. A pure state machine.
public struct TokenBucket: Sendable {
    /// The most tokens.
    public let capacity: Int
    /// The time in which all of them come back.
    public let period: Duration
    /// When each taken token was taken, the oldest first.
    private var taken: [KernelTime] = []

    /// Makes a full bucket.
    public init(capacity: Int, period: Duration) {
        precondition(capacity > 0 && period > .zero, "a bucket holds something for some time")
        self.capacity = capacity
        self.period = period
    }

    /// Takes a token, or says when there will be one.
    public mutating func take(at now: KernelTime) -> Permit {
        let permit = look(at: now)
        if permit == .granted { taken.append(now) }
        return permit
    }

    /// Says whether a token could be taken, or when, and takes none.
    public mutating func look(at now: KernelTime) -> Permit {
        taken.removeAll { now - $0 >= period }
        return taken.count < capacity ? .granted : .spent(until: taken[0] + period)
    }

    /// Tokens that could be taken now.
    public func available(at now: KernelTime) -> Int {
        capacity - taken.count { now - $0 < period }
    }
}
