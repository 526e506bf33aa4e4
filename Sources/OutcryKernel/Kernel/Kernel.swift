import OutcryBytes

/// One loop: the event queue, the sessions, their aliases, alarms and lifetimes.
///
/// The kernel makes no system call; its ``Driver`` does. It lives and dies on the thread that made it.
///
/// **Lifetime.** A session lives while something can still happen to it: an undelivered event to it or
/// from it, an alarm, a lease, a workflow, a wheel, a child. An alias or a registration keeps it too, but
/// only as long as the kernel is busy at all; when nothing but names is left, ``run()`` stops everybody
/// and returns. ``whyAlive(_:)`` answers for a session.
public final class Kernel {
    @usableFromInline let core: Core
    let driver: any Driver
    let mail: Mail
    let loop: Loop

    /// One a session type, in the order of their first start.
    var tables: [Table] = []
    var freeSlots: [UInt32] = []
    /// Objects of ended sessions, kept until no handler can be running on them.
    @safe @exclusivity(unchecked) var graveyard: [AnyObject] = []
    @safe @exclusivity(unchecked) var candidates: [Candidate] = []
    @safe @exclusivity(unchecked) private var extrasBySlot: [Extras?] = []
    private var entries: [Names.Entry] = []
    @safe @exclusivity(unchecked) var counters = Counters()
    var deadLetters = NumberMap<Int>()
    /// Reasons in the whole kernel to go on: alarms, leases, workflows, wheels, requests.
    @safe @exclusivity(unchecked) var active = 0

    let alarms = AlarmHeap()
    /// The head of the chain of the kernel's own alarms.
    var firstAlarm = UInt32.max
    /// Set by ``stop(within:)``.
    var shutdownDeadline: AlarmID?
    /// The kernel's alarms that are no reason to go on.
    var uncounted = 0
    var nextTicket: UInt64 = 1
    /// Works that were offloaded: the number of the last.
    var offloads: UInt64 = 0
    var questions = NumberMap<AnyQuestion>()
    var requests = NumberMap<(cause: UInt64, done: (Kernel, RequestResult) -> Void)>()
    /// The transports that wheels hold.
    let wheels = WheelTable()
    /// The one big receive buffer, lent to whichever stream is being read.
    let spare = SpareBytes(size: 1 << 17)
    @safe @exclusivity(unchecked) var dirtyStreams: [StreamWheel] = []
    /// The streams that are being flushed.
    @safe @exclusivity(unchecked) var flushing: [StreamWheel] = []
    @safe @exclusivity(unchecked) var dirtyGroups: [StreamGroup] = []
    /// The groups that are being flushed.
    @safe @exclusivity(unchecked) var flushingGroups: [StreamGroup] = []
    @safe @exclusivity(unchecked) var backlogged = NumberMap<StreamWheel>()
    var nextWheel: UInt64 = 1
    /// Who waits on a ``KernelClock``, by ticket.
    @safe @exclusivity(unchecked) var sleepers = NumberMap<Sleeper>()
    /// What waits for its pause to pass, to be started anew.
    @safe @exclusivity(unchecked) var resting: [Resting] = []
    /// What starts when it is looked for.
    @safe @exclusivity(unchecked) var absent: [Absent] = []
    /// The last failures, the oldest first.
    var failures: [KernelSnapshot.Failure] = []

    /// The time of this turn.
    public var now: KernelTime { turnTime.now }
    /// The calendar time of this turn.
    public var wallNow: WallTime { turnTime.wall }
    // Behind accessors, as `stall` is: stored properties that other modules see, or that are observed, are
    // checked at each access, whatever they are marked with.
    @safe @exclusivity(unchecked) var turnTime = TurnTime(
        now: .zero, wall: WallTime(microseconds: 0))
    /// The kernel's random numbers: a generator that the driver seeded.
    @safe @exclusivity(unchecked) public var random = SeededGenerator(seed: 0)

    /// The most events that one turn delivers before it polls again. A count, never a time: time cuts
    /// would make replays differ.
    @safe @exclusivity(unchecked) public var budget = 256
    /// Lines below this level are not made.
    @safe @exclusivity(unchecked) public var logLevel = LogLevel.info
    /// Where log lines go; where nothing is said, to the driver's error output.
    @safe @exclusivity(unchecked) public var onLog: ((LogRecord) -> Void)?
    /// Is shown every input before it takes effect.
    @safe @exclusivity(unchecked) public var onInput: ((borrowing Input) -> Void)?
    /// Who records what comes in, or plays it back.
    @safe @exclusivity(unchecked) package var tap: (any KernelTap)? {
        didSet { core.setTape(tap != nil) }
    }
    /// By number, from 0: what opens a recorded letter. Nil for a mailbox that cannot be recorded.
    var mailboxes: [((Kernel, [UInt8]) throws -> Void)?] = []

    /// Where a handler, a piece of a workflow or an input takes longer than this, a warning says which and
    /// how long, and ``KernelSnapshot/stalls`` counts it. Nil costs nothing; else each event costs two
    /// readings of the clock.
    public var stallLimit: Duration? {
        get { stall }
        set {
            stall = newValue
            core.setTiming(newValue != nil)
        }
    }
    @safe @exclusivity(unchecked) var stall: Duration?

    /// Whether ``KernelSnapshot/longestTurn`` is measured: each turn costs one more reading of the clock.
    @safe @exclusivity(unchecked) public var measuresTurns = false

    @safe @exclusivity(unchecked) var tracer: ((TraceRecord) -> Void)?
    /// How many events each ``LastEvents`` keeps.
    var tracesKept: [ObjectIdentifier: Int] = [:]
    /// Who is shown each event with its words, and each input.
    @safe @exclusivity(unchecked) var watcher: (any KernelWatcher)?
    /// By event: puts its payload into words.
    var describers = NumberMap<Describer>()
    /// Where what is posted now comes from, if from no handler: see ``KernelOrigin``. Kept while ``watcher`` is.
    var origin: UInt64 {
        get { core.origin }
        set { core.setOrigin(newValue) }
    }
    /// The last reading of the clock while events are measured, ns.
    var clockReading: Int64 {
        get { core.clockReading }
        set { core.setClockReading(newValue) }
    }
    let measures = EventMeasures()
    /// What the events that are being posted from outside a handler are caused by.
    var cause: UInt64? {
        get { core.outerCause }
        set { core.setOuterCause(newValue) }
    }

    var isRunning = false
    @safe @exclusivity(unchecked) var isStopping = false
    /// A turn is being made: the time stands still.
    @safe @exclusivity(unchecked) var isInTurn = false
    /// The driver has nothing to wait for.
    @safe @exclusivity(unchecked) var isDry = false
    var fatal: (any Error)?

    /// Makes a kernel that runs on `driver`. Make it on the thread that will run it.
    public init(driver: any Driver) {
        core = Core.make()
        let driver = driver.inForce
        self.driver = driver
        mail = Mail(waker: driver.waker)
        loop = Loop(LoopExecutor(mail))
        core.adopt(self)
        driver.attach(to: self)
        random = SeededGenerator(seed: entropy())
        catchUp()
    }

    deinit {
        tap?.kernelGone()
        core.destroy()
    }

    /// Between turns nobody tells the kernel the time: who comes then from outside has it looked up.
    func catchUp() { if !isInTurn { receive(.time(driver.time())) } }

    // MARK: Sessions

    /// Starts a root session. Its `started` handler has run when this returns.
    ///
    /// The alias must not be borne by another living session.
    @discardableResult public func start<S: Session>(
        _ session: S, alias: Alias? = nil
    ) -> SessionID {
        catchUp()
        return KernelThread.inside {
            start(session, alias: alias, parent: .none, onFailure: .stop, make: nil)
        }
    }

    /// Starts a root session that can be started anew when it fails; `make` makes each new object.
    @discardableResult public func start<S: Session>(
        alias: Alias? = nil, onFailure policy: FailurePolicy, _ make: @escaping () -> S
    ) -> SessionID {
        catchUp()
        return KernelThread.inside {
            start(make(), alias: alias, parent: .none, onFailure: policy, make: make)
        }
    }

    /// Ends `session`, its children first.
    public func stop(_ session: SessionID) { end(session, .stopped) }

    /// Ends the run: everybody is stopped, leaves first, at the end of this turn.
    public func stop() {
        isStopping = true
        mail.wake()
    }

    /// Asks everybody with a handler for `shutdown` to finish, and stops after `deadline` at the latest.
    public func stop(within deadline: Duration) {
        catchUp()
        askToFinish(sessionsLeavesFirst())
        if let old = shutdownDeadline {
            disarmUncounted(old)
        }
        shutdownDeadline = end(after: deadline) { kernel in
            kernel.shutdownDeadline = nil
            kernel.stop()
        }
    }

    /// Asks `session` and its descendants, leaves first, to finish, and stops them after `deadline` at the
    /// latest.
    public func stop(_ session: SessionID, within deadline: Duration) {
        guard core.isAlive(session) else { return }
        catchUp()
        askToFinish(sessionsLeavesFirst().filter { isDescendant($0, of: session) })
        end(after: deadline) { $0.end(session, .stopped) }
    }

    private func askToFinish(_ sessions: [SessionID]) {
        for id in sessions where core.handles(Event.shutdown.id, id) {
            core.postAnyway(.shutdown, to: id, ())
        }
    }

    /// An alarm that ends something, and must not prolong it: it does not count as a reason to go on.
    @discardableResult func end(
        after limit: Duration, _ body: @escaping (Kernel) -> Void
    ) -> AlarmID {
        end(
            after: limit,
            AlarmCall { kernel in
                kernel.endsNow()
                body(kernel)
            })
    }

    /// The same with an action of one's own, which begins with ``endsNow()``.
    func end(after limit: Duration, _ action: AlarmAction) -> AlarmID {
        uncounted += 1
        active -= 1
        return arm(at: now + limit, period: nil, owner: .none, event: 0, action)
    }

    /// An alarm that did not count has rung.
    func endsNow() {
        uncounted -= 1
        active += 1
    }

    /// Takes back what ``end(after:_:)`` has set.
    func disarmUncounted(_ id: AlarmID) {
        guard disarm(id) != nil else { return }
        uncounted -= 1
        active += 1
    }

    /// Whether `session` lives.
    public func isAlive(_ session: SessionID) -> Bool { core.isAlive(session) }

    /// The session that bears `alias` now.
    public func find(_ alias: Alias) -> SessionID? {
        let id = core.find(alias)
        return core.isAlive(id) ? id : nil
    }

    /// Events in the queue.
    public var pending: Int { core.pending }

    // MARK: Events from outside

    /// Queues `event` for `session`.
    @discardableResult @inlinable public func post<P: ~Copyable>(
        _ event: Event<P>, to session: SessionID, _ payload: consuming P
    ) -> Posted { core.post(event, to: session, from: core.current, payload) }

    /// Queues `event` for the session that bears `alias` now.
    @discardableResult @inlinable public func post<P: ~Copyable>(
        _ event: Event<P>, to alias: Alias, _ payload: consuming P
    ) -> Posted { core.post(event, to: core.find(alias), from: core.current, payload) }

    /// A door for other threads: what they send arrives as `event` at the session that bears `alias` then.
    ///
    /// - Parameter codec: How letters from other threads are written into a journal and read again; without
    ///   it a run with such letters is recorded, but not replayed beyond the first of them.
    public func mailbox<P>(
        _ event: Event<P>, to alias: Alias, recordedBy codec: MailCodec<P>? = nil
    ) -> Mailbox<P> {
        let number = mailboxes.count
        if tap != nil || codec != nil {
            mailboxes.append(
                codec.map { codec in
                    { kernel, bytes in
                        kernel.deliver(event, to: alias, try codec.decode(bytes))
                    }
                })
        }
        return Mailbox(
            mail: mail, event: event, alias: alias, number: number, encode: codec?.encode)
    }

    // MARK: Parts

    func table<S: Session>(for type: S.Type) -> Table {
        for table in tables where table.type == type { return table }
        var handlers = Handlers<S>()
        S.handlers(&handlers)
        let table = Table(handlers)
        tables.append(table)
        return table
    }

    /// The extras of a living session, made when first asked for.
    @usableFromInline func extras(of id: SessionID) -> Extras {
        if let extras = existingExtras(of: id) { return extras }
        while extrasBySlot.count <= Int(id.slot) { extrasBySlot.append(nil) }
        let extras = Extras()
        extrasBySlot[Int(id.slot)] = extras
        return extras
    }

    func existingExtras(of id: SessionID) -> Extras? {
        Int(id.slot) < extrasBySlot.count ? extrasBySlot[Int(id.slot)] : nil
    }

    func forgetExtras(of id: SessionID) {
        if Int(id.slot) < extrasBySlot.count { extrasBySlot[Int(id.slot)] = nil }
    }

    func entry(_ event: UInt32) -> Names.Entry {
        if Int(event) >= entries.count { entries = Names.entries() }
        return entries[Int(event)]
    }

    /// `alias`, or else type and id: how logs and snapshots call a session.
    func name(of id: SessionID) -> String {
        guard core.isAlive(id) else { return id == .none ? "kernel" : "session \(id)" }
        if let alias = core.facts(id).alias { return alias.description }
        return "\(typeName(of: id)) \(id)"
    }

    func typeName(of id: SessionID) -> String {
        let row = unsafe core.row(id)
        for table in tables where unsafe UnsafeRawPointer(table.row) == row {
            return table.typeName
        }
        return "Session"
    }

    func entropy() -> UInt64 {
        let word = driver.entropy()
        receive(.random(word))
        return word
    }
}

/// Totals since the kernel was made.
struct Counters {
    var started: UInt64 = 0
    var stopped: UInt64 = 0
    var failed = 0
    var restarted = 0
    /// Events dropped because their receiver had ended.
    var undelivered = 0
    /// Events taken back by a mailbox policy or by a stop.
    var tombstones = 0
    /// Events refused by full mailboxes.
    var refused = 0
    var turns: UInt64 = 0
    var polls: UInt64 = 0
    var alarmsFired = 0
    var latestAlarm = Duration.zero
    var fullTurns = 0
    var peakQueue = 0
    var stalls = 0
    var longestTurn = Duration.zero
}

/// SplitMix64: small, seedable, the same everywhere.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts the sequence that belongs to `seed`.
    public init(seed: UInt64) { state = seed }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z &>> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z &>> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z &>> 31)
    }
}
