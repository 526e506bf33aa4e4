import OutcryKernel

extension Scenario {
    static let lifetimes = [
        Scenario(
            "start is synchronous: started, then childStarted, then start returns",
            [
                "parent started", "child started", "parent childStarted -", "parent has it",
                "child stopped", "parent childStopped - idle", "parent stopped",
            ]
        ) { kernel, log in
            kernel.start(
                Player(
                    "parent", log,
                    [
                        "started": { _, my in
                            my.start(Player("child", log))
                            log.note("parent has it")
                        }
                    ]))
            try kernel.run()
        },
        Scenario(
            "stop ends the leaves first, the youngest first",
            [
                "grandchild stopped", "b childStopped gc stopped", "b stopped",
                "root childStopped b stopped", "a stopped", "root childStopped a stopped",
                "root stopped",
            ]
        ) { kernel, log in
            let heard = ["stopped", "childStopped"]
            let b = quiet("b", log, with: heard)
            b.script["started"] = { _, my in
                my.start(quiet("grandchild", log, with: heard), alias: "gc")
            }
            let root = quiet("root", log, with: heard)
            root.script["started"] = { _, my in
                my.start(quiet("a", log, with: heard), alias: "a")
                my.start(b, alias: "b")
            }
            let id = kernel.start(root, alias: "root")
            kernel.stop(id)
            try kernel.run()
        },
        Scenario(
            "give: the old parent, the new parent, the child",
            [
                "old childGiven kid", "new childGained kid", "kid parentChanged false false",
                "old stopped", "kid stopped", "new childStopped kid stopped", "new stopped",
                "parent of kid: new",
            ]
        ) { kernel, log in
            let heard = ["childGiven", "childGained", "parentChanged", "stopped", "childStopped"]
            let new = kernel.start(quiet("new", log, with: heard), alias: "new")
            var kid = SessionID.none
            let old = kernel.start(
                quiet(
                    "old", log,
                    [
                        "started": { _, my in
                            kid = my.start(quiet("kid", log, with: heard), alias: "kid")
                            my.give(kid, to: new)
                        }
                    ], with: heard), alias: "old")
            let facts = kernel.snapshot().sessions.first { $0.id == kid }
            kernel.stop(old)
            kernel.stop(new)
            log.note("parent of kid: \(facts?.parent == new ? "new" : "?")")
            try kernel.run()
        },
        Scenario(
            "a session gives itself away",
            ["a go", "b childGained a", "a parentChanged true false"]
        ) { kernel, log in
            let heard = ["childGained", "parentChanged"]
            let b = kernel.start(quiet("b", log, with: heard), alias: "b")
            let a = kernel.start(
                quiet("a", log, ["go": { _, my in my.give(my.id, to: b) }], with: heard),
                alias: "a")
            kernel.post(.line, to: a, "go")
            try kernel.run()
        },
        Scenario(
            "what is posted from stopped is not delivered",
            ["b hello", "a stopped", "a sees taken", "b pending 0", "tombstones 2"]
        ) { kernel, log in
            kernel.start(quiet("b", log, ["lost": { _, _ in }]), alias: "b")
            let a = quiet(
                "a", log,
                [
                    "stopped": { _, my in
                        log.note("a sees \(my.post(.line, to: "b", "lost"))")
                        my.publish(.news, "lost")
                    }
                ], with: ["stopped"])
            let id = kernel.start(a, alias: "a")
            kernel.start(
                quiet(
                    "c", log, ["started": { _, my in my.register(Topic(.news, from: "a")) }]),
                alias: "c")
            kernel.post(.line, to: "b", "hello")
            _ = kernel.run { kernel.snapshot().queue.isEmpty }
            kernel.stop(id)
            let b = kernel.find("b")!
            let pending = kernel.snapshot().sessions.first { $0.id == b }?.pending ?? -1
            log.note("b pending \(pending)")
            try kernel.run()
            log.note("tombstones \(kernel.snapshot().tombstones)")
        },
        Scenario(
            "a session started from stopped is stopped too",
            ["a stopped", "late started", "late stopped", "alive 0"]
        ) { kernel, log in
            let a = quiet(
                "a", log,
                ["stopped": { _, my in my.start(Player("late", log), alias: "late") }],
                with: ["stopped"])
            kernel.start(a, alias: "a")
            try kernel.run()
            log.note("alive \(kernel.snapshot().sessions.count)")
        },
        Scenario(
            "names alone do not keep the program",
            ["a x", "a stopped", "service stopped", "true"]
        ) { kernel, log in
            kernel.start(quiet("service", log, with: ["stopped"]), alias: "service")
            kernel.start(
                quiet(
                    "a", log, ["started": { _, my in my.after(.milliseconds(1), .line, "x") }],
                    with: ["stopped"]))
            kernel.onLog = { _ in }
            let seen = kernel.run { kernel.snapshot().sessions.count == 1 }
            try kernel.run()
            log.note("\(seen)")
        },
        Scenario(
            "the sender of an undelivered event is there to be answered",
            ["b question", "a answer", "a stopped"]
        ) { kernel, log in
            let b = quiet("b", log)
            let a = quiet("a", log, with: ["stopped"])
            var asker = SessionID.none
            b.script["question"] = { _, my in my.post(.line, to: asker, "answer") }
            kernel.start(b, alias: "b")
            a.script["started"] = { _, my in my.post(.line, to: "b", "question") }
            asker = kernel.start(a)
            try kernel.run()
        },
        Scenario(
            "and so it is when it posts again while it is idle already",
            ["a poke", "b question", "a answer", "a stopped"]
        ) { kernel, log in
            kernel.budget = 1
            let b = quiet("b", log)
            let a = quiet("a", log, with: ["stopped"])
            var asker = SessionID.none
            b.script["question"] = { _, my in my.post(.line, to: asker, "answer") }
            let filler = Player("filler", log)
            filler.isQuiet = true
            kernel.start(filler, alias: "filler")
            kernel.start(b, alias: "b")
            a.script["poke"] = { _, my in
                for _ in 0..<4 { my.post(.line, to: "filler", "x") }
                my.post(.line, to: "b", "question")
            }
            for _ in 0..<2 { kernel.post(.line, to: "filler", "x") }
            asker = kernel.start(a)
            kernel.post(.line, to: asker, "poke")
            try kernel.run()
        },
        Scenario(
            "a lease keeps, release and forgetting end it",
            ["lease reason", "a stopped", "b stopped", "true true"]
        ) { kernel, log in
            let a = Leaser("a", log)
            let b = Leaser("b", log)
            let first = kernel.start(a)
            let second = kernel.start(b)
            for _ in 0..<3 { kernel.runOnce() }
            log.note(kernel.whyAlive(first).joined(separator: ", "))
            a.lease.take()?.release()
            let one = kernel.run { !kernel.isAlive(first) }
            b.lease = nil
            let two = kernel.run { !kernel.isAlive(second) }
            try kernel.run()
            log.note("\(one) \(two)")
        },
        Scenario(
            "whyAlive", ["1 undelivered, alias x, 2 alarms, 1 registrations, child kid, lease r x2"]
        ) { kernel, log in
            let a = Leaser("a", log)
            let id = kernel.start(a, alias: "x")
            kernel.post(.line, to: id, "more")
            _ = kernel.run { kernel.snapshot().queue.isEmpty }
            kernel.post(.line, to: id, "y")
            log.note(kernel.whyAlive(id).joined(separator: ", "))
            a.isQuiet = true
            kernel.stop()
            try kernel.run()
        },
        Scenario(
            "a wave of shutdown: leaves first, within a deadline",
            [
                "child shutdown", "root shutdown", "child bye", "child stopped", "root bye",
                "root stopped", "early: true",
            ]
        ) { kernel, log in
            let child = quiet("child", log, with: ["stopped"])
            child.script["shutdown"] = { _, my in my.after(.milliseconds(1), .line, "bye") }
            child.script["bye"] = { _, my in my.stop() }
            child.isSelective = true
            let root = quiet("root", log, with: ["stopped"])
            root.script["started"] = { _, my in
                my.start(child)
            }
            root.script["shutdown"] = { _, my in my.after(.milliseconds(2), .line, "bye") }
            root.script["bye"] = { _, my in my.stop() }
            kernel.start(root)
            kernel.stop(within: .seconds(60))
            let start = kernel.now
            try kernel.run()
            log.note("early: \(kernel.now - start < .seconds(30))")
        },
        Scenario(
            "a wave through one family leaves the others alone",
            [
                "child shutdown", "child stopped", "root shutdown", "root stopped",
                "at the deadline: true", "other alive: true",
            ]
        ) { kernel, log in
            let heard = ["stopped"]
            let child = quiet("child", log, with: heard)
            child.script["shutdown"] = { _, my in my.stop() }
            let root = quiet("root", log, with: heard)
            root.script["started"] = { _, my in
                my.start(child)
                my.after(.seconds(3600), .line, "never")
            }
            let other = kernel.start(quiet("other", log, with: ["shutdown"]), alias: "other")
            let id = kernel.start(root)
            let start = kernel.now
            kernel.stop(id, within: .milliseconds(5))
            _ = kernel.run { !kernel.isAlive(id) }
            let time = kernel.now - start
            log.note("at the deadline: \(time >= .milliseconds(5) && time < .seconds(60))")
            log.note("other alive: \(kernel.isAlive(other))")
            try kernel.run()
        },
        Scenario(
            "the deadline of who has finished keeps nobody",
            ["a shutdown", "a stopped", "early: true"]
        ) { kernel, log in
            let a = quiet("a", log, with: ["stopped"])
            a.script["started"] = { _, my in my.after(.milliseconds(1), .line, "x") }
            a.hushed = ["x"]
            let id = kernel.start(a)
            let start = kernel.now
            kernel.stop(id, within: .seconds(3600))
            try kernel.run()
            log.note("early: \(kernel.now - start < .seconds(60))")
        },
        Scenario(
            "who does not finish is stopped at the deadline",
            ["a shutdown", "a stopped", "late: false"]
        ) { kernel, log in
            let a = quiet("a", log, with: ["stopped"])
            a.script["started"] = { _, my in my.after(.seconds(60), .line, "never") }
            kernel.start(a)
            _ = kernel.runOnce()
            let start = kernel.now
            kernel.stop(within: .milliseconds(5))
            try kernel.run()
            log.note("late: \(kernel.now - start > .seconds(30))")
        },
        Scenario(
            "a kernel can run again", ["a started", "a stopped", "b started", "b x", "b stopped"]
        ) { kernel, log in
            kernel.start(Player("a", log))
            try kernel.run()
            let b = kernel.start(Player("b", log))
            kernel.post(.line, to: b, "x")
            try kernel.run()
        },
        Scenario(
            "run(until:) stops nobody, and can be called again",
            ["false", "a x", "true", "alive 1"]
        ) { kernel, log in
            let a = quiet("a", log)
            kernel.start(a, alias: "a")
            log.note("\(kernel.run { a.count == 9 })")
            kernel.post(.line, to: "a", "x")
            log.note("\(kernel.run { a.count == 2 })")
            log.note("alive \(kernel.snapshot().sessions.count)")
            a.isQuiet = true
            try kernel.run()
        },
        Scenario(
            "run(until:) sees what it waits for before it waits for more",
            ["a x", "true", "early: true"]
        ) { kernel, log in
            let a = quiet("a", log)
            a.script["started"] = { _, my in my.after(.seconds(60), .line, "never") }
            let id = kernel.start(a)
            kernel.post(.line, to: id, "x")
            let start = kernel.now
            log.note("\(kernel.run { a.count == 2 })")
            kernel.runOnce()
            log.note("early: \(kernel.now - start < .seconds(30))")
            log.isOver = true
            kernel.stop()
            try kernel.run()
        },
        Scenario(
            "signals go to the leaves first; unhandled they stop the kernel",
            ["kid interrupt", "root interrupt", "after", "root stopped"]
        ) { kernel, log in
            kernel.start(Trapper("root", log, ends: false), alias: "root")
            kernel.receive(.signal(.interrupt))
            kernel.receive(.signal(.hangup))
            _ = kernel.run { kernel.snapshot().queue.isEmpty }
            log.note("after")
            kernel.receive(.signal(.terminate))
            try kernel.run()
        },
        Scenario("an object ended by its own handler may free others", ["x freed", "done"]) {
            kernel, log in
            final class Chain: Session {
                let counted: Counted
                let kernel: Kernel
                let other: SessionID
                init(_ counted: Counted, _ kernel: Kernel, _ other: SessionID) {
                    self.counted = counted
                    self.kernel = kernel
                    self.other = other
                }
                deinit { kernel.stop(other) }
                static func handlers(_ on: inout Handlers<Chain>) {
                    on(.beat) { _, _, my in my.stop() }
                }
            }
            let other = kernel.start(quiet("other", log), alias: "other")
            let id = kernel.start(Chain(Counted("x", log), kernel, other))
            kernel.post(.beat, to: id, ())
            try kernel.run()
            log.note("done")
        },
    ]
}

final class Leaser: Session {
    let name: String
    let log: ScenarioLog
    var lease: Lease?
    var second: Lease?
    var isQuiet = false
    init(_ name: String, _ log: ScenarioLog) {
        self.name = name
        self.log = log
    }
    static func handlers(_ on: inout Handlers<Leaser>) {
        on(.started) { me, _, my in me.lease = my.lease("reason") }
        on(.line) { me, line, my in
            guard line == "more" else { return }
            me.lease = my.lease("r")
            me.second = my.lease("r")
            my.after(.seconds(60), .beat)
            my.after(.seconds(60), .line, "x", named: "slot")
            my.register(Topic(.news, from: "nobody"))
            my.start(Scenario.quiet("kid", me.log), alias: "kid")
        }
        on(.stopped) { me, _, _ in if !me.isQuiet { me.log.note("\(me.name) stopped") } }
        on(.beat) { _, _, _ in }
    }
}

final class Trapper: Session {
    let name: String
    let log: ScenarioLog
    let isRoot: Bool
    init(_ name: String, _ log: ScenarioLog, ends: Bool) {
        self.name = name
        self.log = log
        isRoot = !ends
    }
    static func handlers(_ on: inout Handlers<Trapper>) {
        on(.started) { me, _, my in
            if me.isRoot { my.start(Trapper("kid", me.log, ends: true), alias: "kid") }
        }
        on(.interrupt) { me, _, _ in me.log.note("\(me.name) interrupt") }
        on(.stopped) { me, _, _ in if me.isRoot { me.log.note("\(me.name) stopped") } }
    }
}
