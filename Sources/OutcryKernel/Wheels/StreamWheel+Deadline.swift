extension StreamWheel {
    /// Gives the stream a deadline, in place of the one that it had: `streamOverdue` comes to its owner when
    /// that has passed. It ends with the stream, and when ``close()`` is asked for.
    ///
    /// One a stream, in whatever state that is. The kernel does not go on for it, as it does for an alarm.
    public func setDeadline(after limit: Duration) {
        guard phase != .closing, phase != .closed else { return }
        setAlarm(after: limit) { $0.overdue() }
    }

    /// Takes the deadline away.
    public func clearDeadline() {
        if let alarm { kernel.disarmUncounted(alarm) }
        alarm = nil
    }

    func setAlarm(after limit: Duration, _ body: @escaping (StreamWheel) -> Void) {
        clearDeadline()
        alarm = kernel.end(after: limit) { [self] _ in
            alarm = nil
            body(self)
        }
    }

    private func overdue() {
        if kernel.core.handles(Event<StreamWheel>.streamOverdue.id, owner) {
            kernel.core.notify(.streamOverdue, owner, self)
        } else {
            close()
        }
    }
}
