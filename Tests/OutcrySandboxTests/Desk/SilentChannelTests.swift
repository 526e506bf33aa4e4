import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryVenues
import Testing

@testable import OutcrySandbox

/// The account's channel is lost and nobody says so: what it did not tell is found out.
@Suite struct SilentChannelTests {
    /// A house whose desk does not look by itself, with an order that was filled behind the loss of the channel.
    private func filledUnheard(seed: UInt64, renewal: Duration = .seconds(1_800)) throws
        -> DeskHouse
    {
        var options = AccountOptions()
        options.desk.audit = nil
        let house = try DeskHouse(seed: seed, account: options, gateway: { $0.renewal = renewal })
        house.run(.seconds(5))
        try house.set("lose-subscription", "1000")
        house.act { bot, my in
            bot.link.place(.limit(.buy, quantity: "2", price: .usd("100")).named("mine"), my)
        }
        house.run(.seconds(2))
        try house.set("lose-subscription", "0")
        #expect(house.bot.orders["mine"]?.state.isFinal == false)
        #expect(house.theirOpenOrders == [], "it was filled")
        #expect(house.bot.channel == [true], "nobody has told that the channel is lost")
        #expect(house.ourWallet != house.theirWallet)
        return house
    }

    private func check(_ house: DeskHouse) {
        #expect(house.bot.orders["mine"]?.state == .filled)
        #expect(house.bot.fills.map(\.quantity.units).reduce(0, +) == 200_000_000)
        #expect(house.ourOpenOrders == house.theirOpenOrders)
        #expect(house.ourWallet == house.theirWallet)
        #expect(house.bot.channel == [true, true], "it was joined anew")
    }

    /// A cancellation of what is over shows it: the order ends, the channel is joined anew, and the wallet asked for.
    @Test func aPointlessCancellationShowsIt() throws {
        let house = try filledUnheard(seed: 31)
        house.act { bot, my in bot.link.cancel("mine", my) }
        house.run(.seconds(5))
        check(house)
        // The channel is heard again.
        let low = try #require(house.bot.best).bid - .usd("5")
        house.act { bot, my in
            bot.link.place(.limit(.buy, quantity: "1", price: low).named("next"), my)
        }
        house.run(.seconds(2))
        #expect(house.bot.orders["next"]?.state == .open)
    }

    /// So does the renewal of the channel, which comes in any case.
    @Test func theRenewalShowsIt() throws {
        let house = try filledUnheard(seed: 32, renewal: .seconds(20))
        house.run(.seconds(20))
        check(house)
        #expect(house.bot.reconciliations.count == 2)
    }
}
