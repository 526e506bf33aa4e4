import OutcryMarket

@testable import OutcrySandbox

// The twin's money: balances by owner, every rule in wide numbers and from the beginning.

extension NaiveEngine {
    static let scale: Int128 = 100_000_000

    // MARK: Accounts

    mutating func openAccount(_ owner: OwnerNumber) {
        owners.append(owner)
        balances[owner] = Array(repeating: 0, count: instruments.count + 1)
    }

    mutating func deposit(
        _ amount: Int64, _ currency: Int, _ owner: OwnerNumber, _ now: Int64
    ) -> [EngineEvent] {
        events = []
        beginDay(now)
        lastStamp = max(now, lastStamp + 1)
        move(amount, .deposit, owner, currency, nil, 0)
        note(owner, currency)
        revive(now)
        return events
    }

    /// Nil when there is not so much.
    mutating func withdraw(
        _ amount: Int64, _ currency: Int, _ owner: OwnerNumber, _ now: Int64
    ) -> [EngineEvent]? {
        guard amount <= balance(owner, currency) else { return nil }
        events = []
        beginDay(now)
        lastStamp = max(now, lastStamp + 1)
        move(-amount, .withdraw, owner, currency, nil, 0)
        shrink(owner, currency, now)
        revive(now)
        return events
    }

    func hasAccount(_ owner: OwnerNumber) -> Bool { balances[owner] != nil }

    func balance(_ owner: OwnerNumber, _ currency: Int) -> Int64 {
        balances[owner]?[currency] ?? 0
    }

    func volume(_ owner: OwnerNumber) -> Int64 {
        (fills[owner] ?? []).filter { $0.day > today - 30 }.reduce(0) { $0 + $1.amount }
    }

    func rate(_ owner: OwnerNumber) -> Int32 {
        rules.fees.tiers.last { $0.volume <= volume(owner) }?.rate ?? 0
    }

    // MARK: What is paid

    /// Nearest, half up.
    static func cost(_ price: Int64, _ amount: Int64) -> Int128 {
        (2 * Int128(price) * Int128(amount) + scale) / (2 * scale)
    }

    static func fee(_ amount: Int64, _ rate: Int32) -> Int64 {
        Int64((Int128(amount) * Int128(rate) * 2 + 10_000) / 20_000)
    }

    /// The place of what an order spends: the base, or the quote of its book.
    func currency(of order: Standing) -> Int { order.side == .sell ? 0 : 1 + order.book }

    func effective(_ order: Standing) -> Int64 {
        guard let price = order.price else {
            let money = payable(order, 0)
            return order.side == .sell ? money : money > 0 ? order.remaining : 0
        }
        return payable(order, price)
    }

    /// What can be paid of what remains, at a price; at the price 0 whether anything can.
    func payable(_ order: Standing, _ price: Int64, own: Int64 = 0) -> Int64 {
        guard hasAccount(order.owner) else { return order.remaining }
        let balance = max(0, balance(order.owner, currency(of: order)) - own)
        if order.side == .sell { return min(order.remaining, balance) }
        var money = Int128(balance)
        if order.prefersFiatFee { money = money * 10_000 / (10_000 + Int128(rate(order.owner))) }
        guard price > 0 else { return money > 0 ? 1 : 0 }
        return Int64(min(Int128(order.remaining), money * Self.scale / Int128(price)))
    }

    mutating func pay(_ trade: EngineTrade, _ buyer: Standing, _ seller: Standing) {
        // Among themselves the market's own move nothing.
        guard hasAccount(buyer.owner) || hasAccount(seller.owner) else { return }
        let quote = 1 + buyer.book
        if hasAccount(buyer.owner) {
            let rate = rate(buyer.owner)
            move(trade.amount, .in, buyer.owner, 0, (trade, buyer.number), 0)
            if !buyer.prefersFiatFee {
                takeFee(Self.fee(trade.amount, rate), buyer.owner, 0, (trade, buyer.number), rate)
            }
            move(-trade.cost, .spent, buyer.owner, quote, (trade, buyer.number), 0)
            if buyer.prefersFiatFee {
                takeFee(Self.fee(trade.cost, rate), buyer.owner, quote, (trade, buyer.number), rate)
            }
            count(trade.amount, buyer.owner)
        } else {
            market[0] += trade.amount
            market[quote] -= trade.cost
        }
        if hasAccount(seller.owner) {
            let rate = rate(seller.owner)
            move(-trade.amount, .out, seller.owner, 0, (trade, seller.number), 0)
            move(trade.cost, .earned, seller.owner, quote, (trade, seller.number), 0)
            takeFee(Self.fee(trade.cost, rate), seller.owner, quote, (trade, seller.number), rate)
            count(trade.amount, seller.owner)
        } else {
            market[0] -= trade.amount
            market[quote] += trade.cost
        }
        guard buyer.owner != seller.owner else { return }
        note(buyer.owner, 0)
        note(seller.owner, quote)
    }

    private mutating func count(_ amount: Int64, _ owner: OwnerNumber) {
        let before = rate(owner)
        if let last = fills[owner]?.indices.last, fills[owner]?[last].day == today {
            fills[owner]?[last].amount += amount
        } else {
            fills[owner, default: []].append((today, amount))
        }
        guard rate(owner) != before else { return }
        for currency in 1...instruments.count { note(owner, currency) }
    }

    private mutating func takeFee(
        _ fee: Int64, _ owner: OwnerNumber, _ currency: Int, _ why: (EngineTrade, Int64),
        _ rate: Int32
    ) {
        guard fee > 0 else { return }
        house[currency] += fee
        move(-fee, .fee, owner, currency, why, rate)
    }

    private mutating func move(
        _ amount: Int64, _ kind: WalletEntryKind, _ owner: OwnerNumber, _ currency: Int,
        _ why: (trade: EngineTrade, order: Int64)?, _ rate: Int32
    ) {
        balances[owner]?[currency] += amount
        let codes = [instruments[0].base] + instruments.map(\.quote)
        events.append(
            .wallet(
                WalletEntry(
                    owner: owner, currency: codes[currency], kind: kind,
                    amount: abs(amount), balance: balance(owner, currency),
                    book: why?.trade.book ?? .first, trade: why?.trade.stamp ?? 0,
                    price: why?.trade.price ?? 0, traded: why?.trade.amount ?? 0,
                    order: OrderNumber(why?.order ?? 0), feeRate: rate, stamp: lastStamp)))
    }

    // MARK: What that does to orders

    mutating func beginDay(_ now: Int64) {
        guard now / 86_400_000_000 > today else { return }
        today = now / 86_400_000_000
        for owner in owners {
            for currency in 1...instruments.count { shrink(owner, currency, now) }
        }
    }

    private func spending(_ owner: OwnerNumber, _ currency: Int) -> [Standing] {
        guard hasAccount(owner) else { return [] }
        return orders.filter { $0.owner == owner && self.currency(of: $0) == currency }
    }

    mutating func shrink(_ owner: OwnerNumber, _ currency: Int, _ now: Int64) {
        for order in spending(owner, currency) where effective(order) < order.effective {
            resize(order, now)
        }
    }

    private mutating func resize(_ order: Standing, _ now: Int64) {
        guard let place = find(order.number) else { return }
        orders[place].effective = effective(order)
        if orders[place].effective == 0 { orders[place].turn = nil }
        depth(order, orders[place].effective - order.effective, now)
        let state: EngineOrderState = order.price == nil ? .executing : .open
        tell(orders[place], orders[place].effective == 0 ? .invalid : state)
    }

    private mutating func note(_ owner: OwnerNumber, _ currency: Int) {
        guard spending(owner, currency).contains(where: { $0.effective < $0.remaining }),
            !grown.contains(where: { $0.owner == owner && $0.currency == currency })
        else { return }
        grown.append((owner, currency))
    }

    mutating func revive(_ now: Int64) {
        var left = rules.revivalsAtOnce
        while let wallet = grown.first {
            grown.removeFirst()
            for number in spending(wallet.owner, wallet.currency).map(\.number) {
                guard let place = find(number) else { continue }
                let order = orders[place]
                guard effective(order) > order.effective else { continue }
                if order.effective > 0 {
                    resize(order, now)
                    continue
                }
                if order.price == nil, let best = best(of: order.side.opposite, order.book),
                    payable(order, best.price ?? 0) == 0
                {
                    continue
                }
                if left == 0 {
                    if !grown.contains(where: {
                        $0.owner == wallet.owner && $0.currency == wallet.currency
                    }) {
                        grown.insert(wallet, at: 0)
                    }
                    return
                }
                left -= 1
                var taker = order
                let stands = match(&taker, now)
                self.place(taker, stands, now)
                serveWaiting(order.side.opposite, order.book, now)
            }
        }
    }
}
