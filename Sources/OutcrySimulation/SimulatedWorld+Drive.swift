public import OutcryKernel

// Time passes when somebody lets it: the test, by the functions here, or a kernel that waits in its poll.

extension SimulatedWorld {
    /// Lets `duration` pass: every kernel of the world does all it has to do meanwhile, and nothing is due
    /// any more at the end.
    public func advance(by duration: Duration) { advance(to: now + duration) }

    /// Lets time pass until `time`; see ``advance(by:)``.
    public func advance(to time: KernelTime) {
        settle()
        while let next = nextHappening(), next <= time {
            jump(to: next)
            settle()
        }
        if time > now {
            jump(to: time)
            settle()
        }
    }

    /// Lets time pass until `condition` holds, which is looked at after every round of turns.
    ///
    /// - Parameter limit: The longest virtual time to try; as long as anything can happen if not said.
    /// - Returns: False when `limit` has passed, or the world has run dry: nothing can happen any more.
    public func run(
        within limit: Duration? = nil, until condition: () -> Bool
    ) -> Bool {
        let end = limit.map { now + $0 }
        var rounds = 0
        while true {
            if condition() { return true }
            if round() {
                rounds += 1
                precondition(rounds < Self.tooMany, Self.wild)
                continue
            }
            if condition() { return true }
            guard let next = nextHappening(), end.map({ next <= $0 }) ?? true else {
                if let end, end > now { jump(to: end) }
                return condition()
            }
            if next > now { rounds = 0 }
            jump(to: next)
        }
    }

    static var tooMany: Int { 10_000_000 }
    static var wild: String { "ten million turns at one moment: the program never comes to rest" }

    /// Does all that can be done at this moment.
    func settle() {
        var rounds = 0
        while round() {
            rounds += 1
            precondition(rounds < Self.tooMany, Self.wild)
        }
    }

    /// One turn of every kernel.
    ///
    /// - Returns: Whether there is more to do at this moment.
    private func round() -> Bool {
        var isBusy = happen()
        for driver in living where driver.step() { isBusy = true }
        // A lock that one gave back is another's input, whose turn may have been before.
        return isBusy || living.contains { $0.hasInput }
    }

    /// The turns of all kernels but the one that waits.
    ///
    /// - Returns: Whether there was anything to do.
    func runOthers(than waiting: Simulation) -> Bool {
        var isBusy = false
        for driver in living where driver !== waiting {
            if driver.step() { isBusy = true }
        }
        return isBusy || living.contains { $0 !== waiting && $0.hasInput }
    }

    /// Lets happen what is due.
    @discardableResult func happen() -> Bool {
        var isSomething = false
        while let action = agenda.pop(at: now.nanoseconds) {
            action(self)
            isSomething = true
        }
        return isSomething
    }

    /// When something will be due next: in the world, or in a kernel that runs.
    private func nextHappening(besides waiting: Simulation? = nil) -> KernelTime? {
        var next = agenda.nextDue
        for driver in living where driver !== waiting {
            guard let due = driver.kernel?.nextDeadline?.nanoseconds else { continue }
            if due < next ?? .max { next = due }
        }
        return next.map { KernelTime(nanoseconds: $0) }
    }

    private func jump(to time: KernelTime) {
        guard time > now else { return }
        onJump?(time)
        now = time
    }

    /// Jumps to what is due next, but not beyond `deadline`.
    ///
    /// - Returns: False when nothing will be due, ever.
    func jump(notAfter deadline: KernelTime?, for waiting: Simulation) -> Bool {
        guard let next = [nextHappening(besides: waiting), deadline].compactMap(\.self).min() else {
            return false
        }
        jump(to: next)
        return true
    }

    /// A simulation is gone, and its kernel with it: connections break, locks are free.
    func orphan(_ number: UInt64) {
        drivers.removeAll { $0.driver == nil || $0.driver?.number == number }
        storage.release(by: number)
        let orphans = sockets.values.filter {
            !$0.isPeers && ($0.owner == nil || $0.owner?.number == number)
        }
        for socket in orphans.sorted(by: { $0.id.number < $1.id.number })
        where socket.phase != .closed {
            abandon(socket)
        }
    }
}

extension Simulation {
    /// One turn of the kernel at this moment.
    ///
    /// - Returns: Whether there is more to do at this moment.
    func step() -> Bool {
        guard let kernel else { return false }
        if kernel.wantsToStop {
            do { try kernel.finish() } catch { failure = error }
            return true
        }
        hasDelivered = false
        let isBusy = kernel.runOnce()
        return isBusy || hasDelivered || kernel.wantsToStop
            || kernel.nextDeadline.map { $0 <= world.now } ?? false
    }

    // MARK: The world's, for short

    /// Lets `duration` pass for the whole world.
    public func advance(by duration: Duration) { world.advance(by: duration) }

    /// Lets time pass for the whole world until `time`.
    public func advance(to time: KernelTime) { world.advance(to: time) }

    /// Lets time pass for the whole world until `condition` holds.
    ///
    /// - Returns: False when `limit` has passed, or the world has run dry.
    public func run(within limit: Duration? = nil, until condition: () -> Bool) -> Bool {
        world.run(within: limit, until: condition)
    }

    /// The disk.
    public var storage: SimulatedStorage { world.storage }

    /// How the world's links behave.
    public var faults: NetworkFaults {
        get { world.faults }
        set { world.faults = newValue }
    }
}
