import Glibc
import OutcryBytes
import OutcryKernel
import Testing

@testable import OutcryReactor

/// Secret streams over real sockets.
extension ReactorTests {
    /// Somebody at 127.0.0.1, and those who trust him.
    struct House {
        let authority: TestAuthority
        let server: TLSServerOptions
        let client: TLSClientOptions

        init() throws {
            authority = try TestAuthority()
            let party = try authority.issue(names: "IP:127.0.0.1,DNS:localhost")
            server = TLSServerOptions(identity: party.identity, protocols: ["echo"])
            client = TLSClientOptions(trust: authority.trust, protocols: ["echo"])
        }
    }

    @Test func secretEcho() throws {
        let house = try House()
        let bench = try Bench()
        var heard = ""
        var facts: [TLSFacts?] = []
        var reasons: [String] = []
        bench.server.started = { my in
            let listener = try my.listen(on: .loopback(port: 0), tls: house.server)
            bench.client.started = { my in
                let stream = my.connect(to: .address(listener.address), tls: house.client)
                stream.put("he")  // before it is there
            }
        }
        bench.server.accepted = { stream, _ in facts.append(stream.tls) }
        bench.server.received = { stream, _ in stream.put(stream.takeText()) }
        bench.client.opened = { stream, _ in
            facts.append(stream.tls)
            stream.put("llo")
        }
        bench.client.received = { stream, _ in
            heard += stream.takeText()
            if heard.count == 5 { stream.close() }
        }
        bench.client.closed = { news, _ in reasons.append("client \(news.reason)") }
        bench.server.ended = { stream, _ in
            reasons.append("server end")
            stream.close()
        }
        bench.server.closed = { news, my in
            reasons.append("server \(news.reason)")
            my.kernel.stop()
        }
        try bench.run()
        #expect(heard == "hello")
        #expect(facts.count == 2 && facts.allSatisfy { $0?.applicationProtocol == "echo" })
        #expect(reasons == ["client closed", "server end", "server closed"])
    }

    @Test func secretMebibytesThroughWaterMarks() throws {
        let house = try House()
        let bench = try Bench()
        let total = 3 << 20
        var options = StreamOptions()
        options.highWater = 64 << 10
        options.lowWater = 16 << 10
        options.inboundLimit = 50_000
        var sent = 0
        var heard = 0
        var wrong = 0
        var marks: [Bool] = []
        func fill(_ stream: StreamWheel) {
            while sent < total {
                let bytes = (sent..<sent + 4096).map(Self.pattern)
                let goesOn = stream.put(bytes.span)
                sent += 4096
                if !goesOn { return }
            }
            stream.close()
        }
        bench.server.started = { my in
            let listener = try my.listen(
                on: .loopback(port: 0), tls: house.server, options: options)
            bench.client.started = { my in
                _ = my.connect(
                    to: .address(listener.address), tls: house.client, options: options)
            }
        }
        bench.client.opened = { stream, _ in fill(stream) }
        bench.client.pressure = { news, _ in
            marks.append(news.isHigh)
            if !news.isHigh { fill(news.stream) }
        }
        // A slow reader: a bite, then a pause.
        bench.server.received = { stream, my in
            for byte in stream.take() {
                if byte != Self.pattern(heard) { wrong += 1 }
                heard += 1
            }
            stream.pauseReading()
            my.after(.milliseconds(1), .probeAlarm)
        }
        bench.server.alarm = { _ in bench.server.streams[0].resumeReading() }
        var end = ""
        bench.server.ended = { _, my in
            end = "in order"
            my.kernel.stop()
        }
        bench.server.closed = { news, my in
            end = "\(news.reason)"
            my.kernel.stop()
        }
        try bench.run()
        #expect(heard == total && wrong == 0)
        #expect(end == "in order")
        #expect(
            marks.count >= 4 && marks.enumerated().allSatisfy { $0.element == ($0.offset % 2 == 0) }
        )
    }

    @Test func aPausedSecretStreamDoesNotSpinAndLosesNothing() throws {
        let house = try House()
        let bench = try Bench()
        var options = StreamOptions()
        options.inboundLimit = 1000
        let total = 60_000
        var heard = 0
        var polls: UInt64 = 0
        var rounds = 0
        bench.server.started = { my in
            let listener = try my.listen(
                on: .loopback(port: 0), tls: house.server, options: options)
            bench.client.started = { my in
                _ = my.connect(to: .address(listener.address), tls: house.client)
            }
        }
        bench.client.opened = { stream, _ in
            let bytes = [UInt8](repeating: 7, count: total)
            stream.put(bytes.span)
        }
        // Much more is decrypted or waits to be than the stream may hold: it pauses with each full queue.
        bench.server.received = { stream, my in
            guard rounds < 3 else {
                heard += stream.take().count
                if heard == total { my.kernel.stop() }
                return
            }
            if polls == 0 {
                stream.pauseReading()
                my.after(.milliseconds(30), .probeAlarm)
                polls = my.kernel.snapshot().polls
            }
        }
        bench.server.alarm = { my in
            let stream = bench.server.streams[0]
            #expect(my.kernel.snapshot().polls - polls <= 6, "paused or full, not spinning")
            rounds += 1
            polls = my.kernel.snapshot().polls
            switch rounds {
            case 1:
                // Full, and nobody takes anything.
                stream.resumeReading()
                my.after(.milliseconds(30), .probeAlarm)
            case 2:
                stream.pauseReading()
                heard += stream.take().count
                #expect(heard == 1000)
                my.after(.milliseconds(30), .probeAlarm)
            default: stream.resumeReading()
            }
        }
        try bench.run()
        #expect(heard == total)
    }

    @Test func secretHalfClose() throws {
        let house = try House()
        let bench = try Bench()
        var log: [String] = []
        bench.server.started = { my in
            let listener = try my.listen(on: .loopback(port: 0), tls: house.server)
            bench.client.started = { my in
                let stream = my.connect(to: .address(listener.address), tls: house.client)
                stream.put("question")
                stream.endWriting()
            }
        }
        bench.server.received = { stream, _ in log.append("server " + stream.takeText()) }
        bench.server.ended = { stream, _ in
            log.append("server end")
            stream.put("answer")
            stream.close()
        }
        bench.client.received = { stream, _ in log.append("client " + stream.takeText()) }
        bench.client.ended = { stream, _ in
            log.append("client end")
            stream.close()
        }
        bench.client.closed = { _, my in my.kernel.stop() }
        try bench.run()
        #expect(log == ["server question", "server end", "client answer", "client end"])
    }

    /// What is put and not written when a stream is aborted is missing: the other side has to know.
    @Test func anAbortIsATruncation() throws {
        let house = try House()
        let bench = try Bench()
        var reason: StreamEnd?
        bench.server.started = { my in
            let listener = try my.listen(on: .loopback(port: 0), tls: house.server)
            bench.client.started = { my in
                _ = my.connect(to: .address(listener.address), tls: house.client)
            }
        }
        bench.client.opened = { stream, _ in
            stream.put("x")
            stream.abort()
        }
        bench.server.closed = { news, my in
            reason = news.reason
            my.kernel.stop()
        }
        try bench.run()
        guard case .insecure(let failure) = reason else {
            Issue.record("insecure, not \(String(describing: reason))")
            return
        }
        #expect(failure.check == .truncation)
    }

    @Test func handshakesHaveADeadline() throws {
        let house = try House()
        let bench = try Bench()
        var options = house.client
        options.handshakeTimeout = .milliseconds(40)
        var server = house.server
        server.handshakeTimeout = .milliseconds(60)
        // Takes connections, and says nothing.
        let silent = try RawPeer(listening: ())
        var peer: RawPeer?
        var reasons: [String] = []
        bench.server.refused = { news, my in
            reasons.append("server \(news.reason)")
            if reasons.count == 2 { my.kernel.stop() }
        }
        bench.server.started = { my in
            let listener = try my.listen(on: .loopback(port: 0), tls: server)
            peer = try RawPeer(connectedTo: listener.address.port)
            bench.client.started = { my in
                _ = my.connect(to: .host("127.0.0.1", port: silent.port), tls: options)
            }
        }
        bench.client.closed = { news, my in
            reasons.append("client \(news.reason)")
            if reasons.count == 2 { my.kernel.stop() }
        }
        try bench.run()
        #expect(
            reasons.first
                == "client TLS with 127.0.0.1 (time): expected a handshake within 0.04 seconds, found none"
        )
        #expect(reasons.last?.hasPrefix("server TLS with 127.0.0.1:") == true, "\(reasons)")
        #expect(peer?.read() == 0, "the connection is closed")
    }

    @Test func plainAndSecretDoNotMix() throws {
        let house = try House()
        let bench = try Bench()
        var log: [String] = []
        var peer: RawPeer?
        bench.server.started = { my in
            let secret = try my.listen(on: .loopback(port: 0), tls: house.server)
            let plain = try my.listen(on: .loopback(port: 0))
            peer = try RawPeer(connectedTo: secret.address.port)
            _ = peer?.send(Array("GET / HTTP/1.1\r\n\r\n".utf8))
            bench.client.started = { my in
                _ = my.connect(to: .address(plain.address), tls: house.client)
            }
        }
        bench.server.received = { stream, _ in
            _ = stream.take()
            stream.put("HTTP/1.1 400 Bad Request\r\n\r\n")
        }
        func note(_ reason: StreamEnd, _ my: Context) {
            if case .insecure(let failure) = reason {
                log.append("\(failure.check) \(failure.found)")
            } else {
                log.append("\(reason)")
            }
            if log.count == 2 { my.kernel.stop() }
        }
        bench.server.refused = { news, my in note(news.reason, my) }
        bench.client.closed = { news, my in note(news.reason, my) }
        try bench.run()
        #expect(
            log.sorted() == [
                "notTLS \"GET / HTTP/1.1\"", "notTLS \"HTTP/1.1 400 Bad Request\"",
            ])
        #expect(peer != nil)
    }

    @Test func aStrangersCertificateEndsTheDial() throws {
        let house = try House()
        let bench = try Bench()
        let other = try TestAuthority("Other")
        var log: [String] = []
        bench.server.started = { my in
            let listener = try my.listen(on: .loopback(port: 0), tls: house.server)
            let port = listener.address.port
            bench.client.started = { my in
                _ = my.connect(
                    to: .address(listener.address), tls: TLSClientOptions(trust: other.trust))
                var named = house.client
                named.serverName = "venue.example"
                _ = my.connect(to: .host("127.0.0.1", port: port), tls: named)
                _ = my.connect(
                    to: .address(listener.address),
                    tls: TLSClientOptions(trust: .authorities(.text("nothing"))))
            }
        }
        bench.client.opened = { _, _ in log.append("opened") }
        bench.client.closed = { news, my in
            if case .insecure(let failure) = news.reason {
                log.append("\(failure.check) \(failure.name)")
            }
            if log.count == 3 { my.kernel.stop() }
        }
        try bench.run()
        #expect(
            log.sorted() == [
                "authority 127.0.0.1", "name venue.example", "options authorities 7 bytes of PEM",
            ])
    }

    @Test func aListenerNeedsACertificate() throws {
        let bench = try Bench()
        let house = try House()
        var words = ""
        bench.server.started = { my in
            var options = house.server
            options.identity.key = .text("none")
            do { _ = try my.listen(on: .loopback(port: 0), tls: options) } catch {
                words = "\(error)"
            }
            my.kernel.stop()
        }
        try bench.run()
        #expect(words.contains("listen: TLS with key 4 bytes of PEM (options)"), "\(words)")
    }

    /// As behind a proxy: the stream is open, then made secret.
    @Test func anOpenStreamIsMadeSecret() throws {
        let house = try House()
        let bench = try Bench()
        var log: [String] = []
        bench.server.started = { my in
            let listener = try my.listen(on: .loopback(port: 0))
            let venue = try my.listen(on: .loopback(port: 0), tls: house.server)
            bench.server.listeners = [listener, venue]
            bench.client.started = { my in _ = my.connect(to: .address(listener.address)) }
        }
        // A proxy of a few lines: the first stream is the client's, the plain one behind it the venue's.
        var legs: [StreamWheel] = []
        bench.server.accepted = { stream, my in
            if stream.tls == nil { legs.append(stream) }
        }
        bench.server.opened = { stream, _ in
            legs.append(stream)
            legs[0].put("connected")
        }
        bench.server.received = { stream, my in
            if legs.count == 1 {
                #expect(stream.takeText() == "connect")
                _ = my.connect(to: .address(bench.server.listeners[1].address))
            } else if let i = legs.firstIndex(where: { $0 === stream }) {
                let bytes = stream.take()
                legs[1 - i].put(bytes.span)
            } else {
                stream.put("secret " + stream.takeText())
            }
        }
        bench.client.opened = { stream, _ in stream.put("connect") }
        bench.client.received = { stream, my in
            let text = stream.takeText()
            log.append(text)
            if text == "connected" {
                stream.secure(house.client, serverName: "localhost")
                stream.put("hello")
            } else {
                my.kernel.stop()
            }
        }
        bench.client.secured = { stream, _ in log.append("\(stream.tls?.serverName ?? "none")") }
        try bench.run()
        #expect(log == ["connected", "localhost", "secret hello"])
    }

    /// A secret stream on which nothing happens costs no turn; one that was closed leaves nothing behind,
    /// and its tickets, which came later, are there.
    @Test func idleAndGone() throws {
        let house = try House()
        let bench = try Bench()
        var polls: UInt64 = 0
        var rounds = 0
        var resumed: Bool?
        var address = SocketAddress.loopback(port: 0)
        bench.server.started = { my in
            let listener = try my.listen(on: .loopback(port: 0), tls: house.server)
            address = listener.address
            bench.client.started = { my in
                bench.client.streams = [my.connect(to: .address(address), tls: house.client)]
            }
        }
        bench.client.opened = { stream, my in
            if bench.client.streams.count == 2 {
                resumed = stream.tls?.isResumed
                my.kernel.stop()
            } else {
                my.after(.milliseconds(20), .probeAlarm)
            }
        }
        bench.client.alarm = { my in
            rounds += 1
            let now = my.kernel.snapshot().polls
            switch rounds {
            case 1:
                polls = now
                my.after(.milliseconds(50), .probeAlarm)
            case 2:
                #expect(now - polls <= 2, "idle, not spinning")
                bench.client.streams[0].close()
                polls = now
                my.after(.milliseconds(50), .probeAlarm)
            default:
                #expect(now - polls <= 6, "gone, not spinning")
                #expect(bench.reactor.departing.isEmpty && bench.reactor.leftovers.isEmpty)
                #expect(bench.reactor.slots.count { $0.socket != nil } == 1, "the listener alone")
                bench.client.streams.append(
                    my.connect(to: .address(address), tls: house.client))
            }
        }
        try bench.run()
        #expect(resumed == true)
    }

    @Test func sessionsGoOnOverSockets() throws {
        let house = try House()
        let bench = try Bench()
        var resumed: [Bool?] = []
        bench.server.started = { my in
            let listener = try my.listen(on: .loopback(port: 0), tls: house.server)
            bench.client.alarm = { my in
                _ = my.connect(to: .address(listener.address), tls: house.client)
            }
            bench.client.started = { my in my.yield(.probeAlarm) }
        }
        bench.server.accepted = { stream, _ in stream.put("hello") }
        bench.client.received = { stream, my in
            _ = stream.take()
            resumed.append(stream.tls?.isResumed)
            stream.close()
            if resumed.count == 3 { my.kernel.stop() } else { my.yield(.probeAlarm) }
        }
        try bench.run()
        #expect(resumed == [false, true, true])
    }
}
