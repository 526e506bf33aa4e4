import OutcryMarket
import OutcryServing
import OutcryVenues
import Testing

@testable import OutcrySandbox

/// Replies about accounts, against recordings of them.
@Suite struct AccountReplyTests {
    private static func account(_ tree: JSONTree) throws -> AccountView {
        var wallets: [WalletView] = []
        guard case .object(let recorded) = tree["Wallets"] else {
            throw RecordedReply.Missing(path: "Wallets")
        }
        for (code, wallet) in recorded {
            func limit(_ key: String) -> Int64? {
                wallet[key] == .null ? nil : wallet[key].units
            }
            wallets.append(
                WalletView(
                    currency: try JSONTree.string(code).currency,
                    balance: wallet["Balance"].units, operations: wallet["Operations"].integer,
                    dailyLimit: limit("Daily_Withdraw_Limit"),
                    monthlyLimit: limit("Monthly_Withdraw_Limit"),
                    mostToWithdraw: wallet["Max_Withdraw"].units,
                    openOrders: limit("Open_Orders") ?? 0))
        }
        let rights = tree["Rights"].elements.compactMap { AccessRights(named: $0.text) }
        let fee = try Quantity(ascii: tree["Trade_Fee"].text.utf8.span, scale: 2)
        let id = MtGoxGUID(tree["Id"].text) ?? MtGoxGUID(high: 0, low: 0)
        return AccountView(
            login: tree["Login"].text, index: tree["Index"].integer, id: id, link: "M1X",
            rights: AccessRights(rights), language: tree["Language"].text,
            created: tree["Created"].seconds, lastLogin: tree["Last_Login"].seconds,
            wallets: wallets, monthlyVolume: max(0, tree["Monthly_Volume"].units),
            tradeFee: fee.units)
    }

    /// `Link` is in no recording but in documents of later; `display_short` came in 2012-04, `Id` and
    /// `Monthly_Volume` in 2012-03, `Open_Orders` after.
    @Test(arguments: [
        ("http-v1/info.json", ["Link"]),
        ("http-v1/info-2012-03.json", ["Link", "Open_Orders"]),
        (
            "http-v1/info-2012-02.json",
            ["Link", "Open_Orders", "Id", "Monthly_Volume", "display_short"]
        ),
    ])
    func info(name: String, later: [String]) throws {
        let recorded = try RecordedReply(name).tree
        let account = try Self.account(recorded)
        let ours = try written { text in
            text.setReply(.v1, isRaw: true) { $0.addAccount(account) }
        }
        #expect(Alike.differences(ours, recorded, later: Set(later)) == [])
        #expect(account.wallets.count == 2)
    }

    @Test func ourReaderUnderstandsIt() throws {
        let account = try Self.account(RecordedReply("http-v1/info.json").tree)
        var text = MessageText(.btcusd)
        text.setReply(.v1) { $0.addAccount(account) }
        let read = try MtGoxReply.account(text.bytes.span)
        #expect(read.login == account.login && read.link == "M1X" && read.wallets.count == 2)
    }

    @Test func history() throws {
        let recorded = try RecordedReply("http-v1/history.json").tree
        let entry = recorded["result"].elements[0]
        let link = entry["Link"].elements
        let view = HistoryView(
            records: 1,
            entries: [
                WalletEntryView(
                    index: 1, date: entry["Date"].integer, kind: entry["Type"].text,
                    currency: .btc, value: entry["Value"].units, balance: entry["Balance"].units,
                    info: .text(entry["Info"].text),
                    link: EntryLink(
                        guid: try link[0].guid(), kind: link[1].text, id: link[2].text))
            ])
        let ours = try written { text in
            text.setReply(.v1, isRaw: true) { $0.addHistory(view) }
        }
        #expect(Alike.differences(ours, recorded) == [])
    }

    /// The entry of a fee that the protocol reference quotes from a recording (section 5.6).
    @Test func historyOfATrade() throws {
        func money(_ value: String, _ units: String, _ display: String, _ short: String) -> String {
            """
            {"value":"\(value)","value_int":"\(units)","display":"\(display)",\
            "display_short":"\(short)","currency":"BTC"}
            """
        }
        let recorded = try JSONTree(
            """
            {"records":"36","result":[{"Index":"94","Date":1366034751,"Type":"fee",
            "Value":\(money("0.00000065", "65", "0.00000065 BTC", "0.00 BTC")),
            "Balance":\(money("0.07099989", "7099989", "0.07099989 BTC", "0.07 BTC")),
            "Info":"BTC bought: [tid:1366034751500724] 0.00010789 BTC at $97.96898 (0.6% fee)",
            "Link":["061cb6ea-4d36-4aa9-825e-830389a3284f","Money_Trade","1366034751500724"],
            "Trade":{"oid":"aff7ddec-4d36-4aa9-825e-830389a3284f","app":null,
            "tid":"1366034751500724",
            "Amount":\(money("0.00010789", "10789", "0.00010789 BTC", "0.00 BTC")),
            "Properties":"market"}}],"current_page":1,"max_page":1,"max_results":50}
            """)
        let tid: Int64 = 1_366_034_751_500_724
        let entry = WalletEntryView(
            index: 94, date: tid / 1_000_000, kind: "fee", currency: .btc, value: 65,
            balance: 7_099_989,
            info: .trade(
                side: .buy, .btcusd, tid: tid, amount: 10_789, price: 9_796_898, fee: 60),
            link: EntryLink(
                guid: try #require(MtGoxGUID("061cb6ea-4d36-4aa9-825e-830389a3284f")),
                kind: "Money_Trade", id: "\(tid)"),
            trade: EntryTrade(
                oid: try #require(MtGoxGUID("aff7ddec-4d36-4aa9-825e-830389a3284f")), tid: tid,
                amount: 10_789, base: .btc, isMarketOrder: true))
        let ours = try written { $0.addHistory(HistoryView(records: 36, entries: [entry])) }
        #expect(Alike.differences(ours, recorded) == [])
        // Our own reader takes it as the venue's.
        var text = MessageText(.btcusd)
        text.setReply(.v1) { $0.addHistory(HistoryView(records: 36, entries: [entry])) }
        let read = try MtGoxReply.history(text.bytes.span)
        #expect(
            read.entries[0].tradeID == tid && read.entries[0].value == Money("0.00000065", .btc))
    }

    @Test func infoTexts() throws {
        func info(_ info: EntryInfo) throws -> String { try written { $0.addInfo(info) }.text }
        let bought = EntryInfo.trade(
            side: .buy, .btcusd, tid: 1_373_975_198_892_772, amount: 1_000_000, price: 9_820_000,
            fee: nil)
        #expect(
            try info(bought)
                == "BTC bought: [tid:1373975198892772] 0.01000000 BTC at $98.20000")
        let sold = EntryInfo.trade(
            side: .sell, .btceur, tid: 7, amount: 100_000_000, price: 534_000, fee: 25)
        #expect(
            try info(sold)
                == "BTC sold: [tid:7] 1.00000000 BTC at 5.34000\u{a0}\u{20ac} (0.25% fee)")
        #expect(try info(.text("\"<\u{e9}>\"")) == "\"<\u{e9}>\"")
    }

    /// The document shows the structure (sourtin/MtGox-API); base32 by the vectors of RFC 4648.
    @Test func oneTimeKeys() throws {
        func key(_ text: String) throws -> JSONTree {
            try written { $0.addOneTimeKey(serial: 123, Array(text.utf8)) }
        }
        let tree = try key("foobar")
        #expect(tree.keys == ["serial", "name", "key", "key_base32"])
        #expect(tree["serial"] == .string("123") && tree["name"] == .string("OTP#123"))
        #expect(tree["key"].text == "666f6f626172")
        for (text, answer) in [
            ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI"),
        ] {
            #expect(try key(text)["key_base32"].text == answer)
        }
    }

    @Test func pages() {
        for (records, pages): (Int64, Int64) in [(0, 1), (1, 1), (50, 1), (51, 2), (100, 2)] {
            #expect(HistoryView(records: records, entries: []).lastPage == pages)
        }
    }

    @Test func times() throws {
        func time(_ seconds: Int64) throws -> String {
            try written { text in
                text.add("\"")
                text.addTime(seconds)
                text.add("\"")
            }.text
        }
        for (seconds, answer): (Int64, String) in [
            (0, "1970-01-01 00:00:00"), (1_375_134_017, "2013-07-29 21:40:17"),
            (951_782_400, "2000-02-29 00:00:00"), (951_868_799, "2000-02-29 23:59:59"),
            (4_107_542_400, "2100-03-01 00:00:00"), (-1, "1969-12-31 23:59:59"),
        ] {
            #expect(try time(seconds) == answer)
        }
        for day: Int64 in stride(from: 0, to: 40_000, by: 13) {
            let text = try time(day * 86_400 + 45_296)
            #expect(JSONTree.string(text).seconds == day * 86_400 + 45_296, "\(text)")
        }
    }

    @Test func moneyOfEachCurrency() throws {
        func money(_ units: Int64, _ currency: Currency) throws -> JSONTree {
            try written { $0.addMoney(units, currency) }
        }
        let yen = try money(1_234_567, .jpy)
        #expect(yen["value"].text == "1234.567" && yen["value_int"].text == "1234567")
        #expect(yen["display"].text == "\u{a5}1,234.567")
        #expect(yen["display_short"].text == "\u{a5}1,234.57" && yen["currency"].text == "JPY")
        let euro = try money(100_000_000, .eur)
        // The money object of the protocol reference, section 2.2.
        #expect(euro["value"].text == "1000.00000")
        #expect(euro["display"].text == "1,000.00000\u{a0}\u{20ac}")
        #expect(euro["display_short"].text == "1,000.00\u{a0}\u{20ac}")
        #expect(try money(510_991, .usd)["display"].text == "$5.10991")
        #expect(try money(510_991, .usd)["display_short"].text == "$5.11")
        #expect(try money(510_991, .gbp)["display"].text == "\u{a3}5.10991")
        #expect(try money(20_000_000, .btc)["display"].text == "0.20000000\u{a0}BTC")
        #expect(try money(1_500, .sek)["display"].text == "1.500\u{a0}SEK")
        #expect(try money(.max, .usd)["value_int"].text == "9223372036854775807")
        #expect(try money(0, .btc)["value"].text == "0.00000000")
    }
}
