/// What an application asks a venue to do for it.
///
/// The numbers may have any scale; the venue's desk makes them exact in the instrument's units, and
/// refuses finer ones.
public struct OrderRequest: Hashable, Sendable {
    /// Whether to buy or to sell.
    public var side: OrderSide
    /// How much of the base.
    public var quantity: Quantity
    /// The worst price to accept; nil for a market order.
    public var price: Price?
    /// What to trade; nil for the only instrument of the connection.
    public var instrument: Instrument?
    /// Your own name for the order, which none of your other orders may have; nil: one is made up.
    public var id: OrderID?

    /// Makes a request.
    public init(
        side: OrderSide, quantity: Quantity, price: Price?, instrument: Instrument? = nil,
        id: OrderID? = nil
    ) {
        self.side = side
        self.quantity = quantity
        self.price = price
        self.instrument = instrument
        self.id = id
    }

    /// An order at a price or better, which rests in the book until it is filled or cancelled.
    public static func limit(_ side: OrderSide, quantity: Quantity, price: Price) -> Self {
        Self(side: side, quantity: quantity, price: price)
    }

    /// An order at whatever price the book gives.
    public static func market(_ side: OrderSide, quantity: Quantity) -> Self {
        Self(side: side, quantity: quantity, price: nil)
    }

    /// The same request for an instrument, where a connection has several.
    public func on(_ instrument: Instrument) -> Self {
        var copy = self
        copy.instrument = instrument
        return copy
    }

    /// The same request under a name of your own.
    public func named(_ id: OrderID) -> Self {
        var copy = self
        copy.id = id
        return copy
    }

    /// Whether the request has no price limit.
    public var isMarketOrder: Bool { price == nil }
}

extension OrderRequest: CustomStringConvertible {
    /// For logs, such as `buy 1.0 at 14.43000`.
    public var description: String {
        let pair = instrument.map { " \($0)" } ?? ""
        return "\(side) \(quantity)\(pair) at \(price.map { "\($0)" } ?? "market")"
    }
}
