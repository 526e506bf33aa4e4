import OutcryComponents
import OutcryMarket
import Testing

@testable import OutcryVenues

/// What each call looks like on the wire, against sections 4 to 6 and 9 of the protocol reference.
@Suite struct CallTargetTests {
    private let guid = OrderID("fda8917a-63d3-4415-b827-758408013690")

    /// A public call: GET and target; the same of version 2; its name over the stream.
    private func expectPublic<Reply>(
        _ call: MtGoxCall<Reply>, _ one: String, _ two: String?, _ name: String?,
        location: SourceLocation = #_sourceLocation
    ) {
        #expect(!call.raw.isPrivate && call.raw.isRepeatable, sourceLocation: location)
        #expect(call.raw.httpMethod == "GET", sourceLocation: location)
        #expect(call.raw.httpTarget == one, sourceLocation: location)
        if let two { #expect(call.version2.raw.httpTarget == two, sourceLocation: location) }
        #expect(call.raw.streamName == name, sourceLocation: location)
    }

    /// A private call: POST and target; the form behind the nonce; the same of version 2; its name.
    private func expectPrivate<Reply>(
        _ call: MtGoxCall<Reply>, _ one: String, _ form: String, _ two: String?, _ name: String?,
        location: SourceLocation = #_sourceLocation
    ) {
        #expect(call.raw.isPrivate && call.raw.httpMethod == "POST", sourceLocation: location)
        #expect(call.raw.httpTarget == one, sourceLocation: location)
        let body = String(decoding: call.raw.form(.nonce(7)), as: UTF8.self)
        #expect(body == "nonce=7" + (form.isEmpty ? "" : "&" + form), sourceLocation: location)
        if let two { #expect(call.version2.raw.httpTarget == two, sourceLocation: location) }
        #expect(call.raw.streamName == name, sourceLocation: location)
    }

    @Test func publicCalls() throws {
        expectPublic(
            .ticker(.btceur), "/api/1/BTCEUR/ticker", "/api/2/BTCEUR/money/ticker", "ticker")
        expectPublic(
            .fastTicker(.btceur), "/api/1/BTCEUR/ticker_fast", "/api/2/BTCEUR/money/ticker_fast",
            "ticker_fast")
        expectPublic(
            .depth(.btcusd), "/api/1/BTCUSD/depth/fetch", "/api/2/BTCUSD/money/depth/fetch",
            "depth/fetch")
        expectPublic(
            .fullDepth(.btcusd), "/api/1/BTCUSD/depth/full", "/api/2/BTCUSD/money/depth/full",
            "depth/full")
        expectPublic(
            .trades(.btcusd), "/api/1/BTCUSD/trades/fetch", "/api/2/BTCUSD/money/trades/fetch",
            "trades/fetch")
        expectPublic(
            .trades(.btcusd, since: 1_364_767_190_000_000),
            "/api/1/BTCUSD/trades/fetch?since=1364767190000000",
            "/api/2/BTCUSD/money/trades/fetch?since=1364767190000000", "trades/fetch")
        expectPublic(
            .cancelledTrades(.btcusd), "/api/1/BTCUSD/trades/cancelled",
            "/api/2/BTCUSD/money/trades/cancelled", "trades/cancelled")
        expectPublic(
            .currency(.jpy), "/api/1/generic/currency?currency=JPY",
            "/api/2/money/currency?currency=JPY", "currency")
        expectPublic(.lag, "/api/1/generic/order/lag", "/api/2/money/order/lag", "order/lag")
        expectPublic(
            try .quote(.btcusd, .buy, "1"),
            "/api/1/BTCUSD/order/quote?type=bid&amount=100000000",
            "/api/2/BTCUSD/money/order/quote?type=bid&amount=100000000", "order/quote")
        expectPublic(.publicChannels, "/api/2/stream/list_public", nil, nil)
        #expect(MtGoxCall.publicChannels.version2.raw == MtGoxCall.publicChannels.raw)
    }

    @Test func privateCalls() throws {
        expectPrivate(.info, "/api/1/generic/info", "", "/api/2/money/info", "info")
        expectPrivate(.identityKey, "/api/1/generic/idkey", "", "/api/2/money/idkey", "idkey")
        expectPrivate(
            .orders, "/api/1/generic/private/orders", "", "/api/2/money/orders", "private/orders")
        expectPrivate(
            .ownTrades, "/api/1/generic/private/trades", "", "/api/2/money/private/trades",
            "private/trades")
        expectPrivate(
            .orderResult(guid, .sell), "/api/1/generic/order/result",
            "type=ask&order=\(guid)", "/api/2/money/order/result", "order/result")
        expectPrivate(
            .walletHistory(.btc), "/api/1/generic/private/wallet/history", "currency=BTC",
            "/api/2/money/wallet/history", "private/wallet/history")
        expectPrivate(
            .walletHistory(.usd, page: 3, trade: 1_366_034_751_500_724),
            "/api/1/generic/private/wallet/history",
            "currency=USD&page=3&trade_id=1366034751500724", "/api/2/money/wallet/history",
            "private/wallet/history")
        expectPrivate(
            .bitcoinAddress(), "/api/1/generic/bitcoin/address", "",
            "/api/2/money/bitcoin/address", "bitcoin/address")
        expectPrivate(
            .bitcoinAddress(description: "a & b", notify: "http://x/?y=z"),
            "/api/1/generic/bitcoin/address",
            "description=a%20%26%20b&ipn=http%3A%2F%2Fx%2F%3Fy%3Dz", nil, "bitcoin/address")
        expectPrivate(
            try .sendBitcoin("1.5", to: "1abc"), "/api/1/generic/bitcoin/send_simple",
            "address=1abc&amount_int=150000000", "/api/2/money/bitcoin/send_simple",
            "bitcoin/send_simple")
        expectPrivate(
            try .sendBitcoin(
                "1.5", to: "1abc", fee: "0.0005", forbidsInstant: true, isGreen: true, otp: "12"),
            "/api/1/generic/bitcoin/send_simple",
            "address=1abc&amount_int=150000000&fee_int=50000&no_instant=1&green=1&otp=12", nil,
            "bitcoin/send_simple")
        let worth = try #require(Money("12.5", .eur))
        expectPrivate(
            try .createTicket(partner: "p", amount: worth, otp: "1"),
            "/api/1/generic/ticket/create", "partner=p&amount_int=1250000&currency=EUR&otp=1",
            "/api/2/money/ticket/create", "ticket/create")
        expectPrivate(.oneTimeKey, "/api/2/security/hotp/gen", "", nil, nil)
        expectPrivate(.privateStream, "/api/2/stream/private_get", "", nil, nil)
    }

    @Test func orders() throws {
        let limit = OrderRequest.limit(.buy, quantity: "0.5", price: "14.43").on(.btcusd)
        expectPrivate(
            try .addOrder(limit), "/api/1/BTCUSD/order/add",
            "type=bid&amount_int=50000000&price_int=1443000", "/api/2/BTCUSD/money/order/add",
            "order/add")
        let market = OrderRequest.market(.sell, quantity: "1").on(.btcjpy)
        expectPrivate(
            try .addOrder(market, prefersFiatFee: true), "/api/1/BTCJPY/order/add",
            "type=ask&amount_int=100000000&prefer_fiat_fee=1", "/api/2/BTCJPY/money/order/add",
            "order/add")
        expectPrivate(
            .cancelOrder(guid), "/api/1/generic/order/cancel", "oid=\(guid)",
            "/api/2/money/order/cancel", "order/cancel")
        // Yen have three decimals.
        let yen = OrderRequest.limit(.buy, quantity: "1", price: "9500.125").on(.btcjpy)
        #expect(
            try MtGoxCall.addOrder(yen).raw.parameters.last
                == MtGoxParameter("price_int", "9500125"))
        // Less than the venue takes is left to it.
        let small = OrderRequest.market(.buy, quantity: "0.00000001").on(.btcusd)
        #expect(
            try MtGoxCall.addOrder(small).raw.parameters.last == MtGoxParameter("amount_int", "1"))
    }

    @Test func oldCalls() throws {
        typealias Old = MtGoxOldCall
        expectPublic(
            try Old.ticker(.btceur), "/api/0/data/ticker.php?Currency=EUR", nil, nil)
        expectPublic(try Old.depth(.btcusd), "/api/0/data/getDepth.php?Currency=USD", nil, nil)
        expectPublic(
            try Old.trades(.btcusd, since: 5), "/api/0/data/getTrades.php?Currency=USD&since=5",
            nil, nil)
        expectPrivate(Old.funds(.eur), "/api/0/getFunds.php", "Currency=EUR", nil, nil)
        expectPrivate(Old.orders(.usd), "/api/0/getOrders.php", "Currency=USD", nil, nil)
        expectPrivate(Old.info, "/api/0/info.php", "", nil, nil)
        expectPrivate(Old.history(.btc), "/api/0/history_BTC.csv", "", nil, nil)
        expectPrivate(Old.pendingTransactions, "/api/0/bitcoin_tx.php", "", nil, nil)
        expectPrivate(Old.bitcoinAddress, "/api/0/btcAddress.php", "", nil, nil)
        expectPrivate(
            try Old.addOrder(.limit(.buy, quantity: "0.5", price: "6.68").on(.btcusd)),
            "/api/0/buyBTC.php", "amount=0.50000000&price=6.68000&Currency=USD", nil, nil)
        expectPrivate(
            try Old.addOrder(.market(.sell, quantity: "2").on(.btceur)), "/api/0/sellBTC.php",
            "amount=2.00000000&Currency=EUR", nil, nil)
        expectPrivate(
            Old.cancelOrder(guid, .sell, .usd), "/api/0/cancelOrder.php",
            "oid=\(guid)&type=1&Currency=USD", nil, nil)
        expectPrivate(
            Old.cancelOrder(guid, .buy, .usd), "/api/0/cancelOrder.php",
            "oid=\(guid)&type=2&Currency=USD", nil, nil)
        let coins = try #require(Money("0.5", .btc))
        let euros = try #require(Money("10", .eur))
        let withdraw = "/api/0/withdraw.php"
        expectPrivate(
            try Old.withdraw(coins, .bitcoin(address: "1abc")), withdraw,
            "group1=BTC&btca=1abc&amount=0.50000000", nil, nil)
        expectPrivate(
            try Old.withdraw(coins, .code), withdraw, "group1=BTC2CODE&amount=0.50000000", nil,
            nil)
        expectPrivate(
            try Old.withdraw(euros, .code), withdraw,
            "group1=USD2CODE&Currency=EUR&amount=10.00000", nil, nil)
        for (way, name) in [(Old.Way.dwolla, "DWUSD"), (.bank, "USD"), (.paxum, "PAXUMUSD")] {
            expectPrivate(
                try Old.withdraw(euros, way), withdraw, "group1=\(name)&amount=10.00000", nil,
                nil)
        }
        expectPrivate(
            Old.redeemCode("MTGOX-BTC-5LHXF"), "/api/0/redeemCode.php", "code=MTGOX-BTC-5LHXF",
            nil, nil)
    }

    /// Budgets, and what may be asked again when no answer came.
    @Test func kinds() throws {
        let request = OrderRequest.market(.buy, quantity: "1").on(.btcusd)
        let add = try MtGoxCall.addOrder(request).raw
        #expect(add.kind == .place && !add.isRepeatable)
        let old = try MtGoxOldCall.addOrder(request).raw
        #expect(old.kind == .place && !old.isRepeatable)
        for cancel in [
            MtGoxCall.cancelOrder(guid).raw, MtGoxOldCall.cancelOrder(guid, .buy, .usd).raw,
        ] {
            #expect(cancel.kind == .cancel && cancel.isRepeatable)
        }
        #expect(MtGoxCall.fullDepth(.btcusd).raw.kind == .snapshot)
        #expect(MtGoxCall.info.raw.kind == .query && MtGoxCall.info.raw.isRepeatable)
        let coins = try #require(Money("0.5", .btc))
        for raw in [
            try MtGoxCall.sendBitcoin("1", to: "x").raw, MtGoxCall.oneTimeKey.raw,
            try MtGoxCall.createTicket(partner: "p", amount: coins).raw,
            MtGoxCall.bitcoinAddress(description: "new").raw, MtGoxOldCall.redeemCode("c").raw,
            try MtGoxOldCall.withdraw(coins, .code).raw,
        ] {
            #expect(!raw.isRepeatable, "\(raw)")
        }
        #expect(MtGoxCall.bitcoinAddress().raw.isRepeatable)
    }

    @Test func streamBodies() throws {
        let stamp = MtGoxCallStamp.tonce(1_364_767_201_381_800)
        let request = OrderRequest.limit(.buy, quantity: "0.01", price: "92").on(.btceur)
        let add = try #require(
            try MtGoxCall.addOrder(request).raw.callBody(id: "a", stamp: stamp))
        #expect(
            String(decoding: add.json, as: UTF8.self)
                == #"{"id":"a","call":"order/add","tonce":1364767201381800,"params":{"type":"bid","#
                + #""amount_int":1000000,"price_int":9200000},"item":"BTC","currency":"EUR"}"#)
        let info = try #require(MtGoxCall.info.version2.raw.callBody(id: "i", stamp: stamp))
        #expect(
            String(decoding: info.json, as: UTF8.self)
                == #"{"id":"i","call":"info","tonce":1364767201381800,"params":{}}"#)
        #expect(MtGoxCall.publicChannels.raw.callBody(id: "p", stamp: stamp) == nil)
        #expect(MtGoxOldCall.info.raw.callBody(id: "p", stamp: stamp) == nil)
    }

    /// Too fine, too large, nothing, less than nothing, no instrument, no bitcoin: nothing goes out.
    @Test func whatIsNoCall() {
        func refusal(_ make: () throws -> Void) -> String {
            do {
                try make()
                return "none"
            } catch { return "\(error)" }
        }
        func add(_ quantity: Quantity, _ price: Price?, _ of: Instrument? = .btcusd) -> String {
            let request = OrderRequest(
                side: .buy, quantity: quantity, price: price, instrument: of)
            let one = refusal { _ = try MtGoxCall.addOrder(request) }
            let old = refusal { _ = try MtGoxOldCall.addOrder(request) }
            #expect(one == old)
            return one
        }
        #expect(
            add("0.123456789", "1")
                == "expected amount in units of 0.00000001 BTC, found 0.123456789")
        #expect(add("1", "14.430001") == "expected price in units of 0.00001 USD, found 14.430001")
        #expect(
            add("1", "9500.1234", .btcjpy)
                == "expected price in units of 0.001 JPY, found 9500.1234")
        #expect(
            add("922337203685", "1")
                == "expected amount in units of 0.00000001 BTC, found 922337203685")
        #expect(add(.invalid, "1") == "expected amount in units of 0.00000001 BTC, found invalid")
        #expect(add("0", "1") == "expected amount above 0, found 0")
        #expect(add("-1", "1") == "expected amount above 0, found -1")
        #expect(add("1", "0") == "expected price above 0, found 0")
        #expect(
            add("1", "1", nil) == "expected an instrument, found an order request without one")
        #expect(add("1.000000000000", "14.4300000") == "none", "zeros are no digits")
        let lite = OrderRequest.market(.buy, quantity: "1").on(
            Instrument(base: .ltc, quote: .usd))
        #expect(
            refusal { _ = try MtGoxOldCall.addOrder(lite) }
                == "expected an order for BTC, found LTC")
        #expect(refusal { _ = try MtGoxCall.addOrder(lite) } == "none")
        #expect(
            refusal { _ = try MtGoxCall.quote(.btcusd, .buy, "0.000000001") }
                == "expected amount in units of 0.00000001 BTC, found 0.000000001")
        #expect(
            refusal { _ = try MtGoxCall.sendBitcoin("1", to: "x", fee: "-0.1") }
                == "expected fee above 0, found -0.1")
        let debt = Money(units: -1, currency: .usd)
        #expect(
            refusal { _ = try MtGoxCall.createTicket(partner: "p", amount: debt) }
                == "expected amount above 0, found -0.00001 USD")
        #expect(
            refusal { _ = try MtGoxOldCall.withdraw(.zero(.btc), .code) }
                == "expected amount above 0, found 0.00000000 BTC")
        #expect(
            refusal {
                _ = try MtGoxOldCall.withdraw(
                    Money(units: 1, currency: .usd), .bitcoin(address: "x"))
            } == "expected an order for BTC, found USD")
    }

    /// What is logged of a call holds no parameters.
    @Test func descriptions() throws {
        let send = try MtGoxCall.sendBitcoin("1", to: "1abc", otp: "secret").raw
        #expect("\(send)" == "v1 bitcoin/send_simple")
        let request = OrderRequest.market(.buy, quantity: "1").on(.btcusd)
        #expect("\(try MtGoxCall.addOrder(request).version2.raw)" == "v2 BTCUSD money/order/add")
    }
}
