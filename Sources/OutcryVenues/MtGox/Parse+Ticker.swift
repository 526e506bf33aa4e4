import OutcryComponents
import OutcryMarket
import OutcryWire

/// The fields of a summary, as far as they were there.
struct TickerFields {
    private var quote: Currency?
    private var base: Currency?
    private var stamp: Int64 = 0
    private var average = Int64.min
    private var buy = Int64.min
    private var high = Int64.min
    private var last = Int64.min
    private var lastAll = Int64.min
    private var lastLocal = Int64.min
    private var lastOriginal = MoneyFields()
    private var low = Int64.min
    private var sell = Int64.min
    private var vwap = Int64.min
    private var volume = Int64.min
    /// Something needs a closer look.
    private var isUnusual = false

    /// Reads the object that comes next: in the orders of the documents and of the wire nearly without
    /// looking twice at a key, and in any other order too.
    @inline(__always)
    init(_ json: inout JSONReader) throws(JSONError) {
        try json.beginObject()
        if json.key(is: "avg") {
            average = try price(&json)
            repeat {
                if json.key(is: "buy") { buy = try price(&json) }
                if json.key(is: "high") { high = try price(&json) }
                if json.key(is: "item") { try json.skip(expecting: "BTC") }
                if json.key(is: "last") { last = try price(&json) }
                if json.key(is: "last_all") { lastAll = try price(&json) }
                if json.key(is: "last_local") { lastLocal = try price(&json) }
                if json.key(is: "last_orig") { lastOriginal = try MoneyFields(&json) }
                if json.key(is: "low") { low = try price(&json) }
                if json.key(is: "now") { stamp = try json.integer() }
                if json.key(is: "sell") { sell = try price(&json) }
                if json.key(is: "vol") { try readVolume(&json) }
                if json.key(is: "vwap") { vwap = try price(&json) }
                if json.key(is: "avg") { average = try price(&json) }
            } while try json.anotherKey()
        } else if json.key(is: "high") {
            high = try price(&json)
            repeat {
                if json.key(is: "low") { low = try price(&json) }
                if json.key(is: "avg") { average = try price(&json) }
                if json.key(is: "vwap") { vwap = try price(&json) }
                if json.key(is: "vol") { try readVolume(&json) }
                if json.key(is: "last_local") { lastLocal = try price(&json) }
                if json.key(is: "last") { last = try price(&json) }
                if json.key(is: "last_orig") { lastOriginal = try MoneyFields(&json) }
                if json.key(is: "last_all") { lastAll = try price(&json) }
                if json.key(is: "last") { last = try price(&json) }
                if json.key(is: "buy") { buy = try price(&json) }
                if json.key(is: "sell") { sell = try price(&json) }
                if json.key(is: "item") { try json.skip(expecting: "BTC") }
                if json.key(is: "now") { stamp = try json.integer() }
                if json.key(is: "high") { high = try price(&json) }
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
            case 3 where key.is("avg"): average = try price(&json)
            case 3 where key.is("buy"): buy = try price(&json)
            case 3 where key.is("low"): low = try price(&json)
            case 3 where key.is("now"): stamp = try json.integer()
            case 3 where key.is("vol"): try readVolume(&json)
            case 4 where key.is("high"): high = try price(&json)
            case 4 where key.is("last"): last = try price(&json)
            case 4 where key.is("sell"): sell = try price(&json)
            case 4 where key.is("vwap"): vwap = try price(&json)
            case 8 where key.is("last_all"): lastAll = try price(&json)
            case 9 where key.is("last_orig"): lastOriginal = try MoneyFields(&json)
            case 10 where key.is("last_local"): lastLocal = try price(&json)
            default:
                if !key.isPlain { isUnusual = true }
                try json.skip()
            }
        }
    }

    /// Reads a price: its currency is that of all the others.
    @inline(never)
    private mutating func price(_ json: inout JSONReader) throws(JSONError) -> Int64 {
        let money = try MoneyFields(&json)
        if quote == nil { quote = money.currency }
        if money.currency == nil || quote != money.currency { isUnusual = true }
        if money.units == .min { isUnusual = true }
        return money.units
    }

    private mutating func readVolume(_ json: inout JSONReader) throws(JSONError) {
        let money = try MoneyFields(&json)
        base = money.currency
        volume = money.units
    }

    /// The summary; nil where something is missing or not as usual.
    var ticker: MtGoxTicker? {
        guard !isUnusual, let quote, let base, volume != .min else { return nil }
        if lastOriginal.wasRead, lastOriginal.currency == nil || lastOriginal.units == .min {
            return nil
        }
        var summary = Ticker(
            venue: .mtgox, instrument: Instrument(base: base, quote: quote), stamp: stamp)
        summary.averageUnits = average
        summary.bestBidUnits = buy
        summary.bestAskUnits = sell
        summary.highUnits = high
        summary.lastUnits = last
        summary.lowUnits = low
        summary.volumeUnits = volume
        summary.vwapUnits = vwap
        return MtGoxTicker(
            summary: summary, lastLocalUnits: lastLocal, lastAllUnits: lastAll,
            lastOriginal: Money(
                units: lastOriginal.units, currency: lastOriginal.currency ?? quote))
    }
}

/// The fields of a money object, as far as they were there.
struct MoneyFields {
    private(set) var units = Int64.min
    private(set) var currency: Currency?
    private(set) var wasRead = false
    private var isUnusual = false

    init() {}

    /// Reads the object that comes next.
    @inline(never)
    init(_ json: inout JSONReader) throws(JSONError) {
        wasRead = true
        var code = CurrencyField()
        try json.beginObject()
        if json.key(is: "currency") {
            try code.readEither(&json)
            repeat {
                if json.key(is: "display") { try json.skip() }
                if json.key(is: "display_short") { try json.skip() }
                if json.key(is: "value") { try json.skip() }
                if json.key(is: "value_int") { units = try json.integer() }
                if json.key(is: "currency") { try code.readEither(&json) }
            } while try json.anotherKey()
        } else if json.key(is: "value") {
            try json.skip()
            repeat {
                if json.key(is: "value_int") { units = try json.integer() }
                if json.key(is: "display") { try json.skip() }
                if json.key(is: "display_short") { try json.skip() }
                if json.key(is: "currency") { try code.readEither(&json) }
                if json.key(is: "value") { try json.skip() }
            } while try json.anotherKey()
        } else {
            while let key = try json.nextKey() {
                switch key.bytes.count {
                case 8 where key.is("currency"): try code.readEither(&json)
                case 9 where key.is("value_int"): units = try json.integer()
                default:
                    // A key with escapes: a closer look is needed.
                    if !key.isPlain { isUnusual = true }
                    try json.skip()
                }
            }
        }
        if isUnusual { units = .min }
        currency = code.isKnown ? code.code : nil
    }
}

extension MtGoxParser {
    /// Reads a summary that has its numbers in another form, or lacks fields.
    ///
    /// - Parameter instrument: What it is of where the fields do not say it; nil if they have to.
    static func ticker(
        _ text: Span<UInt8>, _ object: Range<Int>, default instrument: Instrument?
    ) throws(Stop) -> MtGoxTicker {
        var quote = instrument?.quote
        func price(_ field: StaticString) throws(Stop) -> Int64 {
            guard let place = try text.find(field, of: object) else { return .min }
            let money = try text.money(place)
            if quote == nil { quote = money.currency }
            guard money.currency == quote else {
                throw .value("money in the currency of the other prices", at: place.lowerBound)
            }
            return money.units
        }
        let (high, low) = (try price("high"), try price("low"))
        let (average, vwap) = (try price("avg"), try price("vwap"))
        let (lastLocal, lastAll) = (try price("last_local"), try price("last_all"))
        let (last, buy, sell) = (try price("last"), try price("buy"), try price("sell"))
        guard let quote else { throw .missing("last", in: object.lowerBound) }
        var (base, volume) = (instrument?.base, Int64.min)
        if let place = try text.find("vol", of: object) {
            let money = try text.money(place)
            (base, volume) = (money.currency, money.units)
        } else if let place = try text.find("item", of: object) {
            base = try text.currency(place)
        }
        guard let base else { throw .missing("vol", in: object.lowerBound) }
        var original = Money.invalid(quote)
        if let place = try text.find("last_orig", of: object) { original = try text.money(place) }
        var stamp: Int64 = 0
        if let place = try text.find("now", of: object) { stamp = try text.whole(place) }
        var summary = Ticker(
            venue: .mtgox, instrument: Instrument(base: base, quote: quote), stamp: stamp)
        summary.averageUnits = average
        summary.bestBidUnits = buy
        summary.bestAskUnits = sell
        summary.highUnits = high
        summary.lastUnits = last
        summary.lowUnits = low
        summary.volumeUnits = volume
        summary.vwapUnits = vwap
        return MtGoxTicker(
            summary: summary, lastLocalUnits: lastLocal, lastAllUnits: lastAll,
            lastOriginal: original)
    }
}
