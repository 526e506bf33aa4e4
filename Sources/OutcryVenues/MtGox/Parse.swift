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
        let usual: MtGoxMessage? = predict(
            text, depth: { .depth($0) }, trade: { .trade($0) }, ticker: { .ticker($0) })
        if let usual { return usual }
        return try anyMessage(text)
    }

    /// Reads a message of the market that looks as usual, and gives what it says to one of the three;
    /// nil for everything else, be it right or wrong.
    ///
    /// The hot path: the values go straight to where they are used, never through a value that could
    /// hold any of them.
    @inline(__always)
    static func predict<Result>(
        _ text: Span<UInt8>, depth: (DepthChange) -> Result, trade: (Trade) -> Result,
        ticker: (MtGoxTicker) -> Result
    ) -> Result? {
        do {
            return try predicted(text, depth: depth, trade: trade, ticker: ticker)
        } catch { return nil }
    }

    @inline(__always)
    private static func predicted<Result>(
        _ text: Span<UInt8>, depth: (DepthChange) -> Result, trade: (Trade) -> Result,
        ticker: (MtGoxTicker) -> Result
    ) throws(JSONError) -> Result? {
        var json = JSONReader(text)
        var parts = MessageParts()
        try json.beginObject()
        if json.key(is: "channel") {
            try parts.readChannel(&json)
            repeat {
                if json.key(is: "channel") { try parts.readChannel(&json) }
                if json.key(is: "channel_name") { try json.skip() }
                if json.key(is: "depth") { parts.take(try DepthFields(&json).change) }
                if json.key(is: "stamp") { try json.skip() }
                if json.key(is: "op") { try parts.readOp(&json) }
                if json.key(is: "origin") { try json.skip(expecting: "broadcast") }
                if json.key(is: "private") {
                    try parts.readKind(&json)
                    if parts.isOther { return nil }
                }
                // At the end of a message a key that is not there costs more to find out.
                if parts.hasPayload { continue }
                if json.key(is: "trade") { parts.take(try TradeFields(&json).trade) }
                if json.key(is: "ticker") {
                    return try anyOrder(&json, &parts, isTickerNext: true).map(ticker)
                }
            } while try json.anotherKey()
        } else {
            if let summary = try anyOrder(&json, &parts) { return ticker(summary) }
            if parts.isOther { return nil }
        }
        try json.finish()
        return parts.give(depth: depth, trade: trade)
    }

    /// The same for keys in an order that nobody predicted, and from a ticker on: that is large, and what reads
    /// a message that has none must not make room for one.
    ///
    /// - Returns: The ticker, where the message is one's and as usual; whatever else was read is in `parts`.
    @inline(never)
    private static func anyOrder(
        _ json: inout JSONReader, _ parts: inout MessageParts, isTickerNext: Bool = false
    ) throws(JSONError) -> MtGoxTicker? {
        var summary: MtGoxTicker?
        if isTickerNext {
            summary = try TickerFields(&json).ticker
            parts.takeTicker()
        }
        while let key = try json.nextKey() {
            switch key.bytes.count {
            case 2 where key.is("op"):
                try parts.readOp(&json)
                if parts.isOther { return nil }
            case 5 where key.is("depth"): parts.take(try readDepth(&json))
            case 5 where key.is("trade"): parts.take(try readTrade(&json))
            case 6 where key.is("ticker"):
                summary = try TickerFields(&json).ticker
                parts.takeTicker()
            case 7 where key.is("private"): try parts.readKind(&json)
            case 7 where key.is("channel"): try parts.readChannel(&json)
            default:
                if !key.isPlain { parts.isUnusual = true }
                try json.skip()
            }
        }
        guard parts.isTicker else { return nil }
        try json.finish()
        return summary
    }

    @inline(never)
    private static func readDepth(_ json: inout JSONReader) throws(JSONError) -> DepthChange? {
        try DepthFields(&json).change
    }

    @inline(never)
    private static func readTrade(_ json: inout JSONReader) throws(JSONError) -> Trade? {
        try TradeFields(&json).trade
    }
}

/// What a message of the market says, as far as it has been read.
private struct MessageParts {
    private enum Kind {
        case none
        case depth
        case trade
        case ticker
    }

    private var change: DepthChange?
    private var print: Trade?
    private var told = Kind.none
    private var found = Kind.none
    private var isPrivate = false
    private var isPublicChannel = true
    /// Something needs a closer look.
    var isUnusual = false
    /// The message says that it is none of the market.
    private(set) var isOther = false

    /// Whether a payload has been read, complete or not.
    @inline(__always)
    var hasPayload: Bool { found != .none }

    @inline(__always)
    mutating func readChannel(_ json: inout JSONReader) throws(JSONError) {
        isPublicChannel =
            json.string(is: "24e67e0d-1cad-4cc0-9e7a-f8523ef460fe")
            || json.string(is: "dbf1dee9-4f2e-4a08-8cb7-748919a71b21")
        if !isPublicChannel { try json.skip() }
    }

    @inline(__always)
    mutating func readOp(_ json: inout JSONReader) throws(JSONError) {
        isPrivate = json.string(is: "private")
        if !isPrivate {
            isOther = true
            try json.skip()
        }
    }

    @inline(__always)
    mutating func readKind(_ json: inout JSONReader) throws(JSONError) {
        if json.string(is: "depth") {
            told = .depth
        } else if json.string(is: "trade") {
            told = .trade
        } else if json.string(is: "ticker") {
            told = .ticker
        } else {
            told = .none
            isOther = true
            try json.skip()
        }
    }

    @inline(__always)
    mutating func take(_ change: DepthChange?) {
        self.change = change
        found = .depth
    }

    @inline(__always)
    mutating func take(_ trade: Trade?) {
        print = trade
        found = .trade
    }

    /// A ticker was read; its reader keeps it.
    @inline(__always)
    mutating func takeTicker() { found = .ticker }

    @inline(__always)
    private var isUsual: Bool { isPrivate && told == found && !isUnusual }

    /// Whether it was the message of a ticker, as usual.
    @inline(__always)
    var isTicker: Bool { found == .ticker && isUsual }

    /// Gives what was read to one of the two, if it is all there and as usual.
    @inline(__always)
    func give<Result>(depth: (DepthChange) -> Result, trade: (Trade) -> Result) -> Result? {
        guard isUsual else { return nil }
        switch found {
        case .depth: return change.map(depth)
        // A trade of an account comes again on its channel: told apart by `anyMessage`.
        case .trade: return isPublicChannel ? print.map(trade) : nil
        case .ticker, .none: return nil
        }
    }
}
