public import OutcryMarket

// Whose money goes where: what a trade moves, and accounts, deposits and withdrawals.

extension MatchingEngine {
    /// Whether the owners without an account may pay for a trade with one that has an account.
    ///
    /// - Parameter side: What the one without does.
    @inline(__always)
    func marketPays(
        _ side: OrderSide, _ amount: Int64, _ cost: Int64, _ book: EngineBook
    ) -> Bool {
        side == .buy
            ? cost <= Ledger.most + ledger.market[book.quote]
            : amount <= Ledger.most + ledger.market[0]
    }

    /// Moves the money of a trade, and tells: the buyer's entries, then the seller's.
    @inline(__always)
    func pay(
        _ trade: EngineTrade, _ taker: OpenOrder, _ maker: OpenOrder, _ book: EngineBook,
        into events: inout [EngineEvent]
    ) {
        if taker.side == .buy {
            payBuyer(trade, taker, book, into: &events)
            paySeller(trade, maker, book, into: &events)
        } else {
            payBuyer(trade, maker, book, into: &events)
            paySeller(trade, taker, book, into: &events)
        }
        // Who trades with himself gets nothing.
        if taker.account != maker.account {
            let (buyer, seller) = taker.side == .buy ? (taker, maker) : (maker, taker)
            if buyer.account != .none { list(ledger.wallet(buyer.account, 0)) }
            if seller.account != .none { list(ledger.wallet(seller.account, book.quote)) }
        }
    }

    private func payBuyer(
        _ trade: EngineTrade, _ order: OpenOrder, _ book: EngineBook,
        into events: inout [EngineEvent]
    ) {
        guard order.account != .none else {
            ledger.market[0] += trade.amount
            ledger.market[book.quote] -= trade.cost
            return
        }
        let base = ledger.wallet(order.account, 0)
        let rate = ledger.accounts[Int(order.account)].rate
        move(trade.amount, .in, base, 0, trade, order, into: &events)
        if order.prefersFiatFee {
            move(-trade.cost, .spent, order.wallet, book.quote, trade, order, into: &events)
            takeFee(trade.cost, rate, order.wallet, book.quote, trade, order, into: &events)
        } else {
            takeFee(trade.amount, rate, base, 0, trade, order, into: &events)
            move(-trade.cost, .spent, order.wallet, book.quote, trade, order, into: &events)
        }
        if ledger.count(trade.amount, order.account) { listAll(order.account) }
    }

    private func paySeller(
        _ trade: EngineTrade, _ order: OpenOrder, _ book: EngineBook,
        into events: inout [EngineEvent]
    ) {
        guard order.account != .none else {
            ledger.market[0] -= trade.amount
            ledger.market[book.quote] += trade.cost
            return
        }
        let quote = ledger.wallet(order.account, book.quote)
        let rate = ledger.accounts[Int(order.account)].rate
        move(-trade.amount, .out, order.wallet, 0, trade, order, into: &events)
        move(trade.cost, .earned, quote, book.quote, trade, order, into: &events)
        takeFee(trade.cost, rate, quote, book.quote, trade, order, into: &events)
        if ledger.count(trade.amount, order.account) { listAll(order.account) }
    }

    @inline(__always)
    private func takeFee(
        _ of: Int64, _ rate: Int32, _ wallet: Slot, _ currency: Int, _ trade: EngineTrade,
        _ order: OpenOrder, into events: inout [EngineEvent]
    ) {
        guard rate > 0 else { return }
        let fee = MoneyMath.fee(of, rate)
        guard fee > 0 else { return }
        ledger.house[currency] += fee
        move(-fee, .fee, wallet, currency, trade, order, rate, into: &events)
    }

    @inline(__always)
    private func move(
        _ amount: Int64, _ kind: WalletEntryKind, _ wallet: Slot, _ currency: Int,
        _ trade: EngineTrade, _ order: OpenOrder, _ rate: Int32 = 0,
        into events: inout [EngineEvent]
    ) {
        let balance = ledger.wallets[Int(wallet)].balance + amount
        ledger.wallets[Int(wallet)].balance = balance
        events.append(
            .wallet(
                WalletEntry(
                    owner: order.owner, currency: ledger.currencies[currency], kind: kind,
                    amount: abs(amount), balance: balance, book: trade.book,
                    trade: trade.stamp, price: trade.price, traded: trade.amount,
                    order: order.number, feeRate: rate, stamp: trade.stamp)))
    }

    /// A lower fee lets orders grow that pay it on top.
    @inline(never)
    private func listAll(_ account: Slot) {
        for currency in 1..<ledger.currencies.count { list(ledger.wallet(account, currency)) }
    }

    /// Begins the day of `now`: what was traded 30 days ago no longer counts.
    @inline(__always)
    func begin(_ now: Int64, into events: inout [EngineEvent]) {
        if now >= ledger.tomorrow { beginDay(now, into: &events) }
    }

    @inline(never)
    private func beginDay(_ now: Int64, into events: inout [EngineEvent]) {
        guard ledger.begin(now) else { return }
        for account in 0..<ledger.accounts.count where ledger.recount(account) {
            // A higher fee makes orders smaller that pay it on top.
            for currency in 1..<ledger.currencies.count {
                shrink(ledger.wallet(Slot(account), currency), at: now, into: &events)
            }
        }
    }

    // MARK: Accounts

    /// Gives an owner an account with empty wallets.
    ///
    /// - Precondition: its number is below 2^24; what it ordered before stays as it is.
    /// - Throws: ``EngineError/accountExists(_:)``.
    public func openAccount(_ owner: OwnerNumber) throws(EngineError) {
        guard !ledger.hasAccount(owner) else { throw .accountExists(owner) }
        ledger.open(owner)
    }

    /// Brings money from outside into a wallet; orders that it is enough for come back.
    ///
    /// - Parameter amount: In units of the currency.
    /// - Throws: ``EngineError``; nothing happens.
    public func deposit(
        _ amount: Int64, _ currency: Currency, to owner: OwnerNumber, at now: Int64,
        into events: inout [EngineEvent]
    ) throws(EngineError) {
        let (wallet, place) = try wallet(of: owner, currency, amount)
        let most = Ledger.most - ledger.deposited[place]
        guard amount <= most else { throw .depositTooLarge(amount, most: most) }
        begin(now, into: &events)
        ledger.deposited[place] += amount
        move(amount, .deposit, wallet, currency, owner, at: now, into: &events)
        list(wallet)
        revive(at: now, into: &events)
    }

    /// Takes money out of a wallet; orders that it is missing for leave the book.
    ///
    /// - Parameter amount: In units of the currency.
    /// - Throws: ``EngineError``, also when the wallet holds less; nothing happens.
    public func withdraw(
        _ amount: Int64, _ currency: Currency, from owner: OwnerNumber, at now: Int64,
        into events: inout [EngineEvent]
    ) throws(EngineError) {
        let (wallet, place) = try wallet(of: owner, currency, amount)
        let balance = ledger.wallets[Int(wallet)].balance
        guard amount <= balance else { throw .balanceTooLow(balance, amount: amount) }
        begin(now, into: &events)
        ledger.deposited[place] -= amount
        move(-amount, .withdraw, wallet, currency, owner, at: now, into: &events)
        shrinkIfPoor(wallet, at: now, into: &events)
        if !isSettled { revive(at: now, into: &events) }
    }

    private func wallet(
        of owner: OwnerNumber, _ currency: Currency, _ amount: Int64
    ) throws(EngineError) -> (wallet: Slot, place: Int) {
        guard amount > 0 else { throw .amountNotPositive(amount) }
        let account = ledger.place(of: owner)
        guard account != .none else { throw .noAccount(owner) }
        guard let place = ledger.index(currency) else {
            throw .unknownCurrency(currency)
        }
        return (ledger.wallet(account, place), place)
    }

    private func move(
        _ amount: Int64, _ kind: WalletEntryKind, _ wallet: Slot, _ currency: Currency,
        _ owner: OwnerNumber, at now: Int64, into events: inout [EngineEvent]
    ) {
        let balance = ledger.wallets[Int(wallet)].balance + amount
        ledger.wallets[Int(wallet)].balance = balance
        events.append(
            .wallet(
                WalletEntry(
                    owner: owner, currency: currency, kind: kind,
                    amount: abs(amount), balance: balance, book: .first,
                    trade: 0, price: 0, traded: 0, order: OrderNumber(0), feeRate: 0,
                    stamp: tick(now))))
    }
}
