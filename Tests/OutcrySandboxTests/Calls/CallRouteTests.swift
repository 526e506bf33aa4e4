import OutcryMarket
import OutcryServing
import OutcryVenues
import OutcryWire
import Testing

@testable import OutcrySandbox

/// Where paths lead, in each dialect.
@Suite struct CallRouteTests {
    static let markets: [Instrument] = [.btcusd, .btceur, .btcjpy, .btcgbp]

    private static func route(
        _ target: String, _ method: String = "GET"
    ) throws(CallRefusal) -> CallRoute {
        try CallRoute(HTTPRequestHead(method: method, target: target), markets: markets)
    }

    private static func refusal(_ target: String, _ method: String = "GET") -> CallRefusal? {
        do throws(CallRefusal) {
            let route = try route(target, method)
            Issue.record("\(target) leads to \(route)")
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("BTCUSD/public/ticker", Endpoint.ticker), ("BTCUSD/ticker", .ticker),
        ("BTCUSD/ticker_fast", .fastTicker), ("BTCUSD/public/depth", .depth),
        ("BTCUSD/depth/fetch", .depth), ("BTCUSD/public/fulldepth", .fullDepth),
        ("BTCUSD/depth/full", .fullDepth), ("BTCUSD/public/trades", .trades),
        ("BTCUSD/trades/fetch", .trades), ("BTCUSD/public/cancelledtrades", .cancelledTrades),
        ("BTCUSD/trades/cancelled", .cancelledTrades), ("BTCUSD/order/quote", .quote),
    ])
    func publicOnesOfVersion1(path: String, endpoint: Endpoint) throws {
        for method in ["GET", "POST"] {
            let route = try Self.route("/api/1/" + path, method)
            #expect(route.version == .v1 && route.endpoint == endpoint && !route.isRaw)
            #expect(route.instrument == .btcusd && route.endpoint.access == .anyone)
        }
        let other = path.replacing("USD", with: "JPY")
        #expect(try Self.route("/api/1/\(other)?since=1&raw").instrument == .btcjpy)
        #expect(try Self.route("/api/1/\(other)?since=1&raw").isRaw)
        #expect(try !Self.route("/api/1/\(other)?rawer").isRaw)
        // A market is needed, and one that there is.
        let generic = path.replacing("BTCUSD", with: "generic")
        #expect(Self.refusal("/api/1/" + generic) == .currencyMandatory)
        #expect(Self.refusal("/api/1/" + path.replacing("USD", with: "PLN"))?.status == 404)
        #expect(Self.refusal("/api/1/" + path, "PUT")?.fields["Allow"] == "GET, POST")
    }

    private static let privateOnes: [(String, Endpoint, AccessRights)] = [
        ("generic/private/info", .info, .getInfo),
        ("generic/info", .info, .getInfo),
        ("BTCUSD/info", .info, .getInfo), ("BTCPLN/private/info", .info, .getInfo),
        ("generic/private/idkey", .identityKey, .getInfo),
        ("generic/idkey", .identityKey, .getInfo),
        ("generic/private/orders", .orders, .getInfo),
        ("generic/private/trades", .ownTrades, .getInfo),
        ("BTCUSD/private/order/add", .addOrder, .trade), ("BTCEUR/order/add", .addOrder, .trade),
        ("BTCUSD/private/order/cancel", .cancelOrder, .trade),
        ("generic/order/cancel", .cancelOrder, .trade),
        ("generic/private/order/result", .orderResult, [.getInfo, .trade]),
        ("generic/order/result", .orderResult, [.getInfo, .trade]),
        ("generic/private/wallet/history", .walletHistory, .getInfo),
        ("generic/wallet/history", .walletHistory, .getInfo),
        ("generic/bitcoin/address", .bitcoinAddress, .deposit),
        ("generic/private/bitcoin/address", .bitcoinAddress, .deposit),
        ("generic/bitcoin/send_simple", .sendBitcoin, .withdraw),
    ]

    @Test(arguments: privateOnes)
    func privateOnesOfVersion1(path: String, endpoint: Endpoint, rights: AccessRights) throws {
        let route = try Self.route("/api/1/\(path)?raw", "POST")
        #expect(route.endpoint == endpoint && route.endpoint.access == .key(rights))
        #expect(route.isRaw)
        #expect(Self.refusal("/api/1/" + path) == .method("GET", allowed: "POST"))
    }

    @Test(arguments: [
        ("BTCUSD/money/ticker", Endpoint.ticker), ("BTCUSD/money/ticker_fast", .fastTicker),
        ("BTCUSD/money/depth/fetch", .depth), ("BTCUSD/money/depth/full", .fullDepth),
        ("BTCUSD/money/trades/fetch", .trades), ("BTCUSD/money/trades/cancelled", .cancelledTrades),
        ("BTCUSD/money/order/quote", .quote), ("money/currency", .currency),
        ("money/order/lag", .lag), ("BTCUSD/money/order/lag", .lag),
        ("BTCUSD/money/trades", .trades), ("BTCUSD/money/depth", .depth),
        ("BTCUSD/money/fulldepth", .fullDepth), ("BTCUSD/money/quote", .quote),
        ("BTCUSD/money/cancelledtrades", .cancelledTrades), ("stream/list_public", .publicChannels),
        ("money/info", .info), ("BTCUSD/money/info", .info), ("money/idkey", .identityKey),
        ("money/orders", .orders), ("BTCUSD/money/order/add", .addOrder),
        ("money/order/cancel", .cancelOrder), ("money/order/result", .orderResult),
        ("money/wallet/history", .walletHistory), ("money/bitcoin/address", .bitcoinAddress),
        ("money/bitcoin/send_simple", .sendBitcoin), ("security/hotp/gen", .oneTimeKey),
        ("money/hotp_gen", .oneTimeKey),
    ])
    func version2(path: String, endpoint: Endpoint) throws {
        let route = try Self.route("/api/2/" + path, "POST")
        #expect(route.version == .v2 && route.endpoint == endpoint)
    }

    @Test(arguments: [
        ("data/ticker.php", Endpoint.ticker), ("ticker.php", .ticker),
        ("data/getDepth.php", .depth), ("data/getTrades.php", .trades), ("getFunds.php", .funds),
        ("buyBTC.php", .buy), ("sellBTC.php", .sell), ("getOrders.php", .orders),
        ("cancelOrder.php", .cancelOrder), ("withdraw.php", .withdraw),
        ("redeemCode.php", .redeemCode), ("btcAddress.php", .bitcoinAddress), ("info.php", .info),
        ("history_BTC.csv", .historyFile("BTC")), ("history_USD.csv", .historyFile("USD")),
    ])
    func version0(path: String, endpoint: Endpoint) throws {
        for folder in ["/api/0/", "/code/"] {
            let route = try Self.route(folder + path + "?Currency=EUR", "POST")
            #expect(route.version == .v0 && route.endpoint == endpoint && route.instrument == nil)
        }
    }

    @Test(arguments: [
        "/", "/api", "/api/", "/api/1", "/api/1/", "/api/1/BTCUSD", "/api/1/BTCUSD/",
        "/api/1/BTCUSD/nothing", "/api/1//ticker", "/api/1/BTCUSD//ticker",
        "/api/1/BTCUSD/ticker/", "/api/1/BTCUSD/private/ticker", "/api/1/generic/public/info",
        "/api/1/BTCUSD/public/public/ticker", "/api/3/BTCUSD/ticker", "/api/2/BTCUSD/ticker",
        "/api/2/money", "/api/2/BTCUSD/stream/list_public", "/api/2/money/money/info",
        "/api/0/", "/api/0/nothing.php", "/code/data/", "/api/1/btcusd/ticker",
        "/api/1/BTCUSD\u{301}/ticker", "/api/1/\u{301}BTCUSD/ticker",
    ])
    func unknownPaths(target: String) {
        #expect(Self.refusal(target)?.status == 404)
    }

    @Test(arguments: [
        ("private/info", Endpoint.info), ("/info", .info), ("info", .info), ("BTCUSD/info", .info),
        ("generic/private/info", .info), ("private/idkey", .identityKey), ("/idkey", .identityKey),
        ("private/orders", .orders), ("BTCUSD/orders", .orders), ("private/order/add", .addOrder),
        ("order/add", .addOrder), ("/order/add", .addOrder), ("BTCUSD/order/add", .addOrder),
        ("order/cancel", .cancelOrder), ("order/lag", .lag), ("BTCUSD/order/lag", .lag),
        ("private/order/lag", .lag), ("public/fulldepth", .fullDepth),
        ("public/cancelledtrades", .cancelledTrades), ("bitcoin/address", .bitcoinAddress),
        ("private/order/result", .orderResult), ("private/wallet/history", .walletHistory),
        ("private/trades", .ownTrades), ("public/trades", .trades), ("order/quote", .quote),
        ("currency", .currency), ("public/ticker", .ticker), ("ticker_fast", .fastTicker),
        ("bitcoin/send_simple", .sendBitcoin), ("depth/fetch", .depth),
    ])
    func streamCalls(call: String, endpoint: Endpoint) throws {
        let body = MtGoxCallBody(id: "1", call: call, stamp: .nonce(1))
        let route = try CallRoute(body, markets: Self.markets)
        #expect(route.version == .stream && route.endpoint == endpoint)
        #expect(route.instrument == .btcusd)
    }

    @Test func theMarketOfAStreamCall() throws {
        func market(_ call: String, _ item: String?, _ currency: String?) throws -> Instrument? {
            let body = MtGoxCallBody(
                id: "", call: call, stamp: .nonce(1), item: item, currency: currency)
            return try CallRoute(body, markets: Self.markets).instrument
        }
        #expect(try market("order/add", "BTC", "EUR") == .btceur)
        #expect(try market("order/add", nil, "EUR") == .btceur)
        // The pair of the name is nearer.
        #expect(try market("BTCJPY/order/add", "BTC", "EUR") == .btcjpy)
        #expect(try market("private/info", nil, nil) == nil)
        // Where no market is needed any currency will do.
        #expect(try market("private/info", "BTC", "PLN") != nil)
        #expect(try market("private/info", "x", "y") == nil)
        #expect(throws: CallRefusal.currencyMandatory) { try market("order/add", nil, nil) }
        #expect(throws: CallRefusal.currencyMandatory) { try market("order/add", "BTC", nil) }
        #expect(throws: CallRefusal.unknownPair("BTCPLN")) {
            try market("order/add", "BTC", "PLN")
        }
        #expect(throws: CallRefusal.unknownPair("BTCPLN")) { try market("BTCPLN/ticker", nil, nil) }
        for call in ["", "/", "nothing", "private/ticker", "public/info", "private/", "//info"] {
            #expect(throws: CallRefusal.methodNotFound, "\(call)") {
                try market(call, "BTC", "USD")
            }
        }
        #expect(CallRefusal.methodNotFound.message == "Method not found")
        #expect(CallRefusal.currencyMandatory.message == "Currency parameter is mandatory")
    }
}
