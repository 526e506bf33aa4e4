public import OutcryMarket

/// What happened in the engine. Prices are units of the quote, amounts units of the base, stamps
/// microseconds since 1970.
@frozen public enum EngineEvent: Hashable, Sendable {
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
    /// The resting order's price.
    public let price: Int64
    /// How much was traded.
    public let amount: Int64
    /// What the order that took did.
    public let aggressor: OrderSide
    /// Whether that order had no limit.
    public let isMarketOrder: Bool
    /// The order that took.
    public let taker: OrderNumber
    /// The order that rested.
    public let maker: OrderNumber
    /// When: later than every trade and depth change before.
    public let stamp: Int64
}

/// One change of what stands at a price.
@frozen public struct EngineDepth: Hashable, Sendable {
    /// The side of the book.
    public let side: Side
    /// The price.
    public let price: Int64
    /// What stands there now; 0 when the level is gone.
    public let total: Int64
    /// By how much that changed.
    public let delta: Int64
    /// When: later than every trade and depth change before.
    public let stamp: Int64
}

/// An order as it stands.
@frozen public struct EngineOrder: Hashable, Sendable {
    /// Its number.
    public let number: OrderNumber
    /// Whose it is.
    public let owner: OwnerNumber
    /// Whether it buys or sells.
    public let side: OrderSide
    /// Its limit; nil for a market order.
    public let price: Int64?
    /// How much is still to be traded.
    public let remaining: Int64
    /// `open` when it rests, `executing` when it is a market order that waits for somebody to trade
    /// with, else `filled` or `cancelled`.
    public let state: OrderState
    /// When it came to stand so.
    public let stamp: Int64
}
