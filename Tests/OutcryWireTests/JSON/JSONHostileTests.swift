import OutcryWire
import Testing

/// Inputs that are cut, broken or enormous: an error that says where, never a crash.
@Suite struct JSONHostileTests {
    /// Both ways of reading agree with the naive validator, and errors are within the input.
    private func judge(_ bytes: [UInt8], _ comment: @autoclosure () -> String) {
        let isValid = NaiveJSON.accepts(bytes)
        for error in [skipError(bytes), walkError(bytes)] {
            if (error == nil) != isValid {
                Issue.record("\(comment()): \(error.map(\.description) ?? "accepted")")
            }
            if let error, !(0...bytes.count).contains(error.offset) {
                Issue.record("\(comment()): \(error)")
            }
        }
    }

    @Test(arguments: MtGoxSamples.all)
    func samplesAreAccepted(text: String) {
        #expect(NaiveJSON.accepts(Array(text.utf8)))
        judge(Array(text.utf8), "whole")
    }

    @Test(arguments: MtGoxSamples.all)
    func samplesCutAnywhereAreRefused(text: String) {
        let bytes = Array(text.utf8)
        for length in 0..<bytes.count {
            let cut = Array(bytes[..<length])
            for error in [skipError(cut), walkError(cut)] {
                #expect(error != nil, "cut at \(length)")
                // Where the input ends, or the escape or character that it cuts.
                let offset = error?.offset ?? -1
                #expect((0...length).contains(offset) && offset >= length - 12, "cut at \(length)")
            }
        }
    }

    @Test func suiteTextsCutAnywhereAreJudgedRight() {
        for name in fileNames(in: JSONSuiteTests.folder) {
            let bytes = fileContents(JSONSuiteTests.folder + name)
            guard bytes.count < 2000 else { continue }
            for length in 0...bytes.count {
                judge(Array(bytes[..<length]), "\(name) cut at \(length)")
            }
        }
    }

    @Test(arguments: MtGoxSamples.all)
    func samplesWithBitFlipsAreJudgedRight(text: String) {
        let seed = UInt64(text.utf8.count)
        var generator = SeededGenerator(seed: seed)
        let original = Array(text.utf8)
        for round in 0..<500 {
            var bytes = original
            for _ in 0...(round % 3) {
                let bit = Int.random(in: 0..<bytes.count * 8, using: &generator)
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            }
            judge(bytes, "seed \(seed), round \(round)")
        }
    }

    @Test func randomTokensAreJudgedRight() {
        let tokens = [
            "{", "}", "[", "]", ",", ":", " ", "\n", "\"a\"", "\"\\u00e9\"", "\"\\ud834\\udd1e\"",
            "\"0123456789abcdef\"", "1", "-0", "1.5e3", "01", "true", "null", "\"", "\\", "é",
            "\"k\":", ",\"k\":", "[[", "]]", "{\"a\":", "\"\\", "\u{1}",
        ].map { Array($0.utf8) }
        var generator = SeededGenerator(seed: 42)
        var valid = 0
        for round in 0..<30_000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                bytes += tokens.randomElement(using: &generator) ?? []
            }
            judge(bytes, "seed 42, round \(round): \(String(decoding: bytes, as: UTF8.self))")
            if NaiveJSON.accepts(bytes) { valid += 1 }
        }
        #expect(valid > 100, "the rounds have to hold valid texts, too")
    }

    @Test func randomBytesAreRefusedOrRight() {
        var generator = SeededGenerator(seed: 7)
        for round in 0..<5_000 {
            let bytes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            judge(bytes, "seed 7, round \(round)")
            // Within a string, too, where most bytes are right.
            judge([0x22] + bytes.map { $0 == 0x22 ? 0x20 : $0 } + [0x22], "seed 7, round \(round)")
        }
    }

    @Test func tenThousandNestedContainersAreRefused() {
        for open in ["[", "{\"a\":"] {
            let bytes = Array(String(repeating: open, count: 10_000).utf8)
            #expect(skipError(bytes)?.expected == .lessDepth)
            #expect(skipError(bytes)?.offset == 128 * open.utf8.count)
            #expect(walkError(bytes) == skipError(bytes))
            #expect(skipError(bytes, depthLimit: 1024)?.offset == 1024 * open.utf8.count)
        }
    }

    @Test func aStringOf64MiB() throws {
        let length = 64 << 20
        var bytes = [UInt8](repeating: 0x61, count: length + 2)
        bytes[0] = 0x22
        bytes[length + 1] = 0x22
        #expect(skipError(bytes) == nil)
        do {
            var json = JSONReader(bytes.span)
            let count = try json.string().bytes.count
            #expect(count == length)
        }
        bytes[length] = 0x1F
        #expect(
            skipError(bytes)
                == JSONError(offset: length, expected: .escapedControl, found: .byte(0x1F)))
        bytes[length] = 0x61
        bytes[length + 1] = 0x61
        #expect(
            skipError(bytes)
                == JSONError(offset: length + 2, expected: .string, found: .endOfInput))
    }

    @Test func tokensOfEveryLengthCutAnywhere() {
        // Whatever is loaded at once, a token ends just before, in and just behind it; debug builds
        // assert that nothing outside the input is read.
        for length in 0...40 {
            let name = String(repeating: "k", count: length)
            let digits = String(repeating: "7", count: min(length, 18) + 1)
            for text in ["{\"\(name)\":\"\(name)\"}", "[\"-\(digits)\",-\(digits)]"] {
                let bytes = Array(text.utf8)
                for end in 0...bytes.count {
                    let cut = Array(bytes[..<end])
                    judge(cut, "\(text) cut at \(end)")
                    var json = JSONReader(cut.span)
                    if (try? json.beginArray()) != nil {
                        while (try? json.nextElement()) == true, (try? json.integer()) != nil {}
                    }
                }
            }
        }
    }

    @Test func nothingBehindTheSpanIsLookedAt() {
        // The text ends in the middle of a larger buffer that would make it valid, or invalid.
        let text = Array(MtGoxSamples.depth.utf8)
        let buffer = text + Array("\",9]}1.5e9\\u0000\u{1}".utf8)
        for length in 0...text.count {
            var json = JSONReader(buffer.span.extracting(0..<length))
            let isAccepted: Bool
            do throws(JSONError) {
                try json.skip()
                try json.finish()
                isAccepted = true
            } catch {
                isAccepted = false
            }
            #expect(isAccepted == (length == text.count), "length \(length)")
        }
        let number = Array("12345678901234567890".utf8)
        for length in 1...18 {
            var json = JSONReader(number.span.extracting(0..<length))
            let value = try? json.integer()
            #expect(value == Int64(String(decoding: number[..<length], as: UTF8.self)))
        }
    }
}
