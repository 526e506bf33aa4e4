public import OutcryKernel

/// What a request costs: the budgets of a venue are kept by kind.
public enum RequestKind: String, Sendable, CaseIterable {
    /// Cancelling orders: first of all.
    case cancel
    /// Changing orders.
    case amend
    /// Placing orders.
    case place
    /// Asking for state.
    case query
    /// Fetching a whole book.
    case snapshot
    /// Fetching a whole book that nobody trades by: from the budget of ``snapshot``, of which it leaves a part
    /// to the books.
    case spareSnapshot
}

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
        precondition(rest >= 0 && rest < capacity, "a bucket gives away at least one token")
        taken.removeAll { now - $0 >= period }
        guard taken.count < capacity - rest else {
            return .spent(until: taken[taken.count - (capacity - rest)] + period)
        }
        taken.append(now)
        return .granted
    }

    /// Tokens that could be taken now.
    public func available(at now: KernelTime) -> Int {
        capacity - taken.count { now - $0 < period }
    }
}

extension Event where Payload == Ask<RequestKind, Permit> {
    /// Asks a rate limiter whether a request may go out; a granted permit is spent.
    public static let permit = Self("limits.permit")
}

/// Keeps a venue's budgets, so that no well-behaved program can be banned. It never sleeps: it says no,
/// and until when.
public final class RateLimiter: Session {
    private var buckets: [(kind: RequestKind, bucket: TokenBucket)]

    /// Makes a limiter; kinds without a bucket are not limited.
    public init(_ buckets: KeyValuePairs<RequestKind, TokenBucket>) {
        self.buckets = buckets.map { ($0.key, $0.value) }
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<RateLimiter>) {
        on(.permit) { me, ask, my in
            my.answer(ask, me.permit(ask.question, at: my.now))
        }
    }

    private func permit(_ kind: RequestKind, at now: KernelTime) -> Permit {
        let isSpare = kind == .spareSnapshot
        for i in buckets.indices where buckets[i].kind == (isSpare ? .snapshot : kind) {
            let rest = isSpare ? buckets[i].bucket.capacity / 2 : 0
            return buckets[i].bucket.take(at: now, leaving: rest)
        }
        return .granted
    }
}
