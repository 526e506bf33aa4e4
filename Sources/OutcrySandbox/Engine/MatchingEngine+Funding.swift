import OutcryMarket
import OutcryServing

// What an order's wallet pays for: how effective parts shrink, grow and come back.

extension MatchingEngine {
    /// How much of an order its owner's whole balance pays for, at its limit; all of a market order
    /// to buy where there is any money.
    @inline(__always)
    func effective(_ order: OpenOrder) -> Int64 {
        guard order.account != .none else { return order.remaining }
        let balance = ledger.wallets[Int(order.wallet)].balance
        if order.side == .sell { return min(order.remaining, balance) }
        let money = spendable(order, balance)
        if order.isMarket { return money > 0 ? order.remaining : 0 }
        return MoneyMath.affordable(order.remaining, at: order.price, with: money, scale)
    }

    /// How much of `amount` the owner of an order pays for at a price of the other side, with its
    /// balance less `own`.
    @inline(__always)
    func payable(_ order: OpenOrder, _ amount: Int64, at price: Int64, _ own: Int64) -> Int64 {
        let balance = max(0, ledger.wallets[Int(order.wallet)].balance - own)
        if order.side == .sell { return min(amount, balance) }
        return MoneyMath.affordable(amount, at: price, with: spendable(order, balance), scale)
    }

    @inline(__always)
    private func spendable(_ order: OpenOrder, _ balance: Int64) -> Int64 {
        guard order.prefersFiatFee else { return balance }
        return MoneyMath.withoutFee(balance, ledger.accounts[Int(order.account)].rate)
    }

    /// With at least so much in its wallet, all of an order is effective.
    @inline(__always)
    private func need(_ order: OpenOrder, _ remaining: Int64) -> Int64 {
        if order.side == .sell { return remaining }
        let cost = order.isMarket ? 1 : MoneyMath.need(remaining, at: order.price, scale)
        guard order.prefersFiatFee else { return cost }
        return MoneyMath.withFee(cost, ledger.accounts[Int(order.account)].rate)
    }

    /// Notes what remains of an order and what of it is effective.
    @inline(__always)
    func fund(_ slot: Slot, remaining: Int64, effective: Int64) {
        let order = orders[slot]
        orders[slot].remaining = remaining
        orders[slot].effective = effective
        guard order.account != .none else { return }
        let wallet = Int(order.wallet)
        let isShort = effective < remaining
        if isShort != order.isShort { ledger.wallets[wallet].short += isShort ? 1 : -1 }
        // What has not become larger needs no more than it did.
        guard effective > order.effective else { return }
        ledger.wallets[wallet].need = max(ledger.wallets[wallet].need, need(order, remaining))
    }

    // MARK: Money went

    @inline(__always)
    func shrinkIfPoor(_ wallet: Slot, at now: Int64, into events: inout [EngineEvent]) {
        let it = ledger.wallets[Int(wallet)]
        if it.balance < it.need { shrink(wallet, at: now, into: &events) }
    }

    /// Makes the orders that spend a wallet as small as what it holds; by number.
    @inline(never)
    func shrink(_ wallet: Slot, at now: Int64, into events: inout [EngineEvent]) {
        var need: Int64 = 0
        var slot = ledger.wallets[Int(wallet)].first
        while slot != .none {
            let order = orders[slot]
            if !order.isInvalid {
                let less = effective(order)
                if less < order.effective { lessen(slot, to: less, at: now, into: &events) }
                if less > 0 { need = max(need, self.need(order, order.remaining)) }
            }
            slot = order.walletNext
        }
        ledger.wallets[Int(wallet)].need = need
    }

    private func lessen(
        _ slot: Slot, to effective: Int64, at now: Int64, into events: inout [EngineEvent]
    ) {
        let before = orders[slot]
        let book = books[Int(before.book.value)]
        fund(slot, remaining: before.remaining, effective: effective)
        if before.level != .none {
            let side = before.side.rests
            let ladder = book.ladder(side)
            if effective == 0 {
                orders.remove(slot, from: &ladder[before.level].queue)
                orders[slot].level = .none
            }
            change(
                before.book, ladder, side, before.level, by: effective - before.effective,
                at: now, into: &events)
        } else if effective == 0 {
            removeWaiting(slot, book, before.side)
        }
        let state: EngineOrderState =
            effective == 0 ? .invalid : before.isMarket ? .executing : .open
        report(orders[slot], state, nil, into: &events)
    }

    // MARK: Money came

    /// Notes that money came into a wallet, where that may matter to an order.
    @inline(__always)
    func list(_ wallet: Slot) {
        let it = ledger.wallets[Int(wallet)]
        guard it.short > 0, !it.isListed else { return }
        ledger.wallets[Int(wallet)].isListed = true
        grown.append(wallet)
    }

    /// Makes the orders larger that money came for, and lets those come back that had none.
    ///
    /// What they pay may let others come back, and so on: a list of wallets, worked off in its order,
    /// until it is empty or ``EngineRules/revivalsAtOnce`` orders have come back.
    @inline(never)
    func revive(at now: Int64, into events: inout [EngineEvent]) {
        var left = rules.revivalsAtOnce
        while grownHead < grown.count {
            let wallet = grown[grownHead]
            ledger.wallets[Int(wallet)].isListed = false
            reviving = ledger.wallets[Int(wallet)].first
            while reviving != .none, ledger.wallets[Int(wallet)].short > 0 {
                let slot = reviving
                let order = orders[slot]
                reviving = order.walletNext
                guard order.isShort, effective(order) > order.effective else { continue }
                guard order.isInvalid else {
                    enlarge(slot, to: effective(order), at: now, into: &events)
                    continue
                }
                let book = books[Int(order.book.value)]
                if order.isMarket, let best = best(order.side.takes, in: order.book),
                    payable(order, order.remaining, at: best, 0) == 0
                {
                    continue
                }
                guard left > 0 else {
                    reviving = .none
                    // Its turn is not over; if it has another one, that will do.
                    if ledger.wallets[Int(wallet)].isListed { grownHead += 1 }
                    ledger.wallets[Int(wallet)].isListed = true
                    return compactGrown()
                }
                left -= 1
                comeBack(slot, order, book, at: now, into: &events)
            }
            reviving = .none
            grownHead += 1
        }
        grown.removeAll(keepingCapacity: true)
        grownHead = 0
    }

    /// Forgets the part of the list that was worked off, where it is most of it.
    private func compactGrown() {
        guard grownHead > 256, grownHead * 2 > grown.count else { return }
        grown.removeFirst(grownHead)
        grownHead = 0
    }

    private func comeBack(
        _ slot: Slot, _ order: OpenOrder, _ book: EngineBook, at now: Int64,
        into events: inout [EngineEvent]
    ) {
        var taker = order
        let stands = take(&taker, book, at: now, into: &events)
        finish(taker, slot, book, stands: stands, at: now, into: &events)
        serveWaiting(order.side.opposite, book, at: now, into: &events)
    }

    private func enlarge(
        _ slot: Slot, to effective: Int64, at now: Int64, into events: inout [EngineEvent]
    ) {
        let before = orders[slot]
        fund(slot, remaining: before.remaining, effective: effective)
        if before.level != .none {
            let side = before.side.rests
            change(
                before.book, books[Int(before.book.value)].ladder(side), side, before.level,
                by: effective - before.effective, at: now, into: &events)
        }
        report(orders[slot], before.isMarket ? .executing : .open, nil, into: &events)
    }
}
