import OutcryWire
import Testing

@Suite struct VenueURLTests {
    @Test func parts() throws {
        let cases: [(String, VenueURL.Scheme, String, Int, String, String)] = [
            ("ws://a", .ws, "a", 80, "/", "a"),
            (
                "wss://Socketio.MtGox.com/mtgox?Currency=USD", .wss, "socketio.mtgox.com", 443,
                "/mtgox?Currency=USD", "socketio.mtgox.com"
            ),
            ("HTTP://127.0.0.1:8080/a/b", .http, "127.0.0.1", 8080, "/a/b", "127.0.0.1:8080"),
            ("https://a:443?x=%20", .https, "a", 443, "/?x=%20", "a"),
            ("ws://[2001:db8::1]:81/", .ws, "2001:db8::1", 81, "/", "[2001:db8::1]:81"),
            ("ws://[::FFFF:1.2.3.4]", .ws, "::ffff:1.2.3.4", 80, "/", "[::ffff:1.2.3.4]"),
            ("ws://[1:2:3:4:5:6:7:8]", .ws, "1:2:3:4:5:6:7:8", 80, "/", "[1:2:3:4:5:6:7:8]"),
        ]
        for (text, scheme, host, port, target, field) in cases {
            let url = try VenueURL(text)
            #expect(url.scheme == scheme && url.host == host && url.port == port, "\(text)")
            #expect(url.target == target && url.hostField == field, "\(text)")
            #expect(try VenueURL(url.description) == url)
            #expect(url.isIPv6 == text.contains("["))
        }
    }

    @Test func refusalsSayWhereAndWhat() {
        let cases: [(String, Int, String)] = [
            ("", 0, "ws://, wss://, http:// or https://"),
            ("a/b", 0, "ws://, wss://, http:// or https://"),
            ("ftp://a", 0, "the scheme ws, wss, http, https, socketio+http or socketio+https"),
            ("ws:a", 3, "\"//\" behind ws:"),
            ("ws://", 5, "a host"), ("ws:///x", 5, "a host"),
            ("ws://:80", 5, "a host of 1 to 253 bytes"),
            ("ws://a b", 6, "printing ASCII"), ("ws://ä", 5, "printing ASCII"),
            ("ws://u:p@a", 8, "no user name (credentials do not belong in a URL)"),
            ("ws://a:0", 7, "a port from 1 to 65535"),
            ("ws://a:65536", 7, "a port from 1 to 65535"),
            ("ws://a:", 7, "a port from 1 to 65535"), ("ws://a:+1", 7, "a port from 1 to 65535"),
            ("ws://a:8x", 7, "a port from 1 to 65535"), ("ws://a/#x", 7, "no fragment"),
            ("ws://a#x", 6, "no fragment"), ("ws://a/%2", 7, "'%' and two hex digits"),
            ("ws://a/%zz", 7, "'%' and two hex digits"),
            ("ws://[::1", 5, "']' behind an IPv6 address"),
            ("ws://[::1]x", 10, "':', '/' or the end"), ("ws://[1::2::3]", 6, "an IPv6 address"),
            ("ws://[1:2:3]", 6, "an IPv6 address"), ("ws://[]", 6, "an IPv6 address"),
            ("ws://[:::]", 6, "an IPv6 address"), ("ws://[12345::]", 6, "an IPv6 address"),
            ("ws://[::1.2.3.256]", 6, "an IPv6 address"),
            ("ws://[fe80::1%25eth0]", 6, "an IPv6 address"),
            ("ws://a..b", 5, "a host of 1 to 253 bytes"),
            ("ws://a\\b", 6, "a letter, digit, '-', '.' or '_' of a host"),
            ("ws://" + String(repeating: "a", count: 254), 5, "a host of 1 to 253 bytes"),
        ]
        for (text, offset, expected) in cases {
            do throws(CodecError) {
                let url = try VenueURL(text)
                Issue.record("\(text) was taken as \(url)")
            } catch {
                #expect(error.offset == offset && error.expected == expected, "\(text): \(error)")
            }
        }
    }

    @Test func queryItems() throws {
        let url = try VenueURL("https://a/b?one=1&two=a%20b+c&three&&four==")
        let items = [
            HTTPQueryItem("one", "1"), HTTPQueryItem("two", "a b c"), HTTPQueryItem("three", ""),
            HTTPQueryItem("four", "="),
        ]
        #expect(try url.queryItems() == items)
        #expect(url.path == "/b")
        let plain = try VenueURL("https://a/b")
        let made = plain.adding(query: [HTTPQueryItem("a&b", "c d"), HTTPQueryItem("€", "")])
        #expect(made.target == "/b?a%26b=c%20d&%E2%82%AC=")
        #expect(made.adding(query: [HTTPQueryItem("x", "y")]).target == made.target + "&x=y")
        #expect(try made.queryItems() == [HTTPQueryItem("a&b", "c d"), HTTPQueryItem("€", "")])
        #expect(plain.adding(query: []) == plain)
    }

    @Test func percentEncoding() throws {
        #expect(PercentEncoding.encode("aZ09-._~ /?\n€") == "aZ09-._~%20%2F%3F%0A%E2%82%AC")
        #expect(try PercentEncoding.decode("a%2Fb%2fc+d") == "a/b/c+d")
        #expect(try PercentEncoding.decode("c+d", plusIsSpace: true) == "c d")
        let short = #expect(throws: CodecError.self) { try PercentEncoding.decode("ab%4") }
        #expect(short?.offset == 2 && short?.problem == .malformed)
        let bad = #expect(throws: CodecError.self) { try PercentEncoding.decode("%FF") }
        #expect(bad?.problem == .invalidUTF8)
    }
}
