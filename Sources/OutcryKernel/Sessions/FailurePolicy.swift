/// What happens when a child fails, that is, when one of its handlers or workflows throws.
public enum FailurePolicy: Sendable {
    /// It ends; the parent is told by `childStopped`.
    case stop
    /// It lives on; the failure is counted and logged.
    case resume
    /// Its parent fails with it. At the root the kernel stops, and `run` throws.
    case escalate
    /// It is started anew under its alias, as a fresh object.
    case restart(Backoff = Backoff())
    /// So are all its younger siblings, in the order in which they were first started.
    case restartWithLater(Backoff = Backoff())

    var backoff: Backoff? {
        switch self {
        case .restart(let backoff), .restartWithLater(let backoff): backoff
        case .stop, .resume, .escalate: nil
        }
    }
}

/// The pauses between starts, and how many are too many.
public struct Backoff: Sendable, Equatable {
    /// The longest the first pause can be.
    public var first: Duration
    /// The longest any pause can be.
    public var most: Duration
    /// What the longest pause is multiplied by from one failure to the next.
    public var factor: Int
    /// Full jitter: each pause is drawn evenly from `floor` to the longest it can be.
    public var isJittered: Bool
    /// No pause is shorter.
    public var floor: Duration
    /// More restarts than this within `period` are given up: the parent fails.
    public var limit: Int
    /// The time in which restarts are counted; a child that ran as long begins anew with `first`.
    public var period: Duration

    /// The house's values where nothing is said: 100 ms doubling to 30 s, at most 10 a minute.
    public init(
        first: Duration = .milliseconds(100), most: Duration = .seconds(30), factor: Int = 2,
        isJittered: Bool = true, floor: Duration = .zero, limit: Int = 10,
        period: Duration = .seconds(60)
    ) {
        self.first = first
        self.most = most
        self.factor = factor
        self.isJittered = isJittered
        self.floor = floor
        self.limit = limit
        self.period = period
    }

    /// The pause before try number `attempt` (0 is the first).
    public func pause(
        before attempt: Int, using random: inout some RandomNumberGenerator
    ) -> Duration {
        var longest = max(first, floor)
        for _ in 0..<max(0, min(attempt, 62)) {
            longest = min(longest * factor, most)
            if longest >= most { break }
        }
        guard isJittered else { return longest }
        return .nanoseconds(
            Int64.random(in: floor.nanoseconds...max(floor, longest).nanoseconds, using: &random))
    }
}
