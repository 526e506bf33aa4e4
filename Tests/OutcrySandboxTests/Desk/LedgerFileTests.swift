import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import Testing

@testable import OutcrySandbox

/// A bot that goes at any moment, and one that comes after it with the same ledger.
@Suite struct LedgerFileTests {
    private static var options: AccountOptions {
        var options = AccountOptions()
        options.desk.ledger = "orders.ledger"
        return options
    }

    /// A bot with a ledger that has seen the market for five seconds, and a price so low that nothing trades there.
    private func begin(seed: UInt64) throws -> (house: DeskHouse, low: Price) {
        let house = try DeskHouse(seed: seed, speed: 1, account: Self.options)
        house.run(.seconds(5))
        return (house, try #require(house.bot.best).bid - .usd("5"))
    }

    /// However many of its appends reach the file, the next desk has the orders that the exchange has, under the
    /// names that the bot gave them.
    @Test(arguments: [1, 2, 3, 5, 8, 13, 1_000]) func theNextDeskHasTheOrders(writes: Int) throws {
        let (house, low) = try begin(seed: UInt64(writes))
        house.world.storage.crash(afterWrites: writes)
        for i in 0..<6 {
            house.act { bot, my in
                let request = OrderRequest.limit(
                    .buy, quantity: "1", price: low - .usd("0.\(i + 1)"))
                bot.link.place(request.named(OrderID("mine \(i)")), my)
                if i == 3 { bot.link.cancel("mine 0", my) }
            }
            house.run(.milliseconds(200))
        }
        let before = house.theirOpenOrders
        // The first link ends with all that it knew; a second one begins with the same file.
        house.world.storage.recover()
        let second = try house.secondLink(Self.options)
        house.run(.seconds(60))
        #expect(house.theirOpenOrders == before, "nobody placed anything again")
        let ours = second.orders.values.filter { !$0.state.isFinal }
        #expect(
            ours.map { "\($0.venueID?.text ?? "unknown") \($0.remaining.units)" }.sorted() == before
        )
        #expect(ours.allSatisfy { $0.id.text.hasPrefix("mine ") })
        #expect(second.orders.values.allSatisfy { $0.state != .unknown })
    }

    @Test func aDeskWithoutAFileSaysSo() throws {
        let (house, _) = try begin(seed: 3)
        house.world.storage.isFull = true
        house.act { bot, my in
            bot.link.place(.limit(.buy, quantity: "1", price: "1").named("a"), my)
        }
        house.run(.seconds(1))
        #expect(house.bot.orders["a"]?.state == .rejected)
        #expect(house.bot.orders["a"]?.reason?.hasPrefix("it could not be written down") == true)
        #expect(house.theirOpenOrders == [])
    }

    /// The name of an order that is out is written as soon as the disk has room again.
    @Test func aNameWaitsForRoomOnTheDisk() throws {
        let (house, low) = try begin(seed: 6)
        house.world.faults.latency = .milliseconds(20) ... .milliseconds(20)
        house.act { bot, my in
            bot.link.place(.limit(.buy, quantity: "1", price: low).named("a"), my)
        }
        house.run(.milliseconds(5))
        var ledger: String {
            String(decoding: house.world.storage["orders.ledger"] ?? [], as: UTF8.self)
        }
        #expect(ledger.hasPrefix("place a ") && !ledger.contains("named a"))
        house.world.storage.isFull = true
        house.run(.seconds(10))
        #expect(house.bot.orders["a"]?.state == .open)
        #expect(!ledger.contains("named a"))
        house.world.storage.isFull = false
        house.run(.seconds(3))
        let name = try #require(house.bot.orders["a"]?.venueID)
        #expect(ledger.hasSuffix("\ntorn\nnamed a \(name)\n"))
    }

    /// A second order of a name is refused under another one: the first stays, in the ledger too.
    @Test func aNameThatIsTakenHarmsNobody() throws {
        let (house, low) = try begin(seed: 4)
        var second: Order?
        house.act { bot, my in
            let request = OrderRequest.limit(.buy, quantity: "1", price: low).named("a")
            bot.link.place(request, my)
            let link = bot.link
            my.task { my in
                do { try await link.place(request) } catch let rejected as OrderRejected {
                    second = rejected.order
                }
            }
        }
        house.run(.seconds(1))
        #expect(second?.id == "a (second)")
        #expect(house.bot.orders["a"]?.state == .open)
        #expect(house.theirOpenOrders.count == 1)
        try house.stopLink()
        let next = try house.secondLink(Self.options)
        house.run(.seconds(5))
        #expect(next.orders["a"]?.state == .open)
    }

    /// Two desks never have one ledger: the second one refuses orders until the first one is gone, and has the
    /// first one's orders then, once and under their names.
    @Test func twoDesksDoNotShareALedger() throws {
        let (house, low) = try begin(seed: 5)
        house.act { bot, my in
            bot.link.place(.limit(.buy, quantity: "1", price: low).named("a"), my)
        }
        house.run(.seconds(1))
        let second = try house.secondLink(Self.options)
        house.run(.seconds(5))
        let bot = second
        house.act { _, my in
            bot.link.place(.limit(.buy, quantity: "2", price: low).named("b"), my)
        }
        house.run(.seconds(1))
        #expect(second.orders["b"]?.state == .rejected)
        #expect(
            second.orders["b"]?.reason
                == "another desk has the ledger orders.ledger: each needs one of its own")
        #expect(second.orders["a"] == nil, "it is the first one's")
        #expect(house.theirOpenOrders.count == 1)
        try house.stopLink()
        house.run(.seconds(10))
        #expect(second.orders["a"]?.state == .open)
        house.act { _, my in
            bot.link.place(.limit(.buy, quantity: "2", price: low).named("c"), my)
            bot.link.cancel("a", my)
        }
        house.run(.seconds(1))
        #expect(second.orders["c"]?.state == .open)
        #expect(second.orders["a"]?.state == .cancelled)
        #expect(house.theirOpenOrders.count == 1)
    }
}
