import OutcryMarket
import OutcryServing
import OutcryVenues
import Testing

@testable import OutcrySandbox

/// Version 0, against recordings of 2011 and 2013, and what money in and out says in all dialects.
@Suite struct OldReplyTests {
    private static func units(_ tree: JSONTree, _ scale: Int) throws -> Int64 {
        try Quantity(ascii: tree.text.utf8.span, scale: scale).units
    }

    static func order(_ tree: JSONTree) throws -> OrderView {
        let amount = try units(tree["amount"], 8)
        let statuses: [Int64: OrderStatus] = [0: .pending, 1: .open, 2: .invalid]
        var order = OrderView(
            oid: try tree["oid"].guid(), instrument: .btcusd,
            side: tree["type"].integer == 2 ? .buy : .sell, remaining: amount, effective: amount,
            price: try units(tree["price"], 5),
            status: try #require(
                OrderStatus(rawValue: tree["real_status"].text)
                    ?? statuses[tree["status"].integer]),
            priority: tree["priority"].integer)
        order.date = tree["date"].integer
        return order
    }

    @Test(arguments: ["http-v0/buy.json", "http-v0/sell.json"])
    func newOrders(name: String) throws {
        let recorded = try RecordedReply(name).tree
        let orders = try recorded["orders"].elements.map(Self.order)
        #expect(orders.count >= 7)
        let ours = try written { text in
            text.setReply(.v0) { $0.addOldQueued(orders: orders, .june2011) }
        }
        #expect(Alike.differences(ours, recorded) == [])
    }

    @Test(arguments: [
        ("http-v0/orders.json", OldForm.june2011), ("http-v0/cancel.json", .june2011),
        ("http-v0/cancelOrder-2013-01.json", .january2013),
    ])
    func fundsAndOrders(name: String, form: OldForm) throws {
        let recorded = try RecordedReply(name).tree
        let balances = OldBalances(
            currency: .usd, money: try Self.units(recorded["usds"], 5),
            bitcoin: try Self.units(recorded["btcs"], 8))
        let orders = try recorded["orders"].elements.map(Self.order)
        #expect(!orders.isEmpty)
        let ours = try written { text in
            text.setReply(.v0) { $0.addFunds(balances, orders: orders, form) }
        }
        #expect(Alike.differences(ours, recorded) == [])
        // Our own reader takes both forms.
        var text = MessageText(.btcusd)
        text.addFunds(balances, orders: orders, form)
        let read = try MtGoxReply.oldAccount(text.bytes.span)
        #expect(read.orders?.count == orders.count)
        #expect(read.orders?.first?.side == orders.first?.side)
    }

    @Test func funds() throws {
        let recorded = try RecordedReply("http-v0/balance.json").tree
        let balances = OldBalances(currency: .usd, money: 370_000, bitcoin: 2_200_000_000)
        let ours = try written { $0.addFunds(balances, .june2011) }
        #expect(Alike.differences(ours, recorded) == [])
        let later = try written { $0.addFunds(balances, .january2013) }
        #expect(later["usds"] == .string("3.7") && later["btcs"] == .string("22"))
    }

    /// `last_all`, `last_local`, `avg` and `vwap` came after June 2011. The averages have more decimals
    /// than there are units; ours are of units.
    @Test(arguments: [
        ("http-v0/ticker-2011-06.json", ["last_all", "last_local", "avg", "vwap"]),
        ("http-v0/ticker.json", []), ("http-v0/ticker1.json", []),
        ("http-v0/ticker-2013-01.json", []),
    ])
    func tickers(name: String, later: [String]) throws {
        let recorded = try RecordedReply(name).tree
        let values = recorded["ticker"]
        // As units, rounded: one recording has 16.800000000000001.
        func units(_ key: String) -> Int64 {
            Int64(((Double(values[key].text) ?? 0) * 1e5).rounded())
        }
        var ticker = TickerView(
            MarketSummary(
                high: units("high"), low: units("low"), average: units("avg"), vwap: units("vwap"),
                volume: values["vol"].integer * 100_000_000 + 99_999_999, last: units("last"),
                bestBid: units("buy"), bestAsk: units("sell"), stamp: 0), .btcusd)
        ticker.lastLocal = units("last_local")
        ticker.lastAll = units("last_all")
        let ours = try written { $0.addOldTicker(ticker) }
        let differences = Alike.differences(ours, recorded, later: Set(later))
        let averages = differences.filter {
            $0.hasPrefix(".ticker.avg: ") || $0.hasPrefix(".ticker.vwap: ")
        }
        #expect(differences.count == averages.count, "\(differences)")
        #expect(averages.count == (later.isEmpty ? 2 : 0))
    }

    @Test(arguments: [
        ("http-v0/depth.json", OldForm.january2013), ("http-v0/depth-2011-06.json", .june2011),
    ])
    func depths(name: String, form: OldForm) throws {
        let recorded = try RecordedReply(name).tree
        func levels(_ key: String) throws -> [LevelView] {
            try recorded[key].elements.map {
                LevelView(
                    price: try Self.units($0.elements[0], 5),
                    amount: try Self.units($0.elements[1], 8), stamp: 0)
            }.sorted { $0.price < $1.price }
        }
        let depth = DepthView(
            instrument: .btcusd, asks: try levels("asks"), bids: try levels("bids"))
        let ours = try written { $0.addOldDepth(depth, form) }
        #expect(Alike.differences(ours, recorded) == [])
    }

    /// The list of 2011-06-26 has no currencies and types yet; that of 2013 is in the protocol reference
    /// (section 4.1).
    @Test func trades() throws {
        let recorded = try RecordedReply("dumps/trades-2011-06-26.json").tree
        let trades = recorded.elements.prefix(200).map {
            TradeView(
                instrument: .btcusd, price: $0["price_int"].integer,
                amount: $0["amount_int"].integer, tid: $0["tid"].integer, aggressor: .sell,
                isMarketOrder: false)
        }
        let ours = try written { $0.addOldTrades(trades) }
        let later: Set<String> = ["price_currency", "item", "trade_type"]
        let differences = Alike.differences(
            ours, .array(Array(recorded.elements.prefix(200))), later: later)
        // Small amounts went out as the venue's Java printed them; ours never have an exponent.
        #expect(
            differences == [
                "[106].amount: \"0.00006666\", recorded \"6.666E-5\"",
                "[117].amount: \"0.00006724\", recorded \"6.724E-5\"",
            ])
        let documented = try JSONTree(
            """
            {"date":1358803625,"price":"16.8","amount":"0.1","price_int":"1680000",
            "amount_int":"10000000","tid":"1358803625000000","price_currency":"USD","item":"BTC",
            "trade_type":"ask"}
            """)
        let one = TradeView(
            instrument: .btcusd, price: 1_680_000, amount: 10_000_000,
            tid: 1_358_803_625_000_000, aggressor: .sell, isMarketOrder: true)
        #expect(
            Alike.differences(try written { $0.addOldTrades([one]) }, .array([documented])) == [])
    }

    @Test func withdrawals() throws {
        let recorded = try RecordedReply("http-v0/withdraw.json").tree
        let reference = try recorded["reference"].guid()
        let ours = try written {
            $0.addOldWithdrawal(
                transaction: "d0239b7bc62f054ab30119bd87bd5c4bd61e59ed353edfd3cddea31c62fbf972",
                reference: reference)
        }
        #expect(Alike.differences(ours, recorded) == [])
        for name in ["http-v0/withdraw_btc_code.json", "http-v0/withdraw_usd_code.json"] {
            let recorded = try RecordedReply(name).tree
            let reference = try recorded["reference"].guid()
            let ours = try written {
                $0.addOldCode(recorded["code"].text, reference: reference)
            }
            #expect(Alike.differences(ours, recorded) == [])
        }
        let redeemed = try RecordedReply("http-v0/redeem_btc_code.json").tree
        let code = try redeemed["reference"].guid()
        let credited = try written { $0.addRedeemed(50_000_000, .btc, reference: code) }
        #expect(Alike.differences(credited, redeemed) == [])
    }

    @Test func bitcoin() throws {
        for (name, version): (String, APIVersion) in [
            ("http-v0/address.json", .v0), ("http-v1/address.json", .v1),
            ("http-v1/deposit-address.json", .v1),
        ] {
            let recorded = try RecordedReply(name).tree
            let value = version == .v0 ? recorded : recorded["return"]
            let ours = try written { text in
                text.setReply(version) { $0.addAddress(value["addr"].text) }
            }
            #expect(Alike.differences(ours, recorded) == [], "\(name)")
        }
        let recorded = try RecordedReply("http-v1/withdraw.json").tree
        let ours = try written { text in
            text.setReply(.v1) { $0.addTransaction(recorded["return"]["trx"].text) }
        }
        #expect(Alike.differences(ours, recorded) == [])
    }

    @Test func identityKeys() throws {
        let recorded = try RecordedReply("http-v1/idkey.json").tree
        let ours = try written { text in
            text.setReply(.v1) { $0.addText(recorded["return"].text) }
        }
        #expect(Alike.differences(ours, recorded) == [])
    }
}
