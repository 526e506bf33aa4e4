import OutcryKernel

/// Starts one workflow with its `started`.
final class Worker: Session {
    typealias Work = nonisolated(nonsending) (Worker, Context) async throws -> Void
    let log: ScenarioLog
    let work: Work
    init(_ log: ScenarioLog, _ work: @escaping Work) {
        self.log = log
        self.work = work
    }
    static func handlers(_ on: inout Handlers<Worker>) {
        on(.started) { me, _, my in my.task { my in try await me.work(me, my) } }
        on(.line) { me, line, _ in me.log.note("handler \(line)") }
        on(.stopped) { me, _, _ in me.log.note("worker stopped") }
    }
}

extension Scenario {
    static let workflows = [
        Scenario(
            "next, sleep, and the end of the session with its last workflow",
            ["begin", "handler 1", "next 1", "slept", "worker stopped"]
        ) { kernel, log in
            let id = kernel.start(
                Worker(log) { me, my in
                    me.log.note("begin")
                    let line = try await my.next(.line)
                    me.log.note("next \(line)")
                    let before = my.now
                    try await my.sleep(.milliseconds(3))
                    me.log.note(my.now - before >= .milliseconds(3) ? "slept" : "woke early")
                })
            _ = kernel.runOnce()
            kernel.post(.line, to: id, "1")
            try kernel.run()
        },
        Scenario(
            "an inbox loses nothing between two awaits",
            [
                "handler 1", "handler 2", "handler 3", "inbox 1", "inbox 2", "inbox 3",
                "worker stopped",
            ]
        ) { kernel, log in
            let id = kernel.start(
                Worker(log) { me, my in
                    let lines = my.inbox(.line)
                    try await my.sleep(.milliseconds(3))
                    for try await line in lines {
                        me.log.note("inbox \(line)")
                        if line == "3" { break }
                    }
                })
            _ = kernel.runOnce()
            for i in 1...3 { kernel.post(.line, to: id, "\(i)") }
            try kernel.run()
        },
        Scenario(
            "an inbox holds 1,024 events and counts what comes beyond",
            ["handler now", "1024 kept, dropped 76", "worker stopped"]
        ) { kernel, log in
            let id = kernel.start(
                Worker(log) { me, my in
                    let numbers = my.inbox(.number)
                    _ = try await my.next(.line)
                    var kept = 0
                    for try await number in numbers {
                        kept += 1
                        if number == 1023 { break }
                    }
                    me.log.note("\(kept) kept, dropped \(numbers.dropped)")
                })
            _ = kernel.runOnce()
            for i in 0..<1100 { kernel.post(.number, to: id, i) }
            kernel.post(.line, to: id, "now")
            try kernel.run()
        },
        Scenario(
            "a woken workflow runs before the next event",
            ["handler 1", "got 1", "handler 2", "got 2", "worker stopped"]
        ) { kernel, log in
            let id = kernel.start(
                Worker(log) { me, my in
                    let lines = my.inbox(.line)
                    for _ in 1...2 { me.log.note("got \(try await lines.next())") }
                })
            _ = kernel.runOnce()
            kernel.post(.line, to: id, "1")
            kernel.post(.line, to: id, "2")
            try kernel.run()
        },
        Scenario(
            "an inbox takes what has no handler, and it is no dead letter",
            ["number 5", "worker stopped", "letters 0"]
        ) { kernel, log in
            let id = kernel.start(
                Worker(log) { me, my in me.log.note("number \(try await my.next(.number))") })
            _ = kernel.runOnce()
            kernel.post(.number, to: id, 5)
            try kernel.run()
            log.note("letters \(kernel.snapshot().deadLetters.count)")
        },
        Scenario(
            "an inbox gets what is published and what is called",
            ["published", "called", "worker stopped"]
        ) { kernel, log in
            let id = kernel.start(
                Worker(log) { me, my in
                    my.register(.source)
                    let news = my.inbox(.news)
                    for _ in 1...2 { me.log.note(try await news.next()) }
                }, alias: "worker")
            _ = (id, kernel.runOnce())
            let source = Player("source", log)
            source.isQuiet = true
            source.script["go"] = { _, my in
                my.publish(.news, "published")
                my.yield(.line, "call")
            }
            source.script["call"] = { _, my in my.yield(.line, "now") }
            source.script["now"] = { _, my in try my.call(.news, to: "worker", "called") }
            kernel.start(source, alias: "source")
            kernel.post(.line, to: "source", "go")
            try kernel.run()
        },
        Scenario(
            "stop cancels what waits", ["worker stopped", "cancelled", "and again", "ended: true"]
        ) { kernel, log in
            let id = kernel.start(
                Worker(log) { me, my in
                    do { _ = try await my.next(.line) } catch {
                        me.log.note("cancelled")
                        do { try await my.sleep(.seconds(60)) } catch { me.log.note("and again") }
                    }
                })
            _ = kernel.runOnce()
            kernel.stop(id)
            try kernel.run()
            log.note("ended: \(kernel.snapshot().sessions.isEmpty)")
        },
        Scenario(
            "work on another thread comes back to this one",
            ["answer 42", "mail hello", "worker stopped"], hasThreads: true
        ) { kernel, log in
            let mailbox = kernel.mailbox(.number, to: "worker")
            let id = kernel.start(
                Worker(log) { me, my in
                    let numbers = my.inbox(.number)
                    let answer = await Task.detached { 42 }.value
                    me.log.note("answer \(answer)")
                    Task.detached { mailbox.send(7) }
                    me.log.note("mail \(try await numbers.next() == 7 ? "hello" : "?")")
                }, alias: "worker")
            _ = id
            _ = kernel.run { log.lines.count == 2 }
            try kernel.run()
        },
        Scenario(
            "offload brings a value, and an error", ["done 6", "failed broken", "stopped"]
        ) { kernel, log in
            kernel.start(Loader(log))
            try kernel.run()
        },
    ]
}

extension Event where Payload == Result<Int, any Error> {
    static let outcome = Self("test.outcome")
}

final class Loader: Session {
    let log: ScenarioLog
    init(_ log: ScenarioLog) { self.log = log }
    static func handlers(_ on: inout Handlers<Loader>) {
        on(.started) { _, _, my in my.offload({ 1 + 2 + 3 }, then: .number) }
        on(.number) { me, number, my in
            me.log.note("done \(number)")
            my.offload({ () throws -> Int in throw Broken() }, then: .outcome)
        }
        on(.outcome) { me, outcome, _ in
            switch outcome {
            case .success: me.log.note("no error")
            case .failure(let error): me.log.note("failed \(error)")
            }
        }
        on(.stopped) { me, _, _ in me.log.note("stopped") }
    }
}
