import OutcryWire

/// What the account's channel says.
///
/// - Source: the protocol reference, sections 10.2 and 10.3.
enum MtGoxPrivate: Hashable, Sendable {
    /// An order changed or ended.
    case order(MtGoxOrderNews)
    /// Money moved.
    case wallet(MtGoxWalletNews)

    /// Reads a whole message of the stream in one pass, as it usually looks; nil for everything else, be it
    /// right or wrong.
    init?(usual text: Span<UInt8>) {
        var news: Self?
        guard Self.usual(text, { news = $0 }), let news else { return nil }
        self = news
    }

    /// Reads a whole message as ``init(usual:)`` does, and gives the news to `take`: they are large, and go
    /// straight to where they are queued.
    ///
    /// - Returns: Whether there were some.
    static func usual(_ text: Span<UInt8>, _ take: (consuming Self) -> Void) -> Bool {
        var json = JSONReader(text)
        return (try? usual(&json, text, take)) ?? false
    }

    /// Reads the value of a `user_order` in the same way.
    static func usualOrder(
        _ value: Span<UInt8>, _ memory: MoneyMemory,
        _ take: (consuming MtGoxOrderNews) -> Void
    ) -> Bool {
        var json = JSONReader(value)
        var fields = OrderFields()
        do throws(JSONError) {
            try fields.read(&json, in: value, memory)
            try json.finish()
        } catch { return false }
        return fields.news(take) != nil
    }

    /// Reads the head up to the kind, which usually comes before the news.
    private static func usual(
        _ json: inout JSONReader, _ text: Span<UInt8>, _ take: (consuming Self) -> Void
    ) throws(JSONError) -> Bool {
        try json.beginObject()
        repeat {
            if json.key(is: "channel") { try json.skip() }
            if json.key(is: "op"), !json.string(is: "private") { return false }
            if json.key(is: "origin") { try json.skip(expecting: "broadcast") }
            if json.key(is: "private") {
                if json.string(is: "user_order") { return try usualOrder(&json, text, take) }
                if json.string(is: "wallet") { return try usualWallet(&json, take) }
                return false
            }
            // What comes before its kind is read with care.
            if json.key(is: "user_order") || json.key(is: "wallet") { return false }
        } while try json.anotherKey()
        return false
    }

    @inline(never)
    private static func usualOrder(
        _ json: inout JSONReader, _ text: Span<UInt8>, _ take: (consuming Self) -> Void
    ) throws(JSONError) -> Bool {
        var fields = OrderFields()
        var isFound = false
        repeat {
            if json.key(is: "user_order") {
                if isFound { return false }
                isFound = true
                try fields.read(&json, in: text)
                // At the end of a message a key that is not there costs more to find out.
                continue
            }
            if !(try skipRest(&json)) { return false }
        } while try json.anotherKey()
        try json.finish()
        return isFound && fields.news { take(.order($0)) } != nil
    }

    @inline(never)
    private static func usualWallet(
        _ json: inout JSONReader, _ take: (consuming Self) -> Void
    ) throws(JSONError) -> Bool {
        var fields = WalletFields()
        var isFound = false
        repeat {
            if json.key(is: "wallet") {
                if isFound { return false }
                isFound = true
                try fields.read(&json)
                continue
            }
            if !(try skipRest(&json)) { return false }
        } while try json.anotherKey()
        try json.finish()
        guard isFound, let news = fields.news else { return false }
        take(.wallet(news))
        return true
    }

    /// Skips what is left of the head behind the kind; false where it says another thing.
    @inline(never)
    private static func skipRest(_ json: inout JSONReader) throws(JSONError) -> Bool {
        if json.key(is: "op"), !json.string(is: "private") { return false }
        if json.key(is: "channel") { try json.skip() }
        if json.key(is: "origin") { try json.skip() }
        return !json.key(is: "private")
    }

    /// Reads the news at a place of a message.
    init(
        _ kind: MtGoxAccountNews, _ text: Span<UInt8>, at place: Range<Int>
    ) throws(MtGoxFault) {
        do throws(Stop) {
            switch kind {
            case .order: self = .order(try MtGoxOrderNews(text, at: place))
            case .wallet: self = .wallet(try MtGoxWalletNews(text, at: place))
            }
        } catch { throw MtGoxFault(error, in: text) }
    }
}
