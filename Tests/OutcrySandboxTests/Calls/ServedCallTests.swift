import OutcryMarket
import OutcryServing
import OutcryVenues
import OutcryWire
import Testing

@testable import OutcrySandbox

/// What calls ask, in each dialect, and how their parameters are refused.
@Suite struct ServedCallTests {
    private static let address = "16UwLL9Risc3QfPqBUvKofHmBQ7wMtjvM"

    private static let oid = "fda8917a-63d3-4415-b827-758408013690"
    private static let markets = CallRouteTests.markets

    private static func get(_ target: String) throws(CallRefusal) -> ServedCall {
        let head = HTTPRequestHead(target: target)
        return try CallRoute(head, markets: markets).call(head, body: [], markets: markets)
    }

    private static func post(_ target: String, _ form: String) throws(CallRefusal) -> ServedCall {
        let head = HTTPRequestHead(method: "POST", target: target)
        return try CallRoute(head, markets: markets).call(
            head, body: Array(form.utf8), markets: markets)
    }

    private static func ask(
        _ call: String, _ parameters: [MtGoxParameter] = [], currency: String? = "USD"
    ) throws(CallRefusal) -> ServedCall {
        let body = MtGoxCallBody(
            id: "", call: call, stamp: .nonce(1), parameters: parameters, currency: currency)
        return try CallRoute(body, markets: markets).call(body)
    }

    private static func message(_ target: String, _ form: String) -> String {
        do throws(CallRefusal) {
            return "\(try post(target, form))"
        } catch {
            return error.message
        }
    }

    @Test func publicCalls() throws {
        #expect(try Self.get("/api/1/BTCUSD/ticker") == .ticker(.btcusd))
        #expect(try Self.get("/api/2/BTCGBP/money/ticker_fast") == .fastTicker(.btcgbp))
        #expect(try Self.get("/api/1/BTCUSD/depth/fetch") == .depth(.btcusd))
        #expect(try Self.get("/api/2/BTCUSD/money/depth/full") == .fullDepth(.btcusd))
        #expect(try Self.get("/api/1/BTCEUR/trades/fetch") == .trades(.btceur, since: nil))
        #expect(try Self.get("/api/1/BTCEUR/trades?since=12") == .trades(.btceur, since: 12))
        #expect(try Self.post("/api/1/BTCEUR/trades", "since=13") == .trades(.btceur, since: 13))
        // The form counts before the query.
        #expect(
            try Self.post("/api/1/BTCEUR/trades?since=1", "since=2") == .trades(.btceur, since: 2))
        #expect(try Self.get("/api/1/BTCUSD/trades/cancelled") == .cancelledTrades(.btcusd))
        #expect(try Self.get("/api/1/generic/currency?currency=JPY") == .currency(.jpy))
        #expect(try Self.get("/api/1/BTCEUR/currency") == .currency(.eur))
        #expect(try Self.get("/api/1/generic/order/lag") == .lag)
        #expect(
            try Self.get("/api/2/BTCUSD/money/order/quote?type=bid&amount=100000000")
                == .quote(.btcusd, .buy, units: 100_000_000))
        #expect(try Self.get("/api/2/stream/list_public") == .publicChannels)
        #expect(try Self.get("/api/0/data/ticker.php") == .ticker(.btcusd))
        #expect(try Self.get("/code/data/getDepth.php?Currency=EUR") == .depth(.btceur))
        #expect(
            try Self.get("/api/0/data/getTrades.php?Currency=GBP&since=7")
                == .trades(.btcgbp, since: 7))
    }

    @Test func orders() throws {
        let limit = ServedCall.addOrder(
            OrderDemand(
                instrument: .btcusd, side: .buy, amount: 50_000_000, price: 9_250_000))
        let v1 = "/api/1/BTCUSD/private/order/add"
        #expect(
            try Self.post(v1, "nonce=1&type=bid&amount_int=50000000&price_int=9250000") == limit)
        // As PyAlgoTrade writes numbers: of Python, twelve digits.
        #expect(
            try Self.post(v1, "type=bid&amount_int=50000000.0&price_int=9250000.0") == limit)
        #expect(try Self.post(v1, "type=bid&amount_int=5e%2B07&price_int=9.25e%2B06") == limit)
        #expect(
            try Self.post(v1, "type=ask&amount_int=1.23456789012e%2B11")
                == .addOrder(
                    OrderDemand(instrument: .btcusd, side: .sell, amount: 123_456_789_012)))
        #expect(try Self.post(v1, "type=bid&amount=0.5&price=92.5") == limit)
        #expect(try Self.post(v1, "type=bid&amount=5e-1&price=92.50000") == limit)
        #expect(
            try Self.post(
                "/api/2/BTCUSD/money/order/add",
                "type=bid&amount=.&amount_int=50000000&price_int=9250000")
                == limit)
        #expect(try Self.post("/api/0/buyBTC.php", "amount=0.5&price=92.5&Currency=USD") == limit)
        #expect(
            try Self.ask(
                "order/add",
                [
                    MtGoxParameter("type", "bid"), MtGoxParameter("price_int", "9250000"),
                    MtGoxParameter("amount_int", "50000000"),
                ]) == limit)
        #expect(
            try Self.post(
                "/api/1/BTCJPY/order/add", "type=ask&amount=1&price=0.001&prefer_fiat_fee=1")
                == .addOrder(
                    OrderDemand(
                        instrument: .btcjpy, side: .sell, amount: 100_000_000, price: 1,
                        prefersFiatFee: true)))
        #expect(
            try Self.post("/code/sellBTC.php?Currency=EUR", "amount=1")
                == .addOrder(
                    OrderDemand(instrument: .btceur, side: .sell, amount: 100_000_000)))
    }

    @Test(arguments: [
        ("amount_int=1", "Invalid parameter \"type\" (should be ask or bid)"),
        ("type=buy&amount_int=1", "Invalid parameter \"type\" (should be ask or bid)"),
        (
            "type=bid",
            "Missing parameter \"amount_int\" (should be a whole number of units of BTC above 0, "
                + "found none)"
        ),
        (
            "type=bid&amount_int=-5",
            "Invalid parameter \"amount_int\" (should be a whole number of units above 0, "
                + "found \"-5\")"
        ),
        (
            "type=bid&amount_int=9223372036854775808",
            "Invalid parameter \"amount_int\" (should be a whole number of units above 0: expected "
                + "at most 9223372036854775807 units of 0 decimals, found a larger number at "
                + "offset 0, found \"9223372036854775808\")"
        ),
        (
            "type=bid&amount_int=50000000.5",
            "Invalid parameter \"amount_int\" (should be a whole number of units above 0: expected "
                + "at most 0 decimals, found 1 at offset 9, found \"50000000.5\")"
        ),
        (
            "type=bid&amount=-0.5",
            "Invalid parameter \"amount\" (should be a number above 0, found \"-0.5\")"
        ),
        (
            "type=bid&amount=0.123456789",
            "Invalid parameter \"amount\" (should be a number above 0: expected at most 8 decimals, "
                + "found 9 at offset 10, found \"0.123456789\")"
        ),
        (
            "type=bid&amount_int=1&price_int=0",
            "Invalid parameter \"price_int\" (should be a whole number of units above 0, "
                + "found \"0\")"
        ),
        (
            "type=bid&amount_int=1&prefer_fiat_fee=2",
            "Invalid parameter \"prefer_fiat_fee\" (should be a whole number from 0 to 1, "
                + "found \"2\")"
        ),
    ])
    func refusedOrders(form: String, message: String) {
        #expect(Self.message("/api/1/BTCUSD/order/add", form) == message)
    }

    @Test(arguments: [
        "amount_int=", "amount_int=0.1", "amount_int=+1", "amount_int= 1", "amount_int=0x1",
        "amount_int=1e-3", "amount_int=1e19", "amount_int=1e999999999999", "amount=", "amount=x",
        "amount=1e30", "amount=0", "amount=1,0",
        "amount=99999999999", "amount=1'%3B DROP TABLE orders", "amount=NaN", "amount=1&price=",
        "amount=1&price=0.000001", "amount=1&price=-1", "amount=1&price=99999999999999999999",
        "amount=\u{661}",
    ])
    func brokenNumbers(form: String) {
        let message = Self.message("/api/1/BTCUSD/order/add", "type=bid&" + form)
        #expect(message.hasPrefix("Invalid parameter \""), "\(message)")
    }

    @Test func longTextsAreCut() {
        let message = Self.message(
            "/api/1/BTCUSD/order/add", "type=bid&amount_int=" + String(repeating: "9", count: 4000))
        #expect(message.count < 300)
    }

    @Test func namesOfOrders() throws {
        let oid = try #require(MtGoxGUID(Self.oid))
        #expect(try Self.post("/api/1/BTCUSD/order/cancel", "oid=\(Self.oid)") == .cancelOrder(oid))
        #expect(
            try Self.post("/api/2/money/order/cancel", "order=\(Self.oid)") == .cancelOrder(oid))
        #expect(
            try Self.post("/api/0/cancelOrder.php", "oid=\(Self.oid)&type=2&Currency=EUR")
                == .cancelOrder(oid, balancesIn: .eur))
        #expect(
            Self.message("/api/0/cancelOrder.php", "oid=\(Self.oid)&type=3").hasPrefix(
                "Invalid parameter \"type\" (should be a whole number from 1 to 2"))
        #expect(
            try Self.post("/api/1/generic/order/result", "type=ask&order=\(Self.oid)")
                == .orderResult(.sell, oid))
        #expect(
            try Self.ask("order/cancel", [MtGoxParameter("oid", Self.oid)]) == .cancelOrder(oid))
        #expect(Self.message("/api/1/generic/order/cancel", "oid=x") == "Order not found")
        #expect(
            Self.message("/api/1/generic/order/cancel", "")
                == "Missing parameter \"oid\" (should be the GUID of an order, found none)")
        #expect(
            Self.message("/api/1/generic/order/result", "order=\(Self.oid)")
                == CallRefusal.badType.message)
    }

    @Test func otherPrivateCalls() throws {
        #expect(try Self.post("/api/1/generic/private/info", "nonce=1") == .info)
        #expect(try Self.post("/api/0/getFunds.php", "nonce=1") == .funds(.usd))
        #expect(try Self.post("/api/0/getFunds.php", "Currency=JPY") == .funds(.jpy))
        #expect(
            try Self.post("/api/0/getOrders.php", "Currency=EUR") == .orders(balancesIn: .eur))
        #expect(try Self.ask("private/orders") == .orders())
        #expect(try Self.ask("/idkey", currency: nil) == .identityKey)
        let history = "/api/1/generic/private/wallet/history"
        #expect(
            try Self.post(history, "currency=USD&trade_id=1375134017519310")
                == .walletHistory(HistoryDemand(currency: .usd, trade: 1_375_134_017_519_310)))
        #expect(
            try Self.post(history, "currency=BTC&page=3")
                == .walletHistory(HistoryDemand(currency: .btc, page: 3)))
        #expect(Self.message(history, "") == "Currency parameter is mandatory")
        #expect(Self.message(history, "currency=XYZ") == "Unknown currency \"XYZ\"")
        #expect(
            Self.message(history, "currency=USD&page=0").hasPrefix("Invalid parameter \"page\""))
        // The query of a private call is not signed, so it says nothing.
        #expect(
            Self.message(history + "?currency=USD", "") == "Currency parameter is mandatory")
        #expect(
            try Self.post("/api/1/generic/bitcoin/address", "description=a%26b&ipn=http%3A//x")
                == .bitcoinAddress(description: "a&b", notify: "http://x"))
        #expect(
            try Self.post("/api/0/btcAddress.php", "")
                == .bitcoinAddress(description: nil, notify: nil))
        #expect(
            try Self.post(
                "/api/1/generic/bitcoin/send_simple",
                "address=\(Self.address)&amount_int=100000&fee_int=50000&no_instant=1&otp=123")
                == .sendBitcoin(
                    BitcoinDemand(
                        address: Self.address, amount: 100_000, fee: 50_000,
                        isInstantForbidden: true, otp: "123")))
        #expect(
            Self.message(
                "/api/1/generic/bitcoin/send_simple",
                "address=\(Self.address)&amount_int=1&fee_int=1000001"
            ).hasPrefix("Invalid parameter \"fee_int\""))
        #expect(
            Self.message("/api/1/generic/bitcoin/send_simple", "address=1AAX&amount_int=1")
                == "Invalid parameter \"address\" (should be a bitcoin address, found \"1AAX\")")
        #expect(
            Self.message("/api/1/generic/bitcoin/send_simple", "amount_int=1").hasPrefix(
                "Missing parameter \"address\""))
        #expect(
            try Self.post("/api/0/redeemCode.php", "code=MTGOX-BTC") == .redeemCode("MTGOX-BTC"))
        #expect(try Self.post("/api/0/history_EUR.csv", "") == .historyFile(.eur))
        #expect(Self.message("/api/0/history_XX.csv", "") == "Unknown currency \"XX\"")
    }

    @Test func withdrawals() throws {
        #expect(
            try Self.post("/api/0/withdraw.php", "group1=BTC&btca=\(Self.address)&amount=1.5")
                == .withdraw(
                    WithdrawalDemand(
                        way: .bitcoin, currency: .btc, amount: 150_000_000, address: Self.address)))
        #expect(
            Self.message("/api/0/withdraw.php", "group1=BTC&btca=anything&amount=1.5")
                == "Invalid parameter \"btca\" (should be a bitcoin address, found \"anything\")")
        #expect(
            try Self.post("/api/0/withdraw.php", "group1=USD2CODE&Currency=EUR&amount=2")
                == .withdraw(
                    WithdrawalDemand(way: .moneyCode, currency: .eur, amount: 200_000)))
        #expect(
            Self.message("/api/0/withdraw.php", "group1=GOLD&amount=1").hasPrefix(
                "Invalid parameter \"group1\" (should be one of BTC, "))
        #expect(
            Self.message("/api/0/withdraw.php", "group1=BTC&amount=1").hasPrefix(
                "Missing parameter \"btca\""))
    }

    @Test func undecodableForms() throws {
        #expect(
            Self.message("/api/1/BTCUSD/order/add", "type=bid&amount_int=%zz").hasPrefix(
                "Invalid form: "))
        let head = HTTPRequestHead(method: "POST", target: "/api/1/generic/info")
        let route = try CallRoute(head, markets: Self.markets)
        #expect(throws: CallRefusal.self) {
            try route.call(head, body: [0xFF, 0xFE], markets: Self.markets)
        }
        #expect(throws: CallRefusal.self) { try Self.get("/api/1/BTCUSD/trades?since=%") }
    }
}
