extension Book {
    /// What it costs to buy a quantity from the asks now, fees aside.
    ///
    /// - Parameter rounding: What becomes of the part of the sum finer than the quote's unit.
    /// - Returns: The cost of what could be filled. A negative, invalid, or finer quantity than the
    ///   base's unit gives an invalid answer.
    /// - Complexity: O(levels needed).
    public func costToBuy(_ quantity: Quantity, rounding: Rounding = .up) -> BookCost {
        take(quantity, from: .ask, rounding)
    }

    /// What selling a quantity to the bids brings now, fees aside.
    ///
    /// - Parameter rounding: What becomes of the part of the sum finer than the quote's unit.
    /// - Returns: The proceeds of what could be filled. A negative, invalid, or finer quantity than
    ///   the base's unit gives an invalid answer.
    /// - Complexity: O(levels needed).
    public func proceedsOfSelling(_ quantity: Quantity, rounding: Rounding = .down) -> BookCost {
        take(quantity, from: .bid, rounding)
    }

    private func take(_ quantity: Quantity, from side: Side, _ rounding: Rounding) -> BookCost {
        guard let wanted = wanted(quantity) else { return .invalid(instrument) }
        var missing = wanted
        var sum: Int128 = 0  // below 2^126: at most Int64.max units at at most Int64.max
        var worst: Int64?
        var rank = 0
        while missing > 0, rank < store.count(side) {
            let entry = store.entry(side, rank: rank)
            let price = LevelStore.key(entry.key, side)
            let part = min(missing, entry.quantity)
            sum += Int128(price) * Int128(part)
            missing -= part
            worst = price
            rank += 1
        }
        return BookCost(
            money: money(sum, rounding),
            worst: worst.map { Price(units: $0, of: instrument.quote) },
            filled: Quantity(units: wanted - missing, of: instrument.base))
    }

    /// A quantity in units of the base, at most `Int64.max`; nil when it is no amount of them.
    private func wanted(_ quantity: Quantity) -> Int64? {
        guard quantity.isValid, !quantity.isNegative else { return nil }
        if let exact = quantity.rescaled(to: instrument.base.decimals) { return exact.units }
        // More than fits is more than any book has; finer than the unit is no amount.
        return quantity.scale < instrument.base.decimals ? .max : nil
    }

    /// A sum of price units times quantity units as money.
    private func money(_ sum: Int128, _ rounding: Rounding) -> Money {
        let (base, quote) = (instrument.base.decimals, instrument.quote.decimals)
        let units = FixedPointMath.convert(sum, from: base + quote, to: quote, rounding)
        return Money(units: units, currency: instrument.quote)
    }

    /// What stands within a distance of the middle price, both bounds included.
    ///
    /// - Parameter basisPoints: The distance in hundredths of a percent of the middle.
    /// - Precondition: `basisPoints` is 0 to 1,000,000,000.
    /// - Returns: nil while a side of the book is empty.
    /// - Complexity: O(levels within).
    public func depth(_ side: Side, withinBasisPoints basisPoints: Int) -> BookDepth? {
        precondition((0...1_000_000_000).contains(basisPoints), "a distance is 0 to 1e9 points")
        guard let bid = bestPriceUnits(.bid), let ask = bestPriceUnits(.ask) else { return nil }
        let twiceMid = Int128(bid) + Int128(ask)
        let room = Int128(twiceMid.magnitude) * Int128(basisPoints)
        let limit = twiceMid * 10_000 + (side == .ask ? room : -room)
        var sum: Int128 = 0
        var value: Int128? = 0
        var rank = 0
        while rank < store.count(side) {
            let entry = store.entry(side, rank: rank)
            let price = LevelStore.key(entry.key, side)
            let position = Int128(price) * 20_000
            guard side == .ask ? position <= limit : position >= limit else { break }
            sum += Int128(entry.quantity)
            value = value?.adding(Int128(price) * Int128(entry.quantity))
            rank += 1
        }
        return BookDepth(
            quantity: Quantity(units: FixedPointMath.narrow(sum), of: instrument.base),
            value: value.map { money($0, .down) } ?? .invalid(instrument.quote), levels: rank)
    }

    /// What stands within a distance of the middle price, in percent of it; see
    /// ``depth(_:withinBasisPoints:)``.
    ///
    /// - Precondition: `percent` is 0 to 10,000,000.
    public func depth(_ side: Side, withinPercent percent: Int) -> BookDepth? {
        precondition((0...10_000_000).contains(percent), "a distance is 0 to 1e7 percent")
        return depth(side, withinBasisPoints: percent * 100)
    }

    /// How much more is bid than asked, in hundredths of a percent of both together.
    ///
    /// - Parameter levels: How many of the best levels of each side count.
    /// - Precondition: `levels` is positive.
    /// - Returns: -10,000 (asks only) to 10,000 (bids only), cut toward zero; nil when the book is
    ///   empty.
    /// - Complexity: O(levels).
    public func imbalance(levels: Int = 1) -> Int? {
        precondition(levels > 0, "an imbalance is of at least one level")
        let (bid, ask) = (total(.bid, levels), total(.ask, levels))
        guard bid + ask > 0 else { return nil }
        return Int((bid - ask) * 10_000 / (bid + ask))
    }

    private func total(_ side: Side, _ levels: Int) -> Int128 {
        var sum: Int128 = 0
        for rank in 0..<min(levels, store.count(side)) {
            sum += Int128(store.entry(side, rank: rank).quantity)
        }
        return sum
    }
}

extension Int128 {
    /// The sum, or nil when it does not fit.
    func adding(_ other: Int128) -> Int128? {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? nil : sum
    }
}
