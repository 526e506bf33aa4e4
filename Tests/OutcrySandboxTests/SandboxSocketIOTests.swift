import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcrySimulation
import OutcryWire
import Testing

@testable import OutcrySandbox

/// The sandbox's stream by Socket.IO, told from the bytes alone.
@Suite struct SandboxSocketIOTests {
    private let transports = "websocket,htmlfile,xhr-polling,jsonp-polling"
    private let guids = [
        "dbf1dee9-4f2e-4a08-8cb7-748919a71b21", "d5f06780-30a8-4a48-a2f8-7ed181b4a13f",
        "24e67e0d-1cad-4cc0-9e7a-f8523ef460fe",
    ]

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// One request on a connection of its own, and every byte of the answer.
    private func raw(
        _ house: SandboxHouse, _ method: String, _ target: String, _ fields: [String] = [],
        body: String = ""
    ) -> String {
        let peer = house.world.connect(to: house.exchange.address ?? .loopback(port: 1))
        var lines = ["\(method) \(target) HTTP/1.1", "Host: localhost"] + fields
        if !body.isEmpty { lines.append("Content-Length: \(body.utf8.count)") }
        peer.send((lines + ["", ""]).joined(separator: "\r\n") + body)
        house.run(.milliseconds(5))
        return text(peer.take()) + (peer.hasEnded ? " (end)" : "")
    }

    private func session(_ house: SandboxHouse, _ query: String = "") throws -> String {
        let body = try house.get("/socket.io/1/\(query)").body
        return try SocketIOHandshake(text(body)).session
    }

    /// The packets of an xhr-polling answer.
    private func packets(_ body: [UInt8]) -> [String] {
        var reader = SocketIOPayloadReader()
        var packets: [String] = []
        while let place = reader.next(body.span) { packets.append(text(Array(body[place]))) }
        return packets
    }

    private func date(_ house: SandboxHouse) -> String {
        "Date: \(HTTPDate.text(house.world.wallNow.microseconds / 1_000_000))\r\n"
    }

    private func poll(_ house: SandboxHouse, _ sid: String) throws -> [String] {
        packets(try house.get("/socket.io/1/xhr-polling/\(sid)?t=1").body)
    }

    private func post(_ house: SandboxHouse, _ sid: String, _ body: String) -> String {
        raw(house, "POST", "/socket.io/1/xhr-polling/\(sid)?t=1", body: body)
    }

    // MARK: Handshake

    /// The bytes of the original, but for Keep-Alive, which ours leaves out, and the place of Date.
    @Test(arguments: [
        ("GET", "/socket.io/1/?t=1"), ("GET", "/socket.io/1"),
        ("GET", "/socket.io/1?Channel=depth.BTCUSD/ticker.BTCUSD"), ("POST", "/socket.io/1/?t=1"),
    ])
    func handshake(method: String, target: String) throws {
        let house = try SandboxHouse()
        let answer = raw(house, method, target, ["Content-Length: 0"])
        let head =
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: keep-alive\r\n"
            + "Transfer-Encoding: chunked\r\n\(date(house))\r\n47\r\n"
        let tail = ":60:60:\(transports)\r\n0\r\n\r\n"
        #expect(answer.hasPrefix(head), "\(answer)")
        #expect(answer.hasSuffix(tail), "\(answer)")
        #expect(answer.utf8.count == head.utf8.count + 20 + tail.utf8.count)
    }

    @Test func handshakeForScripts() throws {
        let house = try SandboxHouse()
        let reply = try house.get("/socket.io/1/?t=1&jsonp=7")
        #expect(reply.head.fields["Content-Type"] == "application/javascript")
        let body = text(reply.body)
        #expect(body.hasPrefix("io.j[7](\""), "\(body)")
        #expect(body.hasSuffix(":60:60:\(transports)\");"), "\(body)")
    }

    @Test func otherOriginsMayRead() throws {
        let house = try SandboxHouse()
        let fields = try house.get("/socket.io/1/", ["Origin: http://example.test"]).head.fields
        #expect(fields["Access-Control-Allow-Origin"] == "http://example.test")
        #expect(fields["Access-Control-Allow-Credentials"] == "true")
    }

    @Test(arguments: [
        ("/socket.io/2/?t=1", 500, "Protocol version not supported."),
        ("/socket.io/", 200, "Welcome to socket.io."),
        ("/socket.io", 200, "Welcome to socket.io."),
        ("/socket.io/1/xhr-polling/NOPE?t=1", 200, "7:::1+0"),
        ("/socket.io/1/jsonp-polling/NOPE?i=2", 200, "io.j[2](\"7:::1+0\");"),
        ("/socket.io/1/xhr-polling/NOPE?disconnect", 200, ""),
    ])
    func answers(target: String, status: Int, body: String) throws {
        let reply = try SandboxHouse().get(target)
        #expect(reply.status == status)
        #expect(text(reply.body) == body)
    }

    @Test func whatIsNoTransportIsHungUp() throws {
        let house = try SandboxHouse()
        let sid = try session(house)
        #expect(raw(house, "GET", "/socket.io/1/foo/\(sid)") == " (end)")
        #expect(raw(house, "GET", "/socket.io/1/websocket/\(sid)") == " (end)")
    }

    @Test func ourOwnClientIsServed() throws {
        let reply = try SandboxHouse().get("/socket.io/socket.io.js")
        #expect(reply.status == 200)
        #expect(reply.head.fields["Content-Type"] == "application/javascript")
        #expect(reply.body.allSatisfy { $0 < 0x80 })
    }

    /// Nobody who knows one name knows another.
    @Test func namesAreNoSequence() throws {
        let house = try SandboxHouse()
        let names = try (0..<20).map { _ in try session(house) }
        #expect(Set(names).count == 20)
        #expect(names.allSatisfy { $0.utf8.count == 20 })
        #expect(try session(SandboxHouse(seed: 2)) != names[0])
    }

    @Test func sessionsAreCounted() throws {
        let house = try SandboxHouse { $0.socketIO.sessions = 2 }
        let first = try session(house)
        _ = try session(house)
        let full = try house.get("/socket.io/1/")
        #expect(full.status == 503)
        _ = try house.get("/socket.io/1/xhr-polling/\(first)?disconnect")
        #expect(try house.get("/socket.io/1/").status == 200, "one has gone")
        house.run(.seconds(31))
        #expect(try house.get("/socket.io/1/").status == 200, "unused ones are dropped")
    }

    // MARK: Polls

    @Test func polls() throws {
        let house = try SandboxHouse { $0.firstStep = .seconds(3600) }
        let sid = try session(house)
        let first = raw(house, "GET", "/socket.io/1/xhr-polling/\(sid)?t=1")
        let head =
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Length: 3\r\n"
            + "Connection: keep-alive\r\n\(date(house))\r\n"
        #expect(first == head + "1::")
        let taken = head.replacing("Length: 3", with: "Length: 1") + "1"
        #expect(post(house, sid, "1::/mtgox") == taken)
        let packets = try poll(house, sid)
        #expect(packets.first == "1::/mtgox")
        #expect(packets.dropFirst().first?.hasPrefix("4::/mtgox:{\"op\":\"remark\"") == true)
        #expect(
            packets.dropFirst(2)
                == guids.map { "4::/mtgox:{\"op\":\"subscribe\",\"channel\":\"\($0)\"}" }[...],
            "\(packets)")
        #expect(post(house, "NOPE", "3:::x") == taken, "also for a session that is not there")
    }

    /// Clients that emit what they would send, as an object or as text.
    @Test(arguments: [
        #"{"op":"mtgox.subscribe","type":"lag"}"#,
        #""{\"op\":\"mtgox.subscribe\",\"type\":\"lag\"}""#,
    ])
    func eventsNamedMessageAreHeard(argument: String) throws {
        let house = try SandboxHouse { $0.firstStep = .seconds(3600) }
        let sid = try session(house)
        _ = try poll(house, sid)
        _ = post(house, sid, "1::/mtgox")
        _ = try poll(house, sid)
        _ = post(house, sid, "5::/mtgox:{\"name\":\"message\",\"args\":[\(argument),1]}")
        let lag = PublicChannel.lag.guid
        #expect(
            try poll(house, sid)
                == ["4::/mtgox:{\"op\":\"subscribe\",\"channel\":\"\(lag)\"}"])
        for odd in ["{\"name\":\"message\",\"args\":[1]}", "{\"name\":\"other\"}"] {
            _ = post(house, sid, "5::/mtgox:\(odd)")
            #expect(try poll(house, sid).allSatisfy { $0.contains("Unknown operation") })
        }
    }

    @Test func aFramedPostAndAcks() throws {
        let house = try SandboxHouse { $0.firstStep = .seconds(3600) }
        let sid = try session(house)
        _ = try poll(house, sid)
        let packets = [
            "1::/mtgox", "4:1:/mtgox:{\"op\":\"unsubscribe\",\"channel\":\"trade.BTC\"}",
            "3:2+:/mtgox:€ 😀", "0::/mtgox", "3:3:/mtgox:x",
        ]
        let body = SocketIOPayload.encoded(packets.map { Array($0.utf8) })
        _ = post(house, sid, text(body))
        let answer = try poll(house, sid)
        #expect(answer.contains("6::/mtgox:1"))
        #expect(answer.contains("6::/mtgox:2"))
        #expect(answer.contains { $0.contains("\"message\":\"Invalid message\"") })
        #expect(answer.contains("6::/mtgox:3"), "who left is acknowledged")
        #expect(answer.count { $0.contains("Invalid message") } == 1, "and not heard")
        #expect(house.exchange.counters.socketIO == 0)
    }

    @Test(arguments: [
        ("?Channel=depth.BTCUSD/ticker.BTCUSD", [2, 1]), ("?t=1&Currency=USD", [0, 1, 2]),
    ])
    func theQueryOfTheHandshakeDecides(query: String, channels: [Int]) throws {
        let house = try SandboxHouse { $0.firstStep = .seconds(3600) }
        let sid = try session(house, query)
        _ = try poll(house, sid)
        _ = post(house, sid, "1::/mtgox")
        let found = try poll(house, sid).dropFirst(2).map { String($0.dropLast(2).suffix(36)) }
        #expect(found == channels.map { guids[$0] })
    }

    @Test func anIdlePollEndsWithANoop() throws {
        let house = try SandboxHouse { $0.firstStep = .seconds(3600) }
        let sid = try session(house)
        _ = try poll(house, sid)
        let client = HTTPPeer(house)
        client.send("/socket.io/1/xhr-polling/\(sid)?t=2")
        house.run(.milliseconds(19_990))
        #expect(try client.next() == nil)
        house.run(.milliseconds(20))
        #expect(try client.next().map { text($0.body) } == "8::")
    }

    @Test func ofTwoPollsTheOlderEnds() throws {
        let house = try SandboxHouse { $0.firstStep = .seconds(3600) }
        let sid = try session(house)
        _ = try poll(house, sid)
        let (older, newer) = (HTTPPeer(house), HTTPPeer(house))
        older.send("/socket.io/1/xhr-polling/\(sid)?t=2")
        house.run(.milliseconds(5))
        newer.send("/socket.io/1/xhr-polling/\(sid)?t=3")
        house.run(.milliseconds(5))
        #expect(try older.next().map { text($0.body) } == "8::")
        #expect(try newer.next() == nil)
        _ = post(house, sid, "1::")
        #expect(try newer.next().map { text($0.body) } == "1::")
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() throws {
        let house = try SandboxHouse { $0.firstStep = .seconds(3600) }
        let sid = try session(house)
        let client = HTTPPeer(house)
        for _ in 0..<2 { client.send("/socket.io/1/xhr-polling/\(sid)") }
        client.send("/api/1/BTCUSD/ticker")
        house.run(.milliseconds(5))
        #expect(try client.next().map { text($0.body) } == "1::")
        #expect(try client.next() == nil, "the second is open, the third waits behind it")
        _ = post(house, sid, "1::")
        #expect(try client.next().map { text($0.body) } == "1::")
        house.run(.milliseconds(5))
        #expect(try client.next()?.head.status == 200)
    }

    @Test func forced() throws {
        let house = try SandboxHouse { $0.firstStep = .seconds(3600) }
        let sid = try session(house)
        _ = try poll(house, sid)
        let open = HTTPPeer(house)
        open.send("/socket.io/1/xhr-polling/\(sid)?t=2")
        house.run(.milliseconds(5))
        let end = try house.get("/socket.io/1//\(sid)/?disconnect=1")
        #expect(end.status == 200 && end.body.isEmpty)
        #expect(try open.next().map { text($0.body) } == "0::")
        #expect(try poll(house, sid) == ["7:::1+0"])
    }

    @Test func unusedAndAbandonedSessionsEnd() throws {
        let house = try SandboxHouse { $0.firstStep = .seconds(3600) }
        let (used, unused) = (try session(house), try session(house))
        house.run(.seconds(25))
        #expect(try poll(house, used) == ["1::"], "usable at 25 s")
        house.run(.seconds(20))
        #expect(try poll(house, unused) == ["7:::1+0"], "gone at 45 s")
        house.run(.seconds(41))
        #expect(try poll(house, used) == ["7:::1+0"], "a minute without a poll")
    }

    // MARK: jsonp-polling and htmlfile

    @Test func scripts() throws {
        let house = try SandboxHouse { $0.firstStep = .seconds(3600) }
        let sid = try session(house)
        let target = "/socket.io/1/jsonp-polling/\(sid)?t=1&i=3"
        let first = try house.get(target)
        #expect(text(first.body) == "io.j[3](\"1::\");")
        #expect(first.head.fields["X-XSS-Protection"] == "0")
        #expect(first.head.fields["Content-Type"] == "text/javascript; charset=UTF-8")
        let form = text(SocketIOScript.form(Array("1::/mtgox".utf8).span))
        let taken = raw(
            house, "POST", target, ["Content-Type: application/x-www-form-urlencoded"], body: form)
        #expect(taken.hasSuffix("\r\n\r\n1"))
        let answer = try house.get(target).body
        let found = SocketIOScript.payload(jsonp: answer.span)
        let payload = try #require(found)
        #expect(packets(payload).first == "1::/mtgox")
        #expect(packets(payload).count == 5)
        _ = raw(house, "POST", target, body: "d=nonsense")
        #expect(text(try house.get(target).body) == "io.j[3](\"7:::1+0\");", "over")
    }

    @Test func page() throws {
        let house = try SandboxHouse { $0.firstStep = .seconds(3600) }
        let sid = try session(house)
        let peer = house.world.connect(to: house.exchange.address ?? .loopback(port: 1))
        peer.send("GET /socket.io/1/htmlfile/\(sid)?t=1 HTTP/1.1\r\nHost: x\r\n\r\n")
        house.run(.milliseconds(5))
        let start = text(peer.take())
        #expect(start.contains("\r\n\r\n100\r\n<html><body><script>var _ = function (msg)"))
        #expect(start.hasSuffix(" \r\n1a\r\n<script>_(\"1::\");</script>\r\n"))
        _ = post(house, sid, "1::/mtgox")
        house.run(.milliseconds(5))
        #expect(text(peer.take()).hasPrefix("21\r\n<script>_(\"1::\\/mtgox\");</script>\r\n"))
        house.run(.seconds(25))
        #expect(text(peer.take()).contains("<script>_(\"2::\");</script>"))
        _ = post(house, sid, "0::")
        house.run(.milliseconds(5))
        #expect(text(peer.take()).hasSuffix("<script>_(\"0::\");</script>\r\n0\r\n\r\n"))
        #expect(peer.hasEnded)
    }

    // MARK: WebSocket

    private func socket(_ house: SandboxHouse, _ sid: String) throws -> StreamPeer {
        try house.stream("/socket.io/1/websocket/\(sid)", origin: nil)
    }

    @Test func webSocket() throws {
        let house = try SandboxHouse { $0.firstStep = .seconds(3600) }
        let peer = try socket(house, try session(house))
        #expect(try peer.raw().map(text) == ["1::"])
        for form in ["1::/mtgox", "1::/mtgox:", "1::/mtgox:?Currency=USD"] {
            peer.send(form)
            house.run(.milliseconds(1))
            #expect(try peer.raw().map(text).first == "1::/mtgox", "\(form)")
        }
        peer.send("3:5:/mtgox:x")
        house.run(.milliseconds(1))
        #expect(try peer.raw().map(text).first == "6::/mtgox:5")
        peer.send("0::")
        house.run(.milliseconds(5))
        #expect(try peer.raw().map(text) == ["0::"])
        #expect(peer.peer.hasEnded && peer.closed == nil, "no close frame")
        #expect(house.exchange.counters.socketIO == 0)
    }

    @Test func unknownSessionsAreTold() throws {
        let house = try SandboxHouse()
        let peer = try socket(house, "NOPE")
        house.run(.milliseconds(5))
        #expect(try peer.raw().map(text) == ["7:::1+0"])
        #expect(peer.peer.hasEnded)
    }

    @Test func heartbeats() throws {
        let house = try SandboxHouse { $0.firstStep = .seconds(3600) }
        let peer = try socket(house, try session(house))
        _ = try peer.raw()
        house.run(.seconds(26))
        #expect(try peer.raw().map(text) == ["2::"])
        peer.send("2::")
        house.run(.seconds(26))
        #expect(try peer.raw().map(text) == ["2::"])
        house.run(.seconds(59))
        #expect(!peer.peer.hasEnded)
        house.run(.seconds(1))
        #expect(peer.peer.hasEnded, "60 s after a heartbeat without an answer")
        #expect(try peer.raw().isEmpty && peer.closed == nil)
    }

    /// The same market, message for message, over three carriers.
    @Test func everyCarrierSaysTheSame() throws {
        let house = try SandboxHouse()
        let plain = try house.stream("/mtgox")
        let peer = try socket(house, try session(house))
        let sid = try session(house)
        _ = try poll(house, sid)
        peer.send("1::/mtgox")
        _ = post(house, sid, "1::/mtgox")
        _ = try plain.raw()
        _ = try peer.raw()
        _ = try poll(house, sid)
        var told: [[String]] = [[], [], []]
        let client = HTTPPeer(house)
        client.send("/socket.io/1/xhr-polling/\(sid)")
        for _ in 0..<3000 {
            house.run(.milliseconds(10))
            told[0] += try plain.raw().map(text)
            told[1] += try peer.raw().map(text).filter { $0 != "2::" }
                .map { String($0.dropFirst("4::/mtgox:".count)) }
            if let reply = try client.next() {
                told[2] += packets(reply.body).map { String($0.dropFirst("4::/mtgox:".count)) }
                client.send("/socket.io/1/xhr-polling/\(sid)")
            }
        }
        #expect(told[0].count > 500)
        for carrier in 1...2 {
            let first = zip(told[carrier], told[0]).first { $0 != $1 }
            #expect(first == nil, "carrier \(carrier)")
            #expect(told[carrier].count == told[0].count, "carrier \(carrier)")
        }
    }

    /// Clients go while their poll is open, or while its answer is on its way: nothing is lost.
    @Test(arguments: 1...8 as ClosedRange<UInt64>) func droppedPollsLoseNothing(seed: UInt64) throws
    {
        let house = try SandboxHouse(seed: seed)
        house.world.faults = NetworkFaults(latency: .milliseconds(1)...(.milliseconds(20)))
        func ask(_ client: HTTPPeer, _ target: String, _ fields: [String] = []) throws -> String {
            client.send(target, fields)
            for _ in 0..<200 {
                house.run(.milliseconds(1))
                if let reply = try client.next() { return text(reply.body) }
            }
            throw Missing(what: "an answer to \(target)")
        }
        let sid = try SocketIOHandshake(try ask(HTTPPeer(house), "/socket.io/1/")).session
        let target = "/socket.io/1/xhr-polling/\(sid)"
        _ = try ask(HTTPPeer(house), target)
        let poster = house.world.connect(to: house.exchange.address ?? .loopback(port: 1))
        poster.send("POST \(target) HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1::/mtgox")
        var random = SeededGenerator(seed: seed)
        var stamps: [String] = []
        var dropped = 0
        for _ in 0..<150 {
            let client = HTTPPeer(house)
            client.send(target)
            let patience = Int.random(in: 0...80, using: &random)
            var reply: (head: HTTPResponseHead, body: [UInt8])?
            for _ in 0..<patience where reply == nil {
                house.run(.milliseconds(1))
                reply = try client.next()
            }
            client.peer.close()
            guard let reply else {
                dropped += 1
                // The news that it was dropped arrives before the next poll does.
                house.run(.milliseconds(Int64.random(in: 0...30, using: &random)))
                continue
            }
            for packet in packets(reply.body) where packet.contains("\"private\":\"depth\"") {
                let tree = try JSONTree(String(packet.dropFirst("4::/mtgox:".count)))
                stamps.append(tree["depth"]["now"].text)
            }
        }
        house.kernel.post(.sandboxStop, to: "sandbox", ())
        for _ in 0..<20 {
            let client = HTTPPeer(house)
            client.send(target)
            for _ in 0..<400 {
                house.run(.milliseconds(1))
                guard let reply = try client.next() else { continue }
                for packet in packets(reply.body) where packet.contains("\"private\":\"depth\"") {
                    let tree = try JSONTree(String(packet.dropFirst("4::/mtgox:".count)))
                    stamps.append(tree["depth"]["now"].text)
                }
                break
            }
        }
        let told = house.exchange.counters.depths
        #expect(dropped > 20, "seed \(seed)")
        #expect(told > 100, "seed \(seed)")
        #expect(Set(stamps).count == stamps.count, "seed \(seed): nothing twice")
        #expect(stamps == stamps.sorted(), "seed \(seed): in order")
        #expect(stamps.count == told, "seed \(seed): nothing lost")
    }
}
