/// One execution of one of your orders.
public struct Fill: Hashable, Sendable {
    /// The order, if the venue tells which.
    public let order: OrderID?
    /// The venue's number of the trade; 0 if not told.
    public let tradeID: Int64
    /// What was traded.
    public let instrument: Instrument
    /// Whether you bought or sold.
    public let side: OrderSide
    /// The price.
    public let price: Price
    /// The amount.
    public let quantity: Quantity
    /// What the venue took, in the currency it took it in; nil if not told.
    public let fee: Money?
    /// The venue's time in microseconds since 1970; 0 if not told.
    public let stamp: Int64

    /// Makes a fill.
    public init(
        order: OrderID?, tradeID: Int64, instrument: Instrument, side: OrderSide, price: Price,
        quantity: Quantity, fee: Money? = nil, stamp: Int64 = 0
    ) {
        self.order = order
        self.tradeID = tradeID
        self.instrument = instrument
        self.side = side
        self.price = price
        self.quantity = quantity
        self.fee = fee
        self.stamp = stamp
    }

    /// Price times amount in the quote, rounded as named, without the fee.
    public func value(rounding: Rounding) -> Money {
        price.times(quantity, in: instrument.quote, rounding: rounding)
    }
}

extension Fill: CustomStringConvertible {
    /// For logs: side, amount, price and fee.
    public var description: String {
        let name = order.map { "\($0) " } ?? ""
        return "\(name)\(side) \(quantity) \(instrument) at \(price)"
            + (fee.map { " fee \($0)" } ?? "")
    }
}
