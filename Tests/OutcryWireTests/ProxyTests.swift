import OutcryWire
import Testing

/// A negotiation under the verifier.
private struct VerifiedProxy: VerifiedCodec {
    var log: [String] = []
    let promised: Int? = nil
    private var talk: ProxyNegotiation
    private var isOpen = false

    init(_ talk: ProxyNegotiation) { self.talk = talk }

    mutating func read(_ bytes: inout MutableSpan<UInt8>, at position: inout Int) -> Bool {
        while !isOpen {
            do throws(ProxyError) {
                switch try talk.next(bytes.span, at: &position) {
                case .needMore: return true
                case .send(let answer): log.append("send \(shown(answer))")
                case .open:
                    log.append("open")
                    isOpen = true
                }
            } catch {
                log.append("\(error)")
                return false
            }
        }
        return true
    }

    mutating func end() {}
}

@Suite struct ProxyTests {
    private func me() throws -> ProxyCredentials {
        try ProxyCredentials(user: "me", password: "se:cret")
    }

    private func log(_ talk: ProxyNegotiation, _ bytes: [UInt8]) -> [String] {
        verify(bytes) { VerifiedProxy(talk) }
    }

    @Test func tunnels() throws {
        let plain = try ProxyNegotiation(.http, host: "a.example", port: 443)
        #expect(
            String(decoding: plain.hello, as: UTF8.self)
                == "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n")
        let six = try ProxyNegotiation(.http, host: "::1", port: 8443, credentials: me())
        #expect(
            String(decoding: six.hello, as: UTF8.self)
                == "CONNECT [::1]:8443 HTTP/1.1\r\nHost: [::1]:8443\r\n"
                + "Proxy-Authorization: Basic bWU6c2U6Y3JldA==\r\n\r\n")
        func answer(_ text: String) -> [String] { log(plain, Array(text.utf8)) }
        #expect(answer("HTTP/1.1 200 Connection established\r\n\r\n") == ["open"])
        #expect(answer("HTTP/1.0 200\r\nContent-Length: 5\r\n\r\n") == ["open"])
        #expect(answer("HTTP/1.1 102 x\r\n\r\nHTTP/1.1 204 x\r\n\r\n") == ["open"])
        #expect(
            answer("HTTP/1.1 502 Bad Gateway\r\n\r\n") == ["the proxy refused: 502 Bad Gateway"])
        #expect(
            answer("HTTP/1.1 407 x\r\n\r\n")
                == ["the proxy wants a name and a password, or others"])
        #expect(answer("HTTP/1.1 101 x\r\n\r\n") == ["the proxy refused: 101 x"])
        #expect(answer("SSH-2.0\r\n")[0].hasPrefix("the proxy's answer is malformed"))
    }

    @Test func socks() throws {
        let plain = try ProxyNegotiation(.socks5, host: "a.example", port: 443)
        #expect(plain.hello == [5, 1, 0])
        let request = "send 5.1.0.3.9.61.2e.65.78.61.6d.70.6c.65.1.bb"
        let open: [UInt8] = [5, 0, 5, 0, 0, 1, 127, 0, 0, 1, 0, 80]
        #expect(log(plain, open) == [request, "open"])
        #expect(log(plain, [5, 0, 5, 0, 0, 3, 1, 97, 0, 80]) == [request, "open"])
        let six = [5, 0, 5, 0, 0, 4] + [UInt8](repeating: 0, count: 18)
        #expect(log(plain, six) == [request, "open"])
        #expect(log(plain, [5, 0, 5, 5]) == [request, "the proxy refused: 5 connection refused"])
        #expect(log(plain, [5, 0xFF]) == ["the proxy wants a name and a password, or others"])
        for bad: [UInt8] in [
            [4, 0], [5, 2], [5, 1], [5, 0, 4], [5, 0, 5, 0, 1, 1], [5, 0, 5, 0, 0, 2],
        ] {
            #expect(log(plain, bad).last?.hasPrefix("the proxy's answer is malformed") == true)
        }
    }

    @Test func socksWithAPassword() throws {
        let talk = try ProxyNegotiation(
            .socks5, host: "10.1.2.3", port: 80, credentials: me())
        #expect(talk.hello == [5, 2, 0, 2])
        let word = "send 1.2.6d.65.7.73.65.3a.63.72.65.74"
        let request = "send 5.1.0.1.a.1.2.3.0.50"
        #expect(
            log(talk, [5, 2, 1, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0]) == [word, request, "open"])
        #expect(
            log(talk, [5, 2, 1, 9]) == [word, "the proxy wants a name and a password, or others"])
        // One that wants none gets none.
        #expect(log(talk, [5, 0]) == [request])
        let six = try ProxyNegotiation(.socks5, host: "1:2::ffff:1.2.3.4", port: 80)
        #expect(log(six, [5, 0]) == ["send 5.1.0.4.0.1.0.2.0.0.0.0.0.0.ff.ff.1.2.3.4.0.50"])
    }

    @Test func whatCannotBeTold() throws {
        for (user, password) in [("", "x"), ("a:b", "x"), ("a\r\n", "x"), ("a", "x\n")] {
            #expect(throws: CodecError.self) {
                try ProxyCredentials(user: user, password: password)
            }
        }
        let long = String(repeating: "x", count: 256)
        #expect(throws: CodecError.self) { try ProxyCredentials(user: long, password: "") }
        #expect(throws: CodecError.self) {
            try ProxyNegotiation(.socks5, host: long, port: 1)
        }
    }

    @Test func urls() throws {
        func shown(_ text: String) throws -> String { "\(try HTTPProxy(text))" }
        #expect(try shown("proxy") == "http://proxy:80")
        #expect(try shown("proxy:3128") == "http://proxy:3128")
        #expect(try shown("HTTP://Proxy.Example:3128/") == "http://proxy.example:3128")
        #expect(try shown("socks5://proxy") == "socks5h://proxy:1080")
        #expect(try shown("socks5h://[::1]:80") == "socks5h://[::1]:80")
        #expect(try shown("socks5://[::1]") == "socks5h://[::1]:1080")
        let proxy = try HTTPProxy("http://us%40er:p%3Aw@proxy:1")
        #expect(proxy.credentials == (try ProxyCredentials(user: "us@er", password: "p:w")))
        for bad in [
            "https://proxy", "ftp://proxy", "", "http://", "http://a b", "proxy:0", "proxy:x",
        ] {
            #expect(throws: CodecError.self, "\(bad)") { try HTTPProxy(bad) }
        }
    }

    @Test func nothingSecretIsShown() throws {
        var all = ""
        let proxy = try HTTPProxy("http://qwertz:hunter77@proxy:1")
        let rules = ProxyRules(proxy)
        all += "\(proxy) \(String(reflecting: proxy)) \(rules) \(String(reflecting: rules))"
        dump(rules, to: &all)
        for bad in [
            "http://qwertz:hunt/er77@proxy", "http://qwertz:hunter77%@proxy",
            "ftp://qwertz:hunter77@proxy",
            "http://qwertz:hunter77@pro xy", "http://qwertz:hunter77@proxy:x",
            "http://qwertz:hunter77@",
            "http://na:me:hunter77\u{1}@proxy", "http://qwertz:hunter77@a@b:x",
        ] {
            for variable in ["HTTP_PROXY", "all_proxy"] {
                do {
                    _ = try ProxyRules(environment: [variable: bad])
                } catch { all += "\(error)" }
            }
            do { _ = try HTTPProxy(bad) } catch { all += "\(error)" }
        }
        #expect(all.contains("(secret)"))
        for part in ["qwertz", "hunt", "er77"] {
            #expect(!all.contains(part), "\(part) in \(all)")
        }
    }

    @Test func environment() throws {
        func proxy(_ environment: [String: String], _ url: String) throws -> String {
            let rules = try ProxyRules(environment: environment)
            return rules.proxy(for: try VenueURL(url)).map { "\($0.host)" } ?? "none"
        }
        #expect(try proxy([:], "http://a/") == "none")
        let both = ["HTTP_PROXY": "one", "HTTPS_PROXY": "two", "ALL_PROXY": "socks5://all"]
        #expect(try proxy(both, "http://a/") == "one")
        #expect(try proxy(both, "ws://a/") == "one")
        #expect(try proxy(both, "https://a/") == "two")
        #expect(try proxy(both, "wss://a/") == "two")
        #expect(try proxy(["all_proxy": "all"], "https://a/") == "all")
        #expect(try proxy(["https_proxy": "low", "HTTPS_PROXY": "up"], "https://a/") == "low")
        #expect(try proxy(["https_proxy": "", "HTTPS_PROXY": "up"], "https://a/") == "up")
        #expect(try proxy(["HTTP_PROXY": "up", "REQUEST_METHOD": "GET"], "http://a/") == "none")
        #expect(try proxy(["http_proxy": "low", "REQUEST_METHOD": "GET"], "http://a/") == "low")
        #expect(throws: CodecError.self) { try ProxyRules(environment: ["ALL_PROXY": "x://y"]) }
    }

    @Test(arguments: [
        ("*", "http://a/", true), ("a", "http://a/", true), ("a", "http://b/", false),
        ("example.com", "http://www.example.com/", true),
        (".example.com", "http://www.example.com/", true),
        (".example.com", "http://example.com/", true),
        ("*.example.com", "http://www.example.com/", true),
        ("example.com", "http://badexample.com/", false),
        ("example.com", "http://example.com.bad/", false),
        ("EXAMPLE.com.", "http://Example.Com/", true), ("a:80", "http://a/", true),
        ("a:81", "http://a/", false), ("a:x", "http://a/", false), ("x, a", "http://a/", true),
        ("x a", "http://a/", true), ("10.0.0.1", "http://10.0.0.1/", true),
        ("10.0.0.0/8", "http://10.200.0.1/", true), ("10.0.0.0/8", "http://11.0.0.1/", false),
        ("0.0.0.0/0", "http://11.0.0.1/", true), ("10.0.0.0/33", "http://10.0.0.0/", false),
        ("10.0.0.0/8", "http://ten.example/", false), ("::1", "http://[::1]/", true),
        ("[::1]", "http://[0::1]/", true), ("[::1]:80", "http://[::1]/", true),
        ("[::1]:81", "http://[::1]/", false), (",", "http://a/", false), (".", "http://a/", false),
    ]) func exceptions(_ list: String, _ url: String, _ isException: Bool) throws {
        let rules = try ProxyRules(environment: ["http_proxy": "proxy", "NO_PROXY": list])
        #expect((rules.proxy(for: try VenueURL(url)) == nil) == isException)
    }
}
