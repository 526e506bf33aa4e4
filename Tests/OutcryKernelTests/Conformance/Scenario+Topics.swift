import OutcryKernel

extension Event where Payload == Counted { static let thing = Self("test.thing") }

/// Listens to `source`, and does something about it when it hears.
final class Listener: Session {
    let name: String
    let log: ScenarioLog
    let listens: Bool
    var onNews: ((Context) throws -> Void)?
    init(_ name: String, _ log: ScenarioLog, listens: Bool = true) {
        self.name = name
        self.log = log
        self.listens = listens
    }
    static func handlers(_ on: inout Handlers<Listener>) {
        on(.started) { me, _, my in if me.listens { my.register(.source) } }
        on(.news) { me, news, my in
            me.log.note("\(me.name) \(news)")
            try me.onNews?(my)
        }
        on(.line) { me, line, my in
            switch line {
            case "register": my.register(.source)
            case "unregister": my.unregister(.source)
            default: me.log.note("\(me.name) line \(line)")
            }
        }
        on(.thing) { me, thing, _ in me.log.note("\(me.name) \(thing.name)") }
        on(.beat) { _, _, my in my.register(Topic(.thing, from: "source")) }
    }
}
extension Topic where Payload == String { static let source = Topic(.news, from: "source") }

extension Scenario {
    /// Publishes what it is told to, as "source".
    private static func source(_ kernel: Kernel, _ log: ScenarioLog, _ names: [String]) {
        let player = Player("source", log)
        player.isQuiet = true
        for name in names { player.script[name] = { _, my in my.publish(.news, name) } }
        kernel.start(player, alias: "source")
    }

    private static func pending(_ kernel: Kernel, _ id: SessionID) -> Int {
        kernel.snapshot().sessions.first { $0.id == id }?.pending ?? -1
    }

    static let topics = [
        Scenario(
            "published to all in the order of registration", ["b 1", "a 1", "b 2", "a 2"]
        ) { kernel, log in
            kernel.start(Listener("b", log), alias: "b")
            kernel.start(Listener("a", log), alias: "a")
            kernel.start(Listener("deaf", log, listens: false), alias: "deaf")
            source(kernel, log, ["1", "2"])
            kernel.post(.line, to: "source", "1")
            kernel.post(.line, to: "source", "2")
            try kernel.run()
        },
        Scenario("more topics than one has fingers", ["300 heard, 0 out of order"]) { kernel, log in
            final class Many: Session {
                var heard: [String] = []
                static func handlers(_ on: inout Handlers<Many>) {
                    on(.started) { _, _, my in
                        for i in 0..<300 { my.register(Topic(.news, from: Alias("many \(i)"))) }
                    }
                    on(.news) { me, news, _ in me.heard.append(news) }
                }
            }
            let many = Many()
            kernel.start(many)
            for i in 0..<300 {
                let source = Player("source", log, ["go": { _, my in my.publish(.news, "\(i)") }])
                source.isQuiet = true
                kernel.start(source, alias: Alias("many \(i)"))
                kernel.post(.line, to: Alias("many \(i)"), "go")
            }
            try kernel.run()
            let wrong = many.heard.enumerated().count { $0.element != "\($0.offset)" }
            log.note("\(many.heard.count) heard, \(wrong) out of order")
        },
        Scenario(
            "one payload for all, destroyed once", ["a x", "b x", "x freed", "y freed", "gone"]
        ) { kernel, log in
            for name in ["a", "b"] {
                let id = kernel.start(Listener(name, log), alias: Alias(name))
                kernel.post(.beat, to: id, ())
            }
            kernel.drain()
            let player = Player("source", log)
            player.isQuiet = true
            player.script["go"] = { _, my in my.publish(.thing, Counted("x", log)) }
            kernel.start(player, alias: "source")
            kernel.post(.line, to: "source", "go")
            kernel.drain()
            kernel.start(
                quiet(
                    "nameless", log,
                    [
                        "started": { _, my in
                            log.note("\(my.publish(.thing, Counted("y", log)))")
                        }
                    ]))
            try kernel.run()
        },
        Scenario(
            "who registers after the publish does not get it", ["a 1", "a 2", "late 2"]
        ) { kernel, log in
            kernel.start(Listener("a", log), alias: "a")
            source(kernel, log, ["1", "2"])
            kernel.start(Listener("late", log, listens: false), alias: "late")
            kernel.post(.line, to: "source", "1")
            kernel.post(.line, to: "late", "register")
            kernel.post(.line, to: "source", "2")
            try kernel.run()
        },
        Scenario(
            "registering during a delivery counts from the next",
            ["a 1", "a 2", "late 2", "once 1"]
        ) { kernel, log in
            let late = Listener("late", log, listens: false)
            let a = Listener("a", log)
            var isFirst = true
            kernel.start(late, alias: "late")
            a.onNews = { my in
                if isFirst { try my.call(.line, to: "late", "register") }
                if isFirst { try my.call(.line, to: "late", "register") }
                isFirst = false
            }
            kernel.start(a, alias: "a")
            source(kernel, log, ["1", "2"])
            kernel.post(.line, to: "source", "1")
            kernel.drain()
            kernel.post(.line, to: "source", "2")
            kernel.drain()
            let facts = kernel.snapshot().sessions.first { $0.alias == "late" }!
            log.note("once \(facts.whyAlive.filter { $0 == "1 registrations" }.count)")
            try kernel.run()
        },
        Scenario(
            "unregister takes what is still queued with it",
            ["b line end", "a 1", "a 2", "pending 0", "letters 0"]
        ) { kernel, log in
            kernel.start(Listener("a", log), alias: "a")
            let b = kernel.start(Listener("b", log), alias: "b")
            source(kernel, log, ["1", "2", "3"])
            kernel.post(.line, to: "source", "1")
            kernel.post(.line, to: b, "unregister")
            kernel.post(.line, to: "source", "2")
            kernel.post(.line, to: b, "end")
            kernel.drain()
            log.note("pending \(pending(kernel, b))")
            log.note("letters \(kernel.snapshot().deadLetters.count)")
            try kernel.run()
        },
        Scenario(
            "unregister during the delivery: the later one does not get it, the earlier had it",
            ["a 1", "b 1", "d 1", "a, b, c, d pending 0 0 0 0", "d 2", "letters 0", "a 3", "d 3"]
        ) { kernel, log in
            let names = ["a", "b", "c", "d"]
            let all = names.map { Listener($0, log) }
            let ids = zip(names, all).map { kernel.start($1, alias: Alias($0)) }
            all[1].onNews = { my in
                for name in ["a", "b", "c"] {
                    try my.call(.line, to: Alias(name), "unregister")
                }
            }
            source(kernel, log, ["1", "2", "3"])
            kernel.post(.line, to: "source", "1")
            kernel.drain()
            let counts = ids.map { "\(pending(kernel, $0))" }.joined(separator: " ")
            log.note("a, b, c, d pending \(counts)")
            kernel.post(.line, to: "source", "2")
            kernel.drain()
            log.note("letters \(kernel.snapshot().deadLetters.count)")
            kernel.post(.line, to: ids[0], "register")
            kernel.post(.line, to: ids[3], "unregister")
            kernel.post(.line, to: ids[3], "register")
            kernel.post(.line, to: "source", "3")
            kernel.drain()
            kernel.stop()
            try kernel.run()
        },
        Scenario(
            "a registration ends with its session and survives the publisher's restart",
            ["b 1", "b 2", "listeners 1"]
        ) { kernel, log in
            let a = kernel.start(Listener("a", log))
            kernel.start(Listener("b", log), alias: "b")
            kernel.stop(a)
            source(kernel, log, ["1"])
            kernel.post(.line, to: "source", "1")
            kernel.drain()
            kernel.stop(kernel.find("source")!)
            source(kernel, log, ["2"])
            kernel.post(.line, to: "source", "2")
            kernel.drain()
            let heard = kernel.snapshot().sessions.filter {
                $0.whyAlive.contains("1 registrations")
            }
            log.note("listeners \(heard.count)")
            try kernel.run()
        },
        Scenario(
            "a subscriber that throws does not keep the others from it",
            ["a 1", "b 1", "a gone: true"]
        ) { kernel, log in
            let a = Listener("a", log)
            a.onNews = { _ in throw Broken() }
            let id = kernel.start(a, alias: "a")
            kernel.start(Listener("b", log), alias: "b")
            source(kernel, log, ["1"])
            kernel.post(.line, to: "source", "1")
            kernel.drain()
            log.note("a gone: \(!kernel.isAlive(id))")
            try kernel.run()
        },
        Scenario(
            "policies forget what was published before unregister",
            ["line leave", "quote k 2", "line end", "pending 0", "quote k 3", "pending 0"]
        ) { kernel, log in
            let small = Small(log, [Topic(.quote, from: "source")])
            small.script["leave"] = { my in my.unregister(Topic(.quote, from: "source")) }
            let id = kernel.start(small, alias: "a")
            let player = Player("source", log)
            player.isQuiet = true
            player.script["go"] = { _, my in
                my.publish(.quote, Quote("k", 1))
                try my.call(.line, to: "a", "leave")
                my.post(.quote, to: id, Quote("k", 2))
                my.post(.line, to: id, "end")
            }
            kernel.start(player, alias: "source")
            kernel.post(.line, to: "source", "go")
            kernel.drain()
            log.note("pending \(pending(kernel, id))")
            kernel.post(.quote, to: id, Quote("k", 3))
            kernel.drain()
            log.note("pending \(pending(kernel, id))")
            try kernel.run()
        },
    ]
}
