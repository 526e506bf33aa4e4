import OutcryMarket
import Testing

@Suite struct DecimalParsingTests {
    @Test func everyRecordedNumberIsItsRecordedInteger() throws {
        for (text, units, decimals) in recordedNumbers {
            let price = try Price(ascii: text.utf8.span, scale: decimals)
            #expect(price.units == units, "\(text)")
            let kept = try #require(parsed(text), "\(text)")
            #expect(kept == price && kept.hashValue == price.hashValue, "\(text)")
            #expect(kept.rescaled(to: decimals)?.units == units, "\(text)")
            // And back: the fixed-point text is read as the same number, at either scale.
            let fixed = price.description
            #expect(parsedUnits(fixed, scale: decimals) == units, "\(text)")
            #expect(Quantity(fixed)?.units == units && Quantity(fixed)?.scale == decimals)
            if !text.contains("e"), !text.contains("E") { #expect(kept.description == text) }
        }
    }

    @Test func theDigitsGivenAreKept() {
        let table: [(String, Int64, Int)] = [
            ("1.0", 10, 1), ("1", 1, 0), ("0.00", 0, 2), ("-0.50", -50, 2), ("007", 7, 0),
            ("1e-05", 1, 5), ("1.50e1", 150, 1), ("1.5e3", 1500, 0), ("12E+2", 1200, 0),
            ("-0", 0, 0), ("0e-3", 0, 3), ("0.1e-17", 1, 18), ("9223372036854775807", .max, 0),
            ("9.223372036854775807", .max, 18), ("-9223372036854775807", -.max, 0),
            ("0e-40", 0, 18), ("0.0000000000000000000000000", 0, 18),
        ]
        for (text, units, scale) in table {
            let value = parsed(text)
            #expect(value?.units == units && value?.scale == scale, "\(text)")
        }
    }

    @Test func zerosThatDoNotFitAreDropped() {
        #expect(parsed("1.00000000000000000000")?.units == 1)
        #expect(parsed("100.000000000000000000")?.units == 100)
        #expect(parsed("1000000000000000000000e-21")?.units == 1)
        #expect(parsed("0.00000000000000000001e20")?.units == 1)
    }

    @Test(arguments: [
        "", "-", "+1", ".5", "5.", "1.e5", "1e", "1e+", "1e-", "e5", "1 ", " 1", "1,000", "0x10",
        "1.2.3", "--1", "nan", "invalid", "1_000", "1e5.0", "1-", "\u{0661}",
    ])
    func whatIsNoNumberIsRefused(_ text: String) {
        #expect(parsed(text) == nil)
        #expect(parsedUnits(text, scale: 5) == nil)
    }

    @Test(arguments: [
        "9223372036854775808", "-9223372036854775808", "1e19", "99999999999999999999999999",
        "1e-19", "0.1234567890123456789", "1e999999999999999999999999", "1e-999999999999999999999",
    ])
    func whatDoesNotFitIsRefused(_ text: String) {
        #expect(parsed(text) == nil)
    }

    @Test func aFinerNumberIsAnErrorUnlessTheDigitsAreZeros() {
        #expect(parsedUnits("5.1000000000", scale: 1) == 51)
        #expect(parsedUnits("1.230e2", scale: 0) == 123)
        #expect(parseError("5.561119626", scale: 5) == .tooFine(decimals: 5, found: 9, offset: 10))
        #expect(parseError("1e-05", scale: 4) == .tooFine(decimals: 4, found: 5, offset: 0))
        #expect(parseError("12.3450", scale: 2) == .tooFine(decimals: 2, found: 3, offset: 5))
        #expect(
            parseError("2179142.24937", scale: 0) == .tooFine(decimals: 0, found: 5, offset: 12))
    }

    @Test func eachFaultHasItsError() {
        #expect(parseError("", scale: 5) == .empty)
        #expect(
            parseError("12a", scale: 5)
                == .unexpected(
                    expected: "a digit, a point, an exponent or the end", found: 97, offset: 2))
        #expect(
            parseError("12.", scale: 5)
                == .unexpected(expected: "a digit after the point", found: nil, offset: 3))
        #expect(
            parseError("-x", scale: 5)
                == .unexpected(expected: "a digit", found: 120, offset: 1))
        #expect(
            parseError("1e+", scale: 5)
                == .unexpected(expected: "a digit of the exponent", found: nil, offset: 3))
        #expect(
            parseError("92233720368547.75808", scale: 5) == .overflow(decimals: 5, offset: 0))
        #expect(parsedUnits("92233720368547.75807", scale: 5) == .max)
        for text in ["9223372036854775808", "9999999999999999999", "18446744073709551617"] {
            #expect(parseError(text, scale: 0) == .overflow(decimals: 0, offset: 0))
        }
        #expect(parsedUnits("999999999999999999", scale: 0) == 999_999_999_999_999_999)
        #expect(parseError("-9223372036854775808", scale: 0) == .overflow(decimals: 0, offset: 0))
    }

    @Test func errorsSayWhatWasExpectedAndFoundAndWhere() throws {
        func text(_ number: String) -> String? { parseError(number, scale: 5)?.description }
        #expect(text("") == "expected a decimal number, found no characters at offset 0")
        #expect(text("1.x") == "expected a digit after the point, found 'x' at offset 2")
        #expect(text("1.\n") == "expected a digit after the point, found byte 10 at offset 2")
        #expect(text("1.") == "expected a digit after the point, found the end at offset 2")
        #expect(text("1.0000001") == "expected at most 5 decimals, found 7 at offset 8")
        #expect(
            text("1e30")
                == "expected at most 9223372036854775807 units of 5 decimals, "
                + "found a larger number at offset 0")
    }

    /// Builds texts whose value is known, in every shape, and reads them at every scale.
    @Test(arguments: [20_111_211, 20_130_410, 20_140_225] as [UInt64])
    func randomNumbersAreReadAsTheyWereMade(seed: UInt64) {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<4_000 {
            let digits = Int.random(in: 1...19, using: &random)
            var significand: UInt64 = 0
            for _ in 0..<digits {
                significand = significand &* 10 &+ UInt64.random(in: 0...9, using: &random)
            }
            let exponent = Int.random(in: -22...4, using: &random)
            let negative = Bool.random(using: &random)
            let scale = Int.random(in: 0...18, using: &random)
            let text = (negative ? "-" : "") + Self.shape(significand, exponent, &random)
            let expected = Self.units(significand, exponent, negative, scale)
            #expect(parsedUnits(text, scale: scale) == expected, "\(text) at \(scale)")
            if let expected, let kept = parsed(text) {
                #expect(kept == Price(units: expected, scale: scale), "\(text)")
            }
        }
    }

    /// Writes significand x 10^exponent plainly or with an exponent.
    static func shape(
        _ significand: UInt64, _ exponent: Int, _ random: inout SeededGenerator
    ) -> String {
        // Move the point: `places` digits after it, the rest in the exponent.
        let places = Int.random(in: 0...25, using: &random)
        var digits = String(significand)
        while digits.utf8.count <= places { digits = "0" + digits }
        var text = String(digits.dropLast(places))
        if places > 0 { text += "." + String(digits.suffix(places)) }
        let power = exponent + places
        if power == 0, Bool.random(using: &random) { return text }
        let mark = Bool.random(using: &random) ? "e" : "E"
        let sign = power < 0 ? "-" : (Bool.random(using: &random) ? "+" : "")
        let zeros = String(repeating: "0", count: Int.random(in: 0...2, using: &random))
        return text + mark + sign + zeros + String(power.magnitude)
    }

    /// significand x 10^(exponent + scale), or nil when that is no valid count of units.
    static func units(
        _ significand: UInt64, _ exponent: Int, _ negative: Bool, _ scale: Int
    ) -> Int64? {
        var value = Int128(significand)
        var shift = exponent + scale
        while shift < 0, value != 0 {
            guard value % 10 == 0 else { return nil }
            value /= 10
            shift += 1
        }
        while shift > 0, value != 0 {
            value *= 10
            if value > Int128(Int64.max) { return nil }
            shift -= 1
        }
        return value > Int128(Int64.max) ? nil : Int64(negative ? -value : value)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func garbageNeverTraps(seed: UInt64) {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let alphabet = Array("0123456789-+.eE x\u{0}".utf8)
        var read = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...24, using: &random)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            let scale = Int.random(in: 0...18, using: &random)
            do {
                let value = try Quantity(ascii: bytes.span, scale: scale)
                read += 1
                // What was read means the same when written out and read again.
                let again = try Quantity(ascii: value.description.utf8.span, scale: scale)
                #expect(again.units == value.units)
            } catch {
                #expect(!error.description.isEmpty)
            }
        }
        #expect(read > 100)
    }
}
