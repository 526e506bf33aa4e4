import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryWire

// Books and trades as MidChains' clients are told of them: order by order.

extension SandboxExchange {
    // MARK: Subscribing

    /// Nothing says that a subscription is taken but what it brings: of a book first all of its orders.
    func subscribe(
        _ request: MidChainsRequest, _ session: MidChainsSession, _ my: Context
    ) throws(MidChainsRefusal) {
        guard !request.feeds.isEmpty else { throw MidChainsRefusal("invalid request") }
        for feed in request.feeds {
            switch (feed.message, feed.security) {
            case ("book", "*"):
                for place in midChains.securities.indices { subscribeBook(place, session, my) }
            case ("book", let name):
                guard let place = midChains.place(of: name) else { throw .noSecurity }
                subscribeBook(place, session, my)
            case ("trade", let name):
                guard let place = midChains.place(of: name) else { throw .noSecurity }
                listen(place, session) { $0.trades = true }
            default: throw MidChainsRefusal("invalid request")
            }
        }
    }

    /// As nobody knows what the venue says to it, nothing is said.
    func unsubscribe(_ request: MidChainsRequest, _ session: MidChainsSession) {
        for feed in request.feeds {
            for (place, security) in midChains.securities.enumerated()
            where feed.security == security.name || feed.security == "*" {
                listen(place, session) { listener in
                    if feed.message == "book" { listener.book = false }
                    if feed.message == "trade" { listener.trades = false }
                }
                midChains.listeners[place].removeAll { !$0.book && !$0.trades }
            }
        }
    }

    private func listen(
        _ place: Int, _ session: MidChainsSession, _ change: (inout MidChainsListener) -> Void
    ) {
        let known = midChains.listeners[place].firstIndex { $0.session === session }
        let index = known ?? midChains.listeners[place].count
        if known == nil { midChains.listeners[place].append(MidChainsListener(session: session)) }
        change(&midChains.listeners[place][index])
    }

    private func subscribeBook(_ place: Int, _ session: MidChainsSession, _ my: Context) {
        listen(place, session) { $0.book = true }
        let (security, book, _) = midChains.securities[place]
        let market = state.instrument(book)
        var lines: [MidChainsLine] = []
        for side in [Side.bid, .ask] {
            engine.forEachOrder(side, in: book) { order in
                if let line = line(order, "U") { lines.append(line) }
            }
        }
        // Of an empty book there is a message too: nothing else confirms it.
        var first = 0
        repeat {
            let end = min(first + midChains.rules.imageLines, lines.count)
            send(
                MidChainsText.book(
                    security, market, lines[first..<end], firstEntry: midChains.rules.firstEntry),
                to: session.client, my)
            first = end
        } while first < lines.count
    }

    // MARK: Telling

    /// Opens the accounts that users are to have.
    func openMidChainsAccounts(_ my: Context) throws(SandboxRefusal) {
        for user in midChains.rules.users where !user.money.isEmpty {
            guard state.account(named: user.name) == nil else { continue }
            _ = try openAccount(SandboxAccountWish(user.name, money: user.money), my)
        }
    }

    /// Notes which orders the public knows of: those that rest when the market begins.
    func beginMidChains() {
        guard state.tellsEntries else { return }
        for place in engine.instruments.indices {
            for side in [Side.bid, .ask] {
                engine.forEachOrder(side, in: BookNumber(UInt8(place))) { order in
                    midChains.shown.insert(order.number)
                }
            }
        }
    }

    private func line(_ order: EngineOrder, _ act: String) -> MidChainsLine? {
        guard let price = order.price else { return nil }
        let key =
            midChains.rules.showsKeys
            ? state.tickets[order.number].map { reference(ofTicket: $0) }
                ?? MidChainsReference.make(stop: order.number.value) : "NA"
        return MidChainsLine(
            side: order.side.rests, act: act, price: price, quantity: order.effective,
            number: order.number, key: key, stamp: order.stamp)
    }

    /// Takes an order as it stands now: a line for the book, where the public is to know of it.
    func noteEntry(_ order: EngineOrder) {
        let isThere = order.state == .open && order.effective > 0
        let isKnown = midChains.shown.contains(order.number)
        guard isThere || isKnown else { return }
        let act = isThere ? (isKnown ? "U" : "A") : "R"
        if isThere {
            midChains.shown.insert(order.number)
        } else {
            midChains.shown.remove(order.number)
        }
        if let line = line(order, act) { midChains.lines[Int(order.book.value)].append(line) }
    }

    /// Tells all lines that have gathered, a message a book.
    func tellMidChainsBooks(_ my: Context) {
        for place in midChains.lines.indices where !midChains.lines[place].isEmpty {
            let lines = midChains.lines[place]
            midChains.lines[place].removeAll(keepingCapacity: true)
            let market = engine.instruments[place]
            for (index, security) in midChains.securities.enumerated()
            where Int(security.book.value) == place {
                let listeners = midChains.listeners[index].filter(\.book)
                guard !listeners.isEmpty else { continue }
                let message = MidChainsText.book(
                    security.name, market, lines, firstEntry: midChains.rules.firstEntry)
                for listener in listeners { send(message, to: listener.session.client, my) }
            }
        }
    }

    /// Tells the public of a trade, and both sides; and notes the stops that it sets off.
    func tellMidChains(_ trade: EngineTrade, _ my: Context) {
        for (index, security) in midChains.securities.enumerated() where security.book == trade.book
        {
            let listeners = midChains.listeners[index].filter(\.trades)
            guard !listeners.isEmpty else { continue }
            let message = MidChainsText.trade(
                security.name, state.instrument(trade.book), trade)
            for listener in listeners { send(message, to: listener.session.client, my) }
        }
        noteStops(trade, my)
        guard !midChains.isEmpty else { return }
        tellSales(of: trade.makerOwner, trade, my)
        if trade.takerOwner != trade.makerOwner { tellSales(of: trade.takerOwner, trade, my) }
    }

    /// Tells an account what it traded; both of its sides, where it traded with itself.
    private func tellSales(of owner: OwnerNumber, _ trade: EngineTrade, _ my: Context) {
        guard let trades = state.account(owner)?.trades else { return }
        // Its newest are of what is being told now.
        let latest = trades.reversed().prefix { $0.trade.stamp >= trade.stamp }
        for (own, ticket) in latest where own.stamp == trade.stamp {
            guard let order = state.order(ticket) else { continue }
            let sale = sale(trade, order)
            tell(owner, my) { MidChainsText.text { sale.add(to: &$0) } }
        }
    }

    /// Tells an order's owner how it stands.
    func tellMidChains(_ order: ClientOrder, _ my: Context) {
        guard !midChains.isEmpty else { return }
        switch order.status {
        // Of what passes within the exchange MidChains tells nothing.
        case .pending, .executing, .postPending: return
        case .open, .invalid, .gone: break
        }
        tell(order.wish.owner, my) { push(of: record(of: order)) }
    }

    /// Tells an account's owner what it has.
    func tellMidChains(_ line: AccountEntry, _ my: Context) {
        guard !midChains.isEmpty else { return }
        let entry = line.entry
        tell(entry.owner, my) { MidChainsText.position(entry.currency, entry.balance) }
    }

    /// Sends something to each connection of an account.
    func tell(_ owner: OwnerNumber, _ my: Context, _ message: () -> [UInt8]) {
        let listeners = midChains.sessions.filter { $0.value.user?.owner == owner }
        guard !listeners.isEmpty else { return }
        let message = message()
        for (_, session) in listeners.sorted(by: { $0.key < $1.key }) {
            send(message, to: session.client, my)
        }
    }

    func push(of record: MidChainsRecord) -> [UInt8] {
        MidChainsText.text { record.addOrder(to: &$0) }
    }
}

extension MidChainsRefusal {
    static let noSecurity = Self("invalid security")
}
