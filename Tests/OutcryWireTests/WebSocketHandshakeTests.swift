import OutcryWire
import Testing

/// The client's handshake and then the frames behind it, on one buffer: the protocol changes in it.
struct VerifiedClient: VerifiedCodec {
    var handshake: WebSocketClientHandshake
    var frames = VerifiedFrames(.client)
    var isOpen = false
    var own: [String] = []
    var log: [String] { own + frames.log }
    let promised: Int? = nil

    mutating func read(_ bytes: inout MutableSpan<UInt8>, at position: inout Int) -> Bool {
        do throws(WebSocketHandshakeError) {
            if !isOpen {
                guard let agreement = try handshake.next(bytes.span, at: &position) else {
                    return true
                }
                own.append("open \(agreement.subprotocol ?? "-")")
                isOpen = true
            }
            return frames.read(&bytes, at: &position)
        } catch {
            own.append("\(error)")
            return false
        }
    }

    mutating func end() {
        if !isOpen { own.append("end: \(handshake.finish())") }
    }
}

@Suite struct WebSocketHandshakeTests {
    // The key and answer of RFC 6455 section 1.3.
    private let key = WebSocketKey(bytes: Array("the sample nonce".utf8))
    private let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    private let upgrade = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"

    private func handshake(_ subprotocols: [String] = []) throws -> WebSocketClientHandshake {
        let url = try VenueURL("ws://[::1]:8080/mtgox?Currency=USD")
        return WebSocketClientHandshake(
            url: url, key: key, origin: "http://a", subprotocols: subprotocols,
            fields: [HTTPField("User-Agent", "outcry")])
    }

    private func log(
        _ answer: String, _ behind: [UInt8] = [], _ subprotocols: [String] = [],
        location: SourceLocation = #_sourceLocation
    ) throws -> [String] {
        let handshake = try handshake(subprotocols)
        return verify(Array(answer.utf8) + behind, location: location) {
            VerifiedClient(handshake: handshake)
        }
    }

    @Test func answerOfTheKey() {
        #expect(key.text == "dGhlIHNhbXBsZSBub25jZQ==" && key.accept == accept)
        #expect(WebSocketKey(text: "dGhlIHNhbXBsZSBub25jZQ==") == key)
        #expect(WebSocketKey(text: "dGhlIHNhbXBsZSBub25j") == nil)
        #expect(WebSocketKey(text: "dGhlIHNhbXBsZSBub25jZQ") == nil)
    }

    @Test func requestIsByteExact() throws {
        let bytes = try handshake(["a", "b"]).request.encoded()
        let text = """
            GET /mtgox?Currency=USD HTTP/1.1
            Host: [::1]:8080
            Upgrade: websocket
            Connection: Upgrade
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
            Sec-WebSocket-Version: 13
            Origin: http://a
            Sec-WebSocket-Protocol: a, b
            User-Agent: outcry


            """
        #expect(String(decoding: bytes, as: UTF8.self) == text.replacing("\n", with: "\r\n"))
    }

    @Test("Frames in the same bytes as the 101 go to the frame decoder")
    func framesBehindTheAnswer() throws {
        let answer =
            "\(upgrade)Connection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: \(accept)\r\n\r\n"
        let frames = wire(.client, RawFrame(text: "one"), RawFrame(9), RawFrame(text: "two"))
        #expect(try log(answer, frames) == ["open -", "text one", "ping ", "text two"])
        let interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        #expect(try log(interim + answer, frames).first == "open -")
        // CR LF is one Character.
        let picked = answer.dropLast(1) + "Sec-WebSocket-Protocol: b\r\n\r\n"
        #expect(try log(String(picked), [], ["a", "b"]) == ["open b"])
    }

    @Test func eachFailureNamesWhatCame() throws {
        let tail = "Sec-WebSocket-Accept: \(accept)\r\n\r\n"
        let connection = "Connection: Upgrade\r\n"
        let start = "HTTP/1.1 101 Switching Protocols\r\n"
        let cases: [(String, String)] = [
            ("\(start)\(connection)\(tail)", "expected Upgrade: websocket, found none"),
            (
                "\(start)Upgrade: h2c\r\n\(connection)\(tail)",
                "expected Upgrade: websocket, found \"h2c\""
            ),
            ("\(upgrade)\(tail)", "expected Connection: Upgrade, found none"),
            (
                "\(upgrade)Connection: close\r\n\(tail)",
                "expected Connection: Upgrade, found \"close\""
            ),
            (
                "\(upgrade)\(connection)\r\n",
                "expected Sec-WebSocket-Accept: \(accept), found none"
            ),
            (
                "\(upgrade)\(connection)Sec-WebSocket-Accept: \(accept.lowercased())\r\n\r\n",
                "expected Sec-WebSocket-Accept: \(accept), found \"\(accept.lowercased())\""
            ),
            (
                "\(upgrade)\(connection)Sec-WebSocket-Extensions: permessage-deflate\r\n\(tail)",
                "expected no extension but what was offered, found permessage-deflate"
            ),
            (
                "\(upgrade)\(connection)Sec-WebSocket-Protocol: c\r\n\(tail)",
                "expected a subprotocol of [a, b], found c"
            ),
            (
                "SSH-2.0-OpenSSH\r\n",
                "the answer is not HTTP: malformed at byte 0: expected HTTP/1.1, found \"SSH-2.0-\""
            ),
            ("HTTP/1.1 101 Swi", "end: the connection ended before the answer to the handshake"),
        ]
        for (answer, found) in cases { #expect(try log(answer, [], ["a", "b"]) == [found]) }
    }

    @Test func aRefusalShowsTheBeginningOfItsBody() throws {
        let busy = "HTTP/1.1 503 Service Unavailable\r\n"
        let text = "expected status 101, found 503 Service Unavailable"
        #expect(try log("\(busy)Content-Length: 0\r\n\r\n") == [text])
        #expect(try log("\(busy)Content-Length: 4\r\n\r\nbusy") == ["\(text): busy"])
        #expect(try log("\(busy)\r\nto the end") == ["end: \(text): to the end"])
        let long = String(repeating: "x", count: 300)
        let head = "\(busy)Content-Length: 300\r\n\r\n"
        #expect(try log(head + long) == ["\(text): \(long.prefix(200))"])
        let chunked = "\(busy)Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
        #expect(try log(chunked) == ["\(text): abc"])
        #expect(try log("\(busy)Transfer-Encoding: chunked\r\n\r\n2\r\nabX") == ["\(text): ab"])
    }

    private func serve(_ fields: HTTPFields, method: String = "GET") -> WebSocketServerHandshake
        .Refusal?
    {
        do throws(WebSocketServerHandshake.Refusal) {
            _ = try WebSocketServerHandshake(HTTPRequestHead(method: method, fields: fields))
            return nil
        } catch {
            return error
        }
    }

    @Test func serverGrants() throws {
        let server = try WebSocketServerHandshake(try handshake(["a", "b"]).request)
        #expect(server.subprotocols == ["a", "b"] && server.key == key)
        let answer = server.response(subprotocol: "b", fields: [HTTPField("Server", "x")])
        let text =
            "\(upgrade)Connection: Upgrade\r\nSec-WebSocket-Accept: \(accept)\r\n"
            + "Sec-WebSocket-Protocol: b\r\nServer: x\r\n\r\n"
        let bytes = try answer.encoded()
        #expect(String(decoding: bytes, as: UTF8.self) == text)
        #expect(try log(text, [], ["a", "b"]) == ["open b"])
    }

    @Test func serverRefuses() throws {
        let good = try handshake().request.fields
        #expect(serve(good) == nil)
        #expect(serve(good, method: "POST")?.status == 405)
        let cases: [(String, String?, Int)] = [
            ("Upgrade", nil, 426), ("Upgrade", "h2c", 426), ("Connection", "close", 400),
            ("Sec-WebSocket-Version", "8", 426), ("Sec-WebSocket-Version", nil, 426),
            ("Sec-WebSocket-Key", nil, 400), ("Sec-WebSocket-Key", "AAAA", 400),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=", 400), ("Content-Length", "3", 400),
        ]
        for (name, value, status) in cases {
            var fields = HTTPFields(good.filter { $0.name != name })
            if let value { fields.append(name, value) }
            let refusal = serve(fields)
            #expect(refusal?.status == status, "\(name) \(value ?? "-")")
            let answer = try #require(refusal).response
            #expect(answer.fields["Sec-WebSocket-Version"] == (status == 426 ? "13" : nil))
            _ = try answer.encoded()
        }
    }
}
