public import OutcryComponents
public import OutcryMarket
import OutcryWire

/// A book as an HTTP reply tells it.
public struct MtGoxDepth: Sendable {
    /// What is traded in it.
    public let instrument: Instrument
    /// The asks as they came: the best first.
    public let asks: [BookLevel]
    /// The bids as they came: the best last (in June 2011 it was first).
    public let bids: [BookLevel]
    /// The lowest price that was asked for, where the book is cut; nil for a full book.
    public let lowest: Money?
    /// The highest price that was asked for.
    public let highest: Money?
    /// The newest change of a level, µs since 1970; 0 if no level tells.
    public let newestStamp: Int64

    /// The same for a depth book.
    public var snapshot: BookSnapshot {
        BookSnapshot(instrument: instrument, bids: bids, asks: asks, newestStamp: newestStamp)
    }
}

extension MtGoxReply {
    /// Reads `depth`, `fulldepth`, or version 0's `getDepth.php`.
    public static func depth(
        _ body: Span<UInt8>, of instrument: Instrument, status: Int? = nil
    ) throws(MtGoxError) -> MtGoxDepth {
        try read(body, status: status) { (text, place) throws(Stop) in
            var newest: Int64 = 0
            let asks = try levels(text, try text.need("asks", of: place), instrument, &newest)
            let bids = try levels(text, try text.need("bids", of: place), instrument, &newest)
            return MtGoxDepth(
                instrument: instrument, asks: asks, bids: bids,
                lowest: try money(text, "filter_min_price", of: place),
                highest: try money(text, "filter_max_price", of: place), newestStamp: newest)
        }
    }

    /// A money object that may be missing.
    static func money(
        _ text: Span<UInt8>, _ field: StaticString, of object: Range<Int>
    ) throws(Stop) -> Money? {
        guard let place = try text.find(field, of: object) else { return nil }
        return try text.money(place)
    }

    /// The levels of one side.
    private static func levels(
        _ text: Span<UInt8>, _ array: Range<Int>, _ instrument: Instrument, _ newest: inout Int64
    ) throws(Stop) -> [BookLevel] {
        var levels: [BookLevel] = []
        for place in try text.elements(array) {
            let level = try level(text, place, instrument)
            newest = max(newest, level.stamp)
            levels.append(level)
        }
        return levels
    }

    /// One level: an object with `price_int` and `amount_int` and the time of its last change, or in
    /// version 0 a pair of price and amount.
    private static func level(
        _ text: Span<UInt8>, _ place: Range<Int>, _ instrument: Instrument
    ) throws(Stop) -> BookLevel {
        if text[place.lowerBound] == UInt8(ascii: "[") {
            let pair = try text.elements(place)
            guard pair.count == 2 else {
                throw .value("a pair of price and amount", at: place.lowerBound)
            }
            return try level(
                instrument, try text.units(pair[0], of: instrument.quote),
                try text.units(pair[1], of: instrument.base), 0, at: place)
        }
        let fields = try text.read(place) { (json) throws(JSONError) in try LevelFields(&json) }
        if let price = fields.price, let amount = fields.amount {
            return try level(instrument, price, amount, fields.stamp, at: place)
        }
        return try level(
            instrument, try text.amount("price_int", "price", of: place, in: instrument.quote),
            try text.amount("amount_int", "amount", of: place, in: instrument.base), fields.stamp,
            at: place)
    }

    private static func level(
        _ instrument: Instrument, _ price: Int64, _ amount: Int64, _ stamp: Int64,
        at place: Range<Int>
    ) throws(Stop) -> BookLevel {
        guard price > 0 else { throw .value("a price above zero", at: place.lowerBound) }
        guard amount >= 0 else { throw .value("an amount of zero or more", at: place.lowerBound) }
        return BookLevel(instrument, priceUnits: price, quantityUnits: amount, stamp: stamp)
    }
}

/// The fields of a level, as far as they were there.
private struct LevelFields {
    private(set) var price: Int64?
    private(set) var amount: Int64?
    private(set) var stamp: Int64 = 0

    init(_ json: inout JSONReader) throws(JSONError) {
        try json.beginObject()
        repeat {
            if json.key(is: "price") { try json.skip() }
            if json.key(is: "amount") { try json.skip() }
            if json.key(is: "price_int") { price = try json.integer() }
            if json.key(is: "amount_int") { amount = try json.integer() }
            if json.key(is: "stamp") { stamp = try json.integer() }
        } while try json.anotherKey()
    }
}
