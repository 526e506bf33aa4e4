public import OutcryKernel
public import OutcryMarket

// How orders meet the market.

extension PaperMachine {
    // MARK: What the feed says

    /// The feed's book is whole: at the beginning, and after each gap.
    public mutating func load(_ book: Book, at now: KernelTime) {
        guard let market = place(of: book.instrument) else { return }
        marketMoves(at: now)
        markets[market].load(book)
        let waiting = markets[market].waiting
        markets[market].waiting = []
        meetBook(market, .bid, at: now)
        meetBook(market, .ask, at: now)
        for order in waiting { enter(order, market, at: now) }
        markThePrice(at: now)
    }

    /// The feed's book is not to be relied upon: orders that come now wait, those that rest stay where they are.
    public mutating func lose(_ instrument: Instrument, at now: KernelTime) {
        guard let market = place(of: instrument) else { return }
        advance(to: now)
        markets[market].isKnown = false
    }

    /// Whether the book of a market is known.
    public func knows(_ instrument: Instrument) -> Bool {
        place(of: instrument).map { markets[$0].isKnown } ?? false
    }

    /// A level has a new total.
    public mutating func apply(_ change: DepthChange, at now: KernelTime) {
        guard let market = place(of: change.instrument), markets[market].isKnown else { return }
        marketMoves(at: now)
        markets[market].apply(change, at: now)
        // Those of the other side may trade with what stands here now.
        if change.quantityUnits > 0 { meetBook(market, change.side, at: now) }
        markThePrice(at: now)
    }

    /// Somebody traded.
    public mutating func apply(_ trade: Trade, at now: KernelTime) {
        guard let market = place(of: trade.instrument), trade.isPrimary, trade.quantityUnits > 0
        else { return }
        marketMoves(at: now)
        statistics.add(trade.quantityUnits, traded: trade.instrument)
        var left = trade.quantityUnits
        if trade.aggressor != .buy { meet(trade, .bid, market, &left, at: now) }
        if trade.aggressor != .sell { meet(trade, .ask, market, &left, at: now) }
    }

    private func place(of instrument: Instrument) -> Int? {
        markets.firstIndex { $0.instrument == instrument }
    }

    // MARK: An order comes

    /// Takes what the book has for an order; what is left rests, or goes where it has no limit.
    mutating func enter(_ order: PaperOrder, _ market: Int, at now: KernelTime) {
        var order = order
        let side = order.side.takes
        var rank = 0
        while order.remaining > 0, rank < markets[market].book.count(of: side) {
            let level = markets[market].book.level(side, rank: rank)
            if let limit = order.price, !reaches(level.price.units, limit, order.side) { break }
            rank += 1
            let there = markets[market].available(
                side, level.price.units, of: level.quantity.units)
            guard there > 0 else { continue }
            let taken = fill(
                &order, market, at: level.price.units, upTo: there, isResting: false, now)
            guard taken > 0 else { break }  // there is no money for it
            markets[market].take(taken, side, level.price.units)
        }
        guard order.remaining > 0 else { return }
        guard let price = order.price else {
            statistics.unfilled += 1
            return tell(.order(.removed(order.venueID, .cancelled)), at: now)
        }
        markets[market].rest(order, at: price)
        tell(.order(.changed(venueOrder(order, market, .open))), at: now)
    }

    /// Whether an order with a limit takes what stands at a price.
    private func reaches(_ price: Int64, _ limit: Int64, _ side: OrderSide) -> Bool {
        side == .buy ? price <= limit : price >= limit
    }

    // MARK: The market comes to the orders

    /// Fills the orders that rest on the other side of what stands on `side`, at their own prices.
    private mutating func meetBook(_ market: Int, _ side: Side, at now: KernelTime) {
        let own = side.opposite
        guard !markets[market][own].isEmpty else { return }
        var rank = 0
        while rank < markets[market].book.count(of: side) {
            let level = markets[market].book.level(side, rank: rank)
            rank += 1
            var there = markets[market].available(
                side, level.price.units, of: level.quantity.units)
            var place = 0
            while there > 0, place < markets[market][own].count {
                let order = markets[market][own][place]
                guard let limit = order.price, reaches(level.price.units, limit, order.side)
                else { break }
                let filled = fillResting(market, own, place, upTo: there, now)
                there -= filled
                markets[market].take(filled, side, level.price.units)
                if filled < order.remaining { place += 1 }
            }
            // Worse levels reach no order that this one does not.
            guard let best = markets[market][own].first, let limit = best.price,
                reaches(level.price.units, limit, best.side)
            else { return }
        }
    }

    /// Fills the orders on a side that a trade would have come to.
    private mutating func meet(
        _ trade: Trade, _ side: Side, _ market: Int, _ left: inout Int64, at now: KernelTime
    ) {
        guard !markets[market][side].isEmpty else { return }
        markets[market].noteTrade(trade.quantityUnits, side, trade.priceUnits, at: now)
        var place = 0
        while left > 0, place < markets[market][side].count {
            let order = markets[market][side][place]
            // What trades at a price has gone past all better ones.
            guard let limit = order.price, reaches(trade.priceUnits, limit, order.side) else {
                return
            }
            if limit == trade.priceUnits {
                let eaten = min(left, order.ahead)
                markets[market].eat(eaten, side, from: place)
                left -= eaten
            }
            let filled = fillResting(market, side, place, upTo: left, now)
            left -= filled
            if filled < order.remaining { place += 1 }
        }
    }

    /// Fills a resting order at its own price.
    ///
    /// - Returns: How much.
    private mutating func fillResting(
        _ market: Int, _ side: Side, _ place: Int, upTo most: Int64, _ now: KernelTime
    ) -> Int64 {
        var order = markets[market][side][place]
        guard let price = order.price else { return 0 }
        let filled = fill(&order, market, at: price, upTo: most, isResting: true, now)
        if filled > 0 { markets[market].reduce(side, place, by: filled) }
        return filled
    }

    /// Trades so much of an order at most, as far as there is money for it.
    ///
    /// - Returns: How much.
    private mutating func fill(
        _ order: inout PaperOrder, _ market: Int, at price: Int64, upTo most: Int64,
        isResting: Bool, _ now: KernelTime
    ) -> Int64 {
        let instrument = markets[market].instrument
        let quantity = min(most, affordable(order, at: price, market))
        guard quantity > 0 else { return 0 }
        let coins = Money(units: quantity, currency: instrument.base)
        let cost = Price(units: price, of: instrument.quote).times(
            Quantity(units: quantity, of: instrument.base), in: instrument.quote,
            rounding: .nearestHalfUp)
        guard cost.isValid else { return 0 }
        let (paid, received) = order.side == .buy ? (cost, coins) : (coins, cost)
        let fee = received.scaled(by: feeRate, over: 10_000, rounding: .nearestHalfUp)
        guard ledger.exchange(paid, for: received, fee: fee.units) else { return 0 }
        order.remaining -= quantity
        noteFill(
            order, market, price: price, quantity: quantity, cost: cost.units, fee: fee,
            isResting: isResting, at: now)
        return quantity
    }

    // MARK: Money

    /// How much of an order there is money for at a price.
    private func affordable(_ order: PaperOrder, at price: Int64, _ market: Int) -> Int64 {
        let instrument = markets[market].instrument
        let pays = order.side == .buy ? instrument.quote : instrument.base
        // An order with a limit has its own money held.
        let held = rules.funds == .held && order.price == nil ? held(pays) : 0
        let there = max(0, Int128(ledger.units(of: pays)) - held)
        guard order.side == .buy else { return Int64(min(there, Int128(order.remaining))) }
        guard price > 0 else { return order.remaining }
        let most = there * scale(instrument) / Int128(price)
        return Int64(min(most, Int128(order.remaining)))
    }

    private func scale(_ instrument: Instrument) -> Int128 {
        var scale: Int128 = 1
        for _ in 0..<instrument.base.decimals { scale *= 10 }
        return scale
    }

    /// What open orders hold back of a currency.
    private func held(_ currency: Currency) -> Int128 {
        var sum: Int128 = 0
        for market in markets {
            for order in market[.bid] + market[.ask] + market.waiting {
                let need = need(order.side, order.remaining, at: order.price, market.instrument)
                if need.currency == currency { sum += need.units }
            }
        }
        return sum
    }

    /// What an order can cost at the most, rounded up; nothing for one without a limit.
    private func need(
        _ side: OrderSide, _ quantity: Int64, at price: Int64?, _ instrument: Instrument
    ) -> Need {
        guard side == .buy else { return Need(currency: instrument.base, units: Int128(quantity)) }
        guard let price else { return Need(currency: instrument.quote, units: 0) }
        let scale = scale(instrument)
        return Need(
            currency: instrument.quote,
            units: (Int128(price) * Int128(quantity) + scale - 1) / scale)
    }

    private struct Need {
        let currency: Currency
        let units: Int128
    }

    /// Whether there is money for an order beside all others.
    func canHold(_ side: OrderSide, _ quantity: Int64, at price: Int64?, in market: Int) -> Bool {
        let need = need(side, quantity, at: price, markets[market].instrument)
        return Int128(ledger.units(of: need.currency)) - held(need.currency) >= need.units
    }

    /// What the account has, and how much of it is free.
    public var wallet: Wallet {
        guard rules.funds == .held else { return ledger.wallet }
        var wallet = ledger.wallet
        for balance in wallet.balances {
            let units = max(0, Int128(balance.total.units) - held(balance.currency))
            wallet.set(
                Balance(
                    total: balance.total,
                    available: Money(units: Int64(units), currency: balance.currency)))
        }
        return wallet
    }

    /// An order as the venue tells it.
    func venueOrder(_ order: PaperOrder, _ market: Int, _ state: OrderState) -> VenueOrder {
        let instrument = markets[market].instrument
        let funded = order.price.map { affordable(order, at: $0, market) }
        return VenueOrder(
            venueID: order.venueID, instrument: instrument, side: order.side,
            price: order.price.map { Price(units: $0, of: instrument.quote) },
            remaining: Quantity(units: order.remaining, of: instrument.base),
            funded: funded.map { Quantity(units: $0, of: instrument.base) }, state: state,
            created: order.created)
    }

    // MARK: Worth

    /// Notes what the account is worth at the middle of the book.
    private mutating func markThePrice(at now: KernelTime) {
        statistics.note(wall(now))
        for market in markets {
            if let mid = market.doubleMid { statistics.note(doubleMid: mid, of: market.instrument) }
        }
        guard let worth = worth(of: ledger.wallet, atStart: false) else { return }
        statistics.note(worth: worth)
    }

    /// What a wallet is worth in the quote of the first market, at the first or the last middle of each market that
    /// has that quote, rounded down; nil where one was never known. Other currencies do not count.
    public func worth(of wallet: Wallet, atStart: Bool) -> Int64? {
        guard let quote = markets.first?.instrument.quote else { return nil }
        var sum = Int128(wallet[quote]?.total.units ?? 0)
        var counted: [Currency] = []
        for market in markets
        where market.instrument.quote == quote && !counted.contains(market.instrument.base) {
            counted.append(market.instrument.base)
            guard let mids = statistics.mids(of: market.instrument) else { return nil }
            let coins = Int128(wallet[market.instrument.base]?.total.units ?? 0)
            sum +=
                coins * Int128(atStart ? mids.first : mids.last) / 2 / scale(market.instrument)
        }
        return Int64(clamping: sum)
    }
}
