import OutcryMarket

// How orders meet. Each function does one thing to book and buffer together, so that what is told
// is what is.

extension MatchingEngine {
    /// The key of a price on a side: the best price has the smallest.
    static func key(_ price: Int64, _ side: Side) -> Int64 { side == .ask ? price : -price }

    /// Checks the numbers of a limit order.
    ///
    /// - Returns: The level at its price, if there is one.
    func check(
        _ side: OrderSide, amount: Int64, price: Int64
    ) throws(EngineError) -> Slot? {
        guard amount > 0 else { throw .amountNotPositive(amount) }
        guard price > 0 else { throw .priceNotPositive(price) }
        let ladder = ladder(side.rests)
        guard let level = ladder.find(Self.key(price, side.rests)) else { return nil }
        let total = ladder[level].total
        guard !total.addingReportingOverflow(amount).overflow else {
            throw .levelTooLarge(price: price, total: total, amount: amount)
        }
        return level
    }

    func arrive(_ side: OrderSide, _ amount: Int64, _ owner: OwnerNumber) -> OpenOrder {
        ordersArrived += 1
        return OpenOrder(
            number: OrderNumber(ordersArrived), owner: owner, side: side, remaining: amount,
            level: .none)
    }

    /// The next stamp: strictly increasing, and the caller's time where that is later.
    func tick(_ now: Int64) -> Int64 {
        lastStamp = max(now, lastStamp + 1)
        return lastStamp
    }

    /// Trades an order against the other side, best price first, first come first served.
    ///
    /// - Parameter worst: The key of its limit on the other side; nil for a market order.
    func take(
        _ taker: inout OpenOrder, worst: Int64?, at now: Int64, into events: inout [EngineEvent]
    ) {
        let side = taker.side.takes
        let ladder = ladder(side)
        while taker.remaining > 0 {
            let level = ladder.best
            guard level != .none else { return }
            let key = ladder[level].key
            if let worst, key > worst { return }
            let slot = ladder[level].queue.first
            let maker = queues[slot]
            let amount = min(taker.remaining, maker.remaining)
            let price = side == .ask ? key : -key
            taker.remaining -= amount
            queues[slot].remaining -= amount
            tradeCount += 1
            events.append(
                .trade(
                    EngineTrade(
                        price: price, amount: amount, aggressor: taker.side,
                        isMarketOrder: worst == nil, taker: taker.number, maker: maker.number,
                        stamp: tick(now))))
            let left = queues[slot]
            if left.remaining == 0 { queues.remove(slot, from: &ladder[level].queue) }
            change(side, level, by: -amount, at: now, into: &events)
            report(left, price, left.remaining == 0 ? .filled : .open, into: &events)
        }
    }

    /// Lets what remains of a limit order rest.
    func rest(
        _ order: OpenOrder, _ price: Int64, _ standing: Slot?, at now: Int64,
        into events: inout [EngineEvent]
    ) {
        let side = order.side.rests
        let ladder = ladder(side)
        let level = standing ?? ladder.findOrMake(Self.key(price, side))
        queues.append(order.resting(at: level), to: &ladder[level].queue)
        change(side, level, by: order.remaining, at: now, into: &events)
    }

    /// Lets the market orders of `side` that wait take what has come to rest.
    func serveWaiting(_ side: OrderSide, at now: Int64, into events: inout [EngineEvent]) {
        while true {
            let slot = side == .buy ? waitingBuys.first : waitingSells.first
            guard slot != .none, best(side.takes) != nil else { return }
            var order = queues[slot]
            take(&order, worst: nil, at: now, into: &events)
            queues[slot].remaining = order.remaining
            if order.remaining == 0 {
                withWaiting(side) { queues.remove(slot, from: &$0) }
            }
            report(order, nil, order.remaining == 0 ? .filled : .executing, into: &events)
        }
    }

    /// Changes a level's total and tells it; an empty level goes.
    func change(
        _ side: Side, _ level: Slot, by delta: Int64, at now: Int64,
        into events: inout [EngineEvent]
    ) {
        let stamp = tick(now)
        let ladder = ladder(side)
        ladder[level].total += delta
        ladder[level].stamp = stamp
        let (key, total) = (ladder[level].key, ladder[level].total)
        events.append(
            .depth(
                EngineDepth(
                    side: side, price: side == .ask ? key : -key, total: total, delta: delta,
                    stamp: stamp)))
        if total == 0 { ladder.remove(level) }
    }

    func report(
        _ order: OpenOrder, _ price: Int64?, _ state: OrderState, into events: inout [EngineEvent]
    ) {
        events.append(
            .order(
                EngineOrder(
                    number: order.number, owner: order.owner, side: order.side, price: price,
                    remaining: order.remaining, state: state, stamp: lastStamp)))
    }

    func price(of order: OpenOrder) -> Int64 {
        order.side == .sell ? asks[order.level].key : -bids[order.level].key
    }

    func ladder(_ side: Side) -> PriceLadder { side == .bid ? bids : asks }

    func withWaiting(_ side: OrderSide, _ body: (inout OrderQueue) -> Void) {
        if side == .buy { body(&waitingBuys) } else { body(&waitingSells) }
    }
}

extension OpenOrder {
    /// The order as it rests at a level.
    func resting(at level: Slot) -> OpenOrder {
        OpenOrder(number: number, owner: owner, side: side, remaining: remaining, level: level)
    }
}
