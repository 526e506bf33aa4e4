import OutcryWire
import Testing

/// A string that is skipped ends where the one that is read does, and is refused where that is.
@Suite struct JSONStringEndTests {
    private enum End: Equatable {
        case at(Int)
        case error(JSONError)
    }

    private func end(
        _ bytes: [UInt8], _ read: (inout JSONReader) throws(JSONError) -> Void
    ) -> End {
        var json = JSONReader(bytes.span)
        do throws(JSONError) {
            try read(&json)
            return .at(json.offset)
        } catch { return .error(error) }
    }

    private func check(_ content: [UInt8], _ rest: String) {
        let bytes = [0x22] + content + Array(rest.utf8)
        let skipped = end(bytes) { (json) throws(JSONError) in try json.skip() }
        let read = end(bytes) { (json) throws(JSONError) in _ = try json.string() }
        // The same string as an element.
        let careful = end([0x5B] + bytes) { (json) throws(JSONError) in
            try json.beginArray()
            _ = try json.nextElement()
            try json.skip()
        }
        let text = String(decoding: bytes, as: UTF8.self).debugDescription
        #expect(skipped == read, "\(text)")
        switch (skipped, careful) {
        case (.at(let index), .at(let other)): #expect(other == index + 1, "\(text)")
        case (.error(let error), .error(let other)):
            #expect(other.offset == error.offset + 1 && other.expected == error.expected, "\(text)")
        default: Issue.record("\(text): \(skipped), \(careful)")
        }
    }

    /// Escapes of every first and last digit, in and out of place, near the end and far from it.
    @Test func escapes() {
        let rests = ["\"", "\"}", "\",\"value\":\"0.01000000\",\"currency\":\"BTC\"}"]
        for length in [0, 1, 7, 9, 10, 11, 15, 16, 17, 31] {
            let head = [UInt8](repeating: UInt8(ascii: "7"), count: length)
            for rest in rests {
                check(head, rest)
                for escape in [
                    #"\u00a0"#, #"\u00A0"#, #"\u20ac"#, #"\ud83d\ude00"#, #"\ud83d"#, #"\uD7FF"#,
                    #"\n"#, #"\""#, #"\\"#, #"\x"#, #"\u00g0"#, #"\u00"#, #"\"#, #"\u"#, #"\U00a0"#,
                ] {
                    check(head + Array(escape.utf8), rest)
                    check(head + Array("\(escape)BTC\(escape)".utf8), rest)
                }
            }
        }
    }

    /// Any byte as each digit of an escape.
    @Test func digits() {
        let rest = "BTC\",\"currency\":\"BTC\",\"currency\":\"BTC\"}"
        for place in 0..<4 {
            for byte in 0...255 as ClosedRange<UInt8> {
                var content = Array(#"1.00\u00a0"#.utf8)
                content[6 + place] = byte
                check(content, rest)
            }
        }
    }

    /// Cut anywhere it is refused, and never read beyond its end.
    @Test func cuts() {
        let text = Array(#""1.00000000\u00a0BTC 1.00000000\u00a0BTC""#.utf8)
        for count in 0..<text.count {
            let cut = Array(text[..<count])
            let skipped = end(cut) { (json) throws(JSONError) in try json.skip() }
            let read = end(cut) { (json) throws(JSONError) in _ = try json.string() }
            guard case .error = skipped else {
                Issue.record("cut at \(count): \(skipped)")
                continue
            }
            if count > 0 { #expect(skipped == read, "cut at \(count)") }
        }
    }
}
