import OutcryKernel
import OutcryMarket
import Testing

@testable import OutcrySandbox

/// What the market says while it is made to say it wrongly, from the bytes alone.
@Suite struct FaultyMessageTests {
    private func house(
        seed: UInt64 = 1, _ change: (inout SandboxConfiguration) -> Void = { _ in }
    ) throws -> (SandboxHouse, StreamPeer) {
        let house = try SandboxHouse(seed: seed) {
            $0.speed = 600
            change(&$0)
        }
        let peer = try house.stream()
        _ = try peer.messages()
        return (house, peer)
    }

    private func depths(_ messages: [JSONTree]) -> [JSONTree] {
        messages.filter { $0["private"].text == "depth" }.map { $0["depth"] }
    }

    private func news(_ house: SandboxHouse, _ peer: StreamPeer) throws -> [JSONTree] {
        house.run(.seconds(30))
        return try peer.messages()
    }

    /// The exchange's levels by side and price, as text.
    private func levels(_ house: SandboxHouse) -> [String: Int64] {
        var levels: [String: Int64] = [:]
        for side in [Side.bid, .ask] {
            house.exchange.engine.forEachLevel(side) { price, total, _ in
                levels["\(side) \(price)"] = total
            }
        }
        return levels
    }

    // MARK: Depth

    @Test func depthIsDropped() throws {
        let (house, peer) = try house { $0.faults[.dropDepth] = 1_000 }
        let silent = try news(house, peer)
        #expect(depths(silent).isEmpty)
        #expect(!silent.isEmpty, "trades and tickers go on")
        #expect(house.count(.dropDepth) > 10)
        #expect(house.exchange.counters.dropped == house.count(.dropDepth))
        #expect(house.exchange.counters.depths == house.count(.dropDepth))
        try house.fault(["drop-depth": "off"])
        let before = house.exchange.counters.depths
        #expect(depths(try news(house, peer)).count == house.exchange.counters.depths - before)
        #expect(house.exchange.counters.depths > before)
    }

    @Test func depthIsDoubled() throws {
        let (house, peer) = try house { $0.faults[.doubleDepth] = 1_000 }
        let told = depths(try news(house, peer))
        #expect(told.count > 20)
        for i in stride(from: 0, to: told.count - 1, by: 2) { #expect(told[i] == told[i + 1]) }
        #expect(house.count(.doubleDepth) * 2 == told.count)
        try house.fault(["double-depth": "off"])
        let stamps = depths(try news(house, peer)).map { $0["now"].integer }
        #expect(Set(stamps).count == stamps.count)
    }

    @Test func depthComesInAnotherOrder() throws {
        let (house, peer) = try house { $0.faults[.reorderDepth] = 500 }
        var stamps = depths(try news(house, peer)).map { $0["now"].integer }
        let turns = zip(stamps, stamps.dropFirst()).count { $0 > $1 }
        #expect(turns > 5)
        #expect(abs(house.count(.reorderDepth) - turns) <= 1, "one may wait for the next")
        try house.fault(["reorder-depth": "off"])
        stamps += depths(try peer.messages()).map { $0["now"].integer }
        #expect(stamps.count == house.exchange.counters.depths, "none is lost")
        let after = depths(try news(house, peer)).map { $0["now"].integer }
        #expect(after == after.sorted())
    }

    @Test func changesOfZeroHaveRightTotals() throws {
        let (house, peer) = try house { $0.faults[.zeroDelta] = 1_000 }
        let before = levels(house)
        let told = depths(try news(house, peer))
        #expect(told.count > 10)
        #expect(told.allSatisfy { $0["volume_int"].text == "0" && $0["volume"].text == "0" })
        #expect(house.count(.zeroDelta) == told.count)
        var book = before
        for change in told {
            let name = "\(change["type_str"].text) \(change["price_int"].text)"
            let total = change["total_volume_int"].integer
            book[name] = total == 0 ? nil : total
        }
        #expect(book == levels(house), "who sets totals has the book")
    }

    @Test func booksCross() throws {
        let (house, peer) = try house { $0.faults[.crossBook] = 100 }
        let told = depths(try news(house, peer))
        let count = house.count(.crossBook)
        #expect(count > 1)
        #expect(told.count == house.exchange.counters.depths)
        let coins = told.filter {
            $0["type_str"].text == "bid" && $0["volume_int"].text == "100000000"
                && $0["total_volume_int"].text == "100000000"
        }
        #expect(coins.count >= count)
    }

    @Test func aCrossedBookIsTakenBack() throws {
        let (house, peer) = try house { $0.faults[.crossBriefly] = 200 }
        let before = levels(house)
        var told = depths(try news(house, peer))
        #expect(house.count(.crossBriefly) > 5)
        try house.fault(["cross-briefly": "off"])
        told += depths(try peer.messages())
        var book = before
        var crossed = 0
        for change in told {
            let name = "\(change["type_str"].text) \(change["price_int"].text)"
            let total = change["total_volume_int"].integer
            book[name] = total == 0 ? nil : total
            let prices = book.keys.map { ($0.hasPrefix("bid"), Int64($0.dropFirst(4)) ?? 0) }
            let bid = prices.filter(\.0).map(\.1).max() ?? 0
            let ask = prices.filter { !$0.0 }.map(\.1).min() ?? .max
            if bid >= ask { crossed += 1 }
        }
        #expect(crossed > 5)
        #expect(book == levels(house))
    }

    // MARK: Trades and subscriptions

    @Test func tradesAreDoubled() throws {
        let (house, peer) = try house { $0.faults[.doubleTrade] = 1_000 }
        let ids = try news(house, peer).filter { $0["private"].text == "trade" }
            .map { $0["trade"]["tid"].text }
        #expect(ids.count > 4)
        #expect(ids.count == 2 * house.exchange.counters.trades)
        #expect(house.count(.doubleTrade) == house.exchange.counters.trades)
        for i in stride(from: 0, to: ids.count - 1, by: 2) { #expect(ids[i] == ids[i + 1]) }
        try house.fault(["double-trade": "off"])
        let after = try news(house, peer).filter { $0["private"].text == "trade" }
            .map { $0["trade"]["tid"].text }
        #expect(Set(after).count == after.count)
    }

    @Test func subscriptionsAreLostInSilence() throws {
        let (house, peer) = try house()
        try house.fault(["lose-subscription": "on"])
        let last = try news(house, peer)
        #expect(last.count == 3, "one message of each channel")
        #expect(house.count(.loseSubscription) == 3)
        try house.fault(["lose-subscription": "off"])
        #expect(try news(house, peer).isEmpty)
        #expect(
            try peer.ask(#"{"op":"mtgox.subscribe","type":"depth"}"#).map { $0["op"].text }
                == ["subscribe"])
        #expect(!depths(try news(house, peer)).isEmpty)
    }

    @Test func anAccountsChannelIsLost() throws {
        let trading = try TradingHouse()
        let alice = try trading.person("alice")
        let stream = try alice.listen()
        try trading.house.fault(["lose-subscription": "on"])
        let form = [("type", "bid"), ("amount_int", "100000000"), ("price_int", "100")]
        _ = try alice.call("BTCUSD/order/add", form)
        #expect(try stream.messages().map { $0["user_order"]["status"].text } == ["pending"])
        _ = try alice.call("BTCUSD/order/add", form)
        #expect(try stream.messages().isEmpty)
        #expect(trading.house.count(.loseSubscription) >= 1)
        try trading.house.fault(["lose-subscription": "off"])
        let again = try alice.listen()
        _ = try alice.call("BTCUSD/order/add", form)
        #expect(try again.messages().count == 4)
    }

    // MARK: Seeds

    @Test func theSameSeedMakesTheSameFaults() throws {
        func run(_ seed: UInt64) throws -> [[UInt8]] {
            let house = try SandboxHouse(seed: 3) {
                $0.speed = 600
                $0.seed = seed
                $0.faults[.dropDepth] = 300
                $0.faults[.doubleDepth] = 300
                $0.faults[.reorderDepth] = 300
                $0.faults[.doubleTrade] = 300
            }
            let peer = try house.stream("/mtgox?Channel=trades,depth")
            house.run(.seconds(30))
            return try peer.raw()
        }
        let first = try run(8)
        #expect(first.count > 20)
        #expect(try run(8) == first)
        #expect(try run(9) != first)
    }
}
