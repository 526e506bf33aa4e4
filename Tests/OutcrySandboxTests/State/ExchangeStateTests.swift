import OutcryKernel
import OutcryMarket
import OutcryVenues
import Testing

@testable import OutcrySandbox

/// An exchange with a market of nothing, for commands by hand.
struct StateHouse {
    let state: ExchangeState
    let setup: ExchangeSetup
    var effects: [ExchangeEffect] = []
    var journal: [JournalRecord] = []
    var now: Int64 = 1_364_767_200_000_000

    init(rules: EngineRules = .mtGox) {
        setup = ExchangeSetup(
            market: "quiet", seed: 7, instruments: [.btcusd, .btceur], rules: rules)
        state = ExchangeState(setup, QuietMarket(), tradeHistory: 100)
    }

    /// Opens it with secrets of a seed.
    mutating func open(seed: UInt64 = 1) throws {
        var random = SeededGenerator(seed: seed)
        try perform(.open(setup: setup.text, secrets: ExchangeSecrets(using: &random)))
    }

    /// Applies a command, and keeps its record.
    @discardableResult mutating func perform(_ command: ExchangeCommand) throws -> Int64 {
        now += 1_000
        let number = try state.apply(command, at: now, into: &effects)
        journal.append(
            command.record(at: now, number: number, instruments: state.engine.instruments))
        return number
    }

    /// An account with money.
    mutating func account(
        _ name: String, usd: Int64 = 0, btc: Int64 = 0
    ) throws -> OwnerNumber {
        let owner = OwnerNumber(try perform(.account(name: name)))
        if usd > 0 { try perform(.deposit(owner, .usd, usd, info: "test")) }
        if btc > 0 { try perform(.deposit(owner, .btc, btc, info: "test")) }
        return owner
    }

    /// The statuses that an order was told to have had, in order.
    func story(_ ticket: Int64) -> [ClientOrder.Status] {
        effects.compactMap {
            if case .order(let order) = $0, order.ticket == ticket { order.status } else { nil }
        }
    }
}

/// A market in which nothing happens.
final class QuietMarket: MarketSource {
    func open(_ engine: MatchingEngine, at now: Int64) throws(EngineError) {}
    func step(
        _ engine: MatchingEngine, at now: Int64, into events: inout [EngineEvent]
    ) throws(EngineError) -> MarketPause { .after(microseconds: 1_000_000) }
}

@Suite struct ExchangeStateTests {
    private static let coin: Int64 = 100_000_000
    private static let dollar: Int64 = 100_000

    private func wish(
        _ owner: OwnerNumber, _ side: OrderSide, _ coins: Int64, _ dollars: Int64?
    ) -> OrderWish {
        OrderWish(
            owner: owner, book: .first, side: side, amount: coins * Self.coin,
            price: dollars.map { $0 * Self.dollar })
    }

    @Test func anOrderThatRestsGoesThroughItsStates() throws {
        var house = StateHouse()
        try house.open()
        let alice = try house.account("alice", usd: 1_000 * Self.dollar)
        let ticket = try house.perform(.submit(wish(alice, .buy, 1, 100), atOnce: true))
        #expect(ticket == 1)
        #expect(house.story(1) == [.pending, .executing, .postPending, .open])
        try house.perform(.cancel(alice, ticket: 1, atOnce: true))
        #expect(house.story(1).last == .gone(.requested))
        #expect(house.state.account(alice)?.open.isEmpty == true)
        #expect(throws: ExchangeRefusal.orderNotFound) {
            try house.perform(.cancel(alice, ticket: 1, atOnce: true))
        }
    }

    @Test func twoOrdersTradeAndBothAreTold() throws {
        var house = StateHouse()
        try house.open()
        let alice = try house.account("alice", usd: 1_000 * Self.dollar)
        let bob = try house.account("bob", btc: 10 * Self.coin)
        try house.perform(.submit(wish(bob, .sell, 2, 100), atOnce: true))
        try house.perform(.submit(wish(alice, .buy, 1, nil), atOnce: true))
        #expect(house.story(2) == [.pending, .executing, .gone(.completedActive)])
        let maker = try #require(house.state.order(1))
        #expect(maker.status == .open)
        #expect(maker.remaining == Self.coin)
        #expect(maker.trades.count == 1)
        let entries = try #require(house.state.account(alice)?.entries)
        #expect(entries.map(\.entry.kind) == [.deposit, .in, .fee, .spent])
        #expect(entries.map(\.index) == [1, 1, 2, 2])
        #expect(entries.last?.ticket == 2)
        // 0.6 % of one coin, in coins; of 100 dollars, in dollars.
        #expect(house.state.engine.ledger.balance(alice, .btc) == Self.coin - 600_000)
        #expect(
            house.state.engine.ledger.balance(bob, .usd) == 100 * Self.dollar - 60_000)
    }

    @Test func anOrderOfSomebodyElseIsNotFound() throws {
        var house = StateHouse()
        try house.open()
        let alice = try house.account("alice", usd: 1_000 * Self.dollar)
        let bob = try house.account("bob")
        try house.perform(.submit(wish(alice, .buy, 1, 100), atOnce: true))
        #expect(throws: ExchangeRefusal.orderNotFound) {
            try house.perform(.cancel(bob, ticket: 1, atOnce: true))
        }
        #expect(throws: ExchangeRefusal.orderNotFound) {
            try house.perform(.cancel(bob, ticket: 99, atOnce: true))
        }
    }

    @Test func whatIsQueuedWaits() throws {
        var house = StateHouse()
        try house.open()
        let alice = try house.account("alice", usd: 1_000 * Self.dollar)
        try house.perform(.submit(wish(alice, .buy, 1, 100), atOnce: false))
        try house.perform(.submit(wish(alice, .buy, 1, 101), atOnce: true))
        try house.perform(.cancel(alice, ticket: 1, atOnce: true))
        #expect(house.story(1) == [.pending])
        #expect(house.story(2) == [.pending], "it does not overtake")
        #expect(house.state.engine.openOrderCount == 0)
        try house.perform(.work(2))
        #expect(house.story(1).last == .open)
        #expect(house.story(2).last == .open)
        try house.perform(.work(9))
        #expect(house.story(1).last == .gone(.requested))
        #expect(house.state.queue.isEmpty)
    }

    @Test func whatIsNotPaidForIsInvalidUntilMoneyComes() throws {
        var house = StateHouse()
        try house.open()
        let alice = try house.account("alice")
        try house.perform(.submit(wish(alice, .buy, 1, 100), atOnce: true))
        #expect(house.story(1) == [.pending, .executing, .invalid])
        try house.perform(.deposit(alice, .usd, 100 * Self.dollar, info: ""))
        #expect(house.story(1).last == .open)
        try house.perform(.withdraw(alice, .usd, 60 * Self.dollar, info: ""))
        #expect(house.state.order(1)?.effective == 40 * Self.coin / 100)
        try house.perform(.withdraw(alice, .usd, 40 * Self.dollar, info: ""))
        #expect(house.story(1).last == .invalid)
    }

    /// What arrives may bring orders back that would take what has still to leave.
    @Test func whatIsSentLeavesWhole() throws {
        var house = StateHouse()
        try house.open()
        let alice = try house.account(
            "alice", usd: 1_000 * Self.dollar, btc: 10 * Self.coin)
        let bob = try house.account("bob", usd: 1_000 * Self.dollar)
        try house.perform(.submit(wish(alice, .buy, 4, 100), atOnce: true))
        try house.perform(.submit(wish(bob, .sell, 4, 100), atOnce: true))
        #expect(house.story(2).last == .invalid)
        let address = house.state.address(of: bob)
        try house.perform(.send(alice, 5 * Self.coin, fee: 1_000_000, address: address))
        // She has sent 5 and the fee, and bought 4 of them back, less 0.6 %.
        let left = 9 * Self.coin - 1_000_000 - 2_400_000
        #expect(house.state.engine.ledger.balance(alice, .btc) == left)
        #expect(house.state.address(of: bob) != address, "it was used")
        let account = try #require(house.state.account(bob))
        let traded = account.entries.filter { $0.entry.trade != 0 }
        #expect(!traded.isEmpty)
        #expect(traded.allSatisfy { $0.transfer == 0 && $0.info.isEmpty })
        #expect(throws: ExchangeRefusal.self) {
            try house.perform(.send(alice, left, fee: 1, address: "1x"))
        }
        #expect(house.state.engine.ledger.balance(alice, .btc) == left)
    }

    @Test func anotherSetupIsRefused() throws {
        var house = StateHouse()
        var other = house.setup
        other.loops = true
        #expect(other.text != house.setup.text)
        var random = SeededGenerator(seed: 1)
        let secrets = ExchangeSecrets(using: &random)
        #expect(throws: ExchangeRefusal.self) {
            try house.perform(.open(setup: other.text, secrets: secrets))
        }
        other = house.setup
        other.rules.leastAmount = 5
        #expect(other.text != house.setup.text)
    }

    @Test func theHashSeesWhatTheEngineDoesNotKnow() throws {
        var house = StateHouse()
        try house.open()
        let alice = try house.account("alice", btc: Self.coin)
        var seen: Set<UInt64> = [house.state.hash]
        var random = SeededGenerator(seed: 1)
        let key = house.state.access.make(owner: alice, rights: .all, using: &random)
        for command: ExchangeCommand in [
            .key(key), .stamp(key: "\(key.guid)", name: "nonce", value: 5),
            .address(alice, description: "x"), .makeCode(alice, .btc, 5),
            .revoke(key: "\(key.guid)"), .account(name: "bob"),
        ] {
            try house.perform(command)
            #expect(seen.insert(house.state.hash).inserted, "\(command)")
        }
    }

    @Test func codesAreRedeemedOnce() throws {
        var house = StateHouse()
        try house.open()
        let alice = try house.account("alice", btc: Self.coin)
        let bob = try house.account("bob")
        let code = try house.perform(.makeCode(alice, .btc, Self.coin))
        try house.perform(.redeem(bob, code: code))
        #expect(house.state.engine.ledger.balance(bob, .btc) == Self.coin)
        #expect(throws: ExchangeRefusal.noCode) { try house.perform(.redeem(alice, code: code)) }
    }

    @Test func refusalsChangeNothing() throws {
        var house = StateHouse()
        try house.open()
        let alice = try house.account("alice", usd: Self.dollar)
        let before = house.state.hash
        for command: ExchangeCommand in [
            .submit(
                OrderWish(owner: alice, book: .first, side: .buy, amount: 1, price: 1), atOnce: true
            ),
            .submit(
                OrderWish(owner: alice, book: .first, side: .buy, amount: -5, price: 1),
                atOnce: true),
            .submit(wish(alice, .buy, 1, 0), atOnce: true),
            .submit(wish(OwnerNumber(999), .buy, 1, 1), atOnce: true),
            .withdraw(alice, .usd, 2 * Self.dollar, info: ""),
            .withdraw(alice, .jpy, 1, info: ""),
            .deposit(alice, .usd, .max, info: ""),
            .account(name: "alice"),
            .redeem(alice, code: 3),
            .revoke(key: "nobody's"),
            .open(setup: "another", secrets: ExchangeSecrets(text: "1 2 3 4 5 6 7 8 9 a")!),
        ] {
            #expect(throws: ExchangeRefusal.self, "\(command)") { try house.perform(command) }
        }
        #expect(house.state.hash == before)
    }

    /// Thousands of commands by three people, from a seed, and the same from the records of them.
    @Test(arguments: [1, 2, 3] as [UInt64]) func aJournalMakesTheSameExchange(seed: UInt64) throws {
        var house = StateHouse()
        try house.open(seed: seed)
        var random = SeededGenerator(seed: seed)
        var people: [OwnerNumber] = []
        for name in ["alice", "bob", "carol"] {
            people.append(try house.account(name, usd: 5_000 * Self.dollar, btc: 50 * Self.coin))
        }
        let key = house.state.access
        var keys = key
        let made = keys.create(owner: people[0], rights: [.trade, .getInfo], using: &random)
        try house.perform(.key(made))
        for round in 0..<2_000 {
            let owner = people[Int.random(in: 0..<3, using: &random)]
            let command: ExchangeCommand
            switch Int.random(in: 0..<20, using: &random) {
            case ..<10:
                let wish = OrderWish(
                    owner: owner, book: BookNumber(UInt8.random(in: 0...1, using: &random)),
                    side: Bool.random(using: &random) ? .buy : .sell,
                    amount: Int64.random(in: 1_000_000...3 * Self.coin, using: &random),
                    price: Int.random(in: 0..<8, using: &random) == 0
                        ? nil : Int64.random(in: 90...110, using: &random) * Self.dollar,
                    prefersFiatFee: Bool.random(using: &random))
                command = .submit(wish, atOnce: Int.random(in: 0..<4, using: &random) > 0)
            case ..<15:
                guard let ticket = house.state.account(owner)?.open.randomElement(using: &random)
                else { continue }
                command = .cancel(owner, ticket: ticket, atOnce: Bool.random(using: &random))
            case ..<17: command = .work(Int.random(in: 0...5, using: &random))
            case 17:
                command = .deposit(
                    owner, Bool.random(using: &random) ? .usd : .btc,
                    Int64.random(in: 1...Self.coin, using: &random), info: "round \(round)")
            case 18:
                command = .withdraw(
                    owner, Bool.random(using: &random) ? .usd : .btc,
                    Int64.random(in: 1...10 * Self.coin, using: &random), info: "")
            default:
                command = .stamp(key: "\(made.guid)", name: "nonce", value: UInt64(round + 1))
            }
            do { try house.perform(command) } catch is ExchangeRefusal {}
        }
        #expect(house.state.engine.tradeCount > 100, "seed \(seed)")
        for currency: Currency in [.btc, .usd, .eur] {
            let ledger = house.state.engine.ledger
            #expect(
                ledger.total(currency) + ledger.house(currency) + ledger.market(currency)
                    == ledger.deposited(currency), "seed \(seed)")
        }
        let twin = StateHouse().state
        var effects: [ExchangeEffect] = []
        for record in house.journal {
            let command = try #require(
                ExchangeCommand(record, instruments: twin.engine.instruments), "\(record)")
            try twin.apply(command, at: record.time, into: &effects)
        }
        #expect(twin.hash == house.state.hash, "seed \(seed)")
        #expect(twin.access[made.guid]?.stamps == house.state.access[made.guid]?.stamps)
        #expect(twin.cipher.guid(.order, 1) == house.state.cipher.guid(.order, 1))
        #expect(twin.orders.map(\.status) == house.state.orders.map(\.status))
    }
}
