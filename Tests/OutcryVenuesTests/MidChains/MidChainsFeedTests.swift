import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import Testing

@testable import OutcryVenues

/// Plays texts into a feed, as a connection does.
private final class Wire: Session {
    let feed: MidChainsFeed
    let texts: [String]

    init(_ feed: MidChainsFeed, _ texts: [String]) {
        self.feed = feed
        self.texts = texts
    }

    static func handlers(_ on: inout Handlers<Wire>) {
        on(.play) { me, _, my in
            for text in me.texts { me.feed.message(Array(text.utf8).span, my) }
        }
    }
}

extension Event where Payload == Void {
    fileprivate static let play = Self("test.playMidChains")
}

/// Notes what is published.
private final class Listener: Session {
    var lines: [String] = []

    static func handlers(_ on: inout Handlers<Listener>) {
        on(.started) { _, _, my in
            let link = Link(venue: .midchains, name: "mid", instruments: [.btcusd])
            my.register(
                link.depth, link.trade, link.subscribed, link.malformed,
                Topic(.depthLost, from: "mid"), Topic(.midchainsReply, from: "mid"),
                Topic(.midchainsUnknown, from: "mid"))
        }
        on(.depth) { me, change, _ in
            me.lines.append("\(change.side) \(change.price): \(change.quantity)")
        }
        on(.trade) { me, trade, _ in me.lines.append("trade \(trade.quantity) at \(trade.price)") }
        on(.subscribed) { me, channel, _ in me.lines.append("subscribed \(channel)") }
        on(.malformed) { me, problem, _ in me.lines.append("malformed \(problem.problem)") }
        on(.depthLost) { me, channel, _ in me.lines.append("lost \(channel)") }
        on(.midchainsReply) { me, reply, _ in me.lines.append("reply \(reply.kind.rawValue)") }
        on(.midchainsUnknown) { me, unknown, _ in
            me.lines.append("unknown \(unknown.type) \(unknown.count)")
        }
    }
}

/// What a feed publishes, on a kernel in simulated time.
@Suite struct MidChainsFeedTests {
    private let both = [Instrument.btcusd, MidChainsSamples.ltc]

    private func play(_ texts: [String], _ feed: MidChainsFeed) throws -> [String] {
        let kernel = Kernel(driver: Simulation(seed: 1))
        let listener = Listener()
        kernel.start(listener, alias: "listener")
        kernel.start(Wire(feed, texts), alias: "mid")
        kernel.post(.play, to: "mid", ())
        try kernel.run()
        return listener.lines
    }

    private func book(_ lines: String, _ security: String = "BTCUSD") -> String {
        #"{"security":"\#(security)","books":[\#(lines)],"type":"book"}"#
    }

    private func entry(_ act: String, _ key: String, _ price: String, _ quantity: String) -> String
    {
        """
        {"side":"B","act":"\(act)","src":"CROX","price":"\(price)","qty":"\(quantity)","id":5,\
        "time":"1614331055706","mpid":"ANON","key":"\(key)"}
        """
    }

    private let trade = """
        {"security":"BTCUSD","src":"CROX","price":"150","qty":"1","time":"1614334523954",\
        "type":"trade","matchid":"5Z3YF5Z0N8PK"}
        """

    @Test func booksAndTrades() throws {
        let feed = MidChainsFeed(both)
        let lines = try play(
            [
                book(entry("U", "K1", "15", "1") + "," + entry("U", "K2", "15", "2")),
                book(entry("U", "K1", "16", "1")), book(entry("R", "K2", "15", "2")),
                trade, trade, book(entry("A", "NA", "1", "1"), "LTCUSD"),
                book(entry("A", "K9", "1", "1"), "XRPUSD"),
            ], feed)
        #expect(
            lines == [
                "subscribed book.BTCUSD,trade.BTCUSD", "subscribed book.BTCUSD",
                "bid 15.00000: 3.00000000",
                "bid 15.00000: 2.00000000", "bid 16.00000: 1.00000000",
                "bid 15.00000: 0.00000000",
                "subscribed trade.BTCUSD", "trade 1.00000000 at 150.00000",
                "subscribed book.LTCUSD,trade.LTCUSD", "subscribed book.LTCUSD",
                "bid 1.00000: 1.00000000",
                "unknown book of XRPUSD 1",
            ])
        #expect(feed.pulse.counts == [5, 1])
        #expect(feed.pulse.other == 1)
        #expect(feed.entryCount(of: .btcusd) == 1)
    }

    /// What is not known is passed over, counted and named; what is the account's goes to the gateway.
    @Test func otherTypes() throws {
        let status = try MidChainsSamples.file("systemstatus_fi_vendor")[1].tree.text()
        let texts = Array(repeating: status, count: 12) + [#"{"type":"position","curpos":"1"}"#]
        let lines = try play(texts, MidChainsFeed(both))
        #expect(
            lines == [
                "unknown systemstatus 1", "unknown systemstatus 10", "reply position",
            ])
    }

    /// A line that cannot be read costs the book of its market, and nothing else.
    @Test func unreadableLines() throws {
        let feed = MidChainsFeed(both)
        let lines = try play(
            [
                book(entry("U", "K1", "15", "1")), book(entry("U", "K1", "15.000001", "1")),
                book(entry("U", "K1", "15", "1")), book(entry("A", "NA", "1", "1"), "LTCUSD"),
                #"{"security":"LTCUSD","price":"x","qty":"1","matchid":"A","type":"trade"}"#,
                book(entry("A", "NA", "2", "1"), "LTCUSD"), trade,
            ], feed)
        #expect(lines.filter { $0.hasPrefix("lost") } == ["lost book.BTCUSD,trade.BTCUSD"])
        #expect(lines.filter { $0.hasPrefix("malformed") }.count == 2)
        #expect(lines.contains { $0.contains("in books[0].price") })
        #expect(
            lines.filter { $0.hasPrefix("bid") } == [
                "bid 15.00000: 1.00000000", "bid 1.00000: 1.00000000", "bid 1.00000: 0.00000000",
                "bid 2.00000: 1.00000000",
            ])
        #expect(lines.last == "trade 1.00000000 at 150.00000")
        #expect(feed.entryCount(of: .btcusd) == 0)
    }

    /// What is no JSON at all may have been about any book.
    @Test func garbage() throws {
        let lines = try play(["hello"], MidChainsFeed(both))
        #expect(lines.filter { $0.hasPrefix("lost") }.count == 2)
    }

    /// Trades that came on the connection before are not published once more.
    @Test func renewal() throws {
        let old = MidChainsFeed(both)
        _ = try play([trade], old)
        let next = MidChainsFeed(both)
        next.follow(old)
        let later = trade.replacing("5Z3YF5Z0N8PK", "5Z3YF5Z0N8PL")
        let lines = try play([trade, later], next)
        #expect(lines.filter { $0.hasPrefix("trade") }.count == 1)
    }

    @Test func requests() throws {
        let seed = try MidChainsSamples.file("seed_subscribe_book")[0].tree.text()
        let bch = try #require(MidChains.instrument("BCHUSD"))
        let venue = MidChainsVenue([bch])
        func words(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
        #expect(words(venue.subscribeMessage(MidChainsChannels.book(bch))) == seed)
        for sample in try MidChainsSamples.file("subscribe") {
            let name = sample.place == 0 ? "book.BTCUSD" : "trade.BTCUSD"
            #expect(words(venue.subscribeMessage(Channel(name))) == sample.tree.text())
        }
        #expect(
            words(venue.subscribeMessage(MidChainsChannels.allBooks))
                == #"{"type":"subscribe","request":[{"msg":"book","security":"*","dest":"CROX"}]}"#)
        #expect(
            words(venue.subscribeMessage(venue.channels(for: bch)[0])) == """
                {"type":"subscribe","request":[{"msg":"book","security":"BCHUSD","dest":"CROX"},\
                {"msg":"trade","security":"BCHUSD","dest":"CROX"}]}
                """)
        #expect(venue.unsubscribeMessage(MidChainsChannels.allBooks) == nil)
        var options = MidChainsOptions()
        options.unsubscribing = .guessed
        let guess = MidChainsVenue([bch], options: options)
            .unsubscribeMessage(MidChainsChannels.book(bch))
        #expect(guess.map(words) == seed.replacing("subscribe", "unsubscribe"))
        #expect(venue.rules.subscriptionPace * 3 >= .seconds(1))
        #expect(MidChains.instrument("USD") == nil)
    }
}
