import OutcryComponents
import OutcryMarket
import OutcryWire

/// The fields of a change of depth, as far as they were there.
struct DepthFields {
    private var price = Int64.min
    private var total = Int64.min
    private var delta = Int64.min
    private var stamp: Int64 = 0
    private var side: Side?
    private var item = CurrencyField()
    private var currency = CurrencyField()
    /// Something needs a closer look.
    private var isUnusual = false

    /// Reads the object that comes next: without looking twice at any key in the order of the wire or
    /// of the documents, which the first key tells, and in any other order too.
    @inline(__always)
    init(_ json: inout JSONReader) throws(JSONError) {
        try json.beginObject()
        if json.key(is: "currency") {
            try currency.readQuote(&json)
            repeat {
                if json.key(is: "item") { try item.readBase(&json) }
                if json.key(is: "now") { stamp = try json.integer() }
                if json.key(is: "price") { try json.skip() }
                if json.key(is: "price_int") { price = try json.integer() }
                if json.key(is: "total_volume_int") { total = try json.integer() }
                if json.key(is: "type") { try json.skip() }
                if json.key(is: "type_str") { try readSide(&json) }
                if json.key(is: "volume") { try json.skip() }
                if json.key(is: "volume_int") { delta = try json.integer() }
                if json.key(is: "currency") { try currency.readQuote(&json) }
            } while try json.anotherKey()
        } else if json.key(is: "price") {
            try json.skip()
            repeat {
                if json.key(is: "type") { try json.skip() }
                if json.key(is: "type_str") { try readSide(&json) }
                if json.key(is: "volume") { try json.skip() }
                if json.key(is: "price_int") { price = try json.integer() }
                if json.key(is: "volume_int") { delta = try json.integer() }
                if json.key(is: "item") { try item.readBase(&json) }
                if json.key(is: "currency") { try currency.readQuote(&json) }
                if json.key(is: "now") { stamp = try json.integer() }
                if json.key(is: "total_volume_int") { total = try json.integer() }
                if json.key(is: "price") { try json.skip() }
            } while try json.anotherKey()
        } else {
            try readAnyOrder(&json)
        }
    }

    /// Reads the fields one by one, for an order that nobody predicted.
    @inline(never)
    private mutating func readAnyOrder(_ json: inout JSONReader) throws(JSONError) {
        while let key = try json.nextKey() {
            switch key.bytes.count {
            case 3 where key.is("now"): stamp = try json.integer()
            case 4 where key.is("item"): try item.readBase(&json)
            case 8 where key.is("currency"): try currency.readQuote(&json)
            case 8 where key.is("type_str"): try readSide(&json)
            case 9 where key.is("price_int"): price = try json.integer()
            case 10 where key.is("volume_int"): delta = try json.integer()
            case 16 where key.is("total_volume_int"): total = try json.integer()
            default:
                if !key.isPlain { isUnusual = true }
                try json.skip()
            }
        }
    }

    @inline(__always)
    private mutating func readSide(_ json: inout JSONReader) throws(JSONError) {
        if json.string(is: "ask") {
            side = .ask
        } else if json.string(is: "bid") {
            side = .bid
        } else {
            try readAnySide(&json)
        }
    }

    /// Reads a side at the end of the text or written in another way.
    @inline(never)
    private mutating func readAnySide(_ json: inout JSONReader) throws(JSONError) {
        let text = try json.string()
        side = text == "ask" ? .ask : text == "bid" ? .bid : nil
    }

    /// The change; nil where a field is missing or not as usual.
    @inline(__always)
    var change: DepthChange? {
        guard let side, item.isKnown, currency.isKnown, price > 0, total >= 0, delta != .min,
            !isUnusual
        else { return nil }
        return DepthChange(
            venue: .mtgox, instrument: Instrument(base: item.code, quote: currency.code),
            side: side, priceUnits: price, quantityUnits: total, deltaUnits: delta, stamp: stamp)
    }
}

extension MtGoxParser {
    /// Reads a change of depth that has its keys in any order, or its numbers in another form.
    ///
    /// A change without the level's new total (the form before 2011-12) is of no use for a book.
    static func depth(_ text: Span<UInt8>, _ object: Range<Int>) throws(Stop) -> DepthChange {
        let base = try text.currency(text.need("item", of: object))
        let quote = try text.currency(text.need("currency", of: object))
        let price = try text.amount("price_int", "price", of: object, in: quote)
        guard price > 0 else { throw try text.wrong("a price above zero", "price_int", object) }
        let total = try text.whole(text.need("total_volume_int", of: object))
        guard total >= 0 else {
            throw try text.wrong("a total of zero or more", "total_volume_int", object)
        }
        var delta = Int64.min
        if let place = try text.find("volume_int", of: object) {
            delta = try text.whole(place)
        } else if let place = try text.find("volume", of: object) {
            delta = try text.units(place, of: base)
        }
        var stamp: Int64 = 0
        if let place = try text.find("now", of: object) { stamp = try text.whole(place) }
        return DepthChange(
            venue: .mtgox, instrument: Instrument(base: base, quote: quote),
            side: try side(text, object), priceUnits: price, quantityUnits: total,
            deltaUnits: delta, stamp: stamp)
    }

    /// The side by its name, or by its number where there is no name.
    private static func side(_ text: Span<UInt8>, _ object: Range<Int>) throws(Stop) -> Side {
        if let place = try text.find("type_str", of: object) {
            if try text.isString(place, "ask") { return .ask }
            if try text.isString(place, "bid") { return .bid }
            throw .value("\"ask\" or \"bid\"", at: place.lowerBound)
        }
        guard let place = try text.find("type", of: object) else {
            throw .missing("type_str", in: object.lowerBound)
        }
        switch try text.whole(place) {
        case 1: return .ask
        case 2: return .bid
        default: throw .value("1 (ask) or 2 (bid)", at: place.lowerBound)
        }
    }
}

extension Span where Element == UInt8 {
    /// The stop for a field that is there, in one form or the other, and out of range.
    func wrong(
        _ expected: StaticString, _ field: StaticString, _ object: Range<Int>
    ) throws(Stop) -> Stop {
        .value(expected, at: try find(field, of: object)?.lowerBound ?? object.lowerBound)
    }
}

/// A currency's code that has been read, or not.
struct CurrencyField {
    private(set) var code = Currency.btc
    private(set) var isKnown = false

    /// Reads a code that is nearly always `BTC`.
    @inline(__always)
    mutating func readBase(_ json: inout JSONReader) throws(JSONError) {
        if json.string(is: "BTC") {
            code = .btc
            isKnown = true
        } else {
            try readAny(&json)
        }
    }

    /// Reads a code that is nearly always `USD`.
    @inline(__always)
    mutating func readQuote(_ json: inout JSONReader) throws(JSONError) {
        if json.string(is: "USD") {
            code = .usd
            isKnown = true
        } else {
            try readAny(&json)
        }
    }

    /// Reads a code that is nearly always `USD` or `BTC`.
    @inline(__always)
    mutating func readEither(_ json: inout JSONReader) throws(JSONError) {
        if json.string(is: "USD") {
            code = .usd
            isKnown = true
        } else {
            try readBase(&json)
        }
    }

    /// Reads any code.
    @inline(never)
    private mutating func readAny(_ json: inout JSONReader) throws(JSONError) {
        let text = try json.string()
        guard text.isPlain, let currency = Currency(mtgox: text.bytes) else {
            isKnown = false
            return
        }
        code = currency
        isKnown = true
    }
}
