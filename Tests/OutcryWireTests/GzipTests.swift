import OutcryWire
import Testing

@Suite struct GzipTests {
    private let text = Array("open outcry, ".utf8) + [UInt8](repeating: 65, count: 200_000)

    @Test func packsAndUnpacks() throws {
        let packed = try Gzip.compress(text.span)
        #expect(packed.count < 1_000)
        #expect(packed.starts(with: [0x1f, 0x8b]))
        #expect(try Gzip.decompress(packed.span, limit: text.count) == text)
        let empty = try Gzip.compress([UInt8]().span)
        #expect(try Gzip.decompress(empty.span, limit: 0) == [])
    }

    @Test func readsWhatGzipWrote() throws {
        // printf 'hello\n' | gzip -n
        let packed: [UInt8] = [
            0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xe7, 0x02, 0,
            0x20, 0x30, 0x3a, 0x36, 0x06, 0, 0, 0,
        ]
        #expect(try Gzip.decompress(packed.span, limit: 6) == Array("hello\n".utf8))
    }

    @Test func refusesMoreThanTheLimit() throws {
        let packed = try Gzip.compress(text.span)
        #expect(throws: GzipError.tooLarge(limit: text.count - 1)) {
            try Gzip.decompress(packed.span, limit: text.count - 1)
        }
    }

    @Test func everyCutEndsEarly() throws {
        let packed = try Gzip.compress(text.span)
        for count in 0..<packed.count {
            let cut = Array(packed[..<count])
            #expect(throws: GzipError.endedEarly(offset: count)) {
                try Gzip.decompress(cut.span, limit: text.count)
            }
        }
    }

    @Test func everyFlippedBitIsRefusedOrHarmless() throws {
        let packed = try Gzip.compress(text.span)
        var refused = 0
        for index in packed.indices {
            var damaged = packed
            damaged[index] ^= 0x10
            do {
                let result = try Gzip.decompress(damaged.span, limit: text.count)
                #expect(result == text, "byte \(index): the header's time and system do not count")
            } catch { refused += 1 }
        }
        #expect(refused > packed.count / 2)
        #expect(throws: GzipError.malformed(offset: 2, reason: "incorrect header check")) {
            try Gzip.decompress(Array("no gzip".utf8).span, limit: 10)
        }
    }

    @Test func takesMembersOneBehindTheOther() throws {
        let packed = try Gzip.compress(text.span)
        let empty = try Gzip.compress([UInt8]().span)
        let both = packed + empty + packed
        #expect(try Gzip.decompress(both.span, limit: 2 * text.count) == text + text)
        #expect(throws: GzipError.tooLarge(limit: 2 * text.count - 1)) {
            try Gzip.decompress(both.span, limit: 2 * text.count - 1)
        }
        #expect(throws: GzipError.endedEarly(offset: both.count - 1)) {
            try Gzip.decompress(Array(both.dropLast()).span, limit: 2 * text.count)
        }
    }

    @Test func saysWhatFollows() throws {
        let packed = try Gzip.compress(text.span)
        #expect(throws: GzipError.trailingBytes(offset: packed.count)) {
            try Gzip.decompress((packed + [0]).span, limit: text.count)
        }
    }
}
