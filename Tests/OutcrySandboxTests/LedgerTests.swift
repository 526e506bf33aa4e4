import OutcryKernel
import OutcryMarket
import Testing

@testable import OutcrySandbox

/// Fees, what is refused, and numbers at the end of 64 bits.
@Suite struct LedgerTests {
    private let ann = OwnerNumber(10)
    private let bob = OwnerNumber(11)
    private let coin: Int64 = 100_000_000
    private let day: Int64 = 86_400_000_000

    private func engine(_ rules: EngineRules, dollars: Int64, coins: Int64) throws -> MatchingEngine
    {
        let engine = MatchingEngine(rules: rules)
        var events: [EngineEvent] = []
        for owner in [ann, bob] {
            try engine.openAccount(owner)
            try engine.deposit(dollars, .usd, to: owner, at: 1, into: &events)
            try engine.deposit(coins, .btc, to: owner, at: 1, into: &events)
        }
        return engine
    }

    /// MTGOX.md 11: 64.734 → 65, 64.146 → 64, 299.076 → 299, 502.608 → 503 satoshi.
    @Test(arguments: [(10_789, 65), (10_691, 64), (49_846, 299), (83_768, 503)])
    func feesOfARecording(amount: Int64, fee: Int64) throws {
        let rules = EngineRules(fees: .mtGox)
        let engine = try engine(rules, dollars: 1_000_000, coins: coin)
        var events: [EngineEvent] = []
        try engine.limit(.sell, amount: amount, price: 9_796_898, owner: ann, at: 1, into: &events)
        events = []
        try engine.limit(.buy, amount: amount, price: 9_796_898, owner: bob, at: 1, into: &events)
        let fees = events.compactMap {
            if case .wallet(let entry) = $0, entry.kind == .fee { entry } else { nil }
        }
        #expect(fees.map(\.owner) == [bob, ann])
        #expect(fees.first?.amount == fee)
        #expect(fees.first?.currency == .btc)
        #expect(fees.last?.currency == .usd)
        #expect(fees.map(\.feeRate) == [60, 60])
        #expect(engine.ledger.house(.btc) == fee)
        #expect(engine.ledger.balance(bob, .btc) == coin + amount - fee)
    }

    @Test func roundsToTheNearestUnitHalfUp() {
        // MTGOX.md 5.5: 100.83227 × 0.1 → 10.08323.
        #expect(MoneyMath.cost(10_083_227, 10_000_000, 100_000_000) == 1_008_323)
        #expect(MoneyMath.cost(1, 50_000_000, 100_000_000) == 1)
        #expect(MoneyMath.cost(1, 49_999_999, 100_000_000) == 0)
        #expect(MoneyMath.fee(250, 60) == 2)
        #expect(MoneyMath.fee(249, 60) == 1)
        #expect(MoneyMath.fee(.max, 10_000) == .max)
        #expect(MoneyMath.cost(.max, .max, 100_000_000) == .max)
    }

    /// Against wide numbers, where the quick ways and the wide ones meet.
    @Test func moneyMathIsExact() {
        var random = SeededGenerator(seed: 11)
        for index in 0..<20_000 {
            func draw() -> Int64 {
                Int64(random.next() >> (1 + random.next() % 62))
            }
            let (price, amount, money) = (draw() + 1, draw(), draw())
            let rate = Int32(random.next() % 10_001)
            let scale: UInt64 = index % 3 == 0 ? 1_000 : 100_000_000
            let wide = Int128(price) * Int128(amount)
            let cost = (wide + Int128(scale / 2)) / Int128(scale)
            #expect(MoneyMath.cost(price, amount, scale) == Int64(clamping: cost))
            let most = min(Int128(amount), Int128(money) * Int128(scale) / Int128(price))
            let paid = MoneyMath.affordable(amount, at: price, with: money, scale)
            #expect(paid == Int64(most))
            #expect(MoneyMath.cost(price, paid, scale) <= money)
            let need = MoneyMath.need(amount, at: price, scale)
            if need < .max {
                #expect(MoneyMath.affordable(amount, at: price, with: need, scale) == amount)
            }
            let spendable = MoneyMath.withoutFee(money, rate)
            #expect(spendable <= money && money - spendable >= MoneyMath.fee(spendable, rate))
            let enough = MoneyMath.withFee(money, rate)
            if enough < .max { #expect(MoneyMath.withoutFee(enough, rate) >= money) }
        }
    }

    @Test func aBuyerMayPayTheFeeOnTop() throws {
        let rules = EngineRules(fees: FeeSchedule([.init(volume: 0, rate: 100)]))
        let engine = try engine(rules, dollars: 10_000, coins: coin)
        var events: [EngineEvent] = []
        try engine.limit(
            .buy, amount: 2 * coin, price: 10_000, owner: bob, prefersFiatFee: true, at: 1,
            into: &events)
        // 10,000 pay for 9,900 and a fee of 99 on top.
        #expect(engine.total(.bid, at: 10_000) == 99_000_000)
        try engine.limit(.sell, amount: coin, price: 10_000, owner: ann, at: 1, into: &events)
        #expect(engine.ledger.balance(bob, .usd) == 1)
        #expect(engine.ledger.balance(bob, .btc) == coin + 99_000_000)
        #expect(engine.ledger.house(.usd) == 99 + 99)
        #expect(engine.ledger.house(.btc) == 0)
    }

    @Test func feesFallWithThirtyDaysOfTrades() throws {
        let engine = try engine(.mtGox, dollars: 1_000_000_000, coins: 1_000 * coin)
        var events: [EngineEvent] = []
        func trade(_ amount: Int64, at now: Int64) throws {
            try engine.limit(.sell, amount: amount, price: 100, owner: ann, at: now, into: &events)
            try engine.limit(.buy, amount: amount, price: 100, owner: bob, at: now, into: &events)
        }
        try trade(99 * coin, at: 10 * day)
        #expect(engine.ledger.feeRate(bob) == 60)
        try trade(coin, at: 12 * day)
        #expect(engine.ledger.feeRate(bob) == 55)
        #expect(engine.ledger.volume(ann) == 100 * coin)
        try trade(coin, at: 39 * day)
        #expect(engine.ledger.volume(bob) == 101 * coin)
        // 30 days after the first of them.
        try trade(coin, at: 40 * day)
        #expect(engine.ledger.volume(bob) == 3 * coin)
        #expect(engine.ledger.feeRate(bob) == 60)
        try trade(coin, at: 400 * day)
        #expect(engine.ledger.volume(bob) == coin)
        #expect(FeeSchedule.mtGox.tiers.last == .init(volume: 500_000 * coin, rate: 25))
    }

    @Test func refusalsNameWhatWasExpectedAndChangeNothing() throws {
        let engine = try engine(.mtGox, dollars: 500, coins: coin)
        let hash = engine.stateHash
        var events: [EngineEvent] = []
        func refuses(_ error: EngineError, _ body: () throws -> Void) {
            #expect(throws: error, performing: body)
            #expect(engine.stateHash == hash && events.isEmpty)
        }
        refuses(.amountTooLow(999_999, least: 1_000_000)) {
            try engine.limit(.buy, amount: 999_999, price: 1, owner: ann, at: 1, into: &events)
        }
        refuses(.unknownBook(BookNumber(1), count: 1)) {
            try engine.market(
                .buy, amount: coin, owner: ann, in: BookNumber(1), at: 1, into: &events)
        }
        refuses(.balanceTooLow(500, amount: 501)) {
            try engine.withdraw(501, .usd, from: ann, at: 1, into: &events)
        }
        refuses(.amountNotPositive(-1)) {
            try engine.withdraw(-1, .usd, from: ann, at: 1, into: &events)
        }
        refuses(.amountNotPositive(.min)) {
            try engine.deposit(.min, .usd, to: ann, at: 1, into: &events)
        }
        refuses(.noAccount(.makers)) {
            try engine.deposit(1, .usd, to: .makers, at: 1, into: &events)
        }
        refuses(.unknownCurrency(.eur)) {
            try engine.deposit(1, .eur, to: ann, at: 1, into: &events)
        }
        refuses(.depositTooLarge(.max, most: Ledger.most - 1_000)) {
            try engine.deposit(.max, .usd, to: ann, at: 1, into: &events)
        }
        refuses(.accountExists(ann)) { try engine.openAccount(ann) }
        #expect(EngineError.noAccount(ann).description.contains("owner 10"))
    }

    @Test func hugeNumbersNeitherTrapNorCreateMoney() throws {
        let engine = try engine(EngineRules(fees: .mtGox), dollars: 1 << 59, coins: 1 << 59)
        var events: [EngineEvent] = []
        let high: Int64 = 17_933_000_000_000_000
        try engine.limit(.buy, amount: .max / 2, price: .max, owner: ann, at: 1, into: &events)
        #expect(engine.total(.bid, at: .max) == 6_250_000)
        #expect(throws: EngineError.levelTooLarge(price: .max, total: 6_250_000, amount: .max)) {
            try engine.limit(.buy, amount: .max, price: .max, owner: ann, at: 1, into: &events)
        }
        #expect(throws: EngineError.bookTooLarge(total: .max / 2, amount: coin)) {
            try engine.limit(.buy, amount: coin, price: high, owner: ann, at: 1, into: &events)
        }
        try engine.cancel(OrderNumber(1), at: 1, into: &events)
        try engine.limit(.sell, amount: 1 << 59, price: high, owner: bob, at: 1, into: &events)
        try engine.limit(.buy, amount: 1 << 60, price: high, owner: ann, at: 1, into: &events)
        #expect(engine.tradeCount == 1)
        let ledger = engine.ledger
        for currency in ledger.currencies {
            #expect(ledger.total(currency) + ledger.house(currency) == 1 << 60)
        }
    }

    @Test func theMarketsOwnDoNotPayWithoutEnd() throws {
        let engine = try engine(EngineRules(), dollars: 1, coins: 1 << 59)
        var events: [EngineEvent] = []
        try engine.limit(
            .buy, amount: 1 << 40, price: 1 << 50, owner: .makers, at: 1, into: &events)
        // 2^90 / 10^8 units are more than may be.
        try engine.limit(.sell, amount: 1 << 40, price: 1, owner: ann, at: 1, into: &events)
        #expect(engine.tradeCount == 0)
        #expect(engine.best(.bid) == nil)
        guard case .order(let gone) = events[3], case .order(let stands) = events[5] else {
            return #expect(Bool(false), "the fourth and the sixth are orders: \(events)")
        }
        #expect(gone.owner == .makers && gone.end == .exhausted)
        #expect(stands.owner == ann && stands.state == .open)
        // As the one that takes, it is gone as well.
        events = []
        try engine.cancel(stands.number, at: 1, into: &events)
        try engine.limit(
            .sell, amount: 1 << 40, price: 1 << 50, owner: ann, at: 1, into: &events)
        events = []
        try engine.market(.buy, amount: 1 << 40, owner: .crowd, at: 1, into: &events)
        #expect(events.count == 1)
        guard case .order(let taker) = events[0] else { return }
        #expect(taker.state == .cancelled && taker.end == .exhausted)
        #expect(engine.ledger.market(.usd) == 0)
    }

    @Test func theTableOfOrdersIsADictionary() {
        var table = OrderTable()
        var twin: [Int64: Slot] = [:]
        var random = SeededGenerator(seed: 3)
        var next: Int64 = 1
        for _ in 0..<60_000 {
            let number = 1 + Int64(random.next() % UInt64(next))
            if random.next() % 9 < 5 {
                table.insert(next, Slot(truncatingIfNeeded: next))
                twin[next] = Slot(truncatingIfNeeded: next)
                next += 1 + Int64(random.next() % 3)
            } else if twin[number] != nil {
                table.remove(number)
                twin[number] = nil
            }
            #expect(table.find(number) == twin[number] ?? .none)
        }
        #expect(table.count == twin.count)
        for (number, slot) in twin { #expect(table.find(number) == slot) }
        #expect(table.find(0) == .none)
        #expect(table.find(-5) == .none)
    }
}
