public import OutcryKernel

/// One of a venue's limits: so many requests of some kinds in some time.
public struct RateBudget: Sendable {
    /// What it is of, for logs: `orders`, `HTTP calls`.
    public var name: String
    /// How many, in how long.
    public var bucket: TokenBucket
    /// Which kinds of requests count; all of them if nil.
    public var kinds: [RequestKind]?
    /// Only requests over HTTP count, not those over the stream.
    public var isOfHTTP: Bool
    /// So many are left to others by a ``RequestKind/spareSnapshot``.
    public var reserve = 0

    /// Makes a budget.
    public init(
        _ name: String, _ count: Int, in period: Duration, kinds: [RequestKind]? = nil,
        isOfHTTP: Bool = false
    ) {
        self.name = name
        bucket = TokenBucket(capacity: count, period: period)
        self.kinds = kinds
        self.isOfHTTP = isOfHTTP
    }

    /// Whether a request counts.
    public func counts(_ kind: RequestKind, overHTTP: Bool) -> Bool {
        (kinds?.contains(kind) ?? true) && (overHTTP || !isOfHTTP)
    }

    /// How many requests of a kind leave to others.
    func rest(by kind: RequestKind) -> Int { kind == .spareSnapshot ? reserve : 0 }
}

/// A request that waits for its turn.
public struct PermitWish: Sendable {
    /// The asker's number for it, which comes back.
    public var number: UInt64
    /// What it is.
    public var kind: RequestKind
    /// It goes over HTTP.
    public var overHTTP: Bool
    /// It is of no use any more after this.
    public var deadline: KernelTime
    /// Who asks.
    public var asker: SessionID

    /// Makes a wish.
    public init(
        number: UInt64, kind: RequestKind, overHTTP: Bool, deadline: KernelTime, asker: SessionID
    ) {
        self.number = number
        self.kind = kind
        self.overHTTP = overHTTP
        self.deadline = deadline
        self.asker = asker
    }
}

/// How many requests wait for their turn.
public struct RequestsWaiting: Sendable, Equatable {
    /// How many.
    public let count: Int
    /// When the first of them can go.
    public let next: KernelTime?
}

/// A venue's budgets and those who wait for them: the most urgent kind first, of one kind the oldest. No
/// kernel, no I/O.
public struct RateLimiterMachine {
    /// The budgets; a request takes a token of each that it counts for.
    public private(set) var budgets: [RateBudget]
    private var waiting: [PermitWish] = []

    /// Makes full budgets.
    public init(_ budgets: [RateBudget]) { self.budgets = budgets }

    /// How many wait.
    public var count: Int { waiting.count }

    /// Takes the tokens of a request, or says when they will be there. It goes before all that wait.
    public mutating func take(_ kind: RequestKind, overHTTP: Bool, at now: KernelTime) -> Permit {
        var until: KernelTime?
        for i in budgets.indices where budgets[i].counts(kind, overHTTP: overHTTP) {
            let rest = budgets[i].rest(by: kind)
            if case .spent(let time) = budgets[i].bucket.look(at: now, leaving: rest) {
                until = max(until ?? time, time)
            }
        }
        if let until { return .spent(until: until) }
        for i in budgets.indices where budgets[i].counts(kind, overHTTP: overHTTP) {
            _ = budgets[i].bucket.take(at: now, leaving: budgets[i].rest(by: kind))
        }
        return .granted
    }

    /// Takes the tokens of a wish, or has it wait for its turn.
    ///
    /// - Returns: Whether it may go now.
    public mutating func wish(_ wish: PermitWish, at now: KernelTime) -> Bool {
        // Whoever waits for the same goes first, unless it is less urgent.
        let isBehind = waiting.contains { $0.kind <= wish.kind && isRival($0, wish) }
        if !isBehind, take(wish.kind, overHTTP: wish.overHTTP, at: now) == .granted { return true }
        let place = waiting.firstIndex { wish.kind < $0.kind } ?? waiting.count
        waiting.insert(wish, at: place)
        return false
    }

    /// Whether two requests count for one budget.
    private func isRival(_ one: PermitWish, _ other: PermitWish) -> Bool {
        budgets.contains {
            $0.counts(one.kind, overHTTP: one.overHTTP)
                && $0.counts(other.kind, overHTTP: other.overHTTP)
        }
    }

    /// Forgets the wishes of those who are no more.
    mutating func forget(_ isGone: (SessionID) -> Bool) { waiting.removeAll { isGone($0.asker) } }

    /// Who may go now, and for whom it is too late.
    public mutating func turns(at now: KernelTime) -> (granted: [PermitWish], late: [PermitWish]) {
        var granted: [PermitWish] = []
        var late: [PermitWish] = []
        var left: [PermitWish] = []
        for wish in waiting {
            if wish.deadline <= now {
                late.append(wish)
            } else if left.contains(where: { isRival($0, wish) }) {
                left.append(wish)
            } else if take(wish.kind, overHTTP: wish.overHTTP, at: now) == .granted {
                granted.append(wish)
            } else {
                left.append(wish)
            }
        }
        waiting = left
        return (granted, late)
    }

    /// When something can happen to those who wait: a token comes back, or a deadline passes.
    public mutating func nextTime(at now: KernelTime) -> KernelTime? {
        guard !waiting.isEmpty else { return nil }
        var next = waiting.map(\.deadline).min()
        for i in budgets.indices {
            if case .spent(let until) = budgets[i].bucket.look(at: now) {
                next = min(next ?? until, until)
            }
        }
        return next
    }
}

/// Keeps a venue's budgets, so that no well-behaved program can be banned. It never sleeps: it has requests
/// wait for their turn, which is to be seen as `requestsWaiting`, or says no and until when.
public final class RateLimiter: Session {
    private var machine: RateLimiterMachine
    private var told = 0

    private let isRestarted: Bool

    /// Makes a limiter; what counts for no budget is not limited.
    ///
    /// - Parameter failed: One that failed, whose place it takes: what was spent of the budgets stays spent.
    public init(_ budgets: [RateBudget], inPlaceOf failed: RateLimiter? = nil) {
        machine = RateLimiterMachine(failed?.machine.budgets ?? budgets)
        isRestarted = failed != nil
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<RateLimiter>) {
        on(.started) { me, _, my in if me.isRestarted { my.publish(.limitsRestarted) } }
        on(.permit) { me, ask, my in
            my.answer(ask, me.machine.take(ask.question, overHTTP: true, at: my.now))
        }
        on(.streamPermit) { me, ask, my in
            my.answer(ask, me.machine.take(ask.question, overHTTP: false, at: my.now))
        }
        on(.permitWish) { me, wish, my in
            let wish = copy wish
            me.forgetTheGone(my)
            if me.machine.wish(wish, at: my.now) {
                my.post(.permitGranted, to: wish.asker, wish.number)
            } else {
                me.wait(my)
            }
        }
        on(.permitTurns) { me, _, my in
            me.forgetTheGone(my)
            let (granted, late) = me.machine.turns(at: my.now)
            for wish in granted { my.post(.permitGranted, to: wish.asker, wish.number) }
            for wish in late { my.post(.permitLate, to: wish.asker, wish.number) }
            me.wait(my)
        }
    }

    /// Who asked may have failed meanwhile: nothing is spent for it.
    private func forgetTheGone(_ my: Context) {
        let kernel = my.kernel
        machine.forget { !kernel.isAlive($0) }
    }

    private func wait(_ my: Context) {
        let next = machine.nextTime(at: my.now)
        if let next { my.at(next, .permitTurns, named: "turns") }
        guard machine.count != told else { return }
        told = machine.count
        my.publish(.requestsWaiting, RequestsWaiting(count: told, next: next))
    }
}

extension Event where Payload == Ask<RequestKind, Permit> {
    /// Asks a rate limiter whether a request over HTTP may go out now; a granted permit is spent.
    public static let permit = Self("limits.permit")
    /// The same for a request over the stream, for which other budgets may count.
    public static let streamPermit = Self("limits.streamPermit")
}
extension Event where Payload == PermitWish {
    /// Asks a rate limiter for a turn: `limits.granted` or `limits.late` comes to the asker.
    public static let permitWish = Self("limits.wish")
}
extension Event where Payload == UInt64 {
    /// The request of this number may go out now.
    public static let permitGranted = Self("limits.granted")
    /// The deadline of the request of this number has passed before its turn.
    public static let permitLate = Self("limits.late")
}
extension Event where Payload == RequestsWaiting {
    /// How many requests wait for their turn has changed; published by a rate limiter.
    public static let requestsWaiting = Self("requestsWaiting")
}
extension Event where Payload == Void {
    /// A rate limiter has begun anew: those who waited for their turn are to say so again. Published by it.
    public static let limitsRestarted = Self("limits.restarted")
    static let permitTurns = Self("limits.turns")
}
