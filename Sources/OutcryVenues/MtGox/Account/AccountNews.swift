import OutcryWire

/// What the account's channel says.
///
/// - Source: the protocol reference, sections 10.2 and 10.3.
public enum MtGoxPrivate: Hashable, Sendable {
    /// An order changed or ended.
    case order(MtGoxOrderNews)
    /// Money moved.
    case wallet(MtGoxWalletNews)

    /// Reads a whole message of the stream in one pass, as it usually looks; nil for everything else, be it
    /// right or wrong.
    init?(usual text: Span<UInt8>) {
        var json = JSONReader(text)
        var told: MtGoxAccountNews?
        var found: MtGoxAccountNews?
        // Filled where they stand: news are large, and each copy of them shows.
        var order = OrderFields()
        var wallet = WalletFields()
        do throws(JSONError) {
            try json.beginObject()
            repeat {
                if json.key(is: "channel") { try json.skip() }
                if json.key(is: "op"), !json.string(is: "private") { return nil }
                if json.key(is: "origin") { try json.skip() }
                if json.key(is: "private") {
                    if json.string(is: "user_order") {
                        told = .order
                    } else if json.string(is: "wallet") {
                        told = .wallet
                    } else {
                        return nil
                    }
                }
                if json.key(is: "user_order") {
                    if found != nil { return nil }
                    found = .order
                    try order.read(&json)
                }
                if json.key(is: "wallet") {
                    if found != nil { return nil }
                    found = .wallet
                    try wallet.read(&json)
                }
            } while try json.anotherKey()
            try json.finish()
        } catch { return nil }
        switch (told, found) {
        case (.order, .order):
            guard let news = order.news else { return nil }
            self = .order(news)
        case (.wallet, .wallet):
            guard let news = wallet.news else { return nil }
            self = .wallet(news)
        default: return nil
        }
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
