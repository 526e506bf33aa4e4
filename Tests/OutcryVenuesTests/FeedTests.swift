import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import Testing

@testable import OutcryVenues

/// Plays texts into a feed, as a connection does.
private final class Wire: Session {
    let feed: MtGoxFeed
    let texts: [[UInt8]]

    init(_ feed: MtGoxFeed, _ texts: [[UInt8]]) {
        self.feed = feed
        self.texts = texts
    }

    static func handlers(_ on: inout Handlers<Wire>) {
        on(.play) { me, _, my in
            for text in me.texts { me.feed.message(text.span, my) }
        }
    }
}

extension Event where Payload == Void {
    fileprivate static let play = Self("test.play")
}

/// Notes what is published.
private final class Listener: Session {
    var lines: [String] = []
    /// The neutral news of orders.
    var neutral: [String] = []

    static func handlers(_ on: inout Handlers<Listener>) {
        on(.started) { me, _, my in
            let link = Link(venue: .mtgox, name: "gox", instruments: [.btcusd])
            my.register(link.depth, link.trade, link.ticker, link.lag, link.subscribed)
            my.register(
                Topic(.unsubscribed, from: "gox"), link.notice, link.malformed,
                Topic(.mtgoxResult, from: "gox"), Topic(.mtgoxOrder, from: "gox"),
                Topic(.mtgoxWallet, from: "gox"), Topic(.orderNews, from: "gox"),
                Topic(.mtgoxTicker, from: "gox"), Topic(.mtgoxOwnTrade, from: "gox"))
        }
        on(.depth) { me, change, _ in me.lines.append("depth \(change)") }
        on(.trade) { me, trade, _ in me.lines.append("trade \(trade)") }
        on(.ticker) { me, ticker, _ in me.lines.append("ticker \(ticker)") }
        on(.lag) { me, lag, _ in me.lines.append("lag \(lag.age)") }
        on(.subscribed) { me, channel, _ in me.lines.append("subscribed \(channel)") }
        on(.unsubscribed) { me, channel, _ in me.lines.append("unsubscribed \(channel)") }
        on(.notice) { me, notice, _ in
            me.lines.append("notice \(notice.text) \(notice.isSuccess) \(notice.request ?? "-")")
        }
        on(.malformed) { me, problem, _ in me.lines.append("malformed \(problem)") }
        on(.mtgoxResult) { me, result, _ in
            let json = String(decoding: result.json, as: UTF8.self)
            me.lines.append("result \(result.id ?? "-") \(json)")
        }
        on(.mtgoxOrder) { me, news, _ in me.lines.append("order \(news.id) \(news.state)") }
        on(.mtgoxWallet) { me, news, _ in
            me.lines.append("wallet \(news.kind) \(news.amount) \(news.info)")
        }
        on(.orderNews) { me, news, _ in
            switch news {
            case .changed(let order): me.neutral.append("\(order.venueID) \(order.state)")
            case .removed(let id, let why): me.neutral.append("\(id) \(why)")
            }
        }
        on(.mtgoxTicker) { me, ticker, _ in
            me.lines.append("all \(ticker.lastOriginal.map { "\($0)" } ?? "-")")
        }
        on(.mtgoxOwnTrade) { me, trade, _ in me.lines.append("own \(trade)") }
    }
}

/// What a feed publishes, on a kernel in simulated time.
@Suite struct FeedTests {
    @discardableResult private func play(
        _ texts: [String], _ feed: MtGoxFeed = MtGoxFeed([.btcusd, .btceur])
    ) throws -> [String] {
        let kernel = Kernel(driver: Simulation(seed: 1))
        let listener = Listener()
        kernel.start(listener, alias: "listener")
        kernel.start(Wire(feed, texts.map { Array($0.utf8) }), alias: "gox")
        kernel.post(.play, to: "gox", ())
        try kernel.run()
        // Each is told in both ways.
        #expect(listener.neutral.count == listener.lines.count { $0.hasPrefix("order ") })
        return listener.lines
    }

    private let depth = """
        {"channel":"24e67e0d-1cad-4cc0-9e7a-f8523ef460fe","channel_name":"depth.BTCUSD",\
        "op":"private","origin":"broadcast","private":"depth","depth":{"price":"66","type":2,\
        "type_str":"bid","volume":"6.66","price_int":"6600000","volume_int":"666000000",\
        "item":"BTC","currency":"USD","now":"1370548662105838",\
        "total_volume_int":"37301280846"},"stamp":1370548662105900}
        """

    private func trade(channel: String, currency: String = "USD") -> String {
        """
        {"channel":"\(channel)","op":"private","origin":"broadcast","private":"trade",\
        "trade":{"type":"trade","date":1364566666,"amount":1.0005,"price":71.06028,\
        "amount_int":"100050000","price_int":"7106028","item":"BTC","price_currency":"\(currency)",\
        "trade_type":"bid","tid":"1364566666210329","primary":"N",\
        "properties":"market,mixed_currency"}}
        """
    }

    /// An id comes back as it was sent, whichever way it is kept.
    @Test func idsOfResults() throws {
        for (json, id) in [
            (#""o17""#, "o17"), (#""o017""#, "o017"), (#""o0""#, "o0"), (#""o""#, "o"),
            (#""17""#, "17"),
            (#""""#, ""), (#""\u006f17""#, "o17"), (#""o1x""#, "o1x"), ("5", "5"), ("null", "-"),
            (#""o99999999999999999""#, "o99999999999999999"),
            (#""o184467440737095516170""#, "o184467440737095516170"),
            (#""order_add""#, "order_add"),
        ] {
            for text in [
                #"{"op":"result","id":\#(json),"result":"x"}"#,
                #"{"result":"x", "id": \#(json) ,"op":"result"}"#,
            ] {
                #expect(try play([text]) == [#"result \#(id) "x""#], "\(text)")
            }
        }
    }

    /// A feed that has learned how news of orders begin reads every message as one that has not.
    @Test func theHeadOfAnAccountsMessages() throws {
        let head =
            #"{"channel":"a01d2c58-4d36-daa9-425e-830389a3284f","op":"private","#
            + #""origin":"broadcast","private":"user_order","user_order":"#
        let news = #"{"oid":"76f0ab8e-9c5d-4d7d-9a4c-3a6c5a1a9a01","reason":"requested"}"#
        let other = #"{"oid":"99999999-9c5d-4d7d-9a4c-3a6c5a1a9a02"}"#
        let texts = [
            head + news + "}", head + news + "}", head + other + "}", head + news + "} ",
            head + " " + news + " }", head + news + #","stamp":5}"#,
            head + news + #","user_order":\#(other)}"#, head + news + #","op":"remark"}"#,
            head + news + "}}", head + news, head + "}", head + "7}", head + "{}}",
            head + news + "," + news + "}",
            head.replacing("broadcast", with: "elsewhere") + news + "}",
            head.replacing("user_order", with: "wallet") + news + "}",
            #"{"op":"result","id":"o17","result":"x"}"#, depth, trade(channel: "x"),
            #"{"op":"result","id":"o17","result":"76f0ab8e-9c5d-4d7d-9a4c-3a6c5a1a9a01"}"#,
            #"{"op":"result","id":"o17","result":"76F0ab8e-9c5d-4d7d-9a4c-3a6c5a1a9a01"}"#,
            #"{"op":"result","id":"o17","result":"76f0ab8e-9c5d-4d7d-9a4c-3a6c5a1a9a01"]"#,
            #"{"op":"result","id":"o1234567890123456","result":"76f0ab8e-9c5d-4d7d-9a4c-3a6c5a1a9a01"}"#,
            #"{"op":"result","id":"o123456789012345678","result":"76f0ab8e-9c5d-4d7d-9a4c-3a6c5a1a9a01"}"#,
            #"{"op":"result","id":"o","result":"76f0ab8e-9c5d-4d7d-9a4c-3a6c5a1a9a01"}"#,
            #"{"op":"result","id":"o5","result":{"qid":"76f0ab8e-9c5d-4d7d-9a4c-3a6c5a1a9a01","oid":"99f0ab8e-9c5d-4d7d-9a4c-3a6c5a1a9a01"}}"#,
            #"{"op":"result","id":"o5","result":{"oid":"76f0ab8e-9c5d-4d7d-9a4c-3a6c5a1a9a01","qid":"99f0ab8e-9c5d-4d7d-9a4c-3a6c5a1a9a01"}}"#,
            #"{"op":"result","id":"o17","result":}"#, #"{"op":"remark","message":"m"}"#,
            head + other + "}",
        ]
        let known = texts[0]
        let alone = try play([known])
        for text in texts + texts.reversed() {
            let fresh = try play([text])
            #expect(try play([known, text]) == alone + fresh, "\(text)")
            #expect(
                try play([known, known, text, known]) == alone + alone + fresh + alone, "\(text)")
        }
    }

    @Test func marketData() throws {
        let feed = MtGoxFeed([.btcusd, .btceur])
        let lines = try play(
            [
                depth, trade(channel: "dbf1dee9-4f2e-4a08-8cb7-748919a71b21", currency: "EUR"),
                trade(channel: "6b1e5b8c-0000-4000-8000-f8523ef460fe"),
                depth.replacing("\"USD\"", "\"JPY\""),
                depth.replacing("\"USD\"", "\"EUR\""),
            ], feed)
        #expect(
            lines == [
                "depth mtgox BTCUSD bid 66.00000: 373.01280846",
                "trade mtgox BTCEUR #1364566666210329 buy 1.00050000 at 71.06028",
                "own mtgox BTCUSD #1364566666210329 buy 1.00050000 at 71.06028",
                "depth mtgox BTCJPY bid 6600.000: 373.01280846",
                "depth mtgox BTCEUR bid 66.00000: 373.01280846",
            ])
        #expect(
            feed.pulse.channels.map(\.name) == [
                "depth.BTCUSD", "depth.BTCEUR", "ticker.BTCUSD", "ticker.BTCEUR", "trade.BTC",
                "trade.lag",
            ])
        #expect(feed.pulse.counts == [1, 1, 0, 0, 1, 0])
        #expect(feed.pulse.other == 2)
        #expect(feed.pulse.total == 5)
    }

    @Test func recordedMessages() throws {
        let texts = try Recording.allMessages.map {
            String(decoding: try Recording.message($0), as: UTF8.self)
        }
        let feed = MtGoxFeed([.btcusd])
        let lines = try play(texts, feed)
        #expect(!lines.contains { $0.hasPrefix("malformed") })
        #expect(lines.filter { $0.hasPrefix("depth ") }.count == 7)
        #expect(lines.filter { $0.hasPrefix("ticker ") }.count == 4)
        #expect(lines.filter { $0.hasPrefix("trade ") }.count == 2)
        #expect(lines.contains("lag 1.17086 seconds"))
        #expect(lines.contains("subscribed trade.BTC"))
        #expect(
            lines.contains(
                "notice Order not found false order_cancel:c8fa912b-d929-4cc5-98e6-3ea23667cfa5"))
        #expect(lines.filter { $0.hasPrefix("order ") }.count == 2)
        #expect(lines.filter { $0.hasPrefix("wallet ") }.count == 1)
        #expect(feed.pulse.total == texts.count)
    }

    @Test func whatIsRare() throws {
        let lines = try play([
            "{\"op\":\"unsubscribe\",\"channel\":\"24E67E0D-1cad-4cc0-9e7a-f8523ef460fe\"}",
            "{\"op\":\"subscribe\",\"channel\":\"6b1e5b8c-0000-4000-8000-f8523ef460fe\"}",
            "{\"op\":\"remark\",\"message\":\"Now online (\\u00fc)\",\"success\":true}",
            "{\"op\":\"result\",\"id\":\"info\",\"result\": {\"a\":[1, 2]} }",
            "{\"op\":\"result\",\"id\":7,\"result\":null}",
            "{\"op\":\"private\",\"private\":\"result\",\"result\":\"oid\",\"id\":\"x\"}",
            "{\"op\":\"private\",\"private\":\"user_order\",\"user_order\":{\"oid\":\"z\"}}",
        ])
        #expect(
            lines == [
                "unsubscribed depth.BTCUSD",
                "subscribed 6b1e5b8c-0000-4000-8000-f8523ef460fe",
                "notice Now online (ü) true -",
                "result info {\"a\":[1, 2]}", "result 7 null", "result x \"oid\"",
                "order z removed(OutcryVenues.MtGoxOrderNews.Removal.untold)",
            ])
    }

    /// News that cannot be read are told with the place in the message, and the feed goes on.
    @Test func brokenNews() throws {
        func message(_ kind: String, _ body: String) -> String {
            "{\"op\":\"private\",\"private\":\"\(kind)\",\"\(kind)\":\(body)}"
        }
        let lines = try play([
            message("user_order", "{\"oid\":\"z\",\"status\":\"open\"}"), message("wallet", "{}"),
            message("wallet", "5"), message("user_order", "{\"oid\":\"y\"}"),
        ])
        #expect(lines.count == 4)
        #expect(
            lines[0].hasPrefix(
                "malformed expected the field item, found an object without it at offset 52"))
        #expect(lines[1].hasPrefix("malformed expected the field amount, found an object without"))
        #expect(lines[2].hasPrefix("malformed expected an object, found '5' at offset 44"))
        #expect(lines[3].hasPrefix("order y removed"))
    }

    @Test func theFeedGoesOn() throws {
        let feed = MtGoxFeed([.btcusd])
        let lines = try play(
            [
                "", "keep-alive", "{\"op\":\"dance\"}", "{}", "[1]",
                "{\"op\":\"private\",\"private\":\"weather\",\"weather\":{}}",
                depth.replacing("\"now\":\"1370548662105838\"", "\"now\":\"soon\""),
                depth.replacing(",\"total_volume_int\":\"37301280846\"", ""),
                depth.replacing("\"37301280846\"", "\"-1\""),
                depth.replacing("\"BTC\"", "\"XBT\""), depth + "x",
                "{\"op\":\"remark\",\"message\":\"" + String(repeating: "ä", count: 300),
                depth,
            ], feed)
        let found = lines.map { String($0.prefix { $0 != "{" && $0 != "[" }) }
        #expect(lines.count == 13)
        #expect(
            found[0].hasPrefix(
                "malformed expected a value, found the end of the input at offset 0"))
        #expect(found[1].hasPrefix("malformed expected a value, found 'k' at offset 0 in keep-al"))
        #expect(
            found[2].hasPrefix(
                "malformed expected \"private\", \"subscribe\", \"unsubscribe\", \"remark\" or "
                    + "\"result\", found \"dance\" at offset 6 in op in "))
        #expect(found[3].hasPrefix("malformed expected the field op, found an object without it"))
        #expect(found[4].hasPrefix("malformed expected an object, found '"))
        #expect(found[5].contains("found \"weather\" at offset 26 in private in "))
        #expect(
            found[6].hasPrefix(
                "malformed expected a whole number that fits in 64 bits, found 's' at offset "))
        #expect(found[6].contains(" in depth.now in "))
        #expect(found[7].hasPrefix("malformed expected the field total_volume_int, found "))
        #expect(found[8].contains("expected a total of zero or more, found \"-1\" at offset "))
        #expect(found[9].contains("expected a currency of Mt. Gox, found \"XBT\""))
        #expect(found[10].contains("expected the end of the input, found 'x' at offset 3"))
        #expect(found[11].contains("at offset 626"))
        let excerpt = "{\"op\":\"remark\",\"message\":\"" + String(repeating: "ä", count: 87)
        #expect(lines[11].hasSuffix(" in " + excerpt))
        #expect(found[12] == "depth mtgox BTCUSD bid 66.00000: 373.01280846")
        #expect(feed.pulse.other == 12)
        #expect(feed.pulse.counts[0] == 1)
    }
}

extension String {
    /// The text with a part replaced wherever it comes.
    func replacing(_ part: String, _ other: String) -> String {
        var result = ""
        var rest = self[...]
        while let first = rest.first {
            if rest.hasPrefix(part) {
                result += other
                rest = rest.dropFirst(part.count)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}
