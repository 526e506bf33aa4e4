import OutcryKernel
import OutcrySimulation
import Testing

extension Event where Payload == Int {
    fileprivate static let word = Self("ondemand.word")
}
extension Event where Payload == Ask<Int, Int> {
    fileprivate static let double = Self("ondemand.double")
}
extension Event where Payload == Answer<Int> {
    fileprivate static let doubled = Self("ondemand.doubled")
}

/// Sessions that start when somebody looks for them.
@Suite struct OnDemandTests {
    private final class Log {
        var lines: [String] = []
    }

    private final class Late: Session {
        private let log: Log
        init(_ log: Log) { self.log = log }
        static func handlers(_ on: inout Handlers<Late>) {
            on(.started) { me, _, _ in me.log.lines.append("started") }
            on(.stopped) { me, _, _ in me.log.lines.append("stopped") }
            on(.word) { me, word, my in
                me.log.lines.append("\(copy word)")
                if copy word == 13 { throw Failure() }
                my.publish(.word, (copy word) * 10)
            }
            on(.double) { _, ask, my in my.answer(ask, ask.question * 2) }
        }
        struct Failure: Error {}
    }

    private final class Parent: Session {
        let log: Log
        let words: [Int]
        let asks: Bool
        init(_ log: Log, _ words: [Int], asks: Bool = false) {
            self.log = log
            self.words = words
            self.asks = asks
        }
        static func handlers(_ on: inout Handlers<Parent>) {
            on(.started) { me, _, my in
                let log = me.log
                my.startWhenFound("late", onFailure: .restart()) { Late(log) }
                my.register(Topic(.word, from: "late"))
                log.lines.append("begun")
                for word in me.words {
                    let posted = my.post(.word, to: "late", word)
                    log.lines.append("\(posted)")
                }
                if me.asks {
                    my.ask(.double, to: "late", 21, timeout: .seconds(1), then: .doubled)
                }
            }
            on(.word) { me, word, _ in me.log.lines.append("heard \(copy word)") }
            on(.doubled) { me, answer, _ in me.log.lines.append("\(copy answer)") }
            on(.childStarted) { me, child, _ in
                me.log.lines.append("child \(child.alias.map { "\($0)" } ?? "-")")
            }
        }
    }

    private func run(_ parent: (Log) -> Parent, _ more: (Kernel) -> Void = { _ in }) throws
        -> [String]
    {
        let log = Log()
        let kernel = Kernel(driver: Simulation(seed: 1))
        kernel.logLevel = .error
        kernel.start(parent(log), alias: "parent")
        more(kernel)
        try kernel.run()
        return log.lines
    }

    @Test func theFirstPostStartsIt() throws {
        let lines = try run { Parent($0, [1, 2]) }
        #expect(
            lines == [
                "begun", "started", "child late", "taken", "taken", "1", "2", "heard 10",
                "heard 20", "stopped",
            ])
    }

    @Test func aQuestionStartsIt() throws {
        let lines = try run { Parent($0, [], asks: true) }
        #expect(lines == ["begun", "started", "child late", "reply(42)", "stopped"])
    }

    @Test func nobodyAsksForIt() throws {
        #expect(try run { Parent($0, []) } == ["begun"])
    }

    /// A failure is treated as that of any other child.
    @Test func itIsStartedAnewWhenItFails() throws {
        let lines = try run { Parent($0, [13]) }
        #expect(lines.filter { $0 == "started" }.count == 2)
        #expect(lines.filter { $0 == "child late" }.count == 2)
    }

    /// Somebody who does nothing but keep it in hand lives as long as others do.
    @Test func itKeepsItsParent() throws {
        let kernel = Kernel(driver: Simulation(seed: 1))
        let log = Log()
        let parent = kernel.start(Parent(log, []))
        #expect(kernel.whyAlive(parent).contains("child late, when somebody looks for it"))
        kernel.start(Patient(), alias: "patient")
        try kernel.run()
        #expect(log.lines == ["begun", "started", "child late", "5", "heard 50", "stopped"])
        #expect(!kernel.isAlive(parent))
    }

    /// Looks for it after a second.
    private final class Patient: Session {
        static func handlers(_ on: inout Handlers<Patient>) {
            on(.started) { _, _, my in my.after(.seconds(1), .word, 5) }
            on(.word) { _, word, my in my.post(.word, to: "late", copy word) }
        }
    }

    /// With its parent the right to start it ends.
    @Test func notWithoutItsParent() throws {
        let kernel = Kernel(driver: Simulation(seed: 1))
        let log = Log()
        let parent = kernel.start(Parent(log, []), alias: "parent")
        kernel.stop(parent)
        #expect(kernel.post(.word, to: "late", 5) == .gone)
        #expect(kernel.find("late") == nil)
        #expect(log.lines == ["begun"])
    }

    @Test func findStartsIt() throws {
        let lines = try run({ Parent($0, []) }) { kernel in
            #expect(kernel.find("late") != nil)
        }
        #expect(lines == ["begun", "started", "child late", "stopped"])
    }
}
