import OutcryMarket
import Testing

@testable import OutcrySandbox

/// What one can ask an engine with money, and that its hash sees all of it.
@Suite struct EngineReadingTests {
    private let ann = OwnerNumber(10)
    private let bob = OwnerNumber(11)

    /// An engine after a few commands, one of which `change` may alter.
    private func engine(
        dollars: Int64 = 1_000, unfunded: Int64 = 70, prefersFiatFee: Bool = false,
        last: Int64 = 5
    ) throws -> MatchingEngine {
        let engine = MatchingEngine([.btcusd, .btceur], rules: .mtGox)
        var events: [EngineEvent] = []
        try engine.openAccount(ann)
        try engine.openAccount(bob)
        try engine.deposit(dollars, .usd, to: ann, at: 1, into: &events)
        try engine.deposit(500_000_000, .btc, to: bob, at: 1, into: &events)
        try engine.limit(
            .buy, amount: 100_000_000, price: 100, owner: ann, prefersFiatFee: prefersFiatFee,
            at: 2, into: &events)
        try engine.limit(
            .buy, amount: unfunded * 1_000_000, price: 90, owner: bob, at: 3, into: &events)
        try engine.market(
            .sell, amount: 3_000_000, owner: bob, in: BookNumber(1), at: 4, into: &events)
        try engine.limit(
            .sell, amount: 50_000_000, price: 100, owner: bob, at: last, into: &events)
        return engine
    }

    @Test func theHashSeesMoneyOrdersThatAreNotInTheBookAndWhoPaysHow() throws {
        let hash = try engine().stateHash
        #expect(try engine().stateHash == hash)
        #expect(try engine(dollars: 1_001).stateHash != hash)
        #expect(try engine(unfunded: 71).stateHash != hash)
        #expect(try engine(prefersFiatFee: true).stateHash != hash)
        #expect(try engine(last: 6).stateHash != hash)
        let other = try engine()
        try other.openAccount(OwnerNumber(12))
        #expect(other.stateHash != hash)
    }

    @Test func anOwnersOrdersAreListedByWhatTheySpendThenByNumber() throws {
        let engine = try engine()
        var events: [EngineEvent] = []
        try engine.limit(
            .sell, amount: 2_000_000, price: 300, owner: bob, at: 6, into: &events)
        var listed: [String] = []
        engine.forEachOrder(of: bob) { listed.append("\($0.number) \($0.state) \($0.book)") }
        #expect(
            listed == [
                "#3 executing book 1", "#5 open book 0", "#2 open book 0",
            ])
        engine.forEachOrder(of: .makers) { _ in Issue.record("the market's own are not listed") }
    }

    @Test func anOrderIsRestoredWithWhatItsWalletPaysFor() throws {
        let engine = MatchingEngine()
        var events: [EngineEvent] = []
        try engine.openAccount(ann)
        let first = try engine.restore(
            .sell, amount: 8, price: 100, owner: ann, stamp: 7)
        #expect(engine.best(.ask) == nil)
        #expect(engine.order(first)?.state == .invalid)
        try engine.deposit(5, .btc, to: ann, at: 9, into: &events)
        #expect(engine.order(first)?.effective == 5)
        try engine.restore(.sell, amount: 3, price: 101, owner: ann, stamp: 8)
        #expect(engine.total(.ask, at: 101) == 3)
        #expect(engine.summedLevels(.ask).map(\.quantity.units) == [5, 3])
    }
}
