// Sessions that start when somebody looks for them.

extension Kernel {
    /// A session that is not there before somebody looks for its alias.
    struct Absent {
        let alias: Alias
        let parent: SessionID
        let start: (Kernel) -> SessionID
    }

    func startWhenFound<S: Session>(
        _ alias: Alias, parent: SessionID, onFailure policy: FailurePolicy,
        make: @escaping () -> S
    ) {
        guard core.isAlive(parent) else { return }
        precondition(find(alias) == nil, "the alias \(alias) is taken")
        // It is as old as its place among its siblings says: what is declared after it is later.
        let born = counters.started
        absent.append(
            Absent(alias: alias, parent: parent) { kernel in
                kernel.start(
                    make(), alias: alias, parent: parent, onFailure: policy, make: make,
                    born: born)
            })
        core.noteAbsent(absent.count)
        // As a child with a name does: it can still happen to the parent that this one starts.
        core.interest(parent, 1)
    }

    /// Starts the session that is to bear an alias; `.none` where there is none.
    func startAbsent(_ alias: Alias) -> SessionID {
        guard let place = absent.firstIndex(where: { $0.alias == alias }),
            core.isAlive(absent[place].parent),
            existingExtras(of: absent[place].parent)?.isEnding != true
        else { return .none }
        let session = absent.remove(at: place)
        core.noteAbsent(absent.count)
        let id = session.start(self)
        core.interest(session.parent, -1)
        return id
    }

    /// The session that bears `alias` now; unlike ``find(_:)`` this starts nobody.
    public func bearer(of alias: Alias) -> SessionID? {
        let id = core.bearer(of: alias)
        return core.isAlive(id) ? id : nil
    }

    /// Nobody can start any more what an ended session would have been the parent of.
    func forgetAbsent(of parent: SessionID) {
        guard !absent.isEmpty else { return }
        absent.removeAll { $0.parent == parent }
        core.noteAbsent(absent.count)
    }
}

extension Context {
    /// Starts a child when somebody looks for its alias for the first time: posts to it, asks or calls it, or
    /// asks ``Kernel/find(_:)``. What is never needed takes no memory. Registering for what it publishes does not
    /// start it. It is made anew when it fails, as `policy` says.
    ///
    /// - Precondition: Nobody bears the alias.
    public func startWhenFound<S: Session>(
        _ alias: Alias, onFailure policy: FailurePolicy, _ make: @escaping () -> S
    ) {
        core.kernel.startWhenFound(alias, parent: id, onFailure: policy, make: make)
    }
}
