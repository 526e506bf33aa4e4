// Starts, stops, failures: who lives, why, and what follows when one does not.

extension Kernel {
    /// A session that had nothing left to do at the end of a turn. It ends when everything that was in
    /// the queue then has been dispatched and nothing has come to it: so the sender of an undelivered
    /// event is there to be answered.
    struct Candidate {
        let session: SessionID
        /// The last record that was in the queue, by number; nil before the first look.
        var after: UInt64?
        /// How many events the session had had then.
        var dispatched: UInt64 = 0
    }

    func start<S: Session>(
        _ session: S, alias: Alias?, parent: SessionID, onFailure policy: FailurePolicy,
        make: (() -> S)?, born: UInt64 = 0
    ) -> SessionID {
        var revival: Revival?
        if let make {
            revival = Revival(policy) { kernel, revival, parent in
                kernel.open(make(), alias: alias, parent: parent, revival: revival)
            }
            revival?.born = born
        }
        return open(session, alias: alias, parent: parent, revival: revival)
    }

    private func open<S: Session>(
        _ session: S, alias: Alias?, parent: SessionID, revival: Revival?
    ) -> SessionID {
        let table = table(for: S.self)
        counters.started &+= 1
        let id = core.open(
            session, table, alias, limit: table.policies.isEmpty ? table.marks.fast : 0)
        if alias != nil { core.interest(id, 1) }
        if !table.policies.isEmpty || table.marks != MailboxMarks() {
            let extras = extras(of: id)
            extras.marks = table.marks
            if !table.policies.isEmpty {
                extras.policies = [:]
                for policy in table.policies { extras.policies?[policy.event] = policy.make() }
                core.respecial(id, extras)
            }
        }
        if let revival {
            if revival.born == 0 { revival.born = counters.started }
            extras(of: id).revival = revival
        }
        if core.isAlive(parent) {
            extras(of: id).parent = parent
            adopt(id, extras(of: parent))
            core.interest(parent, 1)
        }
        core.notify(.started, id, ())
        if core.isAlive(id) {
            core.notify(.childStarted, parent, Child(id: id, alias: alias))
            core.noteIdle(id.slot)
        }
        return id
    }

    /// Puts a child among its siblings: by age, and one that was started anew has the age of the first.
    private func adopt(_ child: SessionID, _ parent: Extras) {
        let age = age(child)
        let place = parent.children.lastIndex { self.age($0) < age }.map { $0 + 1 } ?? 0
        parent.children.insert(child, at: place)
    }

    /// The number of the start of `id`, or of the first session whose successor it is.
    func age(_ id: SessionID) -> UInt64 {
        if let revival = existingExtras(of: id)?.revival { return revival.born }
        return core.born(id)
    }

    /// Ends a session: its children (the last started first), then itself, then its parent is told.
    func end(_ id: SessionID, _ reason: StopReason, willRestart: Bool = false) {
        guard core.isAlive(id) else { return }
        let extras = extras(of: id)
        guard !extras.isEnding else { return }
        extras.isEnding = true
        endChildren(of: extras, reason)
        let mark = core.mark
        if core.handles(Event.stopped.id, id) {
            do { _ = try core.call(.stopped, to: id, ()) } catch {
                counters.failed += 1
                log(.error, id, "stopped handler failed", ["\(error)"])
            }
        }
        core.bury(since: mark, from: id)
        endChildren(of: extras, reason)  // those that `stopped` started
        let alias = core.facts(id).alias
        // From here on it hears of nothing: `stopped` was its last event.
        if let object = core.close(id) { graveyard.append(object) }
        for wheel in extras.wheels.values { wheel.ownerEnded() }
        active -= alarms.removeAll(first: &extras.firstAlarm)
        for lease in extras.leases { active -= lease.count }
        abandonQuestions(of: id)
        extras.cancelWorkflows()
        forgetExtras(of: id)
        forgetAbsent(of: id)
        counters.stopped &+= 1
        if core.isAlive(extras.parent) {
            let parent = self.extras(of: extras.parent)
            if parent.children.last == id {
                parent.children.removeLast()
            } else {
                parent.children.removeAll { $0 == id }
            }
            core.notify(
                .childStopped, extras.parent,
                ChildEnd(id: id, alias: alias, reason: reason, willRestart: willRestart))
            core.interest(extras.parent, -1)
        }
    }

    /// Ends the children, the last started first; also those that are started meanwhile. One that is
    /// ending already, because it stops its own parent, goes on with that.
    private func endChildren(of extras: Extras, _ reason: StopReason) {
        var childReason = StopReason.stopped
        if case .kernelStopped = reason { childReason = reason }
        while let child = extras.children.last(where: {
            existingExtras(of: $0)?.isEnding != true
        }) {
            end(child, childReason)
        }
    }

    /// Makes `supervisor` the parent of `child`.
    func give(_ child: SessionID, to supervisor: SessionID) {
        guard core.isAlive(child), child != supervisor else { return }
        var ancestor = supervisor
        while core.isAlive(ancestor) {
            precondition(ancestor != child, "a session is not given to its own descendant")
            ancestor = parent(of: ancestor)
        }
        let extras = extras(of: child)
        let old = extras.parent
        let news = Child(id: child, alias: core.facts(child).alias)
        if core.isAlive(old) {
            self.extras(of: old).children.removeAll { $0 == child }
            core.notify(.childGiven, old, news)
            core.interest(old, -1)
        }
        extras.parent = core.isAlive(supervisor) ? supervisor : .none
        if core.isAlive(supervisor) {
            adopt(child, self.extras(of: supervisor))
            core.interest(supervisor, 1)
            core.notify(.childGained, supervisor, news)
        }
        core.notify(.parentChanged, child, ParentChange(from: old, to: extras.parent))
    }

    // MARK: Idle sessions

    /// Ends the sessions to which nothing can happen any more.
    func sweepCandidates() {
        guard !candidates.isEmpty else { return }
        let old = candidates
        candidates.removeAll(keepingCapacity: true)
        for var candidate in old where core.isAlive(candidate.session) {
            let facts = core.facts(candidate.session)
            guard facts.pending == 0, facts.interest == 0 else {
                core.uncandidate(candidate.session)
                continue
            }
            if candidate.after == nil || candidate.dispatched != facts.dispatched {
                candidate.after = core.sequence &+ UInt64(core.pending)
                candidate.dispatched = facts.dispatched
            }
            if let after = candidate.after, core.sequence < after {
                candidates.append(candidate)
            } else {
                end(candidate.session, .idle)
            }
        }
    }

    func parent(of id: SessionID) -> SessionID {
        existingExtras(of: id)?.parent ?? SessionID.none
    }

    func isDescendant(_ id: SessionID, of ancestor: SessionID) -> Bool {
        var at = id
        while core.isAlive(at) {
            if at == ancestor { return true }
            at = parent(of: at)
        }
        return false
    }

    /// The living sessions in the order of their start.
    func living() -> [SessionID] {
        (1..<max(1, core.slotCount)).compactMap { core.session(at: $0) }
            .sorted { core.born($0) < core.born($1) }
    }

    /// The living sessions, every child before its parent, the younger before the older.
    func sessionsLeavesFirst() -> [SessionID] {
        func depth(_ id: SessionID) -> Int {
            var depth = 0
            var at = id
            while let parent = existingExtras(of: at)?.parent, core.isAlive(parent) {
                depth += 1
                at = parent
            }
            return depth
        }
        return living().map { (id: $0, depth: depth($0)) }
            .sorted {
                $0.depth != $1.depth
                    ? $0.depth > $1.depth : core.born($0.id) > core.born($1.id)
            }
            .map(\.id)
    }

    /// Stops everybody, leaves first, roots in the reverse order of their start.
    func endAll() {
        // Sessions that `stopped` handlers start are stopped too, unless it never ends.
        for _ in 0..<100 {
            let roots = living().filter { !core.isAlive(parent(of: $0)) }
            if roots.isEmpty { return }
            for id in roots.reversed() { end(id, .kernelStopped) }
        }
        log(.error, .none, "stopped handlers start sessions without end", [])
    }

    /// What keeps `session` alive, in words: "2 alarms", "alias depth", "child feed" … Empty when it is
    /// not alive or about to end.
    public func whyAlive(_ session: SessionID) -> [String] {
        guard core.isAlive(session) else { return [] }
        let facts = core.facts(session)
        var reasons: [String] = []
        if facts.pending > 0 { reasons.append("\(facts.pending) undelivered") }
        if let alias = facts.alias { reasons.append("alias \(alias)") }
        let absent = absent.filter { $0.parent == session }
        for child in absent { reasons.append("child \(child.alias), when somebody looks for it") }
        guard let extras = existingExtras(of: session) else { return reasons }
        if extras.alarms > 0 { reasons.append("\(extras.alarms) alarms") }
        if extras.registrations > 0 { reasons.append("\(extras.registrations) registrations") }
        for child in extras.children { reasons.append("child \(name(of: child))") }
        for lease in extras.leases where lease.count > 0 {
            reasons.append("lease \(lease.reason)" + (lease.count > 1 ? " x\(lease.count)" : ""))
        }
        if !extras.workflows.isEmpty { reasons.append("\(extras.workflows.count) workflows") }
        for wheel in extras.wheels.values { reasons.append(wheel.summary) }
        let known =
            (facts.alias == nil ? 0 : 1) + extras.alarms + extras.registrations
            + extras.children.count + extras.leases.reduce(0) { $0 + $1.count }
            + extras.workflows.count + extras.wheels.count + absent.count
        if facts.interest > known {
            reasons.append("\(facts.interest - known) requests or restarts")
        }
        return reasons
    }

    func leased(_ id: SessionID, _ reason: String, _ change: Int) {
        guard core.isAlive(id) else { return }
        let extras = extras(of: id)
        if let i = extras.leases.firstIndex(where: { $0.reason == reason }) {
            extras.leases[i].count += change
        } else {
            extras.leases.append((reason, change))
        }
        active += change
        core.interest(id, change)
    }
}
