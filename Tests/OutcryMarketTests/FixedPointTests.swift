import OutcryMarket
import Testing

@Suite struct FixedPointTests {
    @Test func aPriceIsTwoWords() {
        #expect(MemoryLayout<Price>.size == 16)
        #expect(MemoryLayout<Quantity>.size == 16)
        #expect(MemoryLayout<Money>.size == 16)
    }

    @Test func literalsKeepTheirDigits() {
        let price: Price = "1.0"
        #expect(price.units == 10 && price.scale == 1)
        #expect(Price.usd("0.5") == "0.5" && Price.usd("0.5").units == 50_000)
        #expect(Price.usd("14.43").description == "14.43000")
        #expect(Price.eur("1").scale == 5 && Price.gbp("1").scale == 5)
        #expect(Price.jpy("1012.345").units == 1_012_345)
        #expect(Quantity.btc("1.0").units == 100_000_000)
        #expect(Price.usd("179330000000").units == 17_933_000_000_000_000)
    }

    @Test func aMalformedLiteralIsAProgrammersMistake() async {
        await #expect(processExitsWith: .failure) { _ = "abc" as Price }
        await #expect(processExitsWith: .failure) { _ = Price.usd("0.000001") }
        await #expect(processExitsWith: .failure) { _ = Price(units: 1, scale: 19) }
        await #expect(processExitsWith: .failure) { _ = Price(units: 1, scale: -1) }
    }

    @Test func textIsExact() {
        let table: [(Int64, Int, String)] = [
            (1_443_000, 5, "14.43000"), (0, 0, "0"), (0, 5, "0.00000"), (1, 8, "0.00000001"),
            (-271_000_000, 8, "-2.71000000"), (-5, 1, "-0.5"), (100, 0, "100"),
            (.max, 0, "9223372036854775807"), (-.max, 18, "-9.223372036854775807"),
            (1, 18, "0.000000000000000001"), (.min, 5, "invalid"),
        ]
        for (units, scale, text) in table {
            #expect(Price(units: units, scale: scale).description == text)
        }
        let bytes = [UInt8](capacity: 40) { output in
            Price.usd("14.43").write(to: &output)
            output.append(32)
            Quantity(units: -.max, scale: 18).write(to: &output)
        }
        #expect(String(decoding: bytes, as: UTF8.self) == "14.43000 -9.223372036854775807")
    }

    @Test func numbersCompareByValueAcrossScales() {
        #expect(
            ("1.0" as Price) == "1.00" && ("1.0" as Price).hashValue == ("1" as Price).hashValue)
        #expect(("1.01" as Price) > "1" && ("1.01" as Price) < "1.1" && ("1.0" as Price) <= "1")
        #expect(Set<Price>(["100", "1e2", "100.000", "10"]).count == 2)
        #expect(Price(units: .max, scale: 0) > Price(units: .max, scale: 18))
        #expect(Price(units: -.max, scale: 0) < Price(units: .max, scale: 18))
        #expect(("-0.0" as Price) == .zero && ("0.000" as Price).hashValue == Price.zero.hashValue)
    }

    @Test func sumsHaveTheFinerScale() {
        let sum = ("1.5" as Price) + "0.25"
        #expect(sum.units == 175 && sum.scale == 2)
        let difference = Price.usd("14.43") - "0.5"
        #expect(difference.units == 1_393_000 && difference.scale == 5)
        var quantity: Quantity = "1"
        quantity += .btc("0.5")
        quantity -= "0.25"
        #expect(quantity == "1.25" && quantity.scale == 8)
        #expect(-quantity == "-1.25" && (-quantity).magnitude == quantity)
        #expect(quantity * 3 == "3.75" && 3 * quantity == quantity * 3)
        #expect(["0.1", "0.2", "0.3"].reduce(Quantity.zero, +) == "0.6")
    }

    @Test func overflowIsInvalidNeverATrap() {
        let most = Price(units: .max, scale: 0)
        let results: [Price] = [
            most + "1", -most - "1", -most - most, most + "0.1", most * 2, most * -2, most * .min,
            Price(units: 1 << 62, scale: 0) * -2, .invalid + "1", "1" - .invalid,
            .invalid - .invalid,
            -Price.invalid, Price.invalid * 0, Price.invalid.magnitude, .invalid + "0.001",
            most.rescaled(to: 1, rounding: .down), Price.invalid.rescaled(to: 3, rounding: .up),
            most.scaled(by: 2, over: 1, rounding: .down),
            Price.invalid.scaled(by: 1, over: 2, rounding: .down),
            Price(units: .min, scale: 4), ("0.15" as Price).rescaled(to: 1, rounding: .exact),
        ]
        for (index, result) in results.enumerated() {
            #expect(!result.isValid, "result \(index)")
            #expect(result == .invalid && result.hashValue == Price.invalid.hashValue)
            #expect(result.description == "invalid")
        }
        #expect(most - most == .zero && (-most + most).isValid)
        #expect((most - "0").isValid && (-most).isValid)
    }

    @Test func everyOrderingWithInvalidIsFalse() {
        for value in ["0", "-1", "1", .invalid] as [Price] {
            #expect(!(value < .invalid) && !(value <= .invalid))
            #expect(!(value > .invalid) && !(value >= .invalid))
            #expect(!(.invalid < value) && !(.invalid <= value))
            #expect(!(.invalid > value) && !(.invalid >= value))
            #expect((value == .invalid) == !value.isValid)
        }
        #expect(!Price.invalid.isNegative && !Price.invalid.isPositive && !Price.invalid.isZero)
    }

    @Test func rescalingIsExactOrNil() {
        #expect(("1.50" as Price).rescaled(to: 1)?.units == 15)
        #expect(("1.55" as Price).rescaled(to: 1) == nil)
        #expect(("1.5" as Price).rescaled(to: 8)?.units == 150_000_000)
        #expect(Price(units: .max, scale: 0).rescaled(to: 1) == nil)
        #expect(Price.invalid.rescaled(to: 0) == nil)
        #expect(("-1.55" as Price).rescaled(to: 1, rounding: .down) == "-1.6")
    }

    @Test(arguments: [11, 12, 13] as [UInt64])
    func arithmeticAgreesWithWideIntegers(seed: UInt64) {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<5_000 {
            let (a, b) = (Self.random(&random), Self.random(&random))
            let scale = max(a.scale, b.scale)
            let (x, y) = (Self.wide(a, scale), Self.wide(b, scale))
            #expect((a + b) == Self.narrow(x + y, scale), "\(a) + \(b)")
            #expect((a - b) == Self.narrow(x - y, scale), "\(a) - \(b)")
            #expect((a < b) == (x < y) && (a <= b) == (x <= y), "\(a) < \(b)")
            #expect((a > b) == (x > y) && (a >= b) == (x >= y), "\(a) > \(b)")
            #expect((a == b) == (x == y), "\(a) == \(b)")
            if x == y { #expect(a.hashValue == b.hashValue) }
            if let same = a.rescaled(to: b.scale) {
                #expect(same == a && same.hashValue == a.hashValue && same.scale == b.scale)
            }
            #expect(parsed(a.description)?.units == a.units)
        }
    }

    static func random(_ random: inout SeededGenerator) -> Price {
        let scale = Int.random(in: 0...18, using: &random)
        let units: Int64 =
            switch Int.random(in: 0..<4, using: &random) {
            case 0: Int64.random(in: -20...20, using: &random)
            case 1: Int64.random(in: -2_000...2_000, using: &random) * 1_000_000
            case 2: Int64.random(in: -.max ... .max, using: &random)
            default: [.max, -.max, .max - 1, 0, 1][Int.random(in: 0..<5, using: &random)]
            }
        return Price(units: units, scale: scale)
    }

    static func wide(_ value: Price, _ scale: Int) -> Int128 {
        (value.scale..<scale).reduce(Int128(value.units)) { result, _ in result * 10 }
    }

    static func narrow(_ value: Int128, _ scale: Int) -> Price {
        let fits = value.magnitude <= UInt128(Int64.max)
        return fits ? Price(units: Int64(value), scale: scale) : .invalid
    }
}
