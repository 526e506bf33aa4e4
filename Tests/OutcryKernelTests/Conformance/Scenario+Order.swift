import OutcryKernel

extension Event where Payload == Token { static let token = Self("test.token") }
extension Event where Payload == Big { static let big = Self("test.big") }
extension Event where Payload == [Int] { static let numbers = Self("test.numbers") }

/// A payload with one owner, which says when it ends.
struct Token: ~Copyable {
    let number: Int
    let log: ScenarioLog
    deinit { log.note("token \(number) ended") }
}

/// A payload that does not fit inline: more than 4 KiB, and it owns something.
struct Big {
    typealias Row = (Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int)
    typealias Page = (Row, Row, Row, Row, Row, Row, Row, Row)
    var name: Token.Type = Token.self
    var pages: (Page, Page, Page, Page, Page)
    var owner: Counted
}

/// Counts its instances.
final class Counted {
    let log: ScenarioLog
    let name: String
    init(_ name: String, _ log: ScenarioLog) {
        self.log = log
        self.name = name
    }
    deinit { log.note("\(name) freed") }
}

final class Owner: Session {
    let log: ScenarioLog
    var kept: Int?
    init(_ log: ScenarioLog) { self.log = log }
    static func handlers(_ on: inout Handlers<Owner>) {
        on(taking: .token) { me, token, _ in
            let token = consume token
            me.kept = token.number
            me.log.note("took \(token.number)")
        }
        on(.big) { me, big, _ in me.log.note("big of \(big.owner.name) \(big.pages.4.7.15)") }
        on(.numbers) { me, numbers, _ in me.log.note("\(numbers.count) numbers") }
    }
}

extension Scenario {
    static let order = [
        Scenario(
            "FIFO across sessions",
            ["a 1", "b 2", "a 3", "c 4", "b x", "a y", "c z", "b 5"]
        ) { kernel, log in
            let a = kernel.start(
                quiet("a", log, ["1": { _, my in my.post(.line, to: "b", "x") }]), alias: "a")
            let b = kernel.start(
                quiet("b", log, ["2": { _, my in my.post(.line, to: "a", "y") }]), alias: "b")
            let c = kernel.start(
                quiet(
                    "c", log,
                    [
                        "4": { _, my in
                            my.yield(.line, "z")
                            my.post(.line, to: "b", "5")
                        }
                    ]), alias: "c")
            kernel.post(.line, to: a, "1")
            kernel.post(.line, to: b, "2")
            kernel.post(.line, to: "a", "3")
            kernel.post(.line, to: c, "4")
            try kernel.run()
        },
        Scenario(
            "noncopyable, growing and boxed payloads",
            [
                "took 1", "token 1 ended", "token 2 ended", "gone", "3 numbers", "big of x 0",
                "x freed", "y freed", "done",
            ]
        ) { kernel, log in
            let owner = kernel.start(Owner(log), alias: "owner")
            func zeros() -> (Big.Page, Big.Page, Big.Page, Big.Page, Big.Page) {
                let row: Big.Row = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
                let page: Big.Page = (row, row, row, row, row, row, row, row)
                return (page, page, page, page, page)
            }
            precondition(MemoryLayout<Big>.size > 4096)
            kernel.post(.token, to: owner, Token(number: 1, log: log))
            _ = kernel.run { kernel.snapshot().queue.isEmpty }
            log.note("\(kernel.post(.token, to: "nobody", Token(number: 2, log: log)))")
            kernel.post(.numbers, to: owner, [1, 2, 3])
            kernel.post(.big, to: owner, Big(pages: zeros(), owner: Counted("x", log)))
            _ = kernel.run { kernel.snapshot().queue.isEmpty }
            kernel.post(.big, to: owner, Big(pages: zeros(), owner: Counted("y", log)))
            kernel.stop()
            try kernel.run()
            log.note("done")
        },
        Scenario("more than a block of records", ["50000 in order"]) { kernel, log in
            let a = Player("a", log)
            a.isQuiet = true
            kernel.start(a, alias: "a")
            var isRight = true
            for i in 0..<50_000 {
                a.script["\(i)"] = { me, _ in isRight = isRight && me.count == i + 2 }
                kernel.post(.line, to: "a", "\(i)")
            }
            try kernel.run()
            log.note("\(a.count - 2) \(isRight ? "in order" : "in disorder")")
        },
        Scenario(
            "alias is resolved when posted",
            ["old x", "old stopped", "new y", "new stopped", "gone"]
        ) { kernel, log in
            let old = quiet("old", log, ["x": { _, my in my.stop() }], with: ["stopped"])
            let id = kernel.start(old, alias: "desk")
            kernel.post(.line, to: "desk", "x")
            kernel.post(.line, to: "desk", "lost")
            _ = kernel.run { !kernel.isAlive(id) }
            kernel.start(quiet("new", log, with: ["stopped"]), alias: "desk")
            kernel.post(.line, to: "desk", "y")
            try kernel.run()
            log.note("\(kernel.post(.line, to: "desk", "z"))")
        },
        Scenario(
            "between two polls at most the budget", ["100 yields, alarm in time: true"]
        ) { kernel, log in
            kernel.budget = 8
            var seen = 0
            let a = Player("a", log)
            a.isQuiet = true
            a.script["again"] = { me, my in
                if me.count <= 100 { my.yield(.line, "again") } else { my.stop() }
            }
            a.script["started"] = { _, my in
                my.yield(.line, "again")
                my.after(.zero, .line, "alarm")
            }
            a.script["alarm"] = { me, _ in seen = me.count }
            kernel.start(a)
            try kernel.run()
            let polls = kernel.snapshot().polls
            log.note("100 yields, alarm in time: \(seen <= 12 && polls >= 10)")
        },
        Scenario(
            "stop, recreate in the same slot, drain",
            ["second started", "token 3 ended", "second hello", "same slot: true", "undelivered 2"]
        ) { kernel, log in
            let first = kernel.start(Owner(log), alias: "first")
            kernel.post(.numbers, to: first, [1])
            kernel.post(.token, to: first, Token(number: 3, log: log))
            kernel.stop(first)
            let second = kernel.start(
                quiet("second", log, with: ["started", "hello"]), alias: "second")
            kernel.post(.line, to: second, "hello")
            _ = kernel.run { kernel.snapshot().queue.isEmpty }
            log.note("same slot: \(slot(first) == slot(second))")
            log.note("undelivered \(kernel.snapshot().undelivered)")
            try kernel.run()
        },
        Scenario("generations do not run out", ["70000 sessions, 0 wrong"]) { kernel, log in
            var wrong = 0
            for i in 0..<70_000 {
                let player = Player("x", log)
                player.isQuiet = true
                player.script["old"] = { _, _ in wrong += 1 }
                let id = kernel.start(player)
                if i % 1000 == 0 { kernel.post(.line, to: id, "old") }
                kernel.stop(id)
            }
            try kernel.run()
            log.note("\(kernel.snapshot().started) sessions, \(wrong) wrong")
        },
    ]

    /// A player that notes only lines that are not the kernel's, and those named in `with`.
    static func quiet(
        _ name: String, _ log: ScenarioLog, _ script: [String: Player.Action] = [:],
        with: [String] = []
    ) -> Player {
        let player = Player(name, log, script)
        player.isSelective = true
        player.noted = with
        return player
    }

    static func slot(_ id: SessionID) -> String {
        String(id.description.prefix { $0 != "." })
    }
}
