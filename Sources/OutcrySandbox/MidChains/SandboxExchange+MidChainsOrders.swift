import OutcryKernel
import OutcryMarket
import OutcryWire

// Orders of MidChains' clients. The engine knows orders that rest and orders that wait; what else there is at
// MidChains is made of these: what is not to rest is taken back in the same breath, what is to be filled whole or
// not at all, or only to rest, is looked at before, and a stop waits here.

extension SandboxExchange {
    // MARK: Placing

    func addOrder(
        _ request: MidChainsRequest, _ user: MidChainsUser, _ session: MidChainsSession,
        _ my: Context
    ) throws(MidChainsRefusal) {
        var order = try demand(request, user.owner, my)
        guard order.stop == nil else {
            order.updated = my.wallNow.microseconds
            midChains.orders[order.reference] = order
            midChains.stops.append(order.reference)
            answer(request, order.reference, session, my)
            return tell(user.owner, my) { push(of: record(ofStop: order)) }
        }
        try submit(order, my) { answer(request, $0, session, my) }
    }

    private func answer(
        _ request: MidChainsRequest, _ reference: String, _ session: MidChainsSession,
        _ my: Context
    ) {
        send(
            MidChainsText.added(
                request, "OK", reference: reference, echoesID: midChains.rules.echoesClientIDs),
            to: session.client, my)
    }

    /// Gives an order to the exchange: it is answered first, then what came of it is told.
    private func submit(
        _ order: MidChainsOrder, _ my: Context, _ answer: (String) -> Void
    ) throws(MidChainsRefusal) {
        try check(order)
        let now = my.wallNow.microseconds
        let wish = OrderWish(
            owner: order.owner, book: order.book, side: order.side, amount: order.amount,
            price: order.price)
        var order = order
        let ticket = try apply(.submit(wish, atOnce: isPrompt(my)), now, my)
        // A stop keeps its name.
        let isStop = midChains.orders[order.reference] != nil
        let reference = isStop ? order.reference : MidChainsReference.make(ticket)
        order = order.placed(as: reference, ticket)
        midChains.orders[reference] = order
        midChains.references[ticket] = reference
        if order.expires != nil {
            midChains.expiring.append(reference)
            armMidChains(my)
        }
        if order.force == .immediate || order.force == .allOrNothing, let now = state.order(ticket),
            !now.isOver
        {
            _ = try? apply(
                .cancel(order.owner, ticket: ticket, atOnce: isPrompt(my)), my.wallNow.microseconds,
                my)
        }
        answer(reference)
        tell(my)
        if !state.queue.isEmpty { armQueue(my) }
    }

    /// Does something that is kept, and told later.
    private func apply(
        _ command: ExchangeCommand, _ now: Int64, _ my: Context
    ) throws(MidChainsRefusal) -> Int64 {
        do throws(ExchangeRefusal) {
            let number = try state.apply(command, at: now, into: &effects)
            keep(command, number: number, at: now, my)
            return number
        } catch {
            throw MidChainsRefusal(error)
        }
    }

    /// What a request asks for.
    private func demand(
        _ request: MidChainsRequest, _ owner: OwnerNumber, _ my: Context
    ) throws(MidChainsRefusal) -> MidChainsOrder {
        guard let place = request["security"].flatMap({ midChains.place(of: $0) }),
            midChains.securities[place].isOwn
        else { throw .noSecurity }
        let book = midChains.securities[place].book
        let market = state.instrument(book)
        let side: OrderSide
        switch request["side"] {
        case "B": side = .buy
        case "S": side = .sell
        default: throw MidChainsRefusal("invalid side")
        }
        midChains.stopCount += 1
        var order = MidChainsOrder(
            reference: MidChainsReference.make(stop: midChains.stopCount), owner: owner,
            book: book, side: side)
        order.clientID = request["clientorderid"]
        try readKind(request, &order)
        if order.kind == .limit {
            order.price = try units(request["price"], market.quote, "price")
        } else if request["price"] != nil {
            throw MidChainsRefusal("cannot use price for market order")
        }
        if let type = request["stoptype"] {
            guard type == "STOP" else { throw MidChainsRefusal("invalid stoptype") }
            order.stop = try units(request["stopprice"], market.quote, "stopprice")
        }
        if order.force == .tillTime {
            guard let text = request["exptime"] else { throw MidChainsRefusal("invalid exptime") }
            order.expires = try time(text)
            guard order.expires ?? 0 > my.wallNow.microseconds else {
                throw MidChainsRefusal("invalid exptime")
            }
        }
        guard order.kind == .market, order.side == .buy else {
            order.amount = try units(request["qty"], market.base, "qty")
            return order
        }
        guard request["qty"] == nil else {
            throw MidChainsRefusal("cannot use qty for market buy order")
        }
        let money = try units(request["amount"], market.quote, "amount")
        guard order.stop == nil else {
            throw MidChainsRefusal("stop market buy orders are not supported")
        }
        order.amount = worth(of: money, in: book)
        guard order.amount > 0 else { throw MidChainsRefusal("not enough liquidity") }
        return order
    }

    /// Which orders there are: the venue's matrix.
    ///
    /// - Source: the protocol reference, section 4.
    private func readKind(
        _ request: MidChainsRequest, _ order: inout MidChainsOrder
    ) throws(MidChainsRefusal) {
        switch request["ordertype"] {
        case nil, "LMT": order.kind = .limit
        case "MKT": order.kind = .market
        case "POST":
            order.kind = .limit
            order.force = .post
            guard ["GTC", nil].contains(request["tif"]), request["stoptype"] == nil else {
                throw MidChainsRefusal("invalid tif")
            }
            return
        default: throw MidChainsRefusal("invalid ordertype")
        }
        let force = request["tif"] ?? (order.kind == .market ? "IOC" : "GTC")
        guard let force = MidChainsOrder.Force(rawValue: force) else {
            throw MidChainsRefusal("invalid tif")
        }
        let isStop = request["stoptype"] != nil
        switch (order.kind, force) {
        case (_, .immediate), (_, .allOrNothing), (.limit, .tillCancelled): break
        case (.limit, .tillTime), (.limit, .post):
            guard !isStop else { throw MidChainsRefusal("invalid tif") }
        default: throw MidChainsRefusal("invalid tif")
        }
        order.force = force
    }

    private func units(
        _ text: String?, _ currency: Currency, _ name: String
    ) throws(MidChainsRefusal) -> Int64 {
        guard let text, let number = Quantity(text),
            let units = number.rescaled(to: currency.decimals)?.units, units > 0
        else { throw MidChainsRefusal("invalid \(name)") }
        return units
    }

    /// How much of the base so much money buys now.
    private func worth(of money: Int64, in book: BookNumber) -> Int64 {
        var (left, amount) = (money, Int64(0))
        engine.forEachLevel(.ask, in: book) { price, total, _ in
            guard left > 0 else { return }
            let part = MoneyMath.affordable(total, at: price, with: left, engine.scale)
            amount += part
            left = part < total ? 0 : left - MoneyMath.cost(price, part, engine.scale)
        }
        return amount
    }

    /// Refuses what cannot be paid for, cannot be filled whole, or would take what it may not.
    private func check(_ order: MidChainsOrder) throws(MidChainsRefusal) {
        let market = state.instrument(order.book)
        let ledger = engine.ledger
        if order.side == .sell {
            guard ledger.balance(order.owner, market.base) ?? 0 >= order.amount else {
                throw .noFunds
            }
        } else if let price = order.price {
            let cost = MoneyMath.cost(price, order.amount, engine.scale)
            guard ledger.balance(order.owner, market.quote) ?? 0 >= cost else { throw .noFunds }
        }
        guard order.force == .allOrNothing || order.force == .post else { return }
        var (there, meets) = (Int64(0), false)
        engine.forEachLevel(order.side.takes, in: order.book) { price, total, _ in
            if let limit = order.price {
                guard order.side == .buy ? price <= limit : price >= limit else { return }
            }
            meets = true
            there = there.addingReportingOverflow(total).overflow ? .max : there + total
        }
        if order.force == .post, meets { throw MidChainsRefusal("post only order would match") }
        if order.force == .allOrNothing, there < order.amount {
            throw MidChainsRefusal("fill or kill order cannot be filled")
        }
    }

    // MARK: Cancelling

    func cancelOrder(
        _ request: MidChainsRequest, _ user: MidChainsUser, _ session: MidChainsSession,
        _ my: Context
    ) throws(MidChainsRefusal) {
        let found = try find(request, user.owner)
        guard found.record.live > 0 else { throw .orderNotFound }
        guard let order = found.order else {
            send(MidChainsText.reference(request, "OK"), to: session.client, my)
            guard let stop = midChains.orders[found.record.reference] else { return }
            return withdraw(stop, my)
        }
        _ = try apply(
            .cancel(user.owner, ticket: order.ticket, atOnce: isPrompt(my)),
            my.wallNow.microseconds, my)
        send(MidChainsText.reference(request, "OK"), to: session.client, my)
        tell(my)
        if !state.queue.isEmpty { armQueue(my) }
    }

    /// Takes an order back, where it is not over.
    func withdraw(_ order: MidChainsOrder, _ my: Context) {
        guard let ticket = order.ticket else {
            guard !order.isGone else { return }
            var order = order
            order.isGone = true
            order.updated = my.wallNow.microseconds
            midChains.orders[order.reference] = order
            midChains.stops.removeAll { $0 == order.reference }
            return tell(order.owner, my) { push(of: record(ofStop: order)) }
        }
        _ = try? perform(.cancel(order.owner, ticket: ticket, atOnce: isPrompt(my)), my)
    }

    // MARK: Stops

    /// Notes the stops that a trade sets off; they are placed in a turn of their own.
    func noteStops(_ trade: EngineTrade, _ my: Context) {
        guard !midChains.stops.isEmpty else { return }
        var isAny = false
        for reference in midChains.stops {
            guard var order = midChains.orders[reference], order.book == trade.book,
                let stop = order.stop,
                order.side == .buy ? trade.price >= stop : trade.price <= stop
            else { continue }
            order.stop = nil
            midChains.orders[reference] = order
            isAny = true
        }
        if isAny { my.yield(.midChainsStops) }
    }

    /// Places the stops that have been set off; one that cannot be placed is over.
    func placeStops(_ my: Context) {
        for reference in midChains.stops {
            guard let order = midChains.orders[reference], order.stop == nil, !order.isGone else {
                continue
            }
            midChains.stops.removeAll { $0 == reference }
            do throws(MidChainsRefusal) {
                try together(my) { () throws(MidChainsRefusal) in
                    try submit(order, my) { _ in }
                }
            } catch {
                my.log.debug("a stop cannot be placed", reference, error.words)
                withdraw(order, my)
            }
        }
    }
}

extension MidChainsOrder {
    /// The same with its name, once the exchange has it.
    fileprivate func placed(as reference: String, _ ticket: Int64) -> Self {
        var order = Self(reference: reference, owner: owner, book: book, side: side)
        (order.kind, order.force, order.amount, order.price) = (kind, force, amount, price)
        (order.expires, order.clientID, order.ticket) = (expires, clientID, ticket)
        return order
    }
}

extension MidChainsRefusal {
    /// Why the exchange refused.
    init(_ error: ExchangeRefusal) {
        switch error {
        case .orderNotFound: self = .orderNotFound
        case .engine(.balanceTooLow): self = .noFunds
        default: self.init("\(error)")
        }
    }
}
