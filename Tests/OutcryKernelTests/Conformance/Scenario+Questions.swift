import OutcryKernel

extension Event where Payload == Ask<Int, String> { static let what = Self("test.what") }
extension Event where Payload == Answer<String> { static let reply = Self("test.reply") }

/// Answers with the number, unless it is told otherwise.
final class Oracle: Session {
    var behaviour = "answer"
    var kept: Ask<Int, String>?
    static func handlers(_ on: inout Handlers<Oracle>) {
        on(.what) { me, ask, my in
            switch me.behaviour {
            case "answer": my.answer(ask, "\(ask.question)")
            case "keep": me.kept = copy ask
            case "stop": my.stop()
            default: throw Broken()
            }
        }
        on(.beat) { me, _, my in if let kept = me.kept { my.answer(kept, "late") } }
    }
}

/// Asks, by handler or by workflow.
final class Asker: Session {
    let log: ScenarioLog
    let target: Alias
    let isAsync: Bool
    var stops = false
    var timeout = Duration.milliseconds(5)
    init(_ log: ScenarioLog, _ target: Alias, isAsync: Bool) {
        self.log = log
        self.target = target
        self.isAsync = isAsync
    }
    static func handlers(_ on: inout Handlers<Asker>) {
        on(.started) { me, _, my in
            guard me.isAsync else {
                my.ask(.what, to: me.target, 7, timeout: me.timeout, then: .reply)
                if me.stops { my.stop() }
                return
            }
            my.task { my in
                do {
                    let reply = try await my.ask(
                        .what, to: me.target, 7, timeout: me.timeout)
                    me.log.note("reply \(reply)")
                } catch let error as AskError { me.log.note("no reply: \(error)") }
            }
            if me.stops { my.yield(.beat) }
        }
        on(.reply) { me, answer, _ in
            switch answer {
            case .reply(let text): me.log.note("reply \(text)")
            case .timedOut: me.log.note("no reply: timedOut")
            case .gone: me.log.note("no reply: gone")
            }
        }
        on(.beat) { _, _, my in my.after(.milliseconds(1), .tock) }
        on(.tock) { _, _, my in my.stop() }
        on(.stopped) { me, _, _ in me.log.note("asker stopped") }
    }
}

extension Scenario {
    private static func asks(
        _ name: String, _ behaviour: String, _ expected: [String], to target: Alias = "oracle",
        stops: Bool = false
    ) -> [Scenario] {
        [false, true].map { isAsync in
            Scenario("ask \(isAsync ? "async" : "by handler"): \(name)", expected) { kernel, log in
                let oracle = Oracle()
                oracle.behaviour = behaviour
                kernel.start(oracle, alias: "oracle")
                let asker = Asker(log, target, isAsync: isAsync)
                asker.stops = stops
                kernel.start(asker)
                try kernel.run()
            }
        }
    }

    static let questions =
        asks("answered", "answer", ["reply 7", "asker stopped"])
        + asks("timed out", "keep", ["no reply: timedOut", "asker stopped"])
        + asks("nobody there", "answer", ["no reply: gone", "asker stopped"], to: "nobody")
        + asks("the target stops first", "stop", ["no reply: gone", "asker stopped"])
        + asks("the target fails first", "fail", ["no reply: gone", "asker stopped"])
        + [
            Scenario("ask async: the asker stops first", ["asker stopped", "no reply: cancelled"]) {
                kernel, log in
                let oracle = Oracle()
                oracle.behaviour = "keep"
                kernel.start(oracle, alias: "oracle")
                let asker = Asker(log, "oracle", isAsync: true)
                asker.stops = true
                kernel.start(asker)
                try kernel.run()
            },
            Scenario(
                "ask by handler: the asker stops first", ["asker stopped", "late false"]
            ) { kernel, log in
                let oracle = Oracle()
                oracle.behaviour = "keep"
                kernel.start(oracle, alias: "oracle")
                let asker = Asker(log, "oracle", isAsync: false)
                asker.stops = true
                kernel.start(asker)
                kernel.drain()
                let teller = Player("teller", log)
                teller.isQuiet = true
                teller.script["started"] = { _, my in
                    if let kept = oracle.kept { log.note("late \(my.answer(kept, "late"))") }
                }
                kernel.start(teller)
                try kernel.run()
            },
            Scenario(
                "an answer after the time is refused", ["no reply: timedOut", "late false"]
            ) { kernel, log in
                let oracle = Oracle()
                oracle.behaviour = "keep"
                kernel.start(oracle, alias: "oracle")
                kernel.start(Asker(log, "oracle", isAsync: false), alias: "asker")
                _ = kernel.run { !log.lines.isEmpty }
                let teller = quiet("teller", log)
                teller.script["started"] = { _, my in
                    if let kept = oracle.kept { log.note("late \(my.answer(kept, "late"))") }
                }
                kernel.start(teller)
                log.isOver = true
                try kernel.run()
            },
            Scenario(
                "a second answer is refused",
                ["reply 1", "true false"]
            ) { kernel, log in
                let oracle = Oracle()
                oracle.behaviour = "keep"
                let id = kernel.start(oracle, alias: "oracle")
                let asker = Asker(log, "oracle", isAsync: false)
                asker.timeout = .seconds(60)
                kernel.start(asker, alias: "asker")
                kernel.drain()
                let teller = Player("teller", log)
                teller.isQuiet = true
                teller.script["started"] = { _, my in
                    if let kept = oracle.kept {
                        let first = my.answer(kept, "1")
                        let second = my.answer(kept, "2")
                        my.post(.line, to: my.id, "\(first) \(second)")
                    }
                }
                for first in [true, false] {
                    for second in [true, false] {
                        teller.script["\(first) \(second)"] = { _, _ in
                            log.note("\(first) \(second)")
                        }
                    }
                }
                kernel.start(teller)
                kernel.drain()
                _ = id
            },
            Scenario("an answer that nobody handles is a dead letter", ["test.reply 1"]) {
                kernel, log in
                final class Deaf: Session {
                    static func handlers(_ on: inout Handlers<Deaf>) {
                        on(.started) { _, _, my in
                            my.ask(.what, to: "oracle", 1, timeout: .milliseconds(5), then: .reply)
                        }
                    }
                }
                kernel.start(Oracle(), alias: "oracle")
                kernel.start(Deaf(), alias: "deaf")
                try kernel.run()
                let letters = kernel.snapshot().deadLetters
                log.note(letters.map { "\($0.event) \($0.count)" }.joined())
            },
        ]
}
