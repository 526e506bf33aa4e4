import OutcryComponents
import OutcryMarket
import OutcrySimulation
import OutcryVenues
import Testing

@testable import OutcryKernel
@testable import OutcrySandbox

/// Parts of a link with an account that fail and are started anew while orders are on their way.
@Suite struct PartRestartTests {
    private struct Broken: Error {}

    private func fail(_ part: DeskTrouble.Part, of house: DeskHouse) throws {
        let id = try #require(house.kernel.find(part.alias(of: house.link)))
        house.kernel.failed(id, Broken())
    }

    /// An order that nobody answers any more is unknown, is found by the venue's list, and is not sent twice; the
    /// stream, of which the new gateway knows nothing, is made anew.
    @Test(arguments: DeskCarrier.allCases)
    func whatAGatewayHadOnItsWayIsFoundOut(_ carrier: DeskCarrier) throws {
        let house = try DeskHouse(seed: 21, speed: 1, carrier: carrier)
        house.world.faults.latency = .milliseconds(20) ... .milliseconds(20)
        house.run(.seconds(5))
        let low = try #require(house.bot.best).bid - .usd("5")
        house.act { bot, my in
            bot.link.place(.limit(.buy, quantity: "2.5", price: low).named("mine"), my)
        }
        house.run(.milliseconds(10))
        #expect(house.bot.orders["mine"]?.venueID == nil, "nobody has answered")
        try fail(.gateway, of: house)
        house.run(.seconds(60))
        #expect(house.bot.channel == [true, false, true])
        #expect(house.bot.history.contains { $0.id == "mine" && $0.state == .unknown })
        #expect(house.bot.orders["mine"]?.state == .open)
        #expect(house.theirOpenOrders.count == 1, "it was not sent twice")
        #expect(house.ourOpenOrders == house.theirOpenOrders)
        #expect(house.bot.reconciliations.last?.unknown == [])
        // It is no illusion: the new gateway hears.
        house.act { bot, my in bot.link.cancel("mine", my) }
        house.run(.seconds(2))
        #expect(house.bot.orders["mine"]?.state == .cancelled)
        #expect(house.theirOpenOrders == [])
    }

    /// Whenever a gateway fails: while orders are signed, sent, answered, cancelled.
    @Test(arguments: DeskCarrier.allCases)
    func aGatewayMayFailAtAnyMoment(_ carrier: DeskCarrier) throws {
        for moment in 0..<8 {
            let house = try DeskHouse(seed: UInt64(30 + moment), speed: 1, carrier: carrier)
            house.world.faults.latency = .milliseconds(9) ... .milliseconds(11)
            house.run(.seconds(5))
            let low = try #require(house.bot.best).bid - .usd("5")
            for i in 0..<8 {
                house.act { bot, my in
                    let price = low - .usd("0.\(i + 1)")
                    let request = OrderRequest.limit(.buy, quantity: "1", price: price)
                    bot.link.place(request.named(OrderID("mine \(i)")), my)
                    if i > 4 { bot.link.cancel(OrderID("mine \(i - 4)"), my) }
                }
                house.run(.milliseconds(3))
                if i == moment { try fail(.gateway, of: house) }
            }
            house.run(.seconds(60))
            #expect(house.ourOpenOrders == house.theirOpenOrders, "at \(moment)")
            #expect(house.bot.orders.count == 8)
            #expect(house.bot.orders.values.allSatisfy { $0.state != .unknown }, "at \(moment)")
            let placed = house.exchange.state.orders.count { $0.wish.owner == house.owner }
            let named = house.bot.orders.values.count { $0.venueID != nil }
            #expect(placed == named, "at \(moment)")
        }
    }

    /// A desk that begins anew has its orders from the ledger, one that was on its way too, and goes on.
    @Test(arguments: DeskCarrier.allCases)
    func aDeskTakesItsOrdersUpAgain(_ carrier: DeskCarrier) throws {
        var options = AccountOptions()
        options.desk.ledger = "orders.ledger"
        let house = try DeskHouse(seed: 23, speed: 1, account: options, carrier: carrier)
        house.world.faults.latency = .milliseconds(20) ... .milliseconds(20)
        house.run(.seconds(5))
        let low = try #require(house.bot.best).bid - .usd("5")
        for name: OrderID in ["a", "b"] {
            house.act { bot, my in
                bot.link.place(.limit(.buy, quantity: "1", price: low).named(name), my)
            }
            house.run(name == "a" ? .seconds(1) : .milliseconds(15))
        }
        try fail(.desk, of: house)
        house.run(.seconds(60))
        #expect(house.theirOpenOrders.count == 2)
        #expect(house.ourOpenOrders == house.theirOpenOrders)
        #expect(house.bot.orders.count == 2, "under their names")
        house.act { bot, my in
            bot.link.cancel("a", my)
            bot.link.place(.limit(.buy, quantity: "1", price: low).named("c"), my)
        }
        house.run(.seconds(2))
        #expect(house.bot.orders["a"]?.state == .cancelled)
        #expect(house.bot.orders["c"]?.state == .open)
        #expect(house.ourOpenOrders == house.theirOpenOrders)
    }

    /// A guard that begins anew has the kill switch of the one before, and knows which orders are open.
    @Test func aGuardForgetsNothing() throws {
        var options = AccountOptions()
        options.limits.openOrders = 2
        let house = try DeskHouse(seed: 25, speed: 1, account: options)
        house.run(.seconds(5))
        let low = try #require(house.bot.best).bid - .usd("5")
        func place(_ name: OrderID) {
            house.act { bot, my in
                bot.link.place(.limit(.buy, quantity: "1", price: low).named(name), my)
            }
            house.run(.seconds(1))
        }
        place("a")
        place("b")
        try fail(.guardian, of: house)
        // While there is none an order ends.
        house.kernel.post(.cancelOrder, to: house.link.desk, "a")
        house.run(.seconds(1))
        #expect(house.bot.orders["a"]?.state == .cancelled)
        place("c")
        place("d")
        #expect(house.bot.orders["c"]?.state == .open)
        #expect(
            house.bot.orders["d"]?.reason == "expected at most 2 open orders, found one more")
        house.kernel.post(.killSwitch, to: house.link.risk, true)
        house.run(.milliseconds(1))
        try fail(.guardian, of: house)
        house.run(.seconds(1))
        place("e")
        #expect(house.bot.orders["e"]?.reason == "the kill switch is thrown")
    }

    /// Whoever waits for an order that no desk takes hears that it was not placed.
    @Test func anOrderThatNoDeskTakesIsRejected() throws {
        let house = try DeskHouse(seed: 24, speed: 1)
        house.run(.seconds(5))
        var rejected: Order?
        try fail(.desk, of: house)
        house.kernel.post(
            .deskDo, to: "bot",
            DeskAct { bot, my in
                let link = bot.link
                my.task { _ in
                    do { try await link.place(.limit(.buy, quantity: "1", price: "1")) } catch let
                        error as OrderRejected
                    { rejected = error.order }
                }
            })
        house.world.advance(by: .zero)
        #expect(rejected?.reason == "order not placed: the link's desk is gone or full")
        #expect(house.theirOpenOrders == [])
    }

    /// What waits for its turn goes when there is a rate limiter again, which keeps what was spent.
    @Test func whoWaitsForHisTurnWaitsOn() throws {
        let house = try DeskHouse(seed: 22, speed: 1, isLimited: true)
        house.run(.seconds(5))
        let low = try #require(house.bot.best).bid - .usd("5")
        house.act { bot, my in
            for i in 0..<40 {
                bot.link.place(
                    .limit(.buy, quantity: "1", price: low).named(OrderID("mine \(i)")), my)
            }
        }
        house.run(.milliseconds(500))
        let placed = house.theirOpenOrders.count
        try #require(placed < 40, "some wait")
        try fail(.limits, of: house)
        house.run(.milliseconds(500))
        #expect(house.theirOpenOrders.count <= placed + 10, "the budget is no new one")
        house.run(.seconds(60))
        #expect(
            house.theirOpenOrders.count
                + house.bot.orders.values.count(where: { $0.state == .rejected }) == 40)
        #expect(house.ourOpenOrders == house.theirOpenOrders)
        #expect(house.bot.orders.values.allSatisfy { $0.state == .open || $0.state == .rejected })
    }
}
