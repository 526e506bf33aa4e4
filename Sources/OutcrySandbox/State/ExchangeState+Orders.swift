import OutcryMarket

// Orders of accounts: from the acknowledgement through the queue and the engine to their end.

/// What waits to reach the engine.
struct QueueEntry: Hashable, Sendable {
    let ticket: Int64
    /// The order is to be taken back; else it is to be placed.
    let isCancel: Bool
    /// When it was acknowledged, microseconds since 1970.
    let time: Int64
}

extension ExchangeState {
    /// Takes an order on.
    ///
    /// - Returns: Its ticket.
    func submit(
        _ wish: OrderWish, atOnce: Bool, at now: Int64, into effects: inout [ExchangeEffect]
    ) throws(ExchangeRefusal) -> Int64 {
        guard account(wish.owner) != nil else { throw .noAccount(wish.owner) }
        try check(wish)
        let ticket = Int64(orders.count) + 1
        let order = ClientOrder(
            ticket, wish, at: nextOrderTime(now), effective: affordable(wish))
        orders.append(order)
        try change(wish.owner) { $0.open.append(ticket) }
        effects.append(.order(order))
        let entry = QueueEntry(ticket: ticket, isCancel: false, time: now)
        if atOnce && queue.isEmpty {
            work(entry, at: now, into: &effects)
        } else {
            queue.append(entry)
        }
        return ticket
    }

    /// How much of an order its owner's wallet pays for, before the engine has it.
    private func affordable(_ wish: OrderWish) -> Int64 {
        let market = instrument(wish.book)
        if wish.side == .sell {
            return min(wish.amount, engine.ledger.balance(wish.owner, market.base) ?? 0)
        }
        let balance = engine.ledger.balance(wish.owner, market.quote) ?? 0
        guard let price = wish.price else { return balance > 0 ? wish.amount : 0 }
        return MoneyMath.affordable(wish.amount, at: price, with: balance, engine.scale)
    }

    /// Refuses what the engine would not take: whoever is told of an order's ticket has the order.
    private func check(_ wish: OrderWish) throws(ExchangeRefusal) {
        let rules = engine.rules
        guard wish.amount >= rules.leastAmount else {
            throw .engine(.amountTooLow(wish.amount, least: rules.leastAmount))
        }
        guard wish.amount <= rules.mostAmount else {
            throw .engine(.amountTooHigh(wish.amount, most: rules.mostAmount))
        }
        if let price = wish.price {
            guard price > 0 else { throw .engine(.priceNotPositive(price)) }
            guard price <= rules.mostPrice else {
                throw .engine(.priceTooHigh(price, most: rules.mostPrice))
            }
        }
        guard Int(wish.book.value) < engine.instruments.count else {
            throw .engine(.unknownBook(wish.book, count: engine.instruments.count))
        }
        try checkRoom(wish)
    }

    /// Refuses an order that its owner's others, or everybody's, leave no room for on its side of the book:
    /// those that wait for the engine counted.
    private func checkRoom(_ wish: OrderWish) throws(ExchangeRefusal) {
        func sum(_ tickets: some Sequence<Int64>) -> Int64 {
            tickets.reduce(0) { sum, ticket in
                let order = orders[Int(ticket) - 1]
                guard order.wish.book == wish.book, order.wish.side == wish.side else { return sum }
                let (next, over) = sum.addingReportingOverflow(order.remaining)
                return over ? .max : next
            }
        }
        let most = engine.rules.mostAmount
        let open = sum(account(wish.owner)?.open ?? [])
        guard wish.amount <= most - open else {
            throw .engine(.openTooLarge(open: open, amount: wish.amount, most: most))
        }
        guard wish.price != nil else { return }
        let room = engine.roomForAccounts(wish.side, in: wish.book)
        // However large those are that wait: so many are seldom worth counting.
        let (mostQueued, over) = most.multipliedReportingOverflow(by: Int64(queue.count) + 1)
        guard over || mostQueued > room else { return }
        let queued = sum(queue.lazy.filter { !$0.isCancel }.map(\.ticket))
        guard wish.amount > room - queued else { return }
        let total = Int64.max - engine.room(wish.side, in: wish.book)
        throw .engine(
            .bookTooLarge(
                total: total.addingReportingOverflow(queued).overflow ? .max : total + queued,
                amount: wish.amount))
    }

    /// Asks for an order to be taken back.
    func cancel(
        _ owner: OwnerNumber, _ ticket: Int64, atOnce: Bool, at now: Int64,
        into effects: inout [ExchangeEffect]
    ) throws(ExchangeRefusal) {
        guard let order = order(ticket), order.wish.owner == owner, !order.isOver else {
            throw .orderNotFound
        }
        let entry = QueueEntry(ticket: ticket, isCancel: true, time: now)
        if atOnce && queue.isEmpty {
            work(entry, at: now, into: &effects)
        } else {
            queue.append(entry)
        }
    }

    /// Lets the first entries of the queue reach the engine, and orders come back that money waits for.
    func work(_ count: Int, at now: Int64, into effects: inout [ExchangeEffect]) {
        let ready = Array(queue.prefix(count))
        queue.removeFirst(ready.count)
        for entry in ready { work(entry, at: now, into: &effects) }
        guard !engine.isSettled else { return }
        try? with(&effects) { events in engine.settle(at: now, into: &events) }
    }

    private func work(
        _ entry: QueueEntry, at now: Int64, into effects: inout [ExchangeEffect]
    ) {
        let place = Int(entry.ticket) - 1
        guard !orders[place].isOver else { return }
        if entry.isCancel {
            guard let number = orders[place].number else { return }
            try? with(&effects) { (events) throws(EngineError) in
                try engine.cancel(number, at: now, into: &events)
            }
            return
        }
        orders[place].status = .executing
        effects.append(.order(orders[place]))
        let wish = orders[place].wish
        // The engine numbers orders as they arrive: known before, so that events find their order.
        let number = OrderNumber(engine.ordersArrived + 1)
        orders[place].number = number
        tickets[number] = entry.ticket
        do {
            try with(&effects) { (events) throws(EngineError) in
                if let price = wish.price {
                    try engine.limit(
                        wish.side, amount: wish.amount, price: price, owner: wish.owner,
                        in: wish.book, prefersFiatFee: wish.prefersFiatFee, at: now, into: &events)
                } else {
                    try engine.market(
                        wish.side, amount: wish.amount, owner: wish.owner, in: wish.book,
                        prefersFiatFee: wish.prefersFiatFee, at: now, into: &events)
                }
            }
        } catch {
            // What was acknowledged and cannot stand, such as more than a level holds.
            orders[place].number = nil
            tickets[number] = nil
            end(place, .requested, into: &effects)
        }
    }

    private func end(
        _ place: Int, _ reason: EngineOrderEnd, into effects: inout [ExchangeEffect]
    ) {
        orders[place].status = .gone(reason)
        if let number = orders[place].number { tickets[number] = nil }
        let ticket = orders[place].ticket
        try? change(orders[place].wish.owner) { account in
            if let at = account.open.firstIndex(of: ticket) { account.open.remove(at: at) }
        }
        effects.append(.order(orders[place]))
    }

    // MARK: What the engine says

    /// Takes one event of the engine's into the records.
    func take(
        _ event: EngineEvent, _ info: String, _ transfer: Int64,
        into effects: inout [ExchangeEffect]
    ) {
        switch event {
        case .trade(let trade): take(trade, into: &effects)
        case .depth(let change): effects.append(.depth(change))
        case .wallet(let entry): take(entry, info, transfer, into: &effects)
        case .order(let order):
            if tellsEntries { effects.append(.entry(order)) }
            guard let ticket = tickets[order.number] else { return }
            take(order, Int(ticket) - 1, into: &effects)
        }
    }

    private func take(_ trade: EngineTrade, into effects: inout [ExchangeEffect]) {
        windows[Int(trade.book.value)].add(trade)
        histories[Int(trade.book.value)].add(trade)
        for number in [trade.maker, trade.taker] {
            guard let ticket = tickets[number] else { continue }
            orders[Int(ticket) - 1].trades.append(trade)
            try? change(orders[Int(ticket) - 1].wish.owner) {
                $0.trades.append((trade, ticket))
            }
        }
        effects.append(.trade(trade))
    }

    private func take(
        _ entry: WalletEntry, _ info: String, _ transfer: Int64,
        into effects: inout [ExchangeEffect]
    ) {
        let ticket = tickets[entry.order] ?? 0
        try? change(entry.owner) { account in
            // Money that comes may bring orders back that trade: those lines are not the transfer's.
            let isOfTransfer = entry.trade == 0
            let line = account.add(
                entry, isOfTransfer ? info : "", ticket: ticket,
                transfer: isOfTransfer ? transfer : 0)
            effects.append(.wallet(line))
        }
    }

    private func take(
        _ order: EngineOrder, _ place: Int, into effects: inout [ExchangeEffect]
    ) {
        orders[place].remaining = order.remaining
        orders[place].effective = order.effective
        if let reason = order.end { return end(place, reason, into: &effects) }
        let before = orders[place].status
        switch order.state {
        case .open:
            if before == .executing {
                orders[place].status = .postPending
                effects.append(.order(orders[place]))
            }
            orders[place].status = .open
        case .executing: orders[place].status = .executing
        case .invalid: orders[place].status = .invalid
        case .filled, .cancelled: return
        }
        effects.append(.order(orders[place]))
    }
}
