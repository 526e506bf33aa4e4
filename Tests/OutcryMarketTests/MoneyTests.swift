import OutcryMarket
import Testing

@Suite struct MoneyTests {
    /// `spent` of a recorded order result: 100.83227 x 0.1 is 10.08323, price x amount rounded.
    @Test func aRecordedProduct() {
        let spent = Price.usd("100.83227").times("0.1", in: .usd, rounding: .nearestHalfUp)
        #expect(spent == Money("10.08323", .usd))
        #expect(spent.description == "10.08323 USD")
    }

    /// Fees of 0.6 % that were recorded, in satoshi: each rounded to the nearest unit.
    @Test func recordedFees() {
        let table: [(amount: Int64, fee: Int64)] = [
            (10_789, 65), (10_691, 64), (49_846, 299), (83_768, 503),
        ]
        for (amount, fee) in table {
            let money = Money(units: amount, currency: .btc)
            #expect(money.scaled(by: 6, over: 1_000, rounding: .nearestHalfUp).units == fee)
        }
    }

    @Test func productsRoundOnlyAsNamed() {
        // 0.00001 x 0.5 is half a unit.
        let table: [(String, Rounding, Int64?)] = [
            ("0.00001", .down, 0), ("0.00001", .up, 1), ("0.00001", .towardZero, 0),
            ("0.00001", .nearestHalfUp, 1), ("0.00001", .nearestHalfEven, 0),
            ("0.00003", .nearestHalfEven, 2), ("0.00001", .exact, nil), ("0.00002", .exact, 1),
            ("-0.00001", .down, -1), ("-0.00001", .up, 0), ("-0.00001", .towardZero, 0),
            ("-0.00001", .nearestHalfUp, -1), ("-0.00001", .nearestHalfEven, 0),
            ("-0.00003", .nearestHalfEven, -2),
        ]
        for (price, rounding, units) in table {
            let money = Price.usd(price).times("0.5", in: .usd, rounding: rounding)
            #expect(money.units == units ?? .min, "\(price) \(rounding)")
        }
        let third = Money(units: 100, currency: .usd).scaled(
            by: 1, over: 3, rounding: .nearestHalfUp)
        #expect(third.units == 33)
        let twoThirds = Money(units: 200, currency: .usd)
        #expect(twoThirds.scaled(by: 1, over: 3, rounding: .nearestHalfEven).units == 67)
        #expect(twoThirds.scaled(by: 1, over: 3, rounding: .down).units == 66)
    }

    @Test func aProductMayBeFinerOrCoarserThanItsOperands() {
        #expect(("2" as Price).times("3", in: .btc, rounding: .exact).units == 600_000_000)
        #expect(("0.5" as Price).times("0.5", in: .jpy, rounding: .exact).units == 250)
        let fine = Price(units: 3, scale: 18)
        #expect(fine.times(Quantity(units: 1, scale: 18), in: .usd, rounding: .up).units == 1)
        #expect(fine.times(Quantity(units: 1, scale: 18), in: .usd, rounding: .down).units == 0)
    }

    @Test func aProductThatDoesNotFitIsInvalid() {
        let most = Price(units: .max, scale: 0)
        #expect(!most.times("2", in: .jpy, rounding: .down).isValid)
        let mostQuantity = Quantity(units: .max, scale: 0)
        #expect(!most.times(mostQuantity, in: .btc, rounding: .down).isValid)
        #expect(!Price.invalid.times("1", in: .usd, rounding: .down).isValid)
        #expect(!("1" as Price).times(.invalid, in: .usd, rounding: .down).isValid)
        let large = Price.usd("179330000000").times(.btc("500"), in: .usd, rounding: .exact)
        #expect(large.amountText == "89665000000000.00000")
    }

    @Test(arguments: [21, 22, 23] as [UInt64])
    func productsAgreeWithLongMultiplication(seed: UInt64) {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<3_000 {
            let (p, q) = (
                Int64.random(in: -1 << 40...1 << 40, using: &random),
                Int64.random(in: 0...1 << 40, using: &random)
            )
            let rounding = Rounding.allCases.randomElement(using: &random) ?? .exact
            let money = Price(units: p, scale: 5).times(
                Quantity(units: q, scale: 8), in: .usd, rounding: rounding)
            let product = Int128(p) * Int128(q)
            let unit: Int128 = 100_000_000
            guard money.isValid else {
                #expect(rounding == .exact && product % unit != 0)
                continue
            }
            let error = Int128(money.units) * unit - product
            switch rounding {
            case .down: #expect(error <= 0 && error > -unit)
            case .up: #expect(error >= 0 && error < unit)
            case .towardZero:
                #expect(error.magnitude < unit.magnitude)
                #expect(error == 0 || (error < 0) == (product > 0))
            case .nearestHalfUp, .nearestHalfEven: #expect(error.magnitude * 2 <= unit.magnitude)
            case .exact: #expect(error == 0)
            }
        }
    }

    @Test func moneyAddsWithinACurrency() {
        let a = Money(units: 150, currency: .usd)
        var b = a + Money(units: 50, currency: .usd)
        #expect(b.units == 200 && b > a && b >= a && a < b && a <= a)
        b -= a
        b += Money.zero(.usd)
        #expect(b.units == 50 && (-b).units == -50 && (b * 3).units == 150)
        #expect(a != Money(units: 150, currency: .eur))
        #expect((-b).isNegative && Money.zero(.usd).isZero)
    }

    @Test func moneyOverflowIsInvalid() {
        let most = Money(units: .max, currency: .usd)
        let invalid = Money.invalid(.usd)
        let one = Money(units: 1, currency: .usd)
        for result in [most + one, -most - one, most * 2, invalid + one, one - invalid, -invalid] {
            #expect(result == invalid && !result.isValid && !result.isNegative)
            #expect(!(result < one) && !(result <= one) && !(result > one) && !(result >= one))
            #expect(result.description == "invalid USD")
        }
        #expect(!most.scaled(by: 3, over: 2, rounding: .down).isValid)
        #expect(!invalid.scaled(by: 3, over: 2, rounding: .down).isValid)
        #expect(!one.scaled(by: 1, over: 2, rounding: .exact).isValid)
    }

    @Test func moneyIsReadExactly() throws {
        #expect(Money("5.10991", .usd)?.units == 510_991)
        #expect(Money("0.20000000", .btc)?.units == 20_000_000)
        #expect(Money("1.000", .jpy)?.units == 1_000)
        #expect(Money("1.0001", .jpy) == nil && Money("x", .jpy) == nil)
        #expect(try Money(ascii: "1000.00000".utf8.span, .eur).description == "1000.00000 EUR")
        #expect(throws: MarketError.tooFine(decimals: 3, found: 4, offset: 5)) {
            try Money(ascii: "1.0001".utf8.span, .jpy)
        }
    }

    @Test func differentCurrenciesDoNotMix() async {
        await #expect(processExitsWith: .failure) { _ = Money.zero(.usd) + Money.zero(.eur) }
        await #expect(processExitsWith: .failure) { _ = Money.zero(.usd) < Money.zero(.eur) }
    }
}
