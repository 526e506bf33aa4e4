import Outcry
import OutcrySafetyNet
import OutcrySandbox

/// What must not be in a simulated world, and was.
struct WorldProblem: Error, Equatable {
    /// The rule that was broken: `book`, `trades`, `orders`, `fills`, `wallet`, `memory`, `spin`, `failures` or
    /// `liveness`.
    let invariant: String
    let expected: String
    let found: String

    func after(_ what: String) -> WorldProblem {
        WorldProblem(invariant: invariant, expected: expected, found: "\(found) (\(what))")
    }
}

/// What a world may take at most: far more than any seed took, and far less than something takes that grows.
enum WorldBounds {
    /// Events in a second of virtual time, in all processes.
    static let eventsASecond: UInt64 = 60_000
    /// Events that wait in the queue of a kernel.
    static let queued = 20_000
    /// Alarms of a kernel.
    static let alarms = 2_000
    /// Sockets of all processes, both ends counted.
    static let sockets = 600
    /// Connections of a server.
    static let connections = 300
    /// Questions that wait at SafetyNet.
    static let waiting = 200
    /// Bytes that may wait for a client of the exchange's stream: a dead one gets there within a minute or two, before
    /// it is found to be dead.
    static let slowClient = 1 << 20
    /// The longest message or reply, a whole book: nothing that the venue says has so many bytes.
    static let message = 1 << 20
    /// Bytes that wait for one connection of the exchange, where one of HTTP is given no further reply.
    static let ofConnection = slowClient + message
    /// Bytes that are kept for one session of Socket.IO's there: what waits, and what was answered and may be lost.
    static let ofSession = 2 * ofConnection
    /// The same of SafetyNet's clients, who are told a whole book once no more than ``FanOutLimits/highWater`` waits.
    static let ofNetConnection = FanOutLimits().highWater + FanOutLimits().snapshot
    static let ofNetSession = 2 * ofNetConnection
    /// Bytes that wait for all clients of a server: what 16 may have who are dead at a time.
    static let bytes = 16 * slowClient
    /// Virtual time from the end of the weather until all agree.
    static let patience = Duration.seconds(180)
    /// Virtual time from the end of the weather in which a dead connection is noticed: it is silent for 60 s, a channel for 30 at SafetyNet and then at the bot.
    static let noticing = Duration.seconds(75)
    /// Virtual time from the end of the market until its last news are heard: a book that is being loaded then waits
    /// 10 s. A channel is found silent after 30, and its book is right again whatever it was.
    static let delivery = Duration.seconds(24)
    /// Virtual time from then until nothing is left of what is dead.
    static let burial = Duration.seconds(150)
    /// Once all is at rest: connections of a server, sockets.
    static let restingConnections = 12
    static let restingSockets = 60
    static let restingAlarms = 100
}

extension World {
    // MARK: At any time

    /// What must hold at any time, and does not.
    func momentaryProblem() -> WorldProblem? {
        if let problem = diary.problem { return problem }
        if failed > 0 {
            let failure = kernels.lazy.compactMap { $0.kernel.snapshot().failures.first }.first
            return WorldProblem(
                invariant: "failures", expected: "no handler that throws",
                found: failure.map { "\($0.session) at \($0.time): \($0.reason)" }
                    ?? "\(failed), of a process that is over")
        }
        return memoryProblem()
    }

    private func memoryProblem() -> WorldProblem? {
        var found: [(String, Int, Int)] = [("sockets", world.socketCount, WorldBounds.sockets)]
        for (name, kernel) in kernels {
            let load = kernel.load
            found.append(("queued events of \(name)", load.queued, WorldBounds.queued))
            found.append(("alarms of \(name)", load.alarms, WorldBounds.alarms))
        }
        let holdings = exchange.holdings
        found.append(("connections of exchange", holdings.connections, WorldBounds.connections))
        found += [
            ("bytes that wait at exchange", holdings.bytes, WorldBounds.bytes),
            ("bytes for one at exchange", holdings.ofConnection, WorldBounds.ofConnection),
            ("bytes for one session at exchange", holdings.ofSession, WorldBounds.ofSession),
        ]
        if let holdings = net?.holdings {
            found += [
                ("connections of net", holdings.connections, WorldBounds.connections),
                ("questions that wait at net", holdings.waiting, WorldBounds.waiting),
                ("bytes that wait at net", holdings.bytes, WorldBounds.bytes),
                ("bytes for one at net", holdings.ofConnection, WorldBounds.ofNetConnection),
                ("bytes for one session at net", holdings.ofSession, WorldBounds.ofNetSession),
            ]
        }
        return Self.excess(found)
    }

    private static func excess(_ found: [(String, Int, Int)]) -> WorldProblem? {
        found.first { $0.1 > $0.2 }.map {
            WorldProblem(
                invariant: "memory", expected: "at most \($0.2) \($0.0)", found: "\($0.1)")
        }
    }

    /// Books that say that they are as of the exchange's last change are the exchange's.
    func currentBookProblem() -> WorldProblem? {
        if wasLiedTo { return nil }
        let stamp = exchange.auditedStamp
        // SafetyNet tells what a loaded book has otherwise in many messages of the same stamp.
        if !plan.bot.usesNet, diary.evidence.isTrusted, diary.isUp, diary.stamp == stamp,
            let book = diary.book,
            let problem = compare(book, "the bot's")
        {
            return problem.after("while the market goes on")
        }
        if let net = net?.auditedBook, net.isLive, net.stamp == stamp,
            let problem = compare(net.book, "SafetyNet's")
        {
            return problem.after("while the market goes on")
        }
        return nil
    }

    private func compare(_ book: Book, _ whose: String) -> WorldProblem? {
        guard case .different(let what) = Verdict.compare(book, exchange.auditedLevels, whose)
        else {
            return nil
        }
        return WorldProblem(
            invariant: "book", expected: "\(whose) book to be the exchange's", found: what)
    }

    // MARK: In the end

    /// What is not as it has to be once nothing goes wrong any more and all is told; the market may go on.
    func restlessProblem() -> WorldProblem? {
        if botKernel == nil || net == nil {
            return WorldProblem(
                invariant: "liveness", expected: "all processes", found: "one that is down")
        }
        if !diary.isUp || !diary.evidence.isTrusted {
            return WorldProblem(
                invariant: "liveness", expected: "the bot's link up, with a trusted book",
                found: "\(diary.isUp ? "up" : "down"), \(diary.evidence)")
        }
        if let book = net?.auditedBook, !book.isLive {
            return WorldProblem(
                invariant: "liveness", expected: "SafetyNet's book to be live", found: "an old one")
        }
        return plan.bot.trades ? tradingProblem() : nil
    }

    /// What is not as it has to be once the market has stopped.
    func finalProblem() -> WorldProblem? {
        if let problem = restlessProblem() { return problem }
        if diary.heard == 0 {
            return WorldProblem(
                invariant: "liveness", expected: "news of the market", found: "none at all")
        }
        if let book = diary.book, let problem = compare(book, "the bot's") { return problem }
        if let book = net?.auditedBook.book, let problem = compare(book, "SafetyNet's") {
            return problem
        }
        return nil
    }

    /// What there is too much of once nothing happens any more.
    func restingProblem() -> WorldProblem? {
        var found: [(String, Int, Int)] = [
            ("sockets at rest", world.socketCount, WorldBounds.restingSockets),
            (
                "connections of exchange at rest", exchange.holdings.connections,
                WorldBounds.restingConnections
            ), ("bytes that wait at exchange at rest", exchange.holdings.bytes, 0),
        ]
        if let holdings = net?.holdings {
            found.append(
                ("connections of net at rest", holdings.connections, WorldBounds.restingConnections)
            )
            found.append(("questions that wait at net at rest", holdings.waiting, 0))
            found.append(("bytes that wait at net at rest", holdings.bytes, 0))
        }
        for (name, kernel) in kernels {
            found.append(("queued events of \(name) at rest", kernel.load.queued, 0))
            found.append(
                ("alarms of \(name) at rest", kernel.load.alarms, WorldBounds.restingAlarms))
        }
        return Self.excess(found)
    }

    /// What bot and exchange do not agree on about the account.
    private func tradingProblem() -> WorldProblem? {
        guard let theirs = exchange.audit(account: "bot") else { return nil }
        func differ(_ invariant: String, _ expected: String, _ found: String) -> WorldProblem {
            WorldProblem(invariant: invariant, expected: expected, found: found)
        }
        let open = theirs.orders.filter(\.isOpen).map { "\($0.venueID) \($0.remaining)" }.sorted()
        let ours = diary.orders.values.filter { !$0.state.isFinal }
            .map { "\($0.venueID?.text ?? "unnamed \($0.id)") \($0.remaining.units)" }.sorted()
        if open != ours {
            let (more, less) = (Set(ours).subtracting(open), Set(open).subtracting(ours))
            return differ(
                "orders", "the exchange's \(open.count) open orders",
                "\(ours.count); beyond them \(more.sorted().prefix(3)), without "
                    + "\(less.sorted().prefix(3))")
        }
        let wallet = (diary.wallet?.balances ?? []).map { "\($0.total)" }.sorted()
        if wallet != theirs.wallet {
            return differ("wallet", "\(theirs.wallet)", "\(wallet)")
        }
        var known: [String: SandboxAudit.Order] = [:]
        for order in theirs.orders { known[order.venueID] = order }
        var names = Set<String>()
        for id in diary.placed where !diary.limbo.contains(id) {
            guard let order = diary.orders[id] else {
                return differ("orders", "news of \(id), which was placed", "none")
            }
            if order.state == .unknown { return differ("orders", "to know of \(id)", "\(order)") }
            guard let name = diary.names[id]?.text else { continue }
            // A failure of the power takes what was written last (`DeskOptions.ledger`): nobody knows then which of
            // the venue's orders it was.
            if plan.losesPower, diary.renamed.contains(id) {
                names.insert(name)
                continue
            }
            if !names.insert(name).inserted {
                return differ("orders", "a name for each order", "two that are \(name)")
            }
            guard let one = known[name] else {
                return differ("orders", "\(id) at the exchange", "none that is \(name): \(order)")
            }
            if let problem = fillProblem(order, one) { return problem }
        }
        // Whatever a bot has placed is under a name of its own, so that none came to be twice.
        let strangers = theirs.orders.filter { !names.contains($0.venueID) }
        return strangers.first.map {
            differ(
                "orders", "no order of the account's that the bot did not place once",
                "\(strangers.count), among them \($0.venueID), \($0.filled) units filled and "
                    + "\($0.remaining) left; of \(diary.limbo.count) nobody knows whether they left"
            )
        }
    }

    private func fillProblem(_ order: Order, _ theirs: SandboxAudit.Order) -> WorldProblem? {
        if order.filled.units != theirs.filled {
            return WorldProblem(
                invariant: "fills", expected: "\(theirs.filled) units filled", found: "\(order)")
        }
        var told = (diary.fills[order.id] ?? []).map(\.tradeID)
        // A desk that takes up an order tells its trades once more.
        if diary.processes > 1 { told = Array(Set(told)) }
        told.sort()
        if told != theirs.trades.sorted() {
            return WorldProblem(
                invariant: "fills", expected: "the trades \(theirs.trades.sorted()) of \(order)",
                found: "\(told)")
        }
        return nil
    }
}
