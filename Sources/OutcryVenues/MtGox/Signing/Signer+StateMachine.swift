import OutcryComponents
import OutcryKernel

/// Who gets which stamp, and when; it has no key, no file and no clock.
struct MtGoxSignerMachine {
    /// What is to be done, in this order.
    enum Action {
        case seal(MtGoxSealJob, MtGoxCallStamp)
        case refuse(UInt64, String)
        /// Take numbers from the mark of this name.
        case take(mark: String, floor: UInt64, count: UInt64)
        case lock
        case unlock
        /// A call's reply is awaited.
        case await(UInt64)
        /// Nobody's reply is awaited.
        case rest
        /// Look again after so many microseconds.
        case look(after: Int64)
        /// How long calls wait for the clock has changed, from nothing or to nothing.
        case waits
        /// The clocks have begun, or ceased, to be far apart.
        case skew(microseconds: Int64)
    }

    /// The moment of an input.
    struct Moment {
        var wall: WallTime
        var now: KernelTime
    }

    /// The clocks are far apart from here on, and not any more below this: microseconds.
    static let skew: UInt64 = 2_000_000
    static let noSkew: UInt64 = 1_500_000

    private let stamps: MtGoxSignerOptions.Stamps
    private let hasLock: Bool
    private(set) var clock = ClockOffset()
    private var tonces = TonceBlocks()
    private var turns = NonceTurns()
    private var waiting: [MtGoxSealJob] = []
    /// Those before it have gone.
    private var head = 0
    private var isSkewed = false
    /// The calendar less the kernel's time, in microseconds: it changes when somebody sets the calendar.
    private var origin: Int64?
    private(set) var counters = MtGoxSignerCounters()

    /// - Parameter hasLock: A nonce's turn is taken by a lock, which other processes see.
    init(_ stamps: MtGoxSignerOptions.Stamps, hasLock: Bool) {
        self.stamps = stamps
        self.hasLock = hasLock
    }

    // MARK: Inputs

    /// A stamp for a call that has just come, where one is at hand.
    mutating func stampAtOnce(_ moment: Moment) -> MtGoxCallStamp? {
        guard stamps == .tonce, head == waiting.count else { return nil }
        guard let value = tonces.take(at: venueTime(moment)) else { return nil }
        counters.signed += 1
        return .tonce(value)
    }

    /// Whether ``look(_:)`` has something to do.
    func needsLook(_ moment: Moment) -> Bool {
        stamps == .tonce
            && tonces.needsBlock(
                at: moment.wall.microseconds &+ clock.microseconds, waiting: waiting.count - head)
    }

    /// A call is to be signed as soon as may be.
    mutating func add(_ job: MtGoxSealJob, _ moment: Moment) -> [Action] {
        waiting.append(job)
        return goOn(moment)
    }

    /// A call will not be signed.
    mutating func refuse(_ number: UInt64, _ reason: String) -> Action {
        counters.refused += 1
        return .refuse(number, reason)
    }

    /// The reply to a call has come, or will not.
    mutating func done(_ number: UInt64, _ moment: Moment) -> [Action] {
        if let index = waiting[head...].firstIndex(where: { $0.number == number }) {
            waiting.remove(at: index)
            return goOn(moment)
        }
        return turns.state == .out(number) ? endTurn(moment) : []
    }

    /// The reply to a call is overdue.
    mutating func late(_ number: UInt64, _ moment: Moment) -> [Action] {
        guard turns.state == .out(number) else { return [] }
        counters.overdue += 1
        return endTurn(moment)
    }

    /// A mark has given numbers, or has not.
    mutating func marked(
        _ outcome: Outcome<UInt64, SystemError>, _ moment: Moment
    ) -> [Action] {
        let now = venueTime(moment)
        switch (outcome, stamps) {
        case (.success(let first), .tonce): tonces.taken(first: first, at: now)
        case (.failure(let error), .tonce):
            tonces.failed()
            // Asked for again with the next call or the next look.
            return refuseAll("no tonce: \(error)")
        case (.success(let nonce), .nonce):
            guard nonce <= MtGoxCallStamp.limit else {
                return refuseAll("no nonce: \(nonce) is beyond \(MtGoxCallStamp.limit)")
                    + endTurn(moment)
            }
            guard let job = next() else { return endTurn(moment) }
            turns.sent(job.number)
            counters.signed += 1
            counters.waiting = waiting.count - head
            return [.seal(job, .nonce(nonce)), .await(job.number)]
        case (.failure(let error), .nonce):
            return refuseAll("no nonce: \(error)") + endTurn(moment)
        }
        return goOn(moment)
    }

    /// The lock was taken, or cannot be.
    mutating func locked(_ error: SystemError?, _ moment: Moment) -> [Action] {
        guard turns.state == .locking else { return [] }
        if let error {
            turns.end()
            return refuseAll("no turn: \(error)")
        }
        guard turns.locked(isWanted: head < waiting.count) else { return [.unlock] }
        return [.take(mark: "nonce", floor: UInt64(max(0, moment.wall.microseconds)), count: 1)]
    }

    /// Time has passed: keeps a fresh block ready, and lets go what waited for the clock.
    mutating func look(_ moment: Moment) -> [Action] { goOn(moment) }

    /// Something was told of the venue's clock.
    mutating func take(_ reading: MtGoxClockReading, _ moment: Moment) -> [Action] {
        _ = venueTime(moment)
        clock.take(reading, at: moment.wall, moment.now)
        return news() + goOn(moment)
    }

    // MARK: Inside

    /// The venue's time, microseconds since 1970.
    private mutating func venueTime(_ moment: Moment) -> Int64 {
        let origin = moment.wall.microseconds &- moment.now.nanoseconds / 1000
        if let last = self.origin, (origin &- last).magnitude > 250_000 { clock.forget() }
        self.origin = origin
        return moment.wall.microseconds &+ clock.microseconds
    }

    /// Tells of clocks that have drifted apart, or have come together.
    private mutating func news() -> [Action] {
        let offset = clock.microseconds
        counters.clockOffset = .microseconds(offset)
        guard offset.magnitude > (isSkewed ? Self.noSkew : Self.skew) ? !isSkewed : isSkewed else {
            return []
        }
        isSkewed.toggle()
        return [.skew(microseconds: offset)]
    }

    /// The call whose turn it is.
    private mutating func next() -> MtGoxSealJob? {
        guard head < waiting.count else { return nil }
        defer { head += 1 }
        return waiting[head]
    }

    private mutating func goOn(_ moment: Moment) -> [Action] {
        defer { counters.waiting = waiting.count - head }
        var actions: [Action] = []
        let now = venueTime(moment)
        if stamps == .nonce {
            if head < waiting.count, turns.begin() {
                actions += hasLock ? [.lock] : locked(nil, moment)
            }
        } else {
            while head < waiting.count, let value = tonces.take(at: now), let job = next() {
                counters.signed += 1
                actions.append(.seal(job, .tonce(value)))
            }
            actions += fetch(now)
        }
        if head == waiting.count {
            waiting.removeAll(keepingCapacity: waiting.count < 4096)
            head = 0
        } else if head > 256, head * 2 > waiting.count {
            waiting.removeFirst(head)
            head = 0
        }
        return actions
    }

    /// Asks for a block of tonces, or waits for the clock.
    private mutating func fetch(_ now: Int64) -> [Action] {
        let waiting = waiting.count - head
        guard tonces.needsBlock(at: now, waiting: waiting) else { return waits(0) }
        if let (lane, floor, count) = tonces.ask(at: now, waiting: waiting) {
            return waits(0) + [.take(mark: "tonce.\(lane)", floor: floor, count: count)]
        }
        let wait = tonces.wait(at: now)
        return waits(waiting > 0 ? wait : 0) + [.look(after: wait + 1)]
    }

    private mutating func waits(_ microseconds: Int64) -> [Action] {
        let before = counters.clockWait
        counters.clockWait = .microseconds(microseconds)
        counters.waiting = waiting.count - head
        return (before == .zero) == (microseconds == 0) ? [] : [.waits]
    }

    private mutating func endTurn(_ moment: Moment) -> [Action] {
        turns.end()
        return [.rest] + (hasLock ? [.unlock] : []) + goOn(moment)
    }

    private mutating func refuseAll(_ reason: String) -> [Action] {
        var actions: [Action] = []
        while let job = next() { actions.append(refuse(job.number, reason)) }
        waiting.removeAll()
        head = 0
        counters.waiting = 0
        return actions
    }
}
