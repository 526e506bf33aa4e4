import OutcryWire
import Testing

/// A literal's length decides how it is compared: every length up to 21, every byte wrong once.
@Suite struct JSONLiteralTests {
    /// Which of the compares say that `literal` is there, in an object `{"name":"text"…`.
    private struct Answers: Equatable {
        var key: Bool
        var string: Bool
        var text: Bool
        static let all = Answers(key: true, string: true, text: true)
        static let none = Answers(key: false, string: false, text: false)
    }

    private func ask(_ bytes: [UInt8], _ literal: StaticString) throws -> Answers {
        var json = JSONReader(bytes.span)
        try json.beginObject()
        var other = json
        let key = json.key(is: literal)
        _ = try other.nextKey()
        var third = other
        let string = other.string(is: literal)
        return Answers(key: key, string: string, text: try third.string() == literal)
    }

    @Test(
        arguments: [
            "", "a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg", "abcdefgh", "abcdefghi",
            "abcdefghij", "abcdefghijk", "abcdefghijkl", "abcdefghijklm", "abcdefghijklmn",
            "abcdefghijklmno", "abcdefghijklmnop", "abcdefghijklmnopq", "abcdefghijklmnopqr",
            "abcdefghijklmnopqrs", "abcdefghijklmnopqrst", "abcdefghijklmnopqrstu",
            "abcdefghijklmnopqrstuvwxyz0123456789",
        ] as [StaticString])
    func everyByteCounts(literal: StaticString) throws {
        let name = "\(literal)"
        let length = name.utf8.count
        let near = Array("{\"\(name)\":\"\(name)\"}".utf8)
        let far = Array("{\"\(name)\":\"\(name)\",\"and what comes then\":true}".utf8)
        #expect(try ask(far, literal) == .all)
        // Near the end the prediction for values may give up, the others not.
        #expect(try ask(near, literal).key && ask(near, literal).text)
        for right in [near, far] {
            for index in 0..<length {
                var bytes = right
                bytes[2 + index] ^= 1
                bytes[length + 5 + index] ^= 1
                #expect(try ask(bytes, literal) == .none, "byte \(index)")
            }
            // The punctuation around a key counts, too.
            for index in [1, length + 2, length + 3] {
                var bytes = right
                bytes[index] ^= 4
                var json = JSONReader(bytes.span)
                try json.beginObject()
                let isThere = json.key(is: literal)
                #expect(!isThere, "byte \(index)")
            }
            // And its length, both ways.
            var longer = right
            longer.insert(0x61, at: length + 2)
            #expect(try !ask(longer, literal).key)
            if length > 0 {
                var shorter = right
                shorter.remove(at: length + 1)
                #expect(try !ask(shorter, literal).key)
            }
        }
    }

    @Test func aCommaIsNoBraceAndNoBraceIsAComma() throws {
        for text in [",\"a\":1}           ", "{{\"a\":1}          ", "{,\"a\":1}          "] {
            var json = JSONReader(Array(text.utf8).span)
            guard (try? json.beginObject()) != nil else { continue }
            let isThere = json.key(is: "a")
            #expect(!isThere, "\(text)")
        }
        let bytes = Array("{\"a\":1{\"b\":2}            ".utf8)
        var json = JSONReader(bytes.span)
        try json.beginObject()
        let first = json.key(is: "a")
        try json.skip()
        let second = json.key(is: "b")
        #expect(first && !second)
    }
}
