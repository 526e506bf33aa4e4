/// What is traded: a base, priced and paid in a quote. Two words wide.
///
/// Quantities count units of the base, prices count units of the quote.
@frozen public struct Instrument: Hashable, Sendable, BitwiseCopyable {
    /// What is bought and sold; its decimals are those of a quantity.
    public let base: Currency
    /// What is paid; its decimals are those of a price.
    public let quote: Currency

    /// Pairs a base with a quote.
    @inlinable public init(base: Currency, quote: Currency) {
        self.base = base
        self.quote = quote
    }

    /// The two codes without a separator, such as `BTCUSD`.
    public var name: String { base.code + quote.code }

    /// Bitcoin in United States dollars, with the decimals of Mt. Gox.
    @inlinable public static var btcusd: Self { Self(base: .btc, quote: .usd) }
    /// Bitcoin in euros, with the decimals of Mt. Gox.
    @inlinable public static var btceur: Self { Self(base: .btc, quote: .eur) }
    /// Bitcoin in Japanese yen, with the decimals of Mt. Gox.
    @inlinable public static var btcjpy: Self { Self(base: .btc, quote: .jpy) }
    /// Bitcoin in pounds sterling, with the decimals of Mt. Gox.
    @inlinable public static var btcgbp: Self { Self(base: .btc, quote: .gbp) }
}

extension Instrument: CustomStringConvertible {
    /// The ``name``.
    public var description: String { name }
}

extension Instrument: Comparable {
    /// Orders instruments by base, then by quote.
    public static func < (left: Self, right: Self) -> Bool {
        left.base == right.base ? left.quote < right.quote : left.base < right.base
    }
}
