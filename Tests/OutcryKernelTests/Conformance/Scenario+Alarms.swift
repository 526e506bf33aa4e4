import OutcryKernel

extension Event where Payload == Void {
    static let beat = Self("test.beat")
    static let tock = Self("test.tock")
}
extension Event where Payload == Int { static let number = Self("test.number") }

/// Counts beats, and notes them by name.
final class Beater: Session {
    let log: ScenarioLog
    var beats = 0
    let setUp: (Beater, Context) -> Void
    var alarm: AlarmID?
    var onBeat: ((Beater, Context) -> Void)?
    init(_ log: ScenarioLog, _ setUp: @escaping (Beater, Context) -> Void) {
        self.log = log
        self.setUp = setUp
    }
    static func handlers(_ on: inout Handlers<Beater>) {
        on(.started) { me, _, my in me.setUp(me, my) }
        on(.beat) { me, _, my in
            me.beats += 1
            me.log.note("beat")
            me.onBeat?(me, my)
        }
        on(.tock) { me, _, _ in me.log.note("tock") }
        on(.number) { me, number, _ in me.log.note("number \(number)") }
    }
}

extension Scenario {
    static let alarms = [
        Scenario(
            "alarms by deadline, ties in the order they were set",
            ["a 1", "a 2", "a 3", "a 4", "a 5"]
        ) { kernel, log in
            let a = quiet(
                "a", log,
                [
                    "started": { _, my in
                        let now = my.now
                        my.at(now + .milliseconds(6), .line, "4")
                        my.at(now + .milliseconds(3), .line, "1")
                        my.at(now + .milliseconds(6), .line, "5")
                        my.at(now + .milliseconds(3), .line, "2")
                        my.at(now + .milliseconds(4), .line, "3")
                    }
                ])
            kernel.start(a)
            try kernel.run()
        },
        Scenario(
            "a past-due alarm queues behind what is there", ["a posted 1", "a posted 2", "a alarm"]
        ) { kernel, log in
            let a = quiet(
                "a", log,
                [
                    "started": { _, my in
                        my.after(.milliseconds(-5), .line, "alarm")
                        my.yield(.line, "posted 1")
                        my.yield(.line, "posted 2")
                    }
                ])
            kernel.start(a)
            try kernel.run()
        },
        Scenario(
            "a named alarm replaces its predecessor; cancelled by name", ["a second", "false"]
        ) { kernel, log in
            let a = quiet(
                "a", log,
                [
                    "started": { _, my in
                        my.after(.milliseconds(1), .line, "first", named: "slot")
                        my.after(.milliseconds(2), .line, "second", named: "slot")
                        my.after(.milliseconds(1), .line, "other", named: "other")
                        my.cancel(named: "other")
                    },
                    "second": { _, my in log.note("\(my.cancel(named: "slot"))") },
                ])
            kernel.start(a)
            try kernel.run()
        },
        Scenario(
            "a late repeating alarm skips", ["beat", "beat", "2, on the grid: true"]
        ) { kernel, log in
            try late(kernel, log, .skip, until: 2)
        },
        Scenario(
            "a late repeating alarm catches up",
            ["beat", "beat", "beat", "beat", "beat", "5, on the grid: true"]
        ) { kernel, log in
            try late(kernel, log, .catchUp, until: 5)
        },
        Scenario("a beat longer than all time comes once", ["beat", "alarms 1"]) { kernel, log in
            let beater = Beater(log) { _, my in
                let beat = my.every(.seconds(Int64.max), .beat)
                my.adjust(beat, to: my.now)
            }
            beater.onBeat = { _, my in
                log.note("alarms \(my.kernel.snapshot().alarms)")
                my.stop()
            }
            kernel.start(beater)
            try kernel.run()
        },
        Scenario(
            "adjust and cancel, by their owner only",
            [
                "adjust true", "cancel true", "cancel false", "payload 7", "payload nil",
                "stranger false false", "number 1", "beat", "fired: adjust false",
            ]
        ) { kernel, log in
            let a = Beater(log) { me, my in
                let soon = my.after(.milliseconds(10), .number, 1)
                log.note("adjust \(my.adjust(soon, by: .milliseconds(-9)))")
                let never = my.after(.milliseconds(2), .tock)
                log.note("cancel \(my.cancel(never))")
                log.note("cancel \(my.cancel(never))")
                let seven = my.after(.milliseconds(2), .number, 7)
                func show(_ payload: Int?) -> String { payload.map { "\($0)" } ?? "nil" }
                log.note("payload \(show(my.cancel(seven, returning: .number)))")
                log.note("payload \(show(my.cancel(seven, returning: .number)))")
                me.alarm = my.after(.milliseconds(20), .beat)
                my.adjust(me.alarm!, to: my.now + .milliseconds(5))
            }
            kernel.start(a)
            let b = quiet("b", log)
            b.isQuiet = true
            b.script["started"] = { _, my in
                let wrong = my.cancel(a.alarm!)
                log.note("stranger \(wrong) \(my.adjust(a.alarm!, by: .seconds(1)))")
            }
            a.onBeat = { me, my in
                log.note("fired: adjust \(my.adjust(me.alarm!, by: .zero))")
            }
            kernel.start(b)
            try kernel.run()
        },
        Scenario(
            "an alarm of another payload is not cancelled by asking for it", ["nil", "number 3"]
        ) { kernel, log in
            kernel.start(
                Beater(log) { _, my in
                    let alarm = my.after(.milliseconds(1), .number, 3)
                    log.note(my.cancel(alarm, returning: .line) ?? "nil")
                })
            try kernel.run()
        },
        Scenario(
            "an ended session's alarms end with it", ["a started", "a stopped", "alarms 0"]
        ) { kernel, log in
            let a = Player("a", log)
            a.script["started"] = { _, my in
                my.after(.milliseconds(1), .line, "before")
                my.after(.milliseconds(1), .line, "named before", named: "x")
                my.stop()
                my.after(.milliseconds(1), .line, "after")
                my.after(.milliseconds(1), .line, "named after", named: "x")
            }
            kernel.start(a)
            log.note("alarms \(kernel.snapshot().alarms)")
            // The slot's next owner has none of it.
            let b = Beater(log) { _, my in my.after(.milliseconds(2), .tock, named: "x") }
            _ = b
            try kernel.run()
        },
        Scenario(
            "the slot's next owner inherits nothing", ["a got stop", "why: 1 alarms", "tock"]
        ) { kernel, log in
            final class Ender: Session {
                let log: ScenarioLog
                init(_ log: ScenarioLog) { self.log = log }
                static func handlers(_ on: inout Handlers<Ender>) {
                    on(.beat) { me, _, my in
                        me.log.note("a got stop")
                        my.stop()
                        my.after(.milliseconds(1), .beat, named: "x")
                        _ = my.inbox(.number)
                        _ = my.connect(to: .address(.loopback(port: 9)))
                    }
                }
            }
            let a = kernel.start(Ender(log))
            kernel.post(.beat, to: a, ())
            _ = kernel.run { !kernel.isAlive(a) }
            let b = kernel.start(
                Beater(log) { _, my in my.after(.milliseconds(2), .tock, named: "x") })
            log.note("why: \(kernel.whyAlive(b).joined(separator: ", "))")
            try kernel.run()
        },
    ]

    /// A beat of 4 ms that is 10 ms late when it is looked at for the first time.
    private static func late(
        _ kernel: Kernel, _ log: ScenarioLog, _ policy: LatePolicy, until count: Int
    ) throws {
        var start = KernelTime.zero
        let beater = Beater(log) { me, my in
            let alarm = my.every(.milliseconds(4), .beat, whenLate: policy)
            start = my.now + .milliseconds(-10)
            my.adjust(alarm, to: start)
        }
        var last = KernelTime.zero
        beater.onBeat = { me, my in
            last = my.now
            if me.beats == count { my.stop() }
        }
        kernel.start(beater)
        try kernel.run()
        // Beats fall on start + n * 4 ms; the late ones came together, the last in its time or after: how long after is
        // the machine's business (under the thread sanitizer, beside others, it was more than 400 ms).
        let due = start + .milliseconds(policy == .skip ? 12 : 16)
        log.note("\(beater.beats), on the grid: \(last >= due && last < due + .seconds(60))")
    }
}
