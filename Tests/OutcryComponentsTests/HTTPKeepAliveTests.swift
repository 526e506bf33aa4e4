import OutcryBytes
import OutcryComponents
import OutcryKernel
import OutcrySimulation
import OutcryWire
import Testing

@Suite struct HTTPKeepAliveTests {
    private func post(_ number: Int, _ bench: HTTPBench) throws {
        let url = try VenueURL("http://localhost/")
        let head = HTTPRequestHead(method: "POST", target: "/order")
        bench.call(number, HTTPCall(url: url, request: head, body: Array("buy".utf8)))
    }

    @Test func oneConnectionForManyCalls() throws {
        let bench = try HTTPBench()
        try bench.get(1)
        let peer = try #require(bench.accept())
        #expect(bench.answer(peer).hasPrefix("GET / HTTP/1.1\r\n"))
        for call in 2...5 {
            try bench.get(call, "/\(call)")
            #expect(bench.answer(peer).hasPrefix("GET /\(call) HTTP/1.1\r\n"))
            #expect(bench.words(call) == "200 ok")
        }
        #expect(bench.next() == nil)
    }

    @Test func callsBeyondTheLimitWait() throws {
        let bench = try HTTPBench { $0.connectionsPerHost = 2 }
        for call in 1...5 { try bench.get(call, "/\(call)") }
        let first = try #require(bench.accept())
        let second = try #require(bench.accept())
        #expect(bench.next() == nil)
        #expect(bench.answer(second).contains("/2 "))
        #expect(bench.answer(second).contains("/3 "))
        #expect(bench.answer(second).contains("/4 "))
        // One that closes its connection makes room for a new one.
        let closing = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        #expect(bench.answer(first, closing).contains("/1 "))
        #expect(bench.answer(second).contains("/5 "))
        #expect(bench.caller.order == [2, 3, 4, 1, 5])
        #expect(first.hasEnded && !second.hasEnded)
    }

    @Test func aFreeConnectionIsClosedAfterATime() throws {
        let bench = try HTTPBench { $0.idleTimeout = .seconds(30) }
        try bench.get(1)
        let peer = try #require(bench.accept())
        _ = bench.answer(peer)
        bench.world.advance(by: .seconds(29))
        #expect(!peer.hasEnded)
        bench.world.advance(by: .seconds(2))
        #expect(peer.hasEnded)
        try bench.get(2)
        #expect(try #require(bench.accept()).text.hasPrefix("GET / "))
    }

    @Test func theKernelDoesNotGoOnForFreeConnections() throws {
        let kernel = Kernel(driver: Simulation(seed: 1))
        kernel.onLog = { _ in }
        let host = BriefHost()
        let caller = HTTPCaller()
        kernel.start(host, alias: "host")
        kernel.start(HTTPClient(HTTPClientOptions()), alias: "http")
        kernel.start(caller, alias: "caller")
        let call = HTTPCall(get: "/", at: try VenueURL("http://127.0.0.1/"))
        kernel.post(.makeCall, to: "caller", NumberedCall(number: 1, call: call))
        let start = kernel.now
        try kernel.run()
        #expect(caller.order == [1])
        #expect(kernel.now - start < .seconds(1))
    }

    @Test func aConnectionThatTheServerClosedIsTriedAnewOnce() throws {
        let bench = try HTTPBench()
        try bench.get(1)
        let peer = try #require(bench.accept())
        _ = bench.answer(peer)
        // The close crosses the request.
        try bench.get(2, "/again")
        bench.world.advance(by: .zero)
        peer.reset()
        let fresh = try #require(bench.accept())
        #expect(bench.answer(fresh).hasPrefix("GET /again "))
        #expect(bench.words(2) == "200 ok")
        // The second try is the last one.
        try bench.get(3, "/third")
        bench.world.advance(by: .zero)
        fresh.reset()
        let last = try #require(bench.accept())
        last.reset()
        bench.world.advance(by: .seconds(1))
        #expect(bench.words(3).hasPrefix("connection: "))
        #expect(bench.next() == nil)
    }

    @Test func aPostIsNotPutAgain() throws {
        let bench = try HTTPBench()
        try bench.get(1)
        let peer = try #require(bench.accept())
        _ = bench.answer(peer)
        try post(2, bench)
        _ = bench.world.run(within: .seconds(1)) { peer.text.contains("buy") }
        #expect(peer.text.hasSuffix("\r\n\r\nbuy"))
        peer.reset()
        bench.world.advance(by: .seconds(1))
        #expect(bench.words(2).hasPrefix("connection: "))
        #expect(bench.next() == nil)
    }

    @Test func aFreeConnectionThatEndsIsNotUsed() throws {
        let bench = try HTTPBench()
        try bench.get(1)
        let peer = try #require(bench.accept())
        _ = bench.answer(peer)
        peer.end()
        bench.world.advance(by: .milliseconds(10))
        #expect(peer.hasEnded)
        try post(2, bench)
        let fresh = try #require(bench.accept())
        #expect(bench.answer(fresh).hasSuffix("buy"))
        #expect(bench.words(2) == "200 ok")
    }

    @Test func deadlines() throws {
        let bench = try HTTPBench {
            $0.timeout = .seconds(60)
            $0.firstByteTimeout = .seconds(3)
            $0.connectionsPerHost = 1
        }
        try bench.get(1)
        let silent = try #require(bench.accept())
        try bench.get(2, "/waits")
        bench.world.advance(by: .seconds(4))
        #expect(bench.words(1) == "no reply within 3.0 seconds")
        #expect(silent.hasEnded)
        // The one that waited has its own three seconds; with a byte in time only the whole counts.
        let slow = try #require(bench.accept())
        bench.world.advance(by: .seconds(1))
        slow.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")
        for _ in 0..<4 {
            bench.world.advance(by: .seconds(4))
            slow.send("x")
        }
        bench.world.advance(by: .seconds(1))
        #expect(bench.words(2) == "200 xxxx")
        try bench.get(3)
        _ = bench.answer(slow, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")
        bench.world.advance(by: .seconds(61))
        #expect(bench.words(3) == "no reply within 60.0 seconds")
        #expect(slow.hasEnded)
    }

    @Test func aCallThatWaitsInVainTakesNoPlace() throws {
        let bench = try HTTPBench { $0.connectionsPerHost = 1 }
        try bench.get(1)
        let peer = try #require(bench.accept())
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")
        bench.world.advance(by: .seconds(1))
        try bench.get(2)
        bench.world.advance(by: .seconds(3))
        try bench.get(3, "/third")
        // The first is over at 5 s: the second gets a connection, and has but a second left.
        bench.world.advance(by: .seconds(3))
        #expect(bench.words(1) == "no reply within 5.0 seconds")
        #expect(bench.words(2) == "no reply within 5.0 seconds")
        _ = bench.accept()
        let last = try #require(bench.accept())
        #expect(bench.answer(last).hasPrefix("GET /third "))
        #expect(bench.words(3) == "200 ok")
    }

    /// Whatever the network does: every call is answered once, and no POST is done twice.
    @Test(arguments: 1...40 as ClosedRange<UInt64>) func aRoughWorld(seed: UInt64) throws {
        let bench = try HTTPBench({ $0.connectionsPerHost = 3 }, seed: seed)
        bench.world.faults = .rough(piece: 40, window: 200)
        var state = seed
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var peers: [SimulatedPeer] = []
        var orders = 0
        var posts = 0
        for call in 0..<60 {
            if random(3) == 0 {
                posts += 1
                try post(call, bench)
            } else {
                try bench.get(call, "/\(call)")
            }
            for _ in 0..<random(6) {
                bench.world.advance(by: .milliseconds(random(40)))
                while let peer = bench.door.accept() { peers.append(peer) }
                for peer in peers where peer.text.contains("\r\n\r\n") {
                    let isPost = peer.text.contains("POST")
                    guard !isPost || peer.text.hasSuffix("buy") else { continue }
                    if isPost { orders += 1 }
                    _ = peer.take()
                    switch random(6) {
                    case 0: peer.reset()
                    case 1:
                        peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok")
                        peer.end()
                    case 2:
                        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                        peer.end()
                    default: peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                    }
                }
            }
        }
        bench.world.advance(by: .seconds(20))
        #expect(bench.caller.order.count == 60, "seed \(seed)")
        #expect(Set(bench.caller.order).count == 60, "seed \(seed)")
        #expect(orders <= posts, "seed \(seed)")
    }
}

/// Answers one call, and is no reason to go on.
private final class BriefHost: Session {
    private var listener: ListenerWheel?

    static func handlers(_ on: inout Handlers<BriefHost>) {
        on(.started) { me, _, my in me.listener = try my.listen(on: .loopback(port: 80)) }
        on(.streamAccepted) { me, news, _ in
            me.listener?.close()
            news.stream.isBackground = true
        }
        on(.streamReceived) { _, stream, _ in
            stream.inbound.removeAll()
            stream.put("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8.span)
        }
    }
}
