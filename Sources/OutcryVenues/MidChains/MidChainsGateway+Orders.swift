import OutcryComponents
import OutcryKernel
import OutcryMarket

// Orders: placing, cancelling, and what the venue pushes of them.

extension MidChainsGateway {
    // MARK: Placing

    func place(_ placement: OrderPlacement, _ my: Context) {
        guard phase == .up else {
            return report(.refused(placement.id, reason: "not logged in"), my)
        }
        guard let instrument = placement.request.instrument else { return }
        guard placement.request.isMarketOrder else {
            return place(placement, on: instrument, .init(price: placement.request.price), my)
        }
        guard placement.request.side == .buy else {
            return place(placement, on: instrument, .init(type: "MKT", force: "IOC"), my)
        }
        switch options.marketBuys {
        case .refused:
            report(
                .refused(
                    placement.id,
                    reason: "the venue takes market orders to buy by what they are to cost only"),
                my)
        case .limited(let permille): buy(placement, on: instrument, above: permille, my)
        }
    }

    private func place(
        _ placement: OrderPlacement, on instrument: Instrument, _ terms: MidChainsCall.Terms,
        _ my: Context
    ) {
        let clientID = options.sendsClientIDs ? placement.id.text : nil
        request(
            .addOrder(placement, on: instrument, terms, clientID: clientID), .place(placement), my)
    }

    /// Buys at once or not at all, up to so far above the best ask.
    private func buy(
        _ placement: OrderPlacement, on instrument: Instrument, above permille: Int64, _ my: Context
    ) {
        my.task { [self] my in
            let book = try? await my.ask(
                .readBook, to: link.books, instrument, timeout: options.timeout)
            guard let ask = (book ?? nil)?.bestPriceUnits(.ask) else {
                return report(
                    .refused(placement.id, reason: "the book shows nobody who sells"), my)
            }
            let (product, isOver) = ask.multipliedReportingOverflow(by: 1_000 + permille)
            guard !isOver else {
                return report(.refused(placement.id, reason: "the best ask is too high"), my)
            }
            let price = Price(units: product / 1_000, of: instrument.quote)
            place(placement, on: instrument, .init(force: "IOC", price: price), my)
        }
    }

    /// Takes the answer to a placement.
    func placed(
        _ placement: OrderPlacement, _ call: MidChainsCall, _ answer: MidChainsAnswer, _ my: Context
    ) {
        guard answer.isOK else {
            return report(.refused(placement.id, reason: answer.result), my)
        }
        guard let reference = answer.reference else {
            return report(
                .uncertain(
                    placement.id, reason: "the venue has taken the order and not named it",
                    settled: my.now + settlesAfter), my)
        }
        known.note(reference)
        report(.placed(placement.id, venueID: OrderID(reference)), my)
    }

    func cancel(_ cancellation: OrderCancellation, _ my: Context) {
        request(
            .cancelOrder(cancellation.venueID.text, cancellation.instrument.name),
            .cancel(cancellation.id), my)
    }

    // MARK: News

    /// The market of a security; nil for one that the link does not have.
    func instrument(_ security: String) -> Instrument? {
        link.instruments.first { $0.name == security }
    }

    /// Tells a desk what it is that has an own name: whether it has asked for it or not.
    func name(_ clientID: String?, _ reference: String, _ my: Context) {
        guard known.note(reference), let clientID else { return }
        report(.placed(OrderID(clientID), venueID: OrderID(reference)), my)
    }

    /// Takes an order as it stands.
    func hear(_ record: MidChainsOrderRecord, _ my: Context) {
        guard let instrument = instrument(record.security) else { return }
        name(record.clientID, record.reference, my)
        guard let order = VenueOrder(record, instrument) else {
            return my.log.warning("an order is finer than the market counts", record.reference)
        }
        let isOver = record.live.isZero
        if !isOver || record.executed.isPositive { my.publish(.orderNews, .changed(order)) }
        guard isOver else { return }
        let isFilled = !(record.executed < record.quantity)
        my.publish(.orderNews, .removed(order.venueID, isFilled ? .filled : .cancelled))
    }

    /// Takes a trade.
    func hear(_ record: MidChainsSaleRecord, _ my: Context) {
        guard let instrument = instrument(record.security) else { return }
        name(record.clientID, record.reference, my)
        if let news = ExecutionNews(record, instrument) { my.publish(.execution, news) }
    }

    /// Takes what the account has of something now.
    func hear(_ record: MidChainsPositionRecord, _ my: Context) {
        guard let balance = money(record) else { return }
        let place = positions.firstIndex { $0.security == record.security }
        let decimals = balance.currency.decimals
        let before = place.flatMap { positions[$0].quantity.rescaled(to: decimals) }
        if let place {
            positions[place].quantity = record.quantity
        } else {
            positions.append((record.security, record.quantity))
        }
        let change = Money(units: balance.units - (before?.units ?? 0), currency: balance.currency)
        my.publish(.walletChange, WalletChange(change: change, balance: balance, info: "position"))
    }

    /// A position as money: with the decimals that the link's markets count it in, or eight.
    func money(_ record: MidChainsPositionRecord) -> Money? {
        let named = link.instruments.flatMap { [$0.base, $0.quote] }
            .first { $0.code == record.security }
        guard let currency = named ?? Currency(validating: record.security, decimals: 8),
            let exact = record.quantity.rescaled(to: currency.decimals)
        else { return nil }
        return Money(units: exact.units, currency: currency)
    }
}

/// The references of the account's orders that a gateway has heard of: the last of them.
struct MidChainsKnownOrders {
    /// Only looked up.
    private var references: Set<String> = []
    /// Oldest first, in a ring.
    private var ring: [String] = []
    private var next = 0
    private let memory = 20_000

    /// Notes an order.
    ///
    /// - Returns: Whether nothing was known of it.
    @discardableResult mutating func note(_ reference: String) -> Bool {
        guard references.insert(reference).inserted else { return false }
        if ring.count < memory {
            ring.append(reference)
        } else {
            references.remove(ring[next])
            ring[next] = reference
            next = (next + 1) % memory
        }
        return true
    }
}

extension VenueOrder {
    /// How an order stands; nil where a number is finer than its market counts.
    init?(_ record: MidChainsOrderRecord, _ instrument: Instrument) {
        let left = record.quantity - record.executed
        guard let remaining = left.rescaled(to: instrument.base.decimals), !remaining.isNegative
        else { return nil }
        var price: Price?
        if let told = record.price {
            guard let exact = told.rescaled(to: instrument.quote.decimals) else { return nil }
            price = exact
        }
        self.init(
            venueID: OrderID(record.reference), instrument: instrument, side: record.side,
            price: price, remaining: remaining, state: .open)
    }
}

extension ExecutionNews {
    /// A trade of the account's; nil where a number is finer than its market counts.
    init?(_ record: MidChainsSaleRecord, _ instrument: Instrument) {
        guard let price = record.price.rescaled(to: instrument.quote.decimals),
            let quantity = record.quantity.rescaled(to: instrument.base.decimals)
        else { return nil }
        self.init(tradeID: MidChainsMatch.number(of: record.name))
        self.instrument = instrument
        side = record.side
        self.price = price
        self.quantity = quantity
        venueID = OrderID(record.reference)
        stamp = record.stamp
    }
}
