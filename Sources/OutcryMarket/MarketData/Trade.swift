/// A public print: somebody traded.
///
/// A hot payload: eight words, trivially copyable. Numbers are units of the instrument.
@frozen public struct Trade: Hashable, Sendable, BitwiseCopyable {
    /// Where.
    public let venue: VenueID
    /// Of what.
    public let instrument: Instrument
    /// The venue's number of the trade; microseconds since 1970 at Mt. Gox from June 2011 on.
    public let id: Int64
    /// The price, in units of the quote.
    public let priceUnits: Int64
    /// The amount, in units of the base.
    public let quantityUnits: Int64
    /// The venue's time of the trade in microseconds since 1970; 0 if not told.
    public let stamp: Int64
    @usableFromInline let flags: UInt64

    /// Makes a trade from units of the instrument.
    ///
    /// - Parameters:
    ///   - aggressor: The side that took; nil if the venue does not tell.
    ///   - isPrimary: False for a copy converted to another currency, not to be counted twice.
    ///   - isMarketOrder: Whether the aggressor's order had no price limit.
    ///   - isMixedCurrency: Whether buyer and seller paid in different currencies.
    @inlinable public init(
        venue: VenueID, instrument: Instrument, id: Int64, priceUnits: Int64,
        quantityUnits: Int64, aggressor: OrderSide?, stamp: Int64, isPrimary: Bool = true,
        isMarketOrder: Bool = false, isMixedCurrency: Bool = false
    ) {
        self.venue = venue
        self.instrument = instrument
        self.id = id
        self.priceUnits = priceUnits
        self.quantityUnits = quantityUnits
        self.stamp = stamp
        var flags: UInt64 = aggressor == nil ? 0 : (aggressor == .buy ? 1 : 2)
        if isPrimary { flags |= 4 }
        if isMarketOrder { flags |= 8 }
        if isMixedCurrency { flags |= 16 }
        self.flags = flags
    }

    /// Makes a trade from numbers of any scale.
    ///
    /// - Returns: nil when a number is not exact in the instrument's units.
    public init?(
        venue: VenueID, instrument: Instrument, id: Int64, price: Price, quantity: Quantity,
        aggressor: OrderSide?, stamp: Int64, isPrimary: Bool = true,
        isMarketOrder: Bool = false, isMixedCurrency: Bool = false
    ) {
        guard let price = price.rescaled(to: instrument.quote.decimals),
            let quantity = quantity.rescaled(to: instrument.base.decimals)
        else { return nil }
        self.init(
            venue: venue, instrument: instrument, id: id, priceUnits: price.units,
            quantityUnits: quantity.units, aggressor: aggressor, stamp: stamp,
            isPrimary: isPrimary, isMarketOrder: isMarketOrder, isMixedCurrency: isMixedCurrency)
    }

    /// The price.
    @inlinable public var price: Price { Price(units: priceUnits, of: instrument.quote) }

    /// The amount.
    @inlinable public var quantity: Quantity { Quantity(units: quantityUnits, of: instrument.base) }

    /// The side that took from the book; nil if the venue does not tell, as in dumps of 2011.
    @inlinable public var aggressor: OrderSide? {
        flags & 3 == 0 ? nil : (flags & 3 == 1 ? .buy : .sell)
    }

    /// Whether this is the trade itself, not its copy converted to another currency.
    @inlinable public var isPrimary: Bool { flags & 4 != 0 }

    /// Whether the aggressor's order had no price limit.
    @inlinable public var isMarketOrder: Bool { flags & 8 != 0 }

    /// Whether buyer and seller paid in different currencies.
    @inlinable public var isMixedCurrency: Bool { flags & 16 != 0 }
}

extension Trade: CustomStringConvertible {
    /// For logs: venue, instrument, number, aggressor, amount and price.
    public var description: String {
        let verb = aggressor.map { "\($0)" } ?? "trade"
        return "\(venue) \(instrument) #\(id) \(verb) \(quantity) at \(price)"
    }
}
