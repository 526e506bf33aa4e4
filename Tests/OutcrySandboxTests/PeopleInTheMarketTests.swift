import OutcryKernel
import OutcryMarket
import Testing

@testable import OutcrySandbox

/// The recorded market moves its own orders, and nobody else's.
@Suite struct PeopleInTheMarketTests {
    @Test(arguments: [1, 2, 3] as [UInt64]) func ordersOfPeopleStandUntilTheyTrade(
        seed: UInt64
    ) throws {
        let house = try TradingHouse(seed: seed) {
            $0.speed = 600
            $0.firstStep = .milliseconds(1)
            $0.seed = seed
        }
        let alice = try house.person("alice", usd: "100000", btc: "1000")
        var random = SeededGenerator(seed: seed)
        var orders: [(oid: String, side: String)] = []
        // Around the price, where the market has to pass, and so far away that it comes never.
        for _ in 0..<60 {
            let side = Bool.random(using: &random) ? "ask" : "bid"
            let price = Int64.random(
                in: side == "ask" ? 1_700_000...2_200_000 : 1_500_000...1_850_000, using: &random)
            let far: Int64 = side == "ask" ? 90_000_000 : 1
            for price in [price, far] {
                let oid = try alice.call(
                    "BTCUSD/order/add",
                    [("type", side), ("amount_int", "2000000"), ("price_int", "\(price)")]
                ).text
                orders.append((oid, side))
            }
            house.house.run(.milliseconds(100))
        }
        house.house.run(.seconds(60))
        let open = Set(try alice.call("generic/orders").elements.map { $0["oid"].text })
        var filled = 0
        for order in orders where !open.contains(order.oid) {
            let result = try alice.call(
                "generic/order/result", [("type", order.side), ("order", order.oid)])
            let sum = result["trades"].elements.reduce(0) { $0 + $1["amount"]["value_int"].integer }
            #expect(sum == 2_000_000, "seed \(seed): an order went without having traded")
            filled += 1
        }
        #expect(filled > 10, "the market trades with people")
        #expect(open.count >= 60, "those far away stand")
    }

    /// Orders of somebody without a cent, as large as they may be and as large as they may not.
    @Test func pennilessOrdersLeaveRoomForEverybody() throws {
        let house = try TradingHouse {
            $0.speed = 600
            $0.firstStep = .seconds(5)
        }
        let mallory = try house.person("mallory", usd: "0", btc: "0")
        let bob = try house.person("bob")
        let most = EngineRules.mtGox.mostAmount
        for side in ["bid", "ask"] {
            var amount: Int64 = 1 << 62
            while amount >= 1_000_000 {
                let reply = try mallory.post(
                    "/api/1/BTCUSD/order/add",
                    [
                        ("type", side), ("amount_int", "\(amount)"),
                        ("price_int", side == "bid" ? "1" : "9000000000"),
                    ])
                if amount > most {
                    #expect(reply.status == 400)
                    #expect(
                        reply.body["error"].text
                            == "expected an amount of at most \(most), found \(amount)")
                }
                amount /= 2
            }
        }
        let oid = try bob.call(
            "BTCUSD/order/add",
            [("type", "bid"), ("amount_int", "10000000"), ("price_int", "1000000")]
        ).text
        let open = try bob.call("generic/orders").elements.map { $0["oid"].text }
        #expect(open == [oid], "an order with money rests")
        house.house.run(.seconds(60))
        #expect(house.house.exchange.counters.trades > 10, "the market goes on")
        #expect(house.house.kernel.find("sandbox") != nil)
        #expect(house.house.exchange.failure == nil)
        #expect(try house.house.get("/api/1/BTCUSD/ticker").status == 200)
    }
}
