import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryVenues
import Testing

@testable import OutcrySandbox

/// What a link's guard does before its desk: limits, the order of what is said, and the end.
@Suite struct GuardTests {
    /// What is said about an order in the handler that places it comes behind the order.
    @Test func whatIsSaidAtOnceDoesNotOvertakeTheOrder() throws {
        let house = try DeskHouse(seed: 11)
        house.run(.seconds(5))
        let low = try #require(house.bot.best).bid - .usd("5")
        house.act { bot, my in
            for name in ["one", "two", "three"] {
                bot.link.place(
                    .limit(.buy, quantity: "1", price: low).named(OrderID(name)), my)
            }
            bot.link.cancel("two", my)
        }
        house.run(.seconds(1))
        #expect(house.bot.orders["one"]?.state == .open)
        #expect(house.bot.orders["two"]?.state == .cancelled)
        #expect(house.theirOpenOrders.count == 2)
        house.act { bot, my in
            bot.link.place(.limit(.buy, quantity: "1", price: low).named("four"), my)
            bot.link.cancelAll(my)
        }
        house.run(.seconds(1))
        #expect(house.theirOpenOrders == [])
        #expect(house.bot.orders["four"]?.state == .cancelled)
        #expect(house.bot.orders["one"]?.state == .cancelled)
    }

    /// A workflow asks for the end of an order that it has just placed.
    @Test func theEndOfAnOrderOnItsWay() throws {
        let house = try DeskHouse(seed: 12)
        house.run(.seconds(5))
        var ends: [Order?] = []
        house.act { bot, my in
            my.task { my in
                let id = bot.link.place(.market(.buy, quantity: "1"), my)
                ends.append(try await bot.link.end(of: id))
            }
        }
        house.run(.seconds(2))
        #expect(ends.map { $0?.state } == [.filled])
    }

    private func stopping(_ causes: [CancelCause], seed: UInt64) throws -> DeskHouse {
        var options = AccountOptions()
        options.limits.cancelsAll = causes
        let house = try DeskHouse(seed: seed, account: options)
        house.run(.seconds(5))
        let low = try #require(house.bot.best).bid - .usd("5")
        house.act { bot, my in
            for _ in 0..<5 { bot.link.place(.limit(.buy, quantity: "1", price: low), my) }
        }
        house.run(.seconds(1))
        #expect(house.theirOpenOrders.count == 5)
        return house
    }

    @Test func interruptTakesAllOrdersBackAndEndsTheRun() throws {
        let house = try stopping([.interrupt], seed: 13)
        house.kernel.receive(.signal(.interrupt))
        house.run(.seconds(1))
        #expect(house.theirOpenOrders == [])
        #expect(
            house.kernel.find("bot") == nil, "it has stopped, and did not wait for its deadline")
    }

    @Test func interruptLeavesThemWhereNobodySaysOtherwise() throws {
        let house = try stopping([], seed: 13)
        house.kernel.receive(.signal(.interrupt))
        house.run(.seconds(1))
        #expect(house.theirOpenOrders.count == 5)
        #expect(house.kernel.find("bot") == nil)
    }

    @Test func beforeTheEndNothingPassesAnyMore() throws {
        let house = try stopping([.shutdown], seed: 14)
        let low = try #require(house.bot.best).bid - .usd("5")
        house.kernel.stop(within: .seconds(5))
        house.act { bot, my in
            bot.link.place(.limit(.buy, quantity: "1", price: low).named("late"), my)
        }
        house.run(.seconds(2))
        #expect(house.theirOpenOrders == [])
        #expect(house.bot.orders["late"]?.state == .rejected)
        #expect(
            house.bot.orders["late"]?.reason
                == "the program is about to end: all orders have been cancelled")
    }

    /// Without a key every order is refused, also one that is waited for.
    @Test func aLinkWithoutAKeyAnswers() throws {
        let world = SimulatedWorld(seed: 15)
        let kernel = Kernel(driver: Simulation(in: world))
        kernel.logLevel = .error
        let sandbox = try EmbeddedSandbox(on: kernel)
        let bot = DeskBot(
            try MtGox.open(on: kernel, url: sandbox.url, instruments: [.btcusd]))
        kernel.start(bot, alias: "bot")
        var said: [String] = []
        kernel.post(
            .deskDo, to: "bot",
            DeskAct { bot, my in
                my.task { _ in
                    do {
                        try await bot.link.place(
                            .limit(.buy, quantity: "1", price: "10").named("mine"))
                    } catch { said.append("\(error)") }
                    let end = try await bot.link.end(of: "mine")
                    said.append("\(end == nil)")
                    said.append("\(try await bot.link.openOrders().count)")
                }
            })
        world.advance(by: .seconds(1))
        #expect(
            said == [
                "order mine rejected: the link has no API key: it carries public data only",
                "true", "0",
            ])
    }
}
