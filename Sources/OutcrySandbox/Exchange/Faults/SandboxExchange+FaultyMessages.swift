import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryVenues

// What the market says, wrongly. The engine's book is right all the time, and so is every snapshot.

extension SandboxExchange {
    /// Tells one thing that the exchange did, with the faults that are set.
    func tellWrongly(_ effect: ExchangeEffect, _ my: Context) {
        switch effect {
        case .trade(let trade):
            tell(effect, my)
            let book = Int(trade.book.value)
            if hits(.doubleTrade) { broadcast(bookTexts[book].bytes, on: .trades, my) }
            loseListener(of: .trades)
        case .depth(let change):
            tellWrongly(change, my)
            loseListener(of: depthChannels[Int(change.book.value)])
        case .wallet(let entry):
            tell(effect, my)
            loseListener(of: entry.entry.owner)
        case .order(let order):
            tell(effect, my)
            loseListener(of: order.wish.owner)
        case .entry: tell(effect, my)
        }
    }

    private func tellWrongly(_ change: EngineDepth, _ my: Context) {
        let book = Int(change.book.value)
        takeBack(book, my)
        if hits(.dropDepth) {
            counters.depths += 1
            counters.dropped += 1
            return
        }
        var told = change
        if hits(.zeroDelta) { told = told.with(total: change.total, delta: 0) }
        guard let late = faults.late[book] else {
            if hits(.reorderDepth) {
                faults.late[book] = told
            } else {
                tellDepth(told, my)
            }
            return
        }
        tellDepth(told, my)
        faults.late[book] = nil
        tellDepth(late, my)
    }

    private func tellDepth(_ change: EngineDepth, _ my: Context) {
        tell(.depth(change), my)
        if hits(.doubleDepth) { tell(.depth(change), my) }
        if hits(.crossBook) { cross(change, my) }
        if hits(.crossBriefly), let price = cross(change, my) {
            faults.untrue[Int(change.book.value)].append(price)
        }
    }

    /// Tells of a bid at the best ask; of nothing where there is no ask.
    ///
    /// - Returns: Its price.
    @discardableResult private func cross(_ change: EngineDepth, _ my: Context) -> Int64? {
        guard let price = engine.best(.ask, in: change.book) else { return nil }
        let coin: Int64 = 100_000_000
        tell(
            .depth(
                EngineDepth(
                    book: change.book, side: .bid, price: price, total: coin, delta: coin,
                    stamp: change.stamp)), my)
        return price
    }

    /// Tells what stands where bids were told of that are not there.
    func takeBack(_ book: Int, _ my: Context) {
        guard !faults.untrue[book].isEmpty else { return }
        let prices = faults.untrue[book]
        faults.untrue[book].removeAll()
        let number = BookNumber(UInt8(book))
        for price in prices {
            let total = engine.total(.bid, at: price, in: number)
            tell(
                .depth(
                    EngineDepth(
                        book: number, side: .bid, price: price, total: total,
                        delta: total - 100_000_000, stamp: engine.lastStamp)), my)
        }
    }

    /// Tells what waited for a message that does not come any more.
    func tellLateDepth(_ my: Context) {
        for book in faults.late.indices {
            guard let late = faults.late[book] else { continue }
            faults.late[book] = nil
            tell(.depth(late), my)
        }
    }

    // MARK: Lost subscriptions

    /// One of those who listen to a channel does not any more, and is not told.
    func loseListener(of channel: PublicChannel) {
        guard faults.settings[.loseSubscription] > 0 else { return }
        sweepSubscribers()
        let listeners = subscribers[channel.index]
        guard !listeners.isEmpty, hits(.loseSubscription) else { return }
        unsubscribe(listeners[faults.pick(listeners.count)], from: channel)
    }

    private func loseListener(of owner: OwnerNumber) {
        guard faults.settings[.loseSubscription] > 0 else { return }
        guard let listeners = accountClients[owner], !listeners.isEmpty, hits(.loseSubscription)
        else { return }
        let client = listeners[faults.pick(listeners.count)]
        _ = leave(state.identities.channel(of: owner), client)
    }

    // MARK: Accounts

    /// Whether an idkey of an end is too old though it is good.
    ///
    /// - Parameters:
    ///   - end: Seconds since 1970.
    ///   - now: Microseconds since 1970.
    func isTooOld(_ end: Int64, at now: Int64) -> Bool {
        let limit = faults.settings[.idkeyAge]
        guard limit > 0, (end - IdentityKeys.lifetime) * 1_000_000 + limit <= now else {
            return false
        }
        counters.faults[.idkeyAge] += 1
        return true
    }

    /// Begins to answer a call: what it does to orders is told behind the answer (sections 10.2 and 10.4 of
    /// the protocol reference), or before it where that is drawn.
    ///
    /// - Returns: Whether it is told by ``tellHeldBack(_:)``.
    func holdsBack(_ call: ServedCall) -> Bool {
        switch call {
        case .addOrder where faults.inMessages && hits(.orderFirst): return false
        case .addOrder, .cancelOrder: faults.tellsLate = true
        default: return false
        }
        return true
    }

    func tellHeldBack(_ my: Context) {
        faults.tellsLate = false
        tell(my)
    }
}

extension EngineDepth {
    fileprivate func with(total: Int64, delta: Int64) -> EngineDepth {
        EngineDepth(
            book: book, side: side, price: price, total: total, delta: delta, stamp: stamp)
    }
}
