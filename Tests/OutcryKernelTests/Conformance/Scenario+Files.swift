import Glibc
import OutcryKernel

/// Asks the disk for one thing after the other, and notes what came of each.
private final class Clerk: Session {
    typealias Step = (Clerk, Context) -> Void
    let path: String
    private let log: ScenarioLog
    private var steps: [Step]
    var locks: [FileLock] = []

    init(_ path: String, _ log: ScenarioLog, _ steps: [Step]) {
        self.path = path
        self.log = log
        self.steps = steps
    }

    static func handlers(_ on: inout Handlers<Clerk>) {
        on(.started) { me, _, my in me.goOn(my) }
        on(.stored) { me, outcome, my in
            switch outcome.result {
            case .bytes(let bytes): me.log.note(String(decoding: bytes, as: UTF8.self))
            case .mark(let first): me.log.note("from \(first)")
            case .done: me.log.note("done")
            case .failed(let error): me.log.note("\(error.code)")
            case .addresses: me.log.note("addresses")
            }
            me.goOn(my)
        }
    }

    private func goOn(_ my: Context) {
        guard !steps.isEmpty else { return }
        steps.removeFirst()(self, my)
    }
}

extension Scenario {
    private static func file(
        _ name: String, _ expected: [String], steps: @escaping @Sendable () -> [Clerk.Step]
    ) -> Scenario {
        Scenario(name, expected) { kernel, log in
            // Scenarios are played side by side.
            let words = name.split(separator: " ").prefix(3).joined(separator: "-")
            let path = "/tmp/outcry-conformance-\(getpid())-\(words)"
            _ = unsafe unlink(path)
            defer { _ = unsafe unlink(path) }
            kernel.start(Clerk(path, log, steps()))
            try kernel.run()
        }
    }

    private static func write(_ text: String) -> Clerk.Step {
        { $1.replaceFile($0.path, Array(text.utf8), then: .stored) }
    }
    private static func take(_ count: UInt64, past floor: UInt64) -> Clerk.Step {
        { $1.advanceMark($0.path, past: floor, by: count, then: .stored) }
    }
    private static let read: @Sendable (Clerk, Context) -> Void = {
        $1.readFile($0.path, then: .stored)
    }

    private static func lock(waits: Bool, times: Int) -> Clerk.Step {
        { clerk, my in
            for _ in 0..<times {
                clerk.locks.append(my.lockFile(clerk.path, waits: waits, then: .stored))
            }
        }
    }
    /// Gives back what was asked for first.
    private static let unlock: @Sendable (Clerk, Context) -> Void = { clerk, my in
        my.unlockFile(clerk.locks.removeFirst())
    }

    static let files = [
        file(
            "numbers from a file grow, and none comes twice",
            [
                "from 100", "from 101", "from 111", "from 1000", "from 1001",
                "00000000000000001002\n",
            ]
        ) {
            [
                take(1, past: 100), take(10, past: 5), take(1, past: 0), take(1, past: 1000),
                take(2, past: 1000), read,
            ]
        },
        file("a mark may be written by hand", ["done", "from 8", "done", "from 0"]) {
            [write("007\n"), take(1, past: 0), write(""), take(1, past: 0)]
        },
        file(
            "what is no number stays as it is, and no number follows the last",
            [
                "done", "22", "12x", "done", "22", "done", "22", "done", "75", "done", "75",
                "from 18446744073709551615", "75",
            ]
        ) {
            [
                write("12x"), take(1, past: 0), read, write("\n"), take(1, past: 0),
                write("184467440737095516160"), take(1, past: 0),
                write("18446744073709551615\n"), take(1, past: 0),
                write("18446744073709551614\n"), take(2, past: 0), take(1, past: 0),
                take(1, past: 0),
            ]
        },
        file(
            "who waits for a lock gets it in the order of asking; who does not wait fails",
            ["done", "11", "done", "done", "11", "done"]
        ) {
            [
                lock(waits: true, times: 1),
                { clerk, my in
                    lock(waits: true, times: 2)(clerk, my)
                    lock(waits: false, times: 1)(clerk, my)
                },
                unlock, unlock, lock(waits: false, times: 1),
                { clerk, my in
                    unlock(clerk, my)
                    lock(waits: false, times: 1)(clerk, my)
                },
            ]
        },
    ]
}
