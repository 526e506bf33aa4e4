import OutcryMarket
import OutcryWire

// What Mt. Gox's messages are made of: currencies, amounts in units beside decimals, money, sides, trades.

extension Span where Element == UInt8 {
    /// A currency's code.
    func currency(_ place: Range<Int>) throws(Stop) -> Currency {
        let currency = try read(place) { (json) throws(JSONError) -> Currency? in
            let text = try json.string()
            if text.isPlain { return Currency(mtgox: text.bytes) }
            return Currency(mtgox: text.string.utf8.span)
        }
        guard let currency else { throw .value("a currency of Mt. Gox", at: place.lowerBound) }
        return currency
    }

    /// An amount that stands as `name_int` in units or, where that is missing, as a decimal `name`.
    func amount(
        _ units: StaticString, _ decimal: StaticString, of object: Range<Int>, in currency: Currency
    ) throws(Stop) -> Int64 {
        if let place = try find(units, of: object) {
            let units = try whole(place)
            guard units != .min else {
                throw .value("a number above the least", at: place.lowerBound)
            }
            return units
        }
        guard let place = try find(decimal, of: object) else {
            throw .missing(units, in: object.lowerBound)
        }
        return try self.units(place, of: currency)
    }

    /// A money object (section 2.2): `value_int` counts; `value` only where it is missing.
    func money(_ object: Range<Int>) throws(Stop) -> Money {
        let currency = try currency(need("currency", of: object))
        return Money(
            units: try amount("value_int", "value", of: object, in: currency), currency: currency)
    }

    /// A money field that has to be there.
    func money(_ name: StaticString, of object: Range<Int>) throws(Stop) -> Money {
        try money(need(name, of: object))
    }

    /// A money field, or nil.
    func moneyIfAny(_ name: StaticString, of object: Range<Int>) throws(Stop) -> Money? {
        guard let place = try find(name, of: object) else { return nil }
        return try money(place)
    }

    /// A field that is `bid` or `ask`.
    func orderSide(_ name: StaticString, of object: Range<Int>) throws(Stop) -> OrderSide {
        let place = try need(name, of: object)
        if try isString(place, "bid") { return .buy }
        if try isString(place, "ask") { return .sell }
        throw .value("\"bid\" or \"ask\"", at: place.lowerBound)
    }

    /// A trade as predicted; nil if it has to be read with care.
    func usualTrade(_ place: Range<Int>) -> Trade? {
        let fields = try? read(place) { (json) throws(JSONError) in try TradeFields(&json) }
        return fields?.trade
    }
}
