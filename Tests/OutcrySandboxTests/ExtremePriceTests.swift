import OutcryMarket
import OutcryServing
import Testing

@testable import OutcrySandbox

/// Prices that a client can set, as far as 64 bits go: nothing traps on them.
@Suite struct ExtremePriceTests {
    private static let alice = OwnerNumber(16)

    /// The crowd, where people have bought or sold everything, and ask or bid what they like.
    @Test(
        arguments: [.max, .max / 2, EngineRules.mtGox.mostPrice, 2] as [Int64])
    func theCrowdTradesAtAnyPrice(price: Int64) throws {
        for (ask, bid) in [(max(price, 2), max(price, 2) - 1), (max(price, 2), 1)] {
            let source = try SandboxMarket.february2012.source(seed: 1)
            let engine = MatchingEngine()
            try source.open(engine, at: 1)
            var events: [EngineEvent] = []
            for side in [OrderSide.buy, .sell] {
                var sum: Int64 = 0
                engine.forEachLevel(side.takes) { _, total, _ in sum += total }
                try engine.market(side, amount: sum, owner: .replay, at: 1, into: &events)
            }
            #expect(engine.levelCount(.bid) + engine.levelCount(.ask) == 0)
            try engine.openAccount(Self.alice)
            try engine.deposit(1 << 60, .usd, to: Self.alice, at: 1, into: &events)
            try engine.deposit(1 << 60, .btc, to: Self.alice, at: 1, into: &events)
            try engine.limit(
                .sell, amount: 1 << 50, price: ask, owner: Self.alice, at: 1, into: &events)
            try engine.limit(
                .buy, amount: 1 << 50, price: bid, owner: Self.alice, at: 1, into: &events)
            for _ in 0..<500 {
                events.removeAll(keepingCapacity: true)
                _ = try source.step(engine, at: 1, into: &events)
            }
            #expect(engine.tradeCount > 8_091, "the crowd trades")
        }
    }

    @Test(arguments: [.max, .max - 1, .max / 11 * 10 + 11, 1] as [Int64])
    func theDepthNearAnyPrice(price: Int64) throws {
        let engine = MatchingEngine()
        var events: [EngineEvent] = []
        try engine.limit(.sell, amount: 5, price: price, owner: .makers, at: 1, into: &events)
        let depth = DepthView(engine, .first, near: price)
        #expect(depth.asks.map(\.price) == [price])
        #expect(depth.filter?.upperBound ?? 0 >= price)
    }
}
