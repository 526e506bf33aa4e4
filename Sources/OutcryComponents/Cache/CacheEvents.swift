public import OutcryKernel
public import OutcryMarket

/// Which trades are asked for.
public struct TradesQuestion: Hashable, Sendable {
    /// Of which market.
    public let instrument: Instrument
    /// Those after this number; nil: as many as are kept, at least those that the venue gives unasked.
    public let since: Int64?

    /// Asks for trades.
    public init(_ instrument: Instrument, since: Int64? = nil) {
        self.instrument = instrument
        self.since = since
    }
}

/// What a cache answers.
public typealias CacheAnswer<Value> = Outcome<Cached<Value>, CacheFailure>

extension Event where Payload == Ask<Instrument, CacheAnswer<Ticker>> {
    /// Asks a cache for the summary of a market.
    public static let cachedTicker = Self("cache.ticker")
}
extension Event where Payload == Ask<Instrument, CacheAnswer<BookSnapshot>> {
    /// Asks a cache for the levels of a book near its best prices.
    public static let cachedDepth = Self("cache.depth")
    /// Asks a cache for all levels of a book.
    public static let cachedFullDepth = Self("cache.fullDepth")
}
extension Event where Payload == Ask<TradesQuestion, CacheAnswer<TradeTape>> {
    /// Asks a cache for public trades. The first question about a market has it kept current from then on.
    public static let cachedTrades = Self("cache.trades")
}
extension Event where Payload == Ask<String, CacheAnswer<Wallet>> {
    /// Asks a cache for what the account of this name has; only where the rules keep such things.
    public static let cachedWallet = Self("cache.wallet")
}
extension Event where Payload == Ask<String, CacheAnswer<[Order]>> {
    /// Asks a cache for the open orders of the account of this name; only where the rules keep such things.
    public static let cachedOrders = Self("cache.orders")
}
extension Event where Payload == Ask<Void, CacheCounts> {
    /// Asks a cache what it has done.
    public static let cacheCounts = Self("cache.counts")
}

extension Event where Payload == Answer<[Channel]> {
    static let cacheChannels = Self("cache.channels")
}
extension Event where Payload == Void {
    static let cacheJoin = Self("cache.join")
    static let cacheOverflow = Self("cache.overflow")
}
extension Event where Payload == Answer<BookCopy> {
    static let cacheCopied = Self("cache.copied")
}

/// Somebody who waits for an answer, by what was asked.
enum CacheAsker {
    case ticker(Ask<Instrument, CacheAnswer<Ticker>>)
    case book(Ask<Instrument, CacheAnswer<BookSnapshot>>)
    case trades(Ask<TradesQuestion, CacheAnswer<TradeTape>>)
    case wallet(Ask<String, CacheAnswer<Wallet>>)
    case orders(Ask<String, CacheAnswer<[Order]>>)
}
