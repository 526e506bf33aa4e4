import OutcryComponents
import OutcryKernel
import OutcrySimulation
import OutcryWire
import Testing

/// Calls through a proxy, which the test plays at the bench's door.
@Suite struct HTTPProxyTests {
    private func bench(_ proxy: String) throws -> HTTPBench {
        let proxy = try HTTPProxy(proxy)
        return try HTTPBench { $0.proxies = ProxyRules(proxy, except: ["direct.example"]) }
    }

    private func call(_ bench: HTTPBench, _ number: Int, _ url: String) throws {
        let url = try VenueURL(url)
        bench.call(number, HTTPCall(get: url.target, at: url))
    }

    private func hear(_ bench: HTTPBench, _ peer: SimulatedPeer) -> [UInt8] {
        _ = bench.world.run(within: .seconds(1)) { !peer.received.isEmpty }
        return peer.take()
    }

    private func connection(_ bench: HTTPBench) throws -> SimulatedPeer {
        var peer: SimulatedPeer?
        _ = bench.world.run(within: .seconds(1)) {
            peer = bench.door.accept()
            return peer != nil
        }
        return try #require(peer)
    }

    @Test func plainCallsAreForwarded() throws {
        let bench = try bench("http://me:secret@localhost:80")
        try call(bench, 1, "http://far.example/path?x")
        let peer = try connection(bench)
        #expect(
            String(decoding: hear(bench, peer), as: UTF8.self)
                == "GET http://far.example/path?x HTTP/1.1\r\nHost: far.example\r\nUser-Agent: outcry\r\n"
                + "Accept-Encoding: gzip\r\nProxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n")
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        bench.world.advance(by: .milliseconds(10))
        #expect(bench.words(1) == "200 ok")
    }

    @Test func socks() throws {
        let bench = try bench("socks5://localhost:80")
        try call(bench, 1, "http://far.example:81/path")
        let peer = try connection(bench)
        #expect(hear(bench, peer) == [5, 1, 0])
        peer.send([5, 0])
        #expect(hear(bench, peer) == [5, 1, 0, 3, 11] + Array("far.example".utf8) + [0, 81])
        peer.send([5, 0, 0, 1, 1, 2, 3, 4, 0, 81])
        #expect(bench.answer(peer).hasPrefix("GET /path HTTP/1.1\r\nHost: far.example:81\r\n"))
        #expect(bench.words(1) == "200 ok")
        // The way stays open for the next call to the same host.
        try call(bench, 2, "http://far.example:81/more")
        #expect(bench.answer(peer).hasPrefix("GET /more "))
        try call(bench, 3, "http://other.example/")
        #expect(hear(bench, try connection(bench)) == [5, 1, 0])
    }

    /// All of the proxy's answers in one piece, or byte by byte.
    @Test(arguments: [false, true]) func socksWithAPassword(bytewise: Bool) throws {
        let bench = try bench("socks5h://me:secret@localhost:80")
        try call(bench, 1, "http://10.1.2.3/")
        let peer = try connection(bench)
        let answers: [UInt8] = [5, 2, 1, 0, 5, 0, 0, 3, 1, 97, 0, 80]
        for piece in bytewise ? answers.map({ [$0] }) : [answers] {
            peer.send(piece)
            bench.world.advance(by: .milliseconds(1))
        }
        bench.world.advance(by: .milliseconds(10))
        let heard = peer.take()
        let talk: [UInt8] =
            [5, 2, 0, 2, 1, 2] + Array("me".utf8) + [6] + Array("secret".utf8)
            + [5, 1, 0, 1, 10, 1, 2, 3, 0, 80]
        #expect(heard.starts(with: talk))
        #expect(
            String(decoding: heard.dropFirst(talk.count), as: UTF8.self)
                .hasPrefix("GET / HTTP/1.1\r\nHost: 10.1.2.3\r\n"))
    }

    @Test(arguments: [
        ("HTTP/1.1 407 x\r\n\r\n", "proxy: the proxy wants a name and a password, or others"),
        ("HTTP/1.1 502 Bad Gateway\r\n\r\n", "proxy: the proxy refused: 502 Bad Gateway"),
        ("HTTP/1.1 200 OK\r\n\r\nearly", "proxy: the proxy said more than that the way is open"),
        ("", "proxy: the proxy hung up: ended before a reply"),
    ]) func tunnelsThatDoNotOpen(_ answer: String, _ words: String) throws {
        let bench = try bench("http://localhost:80")
        try call(bench, 1, "https://far.example/")
        let peer = try connection(bench)
        #expect(
            String(decoding: hear(bench, peer), as: UTF8.self)
                == "CONNECT far.example:443 HTTP/1.1\r\nHost: far.example:443\r\n\r\n")
        peer.send(answer)
        if answer.isEmpty { peer.end() }
        bench.world.advance(by: .seconds(1))
        #expect(bench.words(1) == words)
        #expect(peer.hasEnded)
    }

    @Test func aSilentProxyIsGivenUp() throws {
        let bench = try bench("socks5://localhost:80")
        try call(bench, 1, "http://far.example/")
        _ = try connection(bench)
        bench.world.advance(by: .seconds(6))
        #expect(bench.words(1) == "no reply within 5.0 seconds")
    }

    @Test func exceptionsAreCalledDirectly() throws {
        let bench = try bench("http://localhost:80")
        try call(bench, 1, "http://direct.example/")
        bench.world.advance(by: .seconds(1))
        #expect(bench.words(1).contains("Name or service not known"))
        #expect(bench.door.accept() == nil)
    }
}
