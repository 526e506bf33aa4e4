import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcrySimulation
import OutcryWire
import Testing

@testable import OutcrySandbox

@Suite struct SandboxStreamTests {
    private let trade = "dbf1dee9-4f2e-4a08-8cb7-748919a71b21"
    private let ticker = "d5f06780-30a8-4a48-a2f8-7ed181b4a13f"
    private let depth = "24e67e0d-1cad-4cc0-9e7a-f8523ef460fe"
    private let lag = "85174711-be64-4de1-b783-0628995d7914"

    /// What may be named at the door, in the venue's order: all of it, and tickers whose names end in D.
    private static let all = PublicChannel.all.map(\.name).filter {
        !$0.hasPrefix("trade.") && $0 != "test"
    }
    private static let dollars = all.filter { $0.hasPrefix("ticker.BTC") && $0.hasSuffix("D") }

    private func subscriptions(_ messages: [JSONTree]) -> [String] {
        messages.filter { $0["op"] == .string("subscribe") }.map { $0["channel"].text }
    }

    @Test func greetsAndSubscribesByItself() throws {
        let house = try SandboxHouse()
        let messages = try house.stream().messages()
        #expect(messages.first?.shape == "{op:string,message:string,success:bool}")
        #expect(messages.first?["op"] == .string("remark"))
        #expect(messages.first?["success"] == .bool(true))
        #expect(subscriptions(messages) == [trade, ticker, depth])
        #expect(messages[1].shape == "{op:string,channel:string}")
    }

    @Test(arguments: [
        ("/mtgox?Currency=EUR", ["trade.BTC", "ticker.BTCEUR", "depth.BTCEUR"]),
        (
            "/?Currency=USD,EUR",
            ["trade.BTC", "ticker.BTCUSD", "ticker.BTCEUR", "depth.BTCUSD", "depth.BTCEUR"]
        ),
        ("/mtgox?Channel=depth.BTCUSD/ticker.BTCUSD", ["depth.BTCUSD", "ticker.BTCUSD"]),
        ("/mtgox?Channel=ticker.BTCU*/trade.BTC/trade.lag", ["ticker.BTCUSD"]),
        ("/?Channel=depth.BTCUSD/ticker.BTCUSD", ["depth.BTCUSD", "ticker.BTCUSD"]),
        ("/?Channel=depth.BTCUSD%2Fticker.BTC*D/*.BTCUSD", ["depth.BTCUSD"] + Self.dollars),
        // The venue's own trade page, its checkout button, and a bot of the time.
        ("/mtgox?Channel=ticker&Currency=USD&IdKey=HNxJ7x1CSTGOqPYSa5SL3Q", ["ticker.BTCUSD"]),
        ("/mtgox?Currency=USD&Channel=ticker", ["ticker.BTCUSD"]),
        ("/mtgox?Channel=ticker&Currency=EUR,PLN", ["ticker.BTCEUR", "ticker.BTCPLN"]),
        ("/mtgox?Channel=trades,ticker,depth", ["trade.BTC", "ticker.BTCUSD", "depth.BTCUSD"]),
        ("/mtgox?Channel=trades", ["trade.BTC"]),
        ("/?Channel=", []), ("/?Channel=*", Self.all), ("/?Channel=d*e*.BTCUS", []),
        ("/mtgox?Currency=", ["trade.BTC", "ticker.BTCUSD", "depth.BTCUSD"]),
        ("/?Currency=eur,XXX,EUR", ["trade.BTC", "ticker.BTCEUR", "depth.BTCEUR"]),
        ("/?Currency=XXX", ["trade.BTC"]), ("/?currency=EUR", []),
        ("/", []),
    ])
    func theQueryDecidesWhatIsSubscribed(target: String, names: [String]) throws {
        let house = try SandboxHouse()
        let guids = names.map { PublicChannel.find($0)?.guid ?? "" }
        #expect(subscriptions(try house.stream(target).messages()) == guids)
    }

    @Test func subscribesByTypeNameAndGUIDAndUnsubscribes() throws {
        let house = try SandboxHouse()
        let peer = try house.stream("/")
        _ = try peer.messages()
        for (request, guid) in [
            (#"{"op":"mtgox.subscribe","type":"trades"}"#, trade),
            (#"{"op":"mtgox.subscribe","type":"ticker"}"#, ticker),
            (#"{"op":"mtgox.subscribe","channel":"depth.BTCUSD"}"#, depth),
            (#"{"type":"lag","op":"mtgox.subscribe","nonce":5}"#, lag),
            ("{\"op\":\"subscribe\",\"channel\":\"\(depth)\"}", depth),
        ] {
            #expect(subscriptions(try peer.ask(request)) == [guid], "\(request)")
        }
        let bye = "{\"op\":\"unsubscribe\",\"channel\":\"\(depth)\"}"
        peer.send(bye)
        house.run(.milliseconds(1))
        #expect(try peer.raw() == [Array(bye.utf8)], "an identical message confirms")
        house.run(.seconds(60))
        let kinds = Set(try peer.messages().map { $0["private"].text })
        #expect(kinds == ["trade", "ticker", "lag"])
    }

    @Test func messagesHaveTheRecordedShapes() throws {
        let house = try SandboxHouse()
        let peer = try house.stream()
        _ = try peer.ask(#"{"op":"mtgox.subscribe","type":"lag"}"#)
        house.run(.seconds(60))
        let messages = try peer.messages()
        for (kind, recorded, isSorted) in [
            ("depth", Recorded.streamDepth, false), ("lag", Recorded.streamLag, false),
            ("trade", Recorded.streamTrade, true), ("ticker", Recorded.streamTicker, true),
        ] {
            let message = try #require(messages.first { $0["private"].text == kind })
            let original = try JSONTree(recorded)
            if isSorted {
                #expect(message.sorted.shape == original.sorted.shape, "\(kind)")
            } else {
                #expect(message.shape == original.shape, "\(kind)")
            }
            #expect(
                message["channel"].text == PublicChannel.find(message["channel_name"].text)?.guid)
        }
    }

    /// What a client adds up from the stream is what the engine has, unit for unit.
    @Test(arguments: SandboxMarket.allCases)
    func depthAddsUpToTheEnginesBook(market: SandboxMarket) throws {
        let house = try SandboxHouse {
            $0.market = market
            $0.speed = market == .june2011 ? 120 : 2
        }
        let peer = try house.stream()
        let book = try house.json("/api/1/BTCUSD/depth/full?raw")
        var levels: [String: [Int64: Int64]] = ["ask": [:], "bid": [:]]
        for side in ["ask", "bid"] {
            for level in book["\(side)s"].elements {
                levels[side]?[level["price_int"].integer] = level["amount_int"].integer
            }
        }
        var stamps: [Int64] = []
        var trades = 0
        for _ in 0..<20 {
            house.run(.seconds(2))
            for message in try peer.messages() {
                let depth = message["depth"]
                if message["private"].text == "trade" {
                    stamps.append(message["trade"]["tid"].integer)
                    trades += 1
                }
                guard message["private"].text == "depth" else { continue }
                stamps.append(depth["now"].integer)
                let (side, price) = (depth["type_str"].text, depth["price_int"].integer)
                let total = depth["total_volume_int"].integer
                let before = levels[side]?[price] ?? 0
                #expect(before + depth["volume_int"].integer == total)
                #expect(depth["type"].integer == (side == "ask" ? 1 : 2))
                #expect(Price(depth["price"].text) == Price(units: price, of: .usd))
                levels[side]?[price] = total == 0 ? nil : total
            }
        }
        #expect(trades > 20)
        #expect(stamps == stamps.sorted() && Set(stamps).count == stamps.count)
        for side in Side.allCases {
            let summed = house.exchange.engine.summedLevels(side)
            let mine = levels["\(side)"] ?? [:]
            #expect(mine.count == summed.count)
            #expect(
                summed.allSatisfy { mine[$0.price.units] == $0.quantity.units }, "\(market) \(side)"
            )
        }
    }

    /// Per match: trade, depth; then the ticker.
    @Test func eventsComeInTheOrderOfTheMatch() throws {
        let house = try SandboxHouse()
        let peer = try house.stream()
        house.run(.seconds(60))
        let kinds = try peer.messages().compactMap { message -> String? in
            message["op"] == .string("private") ? message["private"].text : nil
        }
        var trades = 0
        for (index, kind) in kinds.enumerated() where kind == "trade" {
            trades += 1
            #expect(kinds[index + 1] == "depth")
            #expect(kinds[index + 2] == "ticker")
        }
        #expect(trades > 5)
    }

    @Test func wrongMessagesGetRemarksAndTheFeedGoesOn() throws {
        let house = try SandboxHouse()
        let peer = try house.stream()
        _ = try peer.messages()
        let invalid = try peer.ask("keep-alive-msg \"x\"")
        #expect(invalid.count == 1)
        #expect(invalid[0]["op"] == .string("remark"))
        #expect(invalid[0]["success"] == .bool(false))
        #expect(invalid[0]["debug"]["data_raw"] == .string("keep-alive-msg \"x\""))
        let unknown = try peer.ask(#"{"op":"dance","id":"7"}"#)
        #expect(unknown[0]["message"] == .string("Unknown operation"))
        #expect(unknown[0]["id"] == .string("7"))
        for request in [
            #"{"op":"mtgox.subscribe","type":"weather"}"#, #"{"op":"subscribe","channel":"x"}"#,
            #"{"op":"unsubscribe","channel":5}"#, #"{"op":"subscribe"}"#,
        ] {
            #expect(try peer.ask(request).first?["message"] == .string("Unknown channel"))
        }
        let call = try peer.ask(#"{"op":"call","id":"c1","call":"x","context":"mtgox.com"}"#)
        #expect(call[0]["message"] == .string("Invalid call"))
        #expect(call[0]["id"] == .string("c1"))
        peer.ping("are you there")
        house.run(.seconds(60))
        #expect(try peer.messages().contains { $0["private"].text == "trade" })
        #expect(peer.pongs == [Array("are you there".utf8)])
    }

    @Test func aHandshakeWithoutOriginIsRefused() throws {
        let house = try SandboxHouse()
        let client = HTTPPeer(house)
        client.send(
            "/mtgox",
            [
                "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            ])
        house.run(.milliseconds(1))
        let reply = try #require(try client.next())
        #expect(reply.head.status == 403)
        #expect(try JSONTree(reply.body)["result"] == .string("error"))
        #expect(throws: Missing.self) { try house.stream("/elsewhere") }
        #expect(throws: Never.self) { try house.stream(origin: "*") }
    }

    @Test func aSlowClientIsCutOffAndOthersAreNot() throws {
        let house = try SandboxHouse {
            $0.market = .february2012
            $0.speed = 20
            $0.slowClientLimit = 1 << 18
        }
        let slow = try house.stream()
        let quick = try house.stream()
        slow.peer.isReading = false
        var got = 0
        for _ in 0..<40 {
            house.run(.milliseconds(50))
            got += try quick.raw().count
        }
        #expect(house.exchange.counters.cutOff == 1)
        #expect(house.exchange.counters.webSockets == 1)
        #expect(got > 1_000)
        slow.peer.isReading = true
        #expect(slow.peer.hasEnded)
    }

    /// Each of them is within its own limit; those go for whom most waits, and not the one that reads.
    @Test func manySlowClientsAreCutOffTogether() throws {
        let house = try SandboxHouse {
            $0.market = .february2012
            $0.speed = 20
            $0.slowClientsLimit = 1 << 20
        }
        var slow: [StreamPeer] = []
        for _ in 0..<8 {
            slow.append(try house.stream())
            slow.last?.peer.isReading = false
            house.run(.milliseconds(200))
        }
        let quick = try house.stream()
        var got = 0
        while house.exchange.counters.cutOff == 0, got < 100_000 {
            house.run(.milliseconds(50))
            got += try quick.raw().count
        }
        let cut = house.exchange.counters.cutOff
        #expect((4...6).contains(cut), "half of the bytes and a little more")
        #expect(house.exchange.counters.webSockets == 9 - cut)
        for peer in slow { peer.peer.isReading = true }
        house.run(.seconds(2))
        #expect(slow.map(\.peer.hasEnded) == slow.indices.map { $0 < cut }, "the oldest ones")
        #expect(house.exchange.counters.cutOff == cut)
        #expect(!quick.peer.hasEnded)
    }

    @Test func framesOfAllSizesAndTooLargeOnes() throws {
        let house = try SandboxHouse()
        let peer = try house.stream()
        _ = try peer.messages()
        let long = String(repeating: "x", count: 60_000)
        #expect(try peer.ask(long)[0]["debug"]["data_raw"] == .string(long))
        peer.send(String(repeating: "y", count: 70_000))
        house.run(.milliseconds(1))
        _ = try peer.messages()
        #expect(peer.closed == .tooBig)
        house.run(.seconds(6))
        #expect(house.exchange.counters.open == 0)
    }
}
