import OutcryComponents
import OutcryKernel
import OutcrySimulation
import OutcryWire
import Testing

@Suite struct HTTPClientTests {
    @Test func theRequest() throws {
        let bench = try HTTPBench()
        try bench.get(1, "/path?a=b")
        let text = try #require(bench.accept()).text
        #expect(
            text == "GET /path?a=b HTTP/1.1\r\nHost: localhost\r\nUser-Agent: outcry\r\n"
                + "Accept-Encoding: gzip\r\n\r\n")
    }

    @Test func aBodyIsSentWithItsLength() throws {
        let bench = try HTTPBench()
        let url = try VenueURL("http://localhost:80/")
        var head = HTTPRequestHead(method: "POST", target: "/order")
        bench.call(1, HTTPCall(url: url, request: head, body: Array("a=1".utf8)))
        let first = try #require(bench.accept()).text
        #expect(first.hasSuffix("Content-Length: 3\r\n\r\na=1"))
        head.target = "/empty"
        bench.call(2, HTTPCall(url: url, request: head))
        #expect(try #require(bench.accept()).text.contains("Content-Length: 0\r\n"))
    }

    @Test(arguments: [false, true]) func everyFraming(bytewise: Bool) throws {
        let head = "HTTP/1.1 200 OK\r\n"
        let length = try HTTPBench().outcome(
            head + "Content-Length: 5\r\n\r\nhello", bytewise: bytewise)
        #expect(length == "200 hello")
        let chunked = try HTTPBench().outcome(
            head + "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nT: 1\r\n\r\n",
            bytewise: bytewise)
        #expect(chunked == "200 hello")
        let untilClose = try HTTPBench().outcome(head + "\r\nhello", ends: true, bytewise: bytewise)
        #expect(untilClose == "200 hello")
        let interim = try HTTPBench().outcome(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\n" + head
                + "Content-Length: 5\r\n\r\nhello", bytewise: bytewise)
        #expect(interim == "200 hello")
        let none = try HTTPBench().outcome("HTTP/1.1 204 No Content\r\n\r\n", bytewise: bytewise)
        #expect(none == "204 ")
    }

    @Test func whatGoesWrongIsNamed() throws {
        #expect(
            try HTTPBench().outcome("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel", ends: true)
                .hasPrefix("malformed reply: endedEarly at byte 3"))
        #expect(
            try HTTPBench().outcome(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel", ends: true
            ).hasPrefix("malformed reply: endedEarly at byte 6"))
        #expect(try HTTPBench().outcome("", ends: true) == "connection: ended before a reply")
        #expect(
            try HTTPBench().outcome("HTTP/1.1 100 Continue\r\n\r\n", ends: true)
                == "connection: ended before a reply")
        #expect(try HTTPBench().outcome("<html>\r\n\r\n").contains("expected HTTP/1.1, found"))
        #expect(
            try HTTPBench().outcome("HTTP/1.1 200 OK\r\n\r\nhel") == "no reply within 5.0 seconds")
        #expect(
            try HTTPBench({ $0.bodyLimit = 10 }).outcome(
                "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n"
            )
            .contains("expected a body of at most 10 bytes"))
        #expect(
            try HTTPBench({ $0.bodyLimit = 10 }).outcome("HTTP/1.1 200 OK\r\n\r\nhello, world")
                .contains(
                    "expected a body of at most 10 bytes"))
    }

    @Test func nobodyThere() throws {
        let bench = try HTTPBench()
        bench.door.close()
        try bench.get(1)
        bench.call(2, HTTPCall(get: "/", at: try VenueURL("https://localhost/")))
        bench.call(3, HTTPCall(get: "/", at: try VenueURL("http://nowhere.example/")))
        bench.call(4, HTTPCall(get: "/a b", at: try VenueURL("http://localhost/")))
        bench.world.advance(by: .seconds(6))
        #expect(bench.words(1).contains("Connection refused (111)"))
        #expect(bench.words(2).contains("Connection refused (111)"))
        #expect(bench.words(3).contains("Name or service not known"))
        #expect(bench.words(4).contains("unwritable"))
    }

    @Test func aReset() throws {
        let bench = try HTTPBench()
        try bench.get(1)
        try #require(bench.accept()).reset()
        bench.world.advance(by: .seconds(1))
        #expect(bench.words(1) == "connection: recv: Connection reset by peer (104)")
    }

    @Test func manyInParallelEachWithItsOwnDeadline() throws {
        let bench = try HTTPBench { $0.connectionsPerHost = 200 }
        for i in 0..<200 {
            try bench.get(i, "/\(i)")
            bench.world.advance(by: .milliseconds(10))
        }
        var peers: [SimulatedPeer] = []
        while let peer = bench.door.accept() { peers.append(peer) }
        #expect(peers.count == 200)
        // Every third is never answered; the others are, the last one first.
        for (i, peer) in peers.enumerated().reversed() where i % 3 != 0 {
            let body = peer.text.split(separator: " ")[1]
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }
        bench.world.advance(by: .seconds(10))
        #expect(bench.caller.results.count == 200)
        for i in 0..<200 {
            #expect(
                bench.words(i) == (i % 3 == 0 ? "no reply within 5.0 seconds" : "200 /\(i)"))
        }
        #expect(bench.caller.order.suffix(67) == (0..<200).filter { $0 % 3 == 0 }[...])
    }

    @Test func aLargeBodyArrivesWhole() throws {
        let bench = try HTTPBench { $0.bodyLimit = 8 << 20 }
        try bench.get(1)
        let peer = try #require(bench.accept())
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n")
        peer.send(body)
        _ = bench.world.run(within: .seconds(4)) { bench.caller.results[1] != nil }
        guard case .success(let reply) = bench.caller.results[1] else {
            Issue.record("\(bench.words(1))")
            return
        }
        #expect(reply.body == body)
    }
}
