import OutcryMarket

// Which trades an order is made of: the venue names the order, or the amounts tell.

extension OrderDeskMachine {
    /// Takes a trade of the account's, or one more piece of it.
    ///
    /// - Parameter isNews: It has just happened: an order that the venue names in it may be told of later.
    public func hear(_ execution: ExecutionNews, isNews: Bool = true) {
        guard let side = execution.side else { return }
        let key = TradeKey(execution)
        if let owner = claimed[key] {
            // All but a fee that comes late is known.
            if execution.quantity == nil, let fee = execution.fee, let slot = byID[owner] {
                slots[slot]?.order.add(fee: fee)
                tell(slot)
            }
            return
        }
        var execution = execution
        var waited = false
        if let place = unclaimed.firstIndex(where: {
            $0.tradeID == execution.tradeID && $0.side == side
        }) {
            let old = unclaimed.remove(at: place)
            execution.complete(with: old)
            waited = true
        }
        if let venueID = execution.venueID, let slot = byVenueID[venueID] {
            let isTaken = give(execution, to: slot, tells: isNews)
            // What has just happened waits for the news of its order.
            if isTaken || !(isNews || waited) || execution.quantity == nil { return }
        }
        if unclaimed.count >= 1_000 { disputed[TradeKey(unclaimed.removeFirst())] = nil }
        unclaimed.append(execution)
        guard let quantity = execution.quantity, quantity.units > 0 else { return }
        // An order that has been told to be filled before its trades were.
        for slot in owing {
            guard let tracked = slots[slot] else { continue }
            let told = tracked.told
            claim(slot)
            // Its end was told without what this cost.
            if tracked.told > told, tracked.order.state.isFinal { tell(slot) }
            if unclaimed.isEmpty { return }
        }
    }

    /// Gives an order a trade that the venue has told to be its.
    ///
    /// - Returns: False where it has not been told to be filled so far.
    private func give(_ trade: ExecutionNews, to slot: Int, tells: Bool) -> Bool {
        guard let tracked = slots[slot], let quantity = trade.quantity,
            quantity.units <= tracked.order.filled.units - tracked.told
        else { return slots[slot]?.order.state.isFinal ?? true }
        take(trade, quantity, tracked)
        note(tracked, slot)
        // Its end was told without what this cost.
        if tells, tracked.order.state.isFinal { tell(slot) }
        return true
    }

    /// Gives an order the trades that its filled part is made of, if there are some that make it up exactly: one,
    /// or some in a row. Others may be another order's; where one of them may be one's of which nobody knows yet
    /// whether it exists, or where trades of the order itself may have been missed, the venue will be asked instead,
    /// and no later trade that fits is taken for it.
    func claim(_ slot: Int) {
        guard let tracked = slots[slot] else { return }
        let owed = tracked.order.filled.units - tracked.told
        guard owed > 0 else { return }
        if !tracked.lacksTrades, let places = rowOfTrades(of: owed, for: tracked) {
            if places.contains(where: { isContested(unclaimed[$0], by: slot) }) {
                tracked.lacksTrades = true
                for place in places {
                    disputed[TradeKey(unclaimed[place]), default: []].insert(slot)
                }
            } else {
                let trades = places.map { unclaimed[$0] }
                for place in places.reversed() { unclaimed.remove(at: place) }
                for trade in trades {
                    if let quantity = trade.quantity { take(trade, quantity, tracked) }
                }
            }
        }
        note(tracked, slot)
    }

    private func take(
        _ trade: ExecutionNews, _ quantity: Quantity, _ tracked: Tracked
    ) {
        tracked.told += quantity.units
        remember(trade, tracked.order.id)
        tell(trade, quantity, &tracked.order)
    }

    /// Keeps an order, and whether trades of it are missing.
    private func note(_ tracked: Tracked, _ slot: Int) {
        let owes = tracked.order.filled.units > tracked.told
        // It was filled while news were missed, and what made it up is not here.
        if isBlind || !owes { tracked.lacksTrades = owes }
        if !owes { endDisputes(of: slot) }
        if owes != owing.contains(slot) {
            if owes { owing.append(slot) } else { owing.removeAll { $0 == slot } }
        }
    }

    /// An order lacks nothing any more: what it left is another one's.
    func endDisputes(of slot: Int) {
        guard !disputed.isEmpty else { return }
        for (key, slots) in disputed where slots.contains(slot) {
            disputed[key] = slots.count > 1 ? slots.subtracting([slot]) : nil
        }
    }

    private func remember(_ trade: ExecutionNews, _ id: OrderID) {
        let key = TradeKey(trade)
        claimed[key] = id
        if !disputed.isEmpty { disputed[key] = nil }
        if claims.count < claimMemory {
            claims.append(key)
        } else {
            claimed[claims[claimPlace]] = nil
            claims[claimPlace] = key
            claimPlace = (claimPlace + 1) % claimMemory
        }
    }

    private func tell(_ trade: ExecutionNews, _ quantity: Quantity, _ order: inout Order) {
        let price = trade.price ?? order.price ?? Price(units: 0, of: order.instrument.quote)
        let fill = Fill(
            order: order.id, tradeID: trade.tradeID, instrument: order.instrument, side: order.side,
            price: price, quantity: quantity, fee: trade.fee, stamp: trade.stamp)
        // In another currency it cannot be what this order cost.
        let told = trade.cost.flatMap { $0.currency == order.instrument.quote ? $0 : nil }
        let cost = told ?? fill.value(rounding: .nearestHalfUp)
        order.cost = order.cost.map { $0 + cost } ?? cost
        if let fee = trade.fee { order.add(fee: fee) }
        effects.append(.fill(fills.count))
        fills.append(fill)
    }

    /// The places of unclaimed trades that together are of so much, of those that nobody else has a claim to if they are
    /// enough.
    private func rowOfTrades(of owed: Int64, for tracked: Tracked) -> [Int]? {
        let fitting = unclaimed.indices.filter { fits(unclaimed[$0], tracked) }
        if disputed.isEmpty { return row(of: owed, in: fitting) }
        let free = fitting.filter { !disputed.keys.contains(TradeKey(unclaimed[$0])) }
        return row(of: owed, in: free) ?? row(of: owed, in: fitting)
    }

    private func row(of owed: Int64, in fitting: [Int]) -> [Int]? {
        if let one = fitting.first(where: { unclaimed[$0].quantity?.units == owed }) {
            return [one]
        }
        var row: [Int] = []
        var sum: Int64 = 0
        for place in fitting {
            guard let units = unclaimed[place].quantity?.units, units > 0 else { continue }
            let (more, isOver) = sum.addingReportingOverflow(units)
            if isOver { row.removeAll() }
            row.append(place)
            sum = isOver ? units : more
            while sum > owed { sum -= unclaimed[row.removeFirst()].quantity?.units ?? 0 }
            if sum == owed { return row }
        }
        return nil
    }

    /// Whether a trade can be one of an order's of which nobody knows whether it exists, or of one's of which trades may
    /// have been missed, or could when another order laid claim to it.
    private func isContested(_ trade: ExecutionNews, by slot: Int) -> Bool {
        if unknown.isEmpty, disputed.isEmpty, owing.isEmpty { return false }
        return disputed.keys.contains(TradeKey(trade))
            || unknown.contains { $0 != slot && slots[$0].map { fits(trade, $0) } == true }
            || owing.contains { $0 != slot && mayHaveMissed(trade, $0) }
    }

    /// Whether a trade can be one that an order has missed; not where the order has laid claim to others, which are those.
    private func mayHaveMissed(_ trade: ExecutionNews, _ slot: Int) -> Bool {
        guard let tracked = slots[slot], tracked.lacksTrades, fits(trade, tracked) else {
            return false
        }
        return !disputed.values.contains { $0.contains(slot) }
    }

    /// Whether a trade can be one of an order's.
    private func fits(_ trade: ExecutionNews, _ tracked: Tracked) -> Bool {
        // An order is not copied to be looked at.
        guard trade.instrument == tracked.order.instrument, trade.side == tracked.order.side else {
            return false
        }
        if let venueID = trade.venueID { return venueID == tracked.order.venueID }
        // Nothing trades before it was made; the venue tells that in whole seconds.
        if trade.stamp != 0, trade.stamp < tracked.created - 1_000_000 { return false }
        guard let limit = tracked.order.price, let price = trade.price else { return true }
        return tracked.order.side == .buy ? price <= limit : price >= limit
    }
}

extension OrderDeskMachine.TradeKey {
    /// The key of a trade whose side is known.
    init(_ trade: ExecutionNews) {
        self.init(tradeID: trade.tradeID, isBuy: trade.side == .buy)
    }
}
