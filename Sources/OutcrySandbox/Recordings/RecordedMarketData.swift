import OutcryMarket
import OutcryWire

/// One recorded trade: units of BTCUSD.
struct RecordedTrade: Hashable, Sendable {
    /// Seconds since 1970.
    let date: Int64
    let price: Int64
    let amount: Int64
    /// The venue's number of that time: a small sequence, not always ascending.
    let number: Int64

    /// The 11,214 trades of 6 to 8 June 2011, in the order of the recording, which is that of time.
    static func june2011() throws(RecordedDataError) -> [RecordedTrade] {
        try RecordedData.trades20110606.read { json in
            var trades: [RecordedTrade] = []
            try json.beginArray()
            while try json.nextElement() { trades.append(try read(&json)) }
            return trades
        }
    }

    private static func read(_ json: inout JSONReader) throws -> RecordedTrade {
        var (date, price, amount, number) = (Int64(0), Int64(0), Int64(0), Int64(0))
        try json.beginObject()
        repeat {
            if json.key(is: "date") { date = try json.integer() }
            if json.key(is: "price") { price = try json.units(scale: 5) }
            if json.key(is: "amount") { amount = try json.units(scale: 8) }
            if json.key(is: "tid") { number = try json.integer() }
        } while try json.anotherKey()
        return RecordedTrade(date: date, price: price, amount: amount, number: number)
    }
}

/// One recorded level: units of BTCUSD.
struct RecordedLevel: Hashable, Sendable {
    let price: Int64
    let amount: Int64
    /// Microseconds since 1970; 0 where the recording has none.
    let stamp: Int64
}

/// A recorded book: both sides as they stand in the recording.
struct RecordedBook: Hashable, Sendable {
    var asks: [RecordedLevel] = []
    var bids: [RecordedLevel] = []

    /// `getDepth.php` of June 2011: pairs of price and amount.
    static func june2011() throws(RecordedDataError) -> RecordedBook {
        try read(.depth201106) { json in
            try json.beginArray()
            _ = try json.nextElement()
            let price = try json.units(scale: 5)
            _ = try json.nextElement()
            let amount = try json.units(scale: 8)
            try json.endArray()
            return RecordedLevel(price: price, amount: amount, stamp: 0)
        }
    }

    /// `fulldepth` of February 2012: 4,407 asks and 3,684 bids.
    static func february2012() throws(RecordedDataError) -> RecordedBook {
        try read(.fullDepth201202) { json in
            var (price, amount, stamp) = (Int64(0), Int64(0), Int64(0))
            try json.beginObject()
            repeat {
                if json.key(is: "price") { try json.skip() }
                if json.key(is: "amount") { try json.skip() }
                if json.key(is: "price_int") { price = try json.integer() }
                if json.key(is: "amount_int") { amount = try json.integer() }
                if json.key(is: "stamp") { stamp = try json.integer() }
            } while try json.anotherKey()
            return RecordedLevel(price: price, amount: amount, stamp: stamp)
        }
    }

    private static func read(
        _ data: RecordedData, _ level: (inout JSONReader) throws -> RecordedLevel
    ) throws(RecordedDataError) -> RecordedBook {
        try data.read { json in
            var book = RecordedBook()
            try readSides(&json, &book, level)
            return book
        }
    }

    /// Reads the two sides, and looks for them in an envelope's `return` where there is one.
    private static func readSides(
        _ json: inout JSONReader, _ book: inout RecordedBook,
        _ level: (inout JSONReader) throws -> RecordedLevel
    ) throws {
        try json.beginObject()
        while let key = try json.nextKey() {
            switch key {
            case "asks": book.asks = try readSide(&json, level)
            case "bids": book.bids = try readSide(&json, level)
            case "return": try readSides(&json, &book, level)
            default: try json.skip()
            }
        }
    }

    private static func readSide(
        _ json: inout JSONReader, _ level: (inout JSONReader) throws -> RecordedLevel
    ) throws -> [RecordedLevel] {
        var levels: [RecordedLevel] = []
        try json.beginArray()
        while try json.nextElement() { levels.append(try level(&json)) }
        return levels
    }
}

extension JSONReader {
    /// A decimal number in units of so many decimals, exactly.
    fileprivate mutating func units(scale: Int) throws -> Int64 {
        try Quantity(ascii: decimal().bytes, scale: scale).units
    }
}
