import OutcryCrypto
import OutcryWire
import Testing

@Suite struct SocketIOWrappingTests {
    static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func handshakes() throws {
        let all = "websocket,htmlfile,xhr-polling,jsonp-polling"
        let node = try SocketIOHandshake("_1MY5H_D5XJbsU_9eJvX:60:60:" + all)
        #expect(node.session == "_1MY5H_D5XJbsU_9eJvX")
        #expect(node.heartbeatTimeout == 60 && node.closeTimeout == 60)
        #expect(node.transports == [.websocket, .htmlfile, .xhrPolling, .jsonpPolling])
        #expect(node.body == "_1MY5H_D5XJbsU_9eJvX:60:60:" + all)
        let spare = try SocketIOHandshake("4d4f185e96a7b:::xhr-multipart,xhr-polling")
        #expect(spare.heartbeatTimeout == nil && spare.closeTimeout == nil)
        #expect(spare.transports == [.xhrPolling])
        #expect(try SocketIOHandshake("a:15.5:x10:websocket").heartbeatTimeout == 15)
        #expect(try SocketIOHandshake("a:15.5:x10:websocket").closeTimeout == nil)
        #expect(try SocketIOHandshake("a:99999999999999999999:1:websocket").heartbeatTimeout == nil)
        #expect(try SocketIOHandshake("a:1:1:websocket, xhr-polling").transports.count == 2)
    }

    @Test(arguments: ["", "a", "a:1:2", ":60:60:websocket", "a/b:60:60:websocket", "a b:1:1:x"])
    func wrongHandshakes(_ body: String) {
        #expect(throws: CodecError.self) { try SocketIOHandshake(body) }
    }

    @Test func jsonp() {
        let payload = Array("3:::a\"b\\n".utf8)
        let script = SocketIOScript.jsonp(payload.span, index: "3")
        #expect(Self.text(script) == "io.j[3](\"3:::a\\\"b\\\\n\");")
        let read = SocketIOScript.payload(jsonp: script.span)
        #expect(read == payload)
        let odder = Self.text(SocketIOScript.jsonp(payload.span, index: "x;alert(1)"))
        #expect(odder.hasPrefix("io.j[0]("))
        #expect(
            Self.text(SocketIOScript.jsonpFailure("handshake unauthorized", index: "2"))
                == "io.j[2](new Error(\"handshake unauthorized\"));")
        let odd = Array("\u{2028}\u{2029}\u{1}\u{FFFD}".utf8)
        let escaped = SocketIOScript.jsonp(odd.span, index: nil)
        #expect(Self.text(escaped) == "io.j[0](\"\\u2028\\u2029\\u0001\u{FFFD}\");")
        let readOdd = SocketIOScript.payload(jsonp: escaped.span)
        #expect(readOdd == odd)
        let foreign = Array("\u{FFFD}3\u{FFFD}€\u{A0}😀".utf8)
        let ascii = SocketIOScript.jsonp(foreign.span, index: nil)
        #expect(
            Self.text(ascii) == "io.j[0](\"\u{FFFD}3\u{FFFD}\\u20ac\\u00a0\\ud83d\\ude00\");")
        let readForeign = SocketIOScript.payload(jsonp: ascii.span)
        #expect(readForeign == foreign)
        for wrong in ["io.j[3](", "io.j[3](3);", "io.j[](\"\"", "x"] {
            let read = SocketIOScript.payload(jsonp: Array(wrong.utf8).span)
            #expect(read == nil)
        }
    }

    /// The form of the recorded edge case, both ways.
    @Test func forms() {
        let payload = Array("3:::a\"b\\n".utf8)
        let body = Array("d=%223%3A%3A%3Aa%5C%22b%5C%5Cn%22".utf8)
        #expect(SocketIOScript.payload(form: body) == payload)
        let written = SocketIOScript.form(payload.span)
        #expect(written == body)
        for wrong in ["", "d=", "d=3%3A%3A", "e=%22x%22", "d=%22x", "d=%zz"] {
            #expect(SocketIOScript.payload(form: Array(wrong.utf8)) == nil, "\(wrong)")
        }
    }

    @Test func pages() {
        #expect(SocketIOScript.pageStart.count == 256)
        let script = SocketIOScript.pageScript(Array("3:::a/b</script>".utf8).span)
        #expect(Self.text(script) == "<script>_(\"3:::a\\/b<\\/script>\");</script>")
        #expect(script.count == 0x29)
    }

    @Test(arguments: [
        ("/socket.io/1/?t=1", SocketIORoute.handshake), ("/socket.io/1", .handshake),
        ("/socket.io/1?Channel=a/b", .handshake), ("/socket.io", .welcome),
        ("/socket.io/", .welcome), ("/socket.io/socket.io.js", .script),
        ("/socket.io/2/?t=1", .otherVersion("2")),
        ("/socket.io/1/websocket/SID", .transport(name: "websocket", session: "SID")),
        ("/socket.io/1//SID/?disconnect=1", .transport(name: "", session: "SID")),
        ("/socket.io/1/websocket/", .unknown), ("/socket.io/1/websocket", .unknown),
        ("/socket.io/x", .unknown),
    ])
    func routes(_ target: String, _ expected: SocketIORoute) {
        #expect(SocketIORoute(HTTPRequestHead(target: target)) == expected)
    }

    @Test func otherPaths() {
        #expect(SocketIORoute(HTTPRequestHead(target: "/socket.iox")) == nil)
        #expect(SocketIORoute(HTTPRequestHead(target: "/mtgox")) == nil)
    }

    /// The whole frames of the reference's examples.
    @Test(arguments: [
        ("1::", "8103313a3a"), ("1::/mtgox", "8109313a3a2f6d74676f78"),
        ("6::/mtgox:1", "810b363a3a2f6d74676f783a31"), ("2::", "8103323a3a"), ("0::", "8103303a3a"),
    ])
    func serverFrames(_ packet: String, _ hex: String) {
        let frame = WebSocketFrameEncoder(role: .server).frame(.text, packet.utf8.span)
        #expect(Hex.encode(frame) == hex)
    }

    @Test func clientFrame() throws {
        let frame = WebSocketFrameEncoder(role: .client).frame(
            .text, SocketIOPacket.encoded(.connect, endpoint: "/mtgox").span, maskKey: 0x501B_953A)
        #expect(Hex.encode(frame) == "81893a951b500baf217f57e17c3f42")
    }

    @Test func longFrame() {
        var packet: [UInt8] = []
        let json = Array(("{" + String(repeating: "x", count: 363 - 12) + "}").utf8)
        SocketIOPacket.append(.json, endpoint: "/mtgox", data: json.span, to: &packet)
        #expect(packet.count == 363)
        let frame = WebSocketFrameEncoder(role: .server).frame(.text, packet.span)
        #expect(Hex.encode(Array(frame[..<4])) == "817e016b")
    }
}
