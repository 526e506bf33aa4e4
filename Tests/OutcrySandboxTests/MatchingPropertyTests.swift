import OutcryKernel
import OutcryMarket
import Testing

@testable import OutcrySandbox

/// Whatever arrives, the engine does what the naive twin does, and nothing is created or lost.
@Suite struct MatchingPropertyTests {
    @Test(arguments: 0..<24) func doesWhatTheNaiveTwinDoes(seed: Int) throws {
        let run = try Run(seed: UInt64(seed))
        print("seed \(seed): \(run.trades) trades, \(run.engine.openOrderCount) open")
        #expect(run.trades > 20, "seed \(seed)")
    }

    @Test func replayGivesTheSameState() throws {
        let (first, second) = (try Run(seed: 99), try Run(seed: 99))
        #expect(first.engine.stateHash == second.engine.stateHash)
        #expect(try Run(seed: 100).engine.stateHash != first.engine.stateHash)
    }

    /// Twice as many levels as fit the small runs: the ladder against a sorted array.
    @Test func manyLevelsStayInOrder() throws {
        let engine = MatchingEngine()
        var random = SeededGenerator(seed: 5)
        var open: [(number: OrderNumber, price: Int64)] = []
        var events: [EngineEvent] = []
        for _ in 0..<6_000 {
            events.removeAll(keepingCapacity: true)
            if open.count > 10, random.next() % 5 < 2 {
                let gone = open.remove(at: Int(random.next() % UInt64(open.count)))
                try engine.cancel(gone.number, at: 0, into: &events)
            } else {
                let price = Int64(1 + random.next() % 100_000)
                let number = try engine.limit(
                    .buy, amount: 1, price: price, owner: OwnerNumber(1), at: 0, into: &events)
                open.append((number, price))
            }
        }
        var prices: [Int64] = []
        engine.forEachLevel(.bid) { price, _, _ in prices.append(price) }
        #expect(prices == Array(Set(open.map(\.price)).sorted().reversed()))
        #expect(engine.levelCount(.bid) == prices.count)
        #expect(engine.front(.bid)?.price == prices.first)
        #expect(engine.back(.bid)?.price == prices.last)
    }
}

/// 600 random commands to both engines, compared after each.
private final class Run {
    let engine = MatchingEngine()
    private var twin = NaiveEngine()
    private var random: SeededGenerator
    private(set) var trades = 0
    /// In units: what arrived, what was traded away, what was taken back; each trade counts twice.
    private var arrived: Int64 = 0
    private var traded: Int64 = 0
    private var cancelled: Int64 = 0
    private var lastStamp: Int64 = 0

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        var now: Int64 = 1_000
        for index in 0..<600 {
            now += draw(3)
            try step(now)
            try check("seed \(seed) command \(index)")
        }
    }

    private func draw(_ bound: UInt64) -> Int64 { Int64(random.next() % bound) }

    private func step(_ now: Int64) throws {
        var events: [EngineEvent] = []
        let side: OrderSide = draw(2) == 0 ? .buy : .sell
        let amount = 1 + draw(20)
        let owner = OwnerNumber(draw(3))
        let expected: [EngineEvent]
        switch draw(10) {
        case ..<6:
            let price = 95 + draw(11)
            arrived += amount
            try engine.limit(
                side, amount: amount, price: price, owner: owner, at: now, into: &events)
            expected = twin.limit(side, amount, price, owner, now)
        case ..<8:
            arrived += amount
            try engine.market(side, amount: amount, owner: owner, at: now, into: &events)
            expected = twin.market(side, amount, owner, now)
        default:
            let number = 1 + draw(UInt64(twin.arrived + 1))
            if let told = twin.cancel(number, now) {
                try engine.cancel(OrderNumber(number), at: now, into: &events)
                expected = told
            } else {
                #expect(throws: EngineError.unknownOrder(OrderNumber(number))) {
                    try engine.cancel(OrderNumber(number), at: now, into: &events)
                }
                expected = []
            }
        }
        #expect(events == expected)
        count(events)
    }

    private func count(_ events: [EngineEvent]) {
        for event in events {
            switch event {
            case .trade(let trade):
                trades += 1
                traded += trade.amount
                #expect(trade.stamp > lastStamp)
                lastStamp = trade.stamp
            case .depth(let depth):
                #expect(depth.stamp > lastStamp)
                lastStamp = depth.stamp
            case .wallet: Issue.record("nobody has an account here: \(event)")
            case .order(let order):
                if order.state == .cancelled { cancelled += order.remaining }
            }
        }
    }

    private func check(_ what: String) throws {
        var open: Int64 = 0
        for order in twin.orders {
            open += order.remaining
            #expect(engine.order(OrderNumber(order.number))?.remaining == order.remaining)
        }
        #expect(arrived == open + 2 * traded + cancelled, "\(what): nothing created, nothing lost")
        #expect(engine.openOrderCount == twin.orders.count, "\(what)")
        if let bid = engine.best(.bid), let ask = engine.best(.ask) {
            #expect(bid < ask, "\(what): never crossed")
        }
        for side in Side.allCases {
            let levels = twin.levels(side.order)
            var standing: [[Int64]] = []
            engine.forEachLevel(side) { price, total, _ in standing.append([price, total]) }
            #expect(standing == levels.map { [$0.price, $0.total] }, "\(what)")
            let summed = engine.summedLevels(side).map { [$0.price.units, $0.quantity.units] }
            #expect(summed == standing, "\(what): totals are the sums of orders")
        }
    }
}
