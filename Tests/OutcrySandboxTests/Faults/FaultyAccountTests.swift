import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryVenues
import Testing

@testable import OutcrySandbox

/// What accounts are told, and the lag of the engine.
@Suite struct FaultyAccountTests {
    private let bid = [("type", "bid"), ("amount_int", "100000000"), ("price_int", "100")]
    private var parameters: [MtGoxParameter] { bid.map { MtGoxParameter($0.0, $0.1) } }

    @Test func theResultComesBeforeOrBehind() throws {
        let trading = try TradingHouse()
        let alice = try trading.person("alice")
        let stream = try alice.listen()
        func order() throws -> [String] {
            try stream.ask(alice.sealed("order/add", parameters, id: "1")).map { message in
                let status = message["user_order"]["status"].text
                return status.isEmpty ? message["op"].text : status
            }
        }
        let told = ["pending", "executing", "post-pending", "open"]
        #expect(try order() == ["result"] + told)
        try trading.house.fault(["order-first": "on"])
        #expect(try order() == told + ["result"])
        #expect(trading.house.count(.orderFirst) == 1)
        // A call that is refused changes nothing of that.
        let refused = try stream.ask(
            alice.sealed("order/add", [MtGoxParameter("type", "bid")], id: "2"))
        #expect(refused.map { $0["op"].text } == ["remark"])
        try trading.house.fault(["order-first": "500"])
        var firsts = 0
        for _ in 0..<40 where try order().last == "result" { firsts += 1 }
        #expect((5...35).contains(firsts), "both orders come")
        #expect(trading.house.count(.orderFirst) == firsts + 1)
        try trading.house.fault(["order-first": "off"])
        #expect(try order() == ["result"] + told)
        // Over HTTP, too, nothing is lost.
        try trading.house.fault(["order-first": "on"])
        _ = try alice.call("BTCUSD/order/add", bid)
        #expect(try stream.messages().map { $0["user_order"]["status"].text } == told)
    }

    @Test func idkeysExpireEarly() throws {
        let trading = try TradingHouse {
            $0.connections = ServerRules()
            $0.faults[time: .idkeyAge] = .seconds(3_600)
        }
        let alice = try trading.person("alice")
        let stream = try alice.listen()
        let key = try alice.call("generic/idkey").text
        func join() throws -> JSONTree {
            try stream.ask(#"{"op":"mtgox.subscribe","key":"\#(key)"}"#).first ?? .null
        }
        trading.house.run(.seconds(3_000))
        #expect(try join()["op"].text == "subscribe")
        trading.house.run(.seconds(601))
        let refused = try join()
        #expect(refused["op"].text == "remark")
        #expect(refused["message"].text == "Invalid key")
        #expect(trading.house.count(.idkeyAge) == 1)
        try trading.house.fault(["idkey-age": "off"])
        #expect(try join()["op"].text == "subscribe")
    }

    // MARK: Lag

    private func statuses(_ stream: StreamPeer) throws -> [String] {
        try stream.messages().map { $0["user_order"]["status"].text }
    }

    @Test func lagGrows() throws {
        let trading = try TradingHouse {
            $0.connections = ServerRules()
            $0.faults[.lagGrowth] = 500
        }
        let alice = try trading.person("alice")
        let stream = try alice.listen()
        trading.house.run(.seconds(100))
        _ = try alice.call("BTCUSD/order/add", bid)
        trading.house.run(.seconds(49))
        #expect(try statuses(stream) == ["pending"])
        trading.house.run(.seconds(2))
        #expect(try statuses(stream) == ["executing", "post-pending", "open"])
        // Minutes, some time later; and when it is off what has waited goes at once.
        trading.house.run(.seconds(449))
        _ = try alice.call("BTCUSD/order/add", bid)
        trading.house.run(.seconds(280))
        #expect(try statuses(stream) == ["pending"])
        let lag = try trading.house.json("/api/1/generic/order/lag")["return"]
        #expect((279_000_000...281_000_000).contains(lag["lag"].integer))
        try trading.house.fault(["lag-growth": "off"])
        #expect(try statuses(stream) == ["executing", "post-pending", "open"])
        _ = try alice.call("BTCUSD/order/add", bid)
        #expect(try statuses(stream).count == 4)
    }

    @Test func lagComesInBursts() throws {
        let trading = try TradingHouse()
        let alice = try trading.person("alice")
        let stream = try alice.listen()
        try trading.house.fault(
            ["engine-lag": "30s", "lag-burst": "10s", "lag-period": "60s"])
        _ = try alice.call("BTCUSD/order/add", bid)
        #expect(try statuses(stream) == ["pending"])
        trading.house.run(.seconds(20))
        // Between bursts there is no lag, but for what waits already.
        _ = try alice.call("BTCUSD/order/add", bid)
        #expect(try statuses(stream) == ["pending"])
        trading.house.run(.seconds(11))
        #expect(try statuses(stream).suffix(1) == ["open"])
        _ = try alice.call("BTCUSD/order/add", bid)
        #expect(try statuses(stream).count == 4)
        trading.house.run(.seconds(31))
        _ = try alice.call("BTCUSD/order/add", bid)
        #expect(try statuses(stream) == ["pending"], "the next burst")
    }
}
