import OutcryMarket

// The small steps that commands are made of.

extension MatchingEngine {
    /// The key of a price on a side: the best price has the smallest.
    @inline(__always)
    static func key(_ price: Int64, _ side: Side) -> Int64 { side == .ask ? price : -price }

    func book(_ number: BookNumber) throws(EngineError) -> EngineBook {
        guard number.value < books.count else { throw .unknownBook(number, count: books.count) }
        return books[Int(number.value)]
    }

    func check(_ amount: Int64, _ account: Slot) throws(EngineError) {
        guard amount > 0 else { throw .amountNotPositive(amount) }
        guard account == .none || amount >= rules.leastAmount else {
            throw .amountTooLow(amount, least: rules.leastAmount)
        }
        guard account == .none || amount <= rules.mostAmount else {
            throw .amountTooHigh(amount, most: rules.mostAmount)
        }
    }

    /// Checks the numbers of a limit order.
    func check(
        _ side: OrderSide, amount: Int64, price: Int64, _ account: Slot, _ book: EngineBook
    ) throws(EngineError) {
        guard price > 0 else { throw .priceNotPositive(price) }
        guard account == .none || price <= rules.mostPrice else {
            throw .priceTooHigh(price, most: rules.mostPrice)
        }
        let sum = book.sum(side)
        let most = account == .none ? Int64.max : Self.mostWithAccounts
        guard amount > most - sum else { return }
        let total = total(side.rests, at: price, in: book.number)
        if total.addingReportingOverflow(amount).overflow {
            throw .levelTooLarge(price: price, total: total, amount: amount)
        }
        throw .bookTooLarge(total: sum, amount: amount)
    }

    /// How much a side of a book holds at most after an order of an account: the other half is the
    /// market's own, whatever people order.
    static var mostWithAccounts: Int64 { .max / 2 }

    func arrive(
        _ side: OrderSide, _ amount: Int64, _ price: Int64, _ owner: OwnerNumber,
        _ account: Slot, _ book: EngineBook, isMarket: Bool, _ prefersFiatFee: Bool, _ now: Int64
    ) -> OpenOrder {
        ordersArrived += 1
        lastPriority = max(now, lastPriority + 1)
        let spends = side == .buy ? book.quote : 0
        return OpenOrder(
            number: OrderNumber(ordersArrived), owner: owner, price: price,
            priority: lastPriority, remaining: amount, effective: 0, account: account,
            wallet: account == .none ? .none : ledger.wallet(account, spends), book: book.number,
            side: side, isMarket: isMarket, prefersFiatFee: prefersFiatFee && side == .buy)
    }

    /// The next stamp: strictly increasing, and the caller's time where that is later.
    @inline(__always)
    func tick(_ now: Int64) -> Int64 {
        lastStamp = max(now, lastStamp + 1)
        return lastStamp
    }

    /// Changes a level's total and tells it; an empty level goes.
    @inline(__always)
    func change(
        _ book: BookNumber, _ ladder: PriceLadder, _ side: Side, _ level: Slot,
        by delta: Int64, at now: Int64, into events: inout [EngineEvent]
    ) {
        let stamp = tick(now)
        let total = ladder[level].total + delta
        let key = ladder[level].key
        ladder[level].total = total
        ladder[level].stamp = stamp
        events.append(
            .depth(
                EngineDepth(
                    book: book, side: side, price: side == .ask ? key : -key, total: total,
                    delta: delta, stamp: stamp)))
        if total == 0 { ladder.remove(level) }
    }

    @inline(__always)
    func report(
        _ order: OpenOrder, _ state: EngineOrderState, _ end: EngineOrderEnd?,
        into events: inout [EngineEvent]
    ) {
        events.append(.order(view(order, state, end)))
    }

    func view(
        _ order: OpenOrder, _ state: EngineOrderState, _ end: EngineOrderEnd?
    ) -> EngineOrder {
        EngineOrder(
            number: order.number, owner: order.owner, book: order.book, side: order.side,
            price: order.isMarket ? nil : order.price, remaining: order.remaining,
            effective: order.effective, state: state, end: end, priority: order.priority,
            stamp: lastStamp)
    }

    func appendWaiting(_ slot: Slot, _ book: EngineBook, _ side: OrderSide) {
        if side == .buy {
            orders.append(slot, to: &book.waitingBuys)
        } else {
            orders.append(slot, to: &book.waitingSells)
        }
    }

    func removeWaiting(_ slot: Slot, _ book: EngineBook, _ side: OrderSide) {
        if side == .buy {
            orders.remove(slot, from: &book.waitingBuys)
        } else {
            orders.remove(slot, from: &book.waitingSells)
        }
    }

    /// Keeps an order, at the end of those that spend its wallet: they stand by number.
    func keep(_ order: OpenOrder) -> Slot {
        let slot = orders.add(order)
        guard order.account != .none else { return slot }
        let wallet = Int(order.wallet)
        let last = ledger.wallets[wallet].last
        orders[slot].walletPrevious = last
        if last == .none {
            ledger.wallets[wallet].first = slot
        } else {
            orders[last].walletNext = slot
        }
        ledger.wallets[wallet].last = slot
        // Nothing of it is effective yet.
        ledger.wallets[wallet].short += 1
        return slot
    }

    /// Forgets an order that is in no book and waits nowhere.
    func forget(_ slot: Slot) {
        let order = orders[slot]
        if order.account != .none {
            let wallet = Int(order.wallet)
            if order.walletPrevious == .none {
                ledger.wallets[wallet].first = order.walletNext
            } else {
                orders[order.walletPrevious].walletNext = order.walletNext
            }
            if order.walletNext == .none {
                ledger.wallets[wallet].last = order.walletPrevious
            } else {
                orders[order.walletNext].walletPrevious = order.walletPrevious
            }
            if order.isShort { ledger.wallets[wallet].short -= 1 }
            if reviving == slot { reviving = order.walletNext }
        }
        orders.forget(slot)
    }
}
