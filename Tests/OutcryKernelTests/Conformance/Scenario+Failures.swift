import OutcryKernel

/// Fails when it is told to, where it is told to.
final class Faulty: Session {
    let log: ScenarioLog
    let place: String
    init(_ log: ScenarioLog, _ place: String) {
        self.log = log
        self.place = place
    }
    func reach(_ place: String) throws {
        if place == self.place { throw Broken("in \(place)") }
    }
    static func handlers(_ on: inout Handlers<Faulty>) {
        on(.started) { me, _, my in
            try me.reach("started")
            if me.place == "alarm" { my.after(.milliseconds(1), .beat) }
            if me.place == "stop" { my.yield(.tock) }
            if me.place == "workflow" {
                my.task { my in
                    try await my.sleep(.milliseconds(1))
                    try me.reach("workflow")
                }
            }
            if me.place == "wheel" {
                let listener = try my.listen(on: .loopback(port: 0))
                my.connect(to: .address(listener.address)).put("x".utf8.span)
            }
        }
        on(.line) { me, _, _ in try me.reach("handler") }
        on(.number) { me, _, _ in try me.reach("call") }
        on(.beat) { me, _, _ in try me.reach("alarm") }
        on(.tock) { me, _, my in my.stop() }
        on(.streamReceived) { me, _, _ in try me.reach("wheel") }
        on(.stopped) { me, _, _ in
            me.log.note("faulty stopped")
            try me.reach("stop")
        }
        on.unknown { me, _, _ in try me.reach("catch-all") }
    }
}

/// A child whose every life is counted; it fails at `beat`.
final class Phoenix: Session {
    let log: ScenarioLog
    let name: String
    init(_ name: String, _ log: ScenarioLog) {
        self.log = log
        self.name = name
    }
    static func handlers(_ on: inout Handlers<Phoenix>) {
        on(.started) { me, _, my in me.log.note("\(me.name) up") }
        on(.stopped) { me, _, _ in me.log.note("\(me.name) down") }
        on(.beat) { me, _, _ in throw Broken() }
        on(.line) { me, line, _ in me.log.note("\(me.name) \(line)") }
    }
}

extension Scenario {
    private static let quick = Backoff(
        first: .milliseconds(1), most: .milliseconds(4), isJittered: true, limit: 2)

    private static func failure(
        _ place: String, _ provoke: @escaping @Sendable (Kernel) -> Void = { _ in }
    )
        -> Scenario
    {
        Scenario(
            "a failure in: \(place)",
            ["faulty stopped", "parent told: failed: in \(place)", "failed 1, others 1"]
        ) { kernel, log in
            let parent = Player("parent", log)
            parent.isQuiet = true
            parent.script["started"] = { _, my in
                my.start(Faulty(log, place), alias: "faulty")
            }
            for reason in ["failed: in \(place)"] {
                parent.script["childStopped faulty \(reason)"] = { _, my in
                    log.note("parent told: \(reason)")
                    my.yield(.line, "goes on")
                }
            }
            parent.script["goes on"] = { _, my in
                let facts = my.kernel.snapshot()
                log.note("failed \(facts.failed), others \(facts.sessions.count)")
                my.kernel.stop()
            }
            kernel.start(parent)
            provoke(kernel)
            kernel.post(.number, to: "nobody", 0)
            try kernel.run()
        }
    }

    static let failures =
        [
            failure("started"),
            failure("handler") { $0.post(.line, to: "faulty", "x") },
            failure("catch-all") { $0.post(.quote, to: "faulty", Quote("x", 1)) },
            failure("alarm"), failure("workflow"), failure("wheel"),
            Scenario(
                "a failure in a call is the caller's", ["caught in call", "faulty alive: true"]
            ) { kernel, log in
                let faulty = kernel.start(Faulty(log, "call"), alias: "faulty")
                let caller = Player("caller", log)
                caller.isQuiet = true
                caller.script["go"] = { _, my in
                    do { try my.call(.number, to: "faulty", 1) } catch {
                        log.note("caught \(error)")
                        log.note("faulty alive: \(my.kernel.isAlive(faulty))")
                    }
                }
                let id = kernel.start(caller)
                kernel.post(.line, to: id, "go")
                kernel.drain()
            },
            Scenario(
                "a failure in stopped stops nothing",
                ["faulty stopped", "failed 1", "parent goes on"]
            ) { kernel, log in
                let parent = Player("parent", log)
                parent.isQuiet = true
                parent.script["started"] = { _, my in
                    my.start(Faulty(log, "stop"), alias: "faulty")
                }
                parent.script["childStopped faulty stopped"] = { _, my in
                    log.note("failed \(my.kernel.snapshot().failed)")
                    my.yield(.line, "on")
                }
                parent.script["on"] = { _, _ in log.note("parent goes on") }
                kernel.start(parent)
                try kernel.run()
            },
            Scenario(
                "restart: a fresh object under the alias; what was queued is gone",
                [
                    "p up", "p down", "parent childStopped phoenix failed: broken again",
                    "p up", "parent childStarted phoenix", "p hello", "restarted 1", "p down",
                    "parent childStopped phoenix kernel stopped",
                ]
            ) { kernel, log in
                let parent = quiet("parent", log, with: ["childStopped"])
                parent.script["started"] = { _, my in
                    my.start(alias: "phoenix", onFailure: .restart(quick)) { Phoenix("p", log) }
                }
                parent.isSelective = true
                parent.noted = ["childStopped"]
                kernel.start(parent, alias: "parent")
                kernel.post(.beat, to: "phoenix", ())
                kernel.post(.line, to: "phoenix", "lost")
                parent.noted = ["childStopped", "childStarted"]
                parent.script["childStarted phoenix"] = { _, my in
                    my.post(.line, to: "phoenix", "hello")
                    my.kernel.post(.line, to: "parent", "done")
                }
                parent.script["done"] = { _, my in
                    log.note("restarted \(my.kernel.snapshot().restarted)")
                    my.kernel.stop()
                }
                parent.hushed = ["done"]
                try kernel.run()
            },
            Scenario(
                "too many restarts fail the root",
                [
                    "p up", "p down", "p up", "p down", "p up", "p down",
                    "child phoenix failed again after 2 restarts within 60.0 seconds",
                ]
            ) { kernel, log in
                final class Striker: Session {
                    static func handlers(_ on: inout Handlers<Striker>) {
                        on(.started) { _, _, my in my.every(.milliseconds(1), .beat) }
                        on(.beat) { _, _, my in my.post(.beat, to: "phoenix") }
                    }
                }
                kernel.start(alias: "phoenix", onFailure: .restart(quick)) { Phoenix("p", log) }
                kernel.start(Striker())
                do { try kernel.run() } catch { log.note("\(error)") }
            },
            Scenario(
                "the pause grows from failure to failure", ["true true true"]
            ) { kernel, log in
                let backoff = Backoff(
                    first: .milliseconds(2), most: .milliseconds(8), isJittered: false)
                var times: [KernelTime] = []
                final class Mayfly: Session {
                    let born: (Context) -> Void
                    init(_ born: @escaping (Context) -> Void) { self.born = born }
                    static func handlers(_ on: inout Handlers<Mayfly>) {
                        on(.started) { me, _, my in
                            me.born(my)
                            my.yield(.beat)
                        }
                        on(.beat) { _, _, _ in throw Broken() }
                    }
                }
                kernel.start(alias: "mayfly", onFailure: .restart(backoff)) {
                    Mayfly { my in
                        times.append(my.now)
                        if times.count == 4 { my.kernel.stop() }
                    }
                }
                try kernel.run()
                let gaps = zip(times, times.dropFirst()).map { $1 - $0 }
                let least: [Duration] = [.milliseconds(2), .milliseconds(4), .milliseconds(8)]
                log.note(
                    zip(gaps, least).map { "\($0 >= $1)" }.joined(separator: " "))
            },
            Scenario(
                "resume: it lives on", ["p up", "p hello", "failures 1", "p down"]
            ) { kernel, log in
                kernel.start(alias: "phoenix", onFailure: .resume) { Phoenix("p", log) }
                kernel.post(.beat, to: "phoenix", ())
                kernel.post(.line, to: "phoenix", "hello")
                kernel.drain()
                log.note("failures \(kernel.snapshot().sessions[0].failures)")
                try kernel.run()
            },
            Scenario(
                "escalate goes up to the root",
                [
                    "p up", "p down", "middle stopped",
                    "session middle failed: session phoenix failed: broken", "root stopped",
                ]
            ) { kernel, log in
                kernel.start(alias: "root", onFailure: .stop) {
                    let root = quiet("root", log, with: ["stopped"])
                    root.script["started"] = { _, my in
                        my.start(alias: "middle", onFailure: .escalate) {
                            let middle = quiet("middle", log, with: ["stopped"])
                            middle.script["started"] = { _, my in
                                my.start(alias: "phoenix", onFailure: .escalate) {
                                    Phoenix("p", log)
                                }
                            }
                            return middle
                        }
                    }
                    return root
                }
                let watcher = Player("watcher", log)
                watcher.isQuiet = true
                kernel.post(.beat, to: "phoenix", ())
                kernel.onLog = { record in
                    if record.session == "root", record.what == "failed" {
                        log.note(record.values.joined())
                    }
                }
                try kernel.run()
            },
            Scenario(
                "escalate at the root ends the run",
                ["p up", "p down", "other stopped", "session phoenix failed: broken"]
            ) { kernel, log in
                kernel.start(quiet("other", log, with: ["stopped"]), alias: "other")
                kernel.start(alias: "phoenix", onFailure: .escalate) { Phoenix("p", log) }
                kernel.post(.beat, to: "phoenix", ())
                do { try kernel.run() } catch { log.note("\(error)") }
            },
            Scenario(
                "restart with later: the later ones too, in the order of their start",
                [
                    "a up", "b up", "c up", "d up", "d down", "c down", "b down", "b up", "c up",
                ]
            ) { kernel, log in
                let parent = Player("parent", log)
                parent.isQuiet = true
                parent.script["started"] = { _, my in
                    my.start(alias: "a", onFailure: .restart(quick)) { Phoenix("a", log) }
                    my.start(alias: "b", onFailure: .restartWithLater(quick)) { Phoenix("b", log) }
                    my.start(alias: "c", onFailure: .restart(quick)) { Phoenix("c", log) }
                    my.start(Phoenix("d", log), alias: "d")  // no factory: it is only stopped
                }
                kernel.start(parent, alias: "parent")
                kernel.post(.beat, to: "b", ())
                _ = kernel.run { kernel.snapshot().restarted == 2 }
                log.isOver = true
                try kernel.run()
            },
            Scenario(
                "a sibling that waits for its pause comes up behind an older one",
                ["a up", "b up", "c up", "b down", "c down", "a down", "a up", "b up", "c up"]
            ) { kernel, log in
                let soon = Backoff(first: .milliseconds(4), isJittered: false)
                let late = Backoff(first: .milliseconds(8), isJittered: false)
                let parent = Player("parent", log)
                parent.isQuiet = true
                parent.script["started"] = { _, my in
                    my.start(alias: "a", onFailure: .restartWithLater(late)) { Phoenix("a", log) }
                    my.start(alias: "b", onFailure: .restart(soon)) { Phoenix("b", log) }
                    my.start(alias: "c", onFailure: .restart(soon)) { Phoenix("c", log) }
                }
                kernel.start(parent, alias: "parent")
                kernel.post(.beat, to: "b", ())
                kernel.post(.beat, to: "a", ())
                _ = kernel.run { kernel.snapshot().restarted == 3 }
                log.isOver = true
                try kernel.run()
            },
            Scenario(
                "who was started anew keeps its age",
                [
                    "a up", "b up", "c up", "a down", "a up", "c down", "b down", "b up", "c up",
                    "order: a b c", "c down", "b down", "a down",
                ]
            ) { kernel, log in
                let parent = Player("parent", log)
                parent.isQuiet = true
                parent.script["started"] = { _, my in
                    my.start(alias: "a", onFailure: .restart(quick)) { Phoenix("a", log) }
                    my.start(alias: "b", onFailure: .restartWithLater(quick)) { Phoenix("b", log) }
                    my.start(alias: "c", onFailure: .restart(quick)) { Phoenix("c", log) }
                }
                let id = kernel.start(parent, alias: "parent")
                kernel.post(.beat, to: "a", ())
                _ = kernel.run { kernel.snapshot().restarted == 1 }
                kernel.post(.beat, to: "b", ())
                _ = kernel.run { kernel.snapshot().restarted == 3 }
                let facts = kernel.snapshot().sessions
                let children = facts.first { $0.id == id }?.children ?? []
                let names = children.compactMap { child in facts.first { $0.id == child }?.alias }
                log.note("order: \(names.joined(separator: " "))")
                try kernel.run()
            },
            Scenario(
                "the last failures can be read",
                ["p up", "phoenix: broken, phoenix: broken", "broken"]
            ) { kernel, log in
                kernel.start(alias: "phoenix", onFailure: .resume) { Phoenix("p", log) }
                for _ in 0..<2 { kernel.post(.beat, to: "phoenix", ()) }
                log.isOver = true
                kernel.drain()
                log.isOver = false
                let facts = kernel.snapshot()
                let failures = facts.failures.map { "\($0.session): \($0.reason)" }
                log.note(failures.joined(separator: ", "))
                log.note(facts.sessions[0].lastFailure ?? "none")
                log.isOver = true
                try kernel.run()
            },
            Scenario(
                "a child that was given away is started anew by its new parent",
                ["p up", "p down", "p up", "new has it: true"]
            ) { kernel, log in
                let new = Player("new", log)
                let old = Player("old", log)
                new.isQuiet = true
                old.isQuiet = true
                let newID = kernel.start(new, alias: "new")
                old.script["started"] = { _, my in
                    let child = my.start(alias: "phoenix", onFailure: .restart(quick)) {
                        Phoenix("p", log)
                    }
                    my.give(child, to: newID)
                }
                kernel.start(old, alias: "old")
                kernel.post(.beat, to: "phoenix", ())
                _ = kernel.run { kernel.snapshot().restarted == 1 }
                let facts = kernel.snapshot().sessions.first { $0.alias == "phoenix" }
                log.note("new has it: \(facts?.parent == newID)")
                log.isOver = true
                try kernel.run()
            },
        ]
}
