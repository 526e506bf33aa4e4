import OutcryComponents
import OutcryMarket
import OutcryWire

/// The fields of a trade, as far as they were there.
struct TradeFields {
    private var price = Int64.min
    private var amount = Int64.min
    private var id = Int64.min
    private var date: Int64 = 0
    private var base = CurrencyField()
    private var quote = CurrencyField()
    private var aggressor: OrderSide?
    private var isPrimary = true
    private var properties = TradeProperties()
    /// Something needs a closer look.
    private var isUnusual = false

    /// Reads the object that comes next: in the orders of the documents, of the wire and of HTTP
    /// replies nearly without looking twice at a key, and in any other order too.
    @inline(__always)
    init(_ json: inout JSONReader) throws(JSONError) {
        try json.beginObject()
        if json.key(is: "amount") {
            try json.skip()
            repeat {
                if json.key(is: "amount_int") { amount = try json.integer() }
                if json.key(is: "date") { date = try json.integer() }
                if json.key(is: "item") { try base.readBase(&json) }
                if json.key(is: "price") { try json.skip() }
                if json.key(is: "price_currency") { try quote.readQuote(&json) }
                if json.key(is: "price_int") { price = try json.integer() }
                if json.key(is: "primary") { try readPrimary(&json) }
                if json.key(is: "properties") { try properties.read(&json) }
                if json.key(is: "tid") { id = try json.integer() }
                if json.key(is: "trade_type") { try readAggressor(&json) }
                if json.key(is: "type") { try json.skip(expecting: "trade") }
                if json.key(is: "amount") { try json.skip() }
            } while try json.anotherKey()
        } else if json.key(is: "type") {
            try json.skip(expecting: "trade")
            try readWireOrder(&json)
        } else if json.key(is: "date") {
            date = try json.integer()
            try readWireOrder(&json)
        } else {
            try readAnyOrder(&json)
        }
    }

    /// Reads the rest in the order of the wire and of HTTP replies.
    @inline(never)
    private mutating func readWireOrder(_ json: inout JSONReader) throws(JSONError) {
        repeat {
            if json.key(is: "date") { date = try json.integer() }
            if json.key(is: "amount") { try json.skip() }
            if json.key(is: "price") { try json.skip() }
            if json.key(is: "amount") { try json.skip() }
            if json.key(is: "amount_int") { amount = try json.integer() }
            if json.key(is: "price_int") { price = try json.integer() }
            if json.key(is: "amount_int") { amount = try json.integer() }
            if json.key(is: "tid") { id = try json.integer() }
            if json.key(is: "item") { try base.readBase(&json) }
            if json.key(is: "price_currency") { try quote.readQuote(&json) }
            if json.key(is: "item") { try base.readBase(&json) }
            if json.key(is: "trade_type") { try readAggressor(&json) }
            if json.key(is: "tid") { id = try json.integer() }
            if json.key(is: "primary") { try readPrimary(&json) }
            if json.key(is: "properties") { try properties.read(&json) }
            if json.key(is: "type") { try json.skip(expecting: "trade") }
        } while try json.anotherKey()
    }

    /// Reads the fields one by one, for an order that nobody predicted.
    @inline(never)
    private mutating func readAnyOrder(_ json: inout JSONReader) throws(JSONError) {
        while let key = try json.nextKey() {
            switch key.bytes.count {
            case 3 where key.is("tid"): id = try json.integer()
            case 4 where key.is("item"): try base.readBase(&json)
            case 4 where key.is("date"): date = try json.integer()
            case 7 where key.is("primary"): try readPrimary(&json)
            case 9 where key.is("price_int"): price = try json.integer()
            case 10 where key.is("amount_int"): amount = try json.integer()
            case 10 where key.is("trade_type"): try readAggressor(&json)
            case 10 where key.is("properties"): try properties.read(&json)
            case 14 where key.is("price_currency"): try quote.readQuote(&json)
            default:
                if !key.isPlain { isUnusual = true }
                try json.skip()
            }
        }
    }

    @inline(__always)
    private mutating func readAggressor(_ json: inout JSONReader) throws(JSONError) {
        if json.string(is: "bid") {
            aggressor = .buy
        } else if json.string(is: "ask") {
            aggressor = .sell
        } else {
            let text = try json.string()
            if text == "bid" {
                aggressor = .buy
            } else if text == "ask" {
                aggressor = .sell
            } else {
                isUnusual = true
            }
        }
    }

    @inline(__always)
    private mutating func readPrimary(_ json: inout JSONReader) throws(JSONError) {
        if json.string(is: "Y") {
            isPrimary = true
        } else {
            let text = try json.string()
            isPrimary = text == "Y"
            if !isPrimary, !(text == "N") { isUnusual = true }
        }
    }

    /// The trade; nil where a field is missing or not as usual.
    @inline(__always)
    var trade: Trade? {
        guard !isUnusual, price > 0, amount >= 0, id >= MtGoxParser.firstTimedTrade,
            base.isKnown, quote.isKnown
        else { return nil }
        return Trade(
            venue: .mtgox, instrument: Instrument(base: base.code, quote: quote.code), id: id,
            priceUnits: price, quantityUnits: amount, aggressor: aggressor, stamp: id,
            isPrimary: isPrimary, isMarketOrder: properties.isMarket,
            isMixedCurrency: properties.isMixed)
    }
}

/// What the field `properties` of a trade says.
struct TradeProperties {
    private(set) var isMarket = false
    private(set) var isMixed = false

    /// Reads words between commas, with or without blanks; words that are not known do not matter.
    @inline(__always)
    mutating func read(_ json: inout JSONReader) throws(JSONError) {
        if json.string(is: "limit") {
            self = TradeProperties()
        } else if json.string(is: "market") {
            self = TradeProperties(isMarket: true)
        } else if json.string(is: "limit, mixed_currency") {
            self = TradeProperties(isMixed: true)
        } else {
            try readAny(&json)
        }
    }

    @inline(never)
    private mutating func readAny(_ json: inout JSONReader) throws(JSONError) {
        let text = try json.string()
        self = text.isPlain ? Self(text.bytes) : Self(text.string.utf8.span)
    }

    init(isMarket: Bool = false, isMixed: Bool = false) {
        self.isMarket = isMarket
        self.isMixed = isMixed
    }

    init(_ text: Span<UInt8>) {
        var start = 0
        for index in 0...text.count
        where index == text.count || text[index] == UInt8(ascii: ",") {
            var word = start..<index
            while let first = word.first, text[first] == 0x20 { word = first + 1..<index }
            while let last = word.last, text[last] == 0x20 { word = word.lowerBound..<last }
            if text.extracting(word).equals("market") { isMarket = true }
            if text.extracting(word).equals("mixed_currency") { isMixed = true }
            start = index + 1
        }
    }
}

extension Span where Element == UInt8 {
    /// Whether these bytes are those of a text of ASCII.
    func equals(_ word: StaticString) -> Bool {
        // The literal's own bytes, for as long as the program runs; read within their bounds.
        word.withUTF8Buffer { bytes in
            guard count == bytes.count else { return false }
            for index in 0..<count {
                guard unsafe self[index] == bytes[index] else { return false }
            }
            return true
        }
    }
}

extension MtGoxParser {
    /// From this number on trades are numbered by their time in microseconds (section 12.2); no
    /// number of the small sequence before came near it.
    static let firstTimedTrade: Int64 = 1_000_000_000_000_000

    /// Reads a trade that has its numbers in another form, or lacks fields, as those of 2011.
    ///
    /// - Parameter instrument: What is traded where the fields do not say it; nil if they have to.
    static func trade(
        _ text: Span<UInt8>, _ object: Range<Int>, default instrument: Instrument?
    ) throws(Stop) -> Trade {
        let base = try currency(text, "item", object, instrument?.base)
        let quote = try currency(text, "price_currency", object, instrument?.quote)
        let price = try text.amount("price_int", "price", of: object, in: quote)
        guard price > 0 else { throw try text.wrong("a price above zero", "price_int", object) }
        let amount = try text.amount("amount_int", "amount", of: object, in: base)
        guard amount >= 0 else {
            throw try text.wrong("an amount of zero or more", "amount_int", object)
        }
        let id = try text.whole(text.need("tid", of: object))
        var stamp = id
        if id < firstTimedTrade {
            let place = try text.need("date", of: object)
            let (time, overflow) = try text.whole(place).multipliedReportingOverflow(by: 1_000_000)
            guard !overflow else { throw .value("seconds since 1970", at: place.lowerBound) }
            stamp = time
        }
        var isPrimary = true
        if let place = try text.find("primary", of: object) {
            isPrimary = try text.isString(place, "Y")
            let isCopy = try text.isString(place, "N")
            guard isPrimary || isCopy else {
                throw .value("\"Y\" or \"N\"", at: place.lowerBound)
            }
        }
        var properties = TradeProperties()
        if let place = try text.find("properties", of: object) {
            let words = try text.string(place)
            properties = TradeProperties(words.utf8.span)
        }
        return Trade(
            venue: .mtgox, instrument: Instrument(base: base, quote: quote), id: id,
            priceUnits: price, quantityUnits: amount, aggressor: try aggressor(text, object),
            stamp: stamp, isPrimary: isPrimary, isMarketOrder: properties.isMarket,
            isMixedCurrency: properties.isMixed)
    }

    private static func currency(
        _ text: Span<UInt8>, _ field: StaticString, _ object: Range<Int>, _ usual: Currency?
    ) throws(Stop) -> Currency {
        if let usual, try text.find(field, of: object) == nil { return usual }
        return try text.currency(text.need(field, of: object))
    }

    private static func aggressor(
        _ text: Span<UInt8>, _ object: Range<Int>
    ) throws(Stop) -> OrderSide? {
        guard let place = try text.find("trade_type", of: object) else { return nil }
        if try text.isString(place, "bid") { return .buy }
        if try text.isString(place, "ask") { return .sell }
        if try text.isString(place, "") { return nil }
        throw .value("\"bid\" or \"ask\"", at: place.lowerBound)
    }
}
