import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryVenues
import Testing

@testable import OutcrySandbox

/// A link's desk on a sandbox: orders from their placing to their end.
@Suite struct DeskTests {
    @Test func anOrderIsPlacedAndCancelled() throws {
        let house = try DeskHouse(seed: 1)
        house.run(.seconds(5))
        #expect(house.bot.channel == [true])
        #expect(house.bot.reconciliations.count == 1)
        #expect(house.ourWallet == house.theirWallet)
        let low = try #require(house.bot.best).bid - .usd("5")
        house.act { bot, my in
            bot.link.place(.limit(.buy, quantity: "2.5", price: low).named("mine"), my)
        }
        house.run(.seconds(1))
        #expect(
            house.bot.history.map(\.state) == [.pending, .pending, .pending, .executing, .open],
            "asked, taken, told, matched, resting")
        #expect(house.bot.orders["mine"]?.venueID != nil)
        #expect(house.ourOpenOrders == house.theirOpenOrders)
        #expect(house.theirOpenOrders.count == 1)
        house.act { bot, my in bot.link.cancel("mine", my) }
        house.run(.seconds(1))
        #expect(house.bot.orders["mine"]?.state == .cancelled)
        #expect(house.theirOpenOrders == [])
    }

    @Test func aMarketOrderIsFilledAndItsCostKnown() throws {
        let house = try DeskHouse(seed: 2)
        house.run(.seconds(5))
        house.act { bot, my in
            bot.link.place(.market(.buy, quantity: "3").named("mine"), my)
        }
        house.run(.seconds(2))
        let order = try #require(house.bot.orders["mine"])
        #expect(order.state == .filled)
        #expect(order.filled == "3")
        #expect(order.cost != nil)
        #expect(order.baseFee == Money("0.018", .btc), "0.6 % of 3")
        #expect(house.bot.fills.map(\.quantity.units).reduce(0, +) == 300_000_000)
        #expect(house.bot.fills.allSatisfy { $0.order == "mine" && $0.fee != nil })
        let usd = try #require(house.bot.wallet?[.usd]).total
        #expect(try usd == #require(Money("100000", .usd)) - #require(order.cost))
        #expect(house.ourWallet == house.theirWallet)
    }

    @Test func whatCannotBeIsRejectedWithTheReason() throws {
        let house = try DeskHouse(seed: 3)
        house.run(.seconds(5))
        house.act { bot, my in
            bot.link.place(.limit(.buy, quantity: "0.001", price: "10"), my)
            bot.link.place(.limit(.buy, quantity: "0.0000000001", price: "10"), my)
            bot.link.place(.limit(.buy, quantity: "1", price: "0"), my)
        }
        house.run(.seconds(1))
        let reasons = house.bot.history.filter { $0.state == .rejected }.map { $0.reason ?? "" }
        #expect(reasons.count == 3)
        #expect(reasons.contains("Order amount is too low"))
        #expect(
            reasons.contains(
                "expected a quantity above zero with at most 8 decimals, found 0.0000000001"))
        #expect(reasons.contains("expected a price above zero with at most 5 decimals, found 0"))
    }

    @Test func ordersSurviveADisconnect() throws {
        let house = try DeskHouse(seed: 4)
        house.run(.seconds(5))
        let best = try #require(house.bot.best)
        house.act { bot, my in
            for i in 0..<20 {
                bot.link.place(
                    .limit(.buy, quantity: "1", price: best.bid - .usd("0.0\(i + 10)")), my)
            }
        }
        house.run(.milliseconds(100))
        try house.set("disconnect", "1000")
        house.run(.seconds(60))
        #expect(house.bot.channel == [true, false, true])
        #expect(house.ourOpenOrders == house.theirOpenOrders)
        #expect(house.bot.orders.count == 20)
        #expect(house.ourWallet == house.theirWallet)
    }

    /// The answer is lost: the order is unknown until it is found.
    @Test func aLostReplyIsFoundOut() throws {
        let house = try DeskHouse(seed: 5, gateway: { $0.carrier = .http })
        house.run(.seconds(5))
        let low = try #require(house.bot.best).bid - .usd("5")
        try house.set("lost-reply", "1000")
        house.act { bot, my in
            bot.link.place(.limit(.buy, quantity: "2.5", price: low).named("mine"), my)
        }
        house.run(.seconds(30))
        #expect(house.bot.history.contains { $0.state == .unknown })
        try house.set("lost-reply", "0")
        house.run(.seconds(60))
        #expect(house.bot.orders["mine"]?.state == .open)
        #expect(house.ourOpenOrders == house.theirOpenOrders)
        #expect(house.theirOpenOrders.count == 1, "it was not sent twice")
    }
}
