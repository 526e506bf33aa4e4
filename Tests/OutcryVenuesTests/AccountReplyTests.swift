import OutcryMarket
import OutcryWire
import Testing

@testable import OutcryVenues

/// What the recorded replies about accounts say, checked against the files by hand.
@Suite struct AccountReplyTests {
    @Test func accounts() throws {
        func account(_ name: String) throws -> MtGoxAccount {
            let bytes = try Recording.bytes("http-v1/info\(name).json")
            return try MtGoxReply.account(bytes.span)
        }
        let first = try account("-2012-02")
        #expect(first.login == "test" && first.index == "103456" && first.id == nil)
        #expect(first.rights == ["deposit", "get_info", "merchant", "trade", "withdraw"])
        #expect(first.created == "2011-12-01 14:58:53" && first.language == "en_US")
        #expect(first.wallets[0].balance == Money("198.82944238", .btc))
        #expect(first.wallets[0].operations == 156 && first.wallets[0].monthlyLimit == nil)
        #expect(first.wallets[0].dailyLimit == Money("400", .btc))
        #expect(first.wallets[1].monthlyLimit == Money("10000", .usd))
        #expect(first.wallets[1].mostToWithdraw == Money("1000", .usd))
        #expect(first.monthlyVolume == nil && first.feePercent == "0.46")
        let second = try account("-2012-03")
        #expect(second.id == "b88a7a3f-dc3d-4bd4-9b6b-13b0cdb6f703")
        #expect(second.monthlyVolume == .zero(.btc) && second.feePercent == "0.6")
        let third = try account("")
        #expect(third.login == "elthariel" && third.lastLogin == "2013-04-13 13:04:11")
        #expect(third.wallets.map(\.balance) == [Money("42", .btc), Money("23", .eur)])
        #expect(third.wallets[1].openOrders == .zero(.eur) && third.feePercent == "0")
        #expect(third.wallet.balances.map(\.total) == [Money("42", .btc), Money("23", .eur)])
    }

    @Test func history() throws {
        let bytes = try Recording.bytes("http-v1/history.json")
        let history = try MtGoxReply.history(bytes.span)
        #expect(history.records == 1 && history.page == 1 && history.lastPage == 1)
        #expect(history.pageSize == 50 && history.entries.count == 1)
        let entry = history.entries[0]
        #expect(entry.index == "1" && entry.date == 1_384_536_197 && entry.type == "deposit")
        #expect(entry.value == Money("1", .btc) && entry.balance == Money("1", .btc))
        #expect(entry.info == "1AAXCcSjgsgoTnQLqUfPh7qRsUyvbYSbGW")
        #expect(entry.link[1] == "Money_Bitcoin_Block_Tx_Out" && entry.link.count == 3)
        #expect(entry.orderID == nil && entry.tradeID == nil)
    }

    /// The words of trades, as recorded and as documented.
    @Test(
        arguments: [
            (
                "BTC bought: [tid:1366034751500724] 0.00010789 BTC at $97.96898 (0.6% fee)",
                "97.96898"
            ),
            ("BTC sold: [tid:1373975198892772] 0.01000000\u{A0}BTC at $98.20000", "98.20000"),
            ("BTC bought: [tid:1] 1 BTC at \u{20AC}1,012.5", "1012.5"),
            ("BTC bought: [tid:1] 1 BTC", nil), ("1AAXCcSjgsgoTnQLqUfPh7qRsUyvbYSbGW", nil),
        ] as [(String, Price?)])
    func priceOfATrade(info: String, price: Price?) {
        func entry(_ trade: Int64?) -> MtGoxHistoryEntry {
            MtGoxHistoryEntry(
                index: "1", date: 0, type: "in", value: .zero(.btc),
                balance: .zero(.btc), info: info, link: [], orderID: nil, tradeID: trade)
        }
        #expect(entry(1).price == price)
        #expect(entry(nil).price == nil)
    }

    @Test func orders() throws {
        let bytes = try Recording.bytes("http-v1/orders.json")
        let orders = try MtGoxReply.orders(bytes.span)
        #expect(orders.count == 2)
        #expect(orders[0].id == "fda8917a-63d3-4415-b827-758408013690")
        #expect(orders[0].side == .buy && orders[1].side == .sell)
        #expect(orders[0].amount == .btc("0.2") && orders[0].effectiveAmount == .btc("0.2"))
        #expect(orders[0].price == .usd("7") && orders[0].status == .open)
        #expect(orders[0].date == 1_309_198_838 && orders[0].priority == 1_364_116_780_853_497)
        let older = try Recording.bytes("http-v1/orders-2012-02.json")
        let many = try MtGoxReply.orders(older.span)
        #expect(many[0].id == "3ac69c79-caeb-4ee2-bc05-5185df8476d9")
        #expect(many[0].status == .invalid && many[0].effectiveAmount == nil)
        // Partly paid for: both parts make exactly 100.
        let parts = many.filter { $0.invalidAmount != nil }
        #expect(parts.count == 1)
        #expect(parts[0].id.text.hasPrefix("99b5f673") && parts[0].status == .open)
        #expect(parts[0].amount == .btc("49.82944238"))
        #expect(parts[0].invalidAmount.map { $0 + parts[0].amount } == .btc("100"))
        let none = "{\"result\":\"success\",\"return\":null}"
        #expect(try MtGoxReply.orders(none.utf8.span) == [])
    }

    @Test func orderResult() throws {
        let bytes = try Recording.bytes("http-v1/order_result.json")
        let result = try MtGoxReply.orderResult(bytes.span)
        #expect(result.id == "Zda8917a-63d3-4415-b827-758408013691")
        #expect(result.totalAmount == Money("0.1", .btc))
        #expect(result.totalSpent == Money("10.08323", .usd))
        #expect(result.averageCost == Money("100.8323", .usd))
        let fill = result.fills[0]
        #expect(fill.tradeID == 1_375_134_017_519_310 && fill.isPrimary && fill.side == .sell)
        #expect(fill.instrument == .btcusd && fill.properties == "limit")
        #expect(fill.price == Money("100.83227", .usd) && fill.amount == Money("0.1", .btc))
        #expect(fill.spent == Money("10.08323", .usd) && fill.date == "2013-07-29 21:40:17")
    }

    @Test func answersToOrders() throws {
        func id(_ name: String) throws -> OrderID {
            let bytes = try Recording.bytes("http-v1/\(name).json")
            return try MtGoxReply.orderID(bytes.span)
        }
        #expect(try id("buy") == "490a214f-9a30-449f-acb8-780f9046502f")
        #expect(try id("sell") == "a20329fe-c0d5-4378-b204-79a7800d41e7")
        #expect(try id("order-add-success") == "662f3a5c-229c-4145-925c-6bef58575948")
        let cancel = try Recording.bytes("http-v1/cancel.json")
        let cancellation = try MtGoxReply.cancellation(cancel.span)
        #expect(cancellation.queueID == "09354767-455f-412e-9a0c-efb7bb98c958g")
        #expect(cancellation.orderID == "fda8917a-63d3-4415-b827-758408013690")
    }

    @Test func keysAndTransfers() throws {
        let key = try Recording.bytes("http-v1/idkey.json")
        #expect(try MtGoxReply.accountKey(key.span).count == 75)
        func address(_ name: String) throws -> String {
            let bytes = try Recording.bytes(name)
            return try MtGoxReply.address(bytes.span)
        }
        #expect(try address("http-v0/address.json") == "171dH9Uum6wWLSwH2g8g2yto6SG7NEGyXG")
        #expect(try address("http-v1/address.json") == "17A1vbzQ39o8cGNnpqx8UvXNrhqwAEP8wY")
        #expect(try address("http-v1/deposit-address.json").hasPrefix("18dGNs5Bd6"))
        let sent = try Recording.bytes("http-v1/withdraw.json")
        #expect(try MtGoxReply.transaction(sent.span).hasPrefix("311295deadbeef"))
        func transfer(_ name: String) throws -> MtGoxTransfer {
            let bytes = try Recording.bytes("http-v0/\(name).json")
            return try MtGoxReply.transfer(bytes.span)
        }
        let out = try transfer("withdraw")
        #expect(out.reference == "d576535c-68a9-4ecc-b7fb-9ea18dd0367c")
        #expect(out.code == nil && out.amount == nil)
        #expect(try transfer("withdraw_btc_code").code == "MTGOX-BTC-5LHXF-58CFB-RBR9Z-46C57")
        #expect(try transfer("withdraw_usd_code").code == "MTGOX-USD-GJG9B-GZST8-EDMAS-800FB")
        let credit = try transfer("redeem_btc_code")
        #expect(credit.amount == Money("0.5", .btc))
        #expect(credit.status == "Your account has been credited by 0.50000000 BTC")
    }

    @Test func oldAccounts() throws {
        func account(_ name: String) throws -> MtGoxOldAccount {
            let bytes = try Recording.bytes("http-v0/\(name).json")
            return try MtGoxReply.oldAccount(bytes.span)
        }
        let funds = try account("balance")
        #expect(funds.currencyBalance == Money("3.7", .usd) && funds.orders == nil)
        #expect(funds.coinBalance == Money("22", .btc))
        let buy = try account("buy")
        #expect(buy.status == "Your order has been queued for execution")
        #expect(buy.orders?.first?.id == "9f9983fd-5358-4e68-909e-42e69c7ded3f")
        #expect(buy.orders?.first?.status == 2 && buy.currencyBalance == nil)
        #expect(Set(buy.orders?.map(\.status) ?? []) == [0, 1, 2])
        #expect(try account("sell").orders?.first?.status == 1)
        let cancel = try account("cancel")
        #expect(cancel.currencyBalance == Money("199.9959", .usd) && cancel.orders?.count == 6)
        let order = try account("orders").orders?.first
        #expect(order?.amount == .btc("3") && order?.price == .usd("5") && order?.side == .buy)
        #expect(order?.priority == 1_309_198_768_104_500 && order?.isDark == false)
        let later = try account("cancelOrder-2013-01")
        #expect(later.currencyBalance == .zero(.usd))
        #expect(later.coinBalance == Money("0.07099989", .btc))
        #expect(later.orders?[0].amount == .btc("0.92907324"))
        #expect(later.orders?[0].price == .usd("1.25"))
        #expect(later.orders?[0].status == 0 && later.orders?[0].realStatus == "invalid")
    }

    @Test func refusals() throws {
        func refusal(_ name: String) throws -> MtGoxError? {
            let bytes = try Recording.bytes(name)
            do throws(MtGoxError) {
                _ = try MtGoxReply.orderID(bytes.span, status: 200)
                return nil
            } catch { return error }
        }
        let login = "Identification required to access private API"
        #expect(
            try refusal("http-v1/error.json")
                == .refused(text: login, token: "login_error_missing_rest_key"))
        #expect(
            try refusal("http-v1/error-invalid-nonce-403.json")
                == .refused(text: login, token: "login_error_invalid_nonce"))
        #expect(
            try refusal("http-v1/error-order-not-found.json")
                == .refused(text: "Order not found", token: "unknown_error"))
        #expect(
            try refusal("http-v1/unknown_error.json")
                == .refused(text: "Random Unknown error", token: nil))
        #expect(
            try refusal("http-v1/order-add-failure.json")
                == .refused(
                    text: "Invalid parameter \"type\" (should be ask or bid)", token: nil))
        #expect(
            try refusal("http-v0/error.json") == .refused(text: "Not logged in.", token: nil))
        #expect(
            try refusal("http-v0/withdraw_dwolla.json")
                == .refused(text: "Invalid Dwolla account", token: nil))
        #expect(
            try refusal("http-v0/mysql_error.txt")
                == .notJSON(status: 200, excerpt: "MySQL error, please retry later"))
    }

    @Test func pagesAndNonsense() {
        func problem(_ text: String) -> MtGoxError? {
            do throws(MtGoxError) {
                _ = try MtGoxReply.depth(text.utf8.span, of: .btcusd, status: 503)
                return nil
            } catch { return error }
        }
        let page = "<html>" + String(repeating: "x", count: 500)
        #expect(problem(page) == .notJSON(status: 503, excerpt: String(page.prefix(200))))
        #expect(problem("") == .notJSON(status: 503, excerpt: ""))
        let level = "{\"price_int\":\"1\",\"amount_int\":\"x\"}"
        let text = "{\"result\":\"success\",\"return\":{\"asks\":[\(level)],\"bids\":[]}}"
        guard case .malformed(let fault, let excerpt)? = problem(text) else {
            Issue.record("taken")
            return
        }
        #expect(fault.path == "return.asks[0].amount_int")
        #expect(fault.offset == 69)
        #expect(excerpt == text)
        #expect(
            "\(fault)"
                == "expected a whole number that fits in 64 bits, found 'x' at offset 69 "
                + "in return.asks[0].amount_int")
    }
}
