import OutcryMarket

@testable import OutcrySandbox

/// The matching rules in the most obvious code: one list of orders, searched from end to end.
struct NaiveEngine {
    struct Standing {
        var number: Int64
        var owner: OwnerNumber
        var side: OrderSide
        var price: Int64?
        var remaining: Int64
    }

    var orders: [Standing] = []
    var arrived: Int64 = 0
    var lastStamp: Int64 = 0

    mutating func limit(
        _ side: OrderSide, _ amount: Int64, _ price: Int64, _ owner: OwnerNumber, _ now: Int64
    ) -> [EngineEvent] {
        var events: [EngineEvent] = []
        arrived += 1
        var order = Standing(
            number: arrived, owner: owner, side: side, price: price, remaining: amount)
        match(&order, now, &events)
        if order.remaining == 0 {
            tell(order, .filled, &events)
            return events
        }
        orders.append(order)
        depth(side, price, order.remaining, now, &events)
        tell(order, .open, &events)
        // Market orders of the other side that wait, oldest first.
        for waiting in orders where waiting.side != side && waiting.price == nil {
            guard best(of: side) != nil, let place = place(of: waiting.number) else { break }
            var taker = orders[place]
            match(&taker, now, &events)
            if let place = self.place(of: waiting.number) {
                if taker.remaining == 0 {
                    orders.remove(at: place)
                } else {
                    orders[place] = taker
                }
            }
            tell(taker, taker.remaining == 0 ? .filled : .executing, &events)
        }
        return events
    }

    mutating func market(
        _ side: OrderSide, _ amount: Int64, _ owner: OwnerNumber, _ now: Int64
    ) -> [EngineEvent] {
        var events: [EngineEvent] = []
        arrived += 1
        var order = Standing(
            number: arrived, owner: owner, side: side, price: nil, remaining: amount)
        match(&order, now, &events)
        if order.remaining > 0 { orders.append(order) }
        tell(order, order.remaining > 0 ? .executing : .filled, &events)
        return events
    }

    /// Nil when there is no such order.
    mutating func cancel(_ number: Int64, _ now: Int64) -> [EngineEvent]? {
        guard let place = place(of: number) else { return nil }
        var events: [EngineEvent] = []
        let order = orders.remove(at: place)
        if let price = order.price { depth(order.side, price, -order.remaining, now, &events) }
        tell(order, .cancelled, &events)
        return events
    }

    /// What stands at each price, best first.
    func levels(_ side: OrderSide) -> [(price: Int64, total: Int64)] {
        var totals: [Int64: Int64] = [:]
        for order in orders where order.side == side {
            if let price = order.price { totals[price, default: 0] += order.remaining }
        }
        return totals.map { ($0.key, $0.value) }.sorted {
            side == .buy ? $0.price > $1.price : $0.price < $1.price
        }
    }

    private func place(of number: Int64) -> Int? {
        orders.firstIndex { $0.number == number }
    }

    private func best(of side: OrderSide) -> Standing? {
        var best: Standing?
        for order in orders where order.side == side {
            guard let price = order.price else { continue }
            guard let other = best?.price else {
                best = order
                continue
            }
            if side == .buy ? price > other : price < other { best = order }
        }
        return best
    }

    private mutating func match(
        _ taker: inout Standing, _ now: Int64, _ events: inout [EngineEvent]
    ) {
        while taker.remaining > 0, var maker = best(of: taker.side.opposite),
            let price = maker.price, let place = place(of: maker.number)
        {
            if let limit = taker.price {
                guard taker.side == .buy ? price <= limit : price >= limit else { return }
            }
            let amount = min(taker.remaining, maker.remaining)
            taker.remaining -= amount
            maker.remaining -= amount
            if maker.remaining == 0 { orders.remove(at: place) } else { orders[place] = maker }
            lastStamp = max(now, lastStamp + 1)
            events.append(
                .trade(
                    EngineTrade(
                        price: price, amount: amount, aggressor: taker.side,
                        isMarketOrder: taker.price == nil, taker: OrderNumber(taker.number),
                        maker: OrderNumber(maker.number), stamp: lastStamp)))
            depth(maker.side, price, -amount, now, &events)
            tell(maker, maker.remaining == 0 ? .filled : .open, &events)
        }
    }

    private mutating func depth(
        _ side: OrderSide, _ price: Int64, _ delta: Int64, _ now: Int64,
        _ events: inout [EngineEvent]
    ) {
        lastStamp = max(now, lastStamp + 1)
        let total = levels(side).first { $0.price == price }?.total ?? 0
        events.append(
            .depth(
                EngineDepth(
                    side: side.rests, price: price, total: total, delta: delta,
                    stamp: lastStamp)))
    }

    private func tell(
        _ order: Standing, _ state: OrderState, _ events: inout [EngineEvent]
    ) {
        events.append(
            .order(
                EngineOrder(
                    number: OrderNumber(order.number), owner: order.owner, side: order.side,
                    price: order.price, remaining: order.remaining, state: state,
                    stamp: lastStamp)))
    }
}
