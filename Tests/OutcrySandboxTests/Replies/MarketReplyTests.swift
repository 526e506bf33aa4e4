import OutcryMarket
import OutcryServing
import OutcryVenues
import Testing

@testable import OutcrySandbox

/// Replies about markets, against recordings of them.
@Suite struct MarketReplyTests {
    static func ticker(_ tree: JSONTree, _ instrument: Instrument) throws -> TickerView {
        let summary = MarketSummary(
            high: tree["high"].units, low: tree["low"].units, average: tree["avg"].units,
            vwap: tree["vwap"].units, volume: tree["vol"].units, last: tree["last"].units,
            bestBid: tree["buy"].units, bestAsk: tree["sell"].units, stamp: tree["now"].integer)
        var ticker = TickerView(summary, instrument)
        ticker.lastLocal = tree["last_local"].units
        ticker.lastAll = tree["last_all"].units
        ticker.lastOrigin = tree["last_orig"].units
        ticker.origin = try tree["last_orig"]["currency"].currency
        return ticker
    }

    /// `display_short` came in 2012-04, `now` in 2013-03; that of 2013-03 is the first whose `display` is
    /// short.
    @Test(arguments: [
        ("http-v1/ticker-2013-03-raw.json", true, true, []),
        ("http-v1/ticker-2012-04-raw.json", true, false, ["now", "item"]),
        ("http-v1/ticker-2012-02.json", false, false, ["now", "item", "display_short"]),
    ])
    func tickers(name: String, isRaw: Bool, isShort: Bool, later: [String]) throws {
        let recorded = try RecordedReply(name).tree
        let ticker = try Self.ticker(isRaw ? recorded : recorded["return"], .btcusd)
        let ours = try written { text in
            text.setReply(.v1, isRaw: isRaw) { $0.addTicker(ticker, isShort: isShort) }
        }
        #expect(Alike.differences(ours, recorded, later: Set(later)) == [])
    }

    /// The one with two currencies: the last trade was in dollars. The sign of the euro was lost on the
    /// way (`ˆ`).
    @Test func euroTicker() throws {
        let recorded = try RecordedReply(
            "http-v1/ticker-EUR-2012-01.json", mended: ["\u{2c6}": "\u{20ac}"]
        ).tree
        let ticker = try Self.ticker(recorded["return"], .btceur)
        #expect(ticker.origin == .usd && ticker.lastOrigin == 665_001)
        let ours = try written { text in
            text.setReply(.v1) { $0.addTicker(ticker, isShort: false) }
        }
        let later: Set<String> = ["now", "item", "display_short"]
        #expect(Alike.differences(ours, recorded, later: later) == [])
    }

    /// The wiki's example, whose values have no trailing zeros and the averages nine decimals: the same
    /// structure, and the same units.
    @Test func wikiTicker() throws {
        let recorded = try RecordedReply("http-v1/ticker.json").tree
        let ticker = try Self.ticker(recorded["return"], .btcusd)
        let ours = try written { text in
            text.setReply(.v1) { $0.addTicker(ticker, isShort: false) }
        }
        let differences = Alike.differences(
            ours, recorded, later: ["now", "item", "display_short"])
        #expect(differences.count == 7, "\(differences)")
        #expect(differences.allSatisfy { $0.contains(".value: \"5.") }, "\(differences)")
    }

    /// The last trade was in pounds, whose sign stands before.
    @Test func recordedFastTicker() throws {
        let recorded = try RecordedReply("http-v2/ticker_fast-EUR-2013-11.json").tree
        let ticker = try Self.ticker(recorded["data"], .btceur)
        #expect(ticker.origin == .gbp)
        let ours = try written { text in text.setReply(.v2) { $0.addFastTicker(ticker) } }
        #expect(Alike.differences(ours, recorded) == [])
    }

    @Test func fastTicker() throws {
        let ticker = try Self.ticker(
            RecordedReply("http-v1/ticker-2013-03-raw.json").tree, .btcusd)
        let ours = try written { $0.addFastTicker(ticker) }
        let whole = try written { $0.addTicker(ticker, isShort: true) }
        #expect(
            ours.keys == ["last_local", "last_orig", "last_all", "last", "buy", "sell", "now"])
        for key in ours.keys { #expect(ours[key] == whole[key]) }
    }

    static func levels(_ tree: JSONTree) -> [LevelView] {
        tree.elements.map {
            LevelView(
                price: $0["price_int"].integer, amount: $0["amount_int"].integer,
                stamp: $0["stamp"].integer)
        }
    }

    @Test func depth() throws {
        let recorded = try RecordedReply("http-v1/depth.json").tree
        let value = recorded["return"]
        let depth = DepthView(
            instrument: .btcusd, asks: Self.levels(value["asks"]),
            bids: Self.levels(value["bids"]),
            filter: value["filter_min_price"].units...value["filter_max_price"].units)
        #expect(depth.asks.count == 453 && depth.bids.count == 513)
        let ours = try written { text in text.setReply(.v1) { $0.addDepth(depth) } }
        #expect(Alike.differences(ours, recorded) == [])
    }

    @Test func fullDepth() throws {
        let recorded = try RecordedReply("http-v1/fulldepth-2012-02.json").tree
        let value = recorded["return"]
        let depth = DepthView(
            instrument: .btcusd, asks: Self.levels(value["asks"]),
            bids: Self.levels(value["bids"]))
        #expect(depth.asks.count == 4_407 && depth.bids.count == 3_684)
        let ours = try written { text in text.setReply(.v1) { $0.addDepth(depth) } }
        let differences = Alike.differences(ours, recorded)
        // The venue counted in doubles: one level's amount is not that of its units.
        #expect(differences.count == 1, "\(differences.prefix(5))")
        #expect(differences.first?.contains("25560529.02999996, recorded 25560529.03") == true)
    }

    static func trades(_ tree: JSONTree) throws -> [TradeView] {
        try tree.elements.map { trade in
            let properties = trade["properties"].text
            return TradeView(
                instrument: Instrument(
                    base: try trade["item"].currency, quote: try trade["price_currency"].currency),
                price: trade["price_int"].integer, amount: trade["amount_int"].integer,
                tid: trade["tid"].integer,
                aggressor: trade["trade_type"].text == "bid" ? .buy : .sell,
                isMarketOrder: properties.hasPrefix("market"),
                isPrimary: trade["primary"].text == "Y",
                isMixed: properties.hasSuffix("mixed_currency"))
        }
    }

    @Test(arguments: [
        ("http-v1/trades.json", APIVersion.v1, false, 4),
        ("http-v1/trades-2013-04-raw.json", .v1, true, 30),
        ("http-v1/trades-PLN-2012-04.json", .v1, true, 90),
        ("http-v2/trades-fetch-since.json", .v2, false, 5),
    ])
    func trades(name: String, version: APIVersion, isRaw: Bool, count: Int) throws {
        let recorded = try RecordedReply(name).tree
        let list = isRaw ? recorded : recorded[version == .v1 ? "return" : "data"]
        let trades = try Self.trades(list)
        #expect(trades.count == count)
        let ours = try written { text in
            text.setReply(version, isRaw: isRaw) { $0.addListedTrades(trades) }
        }
        #expect(Alike.differences(ours, recorded) == [])
    }

    @Test func cancelledTrades() throws {
        let ours = try written { text in text.setReply(.v1) { $0.addCancelledTrades() } }
        let recorded = try RecordedReply("http-v1/cancelledtrades.json").tree
        #expect(Alike.differences(ours, recorded) == [])
    }

    /// `length` came late in 2013.
    @Test(arguments: [
        ("http-v1/lag.json", APIVersion.v1, false, "return", []),
        ("http-v2/lag-raw.json", .v2, true, "", []),
        ("http-v2/order-lag.json", .v2, false, "data", ["length"]),
    ])
    func lag(
        name: String, version: APIVersion, isRaw: Bool, key: String, later: [String]
    ) throws {
        let recorded = try RecordedReply(name).tree
        let value = isRaw ? recorded : recorded[key]
        let ours = try written { text in
            text.setReply(version, isRaw: isRaw) {
                $0.addLag(age: value["lag"].integer, length: 3)
            }
        }
        #expect(Alike.differences(ours, recorded, later: Set(later)) == [])
    }

    @Test func anEmptyQueueHasNoLag() throws {
        var text = MessageText(.btcusd)
        text.addLag(age: 0, length: 0)
        #expect(
            String(decoding: text.bytes, as: UTF8.self)
                == "{\"lag\":0,\"lag_secs\":0,\"lag_text\":\"0 seconds\",\"length\":\"0\"}")
    }

    @Test func currencies() throws {
        // The document's channels are no GUIDs.
        let recorded = try RecordedReply(
            "http-v2/currency-USD.json",
            mended: [
                "\"ticker_channel\": \"abc123-def456\"":
                    "\"ticker_channel\": \"d5f06780-30a8-4a48-a2f8-7ed181b4a13f\"",
                "\"depth_channel\": \"abc123-def456\"":
                    "\"depth_channel\": \"24e67e0d-1cad-4cc0-9e7a-f8523ef460fe\"",
            ]
        ).tree
        var isKnown = false
        let ours = try written { text in
            text.setReply(.v2) { isKnown = $0.addCurrency(.usd) }
        }
        #expect(isKnown && Alike.differences(ours, recorded) == [])
        let yen = try written { isKnown = $0.addCurrency(.jpy) }
        #expect(isKnown && yen["decimals"].text == "3" && yen["symbol"].text == "\u{a5}")
        for currency: Currency in [.eur, .gbp, .pln, .sek] {
            let tree = try written { isKnown = $0.addCurrency(currency) }
            #expect(isKnown && tree.keys == yen.keys && tree["currency"].text == currency.code)
        }
        var text = MessageText(.btcusd)
        #expect(!text.addCurrency(.btc) && text.bytes.isEmpty)
    }

    @Test func quotes() throws {
        let recorded = try RecordedReply("http-v2/order-quote.json").tree
        let ours = try written { text in
            text.setReply(.v2) { $0.addQuote(recorded["data"]["amount"].integer) }
        }
        #expect(Alike.differences(ours, recorded) == [])
    }

    @Test func publicChannels() throws {
        let recorded = try RecordedReply("stream/channels-list_public.json").tree
        let ours = try written { text in text.setReply(.v2) { $0.addPublicChannels() } }
        #expect(ours["result"].text == "success" && recorded.keys.count == 62)
        #expect(Alike.differences(ours["data"], recorded) == [])
    }

    /// That the comparison can fail.
    @Test func theComparisonSeesDifferences() throws {
        let recorded = try JSONTree(#"{"a":[1,"x"],"b":{"c":"1"},"d":null}"#)
        func differences(_ text: String, _ later: Set<String> = []) throws -> Int {
            Alike.differences(try JSONTree(text), recorded, later: later).count
        }
        #expect(try differences(#"{"d":null,"b":{"c":"1"},"a":[1.0,"x"]}"#) == 0)
        #expect(try differences(#"{"a":[1,"x"],"b":{"c":1},"d":null}"#) == 1)
        #expect(try differences(#"{"a":[1,"x"],"b":{"c":"2"},"d":null}"#) == 1)
        #expect(try differences(#"{"a":[1],"b":{"c":"1"},"d":null}"#) == 1)
        #expect(try differences(#"{"a":["1","y"],"b":{},"d":"","e":1}"#) == 5)
        #expect(try differences(#"{"a":[1,"x"],"b":{"c":"1"},"d":null,"e":1}"#) == 1)
        #expect(try differences(#"{"a":[1,"x"],"b":{"c":"1"},"d":null,"e":1}"#, ["e"]) == 0)
    }
}
