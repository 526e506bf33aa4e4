// Who holds up the loop: looked for only where `stallLimit` is set.

extension Kernel {
    /// Runs `body`, and says so where it takes longer than ``stallLimit``.
    ///
    /// The times are the driver's and decide nothing: a run does the same whether it is watched or not.
    func timed(_ what: @autoclosure () -> String, _ session: SessionID, _ body: () -> Void) {
        guard let limit = stallLimit else { return body() }
        let start = driver.time().now
        body()
        let taken = driver.time().now - start
        guard taken > limit else { return }
        counters.stalls += 1
        log(.warning, session, "held up the loop", [what(), "\(taken)"])
    }

    /// Notes how long ago the turn's time was read: from there on nobody has looked for new input.
    func measureTurn() {
        counters.longestTurn = max(counters.longestTurn, driver.time().now - now)
    }
}

extension Core {
    func setTiming(_ on: Bool) {
        unsafe s.pointee.isTiming = on
        unsafe s.pointee.stopAt = s.pointee.sequence
    }
}

extension Input {
    /// What kind of news it is, for the log.
    var kind: String {
        switch self {
        case .time: "time"
        case .connected: "connected"
        case .accepted: "accepted"
        case .received: "bytes"
        case .ended: "end"
        case .failed: "failure"
        case .secured: "handshake"
        case .insecure: "failed handshake or stream"
        case .writable: "writable"
        case .wrote: "written"
        case .completed: "completed request"
        case .signal: "signal"
        case .mail: "mail"
        case .random: "random"
        case .clockStep: "clock step"
        case .outside: "something from outside"
        }
    }
}
