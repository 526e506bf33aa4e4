extension StreamWheel {
    /// Gives the stream a deadline, in place of the one that it had: `streamOverdue` comes to its owner when
    /// that has passed. It ends with the stream, and when ``close()`` is asked for.
    ///
    /// One a stream, in whatever state that is. The kernel does not go on for it, as it does for an alarm.
    public func setDeadline(after limit: Duration) {
        guard phase != .closing, phase != .closed else { return }
        setAlarm(after: limit, .overdue)
    }

    /// Takes the deadline away.
    public func clearDeadline() {
        if let alarm { kernel.disarmUncounted(alarm) }
        alarm = nil
    }

    /// What a stream's alarm is for.
    enum AlarmPurpose {
        /// The deadline of its owner's.
        case overdue
        /// The rest was not taken in time.
        case linger
    }

    func setAlarm(after limit: Duration, _ purpose: AlarmPurpose) {
        clearDeadline()
        alarm = kernel.end(after: limit, StreamAlarm(self, purpose))
    }

    fileprivate func ring(_ purpose: AlarmPurpose) {
        alarm = nil
        switch purpose {
        case .overdue: overdue()
        case .linger: finish(.closed)
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

/// One small object an alarm: where ten thousand clients are idle each has a deadline.
private final class StreamAlarm: AlarmAction {
    private let stream: StreamWheel
    private let purpose: StreamWheel.AlarmPurpose

    init(_ stream: StreamWheel, _ purpose: StreamWheel.AlarmPurpose) {
        self.stream = stream
        self.purpose = purpose
    }

    override func run(_ kernel: Kernel, _ owner: SessionID, isRepeated: Bool) {
        kernel.endsNow()
        stream.ring(purpose)
    }
}
