/// Where an order is in its life.
@frozen public enum OrderState: UInt8, Hashable, Sendable, BitwiseCopyable, CaseIterable {
    /// Sent or queued; the venue has not yet placed it.
    case pending
    /// Resting in the book.
    case open
    /// Being matched.
    case executing
    /// All of it was traded.
    case filled
    /// Taken back, by request or by the venue; what was filled before stays filled.
    case cancelled
    /// Never placed.
    case rejected
    /// A reply is missing: the order may or may not exist. Never to be read as failed.
    case unknown

    /// Whether nothing more can happen to the order.
    public var isFinal: Bool {
        switch self {
        case .filled, .cancelled, .rejected: true
        case .pending, .open, .executing, .unknown: false
        }
    }
}

extension OrderState: CustomStringConvertible {
    /// The case's name.
    public var description: String {
        switch self {
        case .pending: "pending"
        case .open: "open"
        case .executing: "executing"
        case .filled: "filled"
        case .cancelled: "cancelled"
        case .rejected: "rejected"
        case .unknown: "unknown"
        }
    }
}

/// One of your orders, as it stands now.
public struct Order: Hashable, Sendable, Identifiable {
    /// Its name from the first moment to the last: your own, or one that was made up when it was placed; for
    /// an order that this program did not place, the venue's.
    public let id: OrderID
    /// The venue's name for it; nil until the venue has told it.
    public var venueID: OrderID?
    /// What it trades.
    public let instrument: Instrument
    /// Whether it buys or sells.
    public let side: OrderSide
    /// Its limit; nil for a market order.
    public var price: Price?
    /// How much is still to be traded.
    public var remaining: Quantity
    /// How much was traded.
    public var filled: Quantity
    /// What the fills that have been told cost or brought, in the quote, without fees; nil while none has. At the
    /// end it is of the whole filled part.
    public var cost: Money?
    /// What the venue took in the base for those fills; nil for nothing.
    public var baseFee: Money?
    /// What the venue took in the quote for those fills; nil for nothing.
    public var quoteFee: Money?
    /// How much of what remains the account can pay for now; nil where the venue does not say.
    public var funded: Quantity?
    /// Where it is in its life.
    public var state: OrderState
    /// Why it was cancelled or rejected, in the venue's words; nil if it was not, or without words.
    public var reason: String?

    /// Makes an order.
    public init(
        id: OrderID, instrument: Instrument, side: OrderSide, price: Price?, remaining: Quantity,
        filled: Quantity, state: OrderState, reason: String? = nil, venueID: OrderID? = nil
    ) {
        self.id = id
        self.venueID = venueID
        self.instrument = instrument
        self.side = side
        self.price = price
        self.remaining = remaining
        self.filled = filled
        self.state = state
        self.reason = reason
    }

    /// Makes the order that a request would have been; nothing of it was placed.
    ///
    /// - Parameter reason: What was expected, and what came.
    public init(rejected request: OrderRequest, on instrument: Instrument, reason: String) {
        self.init(
            id: request.id ?? OrderID(""), instrument: instrument, side: request.side,
            price: request.price, remaining: request.quantity,
            filled: Quantity(units: 0, of: instrument.base), state: .rejected, reason: reason)
    }

    /// How much the order was for: filled and remaining.
    public var quantity: Quantity { filled + remaining }
}

extension Order: CustomStringConvertible {
    /// For logs: id, side, what remains of what, price and state.
    public var description: String {
        let limit = price.map { "\($0)" } ?? "market"
        let why = reason.map { " (\($0))" } ?? ""
        return "\(id) \(side) \(remaining) of \(quantity) \(instrument) at \(limit) \(state)\(why)"
    }
}
