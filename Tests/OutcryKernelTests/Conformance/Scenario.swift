import Testing

@testable import OutcryKernel

/// What happened, one line each, in order.
final class ScenarioLog {
    private(set) var lines: [String] = []
    /// What comes now does not matter.
    var isOver = false
    func note(_ line: String) { if !isOver { lines.append(line) } }
}

/// One rule of the kernel, played on whatever driver it is given; its log must be the same on all.
///
/// A scenario knows no driver. Where it needs time, it asks for at most 20 ms of it, so that it means the
/// same on a clock that runs.
struct Scenario: Sendable, CustomTestStringConvertible {
    typealias MakeDriver = () throws -> any Driver
    let name: String
    let expected: [String]
    /// Other threads have a part in it: a simulation has to wait for them.
    let hasThreads: Bool
    let run: @Sendable (MakeDriver, ScenarioLog) throws -> [String]

    var testDescription: String { name }

    init(
        _ name: String, _ expected: [String], hasThreads: Bool = false,
        _ body: @escaping @Sendable (Kernel, ScenarioLog) throws -> Void
    ) {
        self.name = name
        self.expected = expected
        self.hasThreads = hasThreads
        run = { makeDriver, log in
            let kernel = Kernel(driver: try makeDriver())
            kernel.onLog = { _ in }
            try body(kernel, log)
            // Whatever was played: when nobody is left, nothing is counted as a reason to go on but what
            // the driver has not answered yet.
            let facts = kernel.snapshot()
            let left = kernel.active - kernel.requests.count
            if facts.sessions.isEmpty, !kernel.isRunning, left != 0 || facts.alarms != 0 {
                return log.lines + ["\(left) reasons to go on, \(facts.alarms) alarms"]
            }
            return log.lines
        }
    }

    static var all: [Scenario] {
        order + alarms + calls + deadlines + lifetimes + mailboxes + topics + questions + failures
            + workflows
            + streams + groups + marks + time + files
    }
}

extension Event where Payload == String {
    /// The event of the players: a line of the script.
    static let line = Self("test.line")
    static let news = Self("test.news")
}

/// A session that notes what it gets, and then does what its script says for it.
final class Player: Session {
    typealias Action = (Player, Context) throws -> Void
    let name: String
    let log: ScenarioLog
    var script: [String: Action]
    /// Notes nothing.
    var isQuiet = false
    /// Notes of the kernel's own events only those in `noted`.
    var isSelective = false
    var noted: [String] = []
    /// Lines that are not noted.
    var hushed: [String] = []
    var count = 0

    init(_ name: String, _ log: ScenarioLog, _ script: [String: Action] = [:]) {
        self.name = name
        self.log = log
        self.script = script
    }

    func got(_ line: String, _ my: Context) throws {
        if !isQuiet, !hushed.contains(line), !isSelective || !isNews(line) {
            log.note("\(name) \(line)")
        }
        count += 1
        try script[line]?(self, my)
    }

    private func isNews(_ line: String) -> Bool {
        let word = String(line.prefix { $0 != " " })
        let kernels = [
            "started", "stopped", "childStarted", "childStopped", "childGiven", "childGained",
            "parentChanged",
        ]
        return kernels.contains(word) && !noted.contains(word)
    }

    static func handlers(_ on: inout Handlers<Player>) {
        on(.line) { me, line, my in try me.got(line, my) }
        on(.news) { me, line, my in try me.got("news " + line, my) }
        on(.started) { me, _, my in try me.got("started", my) }
        on(.stopped) { me, _, my in try me.got("stopped", my) }
        on(.shutdown) { me, _, my in try me.got("shutdown", my) }
        on(.childStarted) { me, child, my in
            try me.got("childStarted \(child.alias?.description ?? "-")", my)
        }
        on(.childStopped) { me, child, my in
            try me.got(
                "childStopped \(child.alias?.description ?? "-") \(child.reason)"
                    + (child.willRestart ? " again" : ""), my)
        }
        on(.childGiven) { me, child, my in
            try me.got("childGiven \(child.alias?.description ?? "-")", my)
        }
        on(.childGained) { me, child, my in
            try me.got("childGained \(child.alias?.description ?? "-")", my)
        }
        on(.parentChanged) { me, change, my in
            try me.got("parentChanged \(change.from == .none) \(change.to == .none)", my)
        }
    }
}

struct Broken: Error, CustomStringConvertible {
    let description: String
    init(_ description: String = "broken") { self.description = description }
}
