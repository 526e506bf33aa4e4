import OutcryWire
import Testing

@Suite struct JSONWriterTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func object(
        _ escaping: JSONEscaping = .minimal, _ fill: (inout JSONObjectWriter) -> Void
    ) -> String {
        var writer = JSONWriter(escaping: escaping)
        writer.object(fill)
        return text(writer.bytes)
    }

    @Test func everyKindOfValue() throws {
        var writer = JSONWriter()
        try writer.object { message throws(JSONError) in
            message.field("op", "mtgox.subscribe")
            message.field("id", 7)
            message.field("large", Int64.min)
            message.field("price_int", quoted: -1_443_000)
            message.field("ok", true)
            message.null("none")
            try message.field("price", number: "71.06028")
            try message.field("raw", json: Array(#" {"a" : [1]} "#.utf8).span)
            message.object("empty") { _ in }
            message.array("list") { list in
                list.append("x")
                list.append(-1)
                list.append(Int64.max)
                list.append(quoted: 0)
                list.append(false)
                list.appendNull()
                list.object { $0.field("k", 1) }
                list.array { $0.append(2) }
                list.array { _ in }
            }
            message.field("last", 0)
        }
        #expect(
            text(writer.bytes)
                == #"{"op":"mtgox.subscribe","id":7,"large":-9223372036854775808,"#
                + #""price_int":"-1443000","ok":true,"none":null,"price":71.06028,"#
                + #""raw": {"a" : [1]} ,"empty":{},"list":["x",-1,9223372036854775807,"0",false,"#
                + #"null,{"k":1},[2],[]],"last":0}"#)
        #expect(skipError(writer.bytes) == nil)
    }

    @Test func minimalEscaping() {
        #expect(
            object { $0.field("\"k\\", "a\"b\\c/d\u{8}\u{c}\n\r\t\u{1}\u{1f}\u{7f}é€𝄞") }
                == "{\"\\\"k\\\\\":\"a\\\"b\\\\c/d\\b\\f\\n\\r\\t\\u0001\\u001f\u{7f}é€𝄞\"}")
    }

    @Test func asciiEscaping() {
        #expect(
            object(.ascii) { $0.field("display", "0.20\u{a0}BTC €𝄞\u{7f}/") }
                == #"{"display":"0.20\u00a0BTC \u20ac\ud834\udd1e\u007f/"}"#)
        #expect(object(.ascii) { $0.field("€", "") } == #"{"\u20ac":""}"#)
    }

    @Test func whatIsWrittenIsReadBack() throws {
        var generator = SeededGenerator(seed: 3)
        let scalars: [Unicode.Scalar] = [
            "a", "\"", "\\", "\n", "\0", "é", "€", "𝄞", "/", "\u{7f}", "z",
        ]
        for escaping in [JSONEscaping.minimal, .ascii] {
            var writer = JSONWriter(escaping: escaping)
            for round in 0..<500 {
                var value = String.UnicodeScalarView()
                for _ in 0..<Int.random(in: 0..<60, using: &generator) {
                    let isPlain = Int.random(in: 0..<4, using: &generator) > 0
                    value.append(isPlain ? "a" : scalars.randomElement(using: &generator) ?? "a")
                }
                let string = String(value)
                let number = Int64.random(in: .min ... .max, using: &generator)
                writer.array { array in
                    array.append(string)
                    array.append(number)
                    array.append(quoted: number)
                }
                let bytes = writer.bytes
                var json = JSONReader(bytes.span)
                try json.beginArray()
                _ = try json.nextElement()
                #expect(try json.string().string == string, "seed 3, round \(round)")
                _ = try json.nextElement()
                #expect(try json.int64() == number, "seed 3, round \(round)")
                _ = try json.nextElement()
                #expect(try json.integer() == number, "seed 3, round \(round)")
                try json.endArray()
                try json.finish()
                if escaping == .ascii { #expect(bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F }) }
            }
        }
    }

    @Test(arguments: ["", "01", "1.", "abc", "1 ", " 1", "1,2", "NaN", "-", "\"1\""])
    func whatIsNoNumberIsNotWritten(number: String) {
        var writer = JSONWriter()
        writer.object { message in
            message.field("a", 1)
            #expect(throws: JSONError.self) { try message.field("b", number: number) }
            message.array("c") { list in
                #expect(throws: JSONError.self) { try list.append(number: number) }
                list.append(2)
            }
        }
        #expect(text(writer.bytes) == #"{"a":1,"c":[2]}"#)
    }

    @Test(arguments: ["", "{", "1 2", "{\"a\":1,}", "[\u{1}]", "nul"])
    func whatIsNoJSONIsNotWritten(json: String) {
        var writer = JSONWriter()
        writer.object { message in
            #expect(throws: JSONError.self) {
                try message.field("b", json: Array(json.utf8).span)
            }
            message.field("a", 1)
        }
        #expect(text(writer.bytes) == #"{"a":1}"#)
    }

    private struct Stop: Error {}

    @Test func nothingRemainsOfWhatThrows() {
        var writer = JSONWriter()
        writer.object { message in
            #expect(throws: Stop.self) {
                try message.object("first") { inner throws(Stop) in
                    inner.field("x", 1)
                    throw Stop()
                }
            }
            message.field("a", 1)
            #expect(throws: Stop.self) {
                try message.array("list") { list throws(Stop) in
                    list.append("x")
                    try list.object { inner throws(Stop) in
                        inner.field("y", 2)
                        throw Stop()
                    }
                }
            }
            message.field("b", 2)
        }
        #expect(text(writer.bytes) == #"{"a":1,"b":2}"#)
        #expect(throws: Stop.self) {
            try writer.array { list throws(Stop) in
                list.append(1)
                throw Stop()
            }
        }
        #expect(writer.bytes.isEmpty)
        var buffer = Array("head".utf8)
        #expect(throws: Stop.self) {
            try JSONWriter.appendObject(to: &buffer) { _ throws(Stop) in throw Stop() }
        }
        #expect(text(buffer) == "head")
        JSONWriter.appendObject(to: &buffer) { $0.field("a", 1) }
        JSONWriter.appendArray(to: &buffer) { $0.append("b") }
        #expect(text(buffer) == #"head{"a":1}["b"]"#)
    }

    @Test func theBufferIsUsedAgain() {
        var writer = JSONWriter(capacity: 64)
        func place() -> UInt {
            unsafe writer.span.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        }
        var places: [UInt] = []
        for round in 0..<100 {
            writer.object { message in
                message.field("op", "order")
                message.object("price") { $0.field("value_int", quoted: Int64(round)) }
                message.array("list") { for index in 0..<20 { $0.append(index) } }
            }
            places.append(place())
        }
        // It grows in the first round and stays where it is.
        #expect(Set(places).count == 1)
    }
}
