import OutcryKernel
import OutcryMarket
import OutcryWire
import Testing

@testable import OutcrySandbox

/// The sandbox's doors for MidChains, asked in bytes: every documented message in its documented shape.
@Suite struct MidChainsSandboxTests {
    /// Keys in their order and kinds of values.
    private func expect(
        _ ours: JSONTree?, like sample: JSONTree, location: SourceLocation = #_sourceLocation
    ) {
        #expect(ours?.shape == sample.shape, sourceLocation: location)
    }

    @Test func bookAndTrades() throws {
        let house = try MidChainsHouse()
        let peer = try house.stream()
        let image = try peer.ask(
            #"{"type":"subscribe","request":[{"msg":"book","security":"BTCUSD","dest":"CROX"}]}"#)
        expect(image.first, like: try MidChainsHouse.samples("book_update")[0])
        let lines = image.flatMap { $0["books"].elements }
        let resting = house.house.exchange.engine.openOrderCount
        #expect(lines.count == resting)
        #expect(lines.allSatisfy { $0["act"].text == "U" && $0["key"].text == "NA" })
        #expect(Set(lines.map { $0["id"].text }).count == resting)
        let alice = try house.user("alice")
        _ = try peer.ask(
            #"{"type":"subscribe","request":[{"msg":"trade","security":"BTCUSD","dest":"CROX"}]}"#)
        // Bids in the spread: a new entry; less of it; none of it.
        let price = house.usd(house.bid + 1)
        let reference = try alice.ask(
            """
            {"type":"addorder","security":"BTCUSD","side":"B","qty":"2","price":"\(price)"}
            """
        ).first?["refno"].text
        var news = try peer.messages()
        #expect(news.count == 1 && news.first?["books"].elements.map { $0["act"].text } == ["A"])
        #expect(news.first?["books"].elements.first?["qty"].text == "2")
        _ = try alice.ask(
            """
            {"type":"addorder","security":"BTCUSD","side":"S","qty":"0.5","ordertype":"MKT"}
            """)
        news = try peer.messages()
        let trade = try #require(news.first { $0["type"].text == "trade" })
        guard case .object(let fields) = trade else { return #expect(Bool(false)) }
        expect(
            .object(fields.filter { $0.key != "maker_side" }),
            like: try MidChainsHouse.samples("trade")[0])
        #expect(trade["maker_side"].text == "B")
        #expect(trade["price"].text == price && trade["qty"].text == "0.5")
        let change = try #require(news.first { $0["type"].text == "book" })["books"].elements
        #expect(change.map { $0["act"].text } == ["U"])
        #expect(change.first?["qty"].text == "1.5")
        _ = try alice.ask(#"{"type":"cancelorder","refno":"\#(reference ?? "")"}"#)
        news = try peer.messages()
        expect(news.first, like: try MidChainsHouse.samples("book_remove_constructed")[0])
        #expect(news.first?["books"].elements.first?["act"].text == "R")
    }

    @Test func allBooksAndOtherNames() throws {
        let house = try MidChainsHouse()
        let peer = try house.stream()
        let seed = try MidChainsHouse.samples("seed_subscribe_book")[0]
        #expect(seed["request"].elements.first?["security"].text == "BCHUSD")
        let image = try peer.ask(
            #"{"type":"subscribe","request":[{"msg":"book","security":"BCHUSD","dest":"CROX"}]}"#)
        #expect(image.first?["security"].text == "BCHUSD")
        #expect(image.first?["books"].elements.isEmpty == false)
        let other = try house.stream()
        let all = try other.ask(#"{"type":"subscribe","request":[{"msg":"book","security":"*"}]}"#)
        #expect(
            Set(all.map { $0["security"].text }) == [
                "BTCUSD", "BTCEUR", "BTCJPY", "BTCGBP", "BCHUSD",
            ])
        #expect(
            try other.ask(#"{"type":"subscribe","request":[{"msg":"book","security":"XXX"}]}"#)
                .first?["result"].text == "invalid security")
        _ = try other.ask(#"{"type":"unsubscribe","request":[{"msg":"book","security":"*"}]}"#)
        let alice = try house.user("alice")
        _ = try alice.ask(
            #"{"type":"addorder","security":"BTCUSD","side":"B","qty":"2","price":"1"}"#)
        #expect(try other.messages().isEmpty)
        #expect(try peer.messages().count == 1)
        #expect(
            try alice.ask(
                #"{"type":"addorder","security":"BCHUSD","side":"B","qty":"2","price":"1"}"#
            )
            .first?["result"].text == "invalid security")
    }

    @Test func login() throws {
        let house = try MidChainsHouse()
        _ = try house.trading.person("alice")
        let peer = try house.stream()
        let challenge = try peer.ask(#"{"type":"challenge"}"#)
        expect(challenge.first, like: try MidChainsHouse.samples("challenge")[1])
        #expect(
            try peer.ask(#"{"type":"querypos"}"#).first?["result"].text == "not logged in")
        let answers = try house.logIn(peer, "alice", "alice's secret")
        expect(answers.first, like: try MidChainsHouse.samples("login")[1])
        let position = try #require(answers.first { $0["type"].text == "position" })
        expect(position, like: try MidChainsHouse.samples("push_position_fi_vendor")[0])
        #expect(
            answers.dropFirst().map { "\($0["curpos"].text) \($0["security"].text)" } == [
                "100 BTC", "1000 USD",
            ])
        let bye = try peer.ask(#"{"type":"logout"}"#)
        expect(bye.first, like: try MidChainsHouse.samples("logout")[1])
        #expect(peer.closed == .normal)
    }

    @Test(arguments: ["bob", "nobody", "alice"]) func wrongLogins(name: String) throws {
        let house = try MidChainsHouse()
        _ = try house.trading.person("alice")
        let peer = try house.stream()
        let answers = try house.logIn(peer, name, "bob's secret")
        expect(answers.first, like: try MidChainsHouse.samples("login")[2])
        #expect(answers.first?["result"].text == "invalid user/password")
        #expect(peer.closed == .policyViolation)
        let other = try house.stream()
        for pass in ["", "!", "AAAA"] {
            _ = try other.ask(#"{"type":"login","userid":"alice","pass":"\#(pass)"}"#)
        }
        #expect(other.closed == .policyViolation)
    }

    /// A login takes 30 s at most, where one is begun; and where the sandbox is told so, always.
    @Test(arguments: [false, true]) func loginTime(cutsOff: Bool) throws {
        let house = try MidChainsHouse { $0.midChains.cutsOffStrangers = cutsOff }
        let (stranger, asker) = (try house.stream(), try house.stream())
        _ = try asker.ask(#"{"type":"challenge"}"#)
        house.house.run(.seconds(29))
        _ = (try stranger.messages(), try asker.messages())
        #expect(stranger.closed == nil && asker.closed == nil)
        house.house.run(.seconds(2))
        _ = (try stranger.messages(), try asker.messages())
        #expect(asker.closed == .policyViolation)
        #expect(stranger.closed == (cutsOff ? .policyViolation : nil))
    }

    @Test func ordersAndQueries() throws {
        let house = try MidChainsHouse()
        let alice = try house.user("alice")
        let samples = try MidChainsHouse.samples("addorder")
        var answers = try alice.ask(
            """
            {"type":"addorder","security":"BTCUSD","side":"B","ordertype":"MKT","tif":"IOC",\
            "amount":"180"}
            """)
        expect(answers.first, like: samples[1])
        #expect(answers.first?["result"].text == "OK")
        #expect(Set(answers.dropFirst().map { $0["type"].text }) == ["sale", "order", "position"])
        answers = try alice.ask(
            """
            {"type":"addorder","security":"BTCUSD","side":"B","ordertype":"MKT","tif":"IOC",\
            "qty":"180"}
            """)
        expect(answers.first, like: samples[2])
        #expect(answers.first?["result"] == samples[2]["result"])
        // A resting order with a name of its own, of which somebody takes a part.
        let price = house.usd(house.ask - 1)
        answers = try alice.ask(
            """
            {"type":"addorder","security":"BTCUSD","side":"S","qty":10,"price":\(price),\
            "clientorderid":"ID1"}
            """)
        let vendor = try MidChainsHouse.samples("addorder_fi_vendor")[1]
        #expect(answers.first?.sorted.shape == vendor.sorted.shape)
        let reference = answers.first?["refno"].text ?? ""
        #expect(reference.utf8.count == 14)
        let pushes = try MidChainsHouse.samples("push_order_and_sale_constructed")
        expect(answers.dropFirst().first, like: pushes[0])
        let bob = try house.user("bob")
        _ = try bob.ask(
            #"{"type":"addorder","security":"BTCUSD","side":"B","qty":"4","price":"\#(price)"}"#)
        let news = try alice.messages()
        expect(news.first { $0["type"].text == "sale" }, like: pushes[1])
        #expect(news.last { $0["type"].text == "order" }?["liveqty"].text == "6")
        // Questions.
        let query = try MidChainsHouse.samples("queryorder")
        answers = try alice.ask(
            #"{"type":"queryorder","security":"BTCUSD","refno":"\#(reference)"}"#)
        expect(answers.first, like: query[1])
        #expect(answers.first?["data"]["execqty"].text == "4")
        for (who, security) in [(bob, "BTCUSD"), (alice, "BTCEUR")] {
            answers = try who.ask(
                #"{"type":"queryorder","security":"\#(security)","refno":"\#(reference)"}"#)
            expect(answers.first, like: query[2])
            #expect(answers.first?["result"] == query[2]["result"])
        }
        let trades = try MidChainsHouse.samples("querytrade")
        answers = try bob.ask(#"{"type":"querytrade","security":"BTCUSD"}"#)
        expect(answers.first, like: trades[1])
        answers = try bob.ask(#"{"type":"querytrade","security":"BTCEUR"}"#)
        expect(answers.first, like: trades[2])
        let orders = try MidChainsHouse.samples("querymultiorders")
        answers = try bob.ask(#"{"type":"querymultiorders"}"#)
        expect(answers.first, like: orders[1])
        #expect(answers.first?["data"].elements.map { $0["liveqty"].text } == ["0"])
        answers = try bob.ask(#"{"type":"querymultiorders","security":"BTCEUR"}"#)
        expect(answers.first, like: orders[2])
        let positions = try MidChainsHouse.samples("querypos")
        answers = try bob.ask(#"{"type":"querypos"}"#)
        expect(answers.first, like: positions[1])
        answers = try bob.ask(#"{"type":"querypos","security":"XRP"}"#)
        expect(answers.first, like: positions[2])
        // The rest is taken back; then it is not there any more.
        let cancels = try MidChainsHouse.samples("cancelorder")
        let cancel = #"{"type":"cancelorder","security":"BTCUSD","refno":"\#(reference)"}"#
        answers = try alice.ask(cancel)
        expect(answers.first, like: cancels[1])
        #expect(answers.last?["liveqty"].text == "0")
        answers = try alice.ask(cancel)
        expect(answers.first, like: cancels[2])
        #expect(answers.first?["result"] == cancels[2]["result"])
    }

    /// Every row of the venue's matrix, and what is not in it.
    @Test func kindsAndTimesInForce() throws {
        let house = try MidChainsHouse()
        let alice = try house.user("alice", usd: "100000")
        func add(_ fields: String) throws -> [JSONTree] {
            try alice.ask(#"{"type":"addorder","security":"BTCUSD",\#(fields)}"#)
        }
        func last(_ answers: [JSONTree]) -> JSONTree? {
            answers.last { $0["type"].text == "order" }
        }
        let (low, high) = (house.usd(house.bid - 100), house.usd(house.ask))
        // Immediate or cancelled: what cannot be had at once is over, and not in the book.
        var answers = try add(#""side":"B","tif":"IOC","qty":"2","price":"\#(low)""#)
        #expect(last(answers)?["liveqty"].text == "0")
        #expect(last(answers)?["execqty"].text == "0")
        #expect(house.house.exchange.state.account(OwnerNumber(16))?.open.isEmpty == true)
        // Whole or not at all.
        answers = try add(#""side":"B","tif":"FOK","qty":"500","price":"\#(high)""#)
        #expect(answers.first?["result"].text == "fill or kill order cannot be filled")
        answers = try add(#""side":"B","tif":"FOK","qty":"0.01","price":"\#(high)""#)
        #expect(last(answers)?["execqty"].text == "0.01")
        // Only to rest.
        answers = try add(#""side":"B","ordertype":"POST","qty":"1","price":"\#(high)""#)
        #expect(answers.first?["result"].text == "post only order would match")
        answers = try add(#""side":"B","ordertype":"POST","qty":"1","price":"\#(low)""#)
        #expect(last(answers)?["liveqty"].text == "1")
        // Till a time, in seconds or whole milliseconds.
        let end = house.house.kernel.wallNow.microseconds / 1_000_000 + 60
        answers = try add(
            #""side":"B","tif":"GTT","qty":"1","price":"\#(low)","exptime":"\#(end)000""#)
        #expect(last(answers)?["liveqty"].text == "1")
        #expect(last(answers)?["tif"].text == "GTT")
        house.house.run(.seconds(59))
        #expect(try alice.messages().isEmpty)
        house.house.run(.seconds(2))
        #expect(last(try alice.messages())?["liveqty"].text == "0")
        // What is not in the matrix, or makes no sense.
        for (fields, words) in [
            (#""side":"B","ordertype":"MKT","tif":"GTC","amount":"5""#, "invalid tif"),
            (#""side":"B","tif":"DAY","qty":"1","price":"1""#, "invalid tif"),
            (#""side":"B","tif":"GTT","qty":"1","price":"1""#, "invalid exptime"),
            (
                #""side":"B","tif":"GTT","qty":"1","price":"1","exptime":"\#(end)123""#,
                "invalid time"
            ),
            (#""side":"X","qty":"1","price":"1""#, "invalid side"),
            (#""side":"B","qty":"1""#, "invalid price"),
            (#""side":"B","qty":"0","price":"1""#, "invalid qty"),
            (#""side":"B","qty":"1","price":"1","ordertype":"ICEBERG""#, "invalid ordertype"),
            (#""side":"S","qty":"1000","price":"1000""#, "not enough fund"),
            (#""side":"B","qty":"1","price":"1","stoptype":"LOSS""#, "invalid stoptype"),
        ] {
            #expect(try add(fields).first?["result"].text == words, "\(fields)")
        }
        #expect(try alice.ask("nonsense").first?["result"].text == "invalid message")
        #expect(try alice.ask(#"{"type":"dance"}"#).first?["result"].text == "unknown message type")
    }

    /// A stop waits outside of the book till its price is traded at; it can be taken back meanwhile.
    @Test func stops() throws {
        let house = try MidChainsHouse()
        let (alice, bob) = (try house.user("alice"), try house.user("bob", usd: "10000"))
        let (ask, high) = (house.usd(house.ask), house.usd(house.ask + 10_000_000))
        func stop() throws -> String {
            let answers = try alice.ask(
                """
                {"type":"addorder","security":"BTCUSD","side":"B","qty":"1","price":"\(high)",\
                "tif":"IOC","stoptype":"STOP","stopprice":"\(ask)"}
                """)
            #expect(answers.map { $0["type"].text } == ["addorder", "order"])
            return answers.first?["refno"].text ?? ""
        }
        let (first, second) = (try stop(), try stop())
        #expect(house.house.exchange.engine.total(.bid, at: house.ask + 10_000_000) == 0)
        _ = try alice.ask(#"{"type":"cancelorder","refno":"\#(first)"}"#)
        _ = try bob.ask(
            #"{"type":"addorder","security":"BTCUSD","side":"B","qty":"0.01","price":"\#(ask)"}"#)
        house.house.run(.milliseconds(10))
        let news = try alice.messages().filter { $0["type"].text == "order" }
        #expect(news.last?["refno"].text == second)
        #expect(news.last?["execqty"].text == "1")
        #expect(
            try alice.ask(#"{"type":"queryorder","refno":"\#(first)"}"#).first?["data"]["liveqty"]
                .text == "0")
        #expect(
            try alice.ask(#"{"type":"queryorder","refno":"\#(second)"}"#).first?["data"]["execqty"]
                .text == "1")
    }

    /// More than a hundred records come in pages, numbered through.
    @Test func pages() throws {
        let house = try MidChainsHouse { $0.midChains.echoesClientIDs = false }
        let alice = try house.user("alice")
        for _ in 0..<250 {
            _ = try alice.ask(
                #"{"type":"addorder","security":"BTCUSD","side":"B","qty":"0.1","price":"1"}"#)
        }
        let pages = try alice.ask(#"{"type":"querymultiorders"}"#)
        #expect(pages.map { $0["data"].elements.count } == [100, 100, 50])
        #expect(pages.map { $0["total_rec"].integer } == [250, 250, 250])
        #expect(
            pages.flatMap { $0["data"].elements.map { $0["rec_no"].integer } } == Array(1...250))
    }

    @Test func limits() throws {
        let house = try MidChainsHouse { $0.midChains.setVenueLimits() }
        let peer = try house.stream()
        let ask = #"{"type":"querypos"}"#
        for _ in 0..<8 { peer.send(ask) }
        house.house.run(.milliseconds(1))
        #expect(
            try peer.messages().map { $0["result"].text }
                == Array(repeating: "not logged in", count: 6)
                + Array(repeating: "too many requests", count: 2))
        house.house.run(.seconds(2))
        #expect(try peer.ask(ask).first?["result"].text == "not logged in")
    }

    /// Other protocols are not spoken there, nor this one at Mt. Gox's door.
    @Test func onlyItsOwnLanguage() throws {
        let house = try MidChainsHouse()
        #expect(try house.house.get("/api/1/BTCUSD/ticker").status == 426)
    }
}
