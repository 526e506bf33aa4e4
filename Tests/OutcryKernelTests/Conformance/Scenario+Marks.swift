import OutcryKernel

/// A session with a small mailbox and everything that a full one has to do with.
final class Marked: Session {
    let log: ScenarioLog
    var count = 0
    var script: [String: (Context) -> Void] = [:]
    init(_ log: ScenarioLog) { self.log = log }

    static func handlers(_ on: inout Handlers<Marked>) {
        on.mailbox(limit: 20, high: 15, low: 5)
        on(.started) { _, _, my in my.register(Topic(.news, from: "source")) }
        on(.news) { me, _, _ in me.count += 1 }
        on(.line) { me, line, my in
            me.count += 1
            me.script[line]?(my)
        }
        on(.mailboxPressure) { me, pressure, _ in
            let mark = pressure.isHigh ? "high" : "low"
            me.log.note(
                "\(mark) at \(pressure.pending) of \(pressure.limit), \(me.count) delivered")
        }
        on(.overflow) { me, overflow, my in
            me.log.note("overflow \(overflow.event)")
            my.cancel(named: "beat")
        }
        on(.tock) { me, _, _ in me.log.note("tock") }
        on(.beat) { me, _, _ in me.log.note("beat") }
        on(.number) { me, number, _ in me.log.note("number \(number)") }
        on(.stored) { me, outcome, _ in
            if case .failed = outcome.result { me.log.note("no such file") }
        }
    }
}

extension Context {
    /// Fills the mailbox of this session, which handles nothing more in this turn.
    fileprivate func fillUp() { for _ in 0..<20 { yield(.line, "") } }
}

extension Scenario {
    /// A session whose handler of "go" does `body`, and fills its mailbox so that nothing else has room.
    private static func full(
        _ kernel: Kernel, _ log: ScenarioLog, _ body: @escaping (Context) -> Void
    ) throws {
        kernel.budget = 1
        let marked = Marked(log)
        marked.script["go"] = { my in
            my.fillUp()
            body(my)
        }
        let id = kernel.start(marked, alias: "marked")
        kernel.post(.line, to: id, "go")
        try kernel.run()
    }

    static let marks = [
        Scenario(
            "a mailbox tells its marks: high, then low, in strict pairs",
            [
                "high at 15 of 20, 15 delivered", "low at 5 of 20, 16 delivered",
                "high at 15 of 20, 31 delivered", "low at 5 of 20, 32 delivered",
                "high at 15 of 20, 47 delivered", "low at 5 of 20, 48 delivered",
            ]
        ) { kernel, log in
            kernel.start(Marked(log), alias: "marked")
            for _ in 0..<2 {
                for _ in 0..<16 { kernel.post(.line, to: "marked", "") }
                kernel.drain()
            }
            let source = Player("source", log)
            source.isQuiet = true
            source.script["go"] = { _, my in for _ in 0..<16 { my.publish(.news, "x") } }
            kernel.start(source, alias: "source")
            kernel.post(.line, to: "source", "go")
            kernel.drain()
            try kernel.run()
        },
        Scenario(
            "who unregisters above the mark is told that it is over",
            ["high at 15 of 20, 2 delivered", "low at 2 of 20, 2 delivered"]
        ) { kernel, log in
            let marked = Marked(log)
            marked.script["leave"] = { my in my.unregister(Topic(.news, from: "source")) }
            let id = kernel.start(marked, alias: "marked")
            let source = Player("source", log)
            source.isQuiet = true
            source.script["go"] = { _, my in
                for _ in 0..<14 { my.publish(.news, "x") }
                my.post(.line, to: id, "leave")
                try my.call(.line, to: id, "leave")
            }
            kernel.start(source, alias: "source")
            kernel.post(.line, to: "source", "go")
            kernel.drain()
            log.isOver = true
            try kernel.run()
        },
        Scenario(
            "an alarm rings in a full mailbox; a beat without room is left out, and told",
            [
                "high at 15 of 20, 16 delivered", "low at 5 of 20, 20 delivered", "number 3",
                "overflow test.beat", "tock",
            ]
        ) { kernel, log in
            let lines = ScenarioLog()
            try full(kernel, lines) { my in
                my.after(.zero, .tock)
                my.after(.zero, .number, 3)
                let beat = my.every(.seconds(3600), .beat, named: "beat")
                my.adjust(beat, to: my.now)
            }
            for line in lines.lines.sorted() { log.note(line) }
        },
        Scenario(
            "what was asked for comes also to a full mailbox", ["number 7", "no such file"]
        ) { kernel, log in
            let lines = ScenarioLog()
            try full(kernel, lines) { my in
                my.offload({ 7 }, then: .number)
                my.readFile("/no/such/file", then: .stored)
            }
            for line in ["number 7", "no such file"] where lines.lines.contains(line) {
                log.note(line)
            }
        },
        Scenario(
            "a letter of another thread to a full mailbox is told", ["overflow test.number"]
        ) { kernel, log in
            let lines = ScenarioLog()
            let mailbox = kernel.mailbox(.number, to: "marked")
            try full(kernel, lines) { _ in mailbox.send(1) }
            for line in lines.lines where !line.contains(" at ") { log.note(line) }
        },
        Scenario(
            "a wheel does not read while its owner's mailbox is above the mark",
            ["100 waiting, bytes when it was below the mark: true"]
        ) { kernel, log in
            final class Reader: Session {
                var listener: ListenerWheel?
                var stream: StreamWheel?
                var left = 0
                var leftAtBytes = -1
                static func handlers(_ on: inout Handlers<Reader>) {
                    on.mailbox(limit: 200, high: 50, low: 10)
                    on(.started) { me, _, my in
                        me.listener = try my.listen(on: .loopback(port: 0))
                    }
                    on(.streamAccepted) { me, accepted, my in
                        me.stream = accepted.stream
                        accepted.stream.pauseReading()
                        my.after(.milliseconds(10), .tock)
                    }
                    on(.tock) { me, _, my in
                        me.left = 100
                        for i in 0..<100 { my.yield(.number, i) }
                        me.stream?.resumeReading()
                    }
                    on(.number) { me, _, _ in me.left -= 1 }
                    on(.streamReceived) { me, stream, my in
                        me.leftAtBytes = me.left
                        my.kernel.stop()
                    }
                }
            }
            kernel.budget = 25  // four budgets are not too many for the kernel, but for the mailbox
            let reader = Reader()
            kernel.start(reader, alias: "reader")
            let client = End()
            client.started = { _, my in
                guard let listener = reader.listener else { return }
                my.connect(to: .address(listener.address)).put(text: "x")
            }
            client.ended = { _, _ in }
            kernel.start(client, alias: "client")
            try kernel.run()
            let isRight = reader.leftAtBytes >= 0 && reader.leftAtBytes < 50
            log.note("100 waiting, bytes when it was below the mark: \(isRight)")
        },
    ]
}
