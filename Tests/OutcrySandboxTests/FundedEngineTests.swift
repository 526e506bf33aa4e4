import OutcryMarket
import Testing

@testable import OutcrySandbox

/// Money is not reserved: what a wallet does not pay for is not in the book.
@Suite struct FundedEngineTests {
    private let engine = MatchingEngine([.btcusd, .btceur])
    private let eur = BookNumber(1)
    private let ann = OwnerNumber(10)
    private let bob = OwnerNumber(11)
    private let coin: Int64 = 100_000_000

    init() throws {
        try engine.openAccount(ann)
        try engine.openAccount(bob)
    }

    @discardableResult
    private func limit(
        _ side: OrderSide, _ amount: Int64, _ price: Int64, _ owner: OwnerNumber,
        in book: BookNumber = .first
    ) throws -> [EngineEvent] {
        var events: [EngineEvent] = []
        try engine.limit(
            side, amount: amount, price: price, owner: owner, in: book, at: 1_000, into: &events)
        return events
    }

    @discardableResult
    private func deposit(
        _ amount: Int64, _ currency: Currency, _ owner: OwnerNumber
    ) throws -> [EngineEvent] {
        var events: [EngineEvent] = []
        try engine.deposit(amount, currency, to: owner, at: 1_000, into: &events)
        return events
    }

    /// `#1 open 5/8`: an order's number, state, effective part and rest.
    private func orders(_ events: [EngineEvent]) -> [String] {
        events.compactMap {
            guard case .order(let order) = $0 else { return nil }
            return "\(order.number) \(order.state) \(order.effective)/\(order.remaining)"
        }
    }

    @Test func tellsBuyerSellerTradeDepthOrder() throws {
        try deposit(3 * coin, .btc, ann)
        try deposit(1_000, .usd, bob)
        try limit(.sell, 2 * coin, 100, ann)
        let events = try limit(.buy, coin, 100, bob)
        let kinds = events.map {
            switch $0 {
            case .wallet(let entry):
                "\(entry.owner) \(entry.kind) \(entry.amount) \(entry.currency) \(entry.balance)"
            case .trade(let trade): "trade \(trade.amount) \(trade.cost)"
            case .depth(let depth): "depth \(depth.delta)"
            case .order(let order): "\(order.number) \(order.state)"
            }
        }
        #expect(
            kinds == [
                "owner 11 in 100000000 BTC 100000000", "owner 11 spent 100 USD 900",
                "owner 10 out 100000000 BTC 200000000", "owner 10 earned 100 USD 100",
                "trade 100000000 100", "depth -100000000", "#1 open", "#2 filled",
            ])
        guard case .wallet(let entry) = events[0], case .trade(let trade) = events[4] else {
            return #expect(Bool(false), "the first is an entry, the fifth the trade")
        }
        #expect(entry.trade == trade.id && entry.stamp == trade.stamp)
        #expect(entry.order == OrderNumber(2) && entry.price == 100 && entry.traded == coin)
        #expect(trade.takerOwner == bob && trade.makerOwner == ann)
    }

    @Test func anOrderStandsWithWhatItsWalletPaysFor() throws {
        try deposit(500, .usd, bob)
        #expect(orders(try limit(.buy, 8 * coin, 100, bob)) == ["#1 open 500000000/800000000"])
        #expect(engine.total(.bid, at: 100) == 5 * coin)
        // Each for itself: nothing is reserved.
        #expect(orders(try limit(.buy, 3 * coin, 99, bob)) == ["#2 open 300000000/300000000"])
        #expect(orders(try limit(.sell, coin, 200, bob)) == ["#3 invalid 0/100000000"])
        #expect(engine.best(.ask) == nil)
        #expect(engine.openOrderCount == 3)
    }

    @Test func aFillThatEmptiesTheWalletTakesOtherLevelsAway() throws {
        try deposit(400, .usd, bob)
        try deposit(10 * coin, .btc, ann)
        try limit(.buy, 4 * coin, 100, bob)
        try limit(.buy, 2 * coin, 99, bob)
        try limit(.buy, 10 * coin, 50, bob)
        let events = try limit(.sell, 3 * coin, 100, ann)
        let depths = events.compactMap {
            if case .depth(let depth) = $0 { [depth.price, depth.delta] } else { nil }
        }
        // Of 100 left one coin is paid at 100, 1.01010101 at 99, two at 50.
        #expect(
            depths == [
                [100, -3 * coin], [99, 101_010_101 - 2 * coin], [50, 2 * coin - 8 * coin],
            ])
        #expect(
            orders(events) == [
                "#1 open 100000000/100000000", "#2 open 101010101/200000000",
                "#3 open 200000000/1000000000", "#4 filled 0/0",
            ])
        let last = try limit(.sell, coin, 100, ann)
        #expect(
            orders(last) == [
                "#1 filled 0/0", "#2 invalid 0/200000000", "#3 invalid 0/1000000000",
                "#5 filled 0/0",
            ])
        #expect(engine.levelCount(.bid) == 0)
    }

    @Test func ordersInSeveralBooksSpendOneWallet() throws {
        try deposit(2 * coin, .btc, ann)
        try limit(.sell, 2 * coin, 100, ann)
        try limit(.sell, 2 * coin, 80, ann, in: eur)
        try deposit(1_000, .usd, bob)
        let events = try limit(.buy, coin, 100, bob)
        #expect(engine.total(.ask, at: 80, in: eur) == coin)
        #expect(engine.total(.ask, at: 100) == coin)
        #expect(orders(events).contains("#2 open 100000000/200000000"))
        let stamps = events.compactMap {
            if case .depth(let depth) = $0 { depth.stamp } else { nil }
        }
        #expect(stamps == stamps.sorted() && Set(stamps).count == 2, "over all books")
        try limit(.buy, coin, 100, bob)
        #expect(engine.levelCount(.ask, in: eur) == 0)
    }

    @Test func whatWasInvalidComesBackByNumberAtTheEndOfTheQueueAndTrades() throws {
        try limit(.buy, coin, 100, bob)  // 1
        try limit(.buy, coin, 101, bob)  // 2
        try deposit(5 * coin, .btc, ann)
        try deposit(1_000, .usd, ann)
        try limit(.buy, coin, 100, ann)  // 3 is first now
        try limit(.sell, 2 * coin, 101, ann)  // 4
        let events = try deposit(300, .usd, bob)
        #expect(
            orders(events) == [
                "#1 open 100000000/100000000", "#4 open 100000000/100000000", "#2 filled 0/0",
            ])
        var turns: [Int64] = []
        engine.forEachOrder(.bid) { turns.append($0.number.value) }
        #expect(turns == [3, 1])
        #expect(engine.ledger.balance(bob, .usd) == 199)
    }

    @Test func aPartlyFundedOrderGrowsInItsPlace() throws {
        try deposit(100, .usd, bob)
        try limit(.buy, 3 * coin, 100, bob)  // 1, a third of it
        try deposit(1_000, .usd, ann)
        try limit(.buy, coin, 100, ann)  // 2
        #expect(orders(try deposit(100, .usd, bob)) == ["#1 open 200000000/300000000"])
        #expect(engine.front(.bid)?.number == OrderNumber(1))
        #expect(engine.total(.bid, at: 100) == 3 * coin)
    }

    /// MTGOX.md 11: an ask without money is filled by the few satoshi each buy brings in.
    @Test func anOldAskIsFilledPiecemealByWhatIsBought() throws {
        try limit(.sell, 50 * coin, 90, ann)  // 1 has no coin
        try deposit(10_000, .usd, ann)
        var events: [EngineEvent] = []
        try engine.limit(
            .buy, amount: coin, price: 90, owner: .makers, at: 1_000, into: &events)  // 2 waits
        try engine.limit(
            .sell, amount: 7, price: 95, owner: .makers, at: 1_000, into: &events)  // 3
        events = try limit(.buy, 7, 95, ann)  // 4 brings 7
        #expect(
            orders(events) == [
                "#3 filled 0/0", "#4 filled 0/0", "#2 open 99999993/99999993",
                "#1 invalid 0/4999999993",
            ])
        #expect(engine.ledger.balance(ann, .btc) == 0)
    }

    @Test func marketOrdersWithoutMoneyAreInvalidAndComeBack() throws {
        var events: [EngineEvent] = []
        try engine.market(.buy, amount: 2 * coin, owner: bob, at: 1, into: &events)
        #expect(orders(events) == ["#1 invalid 0/200000000"])
        try deposit(coin, .btc, ann)
        try limit(.sell, coin, 100, ann)
        #expect(
            orders(try deposit(50, .usd, bob)) == [
                "#2 open 50000000/50000000", "#1 invalid 0/150000000",
            ])
        #expect(
            orders(try deposit(75, .usd, bob)) == [
                "#2 filled 0/0", "#1 executing 100000000/100000000",
            ])
        events = []
        try engine.withdraw(25, .usd, from: bob, at: 1, into: &events)
        #expect(orders(events) == ["#1 invalid 0/100000000"])
    }

    @Test func whoTradesWithHimselfDoesNotTradeTheSameMoneyRoundAndRound() throws {
        try deposit(100, .usd, ann)
        try deposit(coin, .btc, ann)
        try limit(.sell, 1_000_000 * coin, 100, ann)
        let events = try limit(.buy, 1_000_000 * coin, 100, ann)
        #expect(engine.tradeCount == 1)
        // The coin is there, but would only come back to the bid that has just bought it.
        #expect(
            orders(events) == [
                "#1 invalid 0/99999900000000", "#2 open 100000000/99999900000000",
            ])
        #expect(engine.ledger.balance(ann, .usd) == 100)
        #expect(engine.isSettled)
    }

    @Test func revivalsThatFeedEachOtherAreBoundedAndGoOn() throws {
        let engine = MatchingEngine(rules: EngineRules(revivalsAtOnce: 4))
        var events: [EngineEvent] = []
        for owner in [ann, bob] {
            try engine.openAccount(owner)
            for side in [OrderSide.buy, .sell] {
                try engine.limit(
                    side, amount: 20 * coin, price: 100, owner: owner, at: 1, into: &events)
            }
        }
        try engine.deposit(coin, .btc, to: ann, at: 1, into: &events)
        #expect(engine.isSettled)
        // From now on the same coin goes to and fro, as long as anybody wants it.
        try engine.deposit(100, .usd, to: bob, at: 1, into: &events)
        #expect(!engine.isSettled)
        #expect((1...4).contains(engine.tradeCount))
        var rounds = 0
        while !engine.isSettled, rounds < 100 {
            engine.settle(at: 1, into: &events)
            rounds += 1
        }
        print("\(engine.tradeCount) trades in \(rounds) rounds more")
        #expect(engine.isSettled && rounds > 5)
        #expect(engine.ledger.total(.btc) == coin && engine.ledger.total(.usd) == 100)
    }
}
