public import OutcryMarket

/// A value of any kind that a cache keeps.
public enum CacheValue: Sendable {
    /// A market's summary.
    case ticker(Ticker)
    /// A book, or the part of it that was asked for.
    case book(BookSnapshot)
    /// Trades, as one reply brought them.
    case trades(TradePage)
    /// Trades that lie in the cache's own tape of a market. Not for venues.
    case tape
    /// What an account has.
    case wallet(Wallet)
    /// An account's open orders.
    case orders([Order])

    /// The memory that it takes, about.
    var bytes: Int {
        switch self {
        case .ticker: MemoryLayout<Ticker>.stride
        case .book(let book):
            (book.bids.count + book.asks.count) * MemoryLayout<BookLevel>.stride
        case .tape: 0
        case .trades(let page): page.trades.count * MemoryLayout<Trade>.stride
        case .wallet(let wallet): wallet.balances.count * MemoryLayout<Balance>.stride
        case .orders(let orders): orders.count * (MemoryLayout<Order>.stride + 64)
        }
    }
}

/// What one reply tells of a market's trades.
public struct TradePage: Sendable {
    /// The trades, the oldest first.
    public let trades: [Trade]
    /// Between this number and the last of ``trades`` none is missing; nil where that is not known.
    public let after: Int64?
    /// Where the next call goes on; nil: the present is reached.
    public let next: Int64?

    /// Makes a page.
    public init(trades: [Trade], after: Int64?, next: Int64?) {
        self.trades = trades
        self.after = after
        self.next = next
    }
}
