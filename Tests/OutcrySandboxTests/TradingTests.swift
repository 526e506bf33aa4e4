import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryVenues
import OutcryWire
import Testing

@testable import OutcrySandbox

@Suite struct TradingTests {
    // MARK: Through the whole of an order's life

    @Test func anOrderIsPlacedFilledAndPaid() throws {
        let house = try TradingHouse()
        let alice = try house.person("alice")
        let bob = try house.person("bob")
        let heard = try alice.listen()
        // Between the best bid and ask of the recorded book, so that nobody else takes it.
        let oid = try alice.call(
            "BTCUSD/order/add",
            [("type", "bid"), ("amount_int", "200000000"), ("price_int", "2640001")]
        ).text
        #expect(MtGoxGUID(oid) != nil)
        #expect(
            try heard.messages().map { $0["user_order"]["status"].text }
                == ["pending", "executing", "post-pending", "open"])
        let listed = try alice.call("generic/private/orders")
        #expect(listed.elements.map { $0["oid"].text } == [oid])
        #expect(listed.elements.map { $0["status"].text } == ["open"])
        let other = try bob.call(
            "BTCUSD/order/add", [("type", "ask"), ("amount_int", "50000000")]
        ).text
        let news = try heard.messages()
        #expect(
            news.map { $0["private"].text } == [
                "wallet", "wallet", "wallet", "trade", "user_order",
            ])
        #expect(news.prefix(3).map { $0["wallet"]["op"].text } == ["in", "fee", "spent"])
        #expect(news.last?["user_order"]["amount"]["value_int"].text == "150000000")
        #expect(try bob.call("generic/orders").elements.isEmpty)
        let result = try bob.call("generic/order/result", [("type", "ask"), ("order", other)])
        #expect(result["total_amount"]["value_int"].text == "50000000")
        #expect(result["total_spent"]["value_int"].text == "1320001", "half up")
        let info = try alice.call("generic/info")
        #expect(info["Wallets"]["BTC"]["Balance"]["value_int"].text == "10049700000")
        #expect(info["Wallets"]["USD"]["Balance"]["value_int"].text == "98679999")
        #expect(info["Trade_Fee"] == .number("0.6"))
        let history = try alice.call("generic/wallet/history", [("currency", "BTC")])
        #expect(history["result"].elements.map { $0["Type"].text } == ["fee", "in", "deposit"])
        #expect(history["result"].elements.first?["Trade"]["oid"].text == oid)
        let gone = try alice.call("BTCUSD/order/cancel", [("oid", oid)])
        #expect(gone["oid"].text == oid)
        #expect(MtGoxGUID(gone["qid"].text) != nil)
        #expect(try heard.messages().map { $0["user_order"]["reason"].text } == ["requested"])
    }

    @Test func theStreamServesTheSame() throws {
        let house = try TradingHouse()
        let alice = try house.person("alice")
        let stream = try alice.listen()
        let added = try stream.ask(
            alice.sealed(
                "order/add",
                [
                    MtGoxParameter("type", "bid"), MtGoxParameter("amount_int", "100000000"),
                    MtGoxParameter("price_int", "2640001"),
                ], id: "order_add:bid:2640001:100000000"))
        #expect(added.filter { $0["op"].text == "private" }.count == 4)
        let result = try #require(added.first { $0["op"].text == "result" })
        #expect(result["id"].text == "order_add:bid:2640001:100000000")
        let oid = result["result"].text
        let cancel = try stream.ask(
            alice.sealed("private/order/cancel", [MtGoxParameter("oid", oid)], id: "c"))
        #expect(cancel.map { $0["op"].text } == ["result", "private"], "the removal comes behind")
        #expect(cancel.first?["result"]["oid"].text == oid)
        let again = try stream.ask(
            alice.sealed("private/order/cancel", [MtGoxParameter("oid", oid)], id: "c2"))
        #expect(again.map { $0["op"].text } == ["remark"])
        #expect(again.map { $0["message"].text } == ["Order not found"])
        #expect(again.map { $0["id"].text } == ["c2"])
        let info = try stream.ask(alice.sealed("private/info", id: "i"))
        #expect(info.first?["result"]["Login"].text == "alice")
        let unknown = try stream.ask(alice.sealed("private/nothing", id: "n"))
        #expect(unknown.map { $0["message"].text } == ["Method not found"])
    }

    @Test func anIdentityKeyInTheAddressJoinsTheAccount() throws {
        let house = try TradingHouse()
        let alice = try house.person("alice")
        let key = try alice.call("generic/idkey").text
        let query = PercentEncoding.query([HTTPQueryItem("IdKey", key)])
        let stream = try house.house.stream("/mtgox?Channel=lag&\(query)")
        let ops = try stream.messages().map { $0["op"].text }
        #expect(ops.prefix(2) == ["remark", "subscribe"])
        _ = try alice.call("BTCUSD/order/add", [("type", "bid"), ("amount_int", "1000000")])
        #expect(try stream.messages().contains { $0["private"].text == "wallet" })
        let key2 = try alice.post("/api/2/money/hotp_gen")
        #expect(key2.body["data"]["key"].text.utf8.count == 40)
    }

    @Test func marketOrdersEndTwice() throws {
        let house = try TradingHouse()
        let alice = try house.person("alice")
        let stream = try alice.listen()
        _ = try alice.call(
            "BTCUSD/order/add", [("type", "bid"), ("amount_int", "1000000")])
        let reasons = try stream.messages().compactMap { message -> String? in
            message["user_order"].keys.contains("reason")
                ? message["user_order"]["reason"].text : nil
        }
        #expect(reasons == ["completed_passive", "completed_active"])
    }

    @Test func versionsSpeakTheirOwn() throws {
        let house = try TradingHouse()
        let alice = try house.person("alice")
        let second = try alice.post("/api/2/money/info")
        #expect(second.body["data"]["Login"].text == "alice")
        let funds = try alice.post("/api/0/getFunds.php")
        #expect(funds.body.keys.contains("btcs"))
        let queued = try alice.post(
            "/code/buyBTC.php", [("amount", "1"), ("price", "26.40001")])
        #expect(queued.body["status"].text == "Your order has been queued for execution")
        let oid = try #require(queued.body["orders"].elements.first)["oid"].text
        let left = try alice.post("/api/0/cancelOrder.php", [("oid", oid), ("type", "2")])
        #expect(left.body["orders"].elements.isEmpty)
        let raw = try alice.post("/api/1/generic/info?raw")
        #expect(raw.body["Login"].text == "alice")
        let table = try alice.raw("/api/0/history_BTC.csv")
        #expect(
            String(decoding: table.body, as: UTF8.self).hasPrefix(
                "Index,Date,Type,Info,Value,Balance\n1,"))
    }

    /// What people say goes into a table as it is, and makes no columns of its own.
    @Test func theHistoryIsATable() throws {
        let house = try TradingHouse()
        let alice = try house.person("alice", usd: "0", btc: "0")
        let exchange = house.house.exchange
        var effects: [ExchangeEffect] = []
        for index in 0..<1_002 {
            try exchange.state.apply(
                .deposit(
                    alice.account.owner, .btc, 100_000_000, info: "\(index)\\ x\",9,\"=1+1, é"),
                at: 1_000_000, into: &effects)
        }
        let body = try alice.raw("/api/0/history_BTC.csv").body
        let lines = String(decoding: body, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 1_001, "the newest, and the names of the columns")
        #expect(lines.last?.hasSuffix(#","1001\ x"",9,""=1+1, é",1,1002"#) == true)
        #expect(lines.dropFirst().first?.hasPrefix("3,") == true)
    }

    @Test func moneyGoesOutAndIn() throws {
        let house = try TradingHouse()
        let alice = try house.person("alice", btc: "10")
        let bob = try house.person("bob", btc: "0")
        let first = try alice.call("generic/bitcoin/address")["addr"].text
        #expect(try alice.call("generic/bitcoin/address")["addr"].text == first)
        let second = try alice.call("generic/bitcoin/address", [("description", "savings")])
        #expect(second["addr"].text != first)
        #expect(first.hasPrefix("1"))
        let sent = try alice.call(
            "generic/bitcoin/send_simple",
            [("address", first), ("amount_int", "100000000"), ("fee_int", "50000")])
        #expect(sent["trx"].text.utf8.count == 64)
        let code = try alice.post(
            "/api/0/withdraw.php", [("group1", "BTC2CODE"), ("amount", "2.5")]
        ).body["code"].text
        let redeemed = try bob.post("/api/0/redeemCode.php", [("code", code)])
        #expect(redeemed.body["amount"] == .number("2.5"))
        #expect(try bob.post("/api/0/redeemCode.php", [("code", code)]).status == 400)
        #expect(
            try bob.post("/api/0/redeemCode.php", [("code", "MTGOX-BTC-1-2-3-4")]).status == 400)
        let info = try alice.call("generic/info")
        #expect(
            info["Wallets"]["BTC"]["Balance"]["value_int"].text == "749950000",
            "what was sent to the own first address came back")
        let his = try bob.call("generic/bitcoin/address")["addr"].text
        #expect(BitcoinAddresses.isAddress(his))
        _ = try alice.call(
            "generic/bitcoin/send_simple", [("address", his), ("amount_int", "50000000")])
        let credited = try bob.call("generic/wallet/history", [("currency", "BTC")])
        #expect(credited["result"].elements.first?["Type"].text == "deposit")
        #expect(credited["result"].elements.first?["Value"]["value_int"].text == "50000000")
        #expect(
            try alice.post(
                "/api/1/generic/bitcoin/send_simple",
                [("address", first), ("amount_int", "749950001")]
            ).status == 400)
    }

    // MARK: Who is let in

    @Test func strangersAreRefused() throws {
        let house = try TradingHouse()
        let alice = try house.person("alice")
        let reader = try house.person("reader", rights: .getInfo)
        let unsigned = try house.house.get("/api/1/generic/info", method: "POST")
        #expect(unsigned.status == 403)
        #expect(
            try JSONTree(unsigned.body)["token"].text == "login_error_missing_rest_key")
        #expect(try alice.post("/api/1/generic/info", nonce: 5).status == 200)
        let replay = try alice.post("/api/1/generic/info", nonce: 5)
        #expect(replay.status == 403)
        #expect(replay.body["token"].text == "login_error_invalid_nonce")
        let order = try reader.post(
            "/api/1/BTCUSD/order/add",
            [("type", "bid"), ("amount_int", "100000000"), ("price_int", "1")])
        #expect(order.status == 403)
        #expect(order.body["token"].text == "sandbox_missing_right")
        #expect(try reader.call("generic/orders").elements.isEmpty)
        let stream = try alice.listen()
        for blob in ["", "!!!", "AAAA", alice.sealed("private/info", id: "x") + "x"] {
            let answer = try stream.ask(
                #"{"op":"call","id":"z","call":"\#(blob)","context":"mtgox.com"}"#)
            #expect(answer.map { $0["op"].text } == ["remark"] || blob.contains("\""))
        }
    }

    @Test func anotherPersonsOrderCannotBeTouched() throws {
        let house = try TradingHouse()
        let alice = try house.person("alice")
        let bob = try house.person("bob")
        let oid = try alice.call(
            "BTCUSD/order/add",
            [("type", "bid"), ("amount_int", "100000000"), ("price_int", "2640001")]
        ).text
        #expect(try bob.post("/api/1/BTCUSD/order/cancel", [("oid", oid)]).status == 400)
        #expect(try alice.call("generic/orders").elements.count == 1)
        let key = try alice.call("generic/idkey").text
        #expect(key.utf8.count == 75)
        house.house.run(.seconds(86_401))
        let stream = try house.house.stream("/")
        _ = try stream.messages()
        let late = try stream.ask(#"{"op":"mtgox.subscribe","key":"\#(key)"}"#)
        #expect(late.map { $0["op"].text } == ["remark"])
    }

    @Test func badNumbersAreNamed() throws {
        let house = try TradingHouse()
        let alice = try house.person("alice")
        for (form, words) in [
            (
                [("type", "bid"), ("amount_int", "1"), ("price_int", "5")],
                "Order amount is too low"
            ),
            ([("type", "buy"), ("amount_int", "1000000")], "Invalid parameter \"type\""),
            ([("type", "bid"), ("amount_int", "-5")], "amount_int"),
            ([("type", "bid"), ("amount_int", "99999999999999999999")], "amount_int"),
            ([("type", "bid"), ("amount_int", "1000000"), ("price_int", "1.5")], "price_int"),
            ([("type", "bid")], "amount_int"),
            ([("type", "bid"), ("amount", "0.000000001")], "amount"),
        ] {
            let reply = try alice.post("/api/1/BTCUSD/order/add", form)
            #expect(reply.status == 400)
            #expect(reply.body["error"].text.contains(words), "\(reply.body)")
        }
        #expect(try alice.call("generic/orders").elements.isEmpty)
    }

    // MARK: Lag, rates, other books

    @Test func underLagOrdersStayPending() throws {
        let house = try TradingHouse { $0.faults.engineLag = .seconds(60) }
        let alice = try house.person("alice")
        let stream = try alice.listen()
        let oid = try alice.call(
            "BTCUSD/order/add",
            [("type", "bid"), ("amount_int", "100000000"), ("price_int", "2640001")]
        ).text
        house.house.run(.seconds(30))
        #expect(try stream.messages().map { $0["user_order"]["status"].text } == ["pending"])
        let lag = try house.house.json("/api/1/generic/order/lag")["return"]
        #expect((29_000_000...31_000_000).contains(lag["lag"].integer))
        _ = try alice.call("BTCUSD/order/cancel", [("oid", oid)])
        house.house.run(.seconds(31))
        #expect(
            try stream.messages().map { $0["user_order"]["status"].text }
                == ["executing", "post-pending", "open"])
        house.house.run(.seconds(30))
        #expect(try stream.messages().map { $0["user_order"]["reason"].text } == ["requested"])
    }

    @Test func whoPlacesTooManyIsToldToWait() throws {
        let house = try TradingHouse {
            $0.orderRate = OrderRateLimit(orders: 3, span: .seconds(6))
        }
        let alice = try house.person("alice")
        let form = [("type", "bid"), ("amount_int", "1000000"), ("price_int", "100")]
        for _ in 0..<3 { _ = try alice.call("BTCUSD/order/add", form) }
        let fourth = try alice.post("/api/1/BTCUSD/order/add", form)
        #expect(fourth.status == 403)
        #expect(fourth.body["error"].text == "Too many orders placed, please wait 6 secs")
        house.house.run(.seconds(6))
        _ = try alice.call("BTCUSD/order/add", form)
    }

    @Test func openOrdersAreBounded() throws {
        let house = try TradingHouse { $0.openOrders = 2 }
        let alice = try house.person("alice")
        let form = [("type", "bid"), ("amount_int", "1000000"), ("price_int", "100")]
        let oid = try alice.call("BTCUSD/order/add", form).text
        _ = try alice.call("BTCUSD/order/add", form)
        let third = try alice.post("/api/1/BTCUSD/order/add", form)
        #expect(third.status == 403)
        #expect(third.body["error"].text.contains("at most 2"))
        _ = try alice.call("BTCUSD/order/cancel", [("oid", oid)])
        _ = try alice.call("BTCUSD/order/add", form)
    }

    @Test func otherCurrenciesHaveTheirBooks() throws {
        let house = try TradingHouse()
        let alice = try house.person("alice")
        let stream = try house.house.stream("/mtgox?Currency=EUR,JPY")
        _ = try stream.messages()
        _ = try alice.call(
            "BTCEUR/order/add",
            [("type", "ask"), ("amount_int", "100000000"), ("price_int", "1500000")])
        let news = try stream.messages().filter { $0["op"].text == "private" }
        #expect(
            news.map { $0["channel_name"].text } == ["depth.BTCEUR", "ticker.BTCEUR"])
        #expect(news.first?["depth"]["currency"].text == "EUR")
        let depth = try house.house.json("/api/2/BTCEUR/money/depth/full")["data"]
        #expect(depth["asks"].elements.map { $0["price_int"].text } == ["1500000"])
    }
}
