import OutcryKernel
import OutcryWire
import Testing

@testable import OutcryComponents

/// A client's machine, its outputs as lines.
struct ClientProbe {
    var machine: SocketIOClientMachine

    init(
        _ endpoint: String = "/mtgox",
        transports: [SocketIOTransport] = [.websocket, .xhrPolling]
    ) {
        machine = SocketIOClientMachine(endpoint: endpoint, transports: transports)
    }

    mutating func lines() -> [String] {
        machine.takeOutputs().map { output in
            switch output {
            case .handshake: "handshake"
            case .open(let transport, let session): "open \(transport.rawValue) \(session)"
            case .send(let packet): "send \(Self.text(packet))"
            case .post(let packets): "post \(packets.map(Self.text).joined(separator: " "))"
            case .poll: "poll"
            case .up: "up"
            case .over(let end): "over: \(end)"
            }
        }
    }

    mutating func handshaken(
        _ body: String = "sid:60:60:websocket,htmlfile,xhr-polling", _ milliseconds: Int = 0
    ) throws -> [String] {
        machine.start(at: at(milliseconds))
        #expect(lines() == ["handshake"])
        machine.handshaken(try SocketIOHandshake(body), at: at(milliseconds))
        return lines()
    }

    /// Takes one packet; whether it was the application's stands in front.
    mutating func receive(_ text: String, _ milliseconds: Int = 0) -> [String] {
        let bytes = Array(text.utf8)
        guard let packet = SocketIOPacket(bytes.span) else { return ["no packet"] }
        let isOurs = machine.receive(packet, bytes.span, at: at(milliseconds))
        return (isOurs ? ["ours"] : []) + lines()
    }

    mutating func send(_ text: String, _ milliseconds: Int = 0) -> [String] {
        (machine.send(Array(text.utf8), at: at(milliseconds)) ? [] : ["not sent"]) + lines()
    }

    mutating func posted(_ milliseconds: Int = 0) -> [String] {
        machine.posted(at: at(milliseconds))
        return lines()
    }

    mutating func tick(_ milliseconds: Int) -> [String] {
        machine.tick(at: at(milliseconds))
        return lines()
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

@Suite struct SocketIOClientStepsTests {
    @Test func byWebSocket() throws {
        var it = ClientProbe()
        #expect(try it.handshaken() == ["open websocket sid"])
        #expect(it.send("3:::early") == ["not sent"], "nothing goes before the endpoint is joined")
        #expect(it.receive("1::") == ["send 1::/mtgox"])
        #expect(it.send("3:::early") == ["not sent"])
        #expect(it.receive("1::/mtgox") == ["up"])
        #expect(it.send("4::/mtgox:{}") == ["send 4::/mtgox:{}"])
        #expect(it.receive("2::") == ["send 2::"])
        #expect(it.receive("8::") == [])
        #expect(it.receive("4::/mtgox:{}") == ["ours"])
        #expect(it.receive("4::/other:{}") == [])
    }

    /// One POST at a time; what comes meanwhile goes together, in order.
    @Test func byPolling() throws {
        var it = ClientProbe(transports: [.xhrPolling])
        #expect(try it.handshaken() == ["open xhr-polling sid", "poll"])
        #expect(it.receive("1::") == ["post 1::/mtgox"])
        it.machine.polled()
        #expect(it.lines() == ["poll"])
        #expect(it.posted() == [])
        #expect(it.receive("1::/mtgox") == ["up"])
        #expect(it.send("3:::a") == ["post 3:::a"])
        #expect(it.send("3:::b") == [])
        #expect(it.send("3:::c") == [])
        #expect(it.posted() == ["post 3:::b 3:::c"])
        #expect(it.posted() == [])
    }

    @Test func withoutAnEndpoint() throws {
        var it = ClientProbe("")
        _ = try it.handshaken()
        #expect(it.receive("1::") == ["up"])
    }

    /// The first wanted transport that is offered, in this end's order.
    @Test(arguments: [
        ("sid:60:60:xhr-polling,websocket", "open websocket sid"),
        ("sid:60:60:htmlfile,xhr-polling,jsonp-polling", "open xhr-polling sid"),
        ("sid:60:60:htmlfile,carrier-pigeon", "over: no common transport, offered: htmlfile"),
    ])
    func choice(body: String, expected: String) throws {
        var it = ClientProbe()
        #expect(try it.handshaken(body).first == expected)
    }

    @Test func stepsThatTakeTooLong() throws {
        var it = ClientProbe()
        it.machine.start(at: at(0))
        _ = it.lines()
        #expect(it.tick(9_999) == [])
        #expect(it.tick(10_000) == ["over: no handshake within 10.0 seconds"])

        it = ClientProbe()
        _ = try it.handshaken("sid:60:60:websocket", 100)
        #expect(it.tick(10_099) == [])
        #expect(it.tick(10_100) == ["over: websocket failed: nothing within 10.0 seconds"])

        // A server is silent about an endpoint that it does not know.
        it = ClientProbe()
        _ = try it.handshaken()
        _ = it.receive("1::", 100)
        #expect(it.tick(10_099) == [])
        #expect(it.tick(10_100) == ["over: no answer from /mtgox within 10.0 seconds"])
    }

    /// The silence is the server's number, and begins anew with every packet.
    @Test func silence() throws {
        var it = ClientProbe()
        _ = try it.handshaken("sid:17:25:websocket")
        _ = it.receive("1::", 0)
        _ = it.receive("1::/mtgox", 0)
        _ = it.receive("8::", 10_000)
        #expect(it.tick(26_999) == [])
        #expect(it.tick(27_000) == ["over: silent for 17.0 seconds"])
        var calm = ClientProbe()
        _ = try calm.handshaken("sid:::websocket")
        _ = calm.receive("1::", 0)
        _ = calm.receive("1::/mtgox", 0)
        #expect(calm.machine.deadline == nil, "no heartbeats, no silence")
    }

    @Test(arguments: [
        ("0::", "over: ended by the server"), ("0::/mtgox", "over: ended by the server"),
        ("7:::1+0", "over: session refused: client not handshaken, reconnect"),
        ("7:::+0", "over: session refused: no reason told, reconnect"),
    ])
    func theServerEndsIt(packet: String, expected: String) throws {
        var it = ClientProbe()
        _ = try it.handshaken()
        _ = it.receive("1::")
        _ = it.receive("1::/mtgox")
        #expect(it.receive(packet) == [expected])
        #expect(it.receive("4::/mtgox:{}").allSatisfy { $0 == "ours" })
        #expect(it.send("3:::x") == ["not sent"])
        #expect(it.tick(1_000_000) == [])
    }

    @Test func refusals() throws {
        var it = ClientProbe()
        _ = try it.handshaken()
        #expect(
            it.receive("7:::1+0")
                == ["over: session refused: client not handshaken, reconnect"])
        it = ClientProbe()
        _ = try it.handshaken()
        _ = it.receive("1::")
        #expect(it.receive("7::/mtgox:2") == ["over: endpoint refused: unauthorized"])
        it = ClientProbe()
        _ = try it.handshaken()
        _ = it.receive("1::")
        #expect(it.receive("7::/other:2") == [], "somebody else's")
        #expect(it.receive("1::/mtgox") == ["up"])
        #expect(it.receive("7::/mtgox:2") == ["ours"], "an error told to who has joined")
    }

    @Test func theTransportFails() throws {
        var it = ClientProbe()
        _ = try it.handshaken()
        it.machine.failed(.lost("refused"))
        #expect(it.lines() == ["over: websocket failed: refused"])
        it = ClientProbe()
        _ = try it.handshaken()
        _ = it.receive("1::")
        it.machine.failed(.lost("reset"))
        #expect(it.lines() == ["over: reset"])
    }

    @Test func acks() throws {
        var it = ClientProbe()
        _ = try it.handshaken()
        _ = it.receive("1::")
        _ = it.receive("1::/mtgox")
        #expect(it.receive("3:07:/mtgox:x") == ["ours", "send 6::/mtgox:07"])
        #expect(it.receive("5:1+:/mtgox:{\"name\":\"x\"}") == ["ours"])
        #expect(it.receive("6::/mtgox:1") == ["ours"])
    }

    @Test func leaving() throws {
        var it = ClientProbe()
        _ = try it.handshaken()
        _ = it.receive("1::")
        it.machine.leave(at: at(0))
        #expect(it.lines() == ["send 0::", "over: left"])
        it = ClientProbe(transports: [.xhrPolling])
        _ = try it.handshaken()
        _ = it.receive("1::")
        _ = it.posted()
        it.machine.leave(at: at(0))
        #expect(it.lines() == ["post 0::", "over: left"])
        it = ClientProbe()
        it.machine.leave(at: at(0))
        #expect(it.lines() == ["over: left"])
    }

    /// Polls may go on being answered while a POST never is: somebody has to notice.
    @Test func aPostThatIsNotAnswered() throws {
        var it = ClientProbe(transports: [.xhrPolling])
        _ = try it.handshaken()
        _ = it.receive("1::")
        _ = it.posted()
        _ = it.receive("1::/mtgox")
        #expect(it.send("3:::a", 1_000) == ["post 3:::a"])
        _ = it.receive("8::", 20_000)
        #expect(it.machine.deadline == at(31_000))
        #expect(it.tick(30_999) == [])
        #expect(it.tick(31_000) == ["over: no answer to a POST within 30.0 seconds"])
    }

    @Test func whatWaitsForAPostIsLimited() throws {
        var it = ClientProbe(transports: [.xhrPolling])
        _ = try it.handshaken()
        _ = it.receive("1::")
        _ = it.posted()
        _ = it.receive("1::/mtgox")
        let large = String(repeating: "x", count: 1 << 20)
        #expect(it.send(large).count == 1, "it is on its way")
        for _ in 0..<3 { #expect(it.send(large) == []) }
        #expect(it.send(large) == ["not sent", "over: too much waits for a POST"])
    }

    /// No order of packets, answers and times makes two POSTs go at a time, or anything come after the end.
    @Test func everyOrderOfThings() throws {
        let packets = [
            "0::", "0::/mtgox", "1::", "1::/mtgox", "1::/other", "2::", "3::/mtgox:x",
            "3:1:/mtgox:x", "4::/mtgox:1", "5::/mtgox:{\"name\":\"x\"}", "6::/mtgox:1", "7:::1+0",
            "7::/mtgox:2", "8::", "9:::", "x",
        ]
        for seed in 1...500 as ClosedRange<UInt64> {
            var random = SeededGenerator(seed: seed)
            var it = ClientProbe(transports: [seed % 2 == 0 ? .websocket : .xhrPolling])
            var now = 0
            var isPosting = false
            var isOver = false
            var ups = 0
            func take(_ lines: [String]) {
                for line in lines where line != "ours" && line != "not sent" && line != "no packet"
                {
                    #expect(!isOver, "seed \(seed): \(line) after the end")
                    if line.hasPrefix("post") {
                        #expect(!isPosting, "seed \(seed): two POSTs")
                        isPosting = true
                    }
                    if line == "up" { ups += 1 }
                    if line.hasPrefix("over") { isOver = true }
                }
            }
            take(try it.handshaken())
            for _ in 0..<60 {
                now += Int.random(in: 0...3000, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0, 1:
                    // The ends are rare.
                    let first = Int.random(in: 0..<20, using: &random) == 0 ? 0 : 2
                    take(it.receive(packets[first...].randomElement(using: &random) ?? "", now))
                case 2: take(it.send("3:::x"))
                case 3 where isPosting:
                    isPosting = false
                    take(it.posted())
                default: take(it.tick(now))
                }
            }
            #expect(ups <= 1, "seed \(seed)")
        }
    }
}
