import OutcryKernel
import OutcryMarket
import Testing

@testable import OutcrySandbox

/// The recorded market beside many orders of people, wherever they stand.
@Suite struct MarketsWithPeopleTests {
    private static let alice = OwnerNumber(16)

    /// Prices of a side that hold an order without an account, best first.
    private func ownLevels(_ engine: MatchingEngine, _ side: Side) -> [Int64] {
        var levels: [Int64] = []
        engine.forEachOrder(side) { order in
            guard !engine.ledger.hasAccount(order.owner), let price = order.price else { return }
            if levels.last != price { levels.append(price) }
        }
        return levels
    }

    /// - Parameter prices: Where Alice bids and asks a hundredth of a coin each, before anything happens.
    private func play(
        _ prices: [(OrderSide, Int64)], steps: Int
    ) throws -> (fewest: Int, most: Int) {
        let source = try SandboxMarket.june2011.source(seed: 1)
        let engine = MatchingEngine(rules: .mtGox)
        try source.open(engine, at: 1)
        var events: [EngineEvent] = []
        try engine.openAccount(Self.alice)
        try engine.deposit(1 << 50, .usd, to: Self.alice, at: 1, into: &events)
        try engine.deposit(1 << 50, .btc, to: Self.alice, at: 1, into: &events)
        for (side, price) in prices {
            try engine.limit(
                side, amount: 1_000_000, price: price, owner: Self.alice, at: 1, into: &events)
        }
        var (fewest, most) = (Int.max, 0)
        for step in 0..<steps {
            events.removeAll(keepingCapacity: true)
            _ = try source.step(engine, at: 1, into: &events)
            guard step >= steps / 2 else { continue }
            let levels = [ownLevels(engine, .bid).count, ownLevels(engine, .ask).count]
            fewest = min(fewest, levels[0], levels[1])
            most = max(most, levels[0], levels[1])
        }
        return (fewest, most)
    }

    @Test func whatStandsAtTheFarEndLeavesTheTrimmingOn() throws {
        let alone = try play([], steps: 4_000)
        var far: [(OrderSide, Int64)] = []
        for place in 0..<100 as Range<Int64> {
            far += [(.buy, 1 + place), (.sell, 900_000_000 + place)]
        }
        let beside = try play(far, steps: 4_000)
        #expect(beside == alone, "the market's own side does not know them")
        #expect(beside.most <= 350)
    }

    @Test func aSideThatIsMostlyPeopleIsTheMarketsToo() throws {
        var many: [(OrderSide, Int64)] = []
        for place in 0..<400 as Range<Int64> {
            many += [(.buy, 900_000 + place * 10), (.sell, 900_000_000 + place * 10)]
        }
        let beside = try play(many, steps: 4_000)
        #expect(beside.fewest >= 100, "its own side does not thin out")
        #expect(beside.most <= 350)
    }

    @Test func theMarketsOwnOrdersAreWhatTheEngineHas() throws {
        let engine = MatchingEngine()
        var own = OwnOrders()
        var events: [EngineEvent] = []
        var random = SeededGenerator(seed: 7)
        func draw(_ bound: UInt64) -> Int64 { Int64(random.next() % bound) }
        for round in 0..<3_000 {
            switch draw(4) {
            case 0:
                // Somebody takes from the front.
                try engine.market(
                    .buy, amount: 1 + draw(60), owner: .crowd, at: 1, into: &events)
                // One that waits for an order to come is not meant here.
                while engine.best(.ask) == nil {
                    let number = try engine.limit(
                        .sell, amount: 1 + draw(60), price: 50, owner: .makers, at: 1,
                        into: &events)
                    if engine.isOpen(number) { own.add(number, key: 50) }
                }
            case 1:
                if let front = own.first(engine), draw(2) == 0 {
                    try engine.cancel(front.number, at: 1, into: &events)
                    own.removeFirst()
                } else if let back = own.last(engine) {
                    try engine.cancel(back.number, at: 1, into: &events)
                    own.removeLast()
                }
            default:
                let price = 10 + draw(30)
                let number = try engine.limit(
                    .sell, amount: 1 + draw(20), price: price, owner: .makers, at: 1,
                    into: &events)
                if engine.isOpen(number) { own.add(number, key: price) }
            }
            #expect(own.first(engine) == engine.front(.ask), "round \(round)")
            #expect(own.last(engine) == engine.back(.ask), "round \(round)")
            #expect(own.levelCount(engine) == engine.levelCount(.ask), "round \(round)")
            events.removeAll(keepingCapacity: true)
        }
        #expect(engine.tradeCount > 100)
    }
}
