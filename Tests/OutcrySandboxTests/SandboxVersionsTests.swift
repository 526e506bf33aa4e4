import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryWire
import Testing

@testable import OutcrySandbox

/// The public calls of each version of the HTTP API, in a running sandbox.
@Suite struct SandboxVersionsTests {
    @Test(arguments: [
        ("ticker", "money/ticker"), ("ticker_fast", "money/ticker_fast"),
        ("depth/fetch", "money/depth/fetch"), ("depth/full", "money/depth/full"),
        ("trades/fetch", "money/trades/fetch"), ("trades/cancelled", "money/trades/cancelled"),
        ("order/lag", "money/order/lag"), ("currency", "money/currency"),
        ("order/quote?type=bid&amount=1000000", "money/order/quote?type=bid&amount=1000000"),
    ])
    func version2SaysWhatVersion1Says(first: String, second: String) throws {
        let house = try SandboxHouse()
        house.run(.seconds(60))
        let old = try house.json("/api/1/BTCUSD/" + first)
        let new = try house.json("/api/2/BTCUSD/" + second)
        #expect(old.keys == ["result", "return"] && new.keys == ["result", "data"])
        #expect(old["return"].shape == new["data"].shape && old["return"] != .null)
        let raw = try house.json("/api/2/BTCUSD/\(second)\(second.contains("?") ? "&" : "?")raw")
        #expect(raw.shape == new["data"].shape)
    }

    @Test func version0() throws {
        let house = try SandboxHouse()
        house.run(.seconds(60))
        for folder in ["/api/0/", "/code/"] {
            let ticker = try house.json(folder + "data/ticker.php")["ticker"]
            #expect(
                ticker.keys == [
                    "high", "low", "avg", "vwap", "vol", "last_all", "last_local", "last", "buy",
                    "sell",
                ])
            let depth = try house.json(folder + "data/getDepth.php")
            #expect(depth.shape == "{asks:[[number]],bids:[[number]]}")
            let trades = try house.json(folder + "data/getTrades.php?since=0").elements
            #expect(trades.first?.keys.last == "trade_type")
            let listed = try house.json("/api/1/BTCUSD/trades?raw&since=0").elements
            #expect(trades.map { $0["tid"] } == listed.map { $0["tid"] } && !trades.isEmpty)
        }
        let refused = try JSONTree(house.get("/api/0/data/ticker.php?Currency=XXX").body)
        #expect(refused == .object([("error", .string("Unknown currency \"XXX\""))]))
    }

    @Test func channelsAndCurrencies() throws {
        let house = try SandboxHouse()
        #expect(try house.json("/api/2/stream/list_public")["data"].keys.count == 62)
        let yen = try house.json("/api/1/generic/currency?currency=JPY")["return"]
        #expect(yen["name"].text == "Yen")
        for (target, status) in [
            ("/api/1/generic/currency", 400), ("/api/1/generic/currency?currency=BTC", 404),
            ("/api/1/generic/currency?currency=X", 404), ("/api/1/generic/ticker", 400),
            ("/api/1/BTCUSD/order/quote?type=bid", 400),
            ("/api/1/BTCUSD/order/quote?amount=5", 400),
            ("/api/1/BTCUSD/order/quote?type=ask&amount=9223372036854775807", 400),
            // No accounts yet.
            ("/api/1/generic/info", 405),
        ] {
            #expect(try house.get(target).status == status, "\(target)")
        }
        #expect(try house.get("/api/1/generic/info", method: "POST").status == 403)
    }

    @Test func quotes() {
        func level(_ price: Int64, _ amount: Int64) -> LevelView {
            LevelView(price: price, amount: amount, stamp: 1)
        }
        let depth = DepthView(
            instrument: .btcusd,
            asks: [level(1_000_000, 50_000_000), level(1_100_000, 100_000_000)],
            bids: [level(800_000, 100_000_000), level(900_000, 50_000_000)])
        #expect(depth.quote(.buy, units: 50_000_000) == 500_000)
        #expect(depth.quote(.buy, units: 100_000_000) == 1_050_000)
        #expect(depth.quote(.sell, units: 100_000_000) == 850_000)
        // 0.15 units round to 0, 0.5 to 1.
        #expect(depth.quote(.buy, units: 15) == 0)
        #expect(depth.quote(.buy, units: 50) == 1)
        #expect(depth.quote(.buy, units: 150_000_001) == nil)
        let large = DepthView(instrument: .btcusd, asks: [level(.max, .max)], bids: [])
        #expect(large.quote(.buy, units: .max) == nil && large.quote(.sell, units: 1) == nil)
        #expect(large.quote(.buy, units: 100_000_000) == .max)
    }
}
