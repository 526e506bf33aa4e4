public import OutcryMarket
import OutcryServing

/// What happened in the engine. Prices are units of the quote, amounts units of the base, stamps
/// microseconds since 1970.
@frozen public enum EngineEvent: Hashable, Sendable {
    /// Money came into a wallet or left it.
    case wallet(WalletEntry)
    /// Two orders traded.
    case trade(EngineTrade)
    /// What stands at a price changed.
    case depth(EngineDepth)
    /// An order changed.
    case order(EngineOrder)
}

/// One trade of two orders, at the resting one's price.
@frozen public struct EngineTrade: Hashable, Sendable {
    /// Its number, which is its stamp.
    public var id: Int64 { stamp }
    /// Where it was traded.
    public let book: BookNumber
    /// The resting order's price.
    public let price: Int64
    /// How much was traded.
    public let amount: Int64
    /// What the buyer paid and the seller earned before fees, in units of the quote: price times
    /// amount, the nearest unit, half up; the largest number where two of the market's own trade more.
    public let cost: Int64
    /// What the order that took did.
    public let aggressor: OrderSide
    /// Whether that order had no limit.
    public let isMarketOrder: Bool
    /// The order that took.
    public let taker: OrderNumber
    /// The order that rested.
    public let maker: OrderNumber
    /// Whose order took.
    public let takerOwner: OwnerNumber
    /// Whose order rested.
    public let makerOwner: OwnerNumber
    /// When: later than every other thing with a stamp before.
    public let stamp: Int64
}

/// One change of what stands at a price.
@frozen public struct EngineDepth: Hashable, Sendable {
    /// Where.
    public let book: BookNumber
    /// The side of the book.
    public let side: Side
    /// The price.
    public let price: Int64
    /// What stands there now; 0 when the level is gone.
    public let total: Int64
    /// By how much that changed.
    public let delta: Int64
    /// When: later than every other thing with a stamp before.
    public let stamp: Int64
}

/// How an order stands in the engine.
@frozen public enum EngineOrderState: UInt8, Hashable, Sendable {
    /// It rests in the book, with its effective part.
    case open
    /// A market order that waits for somebody to trade with.
    case executing
    /// Its owner's wallet pays for none of it; it comes back when money comes.
    case invalid
    /// All of it was traded.
    case filled
    /// It was taken back.
    case cancelled
}

/// Why an order is no more.
@frozen public enum EngineOrderEnd: UInt8, Hashable, Sendable {
    /// Somebody asked for it.
    case requested
    /// It rested, and what was left of it was taken.
    case completedPassive
    /// It took what was left for it to take.
    case completedActive
    /// It is the market's own, and would have paid more than ``Ledger/most`` in all.
    case exhausted
}

/// An order as it stands.
@frozen public struct EngineOrder: Hashable, Sendable {
    /// Its number.
    public let number: OrderNumber
    /// Whose it is.
    public let owner: OwnerNumber
    /// Where it is.
    public let book: BookNumber
    /// Whether it buys or sells.
    public let side: OrderSide
    /// Its limit; nil for a market order.
    public let price: Int64?
    /// How much is still to be traded.
    public let remaining: Int64
    /// How much of that its owner's wallet can pay for: what stands in the book.
    public let effective: Int64
    /// How it stands.
    public let state: EngineOrderState
    /// Why it is no more; nil while it is.
    public let end: EngineOrderEnd?
    /// When it arrived: no two orders have the same.
    public let priority: Int64
    /// When it came to stand so.
    public let stamp: Int64
}
