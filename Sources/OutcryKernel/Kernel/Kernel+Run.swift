// The turn: the same code on every driver. A turn delivers a bounded number of events, lets workflows go
// on, takes mail, queues due alarms, flushes what was written, ends what is idle, and polls.

extension Kernel {
    /// Runs until everything is done: until ``stop()``, or until nothing is left that could happen.
    ///
    /// Every session has had its `stopped` when this returns.
    /// - Throws: ``KernelError/escalated(session:reason:)`` or
    ///   ``KernelError/restartsExhausted(child:restarts:within:)`` when a failure came up to the root.
    public func run() throws {
        try KernelThread.inside {
            begin()
            while !isStopping, turn(mayWait: true) {}
            try finish()
        }
    }

    /// Runs turns until `condition` holds, or until everything is done. Nothing is stopped then.
    ///
    /// - Returns: Whether the condition held.
    public func run(until condition: () -> Bool) -> Bool {
        KernelThread.inside {
            begin()
            defer { tap?.runEnded(self, isFinished: false) }
            while !isStopping {
                if condition() { return true }
                if !turn(mayWait: true, unless: condition) { return condition() }
            }
            return condition()
        }
    }

    /// Runs one turn without waiting for input.
    ///
    /// - Returns: Whether there is anything left to do now.
    @discardableResult public func runOnce() -> Bool {
        KernelThread.inside {
            begin()
            _ = turn(mayWait: false)
            return hasWork
        }
    }

    /// Stops everybody and flushes what can be; what ``run()`` does at its end.
    public func finish() throws {
        try KernelThread.inside {
            defer { tap?.runEnded(self, isFinished: true) }
            try end()
        }
    }

    private func end() throws {
        isStopping = true
        endAll()
        // What is left is the kernel's own: restarts, deadlines of dials and of the shutdown.
        active -= alarms.removeAll(first: &firstAlarm)
        resting.removeAll()
        active += uncounted
        uncounted = 0
        shutdownDeadline = nil
        // Cancelled workflows end; those that are abroad are not waited for longer than a moment.
        var rounds = 0
        while loop.running > 0, rounds < 1000 {
            _ = loop.executor.drain(budget)
            takeMail()
            rounds += 1
            if loop.running > 0, loop.executor.isEmpty {
                driver.poll(until: now + .milliseconds(1))
            }
        }
        endSleep()
        core.dropAll()
        flush()
        emptyGraveyard()
        isRunning = false
        isStopping = false
        if let fatal {
            self.fatal = nil
            throw fatal
        }
    }

    private func begin() {
        loop.executor.bind()
        isRunning = true
        catchUp()
    }

    /// Something can be done without any input.
    private var hasWork: Bool {
        core.pending > 0 || !loop.executor.isEmpty || !mail.isEmpty || !backlogged.isEmpty
            || !candidates.isEmpty || isUnflushed
    }

    /// Something was put, and not yet flushed.
    private var isUnflushed: Bool { !dirtyStreams.isEmpty || !dirtyGroups.isEmpty }

    /// - Returns: False when nothing is left that could happen.
    private func turn(mayWait: Bool, unless isDone: () -> Bool = { false }) -> Bool {
        isInTurn = true
        defer { isInTurn = false }
        counters.turns &+= 1
        if core.pending > counters.peakQueue { counters.peakQueue = core.pending }
        let wasWaiting = loop.executor.isEmpty
        if core.dispatch(budget) >= budget { counters.fullTurns += 1 }
        if !graveyard.isEmpty { emptyGraveyard() }
        if !loop.executor.isEmpty { goOnWithWorkflows(by: wasWaiting ? core.sequence : 0) }
        if hasMail { takeMail() }
        fireAlarms()
        if isUnflushed { flush() }
        sweepCandidates()
        if measuresTurns { measureTurn() }
        guard !isStopping else { return true }
        if isDone() { return true }  // what it waits for may be the last that happens
        if mayWait, !hasWork, active == 0 { return false }
        counters.polls &+= 1
        driver.poll(until: hasWork || !mayWait ? now : alarms.nextDue)
        defer { isDry = false }
        return !isDry
    }

    /// - Parameter event: What let them go on: dispatch ends with it. 0 where it was no event.
    private func goOnWithWorkflows(by event: UInt64) {
        if watcher != nil { origin = KernelOrigin.workflow(by: event).word }
        timed("a workflow", .none) { _ = loop.executor.drain(budget) }
        origin = 0
    }

    /// Lets go of ended sessions' objects. What their ends do may end others.
    private func emptyGraveyard() {
        while !graveyard.isEmpty {
            let dead = graveyard
            graveyard = []
            _ = consume dead
        }
    }

    /// There are letters to be opened now.
    private var hasMail: Bool { tap?.hasMail(mail) ?? !mail.isEmpty }

    func takeMail() {
        if let tap { return tap.takeMail(mail, self) }
        mail.takeAll { open($0) }
    }

    /// Opens one letter.
    func open(_ item: MailItem) {
        switch item {
        case .job(let job): loop.executor.push(job)
        case .letter(_, let deliver):
            receive(.mail)
            cause = 0
            if watcher != nil { origin = KernelOrigin.letter.word }
            deliver(self)
            origin = 0
            cause = nil
        }
    }

    func flush() {
        // Two arrays that change places: a turn allocates nothing. What handlers put meanwhile is flushed next.
        // Groups first: what their members do not take goes with the rest of these.
        if !dirtyGroups.isEmpty {
            swap(&dirtyGroups, &flushingGroups)
            for group in flushingGroups { group.flush() }
            flushingGroups.removeAll(keepingCapacity: true)
        }
        swap(&dirtyStreams, &flushing)
        // By their places, and the last, which is mostly the only one, is taken out: to go through the array would
        // count the references to it and to each stream.
        var place = 0
        while place + 1 < flushing.count {
            flushing[place].flush(self)
            place += 1
        }
        flushing.popLast()?.flush(self)
        if !flushing.isEmpty { flushing.removeAll(keepingCapacity: true) }
    }
}
