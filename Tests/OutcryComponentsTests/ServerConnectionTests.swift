import OutcryBytes
import OutcryComponents
import OutcryKernel
import OutcrySimulation
import OutcryWire
import Testing

private final class ServerFloor {
    let world = SimulatedWorld(seed: 1)
    let kernel: Kernel
    let host: EchoHost
    let peer: SimulatedPeer

    init(_ rules: ServerRules = .standard) {
        kernel = Kernel(driver: Simulation(in: world))
        kernel.onLog = { _ in }
        host = EchoHost(rules)
        kernel.start(host, alias: "host")
        peer = world.connect(to: .loopback(port: 80))
        world.advance(by: .milliseconds(1))
    }

    /// What the server says to `text`, and `|` where it ends; without the dates, where they are of this second.
    func say(_ text: String, bytewise: Bool = false) -> String {
        if bytewise {
            for byte in text.utf8 {
                peer.send([byte])
                world.advance(by: .milliseconds(1))
            }
        } else {
            peer.send(text)
        }
        world.advance(by: .milliseconds(10))
        return said().replacing("Date: \(HTTPDate.text(second))\r\n", with: "")
    }

    func said() -> String {
        String(decoding: peer.take(), as: UTF8.self) + (peer.hasEnded ? "|" : "")
    }

    private var second: Int64 { world.wallNow.microseconds / 1_000_000 }

    func later(_ time: Duration) -> String {
        world.advance(by: time)
        return say("")
    }
}

private func ok(_ text: String, _ connection: String = "keep-alive") -> String {
    "HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\nConnection: \(connection)\r\n\r\n\(text)"
}

@Suite struct ServerConnectionTests {
    private let get = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(arguments: [false, true]) func pipelinedRequestsInOrder(bytewise: Bool) {
        let floor = ServerFloor()
        let post = "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
        let chunked =
            "PUT /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
        let all = floor.say(get + post + chunked + get, bytewise: bytewise)
        #expect(all == ok("GET /a ") + ok("POST /b hi") + ok("PUT /c x") + ok("GET /a "))
    }

    @Test func aLateAnswerComesBeforeTheNext() {
        let floor = ServerFloor()
        #expect(floor.say("GET /late HTTP/1.1\r\nHost: a\r\n\r\n" + get) == "")
        // While an answer is due there is no deadline.
        #expect(floor.later(.seconds(300)) == "")
        floor.kernel.post(.hostBeat, to: "host", ())
        #expect(floor.say("") == ok("late") + ok("GET /a "))
        #expect(floor.later(.seconds(76)) == "|")
    }

    @Test func whoEndsItsHalfIsAnsweredFirst() {
        let late = "GET /late HTTP/1.1\r\nHost: a\r\n\r\n"
        let floor = ServerFloor()
        floor.peer.send(late + get)
        floor.peer.end()
        #expect(floor.later(.seconds(10)) == "")
        floor.kernel.post(.hostBeat, to: "host", ())
        #expect(floor.later(.milliseconds(1)) == ok("late") + ok("GET /a ") + "|")
        // Half a request is none.
        for text in ["", get, get + "GET /b HT"] {
            let floor = ServerFloor()
            floor.peer.send(text)
            floor.peer.end()
            #expect(floor.later(.milliseconds(1)) == (text.isEmpty ? "" : ok("GET /a ")) + "|")
        }
    }

    /// RFC 9110 section 6.6.1.
    @Test func answersAreDated() {
        let floor = ServerFloor()
        for seconds in [0, 59] {
            floor.world.advance(by: .seconds(seconds))
            floor.peer.send(get)
            floor.world.advance(by: .milliseconds(10))
            let date = seconds == 0 ? "00:00:00" : "00:00:59"
            #expect(
                floor.said()
                    == "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: keep-alive\r\n"
                    + "Date: Tue, 01 Jan 2013 \(date) GMT\r\n\r\nGET /a ")
        }
    }

    @Test func lastRequests() {
        #expect(
            ServerFloor().say("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + get)
                == ok("GET /a ", "close") + "|")
        #expect(ServerFloor().say("GET /a HTTP/1.0\r\n\r\n") == ok("GET /a ", "close") + "|")
        #expect(
            ServerFloor().say("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n") == ok("GET /a "))
    }

    /// RFC 9112 section 9.6: where more has come than is read, closing at once would reset the connection, and
    /// that may take the answer from the client.
    @Test func aLastAnswerCanBeReadThoughMoreIsComing() {
        let floor = ServerFloor()
        let last = "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        #expect(floor.say(last + get) == ok("GET /a ", "close") + "|")
        #expect(floor.say(get) == "|")
        #expect(floor.peer.error == nil)
        #expect(!floor.host.connections.isEmpty)
        _ = floor.later(.seconds(3))
        #expect(floor.host.connections.isEmpty)
    }

    @Test func answersWithoutABody() {
        let floor = ServerFloor()
        #expect(
            floor.say("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n" + get)
                == "HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: keep-alive\r\n\r\n"
                + ok("GET /a "))
        #expect(
            floor.say("GET /none HTTP/1.1\r\nHost: a\r\n\r\n")
                == "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n")
        #expect(
            floor.say("GET /chunks HTTP/1.1\r\nHost: a\r\n\r\n")
                == "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "c\r\nGET /chunks \r\n0\r\n\r\n")
        #expect(
            floor.say("HEAD /chunks HTTP/1.1\r\nHost: a\r\n\r\n")
                == "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        // HTTP/1.0 knows no chunks.
        #expect(
            floor.say("GET /chunks HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                == ok("GET /chunks "))
    }

    @Test func continuation() {
        let floor = ServerFloor()
        let head =
            "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        #expect(floor.say(head) == "HTTP/1.1 100 Continue\r\n\r\n")
        #expect(floor.say("hi") == ok("POST /a hi"))
        #expect(floor.say(head + "hi") == ok("POST /a hi"))
        // A body that will be refused is not asked for.
        let large =
            "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\nExpect: 100-continue\r\n\r\n"
        #expect(floor.say(large).hasPrefix("HTTP/1.1 413 "))
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", 400), ("GET\r\n", 400),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n", 413),
        ("GET /" + String(repeating: "a", count: 17_000), 414),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "a", count: 17_000), 431),
        ("GET / HTTP/1.1\r\n" + String(repeating: "X: y\r\n", count: 65), 431),
        ("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    ]) func refusals(_ text: String, _ status: Int) {
        let floor = ServerFloor()
        let answer = floor.say(text + get)
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
        #expect(answer.contains("Connection: close\r\n") && answer.hasSuffix("|"))
        #expect(answer.split(separator: "HTTP/1.1 ").count == 1)
        // It can be read though more is coming, but not for ever.
        #expect(floor.peer.error == nil)
        #expect(floor.say(get) == "|")
        #expect(!floor.host.connections.isEmpty)
        _ = floor.later(.seconds(3))
        #expect(floor.host.connections.isEmpty)
    }

    @Test func slowClients() {
        let rules = ServerRules(
            headTimeout: .seconds(5), bodyTimeout: .seconds(7), idleTimeout: .seconds(9))
        // Nothing at all.
        #expect(ServerFloor(rules).later(.seconds(4)) == "")
        #expect(ServerFloor(rules).later(.seconds(6)) == "|")
        // A head that trickles in has the time of one that comes at once.
        let head = ServerFloor(rules)
        for _ in 0..<4 {
            #expect(head.say("G") == "")
            head.world.advance(by: .seconds(1))
        }
        #expect(head.later(.seconds(2)).hasPrefix("HTTP/1.1 408 "))
        let body = ServerFloor(rules)
        #expect(body.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n") == "")
        for _ in 0..<6 {
            #expect(body.say("x") == "")
            body.world.advance(by: .seconds(1))
        }
        #expect(body.later(.seconds(2)).hasPrefix("HTTP/1.1 408 "))
        // Between requests the time begins anew each time; then it goes without a word.
        let idle = ServerFloor(rules)
        for _ in 0..<3 {
            #expect(idle.say(get) == ok("GET /a "))
            idle.world.advance(by: .seconds(8))
        }
        #expect(idle.later(.seconds(2)) == "|")
    }

    @Test func framesBehindTheUpgradeInOneBuffer() throws {
        let floor = ServerFloor()
        let key = WebSocketKey(bytes: [UInt8](repeating: 7, count: 16))
        let handshake = WebSocketClientHandshake(url: try VenueURL("ws://a/"), key: key)
        let queue = ByteQueue()
        try handshake.write(to: queue)
        let encoder = WebSocketFrameEncoder(role: .client)
        try encoder.write(.text, "hello".utf8.span, maskKey: 7, to: queue)
        floor.peer.send(queue.withUnread { bytes in (0..<bytes.count).map { bytes[$0] } })
        let answer = floor.say("")
        #expect(answer.hasPrefix("HTTP/1.1 101 "))
        #expect(answer.hasSuffix("\u{5}hello"))
        // It has no deadline any more.
        #expect(floor.later(.seconds(1000)) == "")
        #expect(!floor.host.connections.isEmpty)
    }

    @Test func aClientThatDoesNotReadIsAnsweredNoMore() {
        let floor = ServerFloor(ServerRules(limits: HTTPLimits(bodyBytes: 1 << 20)))
        floor.peer.isReading = false
        let body = String(repeating: "x", count: 1 << 20)
        let post = "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: \(1 << 20)\r\n\r\n" + body
        for _ in 0..<20 { _ = floor.say(post) }
        let unwritten = floor.host.connections.values.map(\.stream.unwritten).max() ?? 0
        #expect(unwritten > 0 && unwritten < 4 << 20)
        floor.peer.isReading = true
        var received = 0
        for _ in 0..<2000 where received < 20 << 20 {
            floor.world.advance(by: .milliseconds(5))
            received += floor.peer.take().count
        }
        #expect(received > 20 << 20)
    }

    /// Also where all its questions have come at once: what they are answered with is bounded.
    @Test(arguments: [false, true]) func pipelinedAnswersWaitForTheReader(hasEnded: Bool) {
        let floor = ServerFloor()
        floor.peer.isReading = false
        let ask = "GET /big HTTP/1.1\r\nHost: a\r\n\r\n"
        floor.peer.send(String(repeating: ask, count: 32))
        if hasEnded { floor.peer.end() }
        floor.world.advance(by: .seconds(1))
        #expect(floor.host.mostUnwritten > 1 << 20)
        #expect(floor.host.mostUnwritten < 2 << 20)
        floor.peer.isReading = true
        var received = 0
        for _ in 0..<2000 where received < 16 << 20 {
            floor.world.advance(by: .milliseconds(5))
            received += floor.peer.take().count
        }
        floor.world.advance(by: .milliseconds(5))
        #expect(received + floor.peer.take().count > 16 << 20)
        #expect(floor.host.seen.count == 32)
        #expect(floor.peer.hasEnded == hasEnded)
        #expect(floor.peer.error == nil)
    }
}
