import OutcryMarket
import OutcryServing
import OutcryVenues

// What the venue's replies and messages are written from.

extension ExchangeState {
    /// The name of an order.
    func guid(_ ticket: Int64) -> MtGoxGUID { cipher.guid(.order, ticket) }

    /// The order with a name, if it is the owner's.
    func order(_ guid: MtGoxGUID, of owner: OwnerNumber) -> ClientOrder? {
        guard let ticket = cipher.number(.order, guid), let order = order(ticket),
            order.wish.owner == owner
        else { return nil }
        return order
    }

    /// The market of a book.
    func instrument(_ book: BookNumber) -> Instrument { engine.instruments[Int(book.value)] }

    /// An order that is told as it stands.
    func view(_ order: ClientOrder) -> OrderView {
        OrderView(
            oid: guid(order.ticket), instrument: instrument(order.wish.book),
            side: order.wish.side, remaining: order.remaining, effective: order.effective,
            price: order.wish.price, status: order.status.told, priority: order.created)
    }

    /// The open orders of an account, oldest first.
    func openOrders(_ owner: OwnerNumber) -> [OrderView] {
        (account(owner)?.open ?? []).compactMap { order($0).map(view) }
    }

    /// What an order has traded.
    func result(_ order: ClientOrder) -> OrderResultView {
        OrderResultView(
            oid: guid(order.ticket), instrument: instrument(order.wish.book),
            trades: order.trades.map {
                ResultTradeView(
                    tid: $0.id, side: $0.aggressor, isMarketOrder: $0.isMarketOrder,
                    amount: $0.amount, price: $0.price, spent: $0.cost)
            })
    }

    /// A trade as the public hears of it.
    func view(_ trade: EngineTrade) -> TradeView { TradeView(trade, instrument(trade.book)) }

    /// An account, as a key with these rights may see it.
    func view(_ account: AccountRecord, _ rights: AccessRights) -> AccountView {
        let ledger = engine.ledger
        let wallets = ledger.currencies.map { currency in
            let balance = ledger.balance(account.owner, currency) ?? 0
            return WalletView(
                currency: currency, balance: balance,
                operations: Int64(account.count(of: currency)), mostToWithdraw: balance,
                openOrders: wanted(account, currency))
        }
        let number = account.owner.value
        let code = String(100_000 + number)
        return AccountView(
            login: account.name, index: 100_000 + number, id: cipher.guid(.account, number),
            link: "M\(code)X", rights: rights, created: account.created / 1_000_000,
            lastLogin: account.lastLogin / 1_000_000, wallets: wallets,
            monthlyVolume: ledger.volume(account.owner),
            tradeFee: Int64(ledger.feeRate(account.owner)))
    }

    /// What the open orders of an account would take of a currency; the largest number for more.
    private func wanted(_ account: AccountRecord, _ currency: Currency) -> Int64 {
        var sum: Int64 = 0
        for ticket in account.open {
            guard let order = order(ticket) else { continue }
            let market = instrument(order.wish.book)
            var part: Int64 = 0
            if order.wish.side == .sell, market.base == currency {
                part = order.remaining
            } else if order.wish.side == .buy, market.quote == currency,
                let price = order.wish.price
            {
                part = MoneyMath.cost(price, order.remaining, engine.scale)
            }
            let (next, over) = sum.addingReportingOverflow(part)
            sum = over ? .max : next
        }
        return sum
    }

    /// A page of a wallet's history, newest first.
    func history(_ owner: OwnerNumber, _ demand: HistoryDemand) -> HistoryView {
        let record = account(owner)
        let lines = record?.entries ?? []
        let places = record?.places(of: demand.currency) ?? []
        let chosen = demand.trade.map { trade in places.filter { lines[$0].entry.trade == trade } }
        let all = chosen ?? places
        let size = 50
        let (first, over) = (demand.page - 1).multipliedReportingOverflow(by: size)
        let page = over ? [] : all.reversed().dropFirst(first).prefix(size).map { view(lines[$0]) }
        return HistoryView(
            records: Int64(all.count), entries: page, page: Int64(demand.page),
            pageSize: Int64(size))
    }

    /// One line of a wallet's history.
    func view(_ line: AccountEntry) -> WalletEntryView {
        let entry = line.entry
        var view = WalletEntryView(
            index: Int64(line.index), date: entry.stamp / 1_000_000, kind: entry.kind.name,
            currency: entry.currency, value: entry.amount, balance: entry.balance,
            info: info(line))
        guard entry.trade != 0 else {
            if entry.currency == engine.instrument.base {
                view.link = EntryLink(
                    guid: cipher.guid(.transfer, line.transfer),
                    kind: entry.kind.adds ? "Money_Bitcoin_Block_Tx_Out" : "Money_Bitcoin_Block_Tx",
                    id: transaction(line.transfer))
            }
            return view
        }
        let market = instrument(entry.book)
        view.link = EntryLink(
            guid: cipher.guid(.transfer, -entry.trade), kind: "Money_Trade", id: "\(entry.trade)")
        if line.ticket != 0 {
            view.trade = EntryTrade(
                oid: guid(line.ticket), tid: entry.trade, amount: entry.traded, base: market.base,
                isMarketOrder: order(line.ticket)?.isMarket ?? false)
        }
        return view
    }

    /// Why a wallet changed.
    func info(_ line: AccountEntry) -> EntryInfo {
        let entry = line.entry
        guard entry.trade != 0 else { return .text(line.info) }
        let side: OrderSide
        switch entry.kind {
        case .in, .spent: side = .buy
        case .out, .earned: side = .sell
        default: side = order(line.ticket)?.wish.side ?? .buy
        }
        return .trade(
            side: side, instrument(entry.book), tid: entry.trade, amount: entry.traded,
            price: entry.price, fee: entry.kind == .fee ? Int64(entry.feeRate) : nil)
    }
}

extension WalletEntryKind {
    /// The venue's word.
    var name: String {
        switch self {
        case .in: "in"
        case .out: "out"
        case .earned: "earned"
        case .spent: "spent"
        case .fee: "fee"
        case .deposit: "deposit"
        case .withdraw: "withdraw"
        }
    }
}
