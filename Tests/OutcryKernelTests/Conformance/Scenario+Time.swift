import Dispatch
import OutcryKernel
import Synchronization

/// How a task of another thread ended.
private final class Ended: Sendable {
    private let text = Mutex("")
    private let isOver = DispatchSemaphore(value: 0)
    func finish(_ text: String) {
        self.text.withLock { $0 = text }
        isOver.signal()
    }
    func wait() -> String {
        isOver.wait()
        return text.withLock { $0 }
    }
}

extension Scenario {
    static let time = [
        Scenario(
            "the time is known before the first turn, and stands still in it",
            ["calendar: true", "tock", "after a millisecond: true"]
        ) { kernel, log in
            var set = KernelTime.zero
            let a = Beater(log) { me, my in
                log.note("calendar: \(my.wallNow > WallTime(microseconds: 1_300_000_000_000_000))")
                set = my.now
                my.after(.milliseconds(1), .tock)
            }
            var rang = KernelTime.zero
            kernel.onTrace = { rang = $0.time }
            kernel.start(a)
            try kernel.run()
            log.note("after a millisecond: \(rang - set >= .milliseconds(1))")
        },
        Scenario(
            "alarms by the calendar",
            ["payload last", "moved true", "a past", "a 1", "a 2", "a 3"]
        ) { kernel, log in
            let a = quiet(
                "a", log,
                [
                    "started": { _, my in
                        let wall = my.wallNow
                        my.at(wall: wall + .milliseconds(4), .line, "2")
                        my.at(wall: wall + .milliseconds(2), .line, "1")
                        my.at(wall: wall + .seconds(-3600), .line, "past")
                        let last = my.at(wall: wall + .seconds(3600), .line, "last")
                        log.note("payload \(my.cancel(last, returning: .line) ?? "nil")")
                        let moved = my.at(wall: wall + .seconds(3600), .line, "3", named: "x")
                        log.note("moved \(my.adjust(moved, to: my.now + .milliseconds(6)))")
                    }
                ])
            kernel.start(a)
            try kernel.run()
        },
        Scenario(
            "an alarm by the calendar moves along when the calendar is set",
            ["before", "the day after", "done"]
        ) { kernel, log in
            let a = Player("a", log)
            a.isQuiet = true
            a.script["started"] = { _, my in
                my.at(wall: my.wallNow + .seconds(86_400), .line, "tomorrow")
                my.after(.milliseconds(1), .line, "set")
            }
            a.script["set"] = { _, my in
                log.note("before")
                // As a driver tells it: the new time, then that the clock was set.
                let time = TurnTime(now: my.now, wall: my.wallNow + .seconds(90_000))
                my.kernel.receive(.time(time))
                my.kernel.receive(.clockStep(microseconds: 90_000_000_000))
            }
            a.script["tomorrow"] = { _, my in log.note("the day after") }
            kernel.start(a)
            let start = kernel.now
            try kernel.run()
            log.note(kernel.now - start < .seconds(3600) ? "done" : "waited for the old time")
        },
        Scenario(
            "async code sleeps by the kernel's clock",
            ["slept true", "clock shows the turn: true", "worker stopped"]
        ) { kernel, log in
            kernel.start(
                Worker(log) { me, my in
                    let clock = my.kernel.clock
                    let start = my.now
                    try await Task.sleep(for: .milliseconds(3), clock: clock)
                    me.log.note("slept \(my.now - start >= .milliseconds(3))")
                    me.log.note("clock shows the turn: \(clock.now == my.now)")
                })
            try kernel.run()
        },
        Scenario(
            "who stops does not sleep on", ["worker stopped", "cancelled", "early: true"]
        ) { kernel, log in
            let id = kernel.start(
                Worker(log) { me, my in
                    do {
                        try await Task.sleep(for: .seconds(60), clock: my.kernel.clock)
                    } catch is CancellationError { me.log.note("cancelled") }
                })
            let start = kernel.now
            for _ in 0..<3 { kernel.runOnce() }
            kernel.stop(id)
            try kernel.run()
            log.note("early: \(kernel.now - start < .seconds(30))")
        },
        Scenario(
            "other tasks sleep by the kernel's clock, and are told when its run ends",
            ["number 1", "cancelled"], hasThreads: true
        ) { kernel, log in
            let clock = kernel.clock
            let mailbox = kernel.mailbox(.number, to: "a")
            let ended = Ended()
            var lease: Lease?
            let a = Beater(log) { _, my in
                lease = my.lease("other tasks")
                Task.detached {
                    do {
                        try await Task.sleep(for: .milliseconds(2), clock: clock)
                        mailbox.send(1)
                        try await Task.sleep(for: .seconds(3600), clock: clock)
                    } catch { ended.finish("cancelled") }
                }
            }
            kernel.start(a, alias: "a")
            _ = kernel.run { log.lines.count == 1 && kernel.snapshot().alarms == 1 }
            kernel.stop()
            try kernel.run()
            log.note(ended.wait())
            lease = nil
        },
    ]
}
