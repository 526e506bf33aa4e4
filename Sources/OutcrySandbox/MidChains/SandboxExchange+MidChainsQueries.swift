import OutcryKernel
import OutcryMarket
import OutcryWire

// What MidChains' clients ask about their accounts.

extension SandboxExchange {
    /// Records that one answer has at most.
    private static let pageSize = 100

    // MARK: Records

    /// The reference of an order.
    func reference(ofTicket ticket: Int64) -> String {
        midChains.references[ticket] ?? MidChainsReference.make(ticket)
    }

    /// An order, whoever placed it.
    func record(of order: ClientOrder) -> MidChainsRecord {
        let reference = reference(ofTicket: order.ticket)
        let said = midChains.orders[reference]
        let market = state.instrument(order.wish.book)
        let last = order.trades.last?.stamp ?? 0
        return MidChainsRecord(
            reference: reference, security: midChains.name(of: order.wish.book), market: market,
            side: order.wish.side,
            force: said?.force ?? (order.isMarket ? .immediate : .tillCancelled),
            clientID: midChains.rules.echoesClientIDs ? said?.clientID : nil,
            price: order.wish.price, amount: order.wish.amount,
            live: order.isOver ? 0 : order.remaining,
            traded: order.wish.amount - order.remaining,
            cost: order.trades.reduce(0) { $0.addingReportingOverflow($1.cost).partialValue },
            updated: max(order.created, last))
    }

    /// A stop that was not reached.
    func record(ofStop order: MidChainsOrder) -> MidChainsRecord {
        MidChainsRecord(
            reference: order.reference, security: midChains.name(of: order.book),
            market: state.instrument(order.book), side: order.side, force: order.force,
            clientID: midChains.rules.echoesClientIDs ? order.clientID : nil, price: order.price,
            amount: order.amount, live: order.isGone ? 0 : order.amount, traded: 0, cost: 0,
            updated: order.updated)
    }

    func sale(_ trade: EngineTrade, _ order: ClientOrder) -> MidChainsSale {
        let reference = reference(ofTicket: order.ticket)
        return MidChainsSale(
            reference: reference, security: midChains.name(of: trade.book),
            market: state.instrument(trade.book), side: order.wish.side,
            clientID: midChains.rules.echoesClientIDs
                ? midChains.orders[reference]?.clientID : nil, trade: trade)
    }

    /// What an account has.
    func balances(_ owner: OwnerNumber) -> [(Currency, Int64)] {
        engine.ledger.currencies.compactMap { currency in
            guard let balance = engine.ledger.balance(owner, currency), balance > 0 else {
                return nil
            }
            return (currency, balance)
        }
    }

    // MARK: Questions

    typealias MidChainsUser = (name: String, owner: OwnerNumber)

    func queryOrder(
        _ request: MidChainsRequest, _ user: MidChainsUser, _ session: MidChainsSession,
        _ my: Context
    ) throws(MidChainsRefusal) {
        let order = try find(request, user.owner)
        send(MidChainsText.order(request, order.record), to: session.client, my)
    }

    /// An order of the account's, by its reference and, where that is said, its security.
    func find(
        _ request: MidChainsRequest, _ owner: OwnerNumber
    ) throws(MidChainsRefusal) -> (record: MidChainsRecord, order: ClientOrder?) {
        guard let reference = request["refno"] else { throw .orderNotFound }
        let found: (record: MidChainsRecord, order: ClientOrder?)
        if let stop = midChains.orders[reference], stop.ticket == nil {
            guard stop.owner == owner else { throw .orderNotFound }
            found = (record(ofStop: stop), nil)
        } else {
            let ticket =
                midChains.orders[reference]?.ticket ?? MidChainsReference.ticket(reference)
            guard let ticket, let order = state.order(ticket), order.wish.owner == owner else {
                throw .orderNotFound
            }
            found = (record(of: order), order)
        }
        if let security = request["security"], security != found.record.security {
            throw .orderNotFound
        }
        return found
    }

    /// Orders that changed since a time, and all that are open; without one those of a day. Newest first.
    func queryOrders(
        _ request: MidChainsRequest, _ user: MidChainsUser, _ session: MidChainsSession,
        _ my: Context
    ) throws(MidChainsRefusal) {
        let asked = try fromTime(request)
        let since = asked ?? my.wallNow.microseconds - 86_400_000_000
        var records: [MidChainsRecord] = []
        for order in state.orders.reversed() where order.wish.owner == user.owner {
            let record = record(of: order)
            if record.live > 0 || record.updated >= since { records.append(record) }
        }
        for reference in midChains.stops {
            guard let stop = midChains.orders[reference], stop.owner == user.owner else { continue }
            records.append(record(ofStop: stop))
        }
        if let security = request["security"] { records.removeAll { $0.security != security } }
        pages(request, records, nil, session, my) { $0.addListed($1, to: &$2) }
    }

    /// The account's trades since a time, or all. Newest first.
    func queryTrades(
        _ request: MidChainsRequest, _ user: MidChainsUser, _ session: MidChainsSession,
        _ my: Context
    ) throws(MidChainsRefusal) {
        let since = try fromTime(request) ?? 0
        var sales: [MidChainsSale] = []
        for (trade, ticket) in (state.account(user.owner)?.trades ?? []).reversed() {
            guard trade.stamp >= since, let order = state.order(ticket) else { continue }
            sales.append(sale(trade, order))
        }
        if let security = request["security"] { sales.removeAll { $0.security != security } }
        pages(request, sales, user.name, session, my) { $0.addListed($1, to: &$2) }
    }

    private func pages<Record>(
        _ request: MidChainsRequest, _ records: [Record], _ user: String?,
        _ session: MidChainsSession, _ my: Context,
        _ add: (Record, Int, inout JSONObjectWriter) -> Void
    ) {
        var first = 0
        repeat {
            let end = min(first + Self.pageSize, records.count)
            send(
                MidChainsText.page(
                    request.type, records[first..<end], of: records.count, user: user, add),
                to: session.client, my)
            first = end
        } while first < records.count
    }

    func queryPositions(
        _ request: MidChainsRequest, _ user: MidChainsUser, _ session: MidChainsSession,
        _ my: Context
    ) throws(MidChainsRefusal) {
        var balances = balances(user.owner)
        if let security = request["security"] { balances.removeAll { $0.0.code != security } }
        guard !balances.isEmpty else { throw MidChainsRefusal("no position") }
        send(MidChainsText.positions(balances, user: user.name), to: session.client, my)
    }

    /// A time in seconds since 1970, or milliseconds that end in three zeros, in microseconds.
    func time(_ text: String) throws(MidChainsRefusal) -> Int64 {
        guard let number = Int64(text), number >= 0, number < 1 << 50 else {
            throw MidChainsRefusal("invalid time")
        }
        guard number >= 100_000_000_000 else { return number * 1_000_000 }
        guard number % 1_000 == 0 else { throw MidChainsRefusal("invalid time") }
        return number * 1_000
    }

    private func fromTime(_ request: MidChainsRequest) throws(MidChainsRefusal) -> Int64? {
        guard let text = request["fromtime"] else { return nil }
        return try time(text)
    }
}
