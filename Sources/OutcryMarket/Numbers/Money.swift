/// An amount of one currency, in its units.
///
/// Overflow behaves as for ``FixedPoint``: a result that does not fit is invalid, `units` is then
/// `Int64.min`, invalid operands make invalid results, every ordering with invalid is false.
@frozen public struct Money: Hashable, Sendable, BitwiseCopyable {
    /// The amount in the currency's smallest unit; `Int64.min` is invalid.
    public let units: Int64
    /// What the amount is of; its decimals give the unit.
    public let currency: Currency

    /// Makes an amount from its units.
    @inlinable public init(units: Int64, currency: Currency) {
        self.units = units
        self.currency = currency
    }

    /// Reads a decimal number as an amount, exactly; the form is that of ``FixedPoint/init(_:)``.
    ///
    /// - Returns: nil when the text is no number, is finer than the unit, or does not fit.
    public init?(_ text: some StringProtocol, _ currency: Currency) {
        let copy = String(text)
        let units = try? DecimalScan.units(copy.utf8.span, scale: currency.decimals)
        guard let units else { return nil }
        self.init(units: units, currency: currency)
    }

    /// Reads a decimal number exactly from the bytes of a message.
    ///
    /// - Throws: as ``FixedPoint/init(ascii:scale:)``.
    public init(ascii text: Span<UInt8>, _ currency: Currency) throws(MarketError) {
        self.init(
            units: try DecimalScan.units(text, scale: currency.decimals), currency: currency)
    }

    /// Nothing, of a currency.
    @inlinable public static func zero(_ currency: Currency) -> Self {
        Self(units: 0, currency: currency)
    }

    /// What an overflow results in.
    @inlinable public static func invalid(_ currency: Currency) -> Self {
        Self(units: .min, currency: currency)
    }

    /// Whether this is an amount, not the result of an overflow.
    @inlinable public var isValid: Bool { units != .min }

    /// Whether this is zero.
    @inlinable public var isZero: Bool { units == 0 }

    /// Whether this is an amount below zero.
    @inlinable public var isNegative: Bool { units < 0 && units != .min }

    /// The exact number with all its decimals, such as `14.43000`; or `invalid`.
    public var amountText: String {
        String(asciiCapacity: 24) { output in
            DecimalText.write(units, scale: currency.decimals, to: &output)
        }
    }
}

extension Money: CustomStringConvertible {
    /// The exact number and the code, such as `14.43000 USD`; or `invalid USD`.
    public var description: String { "\(amountText) \(currency.code)" }
}

extension Money: Comparable {
    /// Whether both are amounts and the left is less.
    ///
    /// - Precondition: the currencies are the same, here and in all arithmetic.
    public static func < (left: Self, right: Self) -> Bool {
        left.check(right)
        return left.isValid && right.isValid && left.units < right.units
    }

    /// Whether both are amounts and the left is less or equal.
    public static func <= (left: Self, right: Self) -> Bool {
        left.check(right)
        return left.isValid && right.isValid && left.units <= right.units
    }

    /// Whether both are amounts and the left is greater.
    public static func > (left: Self, right: Self) -> Bool { right < left }

    /// Whether both are amounts and the left is greater or equal.
    public static func >= (left: Self, right: Self) -> Bool { right <= left }

    private func check(_ other: Self) {
        precondition(currency == other.currency, "money of different currencies does not mix")
    }
}

extension Money {
    /// The sum; invalid when it does not fit.
    public static func + (left: Self, right: Self) -> Self {
        left.check(right)
        let (sum, overflow) = left.units.addingReportingOverflow(right.units)
        let valid = left.isValid && right.isValid && !overflow
        return Self(units: valid ? sum : .min, currency: left.currency)
    }

    /// The difference; invalid when it does not fit.
    public static func - (left: Self, right: Self) -> Self {
        left.check(right)
        let (difference, overflow) = left.units.subtractingReportingOverflow(right.units)
        let valid = left.isValid && right.isValid && !overflow
        return Self(units: valid ? difference : .min, currency: left.currency)
    }

    /// Adds, as ``+(_:_:)``.
    public static func += (left: inout Self, right: Self) { left = left + right }

    /// Subtracts, as ``-(_:_:)``.
    public static func -= (left: inout Self, right: Self) { left = left - right }

    /// The opposite amount; invalid stays invalid.
    public static prefix func - (value: Self) -> Self {
        Self(units: 0 &- value.units, currency: value.currency)
    }

    /// The amount so many times; invalid when it does not fit.
    public static func * (value: Self, count: Int) -> Self {
        let (units, overflow) = value.units.multipliedReportingOverflow(by: Int64(count))
        return Self(
            units: value.isValid && !overflow ? units : .min, currency: value.currency)
    }

    /// A part of the amount: `numerator / denominator` of it, rounded as named; for fees.
    ///
    /// - Precondition: `denominator` is positive.
    /// - Returns: Invalid when the amount is invalid or the result does not fit.
    public func scaled(by numerator: Int, over denominator: Int, rounding: Rounding) -> Self {
        precondition(denominator > 0, "a denominator is positive")
        guard isValid else { return self }
        let product = Int128(units) * Int128(numerator)
        let part = rounding.divide(product, by: Int128(denominator))
        return Self(units: part.map(FixedPointMath.narrow) ?? .min, currency: currency)
    }
}

extension Money {
    /// An amount of United States dollars written in code, with five decimals.
    ///
    /// - Precondition: the text is a decimal number of at most five decimals that fits. For text
    ///   that comes from outside use ``init(_:_:)``.
    public static func usd(_ text: String) -> Self { written(text, in: .usd) }

    /// An amount of bitcoin written in code, with eight decimals.
    ///
    /// - Precondition: as for ``usd(_:)``, of at most eight decimals.
    public static func btc(_ text: String) -> Self { written(text, in: .btc) }

    private static func written(_ text: String, in currency: Currency) -> Self {
        guard let value = Self(text, currency) else {
            preconditionFailure("an amount written in code is a number in the currency's units")
        }
        return value
    }
}
