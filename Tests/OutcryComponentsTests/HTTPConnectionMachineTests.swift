import OutcryWire
import Testing

@testable import OutcryComponents

@Suite struct HTTPConnectionMachineTests {
    private func make(_ url: String, _ proxy: String? = nil) throws -> HTTPConnectionMachine {
        HTTPConnectionMachine(
            HTTPOrigin(try VenueURL(url), try proxy.map { try HTTPProxy($0) }), bodyLimit: 1000)
    }

    private func words(_ step: HTTPConnectionMachine.Step) -> String {
        switch step {
        case .wait: "wait"
        case .send(let bytes): "send " + String(decoding: bytes, as: UTF8.self)
        case .secure: "secure"
        case .ready: "ready"
        case .reply(let reply, let isFree):
            "\(reply.head.status) \(String(decoding: reply.body, as: UTF8.self))"
                + (isFree ? ", free" : ", over")
        case .failure(let failure, let mayRepeat): "\(failure)\(mayRepeat ? ", may repeat" : "")"
        }
    }

    private func give(_ text: String, _ machine: inout HTTPConnectionMachine) -> String {
        let bytes = Array(text.utf8)
        var position = 0
        return words(machine.received(bytes.span, &position))
    }

    private let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    @Test func callsOneAfterTheOther() throws {
        var machine = try make("http://a/")
        #expect(words(machine.opened()) == "ready")
        for _ in 0..<3 {
            machine.begin("GET", closes: false, inflates: true)
            #expect(give("HTTP/1.1 100 Continue\r\n\r\n", &machine) == "wait")
            #expect(machine.state == .answered)
            #expect(give(ok, &machine) == "200 ok, free")
        }
        machine.begin("HEAD", closes: false, inflates: true)
        #expect(
            give("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", &machine) == "200 , free")
        machine.begin("GET", closes: true, inflates: true)
        #expect(give(ok, &machine) == "200 ok, over")
    }

    /// The framing, the version and the fields say whether a connection can be used again.
    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "200 ok, free"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1", "200 ok, over"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", "200 ok, over"),
        ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "200 ok, over"),
        (
            "HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok",
            "200 ok, free"
        ),
        ("HTTP/1.1 204 No Content\r\n\r\n", "204 , free"),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", "304 , free"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "200 ok, free"
        ),
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "malformed"),
        (
            String(repeating: "HTTP/1.1 102 Processing\r\n\r\n", count: 17), "malformed"
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", "malformed"),
    ]) func use(_ reply: String, _ outcome: String) throws {
        var machine = try make("http://a/")
        _ = machine.opened()
        machine.begin("GET", closes: false, inflates: true)
        #expect(give(reply, &machine).hasPrefix(outcome))
    }

    @Test func gzip() throws {
        let plain = [UInt8](repeating: 0x61, count: 900)
        func reply(_ body: [UInt8], inflates: Bool) throws -> HTTPConnectionMachine.Step {
            var machine = try make("http://a/")
            _ = machine.opened()
            machine.begin("GET", closes: false, inflates: inflates)
            let packed = try Gzip.compress(body.span)
            let head =
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(packed.count)\r\n\r\n"
            let bytes = Array(head.utf8) + packed
            var position = 0
            return machine.received(bytes.span, &position)
        }
        guard case .reply(let whole, true) = try reply(plain, inflates: true) else {
            Issue.record("no reply")
            return
        }
        #expect(whole.body == plain)
        #expect(whole.head.fields["Content-Encoding"] == nil)
        guard case .reply(let packed, true) = try reply(plain, inflates: false) else {
            Issue.record("no reply")
            return
        }
        #expect(packed.body.count < 100 && packed.head.fields["Content-Encoding"] == "gzip")
        // 100,000 bytes in some hundred are refused at the limit of 1000.
        let bomb = [UInt8](repeating: 0, count: 100_000)
        #expect(words(try reply(bomb, inflates: true)).contains("a body of at most 1000 bytes"))
        var machine = try make("http://a/")
        _ = machine.opened()
        machine.begin("GET", closes: false, inflates: true)
        #expect(
            give(
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok", &machine
            )
            .hasPrefix("malformed reply"))
    }

    /// What is put again, and what is not.
    @Test func secondTries() throws {
        func end(
            _ method: String, calls: Int, _ bytes: String = "", isUntouched: Bool = false
        ) throws -> String {
            var machine = try make("http://a/")
            _ = machine.opened()
            for _ in 1..<calls {
                machine.begin("GET", closes: false, inflates: true)
                _ = give(ok, &machine)
            }
            machine.begin(method, closes: false, inflates: true)
            if !bytes.isEmpty { _ = give(bytes, &machine) }
            return words(machine.lost("gone", isUntouched: isUntouched))
        }
        for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"] {
            #expect(try end(method, calls: 2) == "connection: gone, may repeat")
            // A new connection was not closed before the request came.
            #expect(try end(method, calls: 1) == "connection: gone")
            #expect(try end(method, calls: 2, "H") == "connection: gone")
        }
        for method in ["POST", "PATCH", "get", "BUY"] {
            #expect(try end(method, calls: 2) == "connection: gone")
            #expect(try end(method, calls: 2, isUntouched: true) == "connection: gone, may repeat")
            #expect(try end(method, calls: 1, isUntouched: true) == "connection: gone")
        }
    }

    @Test func waysThroughProxies() throws {
        var direct = try make("http://a/", "http://proxy")
        #expect(words(direct.opened()) == "ready")
        var tunnel = try make("https://a/", "http://proxy")
        #expect(words(tunnel.opened()) == "send CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n")
        #expect(give("HTTP/1.1 200 OK\r\n\r\n", &tunnel) == "secure")
        #expect(tunnel.state == .securing)
        #expect(words(tunnel.secured()) == "ready")
        var socks = try make("http://a/", "socks5://proxy")
        #expect(words(socks.opened()) == "send \u{5}\u{1}\0")
        #expect(give("\u{5}\0", &socks) == "send \u{5}\u{1}\0\u{3}\u{1}a\0P")
        #expect(give("\u{5}\0\0\u{1}aaaaPP", &socks) == "ready")
        // What belongs to nobody must not be taken for the destination's.
        var early = try make("https://a/", "http://proxy")
        _ = early.opened()
        #expect(give("HTTP/1.1 200 OK\r\n\r\nx", &early).hasPrefix("proxy: the proxy said more"))
        var closed = try make("https://a/", "http://proxy")
        _ = closed.opened()
        #expect(words(closed.ended()).hasPrefix("proxy: the proxy hung up"))
    }

    @Test func bytesWithoutACallEndTheConnection() throws {
        var machine = try make("http://a/")
        _ = machine.opened()
        machine.begin("GET", closes: false, inflates: true)
        _ = give(ok, &machine)
        #expect(give("HTTP/1.1 408 x\r\n\r\n", &machine).hasPrefix("connection: bytes came"))
        #expect(machine.state == .over)
    }
}
