import OutcryMarket

@testable import OutcrySandbox

/// The matching rules in the most obvious code: one list of orders, searched from end to end, wallets
/// in a dictionary, everything computed anew whenever it is asked for.
struct NaiveEngine {
    struct Standing {
        var number: Int64
        var owner: OwnerNumber
        var book: Int
        var side: OrderSide
        /// Nil of a market order.
        var price: Int64?
        var remaining: Int64
        var effective: Int64 = 0
        var priority: Int64
        var prefersFiatFee: Bool
        /// Its turn among those at its price or those who wait; nil of an order that is in neither.
        var turn: Int?
    }

    let instruments: [Instrument]
    let rules: EngineRules
    /// Every order that is not over, by number.
    var orders: [Standing] = []
    var arrived: Int64 = 0
    var lastStamp: Int64 = 0
    var lastPriority: Int64 = 0
    var turns = 0
    // Money.
    var owners: [OwnerNumber] = []
    var balances: [OwnerNumber: [Int64]] = [:]
    var fills: [OwnerNumber: [(day: Int64, amount: Int64)]] = [:]
    var market: [Int64]
    var house: [Int64]
    var today: Int64 = 0
    /// Owner and currency of wallets that grew.
    var grown: [(owner: OwnerNumber, currency: Int)] = []
    var events: [EngineEvent] = []
    /// Who bought from himself more than he could pay others: his orders stand smaller than they might.
    var ownTraders: [OwnerNumber] = []

    init(_ instruments: [Instrument] = [.btcusd], _ rules: EngineRules = EngineRules()) {
        self.instruments = instruments
        self.rules = rules
        market = Array(repeating: 0, count: instruments.count + 1)
        house = market
    }

    // MARK: Commands, each with what it tells

    mutating func limit(
        _ side: OrderSide, _ amount: Int64, _ price: Int64, _ owner: OwnerNumber, _ now: Int64,
        book: Int = 0, prefersFiatFee: Bool = false
    ) -> [EngineEvent] {
        command(now) { me in
            var order = me.arrive(side, amount, price, owner, book, prefersFiatFee, now)
            let stands = me.effective(order) == 0 || me.match(&order, now)
            me.place(order, stands, now)
            me.serveWaiting(side.opposite, book, now)
            me.revive(now)
        }
    }

    mutating func market(
        _ side: OrderSide, _ amount: Int64, _ owner: OwnerNumber, _ now: Int64, book: Int = 0,
        prefersFiatFee: Bool = false
    ) -> [EngineEvent] {
        command(now) { me in
            var order = me.arrive(side, amount, nil, owner, book, prefersFiatFee, now)
            let stands = me.match(&order, now)
            me.place(order, stands, now)
            me.revive(now)
        }
    }

    /// Nil when there is no such order.
    mutating func cancel(_ number: Int64, _ now: Int64) -> [EngineEvent]? {
        guard find(number) != nil else { return nil }
        return command(now) { me in
            me.drop(number, .requested, now)
            me.revive(now)
        }
    }

    private mutating func command(
        _ now: Int64, _ body: (inout NaiveEngine) -> Void
    ) -> [EngineEvent] {
        events = []
        beginDay(now)
        body(&self)
        return events
    }

    // MARK: Steps

    private mutating func arrive(
        _ side: OrderSide, _ amount: Int64, _ price: Int64?, _ owner: OwnerNumber, _ book: Int,
        _ prefersFiatFee: Bool, _ now: Int64
    ) -> Standing {
        arrived += 1
        lastPriority = max(now, lastPriority + 1)
        return Standing(
            number: arrived, owner: owner, book: book, side: side, price: price,
            remaining: amount, priority: lastPriority,
            prefersFiatFee: prefersFiatFee && side == .buy)
    }

    func find(_ number: Int64) -> Int? { orders.firstIndex { $0.number == number } }

    /// False when the market's own cannot pay any more.
    mutating func match(_ taker: inout Standing, _ now: Int64) -> Bool {
        var own: Int64 = 0
        while taker.remaining > 0, let maker = best(of: taker.side.opposite, taker.book),
            let price = maker.price
        {
            if let limit = taker.price {
                guard taker.side == .buy ? price <= limit : price >= limit else { return true }
            }
            let amount = min(maker.effective, payable(taker, price, own: own))
            guard amount > 0 else { return true }
            let (buyer, seller) = taker.side == .buy ? (taker, maker) : (maker, taker)
            let cost = Self.cost(price, amount)
            if !hasAccount(buyer.owner), hasAccount(seller.owner),
                cost > Int128(Ledger.most + market[1 + taker.book])
            {
                if buyer.number == taker.number { return false }
                drop(buyer.number, .exhausted, now)
                continue
            }
            if !hasAccount(seller.owner), hasAccount(buyer.owner),
                amount > Ledger.most + market[0]
            {
                if seller.number == taker.number { return false }
                drop(seller.number, .exhausted, now)
                continue
            }
            lastStamp = max(now, lastStamp + 1)
            let trade = EngineTrade(
                book: BookNumber(UInt8(taker.book)), price: price, amount: amount,
                cost: Int64(clamping: cost), aggressor: taker.side,
                isMarketOrder: taker.price == nil, taker: OrderNumber(taker.number),
                maker: OrderNumber(maker.number), takerOwner: taker.owner,
                makerOwner: maker.owner, stamp: lastStamp)
            pay(trade, buyer, seller)
            events.append(.trade(trade))
            taker.remaining -= amount
            if buyer.owner == seller.owner, hasAccount(buyer.owner) {
                own += taker.side == .buy ? trade.cost : amount
            }
            give(maker, amount, isOwn: maker.owner == taker.owner, now)
            shrink(taker.owner, currency(of: taker), now)
        }
        return true
    }

    private mutating func give(
        _ maker: Standing, _ amount: Int64, isOwn: Bool, _ now: Int64
    ) {
        guard let place = find(maker.number) else { return }
        var left = maker
        left.remaining -= amount
        left.effective = effective(left)
        if isOwn, hasAccount(maker.owner) {
            left.effective = min(left.effective, maker.effective - amount)
            if left.effective < effective(left) { ownTraders.append(maker.owner) }
        }
        if left.effective == 0 { left.turn = nil }
        orders[place] = left
        if left.remaining == 0 { orders.remove(at: place) }
        depth(left, left.effective - maker.effective, now)
        if left.remaining == 0 {
            tell(left, .filled, .completedPassive)
        } else {
            tell(left, left.effective == 0 ? .invalid : .open)
        }
        shrink(maker.owner, currency(of: maker), now)
    }

    /// Puts an order where it belongs that has taken what it could.
    mutating func place(_ order: Standing, _ stands: Bool, _ now: Int64) {
        var left = order
        left.effective = 0
        let place = find(order.number)
        guard order.remaining > 0, stands else {
            if let place { orders.remove(at: place) }
            if order.remaining > 0 {
                tell(left, .cancelled, .exhausted)
            } else {
                tell(left, .filled, .completedActive)
            }
            return
        }
        left.effective = effective(order)
        if let best = best(of: order.side.opposite, order.book), let price = best.price {
            let limit = order.price ?? (order.side == .buy ? .max : 0)
            if order.side == .buy ? price <= limit : price >= limit {
                if order.price != nil, left.effective > 0 { ownTraders.append(order.owner) }
                left.effective = 0
            }
        }
        if left.effective == 0 {
            left.turn = nil
        } else if left.turn == nil {
            turns += 1
            left.turn = turns
        }
        if let place { orders[place] = left } else { orders.append(left) }
        if left.effective == 0 { return tell(left, .invalid) }
        if left.price == nil { return tell(left, .executing) }
        depth(left, left.effective, now)
        tell(left, .open)
    }

    mutating func serveWaiting(_ side: OrderSide, _ book: Int, _ now: Int64) {
        while best(of: side.opposite, book) != nil,
            let first = orders.filter({
                $0.book == book && $0.side == side && $0.price == nil && $0.turn != nil
            }).min(by: { ($0.turn ?? 0) < ($1.turn ?? 0) }), let place = find(first.number)
        {
            orders[place].effective = 0
            var order = orders[place]
            let stands = match(&order, now)
            self.place(order, stands, now)
        }
    }

    private mutating func drop(_ number: Int64, _ end: EngineOrderEnd, _ now: Int64) {
        guard let place = find(number) else { return }
        var order = orders.remove(at: place)
        if order.price != nil, order.turn != nil { depth(order, -order.effective, now) }
        order.effective = 0
        tell(order, .cancelled, end)
    }

    // MARK: Questions

    /// What stands at each price, best first.
    func levels(_ side: OrderSide, _ book: Int = 0) -> [(price: Int64, total: Int64)] {
        var totals: [Int64: Int64] = [:]
        for order in orders where order.side == side && order.book == book && order.turn != nil {
            if let price = order.price { totals[price, default: 0] += order.effective }
        }
        return totals.map { ($0.key, $0.value) }.sorted {
            side == .buy ? $0.price > $1.price : $0.price < $1.price
        }
    }

    func best(of side: OrderSide, _ book: Int) -> Standing? {
        var best: Standing?
        for order in orders where order.side == side && order.book == book {
            guard let price = order.price, let turn = order.turn else { continue }
            guard let other = best, let limit = other.price, let before = other.turn else {
                best = order
                continue
            }
            let isBetter = side == .buy ? price > limit : price < limit
            if isBetter || (price == limit && turn < before) { best = order }
        }
        return best
    }

    // MARK: Telling

    mutating func depth(_ order: Standing, _ delta: Int64, _ now: Int64) {
        guard let price = order.price else { return }
        lastStamp = max(now, lastStamp + 1)
        let total = levels(order.side, order.book).first { $0.price == price }?.total ?? 0
        events.append(
            .depth(
                EngineDepth(
                    book: BookNumber(UInt8(order.book)), side: order.side.rests, price: price,
                    total: total, delta: delta, stamp: lastStamp)))
    }

    mutating func tell(
        _ order: Standing, _ state: EngineOrderState, _ end: EngineOrderEnd? = nil
    ) {
        events.append(
            .order(
                EngineOrder(
                    number: OrderNumber(order.number), owner: order.owner,
                    book: BookNumber(UInt8(order.book)), side: order.side, price: order.price,
                    remaining: order.remaining, effective: order.effective, state: state,
                    end: end, priority: order.priority, stamp: lastStamp)))
    }
}
