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
        known.begin(reference, placement.request.quantity)
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
        guard let clientID, known.isNew(reference) else { return }
        report(.placed(OrderID(clientID), venueID: OrderID(reference)), my)
    }

    /// Takes an order as it stands.
    func hear(_ record: MidChainsOrderRecord, _ my: Context) {
        guard let instrument = instrument(record.security) else { return }
        name(record.clientID, record.reference, my)
        let filled = known.update(record.reference, record.quantity, filled: record.executed)
        guard let order = VenueOrder(record, instrument, filled: filled) else {
            return my.log.warning("an order is finer than the market counts", record.reference)
        }
        let isOver = record.live.isZero
        let isFilled = filled.units >= 0 && !(filled < record.quantity)
        if !isOver || filled.isPositive { my.publish(.orderNews, .changed(order)) }
        guard isOver else { return }
        my.publish(.orderNews, .removed(order.venueID, isFilled ? .filled : .cancelled))
    }

    /// Takes a trade. A desk takes a trade of an order that it has heard of the filling; so it hears of that first,
    /// whichever of the two the venue pushes first.
    func hear(_ record: MidChainsSaleRecord, _ my: Context) {
        guard let instrument = instrument(record.security) else { return }
        name(record.clientID, record.reference, my)
        if let (quantity, filled) = known.trade(
            record.reference, record.name, record.quantity)
        {
            var order = VenueOrder(
                venueID: OrderID(record.reference), instrument: instrument, side: record.side,
                price: nil, remaining: quantity - filled, state: .open)
            if let exact = order.remaining.rescaled(to: instrument.base.decimals) {
                order.remaining = exact
                my.publish(.orderNews, .changed(order))
            }
        }
        if let news = ExecutionNews(record, instrument) { my.publish(.execution, news) }
    }

    /// Takes what the account has of something now.
    func hear(_ record: MidChainsPositionRecord, _ my: Context) {
        guard let balance = money(record) else { return }
        let place = positions.firstIndex { $0.security == record.security }
        let before = place.flatMap { positions[$0].quantity.rescaled(to: balance.currency.decimals) }
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

/// What is known of the account's orders: how much of each is filled, by the later of what pushes of orders and of
/// trades say.
struct MidChainsKnownOrders {
    private struct Order {
        var quantity: Quantity
        var filled: Quantity
        /// The sum of the trades that came.
        var traded: Quantity
        var lastTrade = ""
    }

    /// Only looked up.
    private var orders: [String: Order] = [:]
    /// The references, oldest first, in a ring.
    private var ring: [String] = []
    private var next = 0
    private let memory = 20_000

    /// An order that has just been placed.
    mutating func begin(_ reference: String, _ quantity: Quantity) {
        guard orders[reference] == nil else { return }
        orders[reference] = Order(quantity: quantity, filled: "0", traded: "0")
        if ring.count < memory {
            ring.append(reference)
        } else {
            orders[ring[next]] = nil
            ring[next] = reference
            next = (next + 1) % memory
        }
    }

    /// Whether nothing is known of an order.
    func isNew(_ reference: String) -> Bool { orders[reference] == nil }

    /// An order as it is told.
    ///
    /// - Returns: How much of it is filled.
    mutating func update(
        _ reference: String, _ quantity: Quantity, filled: Quantity
    ) -> Quantity {
        begin(reference, quantity)
        guard var order = orders[reference] else { return filled }
        order.quantity = quantity
        if order.filled < filled { order.filled = filled }
        orders[reference] = order
        return order.filled
    }

    /// A trade of an order.
    ///
    /// - Returns: The order's quantity and how much of it is filled; nil for an order of which nothing is known.
    mutating func trade(
        _ reference: String, _ name: String, _ amount: Quantity
    ) -> (quantity: Quantity, filled: Quantity)? {
        guard var order = orders[reference] else { return nil }
        if order.lastTrade != name {
            order.lastTrade = name
            order.traded = order.traded + amount
        }
        if order.filled < order.traded { order.filled = min(order.traded, order.quantity) }
        orders[reference] = order
        return (order.quantity, order.filled)
    }
}

extension VenueOrder {
    /// How an order stands; nil where a number is finer than its market counts.
    init?(_ record: MidChainsOrderRecord, _ instrument: Instrument, filled: Quantity) {
        guard
            let remaining = (record.quantity - filled).rescaled(to: instrument.base.decimals),
            !remaining.isNegative
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
