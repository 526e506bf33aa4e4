import OutcryWire
import Testing

@Suite struct JSONReaderTests {
    /// Reads `text` with `body`, which must not throw; nothing may follow.
    private func read<R>(
        _ text: String, _ body: (inout JSONReader) throws(JSONError) -> R
    ) throws -> R {
        let bytes = Array(text.utf8)
        var json = JSONReader(bytes.span)
        let result = try body(&json)
        try json.finish()
        return result
    }

    /// The error that `body` throws on `text`.
    private func failure<R>(
        _ text: String, _ body: (inout JSONReader) throws(JSONError) -> R
    ) -> JSONError? {
        let bytes = Array(text.utf8)
        var json = JSONReader(bytes.span)
        do throws(JSONError) {
            _ = try body(&json)
            try json.finish()
            return nil
        } catch {
            return error
        }
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("7", 7), ("-271000000", -271_000_000), ("12345678", 12_345_678),
            ("123456789", 123_456_789), ("1323644358437819", 1_323_644_358_437_819),
            ("12345678901234567", 12_345_678_901_234_567),
            ("9007199254740993", 9_007_199_254_740_993),
            ("1337013370133700096", 1_337_013_370_133_700_096),
            ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min),
            ("-9223372036854775807", -Int64.max), ("1000000000000000", 1_000_000_000_000_000),
        ] as [(String, Int64)])
    func integersAreExact(text: String, value: Int64) throws {
        // As such and in a string; at the end of the input and far from it.
        for form in [text, "\"\(text)\"", "  \(text) "] {
            #expect(try read(form) { json throws(JSONError) in try json.integer() } == value)
            let long = "[\(form),\"here are many bytes more\"]"
            let read = try read(long) { json throws(JSONError) in
                try json.beginArray()
                _ = try json.nextElement()
                let value = try json.integer()
                try json.endArray()
                return value
            }
            #expect(read == value, "\(long)")
        }
        #expect(try read(text) { json throws(JSONError) in try json.int64() } == value)
        #expect(
            try read(text) { json throws(JSONError) in try json.number().int64() } == value)
    }

    @Test func integersOfEveryLength() throws {
        var generator = SeededGenerator(seed: 1)
        for digits in 1...19 {
            for _ in 0..<200 {
                let limit = (0..<digits).reduce(Int64(1)) { power, _ in
                    power > Int64.max / 10 ? Int64.max : power * 10
                }
                let value = Int64.random(in: -limit...limit, using: &generator)
                for form in [
                    "[\(value)]", "[\"\(value)\",\"0123456789abcdef\"]",
                    "[\(value),10000000000000000000]",
                ] {
                    let bytes = Array(form.utf8)
                    var json = JSONReader(bytes.span)
                    try json.beginArray()
                    _ = try json.nextElement()
                    #expect(try json.integer() == value, "seed 1, \(form)")
                    try json.endArray()
                    try json.finish()
                }
            }
        }
    }

    @Test(arguments: [
        ("\"01\"", 1), ("\"00\"", 0), ("\"-007\"", -7), ("\"0000000000000000\"", 0),
        ("\"0009223372036854775807\"", Int64.max), ("\"-0009223372036854775808\"", Int64.min),
        ("\"0000000000000000000000000000000000000042\"", 42),
    ])
    func zerosInFrontCountForNothingInAString(text: String, value: Int64) throws {
        for form in [text, "\(text)                       "] {
            let bytes = Array(form.utf8)
            var json = JSONReader(bytes.span)
            #expect(try json.integer() == value, "\(form)")
            try json.finish()
        }
    }

    @Test(arguments: [
        "9223372036854775808", "-9223372036854775809", "99999999999999999999", "1.0", "1e3", "1.5",
        "\"\"", "\"-\"", "\"1 \"", "\" 1\"", "\"+1\"", "\"1.0\"", "\"0x1\"",
        "\"\\u0031\"",
        "\"12a\"", "\"9223372036854775808\"", "\"--1\"", "\"1-\"",
    ])
    func whatIsNoInteger(text: String) {
        for form in [text, "\(text)                       "] {
            let error = failure(form) { json throws(JSONError) in try json.integer() }
            #expect(error?.expected == .int64, "\(form)")
            #expect(error?.offset == (text.hasPrefix("\"") ? 1 : 0), "\(form)")
        }
    }

    @Test(arguments: ["01", "-", "-01", "00", "-a", "+1", ".5", "1.", "1e", "1e+", "NaN", "1.e1"])
    func whatIsNoNumber(text: String) {
        for form in [text, "\(text)                       "] {
            let number = failure(form) { json throws(JSONError) in _ = try json.number() }
            let integer = failure(form) { json throws(JSONError) in try json.integer() }
            let decimal = failure(form) { json throws(JSONError) in _ = try json.decimal() }
            let skipped = failure(form) { json throws(JSONError) in try json.skip() }
            #expect(number != nil && integer != nil && decimal != nil && skipped != nil, "\(form)")
        }
        // Far from the end of the input, with each of the bytes that may follow a number.
        for end in [",\"and many bytes more, many more\"]", "]                                  "] {
            let form = "[\(text)\(end)"
            func element(_ body: (inout JSONReader) throws(JSONError) -> Void) -> JSONError? {
                failure(form) { json throws(JSONError) in
                    try json.beginArray()
                    _ = try json.nextElement()
                    try body(&json)
                    try json.endArray()
                }
            }
            let number = element { json throws(JSONError) in _ = try json.number() }
            let integer = element { json throws(JSONError) in _ = try json.integer() }
            let decimal = element { json throws(JSONError) in _ = try json.decimal() }
            let skipped = element { json throws(JSONError) in try json.skip() }
            #expect(number != nil && integer != nil && decimal != nil && skipped != nil, "\(form)")
        }
    }

    @Test(arguments: [
        "0", "-0", "7", "-120", "14.49", "0.5", "-0.00000001", "1e5", "1.5E-7", "0e0",
        "123456789012345", "1234567890123456", "12345678901234567890", "1.123456789012345",
        "1.1234567890123456", "123456789012345.123456789012345", "123456789012345.1e5",
    ])
    func numbersAreSkippedWholly(text: String) throws {
        for end in ["", ",", " ,", "}", " }", "\n}"] {
            let closed = end.contains("}") || end.isEmpty
            let form =
                "{\"n\":\(text)" + (closed ? (end.isEmpty ? "}" : end) : end + "\"m\":1}")
            for padding in ["", String(repeating: " ", count: 40)] {
                #expect(skipError(Array((form + padding).utf8)) == nil, "\(form)")
                let bytes = Array((form + padding).utf8)
                var json = JSONReader(bytes.span)
                try json.beginObject()
                _ = try json.nextKey()
                try json.skip()
                let read = json.offset
                #expect(read == 5 + text.utf8.count, "\(form)")
            }
        }
    }

    @Test func int64RefusesStrings() {
        let error = failure("\"1\"") { json throws(JSONError) in try json.int64() }
        #expect(error == JSONError(offset: 0, expected: .int64, found: .byte(0x22)))
    }

    @Test(arguments: ["71.06028", "1e-05", "-0.0", "12345678901234567890.12345678901234567890"])
    func numbersKeepTheirText(text: String) throws {
        #expect(try read(text) { json throws(JSONError) in try json.number().string } == text)
        #expect(try read(text) { json throws(JSONError) in try json.decimal().string } == text)
        #expect(
            try read("\"\(text)\"") { json throws(JSONError) in try json.decimal().string } == text)
        #expect(
            try read(text) { json throws(JSONError) in try json.number().double } == Double(text))
        #expect(try read(text) { json throws(JSONError) in try json.number().isInteger } == false)
    }

    @Test(arguments: ["\"1.5x\"", "\"\"", "\"1,5\"", "\"1.5 \"", "\"\\u0031\"", "true"])
    func whatIsNoDecimal(text: String) {
        let error = failure(text) { json throws(JSONError) in _ = try json.decimal() }
        #expect(error?.expected == .number, "\(text)")
    }

    @Test(arguments: [
        (#""""#, ""), (#""abc""#, "abc"), (#""0123456789abcdefg""#, "0123456789abcdefg"),
        (#""a\"b\\c\/d\b\f\n\r\t""#, "a\"b\\c/d\u{8}\u{c}\n\r\t"),
        (#""1.00\u00a0BTC""#, "1.00\u{a0}BTC"), (#""\u0041\u00DF\u4e2D\uD834\udd1e""#, "Aß中𝄞"),
        (#""\u0000""#, "\0"), (#""€1,000""#, "€1,000"),
        (#""𝄞 plain and long enough €""#, "𝄞 plain and long enough €"),
    ])
    func strings(text: String, value: String) throws {
        #expect(try read(text) { json throws(JSONError) in try json.string().string } == value)
        let isPlain = try read(text) { json throws(JSONError) in try json.string().isPlain }
        #expect(isPlain == !text.contains("\\"))
        var scratch: [UInt8] = [1, 2, 3]
        let decoded = try read(text) { json throws(JSONError) in
            let bytes = try json.string().decoded(in: &scratch)
            return bytes.indices.map { bytes[$0] }
        }
        #expect(decoded == Array(value.utf8))
    }

    @Test func textsCompareWithLiterals() throws {
        func compare(_ text: String, _ body: (borrowing JSONText) -> Bool) throws -> Bool {
            try read(text) { json throws(JSONError) in body(try json.string()) }
        }
        #expect(try compare(#""ask""#) { $0 == "ask" })
        #expect(try compare(#""\u0061sk""#) { $0 == "ask" })
        #expect(try !compare(#""ask""#) { $0 == "bid" || $0 == "as" || $0 == "asks" || $0 == "" })
        #expect(try !compare(#""\u0061sk""#) { $0 == "asks" || $0 == "as" || $0 == "\\u0061sk" })
        #expect(try compare(#""""#) { $0 == "" })
        #expect(try compare(#""total_volume_int""#) { $0 == "total_volume_int" })
        #expect(
            try compare(#""a key of twenty-eight bytes..""#) {
                $0 == "a key of twenty-eight bytes.."
            })
        #expect(
            try !compare(#""a key of twenty-eighT bytes..""#) {
                $0 == "a key of twenty-eight bytes.."
            })
        let kind = try read(#""bid""#) { json throws(JSONError) -> Int in
            switch try json.string() {
            case "ask": 1
            case "bid": 2
            default: 3
            }
        }
        #expect(kind == 2)
    }

    @Test func wordsAndNull() throws {
        #expect(try read(" true ") { json throws(JSONError) in try json.bool() })
        #expect(try !read("false") { json throws(JSONError) in try json.bool() })
        #expect(try read("null") { json throws(JSONError) in try json.isNull() })
        let number = try read(" 5") { json throws(JSONError) in
            try json.isNull() ? nil : try json.int64()
        }
        #expect(number == 5)
        let error = failure("nul") { json throws(JSONError) in try json.null() }
        #expect(error == JSONError(offset: 3, expected: .null, found: .endOfInput))
        #expect(failure("tru3") { json throws(JSONError) in try json.bool() }?.offset == 3)
    }

    @Test func structure() throws {
        let text = #" { "a" : [ 1 , [ ] , { } , "x" ] , "b" : { "c" : null } , "d" : -1.5e3 } "#
        let seen = try read(text) { json throws(JSONError) in
            var seen: [String] = []
            try json.beginObject()
            while let key = try json.nextKey() {
                seen.append(key.string)
                switch key {
                case "a":
                    try json.beginArray()
                    while try json.nextElement() {
                        let raw = try json.raw()
                        seen.append(String(decoding: raw.indices.map { raw[$0] }, as: UTF8.self))
                    }
                default: try json.skip()
                }
            }
            return seen
        }
        #expect(seen == ["a", "1", "[ ]", "{ }", "\"x\"", "b", "d"])
    }

    @Test func leavingEarly() throws {
        let text = #"{"a":{"x":1,"y":[1,2,3],"z":3},"b":[1,[2],3],"c":7}"#
        let value = try read(text) { json throws(JSONError) -> Int64 in
            var value: Int64 = 0
            try json.beginObject()
            while let key = try json.nextKey() {
                if key == "a" {
                    try json.beginObject()
                    _ = try json.nextKey()
                    try json.endObject()
                } else if key == "b" {
                    try json.beginArray()
                    _ = try json.nextElement()
                    value += try json.int64()
                    try json.endArray()
                } else {
                    value += try json.int64()
                }
            }
            return value
        }
        #expect(value == 8)
    }

    @Test func aValueOfAnotherKindCanBeAskedForAgain() throws {
        for (text, kind) in [
            ("{\"a\":1}", JSONKind.object), ("[1]", .array), (" \"x\"", .string),
            (" -1.5", .number),
            ("true", .bool), ("\nnull", .null),
        ] {
            let bytes = Array(text.utf8)
            var json = JSONReader(bytes.span)
            var read: [JSONKind] = []
            if (try? json.beginObject()) != nil { read.append(.object) }
            if read.isEmpty, (try? json.beginArray()) != nil { read.append(.array) }
            if read.isEmpty, (try? json.string()) != nil { read.append(.string) }
            if read.isEmpty, (try? json.integer()) != nil { read.append(.string) }
            if read.isEmpty, (try? json.bool()) != nil { read.append(.bool) }
            if read.isEmpty, (try? json.null()) != nil { read.append(.null) }
            if read.isEmpty, (try? json.decimal()) != nil { read.append(.number) }
            #expect(read == [kind], "\(text)")
        }
    }

    @Test func copiesLookAhead() throws {
        let bytes = Array(#"{"depth":{"now":"5"},"private":"depth"}"#.utf8)
        var json = JSONReader(bytes.span)
        var ahead = json
        try ahead.beginObject()
        var isDepth = false
        while let key = try ahead.nextKey() {
            if key == "private" {
                isDepth = try ahead.string() == "depth"
            } else {
                try ahead.skip()
            }
        }
        let offset = json.offset
        #expect(isDepth && offset == 0)
        try json.skip()
        try json.finish()
    }

    @Test(
        arguments: [
            ("", 0, .value, nil), ("  ", 2, .value, nil), ("[1,]", 3, .value, "]"),
            ("[1 2]", 3, .commaOrArrayEnd, "2"), ("[1}", 2, .commaOrArrayEnd, "}"),
            ("[", 1, .value, nil), ("[1", 2, .commaOrArrayEnd, nil),
            ("{", 1, .keyOrObjectEnd, nil), ("{1:2}", 1, .keyOrObjectEnd, "1"),
            ("{\"a\"1}", 4, .colon, "1"), ("{\"a\":1,}", 7, .key, "}"),
            ("{\"a\":1]", 6, .commaOrObjectEnd, "]"), ("{\"a\":}", 5, .value, "}"),
            ("1 1", 2, .endOfInput, "1"), ("\"abc", 4, .string, nil),
            ("\"a\tb\"", 2, .escapedControl, "\t"),
            ("\"\\x\"", 2, .escape, "x"), ("\"\\u12g4\"", 5, .hexDigit, "g"),
            ("\"\\ud800\"", 7, .surrogatePair, "\""), ("\"\\udc00\"", 1, .surrogatePair, "\\"),
            ("\"\\ud800\\u0041\"", 7, .surrogatePair, "\\"), ("-x", 1, .digit, "x"),
            ("1.x", 2, .digit, "x"), ("01", 1, .number, "1"), ("nulL", 3, .null, "L"),
            ("[1]]", 3, .endOfInput, "]"), ("#", 0, .value, "#"),
        ] as [(String, Int, JSONError.Expectation, String?)])
    func errorsSayWhereAndWhat(
        text: String, offset: Int, expected: JSONError.Expectation, found: String?
    ) {
        let finding = found.flatMap(\.utf8.first).map(JSONError.Finding.byte) ?? .endOfInput
        let wanted = JSONError(offset: offset, expected: expected, found: finding)
        #expect(skipError(Array(text.utf8)) == wanted)
        #expect(walkError(Array(text.utf8)) == wanted, "walked")
    }

    @Test func invalidUTF8IsNamed() {
        let sequences: [[UInt8]] = [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xE0, 0x9F, 0x80], [0xED, 0xA0, 0x80],
            [0xE2, 0x82], [0xF0, 0x8F, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80],
            [0xFF], [0xFE], [0xE2, 0x28, 0xA1],
        ]
        for sequence in sequences {
            for padding in [0, 3, 15, 16, 40] {
                let bytes = [0x22] + [UInt8](repeating: 0x61, count: padding) + sequence + [0x22]
                #expect(skipError(bytes)?.expected == .utf8, "\(sequence), \(padding)")
                #expect((skipError(bytes)?.offset ?? 0) > padding, "\(sequence), \(padding)")
            }
        }
    }

    @Test func theByteOrderMarkIsNamed() {
        #expect(
            skipError([0xEF, 0xBB, 0xBF, 0x31])
                == JSONError(offset: 0, expected: .noByteOrderMark, found: .byte(0xEF)))
    }

    @Test func errorsRead() {
        #expect(
            skipError(Array("[1 2]".utf8))?.description
                == "expected a comma or ']', found '2' at offset 3")
        #expect(
            skipError(Array("\"\u{1}\"".utf8))?.description
                == "expected control characters to be escaped, found byte 0x01 at offset 1")
        #expect(
            skipError([])?.description == "expected a value, found the end of the input at offset 0"
        )
    }

    @Test func theDepthLimitIsExact() {
        for limit in [1, 2, 63, 64, 65, 128, 1024] {
            for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
                let inner = open == "[" ? "" : "1"
                func nested(_ levels: Int) -> [UInt8] {
                    Array(
                        (String(repeating: open, count: levels) + inner
                            + String(repeating: close, count: levels)).utf8)
                }
                #expect(skipError(nested(limit), depthLimit: limit) == nil)
                #expect(walkError(nested(limit), depthLimit: limit) == nil)
                let error = skipError(nested(limit + 1), depthLimit: limit)
                #expect(error?.expected == .lessDepth)
                #expect(error?.offset == limit * open.utf8.count)
                #expect(walkError(nested(limit + 1), depthLimit: limit) == error)
            }
        }
    }
}
