import OutcryComponents
import OutcryMarket
import OutcryWire

/// Reads the messages of the stream.
public enum MtGoxParser {
    /// Reads one message. Allocates nothing, unless it is malformed.
    ///
    /// Accepts every order of keys, white space, escapes, unknown fields, numbers in strings and
    /// strings as numbers; of a key that comes twice the last one counts. Of an amount the `_int`
    /// field counts; the decimal is read only where that is missing, and then exactly.
    ///
    /// - Throws: ``MtGoxFault`` for what is not JSON, not a known message, or not complete.
    /// - Source: the protocol reference, sections 8.2, 12.1 to 12.3 and 12.5.
    public static func parse(_ text: Span<UInt8>) throws(MtGoxFault) -> MtGoxMessage {
        var message: MtGoxMessage?
        let isUsual = predict(
            text, depth: { message = .depth($0) }, trade: { message = .trade($0) },
            ticker: { message = .ticker($0) })
        if isUsual, let message { return message }
        return try anyMessage(text)
    }

    /// Reads a message of the market that looks as usual, and gives what it says to one of the three;
    /// false for everything else, be it right or wrong.
    ///
    /// The hot path: the values go straight to where they are used, never through a value that could
    /// hold any of them.
    @inline(__always)
    static func predict(
        _ text: Span<UInt8>, depth: (DepthChange) -> Void, trade: (Trade) -> Void,
        ticker: (MtGoxTicker) -> Void
    ) -> Bool {
        do {
            return try predicted(text, depth: depth, trade: trade, ticker: ticker)
        } catch { return false }
    }

    @inline(__always)
    private static func predicted(
        _ text: Span<UInt8>, depth: (DepthChange) -> Void, trade: (Trade) -> Void,
        ticker: (MtGoxTicker) -> Void
    ) throws(JSONError) -> Bool {
        var json = JSONReader(text)
        var change: DepthChange?
        var print: Trade?
        var summary: MtGoxTicker?
        var told = Kind.none
        var found = Kind.none
        var isPrivate = false
        var isPublicChannel = true
        try json.beginObject()
        repeat {
            if json.key(is: "channel") {
                isPublicChannel =
                    json.string(is: "24e67e0d-1cad-4cc0-9e7a-f8523ef460fe")
                    || json.string(is: "dbf1dee9-4f2e-4a08-8cb7-748919a71b21")
                if !isPublicChannel { try json.skip() }
            }
            if json.key(is: "channel_name") { try json.skip() }
            if json.key(is: "depth") {
                change = try DepthFields(&json).change
                found = .depth
            }
            if json.key(is: "op") {
                guard json.string(is: "private") else { return false }
                isPrivate = true
            }
            if json.key(is: "origin") { try json.skip(expecting: "broadcast") }
            if json.key(is: "private") {
                if json.string(is: "depth") {
                    told = .depth
                } else if json.string(is: "trade") {
                    told = .trade
                } else if json.string(is: "ticker") {
                    told = .ticker
                } else {
                    return false
                }
            }
            if json.key(is: "stamp") { try json.skip() }
            if json.key(is: "trade") {
                print = try TradeFields(&json).trade
                found = .trade
            }
            if json.key(is: "ticker") {
                summary = try readTicker(&json)
                found = .ticker
            }
        } while try json.anotherKey()
        try json.finish()
        guard isPrivate, told == found else { return false }
        switch found {
        case .depth:
            guard let change else { return false }
            depth(change)
        case .trade:
            // A trade of an account comes again on its channel: told apart by `anyMessage`.
            guard isPublicChannel, let print else { return false }
            trade(print)
        case .ticker:
            guard let summary else { return false }
            ticker(summary)
        case .none: return false
        }
        return true
    }

    @inline(never)
    private static func readTicker(_ json: inout JSONReader) throws(JSONError) -> MtGoxTicker? {
        try TickerFields(&json).ticker
    }

    private enum Kind {
        case none
        case depth
        case trade
        case ticker
    }
}
