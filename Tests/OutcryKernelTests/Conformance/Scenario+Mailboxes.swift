import OutcryKernel

/// A quote with a key; says when it is destroyed.
struct Quote {
    let key: String
    let value: Int
    let counted: Counted?
    init(_ key: String, _ value: Int, _ counted: Counted? = nil) {
        self.key = key
        self.value = value
        self.counted = counted
    }
}
extension Event where Payload == Quote {
    static let quote = Self("test.quote")
    static let trade = Self("test.trade")
}

/// A small mailbox: quotes coalesce, trades push out the oldest, anything else is refused.
final class Small: Session {
    let log: ScenarioLog
    var topics: [Topic<Quote>] = []
    var script: [String: (Context) -> Void] = [:]
    init(_ log: ScenarioLog, _ topics: [Topic<Quote>] = []) {
        self.log = log
        self.topics = topics
    }
    static func handlers(_ on: inout Handlers<Small>) {
        on.mailbox(limit: 4)
        on.coalesce(.quote, by: \.key)
        on.dropOldest(.trade)
        on(.started) { me, _, my in for topic in me.topics { my.register(topic) } }
        on(.quote) { me, quote, _ in me.log.note("quote \(quote.key) \(quote.value)") }
        on(.trade) { me, trade, _ in me.log.note("trade \(trade.key) \(trade.value)") }
        on(.line) { me, line, my in
            me.log.note("line \(line)")
            me.script[line]?(my)
        }
        on(.overflow) { me, overflow, _ in
            me.log.note("overflow \(overflow.event) \(overflow.refused)")
        }
        on.unknown { me, letter, _ in me.log.note("unknown \(letter.event)") }
    }
}

/// Refuses what it has no room for, and is told of it.
final class Plain: Session {
    let name: String
    let log: ScenarioLog
    let topics: [Topic<Quote>]
    init(_ name: String, _ log: ScenarioLog, _ topics: [Topic<Quote>] = []) {
        self.name = name
        self.log = log
        self.topics = topics
    }
    static func handlers(_ on: inout Handlers<Plain>) {
        on.mailbox(limit: 2)
        on(.started) { me, _, my in for topic in me.topics { my.register(topic) } }
        on(.quote) { me, quote, _ in me.log.note("\(me.name) quote \(quote.value)") }
        on(.overflow) { me, overflow, _ in
            me.log.note("\(me.name) overflow \(overflow.event) \(overflow.refused)")
        }
    }
}

extension Kernel {
    /// Lets everything that is queued be delivered.
    func drain() { _ = run { snapshot().queue.isEmpty } }
}

extension Scenario {
    private static func publisher(_ log: ScenarioLog, _ publish: @escaping Player.Action) -> Player
    {
        let player = Player("source", log, ["go": publish])
        player.isQuiet = true
        return player
    }

    static let mailboxes = [
        Scenario(
            "a full mailbox refuses",
            [
                "taken", "taken", "full", "a quote 1", "a quote 2", "refused 1",
            ]
        ) { kernel, log in
            kernel.start(Plain("a", log), alias: "a")
            for i in 1...3 { log.note("\(kernel.post(.quote, to: "a", Quote("x", i)))") }
            kernel.drain()
            log.note("refused \(kernel.snapshot().refused)")
            try kernel.run()
        },
        Scenario(
            "a refused payload is destroyed once, at once", ["taken", "taken", "3 freed", "full"]
        ) { kernel, log in
            final class Sink: Session {
                static func handlers(_ on: inout Handlers<Sink>) {
                    on.mailbox(limit: 2)
                    on(.quote) { _, _, _ in }
                }
            }
            kernel.start(Sink(), alias: "a")
            for i in 1...3 {
                let quote = { Quote("x", i, i == 3 ? Counted("3", log) : nil) }
                log.note("\(kernel.post(.quote, to: "a", quote()))")
            }
            try kernel.run()
        },
        Scenario(
            "drop oldest: the oldest of its name makes room",
            [
                "1 freed", "taken", "full", "trade t 2", "2 freed", "line between", "trade t 3",
                "3 freed", "trade t 4", "4 freed", "dropped 1",
            ]
        ) { kernel, log in
            let id = kernel.start(Small(log), alias: "a")
            for i in 1...2 {
                kernel.post(.trade, to: id, Quote("t", i, Counted("\(i)", log)))
            }
            kernel.post(.line, to: id, "between")
            kernel.post(.trade, to: id, Quote("t", 3, Counted("3", log)))
            log.note("\(kernel.post(.trade, to: id, Quote("t", 4, Counted("4", log))))")
            log.note("\(kernel.post(.line, to: id, "no room"))")
            kernel.drain()
            log.note("dropped \(kernel.snapshot().sessions[0].dropped)")
            try kernel.run()
        },
        Scenario(
            "coalesce: the last of each key, at its own place",
            [
                "1 freed", "taken", "quote b 2", "2 freed", "line between", "quote a 3", "3 freed",
                "quote c 4", "4 freed", "dropped 1, tombstones 1",
            ]
        ) { kernel, log in
            let id = kernel.start(Small(log), alias: "a")
            kernel.post(.quote, to: id, Quote("a", 1, Counted("1", log)))
            kernel.post(.quote, to: id, Quote("b", 2, Counted("2", log)))
            kernel.post(.line, to: id, "between")
            kernel.post(.quote, to: id, Quote("a", 3, Counted("3", log)))
            log.note("\(kernel.post(.quote, to: id, Quote("c", 4, Counted("4", log))))")
            kernel.drain()
            let facts = kernel.snapshot()
            log.note("dropped \(facts.sessions[0].dropped), tombstones \(facts.tombstones)")
            try kernel.run()
        },
        Scenario(
            "published and posted share the policies",
            [
                "line first", "line second", "trade t 3", "quote a 3", "2 dropped", "pending 0",
                "taken", "taken", "taken", "taken", "full",
            ]
        ) { kernel, log in
            let small = Small(log, [Topic(.trade, from: "source"), Topic(.quote, from: "source")])
            let id = kernel.start(small, alias: "a")
            kernel.start(
                publisher(log) { _, my in
                    my.publish(.quote, Quote("a", 1))
                    my.publish(.trade, Quote("t", 2))
                    my.post(.line, to: id, "first")
                    my.post(.line, to: id, "second")
                    my.publish(.trade, Quote("t", 3))  // full: pushes out the second
                    my.post(.quote, to: id, Quote("a", 3))  // takes the place of the first
                }, alias: "source")
            kernel.post(.line, to: "source", "go")
            kernel.drain()
            let facts = kernel.snapshot().sessions.first { $0.id == id }!
            log.note("\(facts.dropped) dropped")
            log.note("pending \(facts.pending)")
            for _ in 0..<5 { log.note("\(kernel.post(.line, to: id, "x"))") }
            kernel.stop()
            try kernel.run()
        },
        Scenario(
            "overflow is told once until there is room",
            [
                "a quote 1", "b quote 1", "a quote 2", "b quote 2", "a overflow test.quote 1",
                "b overflow test.quote 1", "a quote 5", "b quote 5", "a quote 6", "b quote 6",
                "a quote 7", "b quote 7", "a overflow test.quote 3", "b overflow test.quote 3",
                "refused 6",
            ]
        ) { kernel, log in
            kernel.start(Plain("a", log, [Topic(.quote, from: "source")]), alias: "a")
            kernel.start(Plain("b", log, [Topic(.quote, from: "source")]), alias: "b")
            var counts = [4, 1, 3]
            var next = 1
            kernel.start(
                publisher(log) { _, my in
                    let count = counts.removeFirst()
                    for _ in 0..<count {
                        my.publish(.quote, Quote("x", next))
                        next += 1
                    }
                }, alias: "source")
            for _ in 0..<3 {
                kernel.post(.line, to: "source", "go")
                kernel.drain()
            }
            log.note("refused \(kernel.snapshot().refused)")
            try kernel.run()
        },
        Scenario(
            "a policy forgets what was posted from stopped",
            // Until they come, the two buried publications take up room.
            ["trade t 5", "trade t 6", "quote k 8", "line end", "pending 0"]
        ) { kernel, log in
            let small = Small(log, [Topic(.quote, from: "source"), Topic(.trade, from: "source")])
            let id = kernel.start(small, alias: "a")
            let source = Player("source", log)
            source.isQuiet = true
            source.script["stopped"] = { _, my in
                my.post(.trade, to: id, Quote("t", 1))
                my.post(.quote, to: id, Quote("k", 7))
                my.publish(.trade, Quote("t", 2))
                my.publish(.quote, Quote("k", 7))
            }
            let sender = kernel.start(source, alias: "source")
            kernel.stop(sender)
            for i in 2...6 { kernel.post(.trade, to: id, Quote("t", i)) }
            kernel.drain()
            kernel.post(.quote, to: id, Quote("k", 8))
            kernel.post(.line, to: id, "end")
            kernel.drain()
            log.note("pending \(kernel.snapshot().sessions[0].pending)")
            try kernel.run()
        },
        Scenario(
            "dead letters are counted; the catch-all gets them first",
            ["unknown test.beat", "letters: test.number 2"]
        ) { kernel, log in
            kernel.start(Small(log), alias: "a")
            kernel.start(Plain("p", log), alias: "p")
            kernel.post(.beat, to: "a", ())
            kernel.post(.number, to: "p", 1)
            kernel.drain()
            kernel.post(.number, to: "p", 2)
            kernel.drain()
            let letters = kernel.snapshot().deadLetters
            log.note("letters: " + letters.map { "\($0.event) \($0.count)" }.joined())
            try kernel.run()
        },
        Scenario(
            "an unhandled payload is destroyed once", ["x freed", "b go", "y freed", "after"]
        ) { kernel, log in
            kernel.start(quiet("a", log), alias: "a")
            kernel.post(.trade, to: "a", Quote("t", 1, Counted("x", log)))
            kernel.drain()
            kernel.start(
                quiet(
                    "b", log,
                    [
                        "go": { _, my in
                            try my.call(.trade, to: "a", Quote("t", 2, Counted("y", log)))
                        }
                    ]), alias: "b")
            let b = kernel.find("b")!
            kernel.post(.line, to: b, "go")
            _ = kernel.runOnce()
            log.note("after")
            try kernel.run()
        },
    ]
}
