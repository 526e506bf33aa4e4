import OutcryWire
import Testing

/// What is written straight into memory is what the other writers write.
@Suite struct JSONPieceTests {
    @Test func strings() {
        var texts = ["", "a", "order_add:bid:1443000:17", "\u{e9}\u{1F600}", "12345678"]
        // Each byte that may or may not have to be escaped, at each place of a word and of a rest.
        for byte in 0..<128 as Range<UInt8> {
            for place in [0, 3, 7, 8, 12, 16] {
                for count in [1, 5, 7, 8, 9, 15, 16, 17, 18] where place < count {
                    var bytes = [UInt8](repeating: 0x61, count: count)
                    bytes[place] = byte
                    texts.append(String(decoding: bytes, as: UTF8.self))
                }
            }
        }
        for text in texts {
            var expected: [UInt8] = [0x7B]
            JSONWriter.appendString(text, to: &expected)
            let got = [UInt8](capacity: 3 + 6 * text.utf8.count) { bytes in
                bytes.append(0x7B)
                JSONWriter.put(string: text, to: &bytes)
            }
            #expect(got == expected, "\(text.debugDescription)")
        }
    }

    @Test func numbersAndPieces() {
        var numbers = [0, 9, 10, 1_364_767_201_381_800, .max] as [UInt64]
        // Around every power of ten, and some between.
        var power: UInt64 = 1
        for _ in 0..<19 {
            power *= 10
            numbers += [power - 1, power, power + 1, power / 7, power &* 13]
        }
        for number in numbers {
            let got = [UInt8](capacity: 40) { bytes in
                JSONWriter.put([0x2C].span, to: &bytes)
                JSONWriter.put(literal: "-", to: &bytes)
                JSONWriter.put(literal: "", to: &bytes)
                JSONWriter.put([UInt8]().span, to: &bytes)
                JSONWriter.put(number, to: &bytes)
            }
            #expect(String(decoding: got, as: UTF8.self) == ",-\(number)")
        }
    }
}
