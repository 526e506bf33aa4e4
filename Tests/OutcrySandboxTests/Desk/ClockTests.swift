import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryVenues
import Testing

@testable import OutcrySandbox

/// A link on a machine whose calendar is wrong, or is set while it runs.
@Suite struct ClockTests {
    private static let wrong: [Duration] = [
        .seconds(-100_000), .seconds(-20), .seconds(20), .seconds(100_000),
    ]

    private func low(_ house: DeskHouse) throws -> Price {
        try #require(house.bot.best).bid - .usd("5")
    }

    private func place(_ house: DeskHouse, _ id: OrderID, at price: Price) {
        house.act { bot, my in
            bot.link.place(.limit(.buy, quantity: "1", price: price).named(id), my)
        }
    }

    /// Calls are signed by the venue's time once it has refused a tonce, by stream or by HTTP.
    @Test(arguments: wrong) func callsAreSignedByTheVenuesTime(ahead: Duration) throws {
        let house = try DeskHouse(seed: 1, clockAhead: ahead)
        house.run(.seconds(20))
        #expect(house.bot.channel == [true])
        place(house, "a", at: try low(house))
        house.run(.seconds(5))
        #expect(house.bot.orders["a"]?.state == .open)
        house.machine?.wallOffset = .zero
        house.run(.seconds(5))
        place(house, "b", at: try low(house))
        house.run(.seconds(5))
        #expect(house.bot.orders["b"]?.state == .open)
        #expect(house.theirOpenOrders == house.ourOpenOrders)
    }

    /// An order whose answer was lost is looked for from the venue's time on, not from this machine's.
    @Test(arguments: wrong) func aLostAnswersOrderIsFound(ahead: Duration) throws {
        let house = try DeskHouse(
            seed: 2, clockAhead: ahead, gateway: { $0.carrier = .http })
        house.run(.seconds(20))
        try house.set("lost-reply", "on")
        place(house, "a", at: try low(house))
        place(house, "taken", at: try low(house) + .usd("10"))
        house.run(.milliseconds(200))
        try house.set("lost-reply", "off")
        house.run(.seconds(60))
        for id in ["a", "taken"] as [OrderID] {
            #expect(house.bot.history.contains { $0.id == id && $0.state == .unknown })
        }
        #expect(house.bot.orders["a"]?.state == .open)
        #expect(house.bot.orders["taken"]?.state == .filled)
        #expect(house.theirOpenOrders == house.ourOpenOrders)
    }

    /// What a predecessor has sent may be on its way, however long ago the calendar says that it was.
    @Test(arguments: wrong) func aPredecessorsOrderMayStillCome(ahead: Duration) throws {
        var options = AccountOptions()
        options.desk.ledger = "orders.ledger"
        let house = try DeskHouse(seed: 3, account: options, clockAhead: .zero)
        house.run(.seconds(5))
        house.world.faults.latency = .seconds(4) ... .seconds(4)
        place(house, "a", at: try low(house))
        house.run(.milliseconds(300))
        try house.stopLink()
        #expect(house.theirOpenOrders == [], "it is on its way")
        house.machine?.wallOffset = ahead
        house.world.faults.latency = .milliseconds(1) ... .milliseconds(5)
        let second = try house.secondLink(options)
        house.run(.seconds(60))
        #expect(house.theirOpenOrders.count == 1)
        #expect(second.orders["a"]?.state == .open)
    }

    /// The venue's time goes on though nothing happens in its market: an order of an hour ago is not this one.
    @Test(arguments: wrong) func anIdleMarketsTimeGoesOn(ahead: Duration) throws {
        var options = AccountOptions()
        options.desk.ledger = "orders.ledger"
        let house = try DeskHouse(seed: 4, account: options, clockAhead: ahead)
        house.run(.seconds(20))
        house.kernel.post(.sandboxStop, to: "exchange", ())
        house.run(.seconds(3_600))
        let now = house.world.wallNow
        place(house, "a", at: try low(house))
        let line = String(decoding: house.world.storage["orders.ledger"] ?? [], as: UTF8.self)
        let time = try #require(
            line.split(separator: "\n").first { $0.hasPrefix("place a ") }?
                .split(separator: " ").last.flatMap { Int64($0) })
        let early = now.microseconds - time
        #expect(early >= 0)
        #expect(early <= (ahead < .zero ? -ahead.nanoseconds / 1_000 : 0) + 15_000_000)
    }
}
