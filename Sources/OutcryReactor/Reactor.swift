import COutcrySystem
import Dispatch
import Glibc
import OutcryJournal
public import OutcryKernel
import OutcrySimulation

/// The live driver: waits with epoll for sockets, signals, files and other threads, on one thread.
///
/// Make it first of all, on the thread that will run the kernel: it blocks SIGINT, SIGTERM and SIGHUP,
/// which then come as events (see ``ReactorOptions/takesSignals``), ignores SIGPIPE, and raises the limit
/// of open descriptors to what the system allows. The kernel that is made with it keeps it alive; everything but ``waker`` belongs to
/// the kernel's thread. Names are looked up, files touched and work is offloaded on Dispatch's threads.
///
/// A turn costs one `epoll_pwait2` and one reading of the clock; where it sleeps until a deadline that is near,
/// or nearer than those before, one call more before that. In a steady state neither a turn nor a read allocates.
public final class Reactor: Driver {
    /// One place for a transport. Its generation is part of the number that the kernel and epoll use.
    struct Slot {
        var generation: UInt32 = 1
        /// Of a stream that is open and not secret, so that writing to many touches nothing but the slots;
        /// else -1.
        var plain: Int32 = -1
        var socket: Socket?
    }

    /// What epoll calls the descriptors that are no transports: generation 0.
    enum Word {
        static let waker: UInt64 = 0
        static let signals: UInt64 = 1
        static let calendar: UInt64 = 2
        static let deadline: UInt64 = 3
        /// The door for those who look, and its places.
        static let inspection =
            InspectionDoor.word...(InspectionDoor.word + UInt64(InspectionDoor.places))
    }

    /// Ends a wait of this reactor; from any thread, also when the reactor is gone.
    public let waker: @Sendable () -> Void

    let options: ReactorOptions
    /// Whether there is a journal; asked for by the kernel that is made.
    private let journal: JournalDoor
    /// What stands in for this reactor.
    private weak var replay: Replay?
    /// The same, where a recorded market is traded on.
    private let market: Simulation?
    let epoll: Epoll
    let alarmClock: Waker
    /// Nil where the options leave the signals alone.
    let signals: Signals?
    let completions: Completions
    /// Made with the first request: a program that asks for no file and no name never touches Dispatch.
    lazy var files = FileQueues()
    @safe @exclusivity(unchecked) var calendar: CalendarOffset
    @safe @exclusivity(unchecked) var deadlineTimer: DeadlineTimer
    /// The monotonic clock when the reactor was made: the kernel's zero.
    let origin: Int64
    /// Given away when the process has no descriptor left, to close one connection in order.
    var reserve: Descriptor?

    @safe @exclusivity(unchecked) unowned var kernel: Kernel?
    @safe @exclusivity(unchecked) var slots: [Slot] = []
    var freeSlots: [UInt32] = []
    /// Streams whose unread bytes the kernel had no room for.
    @safe @exclusivity(unchecked) var muted: [TransportID] = []
    /// Listeners that wait for a descriptor.
    @safe @exclusivity(unchecked) var starving: [TransportID] = []
    /// Whether ``ReactorOptions/busyPoll`` is on.
    let spins: Bool
    /// The stream that brought the last bytes, while ``spins``: where more are most likely.
    @safe @exclusivity(unchecked) var hottest: TransportID?
    /// What a read brought before the wait was over.
    @safe @exclusivity(unchecked) var early: (socket: Socket, taken: Int)?
    /// Outcomes that were known at once.
    @safe @exclusivity(unchecked) var outcomes: [(request: RequestID, result: RequestResult)] = []
    var locks: [String: PathLock] = [:]
    /// What secret connections with the same options share.
    var contexts: [TLSContext] = []
    let tlsBuffers = TLSBuffers()
    /// Closed transports whose descriptors stay until a moment of the system's clock, in its order.
    @safe @exclusivity(unchecked) var departing: [(id: TransportID, end: Int64)] = []
    /// Secret streams of which more can be read although nothing comes.
    @safe @exclusivity(unchecked) var leftovers: [TransportID] = []
    var hasToldLimit = false
    /// Where somebody may look at the program; nil where nobody may, or where it cannot be.
    private(set) var inspection: InspectionDoor?

    /// Makes the reactor. The first thing it does is to block the signals, if it takes them.
    ///
    /// - Throws: When the system has no descriptor for one of its parts.
    public init(_ options: ReactorOptions = ReactorOptions()) throws(SystemError) {
        let door = try JournalDoor.open(options.journal) { (path) throws(SystemError) in
            try JournalKey(file: path)
        }
        var takesSignals = options.takesSignals
        // The signals of a replay are in its journal; those that come end it.
        if case .replay = door { takesSignals = false }
        journal = door
        let market = try MarketDoor.open()
        self.market = market
        if takesSignals { Signals.block() } else { Signals.ignorePipes() }
        Self.raiseDescriptorLimit()
        self.options = options
        spins = options.busyPoll > .zero
        epoll = try Epoll()
        let alarmClock = try Waker()
        self.alarmClock = alarmClock
        let signals = takesSignals ? try Signals() : nil
        self.signals = signals
        if let market, let signals { MarketDoor.listen(to: signals, in: market) }
        calendar = try CalendarOffset()
        deadlineTimer = try DeadlineTimer()
        completions = Completions(alarmClock)
        reserve = try Self.openReserve()
        origin = outcry_monotonic()
        waker = { alarmClock.wake() }
        try epoll.add(alarmClock.descriptor.number, Flags.readable, Word.waker)
        if let signals { try epoll.add(signals.descriptor.number, Flags.readable, Word.signals) }
        try epoll.add(calendar.descriptor.number, Flags.readable, Word.calendar)
        try epoll.add(deadlineTimer.descriptor.number, Flags.readable, Word.deadline)
    }

    /// This reactor, with a recorder before it where a journal is asked for; or a replay in its place, or the virtual
    /// time of a recorded market.
    public var inForce: any Driver {
        let driver = journal.driver(for: market ?? self)
        replay = driver as? Replay
        return driver
    }

    /// Called by the kernel that runs on this reactor.
    public func attach(to kernel: Kernel) {
        precondition(self.kernel == nil, "a reactor runs one kernel")
        self.kernel = kernel
        if options.isInspectable, ProcessEnvironment.value(of: "OUTCRY_INSPECT") != "0" {
            inspection = try? InspectionDoor(epoll)
        }
        if ProcessEnvironment.value(of: "OUTCRY_MEASURE") == "1" { kernel.measuresEvents = true }
    }

    /// The time now.
    public func time() -> TurnTime {
        if let replay { return replay.time() }
        if let market { return market.time() }
        let now = outcry_monotonic()
        return TurnTime(
            now: KernelTime(nanoseconds: now - origin), wall: calendar.wall(now))
    }

    /// 64 bits from `getrandom`.
    public func entropy() -> UInt64 {
        var word: UInt64 = 0
        let result = unsafe outcry_random(&word)
        precondition(result == 0, "the system gives random numbers")
        return word
    }

    /// Writes one line to the standard error output, in one call.
    public func emit(_ line: String) {
        var text = line
        text += "\n"
        text.withUTF8 { bytes in
            guard let base = bytes.baseAddress else { return }
            _ = unsafe Glibc.write(STDERR_FILENO, base, bytes.count)
        }
    }

    /// Writes to the standard output, or appends to the file that `OUTCRY_REPORT` names.
    public func report(_ text: String) { MarketDoor.report(text) }

    /// A variable of the environment; one that is empty is none.
    public func variable(_ name: String) -> String? { MarketDoor.environment(name) }

    /// Runs `work` on one of Dispatch's threads.
    public func offload(_ work: @escaping @Sendable () -> Void) {
        files.work.async(execute: work)
    }

    private static func raiseDescriptorLimit() {
        var soft: UInt64 = 0
        var hard: UInt64 = 0
        guard unsafe outcry_descriptor_limit(&soft, &hard) == 0, soft < hard else { return }
        _ = outcry_set_descriptor_limit(hard, hard)
    }

    static func openReserve() throws(SystemError) -> Descriptor {
        try unsafe Descriptor(open("/dev/null", O_RDONLY | O_CLOEXEC), from: "open /dev/null")
    }

    // MARK: Slots

    /// The place of the transport `id`; nil where another has it now.
    @inline(__always) func place(of id: TransportID) -> Int? {
        let slot = Int(UInt32(truncatingIfNeeded: id.number))
        guard slot < slots.count, slots[slot].generation == UInt32(id.number &>> 32) else {
            return nil
        }
        return slot
    }

    /// The transport `id`, if it still is.
    func socket(_ id: TransportID) -> Socket? { place(of: id).flatMap { slots[$0].socket } }

    /// Whether it still is, without a count of its references.
    func isOpen(_ id: TransportID) -> Bool {
        guard let place = place(of: id) else { return false }
        return slots[place].socket != nil
    }

    /// Gives a descriptor a number of its own and begins to watch it.
    func register(
        _ descriptor: consuming Descriptor, _ kind: Socket.Kind, file: SocketFile? = nil
    ) throws(SystemError) -> Socket {
        let slot: UInt32
        if let free = freeSlots.popLast() {
            slot = free
        } else {
            slot = UInt32(slots.count)
            slots.append(Slot())
        }
        let generation = slots[Int(slot)].generation
        let id = TransportID(number: UInt64(generation) &<< 32 | UInt64(slot))
        let socket = Socket(descriptor, id, kind, file: file)
        do { try epoll.add(socket.descriptor.number, socket.interest, id.number) } catch {
            freeSlots.append(slot)
            throw error
        }
        socket.watched = socket.interest
        slots[Int(slot)].socket = socket
        setPlain(socket)
        return socket
    }

    /// Notes whether the socket's stream is plain.
    func setPlain(_ socket: Socket) {
        let isPlain = socket.kind == .stream && socket.tls == nil
        slots[Int(UInt32(truncatingIfNeeded: socket.id.number))].plain =
            isPlain ? socket.descriptor.number : -1
    }

    /// Forgets a transport; its number is never given out again.
    func forget(_ id: TransportID) {
        guard socket(id) != nil else { return }
        let slot = UInt32(truncatingIfNeeded: id.number)
        slots[Int(slot)].socket = nil
        slots[Int(slot)].plain = -1
        // A slot whose generations are used up is not used any more.
        guard slots[Int(slot)].generation < .max else { return }
        slots[Int(slot)].generation += 1
        freeSlots.append(slot)
    }

    /// Tells epoll what to watch for, where that has changed.
    func watch(_ socket: Socket) {
        let interest = socket.interest
        guard interest != socket.watched || (interest == 0 && socket.isBroken) else { return }
        let number = socket.descriptor.number
        if interest == 0, socket.isBroken {
            // Errors and hang-ups are told whether asked for or not: the loop would spin.
            if socket.watched != nil { epoll.remove(number) }
            socket.watched = nil
        } else if socket.watched == nil {
            do { try epoll.add(number, interest, socket.id.number) } catch {
                kernel?.receive(.failed(socket.id, error))
                return
            }
            socket.watched = interest
        } else {
            epoll.change(number, interest, socket.id.number)
            socket.watched = interest
        }
    }
}
