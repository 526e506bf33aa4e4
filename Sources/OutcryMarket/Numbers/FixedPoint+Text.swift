extension FixedPoint {
    /// Reads a number written in code, and keeps the digits given: `"1.0"` has one decimal.
    ///
    /// - Precondition: the literal is a decimal number of at most 18 decimals that fits 64 bits.
    public init(stringLiteral text: String) {
        guard let value = Self(text) else {
            preconditionFailure("a literal is a decimal number of at most 18 decimals that fits")
        }
        self = value
    }

    /// Reads a decimal number exactly, and keeps the digits given: `1.50` has two decimals.
    ///
    /// The form is an optional minus, digits, optionally a point and digits, optionally an exponent
    /// (`1e-05`); spaces, a plus in front and a bare point are refused. Trailing zeros are dropped
    /// only where the digits as given do not fit.
    ///
    /// - Returns: nil when the text is something else or the number does not fit.
    public init?(_ text: some StringProtocol) {
        let copy = String(text)
        guard let (units, scale) = DecimalScan.keepingDigits(copy.utf8.span) else { return nil }
        self.init(units: units, scale: scale)
    }

    /// Reads a decimal number exactly into units of `scale` decimals, from the bytes of a message.
    ///
    /// The form is that of ``init(_:)``. No allocation.
    ///
    /// - Precondition: `scale` is 0 to 18.
    /// - Throws: ``MarketError/empty``, ``MarketError/unexpected(expected:found:offset:)``,
    ///   ``MarketError/tooFine(decimals:found:offset:)`` (extra zeros are no extra digits), or
    ///   ``MarketError/overflow(decimals:offset:)``.
    public init(ascii text: Span<UInt8>, scale: Int) throws(MarketError) {
        self.init(units: try DecimalScan.units(text, scale: scale), scale: scale)
    }

    /// The exact number with all its decimals, such as `14.43000`; or `invalid`.
    public var description: String {
        String(asciiCapacity: 24) { output in write(to: &output) }
    }

    /// Appends ``description`` to the bytes of a message, without allocating.
    ///
    /// - Precondition: `output` has room for 21 more bytes.
    public func write(to output: inout OutputSpan<UInt8>) {
        DecimalText.write(units, scale: scale, to: &output)
    }
}
