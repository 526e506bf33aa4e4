/// A side of a book.
@frozen public enum Side: UInt8, Hashable, Sendable, BitwiseCopyable, CaseIterable {
    /// Orders to buy; the best is the highest price.
    case bid
    /// Orders to sell; the best is the lowest price.
    case ask

    /// The other side.
    @inlinable public var opposite: Self { self == .bid ? .ask : .bid }

    /// The side of an order that rests here: bids buy, asks sell.
    @inlinable public var order: OrderSide { self == .bid ? .buy : .sell }
}

extension Side: CustomStringConvertible {
    /// `bid` or `ask`.
    public var description: String { self == .bid ? "bid" : "ask" }
}

/// The side of an order, or of the order that caused a trade.
@frozen public enum OrderSide: UInt8, Hashable, Sendable, BitwiseCopyable, CaseIterable {
    /// Receives the base, pays the quote.
    case buy
    /// Gives the base, is paid the quote.
    case sell

    /// The other side.
    @inlinable public var opposite: Self { self == .buy ? .sell : .buy }

    /// Where the order rests in a book: a buy is a bid, a sell is an ask.
    @inlinable public var rests: Side { self == .buy ? .bid : .ask }

    /// What the order takes from a book: a buy takes asks, a sell takes bids.
    @inlinable public var takes: Side { rests.opposite }
}

extension OrderSide: CustomStringConvertible {
    /// `buy` or `sell`.
    public var description: String { self == .buy ? "buy" : "sell" }
}
