import OutcryComponents
import OutcryMarket
import Testing

@testable import OutcryVenues

/// The answers of the recordings, read by the calls that ask for them: in the envelope as HTTP has them,
/// and without as the stream does.
@Suite struct CallReplyTests {
    private let guid = OrderID("fda8917a-63d3-4415-b827-758408013690")

    /// What a call reads of a recording, the same both ways.
    private func read<Reply: Equatable>(
        _ call: MtGoxCall<Reply>, _ name: String
    ) throws -> Reply {
        let reply = MtGoxRawReply(body: try Recording.bytes(name + ".json"), status: 200)
        let value = try call.read(reply)
        let bare = try MtGoxReply.value(reply)
        #expect(try call.read(MtGoxRawReply(body: bare, status: nil)) == value)
        if call.raw.version != .v0 { #expect(try call.version2.read(reply) == value) }
        return value
    }

    @Test func marketCalls() throws {
        let ticker = try read(.ticker(.btcusd), "http-v1/ticker-2012-02")
        #expect(ticker.summary.instrument == .btcusd && ticker.summary.last?.isValid == true)
        let fast = try read(.fastTicker(.btceur), "http-v2/ticker_fast-EUR-2013-11")
        #expect(fast.summary.instrument == .btceur && fast.summary.high == nil)
        let call = MtGoxCall.depth(.btcusd)
        let depth = try call.read(
            MtGoxRawReply(body: try Recording.bytes("http-v1/depth.json"), status: 200))
        #expect(depth.asks.first?.price.units == 11_400_000 && depth.lowest != nil)
        let full = try MtGoxCall.fullDepth(.btcusd).read(
            MtGoxRawReply(body: try Recording.bytes("http-v1/fulldepth-2012-02.json"), status: 200)
        )
        #expect(full.asks.count + full.bids.count == 8_091 && full.lowest == nil)
        #expect(try read(.trades(.btcusd), "http-v1/trades").count == 4)
        #expect(try !read(.trades(.btcusd, since: 1), "http-v2/trades-fetch-since").isEmpty)
        #expect(try read(.cancelledTrades(.btcusd), "http-v1/cancelledtrades").isEmpty)
        let dollar = try read(.currency(.usd), "http-v2/currency-USD")
        #expect(dollar.currency == .usd && dollar.name == "Dollar")
        #expect(try read(.lag, "http-v1/lag").seconds != nil)
        #expect(try read(.lag, "http-v2/lag-raw").age > .zero)
        let quote = try read(try .quote(.btcusd, .buy, "1"), "http-v2/order-quote")
        #expect(quote.money(.usd, rounding: .exact) == Money("91.97999", .usd))
        let channels = try read(.publicChannels, "stream/channels-list_public")
        #expect(channels.count == 62)
        for listed in channels {
            #expect(MtGoxChannels.guid(of: listed.channel) == listed.guid)
        }
    }

    @Test func accountCalls() throws {
        #expect(try read(.info, "http-v1/info").login == "elthariel")
        #expect(try read(.identityKey, "http-v1/idkey").utf8.count == 75)
        #expect(try read(.orders, "http-v1/orders").count == 2)
        #expect(try read(.ownTrades, "http-v1/trades").count == 4)
        #expect(try read(.orderResult(guid, .sell), "http-v1/order_result").fills.count == 1)
        #expect(try read(.walletHistory(.btc), "http-v1/history").entries.count == 1)
        let request = OrderRequest.market(.buy, quantity: "1").on(.btcusd)
        let id = try read(try .addOrder(request), "http-v1/order-add-success")
        #expect(id == "662f3a5c-229c-4145-925c-6bef58575948")
        #expect(try read(.cancelOrder(guid), "http-v1/cancel").orderID == guid)
        #expect(
            try read(.bitcoinAddress(), "http-v1/address") == "17A1vbzQ39o8cGNnpqx8UvXNrhqwAEP8wY")
        #expect(
            try read(try .sendBitcoin("1", to: "x"), "http-v1/withdraw").hasPrefix("311295dead"))
        // No orders are `null` over the stream.
        #expect(
            try MtGoxCall.orders.read(MtGoxRawReply(body: Array("null".utf8), status: nil)) == [])
    }

    @Test func oldCalls() throws {
        typealias Old = MtGoxOldCall
        #expect(try read(try Old.ticker(.btcusd), "http-v0/ticker").last.isValid)
        let depth = try Old.depth(.btcusd).read(
            MtGoxRawReply(body: try Recording.bytes("http-v0/depth.json"), status: 200))
        #expect(!depth.asks.isEmpty && !depth.bids.isEmpty)
        let trades = try Old.trades(.btcusd).read(
            MtGoxRawReply(
                body: try Recording.bytes("dumps/trades-2011-06-26.json"), status: nil))
        #expect(trades.count > 100)
        let funds = try read(Old.funds(.usd), "http-v0/balance")
        #expect(
            funds.currencyBalance == Money("3.7", .usd) && funds.coinBalance == Money("22", .btc))
        #expect(try read(Old.funds(.eur), "http-v0/balance").currencyBalance == Money("3.7", .eur))
        #expect(try read(Old.orders(.usd), "http-v0/orders").orders?.isEmpty == false)
        let request = OrderRequest.market(.buy, quantity: "1").on(.btcusd)
        #expect(
            try read(try Old.addOrder(request), "http-v0/buy").status
                == "Your order has been queued for execution")
        #expect(
            try read(Old.cancelOrder(guid, .buy, .usd), "http-v0/cancelOrder-2013-01").orders
                != nil)
        #expect(try read(Old.bitcoinAddress, "http-v0/address").hasPrefix("171dH9"))
        let coins = try #require(Money("0.5", .btc))
        let sent = try read(
            try Old.withdraw(coins, .bitcoin(address: "x")), "http-v0/withdraw")
        #expect(sent.reference == "d576535c-68a9-4ecc-b7fb-9ea18dd0367c" && sent.code == nil)
        let code = try read(try Old.withdraw(coins, .code), "http-v0/withdraw_btc_code")
        #expect(code.code == "MTGOX-BTC-5LHXF-58CFB-RBR9Z-46C57")
        #expect(try read(Old.redeemCode("x"), "http-v0/redeem_btc_code").amount == coins)
    }

    /// Forms of documents, of which no recording is known.
    @Test func documentedOnes() throws {
        func reply(_ text: String) -> MtGoxRawReply {
            MtGoxRawReply(body: Array(text.utf8), status: 200)
        }
        let key = try MtGoxCall.oneTimeKey.read(
            reply(
                #"{"result":"success","data":{"serial":"7","name":"OTP#7","key":"c0ffee","#
                    + #""key_base32":"ABC"}}"#))
        #expect(key.serial == "7" && key.key == "c0ffee" && key.base32 == "ABC")
        for text in ["\(key)", String(reflecting: key)] {
            #expect(text == "one-time key OTP#7", "nothing of the key")
        }
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!dumped.contains("c0ffee") && !dumped.contains("ABC"))
        let ticket = try MtGoxCall.createTicket(
            partner: "p", amount: Money(units: 1, currency: .usd)
        ).read(reply(#"{"ticket":5,"key":"k","partner_url":"http:\/\/x","amount":{"value":"1"}}"#))
        #expect(ticket.ticket == "5" && ticket.partnerURL == "http://x")
        #expect(ticket.amount == #"{"value":"1"}"#)
        let stream = try MtGoxCall.privateStream.read(
            reply(
                #"{"sub":"s","channel":"c","auth":"a","cipher":"x","renew":1,"expires":"2"}"#))
        #expect(stream.authorization == "a" && stream.renew == "1" && stream.expires == "2")
        #expect(!"\(stream)".contains("a\"") && "\(stream)" == "a private stream")
        let raw = MtGoxCall.raw(MtGoxRawCall(endpoint: "something/new"))
        #expect(try raw.read(reply("<html>")) == Array("<html>".utf8))
    }

    @Test func historyTables() throws {
        func table(_ text: String, status: Int? = 200) throws(MtGoxError) -> [MtGoxHistoryLine] {
            try MtGoxOldCall.history(.btc).read(
                MtGoxRawReply(body: Array(text.utf8), status: status))
        }
        let lines = try table(
            "Index,Date,Type,Info,Value,Balance\n"
                + "1,\"2011-06-26 12:00:00\",deposit,\"a, \"\"b\"\"\nc\",1.5,1.5\r\n"
                + "2,2011-06-27 12:00:00,fee,,0.00000001,1.49999999")
        #expect(lines.map(\.index) == ["1", "2"] && lines.map(\.type) == ["deposit", "fee"])
        #expect(lines[0].info == "a, \"b\"\nc" && lines[0].date == "2011-06-26 12:00:00")
        #expect(
            lines[0].value == Money("1.5", .btc) && lines[1].balance == Money("1.49999999", .btc))
        let turned = try table("Balance,Value,New,Info,Type,Date,Index\n2,1,,i,in,d,9\n")
        #expect(turned[0].index == "9" && turned[0].balance == Money("2", .btc))
        #expect(try table("Index,Date,Type,Info,Value,Balance").isEmpty)
        func problem(_ text: String) -> String {
            do throws(MtGoxError) {
                _ = try table(text)
                return "none"
            } catch { return "\(error)" }
        }
        #expect(problem("{\"error\":\"Not logged in.\"}") == "refused: Not logged in.")
        #expect(problem("{}").hasPrefix("expected a table, found a JSON object at offset 0"))
        #expect(
            problem("MySQL error, please retry later")
                == "expected JSON, found with status 200 MySQL error, please retry later")
        #expect(problem("") == "expected JSON, found with status 200 ")
        #expect(
            problem("Index,Date,Type,Info,Value,Balance\n1,2\n")
                .hasPrefix("expected 6 fields, found 2 at offset 35"))
        #expect(
            problem("Index,Date,Type,Info,Value,Balance\n1,2,3,4,x,6\n")
                .hasPrefix("expected an amount of BTC, found x at offset 35"))
    }
}
