import OutcryWire
import Testing

@Suite struct SocketIOPayloadTests {
    static func read(_ bytes: [UInt8]) -> [String] {
        var reader = SocketIOPayloadReader()
        var packets: [String] = []
        while let place = reader.next(bytes.span) {
            packets.append(String(decoding: bytes[place], as: UTF8.self))
        }
        return packets + (reader.isDamaged ? ["damaged"] : [])
    }

    static func write(_ packets: [String]) -> [UInt8] {
        SocketIOPayload.encoded(packets.map { Array($0.utf8) })
    }

    /// The original test suite's payload, both ways.
    @Test func originalVector() {
        let text = "\u{FFFD}5\u{FFFD}3:::5\u{FFFD}7\u{FFFD}3:::53d\u{FFFD}3\u{FFFD}0::"
        let packets = ["3:::5", "3:::53d", "0::"]
        #expect(Self.read(Array(text.utf8)) == packets)
        #expect(Self.write(packets) == Array(text.utf8))
    }

    /// Example 13 of the reference: 82 bytes.
    @Test func recordedPoll() {
        let packets = [
            "3:2:/mtgox:msg-needs-ack", "5::/mtgox:{\"name\":\"acked\",\"args\":[\"pong\"]}",
        ]
        let bytes = Self.write(packets)
        #expect(bytes.count == 82)
        #expect(Array(bytes[..<8]) == [0xEF, 0xBF, 0xBD, 0x32, 0x34, 0xEF, 0xBF, 0xBD])
        #expect(Self.read(bytes) == packets)
    }

    @Test func oneAndNone() {
        #expect(Self.write(["1::"]) == Array("1::".utf8))
        #expect(Self.read(Array("1::".utf8)) == ["1::"])
        #expect(Self.write([]).isEmpty)
        #expect(Self.read([]).isEmpty)
    }

    /// Lengths are UTF-16 units; what counts characters or bytes is understood.
    @Test(arguments: [39, 38, 44])
    func lengths(_ length: Int) {
        let packet = "3:::1.00000000\u{A0}BTC € 😀 and 12345678901"
        let units = SocketIOPayload.length(Array(packet.utf8).span)
        #expect(units == 39)
        #expect(packet.unicodeScalars.count == 38)
        #expect(packet.utf8.count == 44)
        let second = "3:::and some more"
        let text = "\u{FFFD}\(length)\u{FFFD}\(packet)\u{FFFD}17\u{FFFD}\(second)"
        #expect(Self.read(Array(text.utf8)) == [packet, second])
    }

    @Test(arguments: [
        "\u{FFFD}", "\u{FFFD}3", "\u{FFFD}\u{FFFD}1::", "\u{FFFD}4\u{FFFD}1::",
        "\u{FFFD}99999999999999999999\u{FFFD}1::", "\u{FFFD}x\u{FFFD}1::", "\u{FFFD}2\u{FFFD}1::",
    ])
    func damage(_ text: String) { #expect(Self.read(Array(text.utf8)) == ["damaged"]) }

    @Test func damageBehindGood() {
        let text = "\u{FFFD}3\u{FFFD}1::\u{FFFD}9\u{FFFD}2::"
        #expect(Self.read(Array(text.utf8)) == ["1::", "damaged"])
    }

    /// Whatever is written is read again, packets with marks in them included.
    @Test func roundTrips() {
        let seed: UInt64 = 0x51_0091
        var random = SeededGenerator(seed: seed)
        let pieces = ["3:::", "a", "€", "😀", "\u{FFFD}", "\u{A0}", "\u{2028}", "\"", "7", "\n"]
        for round in 0..<3000 {
            let packets = (0..<Int.random(in: 2...5, using: &random)).map { _ in
                "3:::"
                    + (0..<Int.random(in: 0...9, using: &random)).map { _ in
                        pieces.randomElement(using: &random) ?? ""
                    }.joined()
            }
            #expect(Self.read(Self.write(packets)) == packets, "seed \(seed), round \(round)")
        }
    }

    /// No bytes make the reader trap or loop.
    @Test func fuzz() {
        let seed: UInt64 = 0x51_0092
        var random = SeededGenerator(seed: seed)
        let alphabet: [UInt8] = [0xEF, 0xBF, 0xBD, 0x31, 0x32, 0x33, 0x3A, 0xF0, 0x9F, 0x98, 0x80]
        for _ in 0..<20_000 {
            var bytes: [UInt8] = [0xEF, 0xBF, 0xBD]
            for _ in 0..<Int.random(in: 0...30, using: &random) {
                bytes.append(alphabet.randomElement(using: &random) ?? 0)
            }
            var reader = SocketIOPayloadReader()
            var end = 0
            while let place = reader.next(bytes.span) {
                #expect(place.lowerBound >= end && place.upperBound <= bytes.count, "seed \(seed)")
                end = place.upperBound
                if end == bytes.count { break }
            }
        }
    }
}
