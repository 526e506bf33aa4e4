import OutcryMarket

// How orders meet. Each function does one thing to book and buffer together, so that what is told
// is what is.

extension MatchingEngine {
    /// Trades an order against the other side, best price first, first come first served, as long as
    /// its owner has money.
    ///
    /// - Returns: Whether the order still stands; not when it is the market's own and has paid too
    ///   much.
    func take(
        _ taker: inout OpenOrder, _ book: EngineBook, at now: Int64,
        into events: inout [EngineEvent]
    ) -> Bool {
        let side = taker.side.takes
        let ladder = book.ladder(side)
        let worst = Self.worst(taker)
        // What its owner paid to itself: it has that still, but not to trade it round and round.
        var own: Int64 = 0
        while taker.remaining > 0 {
            let level = ladder.best
            guard level != .none else { return true }
            let key = ladder[level].key
            guard key <= worst else { return true }
            let price = side == .ask ? key : -key
            let slot = ladder[level].queue.first
            let most = min(taker.remaining, orders[slot].effective)
            let amount = taker.account == .none ? most : payable(taker, most, at: price, own)
            guard amount > 0 else { return true }
            let cost = MoneyMath.cost(price, amount, scale)
            let maker = orders[slot].account
            if (taker.account == .none) != (maker == .none) {
                let pays = taker.account == .none ? taker.side : taker.side.opposite
                guard marketPays(pays, amount, cost, book) else {
                    if taker.account == .none { return false }
                    drop(slot, .exhausted, at: now, into: &events)
                    continue
                }
            }
            tradeCount += 1
            let trade = EngineTrade(
                book: book.number, price: price, amount: amount, cost: cost,
                aggressor: taker.side, isMarketOrder: taker.isMarket, taker: taker.number,
                maker: orders[slot].number, takerOwner: taker.owner,
                makerOwner: orders[slot].owner, stamp: tick(now))
            if taker.account != .none || maker != .none {
                pay(trade, taker, orders[slot], book, into: &events)
            }
            events.append(.trade(trade))
            taker.remaining -= amount
            if !taker.isMarket { book.add(-amount, taker.side) }
            let isOwn = maker != .none && maker == taker.account
            if isOwn { own += taker.side == .buy ? cost : amount }
            give(slot, amount, level, book, ladder, isOwn: isOwn, at: now, into: &events)
            if taker.account != .none { shrinkIfPoor(taker.wallet, at: now, into: &events) }
        }
        return true
    }

    /// Takes what was traded off a resting order, and tells what is left of it.
    ///
    /// - Parameter isOwn: Its owner bought from itself, and has what was paid still: that counts for
    ///   nothing, or the same money would be traded round and round.
    @inline(__always)
    private func give(
        _ slot: Slot, _ amount: Int64, _ level: Slot, _ book: EngineBook,
        _ ladder: PriceLadder, isOwn: Bool, at now: Int64, into events: inout [EngineEvent]
    ) {
        let before = orders[slot]
        let remaining = before.remaining - amount
        book.add(-amount, before.side)
        var left = before
        left.remaining = remaining
        left.effective = before.account == .none ? remaining : effective(left)
        if isOwn { left.effective = min(left.effective, before.effective - amount) }
        if before.account != .none {
            fund(slot, remaining: remaining, effective: left.effective)
        } else {
            orders[slot].remaining = remaining
            orders[slot].effective = remaining
        }
        if left.effective == 0 {
            orders.remove(slot, from: &ladder[level].queue)
            orders[slot].level = .none
        }
        change(
            book.number, ladder, before.side.rests, level, by: left.effective - before.effective,
            at: now, into: &events)
        if remaining == 0 {
            forget(slot)
            report(left, .filled, .completedPassive, into: &events)
        } else {
            report(left, left.effective == 0 ? .invalid : .open, nil, into: &events)
        }
        if before.account != .none { shrinkIfPoor(before.wallet, at: now, into: &events) }
    }

    /// The key of an order's limit on the side that it takes.
    @inline(__always)
    private static func worst(_ order: OpenOrder) -> Int64 {
        order.isMarket ? .max : key(order.price, order.side.takes)
    }

    /// Whether an order could trade with somebody.
    @inline(__always)
    private func meets(_ order: OpenOrder, _ book: EngineBook) -> Bool {
        let ladder = book.ladder(order.side.takes)
        return ladder.best != .none && ladder[ladder.best].key <= Self.worst(order)
    }

    /// Puts an order that has taken what it could where it belongs now, and tells so.
    ///
    /// - Parameters:
    ///   - slot: Where it is kept already; none for one that has just arrived.
    ///   - isWaiting: It is in the queue of those who wait.
    func finish(
        _ order: OpenOrder, _ slot: Slot, _ book: EngineBook, isWaiting: Bool = false,
        stands: Bool, at now: Int64, into events: inout [EngineEvent]
    ) {
        var left = order
        left.effective = 0
        guard order.remaining > 0, stands else {
            if isWaiting { removeWaiting(slot, book, order.side) }
            if slot != .none {
                fund(slot, remaining: order.remaining, effective: 0)
                forget(slot)
            }
            if !order.isMarket { book.add(-order.remaining, order.side) }
            guard order.remaining == 0 else {
                return report(left, .cancelled, .exhausted, into: &events)
            }
            return report(left, .filled, .completedActive, into: &events)
        }
        left.effective = effective(order)
        // Somebody is there to trade with, so it was the money that did not last.
        if meets(order, book) { left.effective = 0 }
        let slot = slot == .none ? keep(order) : slot
        fund(slot, remaining: left.remaining, effective: left.effective)
        guard left.effective > 0 else {
            if isWaiting { removeWaiting(slot, book, order.side) }
            return report(left, .invalid, nil, into: &events)
        }
        guard !order.isMarket else {
            if !isWaiting { appendWaiting(slot, book, order.side) }
            return report(left, .executing, nil, into: &events)
        }
        let ladder = book.ladder(order.side.rests)
        let level = ladder.findOrMake(Self.key(order.price, order.side.rests))
        orders[slot].level = level
        orders.append(slot, to: &ladder[level].queue)
        change(
            book.number, ladder, order.side.rests, level, by: left.effective, at: now,
            into: &events)
        report(left, .open, nil, into: &events)
    }

    /// Lets the market orders of `side` that wait take what has come to rest.
    @inline(__always)
    func serveWaiting(
        _ side: OrderSide, _ book: EngineBook, at now: Int64, into events: inout [EngineEvent]
    ) {
        while true {
            let slot = book.waiting(side).first
            guard slot != .none, book.ladder(side.takes).best != .none else { return }
            serve(slot, book, at: now, into: &events)
        }
    }

    @inline(never)
    private func serve(
        _ slot: Slot, _ book: EngineBook, at now: Int64, into events: inout [EngineEvent]
    ) {
        var order = orders[slot]
        // What it has is in motion: nothing of it is to shrink meanwhile.
        fund(slot, remaining: order.remaining, effective: 0)
        let stands = take(&order, book, at: now, into: &events)
        finish(order, slot, book, isWaiting: true, stands: stands, at: now, into: &events)
    }

    /// Ends an order of which something remains.
    func drop(
        _ slot: Slot, _ end: EngineOrderEnd, at now: Int64, into events: inout [EngineEvent]
    ) {
        var order = orders[slot]
        let book = books[Int(order.book.value)]
        if !order.isMarket { book.add(-order.remaining, order.side) }
        if order.level != .none {
            let side = order.side.rests
            let ladder = book.ladder(side)
            orders.remove(slot, from: &ladder[order.level].queue)
            change(
                book.number, ladder, side, order.level, by: -order.effective, at: now,
                into: &events)
        } else if !order.isInvalid {
            removeWaiting(slot, book, order.side)
        }
        forget(slot)
        order.effective = 0
        report(order, .cancelled, end, into: &events)
    }
}
