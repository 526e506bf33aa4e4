/// Everything that a kernel learns from outside, in the order in which it learns it.
///
/// Inputs and code decide together all that a kernel does: who records them can play them back.
public enum Input: Sendable {
    /// A turn begins (or a poll returned): the time until the next such input.
    case time(TurnTime)
    /// A connection that was asked for is there.
    case connected(TransportID)
    /// A listener has a new connection; its own number comes first.
    case accepted(by: TransportID, TransportID, peer: String)
    /// So many bytes were put behind the unread bytes of a stream.
    case received(TransportID, count: Int)
    /// The other side has ended its half.
    case ended(TransportID)
    /// A transport failed.
    case failed(TransportID, SystemError)
    /// A transport is secret now.
    indirect case secured(TransportID, TLSFacts)
    /// A transport is not secret, or not any more: it is over.
    indirect case insecure(TransportID, TLSFailure)
    /// A transport can take bytes again.
    case writable(TransportID)
    /// A write took so many bytes.
    case wrote(TransportID, count: Int)
    /// A request to the resolver, the storage or the offload was done.
    case completed(RequestID, RequestResult)
    /// The process got a signal.
    case signal(SystemSignal)
    /// Another thread posted something.
    case mail
    /// A random word.
    case random(UInt64)
    /// The calendar clock was set: by so many microseconds it is ahead of what was expected. The new time
    /// has been told before.
    case clockStep(microseconds: Int64)
    /// Something that the program learned past the kernel: its name and its bytes, nil where there were none.
    case outside(String, [UInt8]?)
}

/// The two times of a turn.
public struct TurnTime: Sendable, Hashable {
    /// The driver's clock, which never goes back.
    public var now: KernelTime
    /// The calendar.
    public var wall: WallTime

    /// Makes a pair of times.
    public init(now: KernelTime, wall: WallTime) {
        self.now = now
        self.wall = wall
    }
}

/// The signals that a kernel turns into events.
public enum SystemSignal: Sendable, Hashable {
    /// SIGINT.
    case interrupt
    /// SIGTERM.
    case terminate
    /// SIGHUP.
    case hangup
}

extension Kernel {
    /// Takes one input. This is the one way in: a driver calls it, on the kernel's thread, while polling.
    public func receive(_ input: consuming Input) {
        tap?.input(input, self)
        onInput?(input)
        if case .time(let time) = input {
            turnTime.wall = time.wall
            if time.now > now { turnTime.now = time.now }
            mail.time = now
            clockReading = now.nanoseconds
            watcher?.timeIs(time)
        } else if let watcher {
            let news = input
            let outer = origin
            origin = KernelOrigin.input(watcher.learning(news, self)).word
            take(news)
            origin = outer
        } else if stall == nil {
            take(input)
        } else {
            let news = input
            timed(news.kind, .none) { take(news) }
        }
    }

    private func take(_ input: borrowing Input) {
        switch input {
        case .time, .random, .mail, .outside: break
        case .clockStep: moveWallAlarms()
        case .signal(let signal): deliver(signal)
        case .completed(let request, let result):
            guard let completion = requests.removeValue(forKey: request.number) else { return }
            active -= 1
            let outer = cause
            cause = completion.cause
            completion.done(self, result)
            cause = outer
        case .connected(let id): caused(id) { $0.connected(id) }
        case .accepted(let listener, let id, let peer):
            if wheels[listener] == nil { driver.close(id) }
            caused(listener) { $0.accepted(id, peer: peer) }
        case .received(let id, let count): caused(id) { $0.received(count, self) }
        case .ended(let id): caused(id) { $0.ended() }
        case .failed(let id, let error): caused(id) { $0.failed(id, error) }
        case .secured(let id, let facts): caused(id) { $0.secured(facts) }
        case .insecure(let id, let failure): caused(id) { $0.insecure(failure) }
        case .writable(let id): caused(id) { $0.writable() }
        case .wrote(let id, let count): caused(id) { $0.wrote(count) }
        }
    }

    /// Gives the news of a transport to its wheel, if it still has one.
    private func caused(_ id: TransportID, _ body: (AnyWheel) -> Void) {
        guard let wheel = wheels[id] else { return }
        let outer = cause
        cause = wheel.cause
        body(wheel)
        cause = outer
    }

    func deliver(_ signal: SystemSignal) {
        let event: Event<Void> =
            switch signal {
            case .interrupt: .interrupt
            case .terminate: .terminate
            case .hangup: .hangup
            }
        var isHandled = false
        for id in sessionsLeavesFirst() where core.handles(event.id, id) {
            isHandled = true
            core.postAnyway(event, to: id, ())
        }
        if !isHandled, signal != .hangup { stop() }
    }

    // MARK: Registration and news

    func register(_ id: SessionID, event: UInt32, source: Alias) {
        _ = join(id, event: event, source: source)
    }

    /// Registers a session; false where it was registered already, or is no more.
    func join(_ id: SessionID, event: UInt32, source: Alias) -> Bool {
        guard core.isAlive(id) else { return false }
        let row = unsafe core.row(id)
        for table in tables where unsafe UnsafeRawPointer(table.row) == row {
            precondition(
                !table.takes(event),
                "\(table.typeName) takes \"\(Names.eventName(event))\"; published events are lent")
        }
        guard core.register(id, event: event, source: source) else { return false }
        extras(of: id).registrations += 1
        core.interest(id, 1)
        return true
    }

    func unregister(_ id: SessionID, event: UInt32, source: Alias) {
        guard core.isAlive(id), core.unregister(id, event: event, source: source) else { return }
        extras(of: id).registrations -= 1
        noteLow(id, extras(of: id))
        core.respecial(id, extras(of: id))
        core.interest(id, -1)
    }

    /// An event found neither handler nor catch-all: counted, and said once a name.
    func missed(_ event: UInt32, by id: SessionID) {
        let count = (deadLetters[UInt64(event)] ?? 0) + 1
        deadLetters[UInt64(event)] = count
        if count == 1 {
            log(.warning, id, "no handler", [Names.eventName(event)])
        }
    }

    /// Gives an event that `id` does not know to its catch-all, if it has one.
    func catchAll(_ event: UInt32, _ id: SessionID, _ source: SessionID) -> Bool {
        let row = unsafe core.row(id)
        for table in tables where unsafe UnsafeRawPointer(table.row) == row {
            guard let handler = table.catchAll else { return false }
            let from = core.session(at: Int(source.slot)) ?? .none
            do {
                try core.run(
                    handler, id, DeadLetter(event: Names.eventName(event), source: from))
            } catch { failed(id, error) }
            return true
        }
        return false
    }

    /// A full mailbox refused an event.
    @usableFromInline func refused(_ event: UInt32, by id: SessionID, _ extras: Extras) {
        counters.refused += 1
        extras.refused += 1
        if extras.refused == 1 {
            log(
                .warning, id, "mailbox full",
                [Names.eventName(event), "limit \(extras.marks.limit)"])
        }
    }

    /// A beat or a letter was not taken.
    func overflowed(_ event: UInt32, _ id: SessionID) {
        if core.isAlive(id) { overflowed(event, id, extras(of: id)) }
    }

    /// An event was not taken, and its sender cannot be told: the session is, once until it has room.
    func overflowed(_ event: UInt32, _ id: SessionID, _ extras: Extras) {
        guard core.handles(Event.overflow.id, id) else { return }
        let facts = core.facts(id)
        guard facts.dispatched >= extras.overflowUntil else { return }
        extras.overflowUntil = facts.dispatched &+ UInt64(facts.pending) &+ 1
        core.postAnyway(
            .overflow, to: id, Overflow(event: Names.eventName(event), refused: extras.refused))
    }
}
