import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryVenues
import OutcryWire

// What calls are answered with, whichever way they came: the reply without what stands around it is
// written into `part`.

extension SandboxExchange {
    /// Does what a call asks, and writes its reply.
    ///
    /// - Parameter grant: Who asks; nil for public calls.
    func write(
        _ call: ServedCall, _ version: APIVersion, _ grant: AccessGrant?, _ my: Context
    ) throws(CallRefusal) {
        part.clear()
        if let grant, let account = state.account(grant.owner) {
            return try write(call, version, grant, account, my)
        }
        switch call {
        case .ticker(let market):
            let ticker = TickerView(summary(market, my), market)
            version == .v0 ? part.addOldTicker(ticker) : part.addTicker(ticker, isShort: true)
        case .fastTicker(let market):
            part.addFastTicker(TickerView(summary(market, my), market))
        case .depth(let market):
            let depth = DepthView(
                engine, state.book(of: market), near: summary(market, my).last)
            if version == .v0 {
                part.addOldDepth(depth, .january2013)
            } else {
                part.addDepth(depth)
            }
        case .fullDepth(let market): part.addDepth(DepthView(engine, state.book(of: market)))
        case .trades(let market, let since): writeTrades(market, since, version, my)
        case .cancelledTrades: part.addCancelledTrades()
        case .currency(let currency):
            guard part.addCurrency(currency) else { throw .unknownCurrency(currency.code) }
        case .lag:
            part.addLag(age: lag(my), length: Int64(state.queue.count))
        case .quote(let market, let side, let units):
            let depth = DepthView(engine, state.book(of: market))
            guard let cost = depth.quote(side, units: units) else { throw .notEnoughDepth }
            part.addQuote(cost)
        case .publicChannels: part.addPublicChannels()
        default: throw .methodNotFound
        }
    }

    private func writeTrades(
        _ market: Instrument, _ since: Int64?, _ version: APIVersion, _ my: Context
    ) {
        let history = state.histories[Int(state.book(of: market).value)]
        let trades = (since.map { history.since($0) } ?? history.lastDay(before: stamp(my))).map {
            TradeView($0, market)
        }
        version == .v0 ? part.addOldTrades(trades) : part.addListedTrades(trades)
    }

    // MARK: The account's

    private func write(
        _ call: ServedCall, _ version: APIVersion, _ grant: AccessGrant,
        _ account: AccountRecord, _ my: Context
    ) throws(CallRefusal) {
        let owner = grant.owner
        switch call {
        case .info: part.addAccount(state.view(account, grant.rights))
        case .identityKey:
            part.addText(state.identities.issue(owner, now: my.wallNow.microseconds))
        case .orders(let currency):
            let orders = state.openOrders(owner)
            if version == .v0 {
                part.addFunds(balances(owner, currency), orders: orders, .january2013)
            } else {
                part.addOrders(orders)
            }
        case .ownTrades:
            part.addListedTrades(
                account.trades.suffix(Self.mostListed).map { state.view($0.trade) })
        case .addOrder(let demand):
            let ticket = try add(demand, owner, my)
            if version == .v0 {
                part.addOldQueued(orders: state.openOrders(owner), .january2013)
            } else {
                part.addOrderName(state.guid(ticket))
            }
        case .cancelOrder(let guid, let currency):
            let queued = try cancel(guid, owner, my)
            if version == .v0 {
                part.addFunds(
                    balances(owner, currency), orders: state.openOrders(owner), .january2013)
            } else {
                part.addCancelled(guid, queued: queued)
            }
        case .orderResult(let side, let guid):
            guard let order = state.order(guid, of: owner), order.wish.side == side,
                !order.trades.isEmpty
            else { throw .orderNotFound }
            part.addOrderResult(state.result(order))
        case .walletHistory(let demand): part.addHistory(state.history(owner, demand))
        case .funds(let currency): part.addFunds(balances(owner, currency), .january2013)
        case .historyFile(let currency): writeHistory(account, currency)
        case .oneTimeKey:
            // Nothing asks for a password here: the key is made, shown and forgotten.
            let words = (0..<3).map { _ in my.entropy() }
            let bytes = words.flatMap { word in
                (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
            }
            part.addOneTimeKey(serial: 100_000 + owner.value, Array(bytes.prefix(20)))
        case .bitcoinAddress, .sendBitcoin, .withdraw, .redeemCode:
            try writeTransfer(call, version, owner, my)
        default: throw .methodNotFound
        }
    }

    private func balances(_ owner: OwnerNumber, _ currency: Currency?) -> OldBalances {
        let currency = currency ?? .usd
        return OldBalances(
            currency: currency, money: engine.ledger.balance(owner, currency) ?? 0,
            bitcoin: engine.ledger.balance(owner, .btc) ?? 0)
    }

    private func add(
        _ demand: OrderDemand, _ owner: OwnerNumber, _ my: Context
    ) throws(CallRefusal) -> Int64 {
        if let wait = orderRate.wait(owner.value, at: my.now) {
            throw .tooManyOrders(wait: wait)
        }
        if let most = configuration.openOrders, state.account(owner)?.open.count ?? 0 >= most {
            throw .tooManyOpenOrders(most)
        }
        let wish = OrderWish(
            owner: owner, book: state.book(of: demand.instrument), side: demand.side,
            amount: demand.amount, price: demand.price, prefersFiatFee: demand.prefersFiatFee)
        do throws(ExchangeRefusal) {
            return try perform(.submit(wish, atOnce: isPrompt(my)), my)
        } catch {
            throw CallRefusal(error)
        }
    }

    /// - Returns: The name of the queue's entry.
    private func cancel(
        _ guid: MtGoxGUID, _ owner: OwnerNumber, _ my: Context
    ) throws(CallRefusal) -> MtGoxGUID {
        guard let order = state.order(guid, of: owner) else { throw .orderNotFound }
        do throws(ExchangeRefusal) {
            try perform(.cancel(owner, ticket: order.ticket, atOnce: isPrompt(my)), my)
        } catch {
            throw CallRefusal(error)
        }
        return state.cipher.guid(.queueEntry, order.ticket)
    }

    /// The newest so many are listed of what an account has done: it does more and more.
    private static let mostListed = 1_000

    /// The newest of a wallet's history as version 0's table, newest last: CSV as in RFC 4180, with quotes
    /// doubled in what people say.
    private func writeHistory(_ account: AccountRecord, _ currency: Currency) {
        var lines = "Index,Date,Type,Info,Value,Balance\n"
        let newest = account.entries.reversed().lazy.filter { $0.entry.currency == currency }
            .prefix(Self.mostListed)
        for line in Array(newest).reversed() {
            part.clear()
            part.addInfo(state.info(line))
            let info = Self.quoted(part.bytes)
            part.clear()
            part.addTime(line.entry.stamp / 1_000_000)
            let date = String(decoding: part.bytes, as: UTF8.self)
            part.clear()
            part.addTrimmed(line.entry.amount, currency.decimals)
            part.add(",")
            part.addTrimmed(line.entry.balance, currency.decimals)
            let numbers = String(decoding: part.bytes, as: UTF8.self)
            lines += "\(line.index),\"\(date)\",\(line.entry.kind.name),\(info),\(numbers)\n"
        }
        part.clear()
        part.add(Array(lines.utf8))
    }

    /// What a JSON string says, as a field of CSV.
    private static func quoted(_ json: [UInt8]) -> String {
        var reader = JSONReader(json.span)
        let text = (try? reader.string().string) ?? ""
        let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
        return "\"" + parts.joined(separator: "\"\"") + "\""
    }
}

extension CallRefusal {
    /// Why an exchange refused, in the venue's words where it had some.
    init(_ error: ExchangeRefusal) {
        switch error {
        case .orderNotFound: self = .orderNotFound
        case .engine(.amountTooLow): self = .amountTooLow
        case .engine(.balanceTooLow): self = .init(status: 400, message: "Insufficient funds")
        default: self = .init(status: 400, message: "\(error)")
        }
    }
}
