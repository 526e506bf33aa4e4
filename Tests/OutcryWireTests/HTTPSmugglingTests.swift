import OutcryWire
import Testing

/// Requests that two programs could read in two ways, beyond the shipped vectors (RFC 9112 sections 2 to 7, 9
/// and 11.2). Each is cut at every byte.
@Suite struct HTTPSmugglingTests {
    private static let host = "Host: a\r\n"

    /// What comes of the bytes: the statuses of the errors, and the bodies.
    private func read(_ text: String, limits: HTTPLimits = HTTPLimits()) -> [String] {
        let bytes = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        let log = verify(bytes) { VerifiedHTTP(limits: limits) }
        return log.filter { $0.hasPrefix("error") || $0.hasPrefix("body") }.map {
            $0.hasPrefix("error") ? String($0.dropFirst(6).prefix(3)) : $0
        }
    }

    private func post(_ fields: String, _ body: String) -> String {
        "POST / HTTP/1.1\r\n\(Self.host)\(fields)\r\n\r\n\(body)"
    }

    @Test(arguments: [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 0",
        "Content-Length: 0\r\nTransfer-Encoding: identity",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5\r\nContent-Length: 05", "Content-Length: 5\r\nContent-Length: ",
        "Content-Length: 5\r\nContent-Length: 5\r\nContent-Length: 6", "Content-Length:",
        "Content-Length: -0",
        "Content-Length: -5", "Content-Length: +0", "Content-Length: 5,5", "Content-Length: 5;",
        "Content-Length: 5 ,5",
        "Content-Length: 0x0", "Content-Length: 5e0", "Content-Length: \"5\"",
        "Content-Length: 9223372036854775808",
        "Content-Length: 18446744073709551616", "Content-Length: \u{B2}", "Content_Length : 5",
        "Content-Length\u{0B}: 5", "Content-Length\0: 5", "Content-Length: 5\u{0B}",
        "Content-Length: 5\u{7F}",
        "Content-Length: 5\rX: y", "Content-Length: 5\nX: y", "X: y\r\n Content-Length: 5",
        "X: y\r\n\tTransfer-Encoding: chunked", ": 5", " : 5", "X", "X\t: y", "X : y", "(X): y",
        "X: \u{1B}", "X: a\rb",
        "\r: x", "Transfer-Encoding: ", "Transfer-Encoding: ,chunked",
        "Transfer-Encoding: chunked,",
        "Transfer-Encoding: chunked;a=b", "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: chunked chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip", "Transfer-Encoding: chunked\u{0C}",
        "Transfer-Encoding: chun\0ked", "Transfer-Encoding: \u{A0}chunked",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding: gzip", "Transfer-Encoding\u{A0}: chunked", "Host: a", "Host: b",
        "host: a",
    ]) func refusedHeads(_ fields: String) {
        let found = read(post(fields, "0\r\n\r\nGET /x HTTP/1.1\r\n\(Self.host)\r\n"))
        #expect(found == ["400"] || found == ["501"], "\(found)")
    }

    @Test(arguments: [
        "+5\r\nhello", " 5\r\nhello", "5 \r\nhello", "5\t;a\r\nhello", "\r\nhello", ";a\r\nhello",
        "5\nhello", "5\rhello",
        "5;a\nhello", "5;a\rb\r\nhello", "5;a\0\r\nhello", "5;\u{7F}\r\nhello", "0x5\r\nhello",
        "5h\r\nhello",
        "\"5\"\r\nhello", "5\r\nhello\n", "5\r\nhello\rX", "5\r\nhelloX", "5\r\nhello0\r\n\r\n",
        "5\r\n\nhello",
        "4\r\nhello\r\n0\r\n\r\n", "6\r\nhello\r\n0\r\n\r\n", "0\r\n\rX", "0\r\nX\r\n\r\n",
        "0\r\n X: y\r\n\r\n",
        "0\r\nX : y\r\n\r\n", "0\r\nX: \0\r\n\r\n", "0\r\nX: y\n\r\n", "00000000000000005\r\nhello",
        "10000000000000000\r\nhello", "8000000000000000\r\nhello", "ffffffffffffffff5\r\nhello",
    ]) func refusedChunks(_ body: String) {
        let found = read(post("Transfer-Encoding: chunked", body))
        #expect(found == ["400"] || found == ["413"], "\(found)")
    }

    @Test func acceptedChunks() {
        let chunked = "Transfer-Encoding:\tChunked \t"
        for body in [
            "5\r\nhello\r\n0\r\n\r\n", "005\r\nhello\r\n000\r\n\r\n",
            "5;a\r\nhello\r\n0;b=c\r\n\r\n",
            "5;a=\"b;\\\"c\"\r\nhello\r\n0\r\n\r\n",
            "2\r\nhe\r\n3\r\nllo\r\n0\r\nContent-Length: 7\r\nHost: b\r\n\r\n",
            "0000000000000005\r\nhello\r\n0\r\n\r\n",
        ] {
            // What follows is the next request, and nothing of it is lost.
            let next = "GET /x HTTP/1.1\r\n\(Self.host)\r\n"
            #expect(read(post(chunked, body) + next) == ["body hello", "body "], "\(body)")
        }
    }

    @Test func sumsAndLimits() {
        let small = HTTPLimits(bodyBytes: 5, chunkExtensionBytes: 4)
        let chunked = "Transfer-Encoding: chunked"
        #expect(read(post(chunked, "3\r\nhel\r\n3\r\nlo!\r\n0\r\n\r\n"), limits: small) == ["413"])
        #expect(
            read(post(chunked, "1\r\nh\r\n7fffffffffffffff\r\n"), limits: small) == ["413"])
        #expect(
            read(post(chunked, "1;ab\r\nh\r\n1;abc\r\ne\r\n0\r\n\r\n"), limits: small) == ["431"])
        #expect(read(post("Content-Length: 6", ""), limits: small) == ["413"])
        #expect(
            read("GET /" + String(repeating: "a", count: 99), limits: HTTPLimits(headBytes: 50))
                == ["414"])
        #expect(
            read(
                "GET / HTTP/1.1\r\n" + String(repeating: "a", count: 99),
                limits: HTTPLimits(headBytes: 50))
                == ["431"])
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a b\r\n",
        "GET / HTTP/1.1\r\nHost: a,b\t\r\nHost:\r\n",
        "GET / HTTP/1.1\r\nHost: u@a\r\n", "GET / HTTP/1.1\r\nHost: a/b\r\n",
        "GET / HTTP/1.1\r\nHost: a:b\r\n",
        "GET / HTTP/1.1\r\nHost: a:80:80\r\n", "GET / HTTP/1.1\r\nHost: a:65536\r\n",
        "GET / HTTP/1.1\r\nHost: :80\r\n",
        "GET / HTTP/1.1\r\nHost: [::1\r\n", "GET / HTTP/1.1\r\nHost: [::1]x\r\n",
        "GET / HTTP/1.1\r\nHost: [x]\r\n",
        "GET / HTTP/1.1\r\nHost: ::1\r\n", "GET / HTTP/1.1\r\nHost: a%\r\n",
        "GET / HTTP/1.1\r\nHost: a%4x\r\n",
        "GET / HTTP/1.1\r\nHost: http://a\r\n", "GET / HTTP/1.1\r\nHost: a?b\r\n",
        "GET / HTTP/1.1\r\nHost: a\\b\r\n",
        "GET http:/// HTTP/1.1\r\nHost: a\r\n", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n",
        "GET http://a:b/ HTTP/1.1\r\nHost: a\r\n", "GET http:// HTTP/1.1\r\nHost: a\r\n",
        "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n", "GET a HTTP/1.1\r\nHost: a\r\n",
        "GET a:80 HTTP/1.1\r\nHost: a\r\n",
        "GET * HTTP/1.1\r\nHost: a\r\n", "CONNECT / HTTP/1.1\r\nHost: a\r\n",
        "CONNECT a HTTP/1.1\r\nHost: a\r\n",
        "CONNECT http://a:80/ HTTP/1.1\r\nHost: a\r\n", "CONNECT a: HTTP/1.1\r\nHost: a\r\n",
        "CONNECT u@a:80 HTTP/1.1\r\nHost: a\r\n", "GET /#x HTTP/1.1\r\nHost: a\r\n",
        "GET /\u{E9} HTTP/1.1\r\nHost: a\r\n",
        "GET\t/ HTTP/1.1\r\nHost: a\r\n", "GET /\tHTTP/1.1\r\nHost: a\r\n",
        "GET /  HTTP/1.1\r\nHost: a\r\n",
        "GET / HTTP/1.1 \r\nHost: a\r\n", "GET / http/1.1\r\nHost: a\r\n",
        "GET / HTTP/1,1\r\nHost: a\r\n",
        "GET / HTTP/01.1\r\nHost: a\r\n", "GET / HTTP/1.1x\r\nHost: a\r\n",
        " GET / HTTP/1.1\r\nHost: a\r\n",
        "\nGET / HTTP/1.1\r\nHost: a\r\n", "\rGET / HTTP/1.1\r\nHost: a\r\n",
        "G\0T / HTTP/1.1\r\nHost: a\r\n",
        "GET/ HTTP/1.1\r\nHost: a\r\n", "GET /\r\n", "/ HTTP/1.1\r\nHost: a\r\n",
        "GET / HTTP/1.1\r\r\nHost: a\r\n",
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n",
    ]) func refusedStarts(_ head: String) {
        #expect(read(head + "\r\n") == ["400"])
    }

    @Test func hostsThatAreRight() {
        for host in [
            "a", "a:80", "a:", "A.b-c_d~", "127.0.0.1:8080", "[::1]", "[::ffff:1.2.3.4]:1", "",
            "x%41", "a!$&'()*+,;=",
        ] {
            #expect(read("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n") == ["body "], "\(host)")
        }
    }

    /// The host of an absolute target takes the place of another one in Host (RFC 9112 section 3.2.2).
    @Test func absoluteTargets() throws {
        func head(_ text: String) throws -> HTTPRequestHead {
            var parser = HTTPRequestParser()
            let bytes = Array(text.utf8)
            var position = 0
            return try #require(try parser.next(bytes.span, at: &position))
        }
        let same = try head(
            "GET http://A.example:80/p/q?r=/s HTTP/1.1\r\nhost: a.example:80\r\nX: y\r\n\r\n")
        #expect(same.fields.map(\.name) == ["host", "X"])
        #expect(same.path == "/p/q" && same.query == "r=/s")
        let other = try head("GET http://b?r HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n")
        #expect(other.fields.values(of: "Host") == ["b"])
        #expect(other.path == "/" && other.query == "r")
        let none = try head("GET https://b/x HTTP/1.0\r\n\r\n")
        #expect(none.fields["Host"] == "b" && none.path == "/x")
        let plain = try head("GET /http://b/?x HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(plain.path == "/http://b/" && plain.fields["Host"] == "a")
    }
}
