public import OutcryMarket

/// Why there is no call of what was asked: nothing has been sent.
@nonexhaustive
public enum MtGoxCallError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A number that is not one of the venue's units of its currency: finer, or too large to count in them.
    case notInUnits(field: String, currency: Currency, found: String)
    /// A number that has to be above zero.
    case notAboveZero(field: String, found: String)
    /// A request that does not say what to trade.
    case noInstrument
    /// Version 0 trades nothing but bitcoin.
    case notBitcoin(found: Currency)

    /// In one line, with the numbers.
    public var description: String {
        switch self {
        case .notInUnits(let field, let currency, let found):
            "expected \(field) in units of \(Quantity(units: 1, of: currency)) \(currency), found \(found)"
        case .notAboveZero(let field, let found): "expected \(field) above 0, found \(found)"
        case .noInstrument: "expected an instrument, found an order request without one"
        case .notBitcoin(let found): "expected an order for BTC, found \(found)"
        }
    }
}

extension FixedPoint {
    /// The number in units of a currency, exactly.
    func exactUnits(_ field: String, of currency: Currency) throws(MtGoxCallError) -> Int64 {
        guard let exact = rescaled(to: currency.decimals) else {
            throw .notInUnits(field: field, currency: currency, found: "\(self)")
        }
        return exact.units
    }

    /// The same of a number that has to be above zero.
    func exactPositiveUnits(
        _ field: String, of currency: Currency
    ) throws(MtGoxCallError) -> Int64 {
        let units = try exactUnits(field, of: currency)
        guard units > 0 else { throw .notAboveZero(field: field, found: "\(self)") }
        return units
    }
}
