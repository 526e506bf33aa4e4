// Failures: who is told, and who is started anew.

extension Kernel {
    /// A handler or a workflow of `id` threw.
    @usableFromInline func failed(_ id: SessionID, _ error: any Error) {
        counters.failed += 1
        guard core.isAlive(id) else { return }
        log(.error, id, "failed", ["\(error)"])
        let extras = extras(of: id)
        extras.failures += 1
        note(failure: error, of: id, extras)
        let revival = extras.revival
        let parent = extras.parent
        let text = "\(error)"
        switch revival?.policy ?? .stop {
        case .resume: return
        case .stop: end(id, .failed(text))
        case .escalate:
            let name = name(of: id)
            end(id, .failed(text))
            escalate(to: parent, KernelError.escalated(session: name, reason: text))
        case .restart(let backoff): restart(id, [], backoff, text)
        case .restartWithLater(let backoff):
            let family = siblings(of: id)
            let later = family.drop { $0 != id }.dropFirst()
            restart(id, Array(later), backoff, text)
        }
    }

    private func escalate(to parent: SessionID, _ error: KernelError) {
        if core.isAlive(parent) {
            failed(parent, error)
        } else {
            fatal = error
            stop()
        }
    }

    /// The children of the same parent, in the order of their start.
    private func siblings(of id: SessionID) -> [SessionID] {
        let parent = extras(of: id).parent
        if core.isAlive(parent) { return extras(of: parent).children }
        return living().filter { self.parent(of: $0) == .none }.sorted { age($0) < age($1) }
    }

    private func restart(
        _ id: SessionID, _ later: [SessionID], _ backoff: Backoff, _ text: String
    ) {
        guard let revival = extras(of: id).revival else { return }
        let parent = extras(of: id).parent
        let name = name(of: id)
        if let last = revival.restarts.last, now - last >= backoff.period { revival.attempt = 0 }
        revival.restarts.removeAll { now - $0 >= backoff.period }
        guard revival.restarts.count < backoff.limit else {
            end(id, .failed(text))
            escalate(
                to: parent,
                .restartsExhausted(
                    child: name, restarts: revival.restarts.count, within: backoff.period))
            return
        }
        var revivals: [Revival] = []
        if case .restartWithLater = revival.policy {
            revivals = takeResting(parent, after: revival)
        }
        for sibling in later.reversed() {
            let other = existingExtras(of: sibling)?.revival
            if let other { revivals.append(other) }
            end(sibling, .siblingRestarted, willRestart: other != nil)
        }
        end(id, .failed(text), willRestart: true)
        revivals.append(revival)
        let pause = backoff.pause(before: revival.attempt, using: &random)
        revival.attempt += 1
        log(.info, .none, "restarting", [name, "in \(pause)"])
        rest(Resting(parent, revivals.sorted { $0.born < $1.born }), by: revival, for: pause)
    }

    private func rest(_ resting: Resting, by revival: Revival, for pause: Duration) {
        let parent = resting.parent
        core.interest(parent, 1)
        self.resting.append(resting)
        resting.alarm = arm(at: now + pause, period: nil, owner: .none) { kernel in
            kernel.resting.removeAll { $0 === resting }
            kernel.core.interest(parent, -1)
            guard parent == .none || kernel.core.isAlive(parent), !kernel.isStopping else { return }
            revival.restarts.append(kernel.now)
            for revival in resting.revivals {
                kernel.counters.restarted += 1
                _ = revival.start(kernel, revival, parent)
            }
        }
    }

    /// Takes over those siblings that wait to be started anew and were started after `revival`: they come
    /// up behind it, in their order.
    private func takeResting(_ parent: SessionID, after revival: Revival) -> [Revival] {
        var taken: [Revival] = []
        for entry in resting where entry.parent == parent {
            taken += entry.revivals.filter { $0.born > revival.born }
            entry.revivals.removeAll { $0.born > revival.born }
            guard entry.revivals.isEmpty, let alarm = entry.alarm else { continue }
            disarm(alarm)
            core.interest(parent, -1)
        }
        resting.removeAll { $0.revivals.isEmpty }
        return taken
    }

    /// Keeps the last failures for whoever looks.
    private func note(failure error: any Error, of id: SessionID, _ extras: Extras) {
        extras.lastFailure = "\(error)"
        if failures.count == 16 { failures.removeFirst() }
        failures.append(.init(time: now, session: name(of: id), reason: "\(error)"))
    }
}

/// Sessions of one parent that are started anew when a pause has passed.
final class Resting {
    let parent: SessionID
    /// In the order of their first start.
    var revivals: [Revival]
    var alarm: AlarmID?

    init(_ parent: SessionID, _ revivals: [Revival]) {
        self.parent = parent
        self.revivals = revivals
    }
}
