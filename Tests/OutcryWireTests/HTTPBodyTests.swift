import OutcryWire
import Testing

@Suite struct HTTPBodyTests {
    private func framing(_ status: Int, _ method: String, _ fields: HTTPFields) -> HTTPBodyFraming?
    {
        try? HTTPBodyFraming(of: HTTPResponseHead(status: status, fields: fields), toMethod: method)
    }

    @Test func framingOfResponses() {
        let length: HTTPFields = [HTTPField("Content-Length", "5")]
        let chunked: HTTPFields = [HTTPField("Transfer-Encoding", "Chunked")]
        #expect(framing(200, "GET", length) == .length(5))
        #expect(framing(200, "GET", chunked) == .chunked)
        #expect(framing(200, "GET", []) == .untilClose)
        #expect(framing(200, "GET", [HTTPField("Content-Length", "0")]) == HTTPBodyFraming.none)
        for status in [100, 101, 199, 204, 304] {
            #expect(framing(status, "GET", length) == HTTPBodyFraming.none)
        }
        #expect(framing(200, "HEAD", chunked) == HTTPBodyFraming.none)
        #expect(framing(200, "CONNECT", length) == HTTPBodyFraming.none)
        #expect(framing(404, "CONNECT", length) == .length(5))
        #expect(framing(200, "GET", HTTPFields(Array(length) + Array(chunked))) == nil)
        #expect(framing(200, "GET", [HTTPField("Content-Length", "5, 6")]) == nil)
    }

    @Test func framingOfRequests() throws {
        let post = HTTPRequestHead(method: "POST")
        #expect(try HTTPBodyFraming(of: post) == .none)
        let gzip = HTTPRequestHead(fields: [HTTPField("Transfer-Encoding", "gzip, chunked")])
        let error = #expect(throws: CodecError.self) { try HTTPBodyFraming(of: gzip) }
        #expect(error?.problem == .unsupportedCoding && error?.httpStatus == 501)
        let old = HTTPRequestHead(
            version: .http10, fields: [HTTPField("Transfer-Encoding", "chunked")])
        #expect(throws: CodecError.self) { try HTTPBodyFraming(of: old) }
    }

    private func body(_ text: String, limits: HTTPLimits = HTTPLimits()) -> [String] {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        let log = verify(Array((head + text).utf8)) { VerifiedHTTP(.requests, limits: limits) }
        return Array(log.dropFirst(3))
    }

    @Test func chunks() {
        #expect(body("0\r\n\r\n") == ["body "])
        #expect(body("1\r\na\r\n0A\r\n0123456789\r\n0\r\n\r\n") == ["body a0123456789"])
        #expect(
            body("1;a=\"b c\"\r\na\r\n0;x\r\nT: 1\r\n\r\n") == ["body a", "trailers [\"T: 1\"]"])
    }

    @Test func badChunksSayWhere() {
        let cases: [(String, Int)] = [
            ("\r\n", 0), ("g\r\n", 0), ("1 \r\na", 2), ("1\na", 1), ("1\r\r", 2), ("1\r\nab", 4),
            ("1\r\na\rb", 5), ("1;\u{1}\r\n", 2), ("1\r\na\r\n0\r\nbad\r\n\r\n", 12),
            ("0\r\n\n", 3), ("1;\r\na", 2), ("1;a=\r\n", 4), ("1;a=\"b\r\n", 6),
            ("1;a=\"b\"c\r\n", 7), ("1;a b\r\n", 4), ("1;a;=b\r\n", 4),
        ]
        for (text, offset) in cases {
            let log = body(text)
            #expect(log.last?.contains("malformed at byte \(offset):") == true, "\(text) \(log)")
        }
        #expect(body("fffffffffffffffff\r\n").last?.contains("tooLarge at byte 15") == true)
        #expect(body("7fffffffffffffff\r\n").last?.contains("tooLarge at byte 17") == true)
        #expect(body("1\r\na\r\n").last?.contains("endedEarly at byte 6") == true)
    }

    @Test func limits() {
        let limits = HTTPLimits(headBytes: 90, bodyBytes: 10, chunkExtensionBytes: 8)
        #expect(body("a\r\n0123456789\r\n0\r\n\r\n", limits: limits) == ["body 0123456789"])
        let more = body("a\r\n0123456789\r\n1\r\n", limits: limits)
        #expect(more == ["part 0123456789", more.last ?? ""])
        #expect(more.last?.hasPrefix("error 413 tooLarge at byte 17") == true)
        #expect(body("1;12345678\r\na\r\n0\r\n\r\n", limits: limits) == ["body a"])
        #expect(
            body("1;1234\r\na\r\n1;12345\r\n", limits: limits).last?.hasPrefix("error 431") == true)
        let trailer = "T: " + String(repeating: "x", count: 100) + "\r\n\r\n"
        #expect(body("0\r\n" + trailer, limits: limits).last?.hasPrefix("error 431") == true)
        #expect(body("0\r\nT: 1\r\n\r\n", limits: limits).last == "trailers [\"T: 1\"]")
    }

    @Test func lengthAndCloseLimits() {
        let limits = HTTPLimits(bodyBytes: 4)
        let long = "POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\n"
        let log = verify(Array(long.utf8)) { VerifiedHTTP(.requests, limits: limits) }
        #expect(log.last?.hasPrefix("error 413 tooLarge at byte 0") == true)
        let toClose = Array("HTTP/1.0 200 OK\r\n\r\n12345".utf8)
        let found = verify(toClose) { VerifiedHTTP(.responses(toMethod: "GET"), limits: limits) }
        #expect(found.dropLast() == ["HTTP/1.0 200 OK", "part 1234"])
        #expect(found.last?.hasPrefix("error 413 tooLarge at byte 4") == true)
    }

    @Test func piecesAreRangesOfTheGivenBytes() throws {
        let bytes = Array("xx3\r\nabc\r\n0\r\n\r\nrest".utf8)
        var decoder = HTTPBodyDecoder(.chunked)
        var position = 2
        let found1 = try decoder.next(bytes.span, at: &position)
        #expect(found1 == .data(5..<8))
        let found2 = try decoder.next(bytes.span, at: &position)
        #expect(found2 == .end)
        #expect(position == 15 && decoder.isComplete)
        let found3 = try decoder.next(bytes.span, at: &position)
        #expect(found3 == .end)
        #expect(position == 15)
    }
}
