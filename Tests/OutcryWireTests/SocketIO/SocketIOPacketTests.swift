import OutcryWire
import Testing

@Suite struct SocketIOPacketTests {
    /// A packet in words: `kind id endpoint data`, `-` for what is not there.
    static func read(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard let packet = SocketIOPacket(bytes.span) else { return "none" }
        func show(_ range: Range<Int>?) -> String {
            range.map { String(decoding: bytes[$0], as: UTF8.self) } ?? "-"
        }
        let plus = packet.wantsData ? "+" : ""
        return "\(packet.kind) \(show(packet.id))\(plus) [\(show(packet.endpoint))] "
            + show(packet.data)
    }

    /// The original test suite's vectors, the reference's examples, and what the original decoder did.
    @Test(arguments: [
        ("7:::", "error - [] "), ("7::", "error - [] -"), ("7:::0", "error - [] 0"),
        ("7:::2+0", "error - [] 2+0"), ("7::/woot", "error - [/woot] -"),
        ("6:::140", "ack - [] 140"), ("6:::12+[\"woot\",\"wa\"]", "ack - [] 12+[\"woot\",\"wa\"]"),
        ("6:::1+{\"++]", "ack - [] 1+{\"++]"), ("4:::\"2\"", "json - [] \"2\""),
        ("4:1+::{\"a\":\"b\"}", "json 1+ [] {\"a\":\"b\"}"),
        ("5:::{\"name\":\"woot\"}", "event - [] {\"name\":\"woot\"}"),
        ("5:1+::{\"name\":\"tobi\"}", "event 1+ [] {\"name\":\"tobi\"}"),
        ("3:::woot", "message - [] woot"), ("3:5:/tobi", "message 5 [/tobi] -"),
        ("2:::", "heartbeat - [] "), ("2::", "heartbeat - [] -"),
        ("1::/tobi", "connect - [/tobi] -"), ("1::/test:?test=1", "connect - [/test] ?test=1"),
        ("0::/woot", "disconnect - [/woot] -"), ("3:::\n", "message - [] \n"),
        ("1::", "connect - [] -"), ("1::/mtgox:", "connect - [/mtgox] "),
        ("1::/test?my=param", "connect - [/test] ?my=param"),
        ("3::/mtgox:plain text: with colons €", "message - [/mtgox] plain text: with colons €"),
        ("3:01:::id01", "message 01 [] :id01"), ("3:+::x", "message - [] x"),
        ("6::/mtgox:1+", "ack - [/mtgox] 1+"), ("8::", "noop - [] -"), ("0", "disconnect - [] -"),
        ("3::/a?b:c", "message - [/a?b] c"),
    ])
    func packets(_ text: String, _ expected: String) { #expect(Self.read(text) == expected) }

    @Test(arguments: ["", "3", "3:", "9:::x", "x:::y", "::::", "-1:::", "3:a::x", "33::", "3:1"])
    func noPackets(_ text: String) { #expect(Self.read(text) == "none") }

    /// The packet parser runs on the bytes of a read, and its places count from their start.
    @Test func placesWithinMoreBytes() throws {
        let json = "{\"channel\":\"24e67e0d-1cad-4cc0-9e7a-f8523ef460fe\",\"op\":\"private\"}"
        let bytes = Array(("??4::/mtgox:" + json + "??").utf8)
        let found = SocketIOPacket(bytes.span, in: 2..<bytes.count - 2)
        let packet = try #require(found)
        #expect(packet.endpoint == 5..<11)
        #expect(packet.data == 12..<bytes.count - 2)
    }

    @Test(
        arguments: [
            (SocketIOPacket.encoded(.error, data: []), "7:::"),
            (SocketIOPacket.encoded(.error), "7::"),
            (SocketIOPacket.encoded(.error, endpoint: "/woot"), "7::/woot"),
            (
                SocketIOPacket.encoded(
                    .error, data: SocketIORefusal(.unauthorized, isReconnectAdvised: true).data),
                "7:::2+0"
            ),
            (SocketIOPacket.encoded(.ack, data: "140".utf8), "6:::140"),
            (SocketIOPacket.encoded(.json, data: "\"2\"".utf8), "4:::\"2\""),
            (
                SocketIOPacket.encoded(.json, id: 1, wantsData: true, data: "{\"a\":\"b\"}".utf8),
                "4:1+::{\"a\":\"b\"}"
            ),
            (SocketIOPacket.encoded(.message, id: 5, endpoint: "/tobi"), "3:5:/tobi"),
            (SocketIOPacket.encoded(.heartbeat), "2::"),
            (
                SocketIOPacket.encoded(.connect, endpoint: "/test", data: "?test=1".utf8),
                "1::/test:?test=1"
            ),
            (SocketIOPacket.encoded(.disconnect, endpoint: "/woot"), "0::/woot"),
            (SocketIOPacket.encoded(.message, data: "\n".utf8), "3:::\n"),
            (SocketIOPacket.encoded(.noop), "8::"),
        ] as [([UInt8], String)])
    func writing(_ bytes: [UInt8], _ expected: String) {
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test func acks() throws {
        func read(_ text: String) -> (String, String?)? {
            let bytes = Array(text.utf8)
            return SocketIOAck(bytes.span, in: 0..<bytes.count).map { ack in
                func show(_ range: Range<Int>) -> String {
                    String(decoding: bytes[range], as: UTF8.self)
                }
                return (show(ack.id), ack.arguments.map(show))
            }
        }
        #expect(read("140")?.0 == "140")
        #expect(read("140")?.1 == nil)
        #expect(try #require(read("12+[\"woot\",\"wa\"]")) == ("12", "[\"woot\",\"wa\"]"))
        #expect(try #require(read("1+{\"++]")) == ("1", nil))
        #expect(try #require(read("1+")) == ("1", nil))
        #expect(try #require(read("01")).0 == "01")
        #expect(read("") == nil)
        #expect(read("x") == nil)
        let data = SocketIOAck.data("2".utf8, arguments: "[\"ack\",1]".utf8)
        #expect(String(decoding: data, as: UTF8.self) == "2+[\"ack\",1]")
    }

    @Test(arguments: [
        ("1+0", "client not handshaken, reconnect"), ("2", "unauthorized"), ("", "no reason told"),
        ("0", "transport not supported"), ("undefined", "undefined"),
        ("+0", "no reason told, reconnect"),
    ])
    func refusals(_ text: String, _ expected: String) {
        let bytes = Array(text.utf8)
        let refusal = SocketIORefusal(bytes.span, in: 0..<bytes.count)
        #expect(refusal.description == expected)
        #expect(refusal.data == bytes)
    }

    @Test func events() throws {
        let bytes = Array("5::/mtgox:{\"name\":\"h\\u0065llo\",\"args\":[1,{\"two\":2}]}".utf8)
        let found = SocketIOPacket(bytes.span)
        let data = try #require(found?.data)
        let read = SocketIOEvent(bytes.span, in: data)
        let event = try #require(read)
        #expect(event.name == "hello")
        let place = try #require(event.arguments)
        #expect(String(decoding: bytes[place], as: UTF8.self) == "[1,{\"two\":2}]")
        for wrong in [
            "notjson", "{}", "{\"name\":5}", "{\"name\":\"x\",\"args\":{}}", "{\"name\":\"x\"", "",
        ] {
            let text = Array(wrong.utf8)
            let event = SocketIOEvent(text.span, in: 0..<text.count)
            #expect(event == nil, "\(wrong)")
        }
        let plain = SocketIOEvent.data("ackme", arguments: nil as [UInt8]?)
        #expect(String(decoding: plain, as: UTF8.self) == "{\"name\":\"ackme\"}")
        let full = SocketIOEvent.data("a\"b", arguments: "[1]".utf8)
        #expect(String(decoding: full, as: UTF8.self) == "{\"name\":\"a\\\"b\",\"args\":[1]}")
    }

    /// No bytes make the parsers trap, and whatever they find lies within the bytes, in order.
    @Test func fuzz() {
        let seed: UInt64 = 0x51_0090
        var random = SeededGenerator(seed: seed)
        let alphabet = Array("0123456789:+/?{}[]\",name args€\u{FFFD}😀".utf8)
        for round in 0..<20_000 {
            var bytes = Array("\(Int.random(in: 0...9, using: &random)):".utf8)
            for _ in 0..<Int.random(in: 0...24, using: &random) {
                bytes.append(
                    alphabet.randomElement(using: &random)
                        ?? UInt8.random(in: 0...255, using: &random))
            }
            guard let packet = SocketIOPacket(bytes.span) else { continue }
            let place = "seed \(seed), round \(round)"
            #expect(packet.endpoint.upperBound <= bytes.count, "\(place)")
            guard let data = packet.data else { continue }
            #expect(data.lowerBound >= packet.endpoint.upperBound, "\(place)")
            #expect(data.upperBound == bytes.count, "\(place)")
            _ = SocketIOAck(bytes.span, in: data)
            _ = SocketIOEvent(bytes.span, in: data)
            _ = SocketIORefusal(bytes.span, in: data)
        }
    }
}
