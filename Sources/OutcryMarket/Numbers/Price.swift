/// The price of one whole base, in the quote: a count of units and their number of decimals.
///
/// May be negative or zero where a market allows it. See ``FixedPoint`` for overflow, comparison
/// and text.
@frozen public struct Price: FixedPoint {
    /// The value, counted in units of 10 to the power of minus ``scale``; `Int64.min` is invalid.
    public let units: Int64
    /// The number of decimals, 0 to 18.
    public let scale: Int

    /// Makes a value from its units.
    ///
    /// - Precondition: `scale` is 0 to 18.
    @inlinable public init(units: Int64, scale: Int) {
        precondition((0...18).contains(scale), "a scale is 0 to 18")
        self.units = units
        self.scale = scale
    }

    /// Makes a value from units of a currency, whose decimals need no check.
    @inlinable public init(units: Int64, of currency: Currency) {
        self.units = units
        self.scale = currency.decimals
    }
}

extension Price {
    /// A price in United States dollars written in code, with five decimals.
    ///
    /// - Precondition: the text is a decimal number of at most five decimals that fits. For text
    ///   that comes from outside use ``FixedPoint/init(ascii:scale:)``.
    public static func usd(_ text: String) -> Self { written(text, in: .usd) }

    /// A price in euros written in code, with five decimals.
    ///
    /// - Precondition: as for ``usd(_:)``.
    public static func eur(_ text: String) -> Self { written(text, in: .eur) }

    /// A price in pounds sterling written in code, with five decimals.
    ///
    /// - Precondition: as for ``usd(_:)``.
    public static func gbp(_ text: String) -> Self { written(text, in: .gbp) }

    /// A price in Japanese yen written in code, with three decimals.
    ///
    /// - Precondition: as for ``usd(_:)``, of at most three decimals.
    public static func jpy(_ text: String) -> Self { written(text, in: .jpy) }

    /// What a quantity costs at this price, in the quote's units.
    ///
    /// The product is exact in 128 bits; only then it is rounded, as named.
    ///
    /// - Returns: Invalid when an operand is, the product does not fit, or `rounding` is
    ///   ``Rounding/exact`` and the product is finer than the unit.
    public func times(_ quantity: Quantity, in currency: Currency, rounding: Rounding) -> Money {
        let units = FixedPointMath.product(
            units, scale, quantity.units, quantity.scale, decimals: currency.decimals, rounding)
        return Money(units: units, currency: currency)
    }
}
