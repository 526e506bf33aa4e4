import OutcryWire
import Testing

/// A decoder that asks for keys in one order is right for every order and spelling.
@Suite struct JSONPredictionTests {
    private struct Level: Equatable {
        var price: Int64 = -1
        var total: Int64 = -1
        var now: Int64 = -1
        var side = "?"
        var inner: Int64 = -1
        /// How many passes over the keys it took.
        var passes = 0
    }

    private func decode(_ text: String) throws -> Level {
        let bytes = Array(text.utf8)
        var json = JSONReader(bytes.span)
        var level = Level()
        try json.beginObject()
        repeat {
            level.passes += 1
            if json.key(is: "currency") { try json.skip(expecting: "USD") }
            if json.key(is: "now") { level.now = try json.integer() }
            if json.key(is: "price_int") { level.price = try json.integer() }
            if json.key(is: "total_volume_int") { level.total = try json.integer() }
            if json.key(is: "in") {
                try json.beginObject()
                repeat {
                    if json.key(is: "a") { try json.skip() }
                    if json.key(is: "v") { level.inner = try json.integer() }
                } while try json.anotherKey()
            }
            if json.key(is: "type_str") { level.side = try json.string().string }
        } while try json.anotherKey()
        try json.finish()
        return level
    }

    private static let fields = [
        ("currency", "\"USD\""), ("now", "\"1323644358449578\""), ("price_int", "\"1626000\""),
        ("total_volume_int", "4538000000"), ("in", "{\"a\":[1,{}],\"v\":5}"),
        ("type_str", "\"ask\""),
    ]
    private static let right = Level(
        price: 1_626_000, total: 4_538_000_000, now: 1_323_644_358_449_578, side: "ask", inner: 5)

    private func same(_ level: Level, _ wanted: Level) -> Bool {
        var level = level
        level.passes = wanted.passes
        return level == wanted
    }

    @Test func theExpectedOrderTakesOnePass() throws {
        let text = "{" + Self.fields.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
        let level = try decode(text)
        #expect(same(level, Self.right) && level.passes == 1)
    }

    @Test func theExpectedOrderWithSpaceTakesOnePassToo() throws {
        for (comma, colon) in [(", ", ":"), (", ", ": "), (",\n  ", ": "), (" ,", ":")] {
            let fields = Self.fields.map { "\"\($0)\"\(colon)\($1)" }.joined(separator: comma)
            for text in ["{\(fields)}", "{ \(fields) }"] {
                let level = try decode(text)
                #expect(same(level, Self.right) && level.passes == 1, "\(text)")
            }
        }
    }

    @Test func emptyObjects() throws {
        #expect(try same(decode("{}"), Level()))
        #expect(try same(decode(" { } "), Level()))
        #expect(try same(decode("{\"in\":{}}"), Level()))
        #expect(try same(decode("{\"in\": { } }"), Level()))
    }

    @Test func anyOrderUnknownFieldsSpaceAndEscapes() throws {
        let strangers = [
            ("x", "1"), ("price", "\"16.26\""), ("nested", "{\"now\":\"7\",\"price_int\":[{}]}"),
            ("now_", "null"), ("", "true"), ("currenc", "\"\""), ("type_str\\u0000", "\"bid\""),
            ("a key that is longer than any other", "[[1,2],\"price_int\"]"), ("pr\\\"", "-1.5e3"),
        ]
        let spaces = ["", "", "", " ", "\n  ", "\t\r\n"]
        var generator = SeededGenerator(seed: 2011)
        for round in 0..<3000 {
            var fields = Self.fields.map { name, value in
                (escaped(name, using: &generator, round), value)
            }
            for stranger in strangers where Bool.random(using: &generator) {
                fields.append(stranger)
            }
            fields.shuffle(using: &generator)
            let hasSpace = round % 3 == 2
            func space() -> String {
                hasSpace ? spaces.randomElement(using: &generator) ?? "" : ""
            }
            var text = space() + "{"
            for (index, field) in fields.enumerated() {
                text += (index > 0 ? "," : "") + space() + "\"\(field.0)\"" + space() + ":"
                text += space() + field.1 + space()
            }
            text += "}" + space()
            let level = try decode(text)
            if !same(level, Self.right) { Issue.record("seed 2011, round \(round): \(text)") }
        }
    }

    /// The name, now and then with a character as an escape.
    private func escaped(
        _ name: String, using generator: inout SeededGenerator, _ round: Int
    ) -> String {
        guard round % 2 == 1, Int.random(in: 0..<3, using: &generator) == 0 else { return name }
        let place = Int.random(in: 0..<name.utf8.count, using: &generator)
        return name.utf8.enumerated().reduce("") { text, item in
            let hex = String(item.element, radix: 16)
            return text
                + (item.offset == place
                    ? "\\u00\(hex)" : String(decoding: [item.element], as: UTF8.self))
        }
    }

    @Test func theLastOfADuplicatedKeyWins() throws {
        for text in [
            #"{"now":1,"now":2,"price_int":3,"now":4}"#, #"{"now":1,"price_int":3, "now":4}"#,
            #"{"price_int":3,"\u006eow":1,"now":4}"#, #"{"now":1,"price_int":3,"\u006eow":4}"#,
        ] {
            let level = try decode(text)
            #expect(level.now == 4 && level.price == 3, "\(text)")
        }
    }

    @Test func predictionsAcceptNothingThatIsWrong() {
        // Every byte of a message changed to each of many others: decoding it by prediction may not
        // accept what the naive validator refuses.
        let text = "{" + Self.fields.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
        let original = Array(text.utf8)
        for index in original.indices {
            for byte in [
                0x00, 0x20, 0x22, 0x2C, 0x30, 0x3A, 0x5C, 0x5D, 0x61, 0x7B, 0x7D, 0x80, 0xFF,
            ]
                as [UInt8]
            {
                var bytes = original
                bytes[index] = byte
                let changed = String(decoding: bytes, as: UTF8.self)
                guard Array(changed.utf8) == bytes else { continue }  // malformed UTF-8
                if (try? decode(changed)) != nil, !NaiveJSON.accepts(bytes) {
                    Issue.record("accepted: \(changed)")
                }
            }
        }
        for length in 0..<original.count {
            #expect((try? decode(String(text.prefix(length)))) == nil, "cut at \(length)")
        }
    }

    @Test func mixingWithNextKey() throws {
        let bytes = Array(#"{"a":1,"b":2, "c":3,"d":4}"#.utf8)
        var json = JSONReader(bytes.span)
        var values: [Int64] = []
        try json.beginObject()
        if json.key(is: "a") { values.append(try json.integer()) }
        let isSkippedAhead = json.key(is: "c")
        while let key = try json.nextKey() {
            if key == "d" { try json.skip() } else { values.append(try json.integer() * 10) }
        }
        try json.finish()
        #expect(values == [1, 20, 30] && !isSkippedAhead)
    }

    /// A value that is known by its spelling is passed where it comes so, and at no other place.
    @Test func knownValues() throws {
        let value = #"{"value":"1","value_int":"100000"}"#
        let known = Array(value.utf8)
        for end in 0...known.count {
            for (text, isKnown) in [
                (#"{"a":\#(value)}"#, end == known.count), (#"{"a": \#(value)}"#, false),
                (#"{"a":\#(value.replacing("100000", with: "100001"))}"#, false),
                (#"{"a":\#(value) , "b":1}"#, end == known.count),
            ] {
                let bytes = Array(text.utf8)
                var json = JSONReader(bytes.span)
                try json.beginObject()
                let isThere = json.key(is: "a")
                #expect(isThere)
                // What was never a whole value must not be asked for; here it is in no place.
                guard end == known.count || end < 8 else { continue }
                let found = json.skip(exactly: known.span.extracting(..<end))
                #expect(found == isKnown, "\(end) \(text)")
                if !found { try json.skip() }
                while try json.anotherKey() {
                    guard json.key(is: "b") else { continue }
                    let one = try json.integer()
                    #expect(one == 1)
                }
                try json.finish()
            }
        }
        // At the very end of the bytes there is no room for what has to follow it.
        let cut = Array(#"{"a":\#(value)"#.utf8)
        var json = JSONReader(cut.span)
        try json.beginObject()
        let isThere = json.key(is: "a")
        let found = json.skip(exactly: known.span)
        #expect(isThere && !found)
    }

    @Test func beginnings() {
        let text = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)
        for end in 0...text.count {
            let begins = text.span.extracting(..<end).begins(text.span)
            #expect(begins == (end >= 8 && end < text.count))
            for place in 0..<end {
                var other = text
                other[place] = 0x2D
                let isSame = text.span.extracting(..<end).begins(other.span)
                #expect(!isSame)
            }
        }
    }
}
