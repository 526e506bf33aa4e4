import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import Testing

@testable import OutcrySandbox

/// What one order sets off for many clients does not hold up the kernel.
@Suite struct SandboxPauseTests {
    @Test func aSweepForManyIsToldInTurns() throws {
        let trading = try TradingHouse()
        let house = trading.house
        let alice = try trading.person("alice", usd: "10000000", btc: "0")
        let crowd = try (0..<100).map { _ in try house.stream() }
        for peer in crowd { _ = try peer.raw() }
        let own = try alice.listen()
        let sent = house.exchange.counters.sent
        let turns = house.kernel.snapshot().turns
        // All asks of the recorded book up to 60 dollars.
        _ = try alice.call(
            "BTCUSD/order/add",
            [("type", "bid"), ("amount_int", "10000000000000"), ("price_int", "6000000")])
        let messages = try crowd[0].raw()
        #expect(messages.count > 300)
        for peer in crowd.dropFirst() { #expect(try peer.raw() == messages) }
        let puts = house.exchange.counters.sent - sent
        #expect(puts >= 100 * messages.count)
        #expect(
            house.kernel.snapshot().turns - turns >= UInt64(puts / 16_384),
            "\(puts) messages in \(house.kernel.snapshot().turns - turns) turns")
        #expect(house.exchange.held.isEmpty)
        let told = try own.messages()
        #expect(told.first?["user_order"]["status"].text == "pending")
        #expect(told.last?["user_order"]["status"].text == "open", "all of it, in its order")
        #expect(told.count { $0["private"].text == "trade" } > 100)
    }
}
