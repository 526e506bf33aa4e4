// Alarms and delays. Due alarms enter the queue in the order of their deadlines, behind what is there.

extension Kernel {
    @discardableResult func arm(
        at due: KernelTime, period: Duration?, owner: SessionID, _ body: @escaping (Kernel) -> Void
    ) -> AlarmID { arm(at: due, period: period, owner: owner, event: 0, AlarmCall(body)) }

    func arm(
        at due: KernelTime, period: Duration?, owner: SessionID, event: UInt32,
        _ action: AlarmAction?, named name: String? = nil, late: LatePolicy = .skip
    ) -> AlarmID {
        guard owner == .none || core.isAlive(owner) else { return .stale }
        if let name, let old = existingExtras(of: owner)?.namedAlarms[name] { disarm(old) }
        let alarm = AlarmHeap.Alarm(
            owner: owner, event: event, period: period?.nanoseconds ?? 0,
            catchesUp: late == .catchUp, cause: currentCause, isNamed: name != nil,
            fire: action)
        active += 1
        guard owner != .none else { return alarms.set(due, alarm, first: &firstAlarm) }
        let extras = extras(of: owner)
        let id = alarms.set(due, alarm, first: &extras.firstAlarm)
        extras.alarms += 1
        if let name { extras.namedAlarms[name] = id }
        core.interest(owner, 1)
        return id
    }

    @discardableResult func disarm(_ id: AlarmID) -> AlarmHeap.Alarm? {
        guard let alarm = remove(id) else { return nil }
        forget(alarm, id)
        return alarm
    }

    private func remove(_ id: AlarmID) -> AlarmHeap.Alarm? {
        guard alarms.contains(id) else { return nil }
        let owner = alarms.alarms[Int(id.slot)].owner
        return owner == .none
            ? alarms.remove(id, first: &firstAlarm)
            : alarms.remove(id, first: &extras(of: owner).firstAlarm)
    }

    private func forget(_ alarm: AlarmHeap.Alarm, _ id: AlarmID) {
        active -= 1
        guard alarm.owner != .none, core.isAlive(alarm.owner) else { return }
        let extras = extras(of: alarm.owner)
        extras.alarms -= 1
        if alarm.isNamed { extras.namedAlarms.removeFirst { $0 == id } }
        core.interest(alarm.owner, -1)
    }

    /// Queues what is due, at most a budget of it.
    func fireAlarms() {
        var left = budget
        while left > 0, let (id, due, alarm) = alarms.first(at: now) {
            left -= 1
            if let later = alarm.fire?.early(self) {
                alarms.move(id, to: later)
                continue
            }
            counters.alarmsFired += 1
            if now - due > counters.latestAlarm { counters.latestAlarm = now - due }
            if alarm.period > 0 {
                var next = due + .nanoseconds(alarm.period)
                if !alarm.catchesUp, next <= now {
                    let missed = (now - next).nanoseconds / alarm.period
                    next = next + .nanoseconds(missed * alarm.period) + .nanoseconds(alarm.period)
                }
                alarms.move(id, to: next)
            } else {
                _ = remove(id)
            }
            cause = alarm.cause
            if watcher != nil { origin = KernelOrigin.alarm(due).word }
            if alarm.event != 0 {
                ring(Event<Void>(id: alarm.event), alarm.owner, (), isRepeated: alarm.period > 0)
            } else {
                alarm.fire?.run(self, alarm.owner, isRepeated: alarm.period > 0)
            }
            cause = nil
            origin = 0
            if alarm.period == 0 { forget(alarm, id) }
        }
    }
}

extension Kernel {
    /// Posts what an alarm has to say. An alarm that rings once is delivered also to a full mailbox: its
    /// session counts on it. A beat that finds no room is left out, and told by `overflow`.
    func ring<P>(_ event: Event<P>, _ owner: SessionID, _ payload: P, isRepeated: Bool) {
        guard !isRepeated else {
            if core.post(event, to: owner, from: owner, payload) == .full {
                overflowed(event.id, owner)
            }
            return
        }
        owe(event, owner, payload, from: owner)
    }

    /// Posts what a session has asked for, and waits for: also to a full mailbox.
    func owe<P>(_ event: Event<P>, _ id: SessionID, _ payload: P, from source: SessionID = .none) {
        guard core.isAlive(id) else { return counters.undelivered += 1 }
        guard core.hasRoom(event.id, id),
            core.post(event, to: id, from: source, payload) != .full
        else { return core.postAnyway(event, to: id, from: source, payload) }
    }
}

extension Event where Payload == Void {
    init(id: UInt32) { self.id = id }
}

extension Context {
    /// Posts `event` to this session after `delay`. With a name, it takes the place of the alarm that this
    /// session set under that name before.
    @discardableResult public func after<P>(
        _ delay: Duration, _ event: Event<P>, _ payload: P, named name: String? = nil
    ) -> AlarmID {
        core.kernel.arm(
            at: now + delay, period: nil, owner: id, event: 0, AlarmPost(event, payload),
            named: name)
    }

    /// Posts an event without payload to this session after `delay`. Allocates nothing.
    @discardableResult public func after(
        _ delay: Duration, _ event: Event<Void>, named name: String? = nil
    ) -> AlarmID {
        core.kernel.arm(
            at: now + delay, period: nil, owner: id, event: event.id, nil, named: name)
    }

    /// Posts `event` to this session at `time`, at once if that is past.
    @discardableResult public func at<P>(
        _ time: KernelTime, _ event: Event<P>, _ payload: P, named name: String? = nil
    ) -> AlarmID {
        core.kernel.arm(
            at: time, period: nil, owner: id, event: 0, AlarmPost(event, payload), named: name)
    }

    /// Posts an event without payload to this session at `time`, at once if that is past.
    @discardableResult public func at(
        _ time: KernelTime, _ event: Event<Void>, named name: String? = nil
    ) -> AlarmID {
        core.kernel.arm(at: time, period: nil, owner: id, event: event.id, nil, named: name)
    }

    /// Posts `event` to this session every `period`, the first time after one.
    @discardableResult public func every(
        _ period: Duration, _ event: Event<Void>, named name: String? = nil,
        whenLate late: LatePolicy = .skip
    ) -> AlarmID {
        precondition(period.nanoseconds > 0, "an alarm repeats after a time, not at once")
        return core.kernel.arm(
            at: now + period, period: period, owner: id, event: event.id, nil, named: name,
            late: late)
    }

    /// Posts `event` with a copy of `payload` to this session every `period`, the first time after one.
    @discardableResult public func every<P>(
        _ period: Duration, _ event: Event<P>, _ payload: P, named name: String? = nil,
        whenLate late: LatePolicy = .skip
    ) -> AlarmID {
        precondition(period.nanoseconds > 0, "an alarm repeats after a time, not at once")
        return core.kernel.arm(
            at: now + period, period: period, owner: id, event: 0, AlarmPost(event, payload),
            named: name, late: late)
    }

    /// Moves an alarm of this session by `change`, later or earlier.
    ///
    /// - Returns: False when it has fired, was cancelled or is another session's.
    @discardableResult public func adjust(_ alarm: AlarmID, by change: Duration) -> Bool {
        guard let due = core.kernel.alarms.due(alarm) else { return false }
        return adjust(alarm, to: due + change)
    }

    /// Moves an alarm of this session to `time`.
    ///
    /// - Returns: False when it has fired, was cancelled or is another session's.
    @discardableResult public func adjust(_ alarm: AlarmID, to time: KernelTime) -> Bool {
        guard owns(alarm) else { return false }
        let alarms = core.kernel.alarms
        alarms.move(alarm, to: time)
        alarms.alarms[Int(alarm.slot)].fire?.adjusted(to: time, core.kernel)
        return true
    }

    /// Cancels an alarm of this session.
    ///
    /// - Returns: False when it has fired, was cancelled or is another session's.
    @discardableResult public func cancel(_ alarm: AlarmID) -> Bool {
        owns(alarm) && core.kernel.disarm(alarm) != nil
    }

    /// Cancels an alarm of this session and gives its payload back.
    ///
    /// - Returns: Nil, and nothing is cancelled, when it has fired, was cancelled, is another session's or
    ///   posts another event.
    public func cancel<P>(_ alarm: AlarmID, returning event: Event<P>) -> P? {
        guard owns(alarm),
            let post = core.kernel.alarms.alarms[Int(alarm.slot)].fire?.plain as? AlarmPost<P>,
            post.name.id == event.id
        else { return nil }
        core.kernel.disarm(alarm)
        return post.payload
    }

    /// Cancels the alarm that this session set under `name`.
    @discardableResult public func cancel(named name: String) -> Bool {
        guard let alarm = core.kernel.existingExtras(of: id)?.namedAlarms[name] else {
            return false
        }
        return core.kernel.disarm(alarm) != nil
    }

    private func owns(_ alarm: AlarmID) -> Bool {
        let alarms = core.kernel.alarms
        return alarms.contains(alarm) && alarms.alarms[Int(alarm.slot)].owner == id
    }
}
