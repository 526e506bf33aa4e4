import OutcryWire
import Testing

@Suite struct HTTPHeadTests {
    private func log(
        _ text: String, _ role: VerifiedHTTP.Role = .requests, limits: HTTPLimits = HTTPLimits(),
        location: SourceLocation = #_sourceLocation
    ) -> [String] {
        verify(Array(text.utf8), location: location) { VerifiedHTTP(role, limits: limits) }
    }

    private func get(_ text: String, limits: HTTPLimits = HTTPLimits()) -> [String] {
        log(text, .responses(toMethod: "GET"), limits: limits)
    }

    @Test func request() {
        let text =
            "GET /mtgox?Currency=USD HTTP/1.1\r\nHost: a:80\r\nX-One:  1 \t\r\nx-ONE:2\r\n\r\n"
        #expect(
            log(text) == [
                "GET /mtgox?Currency=USD HTTP/1.1", "Host: a:80", "X-One: 1", "x-ONE: 2", "body ",
            ])
    }

    @Test func emptyLinesBeforeARequestArePassedOver() {
        let text = "\r\n\r\nGET / HTTP/1.0\r\n\r\n"
        #expect(log(text) == ["GET / HTTP/1.0", "body "])
    }

    @Test func pipeline() {
        let one = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        let two = "GET /b HTTP/1.1\r\nHost: a\r\n\r\n"
        let first = ["POST /a HTTP/1.1", "Host: a", "Content-Length: 3", "body abc"]
        let second = ["GET /b HTTP/1.1", "Host: a", "body "]
        #expect(log(one + two + one) == first + second + first)
    }

    @Test func errorsSayWhereAndWhat() {
        let cases: [(String, Int, String)] = [
            ("GET  / HTTP/1.1\r\n", 4, "a target and then a space"),
            ("GET / HTTP/1.1\nHost: a\r\n\r\n", 14, "CR before LF"),
            ("GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", 23, "LF behind CR"),
            ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 20, "a field name and then ':'"),
            ("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 25, "a field name"),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: \u{1}\r\n\r\n", 28, "text in the value of X"),
            ("GET / HTTP/2.0\r\n\r\n", 6, "HTTP/1.1"),
            ("GET a HTTP/1.1\r\n\r\n", 4, "a target that GET takes"),
        ]
        for (text, offset, expected) in cases {
            let codec = run(VerifiedHTTP(), [Array(text.utf8)[...]])
            #expect(codec.failure?.offset == offset, "\(text)")
            #expect(codec.failure?.expected == expected, "\(text)")
            #expect(log(text).last?.hasPrefix("error") == true)
        }
    }

    @Test func aFailedParserStaysFailed() throws {
        var parser = HTTPRequestParser()
        let bad = Array("GET\r\n".utf8)
        let good = Array("GET / HTTP/1.0\r\n\r\n".utf8)
        var position = 0
        #expect(throws: CodecError.self) { try parser.next(bad.span, at: &position) }
        position = 0
        #expect(throws: CodecError.self) { try parser.next(good.span, at: &position) }
    }

    @Test func limits() {
        let head = "GET / HTTP/1.1\r\nHost: a\r\nX: yyyyyyyyyy\r\n\r\n"
        let exact = HTTPLimits(headBytes: head.utf8.count, fields: 2)
        #expect(log(head, limits: exact).last == "body ")
        let short = log(head, limits: HTTPLimits(headBytes: head.utf8.count - 1))
        #expect(short.last?.hasPrefix("error 431 headTooLarge at byte 41") == true)
        let few = log(head, limits: HTTPLimits(fields: 1))
        #expect(few.last?.hasPrefix("error 431 headTooLarge at byte 25") == true)
    }

    @Test func responses() {
        #expect(get("HTTP/1.1 204 No Content\r\n\r\n") == ["HTTP/1.1 204 No Content", "body "])
        #expect(get("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n").first == "HTTP/1.1 200 ")
        #expect(get("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n").first == "HTTP/1.1 200 ")
        let toClose = get("HTTP/1.0 200 OK\r\n\r\nall of it")
        #expect(toClose == ["HTTP/1.0 200 OK", "body all of it"])
        for bad in [
            "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n",
            "HTTP/1.1 099 OK\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/2 200\r\n\r\n",
            "ICY 200 OK\r\n\r\n",
            "HTTP/1.1 200 O\u{7}K\r\n\r\n", "\r\nHTTP/1.1 200 OK\r\n\r\n",
            "http/1.1 200 OK\r\n\r\n",
        ] {
            #expect(get(bad).last?.hasPrefix("error") == true, "\(bad)")
        }
    }

    @Test func interimResponsesAreHeads() {
        let text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        #expect(
            get(text) == [
                "HTTP/1.1 100 Continue", "body ", "HTTP/1.1 200 OK", "Content-Length: 2", "body ok",
            ])
    }

    @Test func fieldsAreFoundWithoutCase() {
        var fields: HTTPFields = [HTTPField("Upgrade", "WebSocket"), HTTPField("A", "1, 2 ,,3")]
        fields.append("a", "4")
        #expect(fields["UPGRADE"] == "WebSocket")
        #expect(fields["none"] == nil)
        #expect(fields.values(of: "A") == ["1, 2 ,,3", "4"])
        #expect(fields.list("a") == ["1", "2", "3", "4"])
        #expect(fields.contains("websocket", in: "upgrade"))
        #expect(fields.count(of: "a") == 2 && fields.count == 3)
        fields.replace("A", "5")
        #expect(fields.values(of: "a") == ["5"] && fields.count == 2)
    }

    @Test func keepAlive() {
        #expect(HTTPRequestHead().keepsAlive)
        #expect(!HTTPRequestHead(fields: [HTTPField("Connection", "x, CLOSE")]).keepsAlive)
        #expect(!HTTPRequestHead(version: .http10).keepsAlive)
        let kept: HTTPFields = [HTTPField("Connection", "Keep-Alive")]
        #expect(HTTPRequestHead(version: .http10, fields: kept).keepsAlive)
    }
}
