import OutcryKernel

extension Scenario {
    static let calls = [
        Scenario(
            "call runs now, past the queue", ["a go", "b asked", "a after call", "b posted"]
        ) { kernel, log in
            kernel.start(quiet("b", log), alias: "b")
            let a = kernel.start(
                quiet(
                    "a", log,
                    [
                        "go": { me, my in
                            my.post(.line, to: "b", "posted")
                            try my.call(.line, to: "b", "asked")
                            log.note("a after call")
                        }
                    ]))
            kernel.post(.line, to: a, "go")
            try kernel.run()
        },
        Scenario(
            "call rethrows, and fails nobody by itself",
            ["a go", "b throw", "a caught broken", "a go on", "gone"]
        ) { kernel, log in
            kernel.start(quiet("b", log, ["throw": { _, _ in throw Broken() }]), alias: "b")
            let a = kernel.start(
                quiet(
                    "a", log,
                    [
                        "go": { _, my in
                            do { try my.call(.line, to: "b", "throw") } catch {
                                log.note("a caught \(error)")
                            }
                            my.yield(.line, "go on")
                        },
                        "go on": { _, my in
                            let posted = try my.call(.line, to: "nobody", "x")
                            log.note("\(posted)")
                        },
                    ]))
            kernel.post(.line, to: a, "go")
            try kernel.run()
        },
        Scenario(
            "calls nest to 64",
            ["call of \"test.line\" is nested deeper than 64: post it instead", "depth 64"]
        ) { kernel, log in
            let a = Player("a", log)
            a.isQuiet = true
            var depth = 0
            a.script["deeper"] = { _, my in
                depth += 1
                try my.call(.line, to: my.id, "deeper")
            }
            a.script["go"] = { _, my in
                do { try my.call(.line, to: my.id, "deeper") } catch {
                    log.note("\(error)")
                    log.note("depth \(depth)")
                }
            }
            let id = kernel.start(a)
            kernel.post(.line, to: id, "go")
            try kernel.run()
        },
        Scenario(
            "a called session that stops itself outlives the call",
            ["a go", "b end", "b stopped", "b still here", "a done"]
        ) { kernel, log in
            let b = quiet("b", log, with: ["stopped"])
            b.script["end"] = { me, my in
                my.stop()
                log.note("\(me.name) still here")
            }
            kernel.start(b, alias: "b")
            let a = kernel.start(
                quiet(
                    "a", log,
                    [
                        "go": { _, my in
                            try my.call(.line, to: "b", "end")
                            log.note("a done")
                        }
                    ]))
            kernel.post(.line, to: a, "go")
            try kernel.run()
        },
    ]
}
