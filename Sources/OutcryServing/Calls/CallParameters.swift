package import OutcryMarket
package import OutcryVenues
package import OutcryWire

/// The parameters of one call, read exactly: a refusal names the parameter, what was expected and what
/// came.
///
/// Of a name that comes twice the last one counts; unknown names are ignored.
package struct CallParameters {
    private let items: [MtGoxParameter]

    package init(_ items: [MtGoxParameter]) { self.items = items }

    /// Takes the parameters of a request apart.
    ///
    /// A private call's are in its signed form alone, for the query is not signed; only version 0 takes
    /// `Currency` from there. A public call's may be in both, the form first.
    package init(_ head: HTTPRequestHead, body: [UInt8], isPrivate: Bool) throws(CallRefusal) {
        var items: [MtGoxParameter] = []
        if let query = head.query {
            let found = try Self.items(String(query), "query")
            items = isPrivate ? found.filter { $0.name == "Currency" } : found
        }
        if head.method == "POST" {
            guard let form = String(validating: body, as: UTF8.self) else {
                throw .undecodable("form", "expected UTF-8")
            }
            items += try Self.items(form, "form")
        }
        self.init(items)
    }

    private static func items(_ text: String, _ part: String) throws(CallRefusal)
        -> [MtGoxParameter]
    {
        do {
            return try PercentEncoding.items(text).map { MtGoxParameter($0.name, $0.value) }
        } catch {
            throw .undecodable(part, "\(error)")
        }
    }

    /// The text of a parameter; nil where it is not there.
    package subscript(name: String) -> String? { items.last { $0.name == name }?.value }

    /// A text that has to be there and may not be empty.
    package func text(_ name: String, _ expected: String) throws(CallRefusal) -> String {
        guard let text = self[name] else { throw .missing(name, should: expected) }
        guard !text.isEmpty else { throw .parameter(name, should: expected, found: text) }
        return text
    }

    /// A whole number within a range; nil where it is not there.
    package func integer(
        _ name: String, _ range: ClosedRange<Int64>
    ) throws(CallRefusal) -> Int64? {
        guard let text = self[name] else { return nil }
        let digits = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard digits, let value = Int64(text), range.contains(value) else {
            throw .parameter(
                name, should: "a whole number from \(range.lowerBound) to \(range.upperBound)",
                found: text)
        }
        return value
    }

    /// An amount: `<name>_int` in units, or the old `<name>` with decimals; nil where neither is there.
    ///
    /// Both are read exactly; what is finer than a unit is refused, never rounded. Units may be written
    /// as some clients of Python do, `50000000.0` or `1.23456789012e+11`, where that is a whole number.
    package func amount(_ name: String, of currency: Currency) throws(CallRefusal) -> Int64? {
        let units = name + "_int"
        if let text = self[units] {
            return try positive(text, scale: 0, units, "a whole number of units above 0")
        }
        guard let text = self[name] else { return nil }
        return try positive(text, scale: currency.decimals, name, "a number above 0")
    }

    private func positive(
        _ text: String, scale: Int, _ name: String, _ expected: String
    ) throws(CallRefusal) -> Int64 {
        let value: Int64
        do {
            value = try Quantity(ascii: text.utf8.span, scale: scale).units
        } catch {
            throw .parameter(name, should: "\(expected): \(error)", found: text)
        }
        guard value > 0 else { throw .parameter(name, should: expected, found: text) }
        return value
    }

    /// An amount that has to be there.
    package func requiredAmount(_ name: String, of currency: Currency) throws(CallRefusal) -> Int64
    {
        guard let units = try amount(name, of: currency) else {
            throw .missing(name + "_int", should: "a whole number of units of \(currency) above 0")
        }
        return units
    }

    /// `bid` or `ask`, in the venue's own words where it is neither.
    package func side() throws(CallRefusal) -> OrderSide {
        switch self["type"] {
        case "bid": return .buy
        case "ask": return .sell
        default: throw .badType
        }
    }

    /// `1` or `0`; false where it is not there.
    package func flag(_ name: String) throws(CallRefusal) -> Bool {
        try integer(name, 0...1) == 1
    }

    /// The name of an order. A text that is no GUID is the name of none.
    package func order(_ names: String...) throws(CallRefusal) -> MtGoxGUID {
        guard let text = names.lazy.compactMap({ self[$0] }).first else {
            throw .missing(names[0], should: "the GUID of an order")
        }
        guard let guid = MtGoxGUID(text) else { throw .orderNotFound }
        return guid
    }

    /// A currency of the venue's; nil where it is not there.
    package func currency(_ name: String) throws(CallRefusal) -> Currency? {
        guard let text = self[name] else { return nil }
        guard let currency = Currency(mtgox: text.utf8.span) else { throw .unknownCurrency(text) }
        return currency
    }
}
