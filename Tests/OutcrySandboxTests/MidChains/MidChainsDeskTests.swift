import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryVenues
import Testing

@testable import OutcrySandbox

/// A link's book and desk on the sandbox's MidChains: as they are on its Mt. Gox.
@Suite struct MidChainsDeskTests {
    private func house(
        _ seed: UInt64, speed: Int = 600,
        _ options: (inout MidChainsGatewayOptions) -> Void = { _ in },
        sandbox: (inout SandboxConfiguration) -> Void = { _ in }
    ) throws -> DeskHouse {
        try DeskHouse(
            seed: seed, speed: speed, carrier: .midChains, sandbox, midChains: options)
    }

    /// The link's book is the engine's, level by level, though only orders were told.
    @Test(arguments: [1, 2, 3] as [UInt64]) func theBookIsTheExchanges(seed: UInt64) throws {
        let house = try house(seed)
        let reader = BookReader(house.link)
        house.kernel.start(reader, alias: "reader")
        for _ in 0..<5 {
            house.run(.seconds(10))
            house.kernel.post(.sandboxStop, to: "exchange", ())
            house.run(.seconds(1))
            for side in [Side.bid, .ask] {
                let theirs = house.exchange.engine.summedLevels(side).map(\.description)
                #expect(reader.levels[side]?.map(\.description) == theirs, "seed \(seed)")
                #expect(theirs.count > 10)
            }
            #expect(reader.evidence == .unproven)
            house.kernel.post(.sandboxGo, to: "exchange", ())
        }
        #expect(reader.trades > 10)
        #expect(reader.stale == 0)
    }

    @Test func anOrderIsPlacedAndCancelled() throws {
        let house = try house(1)
        house.run(.seconds(5))
        #expect(house.bot.channel == [true])
        #expect(house.bot.reconciliations.count == 1)
        #expect(house.ourWallet == house.theirWallet)
        let low = try #require(house.bot.best).bid - .usd("5")
        house.act { bot, my in
            bot.link.place(.limit(.buy, quantity: "2.5", price: low).named("mine"), my)
        }
        house.run(.seconds(1))
        #expect(house.bot.history.map(\.state) == [.pending, .pending, .open])
        #expect(house.bot.orders["mine"]?.venueID != nil)
        #expect(house.ourOpenOrders == house.theirOpenOrders)
        #expect(house.theirOpenOrders.count == 1)
        house.act { bot, my in bot.link.cancel("mine", my) }
        house.run(.seconds(1))
        #expect(house.bot.orders["mine"]?.state == .cancelled)
        #expect(house.theirOpenOrders == [])
    }

    @Test func marketOrders() throws {
        let house = try house(2)
        house.run(.seconds(5))
        house.act { bot, my in
            bot.link.place(.market(.buy, quantity: "3").named("bought"), my)
            bot.link.place(.market(.sell, quantity: "2").named("sold"), my)
        }
        house.run(.seconds(2))
        for (name, quantity) in [("bought", "3"), ("sold", "2")] as [(OrderID, Quantity)] {
            let order = try #require(house.bot.orders[name])
            #expect(order.state == .filled, "\(order)")
            #expect(order.filled == quantity)
            #expect(order.cost != nil)
        }
        #expect(house.bot.fills.map(\.quantity.units).reduce(0, +) == 500_000_000)
        #expect(house.ourWallet == house.theirWallet)
    }

    @Test func whatCannotBeIsRejectedWithTheReason() throws {
        let house = try house(3) { $0.marketBuys = .refused }
        house.run(.seconds(5))
        house.act { bot, my in
            bot.link.place(.limit(.buy, quantity: "1000000", price: "10"), my)
            bot.link.place(.market(.buy, quantity: "1"), my)
        }
        house.run(.seconds(1))
        let reasons = house.bot.history.filter { $0.state == .rejected }.map { $0.reason ?? "" }
        #expect(
            reasons.sorted() == [
                "not enough fund",
                "the venue takes market orders to buy by what they are to cost only",
            ])
    }

    @Test(arguments: [true, false]) func ordersSurviveADisconnect(echoes: Bool) throws {
        let house = try house(4) { $0.sendsClientIDs = echoes }
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

    /// A user that the venue does not let in is told so, and not tried for ever.
    @Test func aWrongPassword() throws {
        let house = try DeskHouse(
            seed: 5, carrier: .midChains,
            { $0.midChains.users = [SandboxMidChainsUser("bot", password: "another")] })
        house.run(.seconds(120))
        #expect(house.bot.channel == [])
        #expect(house.exchange.counters.refused == 3)
        house.act { bot, my in
            bot.link.place(.limit(.buy, quantity: "1", price: "10").named("mine"), my)
        }
        house.run(.seconds(1))
        #expect(house.bot.orders["mine"]?.reason == "not logged in")
    }

    /// The documented limits, kept by the link: nothing is refused for them.
    @Test func theLimitsAreKept() throws {
        let house = try DeskHouse(
            seed: 6, isLimited: true, carrier: .midChains, { $0.midChains.setVenueLimits() })
        house.run(.seconds(5))
        let low = try #require(house.bot.best).bid - .usd("5")
        house.act { bot, my in
            for _ in 0..<40 { bot.link.place(.limit(.buy, quantity: "0.1", price: low), my) }
        }
        house.run(.seconds(30))
        #expect(house.theirOpenOrders.count == 40)
        #expect(house.ourOpenOrders == house.theirOpenOrders)
        #expect(house.exchange.counters.refused == 0)
    }
}

/// Keeps copies of a link's book.
private final class BookReader: Session {
    let link: Link
    var levels: [Side: [BookLevel]] = [:]
    var evidence: Evidence?
    var trades = 0
    var stale = 0

    init(_ link: Link) { self.link = link }

    static func handlers(_ on: inout Handlers<BookReader>) {
        on(.started) { me, _, my in
            my.register(me.link.bookChanged, me.link.trade, me.link.bookStale)
        }
        on(.bookChanged) { me, change, _ in
            me.levels = [
                .bid: Array(change.book.levels(.bid)).map(\.bare),
                .ask: Array(change.book.levels(.ask)).map(\.bare),
            ]
            me.evidence = change.evidence
        }
        on(.trade) { me, _, _ in me.trades += 1 }
        on(.bookStale) { me, _, _ in me.stale += 1 }
    }
}

extension BookLevel {
    /// Without its stamp.
    fileprivate var bare: BookLevel { BookLevel(price: price, quantity: quantity) }
}
