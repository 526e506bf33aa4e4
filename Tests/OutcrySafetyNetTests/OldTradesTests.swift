import OutcryKernel
import OutcryMarket
import OutcrySandbox
import OutcrySimulation
import OutcryVenues
import Testing

@testable import OutcrySafetyNet

/// Until June 2011 trades were counted, from then on they are numbered by their time.
@Suite struct OldTradesTests {
    /// 2,500 trades that are counted, 1,500 that are numbered by their time, up to two days ago.
    private static func archive(before now: Int64) -> [Trade] {
        let minute: Int64 = 60_000_000
        let last = now - 48 * 60 * minute
        let counted = (1...2_500).map { (number: Int64) in
            Trade(
                venue: .mtgox, instrument: .btcusd, id: number, priceUnits: 1_000 + number,
                quantityUnits: 7 * number, aggressor: .sell,
                stamp: 1_300_000_000_000_000 + number * 1_000_000)
        }
        return counted + (0..<1_500).map { TradeStoreTests.trade(last - (1_499 - $0) * 2 * minute) }
    }

    /// The history of one SafetyNet, of both kinds, comes whole into another one behind it.
    @Test func bothKindsPassThrough() throws {
        try TradeStoreTests.inFolder { folder in
            let first = try TradeStore(path: folder + "first")
            let old = Self.archive(before: 1_356_998_400_000_000)
            let end = try #require(old.last?.id)
            _ = try first.add(old, of: .btcusd, whole: TradeSpan(0, end))
            let house = try NetHouse(store: first, { $0.speed = 60 })
            try house.settle()
            var second = SafetyNetConfiguration([
                SafetyNetUpstream("ws://127.0.0.1:\(NetHouse.netPort)/mtgox")
            ])
            second.doors = [SafetyNetDoor(.loopback(port: 8091))]
            second.historyPace = .seconds(1)
            let store = try TradeStore(path: folder + "second")
            let net = try SafetyNet(second, store: store)
            let kernel = Kernel(driver: Simulation(in: house.world))
            kernel.onLog = { _ in }
            kernel.start(net, alias: "net")
            let isWhole = house.world.run(within: .seconds(120)) {
                net.histories[0].spans.newest != nil && net.histories[0].missingAfter == nil
            }
            #expect(isWhole, "\(net.histories[0].spans)")
            let (theirs, ours) = (
                try first.trades(of: .btcusd, after: 0, until: end, most: .max),
                try store.trades(of: .btcusd, after: 0, until: end, most: .max)
            )
            #expect(theirs.count == 4_000)
            let missing = Set(theirs.map(\.id)).subtracting(ours.map(\.id)).sorted()
            #expect(missing == [])
            #expect(ours.count == theirs.count)
            // Their time is told, which is not their number.
            #expect(ours.prefix(2_500).map(\.stamp) == theirs.prefix(2_500).map(\.stamp))
            // One who asks sees them in order, and the cut of a day only where numbers are times.
            let reply = try house.get("/api/1/BTCUSD/trades?since=2400")
            let told = try JSONTree(reply.body)["return"].elements.map { $0["tid"].text }
            #expect(told.count == 1_000)
            #expect(told == theirs.dropFirst(2_400).prefix(1_000).map { "\($0.id)" })
        }
    }
}
