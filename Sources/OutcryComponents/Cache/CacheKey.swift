public import OutcryMarket

/// What kinds of things a cache keeps.
public enum CacheKind: UInt8, Hashable, Sendable, CaseIterable {
    /// A market's summary.
    case ticker
    /// The levels of a book near its best prices.
    case depth
    /// All levels of a book.
    case fullDepth
    /// Public trades.
    case trades
    /// What an account has.
    case wallet
    /// An account's open orders.
    case orders

    /// It is an account's: kept only where a rule says so, and for that account alone.
    public var isPrivate: Bool { self == .wallet || self == .orders }
}

/// What is asked of a cache. Two askers with equal keys get the same value.
public struct CacheKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// What kind of thing.
    public let kind: CacheKind
    /// Of which market; nil where it is about none.
    public let instrument: Instrument?
    /// Of trades: those after this number; nil: as many as the venue gives unasked.
    public let since: Int64?
    /// Whose; nil where it is public. So nothing of one account is ever told to another.
    public let account: String?

    private init(_ kind: CacheKind, _ instrument: Instrument?, _ since: Int64?, _ account: String?)
    {
        self.kind = kind
        self.instrument = instrument
        self.since = since
        self.account = account
    }

    /// The summary of a market.
    public static func ticker(_ of: Instrument) -> Self { Self(.ticker, of, nil, nil) }
    /// The levels near the best prices.
    public static func depth(_ of: Instrument) -> Self { Self(.depth, of, nil, nil) }
    /// All levels.
    public static func fullDepth(_ of: Instrument) -> Self { Self(.fullDepth, of, nil, nil) }
    /// The trades after the one numbered `since`.
    public static func trades(_ of: Instrument, since: Int64? = nil) -> Self {
        Self(.trades, of, since, nil)
    }
    /// What an account has.
    public static func wallet(account: String) -> Self { Self(.wallet, nil, nil, account) }
    /// An account's open orders.
    public static func orders(account: String) -> Self { Self(.orders, nil, nil, account) }

    /// Orders by kind, market, number and account.
    public static func < (a: Self, b: Self) -> Bool {
        if a.kind != b.kind { return a.kind.rawValue < b.kind.rawValue }
        if a.instrument != b.instrument {
            let x = a.words
            let y = b.words
            return x.base == y.base ? x.quote < y.quote : x.base < y.base
        }
        if a.since != b.since { return a.since ?? .min < b.since ?? .min }
        return a.account ?? "" < b.account ?? ""
    }

    private var words: (base: UInt64, quote: UInt64) {
        (instrument?.base.bits ?? 0, instrument?.quote.bits ?? 0)
    }

    /// For logs: kind, market and number; of an account only that it is one's.
    public var description: String {
        var text = "\(kind)"
        if let instrument { text += " \(instrument)" }
        if let since { text += " since \(since)" }
        return account == nil ? text : text + " of an account"
    }
}
