/// One level of a book: what stands at a price.
@frozen public struct BookLevel: Hashable, Sendable, BitwiseCopyable {
    /// The price.
    public let price: Price
    /// The total that stands there.
    public let quantity: Quantity
    /// The venue's time of its last change in microseconds since 1970; 0 if not told.
    public let stamp: Int64

    /// Makes a level.
    @inlinable public init(price: Price, quantity: Quantity, stamp: Int64 = 0) {
        self.price = price
        self.quantity = quantity
        self.stamp = stamp
    }

    /// Makes a level from units of an instrument.
    @inlinable public init(
        _ instrument: Instrument, priceUnits: Int64, quantityUnits: Int64, stamp: Int64 = 0
    ) {
        price = Price(units: priceUnits, of: instrument.quote)
        quantity = Quantity(units: quantityUnits, of: instrument.base)
        self.stamp = stamp
    }
}

extension BookLevel: CustomStringConvertible {
    /// Total and price, such as `1.50000000 at 14.43000`.
    public var description: String { "\(quantity) at \(price)" }
}
