public import OutcryMarket

extension VenueID {
    /// MidChains, and what speaks its protocol. (A venue's name has at most eight letters.)
    public static let midchains: Self = "midchain"
}

/// One line of a `book` message: what becomes of one entry.
///
/// - Source: the protocol reference, section 2.1.
public struct MidChainsEntry: Hashable, Sendable, BitwiseCopyable {
    /// What becomes of it.
    public enum Act: UInt8, Sendable, BitwiseCopyable {
        /// `A`: a new entry.
        case add
        /// `U`: an entry stands so now; one that is not known is a new one.
        case update
        /// `R`: an entry is gone.
        case remove
    }

    /// What tells it from others: its `key`, or its `id` where that is `NA`.
    public var name = MidChainsName(id: 0)
    /// Its `id`, which several entries can share; `Int64.min` if not told.
    public var id = Int64.min
    /// Its price, in units of the quote; `Int64.min` for a removal.
    public var priceUnits = Int64.min
    /// Its amount, in units of the base; `Int64.min` for a removal.
    public var quantityUnits = Int64.min
    /// The venue's time, µs since 1970; 0 if not told. The venue counts milliseconds.
    public var stamp: Int64 = 0
    /// What becomes of it.
    public var act = Act.update
    /// The side of the book; nil for a removal that does not say.
    public var side: Side?
    /// It is an indication of interest, which nobody can trade with.
    public var isIndication = false
}

/// One message of the stream, read. The lines of a book are put where the reader was told to.
enum MidChainsMessage {
    /// Lines of the book of a market, by its place in the table.
    case book(market: Int)
    /// Somebody traded in a market.
    case trade(Trade, market: Int)
    /// Market data of a security that is not in the table.
    case unlisted(MidChainsKind, security: String)
    /// The answer to a request, or news of the account.
    case account(MidChainsKind)
    /// A message that has another type.
    case unknown(String)
}

/// The types of messages that are known.
public enum MidChainsKind: String, Sendable, CaseIterable {
    /// Lines of a book.
    case book
    /// Somebody traded.
    case trade
    /// The key that passwords are encrypted with.
    case challenge
    /// The end of a login.
    case login
    /// The end of a session.
    case logout
    /// What became of an order that was to be placed.
    case addOrder = "addorder"
    /// What became of a cancellation.
    case cancelOrder = "cancelorder"
    /// One order.
    case queryOrder = "queryorder"
    /// Orders.
    case queryOrders = "querymultiorders"
    /// Trades of the account.
    case queryTrades = "querytrade"
    /// What the account has.
    case queryPositions = "querypos"
    /// What is coming to the account; its fields are nowhere documented.
    case queryPending = "querypendingpos"
    /// An order of the account changed.
    case order
    /// The account traded.
    case sale
    /// What the account has of something changed.
    case position
}
