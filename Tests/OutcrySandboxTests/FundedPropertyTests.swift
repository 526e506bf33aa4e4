import OutcryKernel
import OutcryMarket
import Testing

@testable import OutcrySandbox

/// Whatever arrives, engine and ledger do what the naive twin does, and no unit of money is created
/// or lost.
@Suite struct FundedPropertyTests {
    @Test(arguments: 0..<36) func doesWhatTheNaiveTwinDoes(seed: Int) throws {
        let run = FundedRun(seed: UInt64(seed))
        try run.play(250)
        print("seed \(seed): \(run.counts)")
        #expect(run.counts.trades > 30, "seed \(seed)")
        #expect(run.counts.invalid > 5, "seed \(seed)")
    }

    @Test func revivalsOfAllKindsAreMet() throws {
        var all = FundedRun.Counts()
        for seed in 1_000..<1_012 as Range<UInt64> {
            let run = FundedRun(seed: seed)
            try run.play(250)
            all.add(run.counts)
        }
        print("seeds 1000 to 1011: \(all)")
        #expect(all.cameBack > 100)
        #expect(all.shrank > 100)
        #expect(all.grew > 20)
        #expect(all.fiatFees > 50)
        #expect(all.unsettled > 10)
        #expect(all.rates >= 3, "fees of several tiers were taken")
    }

    @Test func replayGivesTheSameState() throws {
        for seed in [7, 8, 9] as [UInt64] {
            let (first, second) = (FundedRun(seed: seed), FundedRun(seed: seed))
            try first.play(250)
            try second.play(250)
            #expect(first.engine.stateHash == second.engine.stateHash, "seed \(seed)")
            let before = first.engine.stateHash
            try first.play(1)
            #expect(first.engine.stateHash != before, "seed \(seed)")
        }
    }
}

/// Random commands to both engines, compared after each.
final class FundedRun {
    struct Counts {
        var trades = 0
        var invalid = 0
        var cameBack = 0
        var shrank = 0
        var grew = 0
        var fiatFees = 0
        var unsettled = 0
        var rates = 0
        var exhausted = 0
        var exact = 0

        mutating func add(_ other: Counts) {
            trades += other.trades
            invalid += other.invalid
            cameBack += other.cameBack
            shrank += other.shrank
            grew += other.grew
            fiatFees += other.fiatFees
            unsettled += other.unsettled
            rates = max(rates, other.rates)
            exhausted += other.exhausted
            exact += other.exact
        }
    }

    let engine: MatchingEngine
    private(set) var counts = Counts()
    private let seed: UInt64
    private var twin: NaiveEngine
    private var random: SeededGenerator
    private var now: Int64 = 1_370_000_000_000_000
    private var lastStamp: Int64 = 0
    private var rates: [Int32] = []
    private var states: [OrderNumber: EngineOrderState] = [:]
    /// Price and amount of an order, as this run makes them.
    private let middle: Int64
    private let spread: Int64
    private let most: Int64

    init(seed: UInt64) {
        self.seed = seed
        random = SeededGenerator(seed: seed)
        let sizes: [(middle: Int64, spread: Int64, most: Int64)] = [
            (100_000, 4_000, 500_000_000),
            // A satoshi costs less than a unit, and rounding is much of what is paid.
            (9, 4, 60_000_000),
            // A satoshi costs more than a unit.
            (750_000_000, 60_000_000, 400),
            // Products far beyond 64 bits.
            (9_000_000_000_000_000, 8_999_999_999_999_000, 4_000_000_000_000_000),
        ]
        (middle, spread, most) = sizes[Int(seed % 4)]
        let tiers = [
            FeeSchedule.Tier(volume: 0, rate: 60), .init(volume: most * 3, rate: 55),
            .init(volume: most * 6, rate: 30), .init(volume: most * 9, rate: 0),
        ]
        let rules = EngineRules(
            fees: seed % 5 == 0 ? .free : FeeSchedule(tiers),
            revivalsAtOnce: [1, 5, 30][Int(seed % 3)])
        let books: [Instrument] = [.btcusd, .btceur, .btcjpy]
        engine = MatchingEngine(books, rules: rules)
        twin = NaiveEngine(books, rules)
    }

    func play(_ commands: Int) throws {
        if engine.ledger.accountCount == 0 {
            for owner in 10..<16 as Range<Int64> {
                try engine.openAccount(OwnerNumber(owner))
                twin.openAccount(OwnerNumber(owner))
            }
        }
        for index in 0..<commands {
            // Mostly microseconds, at times days.
            now += draw(40) == 0 ? draw(20) * 86_400_000_000 : draw(3)
            try step()
            check("seed \(seed) command \(index)")
        }
    }

    private func draw(_ bound: UInt64) -> Int64 { Int64(random.next() % bound) }

    private func step() throws {
        var events: [EngineEvent] = []
        let side: OrderSide = draw(2) == 0 ? .buy : .sell
        let amount = 1 + draw(UInt64(most))
        // Two of eight owners are the market's own.
        let owner = OwnerNumber(draw(8) + 8)
        let book = Int(draw(3)) / 2 + Int(draw(2))
        let number = BookNumber(UInt8(book))
        let prefers = draw(3) == 0
        let expected: [EngineEvent]
        switch draw(20) {
        case ..<10:
            let price = middle - spread + draw(UInt64(2 * spread + 1))
            try engine.limit(
                side, amount: amount, price: price, owner: owner, in: number,
                prefersFiatFee: prefers, at: now, into: &events)
            expected = twin.limit(
                side, amount, price, owner, now, book: book, prefersFiatFee: prefers)
        case ..<12:
            try engine.market(
                side, amount: amount, owner: owner, in: number, prefersFiatFee: prefers, at: now,
                into: &events)
            expected = twin.market(
                side, amount, owner, now, book: book, prefersFiatFee: prefers)
        case ..<15:
            let number = 1 + draw(UInt64(twin.arrived + 1))
            guard let told = twin.cancel(number, now) else {
                #expect(throws: EngineError.unknownOrder(OrderNumber(number))) {
                    try engine.cancel(OrderNumber(number), at: now, into: &events)
                }
                return
            }
            try engine.cancel(OrderNumber(number), at: now, into: &events)
            expected = told
        default:
            expected = try move(into: &events)
        }
        #expect(events == expected, "seed \(seed) at \(now)")
        count(events)
    }

    /// Money comes or goes.
    private func move(into events: inout [EngineEvent]) throws -> [EngineEvent] {
        let owner = OwnerNumber(10 + draw(6))
        let place = Int(draw(4))
        let currency = engine.ledger.currencies[place]
        let balance = twin.balance(owner, place)
        if draw(3) == 0, balance > 0 {
            let amount = draw(4) == 0 ? balance : 1 + draw(UInt64(balance))
            try engine.withdraw(amount, currency, from: owner, at: now, into: &events)
            return twin.withdraw(amount, place, owner, now) ?? []
        }
        let order = place == 0 ? Int128(most) : NaiveEngine.cost(middle, most)
        let amount = 1 + draw(UInt64(min(order, 1 << 50)))
        try engine.deposit(amount, currency, to: owner, at: now, into: &events)
        return twin.deposit(amount, place, owner, now)
    }

    private func count(_ events: [EngineEvent]) {
        for event in events {
            switch event {
            case .wallet(let entry):
                #expect(entry.balance >= 0, "seed \(seed)")
                #expect(entry.amount >= 0, "seed \(seed)")
                if entry.kind == .fee, entry.currency != .btc, entry.order.value > 0 {
                    counts.fiatFees += 1
                }
                if entry.kind == .fee, !rates.contains(entry.feeRate) {
                    rates.append(entry.feeRate)
                    counts.rates += 1
                }
            case .trade(let trade):
                counts.trades += 1
                #expect(trade.stamp > lastStamp)
                lastStamp = trade.stamp
            case .depth(let depth):
                #expect(depth.stamp > lastStamp)
                lastStamp = depth.stamp
            case .order(let order):
                if order.state == .invalid { counts.invalid += 1 }
                if order.state == .open, states[order.number] == .invalid { counts.cameBack += 1 }
                if order.state == .open, order.number.value != engine.ordersArrived {
                    if order.effective < order.remaining {
                        counts.shrank += 1
                    } else {
                        counts.grew += 1
                    }
                }
                if order.end == .exhausted { counts.exhausted += 1 }
                states[order.number] = order.state
            }
        }
        if !engine.isSettled { counts.unsettled += 1 }
    }

    private func check(_ what: String) {
        let ledger = engine.ledger
        for (place, currency) in ledger.currencies.enumerated() {
            #expect(
                ledger.total(currency) + ledger.market(currency) + ledger.house(currency)
                    == ledger.deposited(currency), "\(what): nothing created, nothing lost")
            #expect(ledger.house(currency) == twin.house[place], "\(what)")
            #expect(ledger.market(currency) == twin.market[place], "\(what)")
            for owner in twin.owners {
                #expect(ledger.balance(owner, currency) == twin.balance(owner, place), "\(what)")
            }
        }
        for owner in twin.owners {
            #expect(ledger.feeRate(owner) == twin.rate(owner), "\(what)")
            #expect(ledger.volume(owner) == twin.volume(owner), "\(what)")
        }
        #expect(engine.openOrderCount == twin.orders.count, "\(what)")
        #expect(engine.isSettled == twin.grown.isEmpty, "\(what)")
        for order in twin.orders {
            let standing = engine.order(OrderNumber(order.number))
            #expect(standing?.remaining == order.remaining, "\(what)")
            #expect(standing?.effective == order.effective, "\(what)")
            #expect(order.effective <= twin.effective(order), "\(what): never more")
            if engine.isSettled, order.price != nil, !twin.ownTraders.contains(order.owner) {
                #expect(order.effective == twin.effective(order), "\(what): as the wallet pays")
                counts.exact += 1
            }
        }
        for book in 0..<3 { check(BookNumber(UInt8(book)), what) }
    }

    private func check(_ book: BookNumber, _ what: String) {
        if let bid = engine.best(.bid, in: book), let ask = engine.best(.ask, in: book) {
            #expect(bid < ask, "\(what): never crossed")
        }
        for side in Side.allCases {
            var standing: [[Int64]] = []
            engine.forEachLevel(side, in: book) { price, total, _ in
                standing.append([price, total])
            }
            let levels = twin.levels(side.order, Int(book.value))
            #expect(standing == levels.map { [$0.price, $0.total] }, "\(what)")
            let summed = engine.summedLevels(side, in: book)
            #expect(
                summed.map { [$0.price.units, $0.quantity.units] } == standing,
                "\(what): totals are the sums of orders")
            var turns: [Int64] = []
            engine.forEachOrder(side, in: book) { turns.append($0.number.value) }
            let naive = twin.orders.filter {
                $0.book == book.value && $0.side == side.order && $0.price != nil && $0.turn != nil
            }.sorted {
                let (one, other) = ($0.price ?? 0, $1.price ?? 0)
                if one != other { return side == .bid ? one > other : one < other }
                return ($0.turn ?? 0) < ($1.turn ?? 0)
            }
            #expect(turns == naive.map(\.number), "\(what): in their turn")
        }
    }
}
