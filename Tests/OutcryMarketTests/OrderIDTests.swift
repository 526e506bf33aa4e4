import OutcryMarket
import Testing

/// Names of orders keep their texts, whichever way they are kept.
@Suite struct OrderIDTests {
    private static let guid = "c8fa912b-d929-4cc5-98e6-3ea23667cfa5"
    private static let base32 = Array("0123456789abcdefghijklmnopqrstuv".utf8)

    /// The spelling of a number, a digit at a time.
    private func spelled(_ number: UInt64) -> String {
        let digits = stride(from: 60, through: 0, by: -5).map {
            Self.base32[Int(number >> $0 & 31)]
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// Every byte at every place of either form: the text is what it was, from a string and from bytes.
    @Test func anyByteAnywhere() {
        for text in [
            Self.guid, "00000000-0000-0001-0000-000000000000", "4jv0000000a9u", "0000000000001",
        ] {
            let bytes = Array(text.utf8)
            for place in bytes.indices {
                for byte in 0...255 as ClosedRange<UInt8> {
                    var other = bytes
                    other[place] = byte
                    let name = String(decoding: other, as: UTF8.self)
                    let id = OrderID(other.span)
                    guard id.text == name, id == OrderID(name),
                        (id == OrderID(text)) == (other == bytes)
                    else {
                        Issue.record(
                            "\(name.debugDescription) was read as \(id.text.debugDescription)")
                        return
                    }
                }
            }
        }
    }

    @Test func guidsAlone() {
        func id(_ text: String) -> OrderID? { OrderID(guid: text.utf8.span) }
        #expect(id(Self.guid) == OrderID(Self.guid) && id(Self.guid)?.text == Self.guid)
        for text in [
            "", "a", Self.guid + "0", String(Self.guid.dropLast()), Self.guid.uppercased(),
            "c8fa912b-d929-4cc5-98e6_3ea23667cfa5", "g8fa912b-d929-4cc5-98e6-3ea23667cfa5",
            "00000000-0000-0000-98e6-3ea23667cfa5",
        ] {
            #expect(id(text) == nil, "\(text)")
            #expect(OrderID(text).text == text)
        }
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>) func randomNames(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var numbers = [0, 1, 31, 1 << 24, 1 << 25, 1 << 63, .max, .max - 31] as [UInt64]
        for shift in 0..<200 as Range<UInt64> { numbers.append(random.next() >> (shift % 64)) }
        for number in numbers {
            let id = OrderID(random: number)
            let text = spelled(number)
            #expect(id.text == text, "seed \(seed): \(number)")
            #expect(id == OrderID(text) && id.hashValue == OrderID(text).hashValue)
            #expect(id.tableHash == OrderID(Array(text.utf8).span).tableHash)
        }
        // One bit more than there is room for.
        #expect(OrderID("g000000000000").text == "g000000000000")
        #expect(OrderID("g000000000000") != OrderID("0000000000000"))
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>) func randomGUIDs(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let digits = (0..<32).map { _ in Self.base32[Int(random.next() & 15)] }
            var bytes: [UInt8] = []
            for (place, digit) in digits.enumerated() {
                if [8, 12, 16, 20].contains(place) { bytes.append(UInt8(ascii: "-")) }
                bytes.append(digit)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let id = OrderID(bytes.span)
            #expect(id.text == text && id == OrderID(text), "seed \(seed)")
        }
    }
}
