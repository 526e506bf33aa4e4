extension NaiveBook {
    /// How many levels a side has.
    public func count(of side: Side) -> Int { ascending(side).count }

    /// The total that stands at a price; zero when nothing does.
    public func quantity(_ side: Side, at price: Price) -> Quantity {
        let level = ascending(side).first { $0.price == price }
        return level?.quantity ?? Quantity(units: 0, of: instrument.base)
    }

    /// The middle between best bid and best ask; see ``Book/mid``.
    public var mid: Price? {
        guard let bid = bestBid?.price.units, let ask = bestAsk?.price.units else { return nil }
        // Tenths of a unit hold the half exactly.
        let tenths = (Int128(bid) + Int128(ask)) * 5
        let scale = instrument.quote.decimals
        if tenths % 10 == 0 { return Price(units: Int64(tenths / 10), scale: scale) }
        guard let units = Int64(exactly: tenths), scale < 18 else { return .invalid }
        return Price(units: units, scale: scale + 1)
    }

    /// Best ask less best bid.
    public var spread: Price? {
        guard let bid = bestBid, let ask = bestAsk else { return nil }
        return ask.price - bid.price
    }

    /// Whether the best bid is at or above the best ask.
    public var isCrossed: Bool {
        guard let bid = bestBid, let ask = bestAsk else { return false }
        return bid.price >= ask.price
    }

    /// What it costs to buy from the asks; see ``Book/costToBuy(_:rounding:)``.
    public func costToBuy(_ quantity: Quantity, rounding: Rounding = .up) -> BookCost {
        take(quantity, from: .ask, rounding)
    }

    /// What selling to the bids brings; see ``Book/proceedsOfSelling(_:rounding:)``.
    public func proceedsOfSelling(_ quantity: Quantity, rounding: Rounding = .down) -> BookCost {
        take(quantity, from: .bid, rounding)
    }

    private func take(_ quantity: Quantity, from side: Side, _ rounding: Rounding) -> BookCost {
        guard quantity.isValid, !quantity.isNegative else { return .invalid(instrument) }
        var wanted = Int128(quantity.units)
        var scale = quantity.scale
        while scale < instrument.base.decimals {
            wanted *= 10
            scale += 1
        }
        while scale > instrument.base.decimals {
            guard wanted % 10 == 0 else { return .invalid(instrument) }
            wanted /= 10
            scale -= 1
        }
        wanted = min(wanted, Int128(Int64.max))
        var filled: Int128 = 0
        var sum: Int128 = 0
        var worst: Price?
        for level in levels(side) where filled < wanted {
            let part = min(wanted - filled, Int128(level.quantity.units))
            filled += part
            sum += part * Int128(level.price.units)
            worst = level.price
        }
        return BookCost(
            money: money(sum, rounding), worst: worst,
            filled: Quantity(units: Int64(filled), of: instrument.base))
    }

    private func money(_ sum: Int128, _ rounding: Rounding) -> Money {
        var divisor: Int128 = 1
        for _ in 0..<instrument.base.decimals { divisor *= 10 }
        let units = rounding.divide(sum, by: divisor).flatMap { Int64(exactly: $0) } ?? .min
        return Money(units: units, currency: instrument.quote)
    }

    /// What stands within a distance of the middle price; see ``Book/depth(_:withinBasisPoints:)``.
    public func depth(_ side: Side, withinBasisPoints basisPoints: Int) -> BookDepth? {
        guard let bid = bestBid?.price.units, let ask = bestAsk?.price.units else { return nil }
        let middle = Int128(bid) + Int128(ask)  // in halves of a unit
        let within = levels(side).filter { level in
            let away = Int128(level.price.units) * 2 - middle
            let distance = side == .ask ? away : -away
            return distance * 10_000 <= Int128(middle.magnitude) * Int128(basisPoints)
        }
        var quantity: Int128 = 0
        var value: Int128? = 0
        for level in within {
            quantity += Int128(level.quantity.units)
            let product = Int128(level.price.units) * Int128(level.quantity.units)
            value = value?.adding(product)
        }
        return BookDepth(
            quantity: Quantity(
                units: Int64(exactly: quantity) ?? .min, of: instrument.base),
            value: value.map { money($0, .down) } ?? .invalid(instrument.quote),
            levels: within.count)
    }

    /// How much more is bid than asked; see ``Book/imbalance(levels:)``.
    public func imbalance(levels number: Int = 1) -> Int? {
        let bid = levels(.bid).prefix(number).reduce(Int128(0)) { $0 + Int128($1.quantity.units) }
        let ask = levels(.ask).prefix(number).reduce(Int128(0)) { $0 + Int128($1.quantity.units) }
        if bid + ask == 0 { return nil }
        return Int((bid - ask) * 10_000 / (bid + ask))
    }
}
