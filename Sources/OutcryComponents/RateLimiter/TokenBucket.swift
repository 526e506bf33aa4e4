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
    ///
    /// - Parameter rest: So many are left to others.
    public mutating func take(at now: KernelTime, leaving rest: Int = 0) -> Permit {
        let permit = look(at: now, leaving: rest)
        if permit == .granted { taken.append(now) }
        return permit
    }

    /// Says whether a token could be taken, or when, and takes none.
    public mutating func look(at now: KernelTime, leaving rest: Int = 0) -> Permit {
        precondition(rest >= 0 && rest < capacity, "a bucket gives away at least one token")
        taken.removeAll { now - $0 >= period }
        let most = capacity - rest
        return taken.count < most ? .granted : .spent(until: taken[taken.count - most] + period)
    }

    /// Tokens that could be taken now.
    public func available(at now: KernelTime) -> Int {
        capacity - taken.count { now - $0 < period }
    }
}
