/// An amount of the base: a count of units and their number of decimals.
///
/// May be negative: the change of a level is a quantity. See ``FixedPoint`` for overflow,
/// comparison and text.
@frozen public struct Quantity: FixedPoint {
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

extension Quantity {
    /// An amount of bitcoin written in code, with eight decimals.
    ///
    /// - Precondition: the text is a decimal number of at most eight decimals that fits. For text
    ///   that comes from outside use ``FixedPoint/init(ascii:scale:)``.
    public static func btc(_ text: String) -> Self { written(text, in: .btc) }
}

extension FixedPoint {
    /// A number written in code, in the units of a currency.
    static func written(_ text: String, in currency: Currency) -> Self {
        guard let value = Self(text)?.rescaled(to: currency.decimals) else {
            preconditionFailure("an amount written in code is a number in the currency's units")
        }
        return value
    }
}
