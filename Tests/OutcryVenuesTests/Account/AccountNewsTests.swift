import OutcryMarket
import Testing

@testable import OutcryVenues

/// What the account's channel says, in the forms of section 10 of the protocol reference.
@Suite struct AccountNewsTests {
    /// The JSON of the news in a documented message.
    private func documented(_ name: String) throws -> [UInt8] {
        let bytes = try Recording.bytes("documented/\(name).json")
        guard case .account(_, let body) = try MtGoxParser.parse(bytes.span) else {
            throw Recording.Missing(path: "news in \(name)")
        }
        return bytes.span.array(body)
    }

    private func order(_ text: String) throws(MtGoxFault) -> MtGoxOrderNews {
        let bytes = Array(text.utf8)
        return try MtGoxOrderNews(bytes.span)
    }

    private func wallet(_ text: String) throws(MtGoxFault) -> MtGoxWalletNews {
        let bytes = Array(text.utf8)
        return try MtGoxWalletNews(bytes.span)
    }

    // MARK: Orders

    @Test func aLimitOrder() throws {
        let bytes = try documented("user_order-wiki")
        let news = try MtGoxOrderNews(bytes.span)
        guard case .changed(let order) = news.state else {
            Issue.record("not changed: \(news)")
            return
        }
        #expect(news.id == "<ORDER GUID>" && order.id == news.id)
        #expect(order.instrument == .btcusd && order.side == .buy && order.status == .pending)
        #expect(order.amount == .btc("1") && order.price == .usd("10"))
        #expect(order.effectiveAmount == nil && order.invalidAmount == nil)
        #expect(order.date == 1_330_522_328 && order.priority == nil)
    }

    @Test func removals() throws {
        let bytes = try documented("user_order-removed")
        let requested = try MtGoxOrderNews(bytes.span)
        #expect(requested.id == "c8fa912b-d929-4cc5-98e6-3ea23667cfa5")
        #expect(requested.state == .removed(.requested))
        for (word, reason) in [
            ("completed_passive", MtGoxOrderNews.Removal.completedPassive),
            ("completed_active", .completedActive), ("user_requested", .requested),
            ("expired", .other("expired")),
        ] {
            #expect(
                try order(#"{"oid":"o","reason":"\#(word)"}"#).state == .removed(reason))
            #expect(
                try order(#"{"reason":"\#(word)", "oid":"o"}"#).state == .removed(reason))
        }
        #expect(try order(#"{"oid":"o"}"#).state == .removed(.untold), "as in 2012")
        #expect(try order(#"{"oid":"o","reason":null}"#).state == .removed(.untold))
        #expect(try order(#"{"oid":"o","new":[1]}"#).state == .removed(.untold))
    }

    /// One order in the forms that are allowed, each read as the same.
    @Test func variations() throws {
        let amount =
            #"{"value":"1.00000000","value_int":"100000000","display":"1.00000000\u00a0BTC","#
            + #""display_short":"1.00\u00a0BTC","currency":"BTC"}"#
        let price = #"{"value":"10.5","value_int":"1050000","display":"x","currency":"USD"}"#
        let head = #""oid":"o","currency":"USD","item":"BTC","type":"ask""#
        let usual = try order(
            #"{\#(head),"amount":\#(amount),"effective_amount":\#(amount),"price":\#(price),"#
                + #""status":"stop","date":"5"}"#)
        guard case .changed(let first) = usual.state else {
            Issue.record("not changed: \(usual)")
            return
        }
        #expect(first.side == .sell && first.status == .stop && first.date == 5)
        #expect(first.effectiveAmount == .btc("1") && first.price == .usd("10.5"))
        let whole = #"{"currency":"BTC","value_int":100000000}"#
        let decimal = #"{"value":1.0,"currency":"BTC"}"#
        for text in [
            #"{\#(head),"amount":\#(whole),"effective_amount":\#(decimal),"price":\#(price),"#
                + #""status":"stop","date":5}"#,
            #"{"date":5,"status":"stop","price":\#(price),"amount":\#(amount),"#
                + #""effective_amount":\#(whole),"new":{"a":[]},\#(head)}"#,
            #"{ \#(head) , "amount" : \#(decimal) , "effective_amount":\#(amount),"#
                + #""price": \#(price), "status":"s\u0074op","date":"5", "actions":[] }"#,
            #"{"\u006fid":"o","currency":"USD","item":"BTC","type":"\u0061sk","amount":\#(amount),"#
                + #""effective_amount":\#(amount),"price":\#(price),"status":"stop","date":5,"#
                + #""invalid_amount":null,"reason":null}"#,
        ] {
            #expect(try order(text) == usual, "\(text)")
        }
        // A market order has no price, a partly paid one a rest, a list's order a priority.
        let rest = try order(
            #"{\#(head),"amount":\#(amount),"invalid_amount":\#(amount),"status":"open","date":5,"#
                + #""priority":"1364116780853497"}"#)
        guard case .changed(let second) = rest.state else {
            Issue.record("not changed: \(rest)")
            return
        }
        #expect(second.price == nil && second.invalidAmount == .btc("1"))
        #expect(second.priority == 1_364_116_780_853_497)
    }

    /// What cannot be read is told with its place, and never taken for the end of an order.
    @Test func brokenOrders() {
        func fault(_ text: String) -> String {
            do throws(MtGoxFault) {
                return "none: \(try order(text))"
            } catch { return "\(error)" }
        }
        #expect(fault("{}") == "expected the field oid, found an object without it at offset 0")
        #expect(
            fault(#"{"oid":"o","status":"open"}"#)
                == "expected the field item, found an object without it at offset 0")
        let head = #""oid":"o","currency":"USD","item":"BTC""#
        let coins = #"{"value_int":"1","currency":"BTC"}"#
        #expect(
            fault(#"{\#(head),"type":"x","amount":\#(coins),"status":"open","date":1}"#)
                == #"expected "bid" or "ask", found "x" at offset 48 in type"#)
        #expect(
            fault(
                #"{\#(head),"type":"bid","amount":\#(coins),"price":\#(coins),"status":"","date":1}"#
            ).hasPrefix("expected money in the currency of the order"))
        #expect(fault(#"{"oid":"o","reason":"requested"} x"#).hasPrefix("expected"))
        #expect(fault(#"{"oid":5}"#).hasPrefix("expected"))
        #expect(fault(#"{"oid":"o","amount":{}}"#).hasPrefix("expected the field item"))
    }

    // MARK: The wallet

    @Test func aPurchase() throws {
        let bytes = try documented("wallet-wiki")
        let news = try MtGoxWalletNews(bytes.span)
        #expect(news.kind == .in && news.kind.isCredit == true)
        #expect(news.amount == Money("0.01", .btc) && news.balance == Money("0.01", .btc))
        #expect(
            news.info
                == "BTC bought: [tid:1373975198892772] 0.01000000\u{A0}BTC at $98.20000")
        #expect(news.tradeID == 1_373_975_198_892_772 && !news.isTradeFee)
    }

    /// The texts of recorded histories, and what they tell.
    @Test(
        arguments: [
            (
                "fee", "BTC bought: [tid:1366034751500724] 0.00010789 BTC at $97.96898 (0.6% fee)",
                1_366_034_751_500_724, true
            ),
            (
                "earned", "BTC sold: [tid:1366034751500724] 1 BTC at $97.96898",
                1_366_034_751_500_724, false
            ),
            ("fee", "BTC sold: [tid:5] 1 BTC at 97\\u00a0\\u20ac (0.25% fee)", 5, true),
            ("fee", "Fees for Bitcoin withdraw to 1AAXCcSjgsgoTnQLqUfPh7qRsUyvbYSbGW", nil, false),
            ("deposit", "1AAXCcSjgsgoTnQLqUfPh7qRsUyvbYSbGW", nil, false),
            ("withdraw", "a joke: [tid:5] (0.6% fee)", nil, false),
            ("spent", "BTC bought: [tid:] 1", nil, false),
            ("spent", "BTC bought: [tid:99999999999999999999] 1", nil, false),
            ("spent", "BTC bought: [tid:5", nil, false), ("in", "[tid:5]", 5, false),
            ("in", "[tid:", nil, false), ("in", "", nil, false), ("fee", "% fee)", nil, false),
            ("out", "[[tid:7] % fee)", 7, true),
        ] as [(String, String, Int64?, Bool)])
    func infos(_ op: String, _ info: String, _ trade: Int64?, _ isFee: Bool) throws {
        let money = #"{"value":"1","value_int":"5","display":"x","currency":"USD"}"#
        for text in [
            #"{"op":"\#(op)","amount":\#(money),"info":"\#(info)","ref":null,"balance":\#(money)}"#,
            #"{"balance":\#(money), "ref":null,"info":"\#(info)","amount":\#(money),"op":"\#(op)"}"#,
        ] {
            let news = try wallet(text)
            #expect(news.kind == MtGoxEntryKind(op) && news.tradeID == trade)
            #expect(news.isTradeFee == isFee)
            #expect(news.amount == Money(units: 5, currency: .usd) && news.balance == news.amount)
        }
    }

    @Test func walletVariations() throws {
        let usual = try wallet(
            #"{"op":"spent","amount":{"currency":"JPY","value_int":5},"info":"i"}"#)
        #expect(usual.balance == nil && usual.kind.isCredit == false && usual.info == "i")
        #expect(
            try wallet(#"{"info":"i","op":"spent","amount":{"value":"0.005","currency":"JPY"}}"#)
                == usual)
        let other = try wallet(
            #"{"op":"gift","amount":{"currency":"JPY","value_int":"5"},"info":null,"balance":null}"#
        )
        #expect(other.kind == .other("gift") && other.kind.isCredit == nil && other.info == "")
        #expect(other.balance == nil)
    }

    @Test func brokenWallets() {
        func fault(_ text: String) -> String {
            do throws(MtGoxFault) {
                return "none: \(try wallet(text))"
            } catch { return "\(error)" }
        }
        #expect(fault("{}") == "expected the field amount, found an object without it at offset 0")
        #expect(
            fault(#"{"amount":{"currency":"JPY","value_int":5}}"#)
                == "expected the field op, found an object without it at offset 0")
        #expect(
            fault(#"{"op":"in","amount":{"currency":"XXX","value_int":5}}"#)
                == #"expected a currency of Mt. Gox, found "XXX" at offset 32 in amount.currency"#)
        #expect(
            fault(#"{"op":"in","amount":{"currency":"JPY","value_int":-5}}"#)
                .hasPrefix("expected an amount of zero or more"))
    }
}
