import OutcryMarket
import Testing

@testable import OutcrySandbox

/// Nobody is told of an order that the engine would not take, and nobody without a cent fills a book.
@Suite struct OrderLimitTests {
    private static let coin: Int64 = 100_000_000

    private func wish(
        _ owner: OwnerNumber, _ amount: Int64, _ price: Int64?, _ side: OrderSide = .buy,
        in book: BookNumber = .first
    ) -> OrderWish {
        OrderWish(owner: owner, book: book, side: side, amount: amount, price: price)
    }

    /// Expects that an order is refused, and that there is nothing of it.
    private func refuses(
        _ house: inout StateHouse, _ error: EngineError, _ wish: OrderWish,
        at location: SourceLocation = #_sourceLocation
    ) {
        let (hash, effects) = (house.state.hash, house.effects.count)
        let orders = house.state.orders.count
        for atOnce in [true, false] {
            #expect(throws: ExchangeRefusal.engine(error), sourceLocation: location) {
                try house.perform(.submit(wish, atOnce: atOnce))
            }
        }
        #expect(house.state.hash == hash, sourceLocation: location)
        #expect(house.effects.count == effects, "nothing was told", sourceLocation: location)
        #expect(house.state.orders.count == orders, sourceLocation: location)
    }

    @Test func numbersBeyondTheRulesAreRefusedBeforeTheyAreAcknowledged() throws {
        var house = StateHouse()
        try house.open()
        let alice = try house.account("alice")
        let (amount, price) = (EngineRules.mtGox.mostAmount, EngineRules.mtGox.mostPrice)
        #expect(amount == 21_000_000 * Self.coin)
        refuses(
            &house, .amountTooHigh(amount + 1, most: amount), wish(alice, amount + 1, 5))
        refuses(&house, .amountTooHigh(.max, most: amount), wish(alice, .max, nil, .sell))
        refuses(&house, .priceTooHigh(price + 1, most: price), wish(alice, Self.coin, price + 1))
        refuses(&house, .priceTooHigh(.max, most: price), wish(alice, Self.coin, .max, .sell))
        // The highest price that was recorded may be asked for.
        let recorded = try #require(RecordedBook.february2012().asks.map(\.price).max())
        try house.perform(.submit(wish(alice, amount, recorded, .sell), atOnce: true))
        try house.perform(.submit(wish(alice, amount, price), atOnce: true))
        #expect(house.story(2).last == .invalid)
        // The engine itself is the second line.
        var events: [EngineEvent] = []
        #expect(throws: EngineError.amountTooHigh(amount + 1, most: amount)) {
            try house.state.engine.limit(
                .buy, amount: amount + 1, price: 1, owner: alice, at: 1, into: &events)
        }
        #expect(throws: EngineError.priceTooHigh(.max, most: price)) {
            try house.state.engine.limit(
                .buy, amount: amount, price: .max, owner: alice, at: 1, into: &events)
        }
        try house.state.engine.limit(
            .sell, amount: amount + 1, price: .max, owner: .makers, at: 1, into: &events)
    }

    @Test func theOpenOrdersOfAnAccountAreBoundedTogether() throws {
        var house = StateHouse(rules: EngineRules(mostAmount: 10 * Self.coin))
        try house.open()
        let (alice, bob) = (try house.account("alice"), try house.account("bob"))
        try house.perform(.submit(wish(alice, 4 * Self.coin, 5), atOnce: true))
        try house.perform(.submit(wish(alice, 3 * Self.coin, 5), atOnce: false))
        refuses(
            &house,
            .openTooLarge(open: 7 * Self.coin, amount: 3 * Self.coin + 1, most: 10 * Self.coin),
            wish(alice, 3 * Self.coin + 1, 5))
        // Not with those of the other side, of another book, of somebody else.
        for other in [
            wish(alice, 10 * Self.coin, 9, .sell), wish(bob, 10 * Self.coin, 5),
            wish(alice, 10 * Self.coin, 5, in: BookNumber(1)), wish(alice, 3 * Self.coin, 5),
        ] { try house.perform(.submit(other, atOnce: true)) }
        try house.perform(.work(9))
        // What is taken back makes room.
        try house.perform(.cancel(alice, ticket: 1, atOnce: true))
        try house.perform(.submit(wish(alice, 4 * Self.coin, 5), atOnce: true))
    }

    @Test func halfOfEachBookIsTheMarketsOwn() throws {
        var house = StateHouse(rules: EngineRules())
        try house.open()
        let (alice, bob) = (try house.account("alice"), try house.account("bob"))
        let half = Int64.max / 2
        try house.perform(.submit(wish(alice, half - 2 * Self.coin, 5), atOnce: true))
        // What waits counts, though the engine does not know it yet.
        try house.perform(.submit(wish(bob, 2 * Self.coin, 5), atOnce: false))
        refuses(&house, .bookTooLarge(total: half, amount: Self.coin), wish(bob, Self.coin, 5))
        try house.perform(.work(9))
        #expect(house.story(2).last == .invalid, "it was acknowledged, and stands")
        refuses(&house, .bookTooLarge(total: half, amount: Self.coin), wish(bob, Self.coin, 5))
        var events: [EngineEvent] = []
        let engine = house.state.engine
        #expect(throws: EngineError.bookTooLarge(total: half, amount: 1)) {
            try engine.limit(.buy, amount: 1, price: 5, owner: alice, at: 1, into: &events)
        }
        #expect(engine.room(.buy) == .max - half)
        #expect(engine.roomForAccounts(.buy) == 0)
        try engine.limit(.buy, amount: .max - half, price: 5, owner: .makers, at: 1, into: &events)
        #expect(engine.total(.bid, at: 5) == .max - half)
        #expect(engine.room(.buy) == 0 && engine.roomForAccounts(.buy) == 0)
        refuses(&house, .bookTooLarge(total: .max, amount: Self.coin), wish(bob, Self.coin, 5))
    }

    /// A market that fails says so.
    @Test func aStepThatFailsIsNotSwallowed() throws {
        final class Broken: MarketSource {
            func open(_ engine: MatchingEngine, at now: Int64) throws(EngineError) {}
            func step(
                _ engine: MatchingEngine, at now: Int64, into events: inout [EngineEvent]
            ) throws(EngineError) -> MarketPause { throw .amountNotPositive(0) }
        }
        let setup = ExchangeSetup(
            market: "broken", seed: 1, instruments: [.btcusd], rules: .mtGox)
        let state = ExchangeState(setup, Broken(), tradeHistory: 1)
        var effects: [ExchangeEffect] = []
        #expect(throws: ExchangeRefusal.engine(.amountNotPositive(0))) {
            try state.apply(.step, at: 1, into: &effects)
        }
    }
}
