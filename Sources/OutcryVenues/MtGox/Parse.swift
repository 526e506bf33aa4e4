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
        if let message = try? predicted(text) { return message }
        return try anyMessage(text)
    }

    /// Reads a message of the market that looks as usual; nil or an error for everything else, be it
    /// right or wrong.
    @inline(__always)
    static func predicted(_ text: Span<UInt8>) throws(JSONError) -> MtGoxMessage? {
        var json = JSONReader(text)
        var message: MtGoxMessage?
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
                guard let change = try DepthFields(&json).change else { return nil }
                message = .depth(change)
                found = .depth
            }
            if json.key(is: "op") {
                guard json.string(is: "private") else { return nil }
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
                    return nil
                }
            }
            if json.key(is: "stamp") { try json.skip() }
            if json.key(is: "trade") {
                guard let trade = try TradeFields(&json).trade else { return nil }
                message = .trade(trade)
                found = .trade
            }
            if json.key(is: "ticker") {
                guard let ticker = try TickerFields(&json).ticker else { return nil }
                message = .ticker(ticker)
                found = .ticker
            }
        } while try json.anotherKey()
        try json.finish()
        guard isPrivate, told == found else { return nil }
        // A trade of an account comes again on its channel: told apart by `anyMessage`.
        if found == .trade, !isPublicChannel { return nil }
        return message
    }

    private enum Kind {
        case none
        case depth
        case trade
        case ticker
    }
}
