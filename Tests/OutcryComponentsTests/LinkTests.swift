import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryWire
import Testing

@Suite struct LinkTests {
    @Test func connectsSubscribesAndKeepsTheBook() throws {
        let floor = try Floor()
        for i in 0..<5 { floor.exchange.change(.bid, 100 + Int64(i), 1) }
        floor.run(within: 5) { floor.isTrue }
        #expect(
            floor.witness.events
                == ["connected 1", "subscribed depth.BTCUSD", "book good"])
        floor.exchange.change(.ask, 112, 7)
        floor.exchange.change(.bid, 104, 0)
        floor.advance(10)
        #expect(floor.isTrue)
        #expect(floor.witness.book.map { text($0) } == "103x1 102x1 101x1 100x1 | 112x7")
        #expect(floor.witness.wrong == [])
        #expect(floor.exchange.books.count == 1)
    }

    @Test func aLostConnectionIsMadeAnewWithTheStatedPauses() throws {
        var venue = FakeVenue()
        venue.rules.reconnect = Backoff(
            first: .milliseconds(200), most: .seconds(1), isJittered: false, limit: 100)
        let floor = try Floor(venue, up: false)
        floor.advance(5000)
        floor.server.start(floor.exchange, alias: "exchange")
        floor.run(within: 5) { floor.isTrue }
        let lines = floor.witness.lines
        #expect(lines[0].contains("disconnected: cannot connect:"))
        #expect(lines[0].contains("Connection refused (111)"))
        let times = lines.filter { $0.contains("disconnected") }
            .compactMap { Int($0.prefix { $0 != " " }) }
        // Each try takes a fraction of a millisecond besides.
        let pauses = zip(times.dropFirst(), times).map { ($0 - $1) / 10 * 10 }
        #expect(pauses == [200, 400, 800, 1000, 1000, 1000])
        #expect(floor.witness.events.last == "book good")
    }

    @Test func aResetIsSurvivedAndTheBookResynced() throws {
        let floor = try Floor()
        floor.exchange.change(.bid, 100, 1)
        floor.run(within: 5) { floor.isTrue }
        floor.restartExchange(after: .seconds(3))
        floor.exchange.change(.bid, 101, 4)
        floor.exchange.change(.bid, 100, 0)
        floor.run(within: 60) { floor.isTrue }
        let events = floor.witness.events
        #expect(events.contains("disconnected: recv: Connection reset by peer (104)"))
        #expect(events.contains("stale: the link is down"))
        #expect(events.last == "book good")
        #expect(floor.witness.wrong == [])
        #expect(floor.exchange.said == ["sub depth.BTCUSD"], "asked for again")
        #expect(floor.witness.count("book bad") == 1, "told once")
    }

    @Test func closedByTheVenue() throws {
        let floor = try Floor()
        floor.run(within: 5) { floor.isTrue }
        floor.exchange.close(.serviceRestart)
        floor.run(within: 10) { floor.witness.count("connected") == 2 }
        #expect(floor.witness.events.contains("disconnected: closed by the venue: 1012"))
        #expect(floor.exchange.closes == ["1012"], "the close frame is answered")
    }

    @Test func theVenuesReasonIsTold() throws {
        let floor = try Floor()
        floor.run(within: 5) { floor.isTrue }
        floor.exchange.close(.goingAway, "back at 12:00\nGMT")
        floor.run(within: 5) { floor.witness.count("disconnected") == 1 }
        #expect(
            floor.witness.events.contains(
                "disconnected: closed by the venue: 1001 back at 12:00 GMT"))
        #expect(
            floor.witness.goodbyes
                == [WebSocketGoodbye(.goingAway, reason: "back at 12:00\nGMT")])
        floor.run(within: 10) { floor.witness.count("connected") == 2 }
        floor.restartExchange(after: .seconds(1))
        floor.run(within: 5) { floor.witness.count("disconnected") >= 2 }
        #expect(floor.witness.goodbyes[1] == nil, "the next end is another one's")
    }

    private static let broken: [([UInt8], String, String)] = [
        ([0x81, 0x01, 0xFF], "1007", "protocol error: invalidUTF8"),
        ([0x81, 0x7F, 0, 0, 0, 0, 0x01, 0x10, 0, 0], "1009", "protocol error: tooLarge"),
        ([0x83, 0x00], "1002", "protocol error: malformed"),
        ([0xC1, 0x00], "1002", "protocol error: malformed"),
        ([0x88, 0x02, 0x03, 0xED], "1002", "protocol error: malformed"),
    ]

    @Test(arguments: broken)
    func brokenFramesAreAnsweredWithTheirCode(
        bytes: [UInt8], code: String, event: String
    ) throws {
        let floor = try Floor()
        floor.run(within: 5) { floor.isTrue }
        floor.exchange.sockets[0].stream.put(bytes.span)
        floor.run(within: 5) { floor.witness.count("disconnected: " + event) == 1 }
        floor.advance(1)
        #expect(floor.exchange.closes == [code])
    }

    @Test func theLastMessagesBeforeTheEndCount() throws {
        let floor = try Floor()
        floor.run(within: 5) { floor.isTrue }
        for i in 0..<1000 { floor.exchange.broadcast("word \(i)") }
        floor.exchange.close(.goingAway)
        floor.exchange.sockets[0].stream.close()
        floor.run(within: 5) { floor.witness.count("disconnected") == 1 }
        #expect(floor.witness.count("malformed") == 1000)
        #expect(floor.witness.events.contains("disconnected: closed by the venue: 1001"))
    }

    @Test func endedWithoutAWord() throws {
        let floor = try Floor()
        floor.run(within: 5) { floor.isTrue }
        floor.exchange.sockets[0].stream.close()
        floor.run(within: 5) { floor.witness.count("disconnected") == 1 }
        #expect(floor.witness.events.contains("disconnected: ended by the venue"))
    }

    @Test func aProtocolErrorIsNamedAndAnswered() throws {
        let floor = try Floor()
        floor.run(within: 5) { floor.isTrue }
        floor.exchange.sockets[0].stream.put([0xFF, 0x00].span)
        floor.run(within: 5) { floor.witness.count("disconnected") == 1 }
        #expect(floor.witness.count("disconnected: protocol error: malformed at byte 0") == 1)
        floor.advance(1)
        #expect(floor.exchange.closes == ["1002"])
    }

    @Test func pingsAreAnswered() throws {
        let floor = try Floor()
        floor.run(within: 5) { floor.isTrue }
        floor.exchange.ping()
        floor.advance(10)
        #expect(floor.exchange.pongs == 1)
    }

    @Test func malformedMessagesDoNotStopTheFeed() throws {
        let floor = try Floor()
        floor.run(within: 5) { floor.isTrue }
        floor.exchange.broadcast("nonsense")
        floor.exchange.broadcast("D b 100 5 9999")
        floor.exchange.change(.bid, 100, 1)
        floor.advance(10)
        #expect(floor.witness.events.contains("malformed nonsense"))
        #expect(floor.isTrue, "a change of an instrument that is not kept is not the book's")
    }

    @Test func whatIsSentWhileDownIsSaidToBeLost() throws {
        let floor = try Floor(up: false)
        floor.advance(1)
        floor.kernel.post(.send, to: floor.link.connection, Array("hello".utf8))
        floor.advance(1)
        #expect(floor.logs.contains { $0.contains("not connected: message not sent") })
        floor.server.start(floor.exchange, alias: "exchange")
        floor.run(within: 60) { floor.isTrue }
        #expect(!floor.exchange.said.contains("hello"), "it is not sent later")
        floor.kernel.post(.send, to: floor.link.connection, Array("again".utf8))
        floor.advance(10)
        #expect(floor.exchange.said.contains("again"))
    }

    @Test func stopSaysGoodbye() throws {
        let floor = try Floor()
        floor.run(within: 5) { floor.isTrue }
        floor.kernel.stop()
        floor.advance(100)
        #expect(floor.exchange.closes == ["1001"])
        #expect(floor.exchange.peers.isEmpty)
    }

    @Test func theLinkIsForgottenWhenItEnds() throws {
        weak var witness: Witness?
        weak var kernel: Kernel?
        weak var exchange: FakeExchange?
        do {
            let floor = try Floor()
            floor.run(within: 5) { floor.isTrue }
            witness = floor.witness
            kernel = floor.kernel
            exchange = floor.exchange
            floor.kernel.stop()
            floor.server.stop()
            floor.advance(60_000)
            floor.kernel.onTrace = nil
        }
        #expect(witness == nil)
        #expect(kernel == nil)
        #expect(exchange == nil)
    }

    @Test func ordersAreRefusedWithAReason() throws {
        let floor = try Floor()
        floor.kernel.post(
            .place, to: floor.link.desk,
            .limit(.buy, quantity: "1.0", price: .usd("14.00")))
        floor.advance(1)
        let line = floor.witness.events.first { $0.hasPrefix("order") } ?? "none"
        #expect(line.contains("rejected") && line.contains("no API key"), "\(line)")
    }

    @Test func openRefusesWhatCannotBe() throws {
        let kernel = Kernel(driver: Simulation(seed: 1))
        func why(
            _ url: String, http: String? = nil, _ instruments: [Instrument] = [.btcusd]
        ) -> String {
            do {
                _ = try Link.open(
                    FakeVenue(), on: kernel, url: url, http: http, instruments: instruments)
                return "opened"
            } catch { return "\(error)" }
        }
        #expect(why("http://x/").contains("found http"))
        #expect(why("nonsense").contains("expected"))
        #expect(why("ws://x/", http: "wss://x/").contains("found wss"))
        #expect(why("ws://x/", http: "gopher://x/").contains("expected"))
        #expect(why("ws://x/", []).contains("found none"))
        #expect(why("ws://x/") == "opened")
        #expect(why("ws://x/").contains("second link \"fake\""))
    }
}

extension Price {
    static func usd(_ text: StaticString) -> Price { Price("\(text)") ?? .invalid }
}
