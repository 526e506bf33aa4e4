/// One level of a book changed: what stands at a price from now on.
///
/// A hot payload: eight words, trivially copyable. Numbers are units of the instrument.
@frozen public struct DepthChange: Hashable, Sendable, BitwiseCopyable {
    /// Where.
    public let venue: VenueID
    /// Of what.
    public let instrument: Instrument
    @usableFromInline let sideWord: UInt64
    /// The level's price, in units of the quote.
    public let priceUnits: Int64
    /// The new total at the price, in units of the base; zero removes the level.
    public let quantityUnits: Int64
    /// By how much the total changed, signed, in units of the base; `Int64.min` if not told.
    public let deltaUnits: Int64
    /// The venue's time of the change in microseconds since 1970; 0 if not told.
    public let stamp: Int64

    /// Makes a change from units of the instrument.
    @inlinable public init(
        venue: VenueID, instrument: Instrument, side: Side, priceUnits: Int64,
        quantityUnits: Int64, deltaUnits: Int64 = .min, stamp: Int64 = 0
    ) {
        self.venue = venue
        self.instrument = instrument
        self.sideWord = UInt64(side.rawValue)
        self.priceUnits = priceUnits
        self.quantityUnits = quantityUnits
        self.deltaUnits = deltaUnits
        self.stamp = stamp
    }

    /// Makes a change from numbers of any scale.
    ///
    /// - Returns: nil when a number is not exact in the instrument's units.
    public init?(
        venue: VenueID, instrument: Instrument, side: Side, price: Price, quantity: Quantity,
        delta: Quantity? = nil, stamp: Int64 = 0
    ) {
        guard let price = price.rescaled(to: instrument.quote.decimals),
            let quantity = quantity.rescaled(to: instrument.base.decimals)
        else { return nil }
        var deltaUnits = Int64.min
        if let delta {
            guard let exact = delta.rescaled(to: instrument.base.decimals) else { return nil }
            deltaUnits = exact.units
        }
        self.init(
            venue: venue, instrument: instrument, side: side, priceUnits: price.units,
            quantityUnits: quantity.units, deltaUnits: deltaUnits, stamp: stamp)
    }

    /// The side of the book.
    @inlinable public var side: Side { sideWord == 0 ? .bid : .ask }

    /// The level's price.
    @inlinable public var price: Price { Price(units: priceUnits, of: instrument.quote) }

    /// The new total at the price; zero removes the level.
    @inlinable public var quantity: Quantity { Quantity(units: quantityUnits, of: instrument.base) }

    /// By how much the total changed, signed; invalid if the venue did not tell.
    @inlinable public var delta: Quantity { Quantity(units: deltaUnits, of: instrument.base) }
}

extension DepthChange: CustomStringConvertible {
    /// For logs: venue, instrument, side, price and new total.
    public var description: String {
        "\(venue) \(instrument) \(side) \(price): \(quantity)"
    }
}
