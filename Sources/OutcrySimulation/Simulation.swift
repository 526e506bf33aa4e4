import OutcryBytes
public import OutcryKernel

/// A driver without a system: time, network, disk and chance are made from a seed.
///
/// ```swift
/// let simulation = Simulation(seed: 7)
/// let kernel = Kernel(driver: simulation)
/// kernel.start(Bot(), alias: "bot")
/// simulation.advance(by: .seconds(30))
/// ```
///
/// The kernel's own turns run unchanged. `kernel.run()` works too, and returns when nothing can happen any
/// more; what it could still wait for is said in ``lines``. Two runs with the same seed and the same program
/// do the same, event for event (see `DispatchHash`).
public final class Simulation: Driver {
    /// The world that this simulation is a part of.
    public let world: SimulatedWorld
    /// What the kernel wrote for a person to see.
    public private(set) var lines: [String] = []
    /// Print ``lines`` as well.
    public var prints = false
    /// What the program has handed out: see `Kernel.report`.
    public private(set) var reports: [String] = []
    /// Is given each of ``lines``, too.
    public var onLine: ((String) -> Void)?
    /// Is given each of ``reports``, too.
    public var onReport: ((String) -> Void)?
    /// What the kernel is told of its surroundings, by name, as a process is by its environment.
    public var variables: [String: String] = [:]
    /// Is asked for what is not in ``variables``.
    public var moreVariables: ((String) -> String?)?
    /// How far this machine's calendar is ahead of the world's: its kernel is told of a change.
    public var wallOffset = Duration.zero {
        didSet {
            let change = wallOffset - oldValue
            guard kernel != nil, change != .zero else { return }
            add(.clockStep(microseconds: change.nanoseconds / 1_000))
        }
    }
    /// When nothing in the world can happen any more, wait for mail from other threads instead of giving
    /// up. Such a run is not decided by its seed any more. It spins.
    public var waitsForThreads = false
    /// Why the kernel's run ended, when ``advance(by:)`` or ``run(until:)`` saw it end with an error.
    public internal(set) var failure: (any Error)?
    /// The kernel waited although nothing could happen any more.
    public internal(set) var ranDry = false

    weak var kernel: Kernel?
    private enum Item {
        case input(Input)
        case socket(SimulatedSocket)
    }
    private var ready: [Item] = []
    /// How many of them are no sockets.
    private var inputs = 0
    /// Something came, of another simulation's doing: it has to be given a turn at this moment.
    var hasInput: Bool { inputs > 0 && kernel != nil }
    private var chance: SeededGenerator
    private var lastTime: TurnTime?
    /// The last polls brought something.
    var hasDelivered = false
    let number: UInt64
    private(set) var isCrashed = false

    /// Makes a world of its own.
    public convenience init(seed: UInt64) { self.init(in: SimulatedWorld(seed: seed)) }

    /// Joins a world, for one more kernel.
    public init(in world: SimulatedWorld) {
        self.world = world
        number = world.nextDriver
        world.nextDriver += 1
        chance = SeededGenerator(seed: world.seed &* 0x9e37_79b9_7f4a_7c15 &+ number)
        world.drivers.append(.init(driver: self))
    }

    deinit { world.orphan(number) }

    /// Lets the process die at this moment: the kernel gets no turn any more, its connections are reset, its
    /// locks are free. What it has written is on the disk.
    public func crash() {
        kernel = nil
        isCrashed = true
        world.orphan(number)
    }

    // MARK: Driver

    /// Called by the kernel that is made on this driver.
    public func attach(to kernel: Kernel) {
        precondition(self.kernel == nil, "a Simulation runs one kernel: give each its own")
        self.kernel = kernel
    }

    /// Does nothing: a simulated kernel never sleeps.
    public var waker: @Sendable () -> Void { {} }

    /// The virtual time, by this machine's calendar.
    public func time() -> TurnTime {
        TurnTime(now: world.now, wall: world.wallNow + wallOffset)
    }

    /// 64 bits from the seed.
    public func entropy() -> UInt64 { chance.next() }

    /// Keeps the line.
    public func emit(_ line: String) {
        lines.append(line)
        if prints { print(line) }
        onLine?(line)
    }

    /// Keeps the text.
    public func report(_ text: String) {
        reports.append(text)
        onReport?(text)
    }

    /// One of ``variables``.
    public func variable(_ name: String) -> String? { variables[name] ?? moreVariables?(name) }

    /// Runs `work` at once; what it has to say comes through the kernel's mail.
    public func offload(_ work: @escaping @Sendable () -> Void) { work() }

    /// Gives the kernel what has happened. When nothing has, lets other kernels of the world run, then lets
    /// time jump.
    public func poll(until deadline: KernelTime?) {
        guard let kernel else { return }
        world.happen()
        lastTime = nil
        if deliver(to: kernel) || deadline.map({ $0 <= world.now }) ?? false { return }
        while kernel.mayFallAsleep() {
            let others = world.runOthers(than: self)
            if !kernel.mayFallAsleep() { break }
            if !others, !world.jump(notAfter: deadline, for: self) {
                if !waitsForThreads {
                    giveTime(to: kernel)
                    runDry(kernel)
                    break
                }
                continue
            }
            world.happen()
            if deliver(to: kernel) || deadline.map({ $0 <= world.now }) ?? false { break }
        }
        kernel.isAwake()
    }

    private func runDry(_ kernel: Kernel) {
        if !ranDry {
            emit("simulation: nothing can happen any more, and the kernel waits")
            for session in kernel.snapshot().sessions {
                emit(
                    "simulation: \(session.alias ?? "\(session.type) \(session.id)"): "
                        + session.whyAlive.joined(separator: ", "))
            }
        }
        ranDry = true
        kernel.runDry()
    }

    private func giveTime(to kernel: Kernel) {
        let time = time()
        guard time != lastTime else { return }
        lastTime = time
        kernel.receive(.time(time))
    }

    // MARK: Input

    /// Lets the process get a signal.
    public func signal(_ signal: SystemSignal) { add(.signal(signal)) }

    func add(_ input: Input) {
        ready.append(.input(input))
        inputs += 1
    }

    func queue(_ socket: SimulatedSocket) {
        guard !socket.isQueued else { return }
        socket.isQueued = true
        ready.append(.socket(socket))
    }

    /// Gives the kernel the time, then everything that is ready.
    ///
    /// - Returns: Whether there was anything.
    private func deliver(to kernel: Kernel) -> Bool {
        giveTime(to: kernel)
        let items = ready
        ready.removeAll(keepingCapacity: true)
        inputs = 0
        var isSomething = false
        var kept: [Item] = []
        for item in items {
            switch item {
            case .input(let input):
                kernel.receive(input)
                isSomething = true
            case .socket(let socket):
                switch read(socket, kernel) {
                case .nothing: socket.isQueued = false
                case .something:
                    isSomething = true
                    kept.append(item)
                case .later: kept.append(item)
                }
            }
        }
        ready = kept + ready
        if isSomething { hasDelivered = true }
        return isSomething
    }

    private enum Outcome { case nothing, something, later }

    /// One look at one socket: at most one read, one batch of new connections, or its end.
    private func read(_ socket: SimulatedSocket, _ kernel: Kernel) -> Outcome {
        if socket.phase == .closed { return .nothing }
        if let error = socket.error, socket.received.isEmpty || !socket.isReading {
            kernel.receive(.failed(socket.id, error))
            return .nothing
        }
        guard socket.isReading else { return .nothing }
        if kernel.isCongested { return .later }
        if !socket.isReadable { return shakeHands(socket, kernel) ? .something : .nothing }
        if socket.phase == .listening {
            if socket.backlog.isEmpty { return .nothing }
            for _ in 0..<16 where socket.phase == .listening && socket.isReading {
                guard !socket.backlog.isEmpty else { break }
                let id = socket.backlog.removeFirst()
                guard let new = world.sockets[id] else { continue }
                let client = new.other.flatMap { world.sockets[$0] }
                kernel.receive(.accepted(by: socket.id, id, peer: client?.name ?? "gone"))
            }
            return .something
        }
        if !socket.received.isEmpty {
            let count = kernel.withSpace(for: socket.id) { space -> Int in
                let count = min(space.freeCapacity, socket.received.count)
                socket.received.withUnread { bytes in
                    for i in 0..<count { space.append(bytes[i]) }
                }
                return count
            }
            guard let count, count > 0 else { return .later }
            socket.received.drop(count)
            world.consumed(socket, count)
            kernel.receive(.received(socket.id, count: count))
            return .something
        }
        if socket.hasEnd, socket.phase == .open {
            socket.hasEnd = false
            kernel.receive(.ended(socket.id))
            return .something
        }
        return .nothing
    }
}
