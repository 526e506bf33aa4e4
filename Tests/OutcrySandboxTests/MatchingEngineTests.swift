import OutcryMarket
import Testing

@testable import OutcrySandbox

@Suite struct MatchingEngineTests {
    private let engine = MatchingEngine()
    private let owner = OwnerNumber(7)

    @discardableResult private func limit(
        _ side: OrderSide, _ amount: Int64, _ price: Int64, at now: Int64 = 1_000
    ) throws -> [EngineEvent] {
        var events: [EngineEvent] = []
        try engine.limit(
            side, amount: amount, price: price, owner: owner, at: now, into: &events)
        return events
    }

    private func trades(_ events: [EngineEvent]) -> [[Int64]] {
        events.compactMap {
            if case .trade(let trade) = $0 {
                [trade.price, trade.amount, trade.maker.value]
            } else {
                nil
            }
        }
    }

    @Test func tradesBestPriceFirstThenFirstComeAtTheRestingPrice() throws {
        try limit(.sell, 5, 101)  // 1
        try limit(.sell, 5, 100)  // 2
        try limit(.sell, 5, 100)  // 3
        let events = try limit(.buy, 12, 105)
        #expect(trades(events) == [[100, 5, 2], [100, 5, 3], [101, 2, 1]])
        #expect(engine.best(.ask) == 101)
        #expect(engine.total(.ask, at: 101) == 3)
        #expect(engine.best(.bid) == nil)
    }

    @Test func whatRemainsRestsAndTellsTradeDepthMakerTaker() throws {
        try limit(.sell, 5, 100, at: 10)
        let events = try limit(.buy, 8, 100, at: 10)
        let number = OrderNumber(2)
        #expect(
            events == [
                .trade(
                    EngineTrade(
                        book: .first, price: 100, amount: 5, cost: 0, aggressor: .buy,
                        isMarketOrder: false, taker: number, maker: OrderNumber(1),
                        takerOwner: owner, makerOwner: owner, stamp: 11)),
                .depth(
                    EngineDepth(
                        book: .first, side: .ask, price: 100, total: 0, delta: -5, stamp: 12)),
                .order(
                    EngineOrder(
                        number: OrderNumber(1), owner: owner, book: .first, side: .sell,
                        price: 100, remaining: 0, effective: 0, state: .filled,
                        end: .completedPassive, priority: 10, stamp: 12)),
                .depth(
                    EngineDepth(book: .first, side: .bid, price: 100, total: 3, delta: 3, stamp: 13)
                ),
                .order(
                    EngineOrder(
                        number: number, owner: owner, book: .first, side: .buy, price: 100,
                        remaining: 3, effective: 3, state: .open, end: nil, priority: 11,
                        stamp: 13)),
            ])
    }

    @Test func marketOrderWaitsForLiquidityAndTakesItInOrderOfArrival() throws {
        var events: [EngineEvent] = []
        let first = try engine.market(.buy, amount: 4, owner: owner, at: 1, into: &events)
        let second = try engine.market(.buy, amount: 4, owner: owner, at: 2, into: &events)
        #expect(engine.order(first)?.state == .executing)
        events = try limit(.sell, 6, 90)
        #expect(trades(events).map { [$0[0], $0[1]] } == [[90, 4], [90, 2]])
        #expect(!engine.isOpen(first))
        #expect(engine.order(second)?.remaining == 2)
        #expect(engine.best(.ask) == nil)
        try engine.cancel(second, at: 3, into: &events)
        #expect(engine.openOrderCount == 0)
    }

    @Test func aCancelledOrderIsGone() throws {
        try limit(.buy, 5, 100)
        try limit(.buy, 7, 100)
        var events: [EngineEvent] = []
        try engine.cancel(OrderNumber(1), at: 5_000, into: &events)
        #expect(
            events.first
                == .depth(
                    EngineDepth(
                        book: .first, side: .bid, price: 100, total: 7, delta: -5, stamp: 5_000)))
        #expect(throws: EngineError.unknownOrder(OrderNumber(1))) {
            try engine.cancel(OrderNumber(1), at: 5_001, into: &events)
        }
        #expect(trades(try limit(.sell, 9, 100)) == [[100, 7, 2]])
    }

    @Test func numbersThatCannotBeAreRefusedAndChangeNothing() throws {
        let hash = engine.stateHash
        #expect(throws: EngineError.amountNotPositive(0)) { try limit(.buy, 0, 5) }
        #expect(throws: EngineError.priceNotPositive(-1)) { try limit(.buy, 5, -1) }
        #expect(engine.stateHash == hash)
        try limit(.buy, .max, 5)
        #expect(throws: EngineError.levelTooLarge(price: 5, total: .max, amount: 1)) {
            try limit(.buy, 1, 5)
        }
        #expect(throws: EngineError.crosses(price: 5, best: 5)) {
            try engine.restore(.sell, amount: 1, price: 5, owner: owner, stamp: 0)
        }
    }

    @Test func levelsAreSummedFromOrders() throws {
        try limit(.sell, 5, 102)
        try limit(.sell, 6, 101)
        try limit(.sell, 7, 102)
        #expect(engine.summedLevels(.ask).map(\.price.units) == [101, 102])
        #expect(engine.summedLevels(.ask).map(\.quantity.units) == [6, 12])
        #expect(engine.summedLevels(.bid).isEmpty)
    }
}
