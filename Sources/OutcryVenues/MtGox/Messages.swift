public import OutcryComponents
public import OutcryMarket

/// One message of the stream, read.
///
/// The usual ones are values. What is rare is told by its place in the text, so that a message is a
/// trivial value and reading one allocates nothing.
public enum MtGoxMessage: Sendable {
    /// A level changed.
    case depth(DepthChange)
    /// Somebody traded.
    case trade(Trade)
    /// You traded: the copy of a public trade that comes on the account's channel.
    case ownTrade(Trade)
    /// A summary.
    case ticker(MtGoxTicker)
    /// How far the engine is behind.
    case lag(EngineLag)
    /// A channel is subscribed from now on; the place of its GUID, a JSON value.
    case subscribed(Range<Int>)
    /// A channel is not subscribed any more; the place of its GUID, a JSON value.
    case unsubscribed(Range<Int>)
    /// The server says something in words, or refuses a call.
    case remark(MtGoxRemark)
    /// The answer to a call: the places of its id, if any, and of the result, JSON values.
    case result(id: Range<Int>?, body: Range<Int>)
    /// News of the account: its kind, and the place of what it says, a JSON value.
    case account(MtGoxAccountNews, body: Range<Int>)
}

/// What news of an account can be about.
public enum MtGoxAccountNews: String, Sendable {
    /// An order changed or ended.
    case order = "user_order"
    /// Money moved.
    case wallet
}

/// The parts of an `op:remark`, by their places in the text; each is a JSON value.
public struct MtGoxRemark: Hashable, Sendable {
    /// The words.
    public var message: Range<Int>?
    /// Whether the server calls it a success; true where it does not say.
    public var isSuccess = true
    /// The call that it answers.
    public var id: Range<Int>?
    /// A short name of the failure.
    public var token: Range<Int>?
}

/// The venue's own summary of a market: the neutral one, and three kinds of last price.
public struct MtGoxTicker: Hashable, Sendable {
    /// The neutral part; its `last` is the field `last`.
    public var summary: Ticker
    let lastLocalUnits: Int64
    let lastAllUnits: Int64
    let original: Money

    init(summary: Ticker, lastLocalUnits: Int64, lastAllUnits: Int64, lastOriginal: Money) {
        self.summary = summary
        self.lastLocalUnits = lastLocalUnits
        self.lastAllUnits = lastAllUnits
        original = lastOriginal
    }

    /// The price of the last trade in this currency; nil if not told, as below.
    public var lastLocal: Price? { price(lastLocalUnits) }
    /// The price of the last trade in any currency, converted to this one.
    public var lastAll: Price? { price(lastAllUnits) }
    /// The price of the last trade in any currency, in that currency.
    public var lastOriginal: Money? { original.isValid ? original : nil }

    private func price(_ units: Int64) -> Price? {
        units == .min ? nil : Price(units: units, of: summary.instrument.quote)
    }
}

extension VenueID {
    /// Mt. Gox, and what speaks its protocol.
    public static let mtgox: Self = "mtgox"
}
