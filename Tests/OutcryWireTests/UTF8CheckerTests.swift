import Testing

@testable import OutcryWire

@Suite struct UTF8CheckerTests {
    private func isValid(_ bytes: [UInt8]) -> Bool {
        var checker = UTF8Checker()
        return checker.firstBad(in: bytes.span, 0..<bytes.count) == nil && checker.isComplete
    }

    @Test("Every sequence of one to three bytes is judged as the standard library judges it")
    func allShortSequences() {
        var wrong: [[UInt8]] = []
        // Second and third bytes need only the edges of the ranges of table 3-7.
        let edges: [UInt8] = [
            0, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xED, 0xF4, 0xFF,
        ]
        for first: UInt8 in 0...255 {
            var sequences = [[first]]
            for second: UInt8 in 0...255 {
                sequences.append([first, second])
            }
            for second in edges {
                for third in edges {
                    sequences.append([first, second, third])
                    for fourth in edges where first >= 0xE0 {
                        sequences.append([first, second, third, fourth])
                    }
                }
            }
            for bytes in sequences
            where isValid(bytes) != (String(validating: bytes, as: UTF8.self) != nil) {
                wrong.append(bytes)
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test("The first bad byte is found at every place in and around the wide steps")
    func places() {
        for count in [1, 7, 8, 15, 16, 17, 63, 64, 65, 80, 127, 128, 200] {
            for place in 0..<count {
                var bytes = [UInt8](repeating: 0x61, count: count)
                bytes[place] = 0xFF
                var checker = UTF8Checker()
                let bad = checker.firstBad(in: bytes.span, 0..<count)
                let prefix = ByteKernels.asciiPrefix(of: bytes.span, 0..<count)
                #expect(bad == place && prefix == place)
                let all = ByteKernels.isASCII(bytes.span, 0..<count)
                let before = ByteKernels.isASCII(bytes.span, 0..<place)
                let behind = ByteKernels.isASCII(bytes.span, place + 1..<count)
                #expect(!all && before && behind)
            }
        }
    }

    @Test("Cut anywhere, the same byte is refused")
    func cuts() {
        for (valid, bytes) in UTF8Sequences.all {
            let text = Array("0123456789abcdef".utf8) + bytes
            var whole = UTF8Checker()
            let bad = whole.firstBad(in: text.span, 0..<text.count)
            #expect((bad == nil && whole.isComplete) == valid)
            for cut in 0...text.count {
                var checker = UTF8Checker()
                let first = checker.firstBad(in: text.span, 0..<cut)
                let found = first ?? checker.firstBad(in: text.span, cut..<text.count)
                #expect(found == bad)
            }
        }
    }

    @Test("Masking at every phase and length is its own inverse and the bytewise one")
    func masks() {
        for count in [0, 1, 3, 7, 8, 9, 15, 16, 17, 31, 40] {
            for phase in 0..<5 {
                let plain = (0..<count).map { UInt8($0 * 3) }
                var bytes: [UInt8] = [0xEE] + plain + [0xEE]
                let key: UInt32 = 0xD4C3_B2A1
                var span = bytes.mutableSpan
                _ = ByteKernels.mask(&span, 1..<count + 1, key: key, phase: phase)
                let keyBytes: [UInt8] = [0xA1, 0xB2, 0xC3, 0xD4]
                let expected = plain.enumerated().map { $1 ^ keyBytes[($0 + phase) % 4] }
                #expect(bytes == [0xEE] + expected + [0xEE])
                var again = bytes.mutableSpan
                let isASCII = ByteKernels.mask(&again, 1..<count + 1, key: key, phase: phase)
                #expect(isASCII && bytes == [0xEE] + plain + [0xEE])
            }
        }
    }
}
