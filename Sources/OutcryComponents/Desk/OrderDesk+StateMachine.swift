public import OutcryKernel
public import OutcryMarket

/// The books of an order desk: each order from its placing to its end, whatever the order in which things are
/// told of it. No kernel, no I/O.
///
/// Inputs change orders and leave what is to be done and told in ``effects``, in order.
public final class OrderDeskMachine {
    /// What an input asks of the desk.
    public enum Effect: Sendable {
        /// Place an order.
        case place(OrderPlacement)
        /// Cancel an order.
        case cancel(OrderCancellation)
        /// Tell how an order stands.
        case changed(Order)
        /// Tell of a trade.
        case fill(Fill)
        /// Ask what an order has traded: it is over, and nobody has said why or how much of it was traded, or
        /// some of its trades have not been told.
        case askFills(OrderID, venueID: OrderID, OrderSide, isOver: Bool)
        /// Compare all orders with the venue's, not before this time.
        case reconcile(notBefore: KernelTime)
    }

    /// What is known of one order. A machine's own, changed in place.
    final class Tracked {
        @safe @exclusivity(unchecked) var order: Order
        /// The request was made by this desk, at this time of the wall clock, µs since 1970.
        let sent: Int64?
        /// It has not been answered.
        @safe @exclusivity(unchecked) var isUnanswered: Bool
        /// It cannot come into being any more after this, if nobody knows whether it has.
        @safe @exclusivity(unchecked) var settled: KernelTime?
        @safe @exclusivity(unchecked) var wantsCancel = false
        @safe @exclusivity(unchecked) var cancelIsOut = false
        /// In units of the base: of what is filled, how much has been told as fills.
        @safe @exclusivity(unchecked) var told: Int64 = 0
        @safe @exclusivity(unchecked) var isAskedAbout = false
        /// The number of the last ``OrderDeskMachine/questions`` before it was placed or heard of.
        @safe @exclusivity(unchecked) var epoch: Int

        init(_ order: Order, sent: Int64? = nil, isUnanswered: Bool, epoch: Int) {
            self.order = order
            self.sent = sent
            self.isUnanswered = isUnanswered
            self.epoch = epoch
        }
    }

    /// What is to be done and told, oldest first; the desk takes it.
    @safe @exclusivity(unchecked) public var effects: [Effect] = []
    /// How many questions for all orders have been asked: an order that is younger than one is not missing from
    /// its answer.
    @safe @exclusivity(unchecked) var questions = 0

    @safe @exclusivity(unchecked) var slots: [Tracked?] = []
    @safe @exclusivity(unchecked) private var free: [Int] = []
    @safe @exclusivity(unchecked) var byID = OrderIndex()
    @safe @exclusivity(unchecked) var byVenueID = OrderIndex()
    /// Own orders that are placed and not answered.
    @safe @exclusivity(unchecked) private(set) var unanswered = 0
    /// News of orders that may be own ones, whose name is not known yet.
    @safe @exclusivity(unchecked) var strangers: [(venueID: OrderID, news: OrderNews)] = []
    /// The ended orders, oldest first, from `past` on; forgotten after so many more.
    @safe @exclusivity(unchecked) private var ended: [OrderID] = []
    @safe @exclusivity(unchecked) private var past = 0
    private let memory: Int
    /// Trades that no order has claimed.
    @safe @exclusivity(unchecked) var unclaimed: [ExecutionNews] = []
    /// The orders of which more is filled than told, in the order in which that came to be.
    @safe @exclusivity(unchecked) private var owing: [Int] = []
    /// The trades that were claimed lately, by number and side, in a ring.
    @safe @exclusivity(unchecked) private var claimed: [TradeKey: OrderID] = [:]
    @safe @exclusivity(unchecked) private var claims: [TradeKey] = []
    @safe @exclusivity(unchecked) private var claimPlace = 0

    private struct TradeKey: Hashable {
        let tradeID: Int64
        let isBuy: Bool
    }

    /// Makes empty books.
    ///
    /// - Parameter memory: Of so many orders it is known how they ended: news of them that come late are
    ///   passed over.
    public init(memory: Int = 10_000) {
        precondition(memory > 0, "a desk remembers some orders")
        self.memory = memory
    }

    // MARK: Reading

    /// Whether more of an order is filled than its trades tell that are known.
    public func owesFills(_ id: OrderID) -> Bool {
        guard let slot = byID[id], let tracked = slots[slot] else { return false }
        return tracked.order.filled.units > tracked.told
    }

    /// How many orders have not ended.
    public var openCount: Int { byID.count - (ended.count - past) }

    /// The order of a name; nil for an unknown one, or one that ended long ago.
    public func order(_ id: OrderID) -> Order? { byID[id].flatMap { slots[$0]?.order } }

    /// The orders that have not ended, in the order of their names.
    public var openOrders: [Order] {
        slots.compactMap(\.self).map(\.order).filter { !$0.state.isFinal }.sorted { $0.id < $1.id }
    }

    // MARK: Asking

    /// Places an order whose instrument, name and units are right.
    ///
    /// - Returns: The order, pending; rejected, under another name, where one of its name is known.
    @discardableResult public func place(_ request: OrderRequest, at wall: Int64) -> Order? {
        guard let instrument = request.instrument, let id = request.id else { return nil }
        guard byID[id] == nil else {
            return refuse(
                request, on: instrument, "expected a name of its own, found a second order \(id)")
        }
        let order = Order(
            id: id, instrument: instrument, side: request.side, price: request.price,
            remaining: request.quantity, filled: Quantity(units: 0, of: instrument.base),
            state: .pending)
        add(Tracked(order, sent: wall, isUnanswered: true, epoch: questions))
        unanswered += 1
        effects.append(.changed(order))
        effects.append(.place(OrderPlacement(id: id, request: request)))
        return order
    }

    /// Tells of an order that is not placed at all; under another name where one of its name is known, so that
    /// nobody takes that one for rejected.
    ///
    /// - Returns: The rejected order.
    @discardableResult public func refuse(
        _ request: OrderRequest, on instrument: Instrument, _ reason: String
    ) -> Order? {
        guard var id = request.id else { return nil }
        while byID[id] != nil { id = OrderID("\(id) (second)") }
        let order = Order(rejected: request.named(id), on: instrument, reason: reason)
        effects.append(.changed(order))
        return order
    }

    /// Cancels an order; one that the venue has not named yet is cancelled when it has.
    ///
    /// - Returns: False for an order that has ended, or is not known.
    @discardableResult public func cancel(_ id: OrderID) -> Bool {
        guard let slot = byID[id] ?? byVenueID[id] else { return false }
        guard let tracked = slots[slot], !tracked.order.state.isFinal else { return false }
        tracked.wantsCancel = true
        sendCancel(tracked)
        return true
    }

    /// Cancels every order that has not ended, of one instrument or of all.
    ///
    /// - Returns: How many.
    @discardableResult public func cancelAll(_ instrument: Instrument? = nil) -> Int {
        var count = 0
        for order in openOrders where instrument == nil || order.instrument == instrument {
            if cancel(order.id) { count += 1 }
        }
        return count
    }

    private func sendCancel(_ tracked: Tracked) {
        guard tracked.wantsCancel, !tracked.cancelIsOut, let venueID = tracked.order.venueID else {
            return
        }
        tracked.cancelIsOut = true
        effects.append(
            .cancel(
                OrderCancellation(
                    id: tracked.order.id, venueID: venueID, instrument: tracked.order.instrument)))
    }

    // MARK: What becomes of requests

    /// Takes what became of a request.
    public func report(_ report: GatewayReport) {
        switch report {
        case .placed(let id, let venueID): placed(id, venueID)
        case .refused(let id, let reason):
            guard let slot = byID[id], let tracked = slots[slot], tracked.order.venueID == nil,
                !tracked.order.state.isFinal
            else { return }
            answer(tracked)
            tracked.order.reason = reason
            end(slot, .rejected)
        case .uncertain(let id, let reason, let settled):
            guard let slot = byID[id], let tracked = slots[slot], tracked.order.venueID == nil,
                !tracked.order.state.isFinal
            else { return }
            tracked.settled = settled
            tracked.order.state = .unknown
            tracked.order.reason = reason
            effects.append(.changed(tracked.order))
            effects.append(.reconcile(notBefore: settled))
        case .cancelTaken: break
        case .cancelPointless(let id, let reason):
            // It is over, and the news of that are on their way or lost.
            guard let slot = byID[id], let tracked = slots[slot], !tracked.order.state.isFinal
            else { return }
            tracked.order.reason = reason
            askFills(slot)
        case .cancelRefused(let id, let reason):
            guard let slot = byID[id], let tracked = slots[slot], !tracked.order.state.isFinal
            else { return }
            tracked.cancelIsOut = false
            tracked.wantsCancel = false
            tracked.order.reason = "not cancelled: \(reason)"
            effects.append(.changed(tracked.order))
        case .cancelUncertain(let id, _):
            // A second cancellation does what the first did.
            guard let slot = byID[id], let tracked = slots[slot], !tracked.order.state.isFinal
            else { return }
            tracked.cancelIsOut = false
            sendCancel(tracked)
        }
        settleStrangers()
    }

    func placed(_ id: OrderID, _ venueID: OrderID) {
        guard let slot = byID[id], let tracked = slots[slot], tracked.order.venueID == nil else {
            return
        }
        guard !tracked.order.state.isFinal else { return }
        answer(tracked)
        if let other = byVenueID[venueID], other != slot { forget(other) }
        tracked.order.venueID = venueID
        tracked.epoch = questions
        if tracked.order.state == .unknown {
            tracked.order.state = .pending
            tracked.order.reason = nil
        }
        byVenueID.set(venueID, slot)
        sendCancel(tracked)
        effects.append(.changed(tracked.order))
        guard !strangers.isEmpty else { return }
        let mine = strangers.filter { $0.venueID == venueID }
        strangers.removeAll { $0.venueID == venueID }
        for (_, news) in mine { take(news, slot) }
    }

    func answer(_ tracked: Tracked) {
        guard tracked.isUnanswered else { return }
        tracked.isUnanswered = false
        tracked.settled = nil
        unanswered -= 1
    }

    // MARK: News

    /// Takes news of one of the account's orders.
    public func hear(_ news: OrderNews) {
        let venueID =
            switch news {
            case .changed(let order): order.venueID
            case .removed(let id, _): id
            }
        if let slot = byVenueID[venueID] {
            take(news, slot)
        } else if unanswered > 0 {
            strangers.append((venueID, news))
        } else {
            adopt(news)
        }
    }

    /// Once every own order has its name, what is left is of orders that others placed.
    private func settleStrangers() {
        guard unanswered == 0, !strangers.isEmpty else { return }
        let all = strangers
        strangers.removeAll()
        for (venueID, news) in all {
            if let slot = byVenueID[venueID] { take(news, slot) } else { adopt(news) }
        }
    }

    /// Begins to track an order that another program of the account placed.
    func adopt(_ news: OrderNews) {
        guard case .changed(let venue) = news else { return }
        var order = Order(
            id: venue.venueID, instrument: venue.instrument, side: venue.side, price: venue.price,
            remaining: venue.remaining, filled: Quantity(units: 0, of: venue.instrument.base),
            state: venue.state, venueID: venue.venueID)
        order.funded = venue.funded
        add(Tracked(order, isUnanswered: false, epoch: questions))
        effects.append(.changed(order))
    }

    func take(_ news: OrderNews, _ slot: Int) {
        guard let tracked = slots[slot], !tracked.order.state.isFinal else { return }
        switch news {
        case .changed(let venue):
            guard update(tracked, venue) else { return }
            if tracked.order.remaining.units == 0, tracked.order.quantity.units > 0 {
                claim(slot)
                return end(slot, .filled)
            }
            claim(slot)
            tell(slot)
        case .removed(_, .filled):
            fill(&tracked.order, to: tracked.order.quantity)
            claim(slot)
            end(slot, .filled)
        case .removed(_, .cancelled):
            claim(slot)
            end(slot, .cancelled)
        case .removed(_, .untold): askFills(slot)
        }
    }

    /// Makes an order as the venue tells it; what it tells late changes nothing.
    ///
    /// - Returns: Whether anything changed.
    private func update(_ tracked: Tracked, _ venue: VenueOrder) -> Bool {
        let before = tracked.order
        if venue.remaining.units < tracked.order.remaining.units {
            fill(&tracked.order, to: tracked.order.quantity - venue.remaining)
        } else if venue.remaining.units > tracked.order.remaining.units {
            return false
        }
        if let funded = venue.funded { tracked.order.funded = funded }
        // An order that rests does not become pending again by a message that comes late.
        if rank(venue.state) >= rank(tracked.order.state) {
            tracked.order.state = venue.state
        }
        return tracked.order != before
    }

    private func tell(_ slot: Int) {
        if let order = slots[slot]?.order { effects.append(.changed(order)) }
    }

    private func rank(_ state: OrderState) -> Int {
        switch state {
        case .unknown: 0
        case .pending: 1
        case .executing: 2
        case .open: 3
        case .filled, .cancelled, .rejected: 4
        }
    }

    private func fill(_ order: inout Order, to filled: Quantity) {
        let whole = order.quantity
        order.filled = filled
        order.remaining = whole - filled
    }

    func askFills(_ slot: Int) {
        guard let tracked = slots[slot], !tracked.isAskedAbout, let venueID = tracked.order.venueID
        else { return }
        tracked.isAskedAbout = true
        effects.append(
            .askFills(tracked.order.id, venueID: venueID, tracked.order.side, isOver: true))
    }

    // MARK: Trades

    /// Takes a trade of the account's, or one more piece of it.
    ///
    /// - Parameter isNews: It has just happened: an order that the venue names in it may be told of later.
    public func hear(_ execution: ExecutionNews, isNews: Bool = true) {
        guard let side = execution.side else { return }
        let key = TradeKey(tradeID: execution.tradeID, isBuy: side == .buy)
        if let owner = claimed[key] {
            // All but a fee that comes late is known.
            if execution.quantity == nil, let fee = execution.fee, let slot = byID[owner] {
                slots[slot]?.order.add(fee: fee)
                if let order = slots[slot]?.order { effects.append(.changed(order)) }
            }
            return
        }
        var execution = execution
        if let place = unclaimed.firstIndex(where: {
            $0.tradeID == execution.tradeID && $0.side == side
        }) {
            let old = unclaimed.remove(at: place)
            execution.complete(with: old)
        }
        if let venueID = execution.venueID, let slot = byVenueID[venueID] {
            let isTaken = give(execution, to: slot, tells: isNews)
            if isTaken || !isNews || execution.quantity == nil { return }
        }
        if unclaimed.count >= 1_000 { unclaimed.removeFirst() }
        unclaimed.append(execution)
        guard let quantity = execution.quantity, quantity.units > 0 else { return }
        // An order that has been told to be filled before its trades were.
        for slot in owing {
            claim(slot)
            if unclaimed.isEmpty { return }
        }
    }

    /// Gives an order a trade that the venue has told to be its.
    ///
    /// - Returns: False where it has not been told to be filled so far.
    private func give(_ trade: ExecutionNews, to slot: Int, tells: Bool) -> Bool {
        guard let tracked = slots[slot], let quantity = trade.quantity,
            quantity.units <= tracked.order.filled.units - tracked.told
        else { return slots[slot]?.order.state.isFinal ?? true }
        take(trade, quantity, tracked)
        note(tracked, slot)
        // Its end was told without what this cost.
        if tells, tracked.order.state.isFinal { effects.append(.changed(tracked.order)) }
        return true
    }

    /// Gives an order the trades that its filled part is made of, if there are some that make it up exactly: one,
    /// or some in a row. Others may be another order's.
    private func claim(_ slot: Int) {
        guard let tracked = slots[slot] else { return }
        let owed = tracked.order.filled.units - tracked.told
        guard owed > 0 else { return }
        if let places = rowOfTrades(of: owed, for: tracked.order) {
            let trades = places.map { unclaimed[$0] }
            for place in places.reversed() { unclaimed.remove(at: place) }
            for trade in trades {
                if let quantity = trade.quantity { take(trade, quantity, tracked) }
            }
        }
        note(tracked, slot)
    }

    /// The places of unclaimed trades that together are of so much.
    private func rowOfTrades(of owed: Int64, for order: Order) -> [Int]? {
        let fitting = unclaimed.indices.filter { fits(unclaimed[$0], order) }
        if let one = fitting.first(where: { unclaimed[$0].quantity?.units == owed }) {
            return [one]
        }
        var row: [Int] = []
        var sum: Int64 = 0
        for place in fitting {
            guard let units = unclaimed[place].quantity?.units, units > 0 else { continue }
            row.append(place)
            sum += units
            while sum > owed { sum -= unclaimed[row.removeFirst()].quantity?.units ?? 0 }
            if sum == owed { return row }
        }
        return nil
    }

    private func take(
        _ trade: ExecutionNews, _ quantity: Quantity, _ tracked: Tracked
    ) {
        tracked.told += quantity.units
        remember(trade, tracked.order.id)
        tell(trade, quantity, &tracked.order)
    }

    /// Keeps an order, and whether trades of it are missing.
    private func note(_ tracked: Tracked, _ slot: Int) {
        let owes = tracked.order.filled.units > tracked.told
        if owes != owing.contains(slot) {
            if owes { owing.append(slot) } else { owing.removeAll { $0 == slot } }
        }
    }

    private func fits(_ trade: ExecutionNews, _ order: Order) -> Bool {
        guard trade.instrument == order.instrument, trade.side == order.side else { return false }
        if let venueID = trade.venueID { return venueID == order.venueID }
        guard let limit = order.price, let price = trade.price else { return true }
        return order.side == .buy ? price <= limit : price >= limit
    }

    private func remember(_ trade: ExecutionNews, _ id: OrderID) {
        let key = TradeKey(tradeID: trade.tradeID, isBuy: trade.side == .buy)
        claimed[key] = id
        if claims.count < memory {
            claims.append(key)
        } else {
            claimed[claims[claimPlace]] = nil
            claims[claimPlace] = key
            claimPlace = (claimPlace + 1) % memory
        }
    }

    private func tell(_ trade: ExecutionNews, _ quantity: Quantity, _ order: inout Order) {
        let price = trade.price ?? order.price ?? Price(units: 0, of: order.instrument.quote)
        let fill = Fill(
            order: order.id, tradeID: trade.tradeID, instrument: order.instrument, side: order.side,
            price: price, quantity: quantity, fee: trade.fee, stamp: trade.stamp)
        let cost = trade.cost ?? fill.value(rounding: .nearestHalfUp)
        order.cost = order.cost.map { $0 + cost } ?? cost
        if let fee = trade.fee { order.add(fee: fee) }
        effects.append(.fill(fill))
    }

    // MARK: Ends

    func end(_ slot: Int, _ state: OrderState) {
        guard let tracked = slots[slot], !tracked.order.state.isFinal else { return }
        answer(tracked)
        tracked.order.state = state
        if state != .rejected, state != .cancelled { tracked.order.reason = nil }
        effects.append(.changed(tracked.order))
        if tracked.order.filled.units > tracked.told, let venueID = tracked.order.venueID,
            !tracked.isAskedAbout
        {
            effects.append(
                .askFills(tracked.order.id, venueID: venueID, tracked.order.side, isOver: false))
        }
        ended.append(tracked.order.id)
        while ended.count - past > memory {
            if let old = byID[ended[past]] { forget(old) }
            past += 1
        }
        if past > memory {
            ended.removeFirst(past)
            past = 0
        }
    }

    /// Tracks an order of a predecessor's.
    func track(_ order: Order, sent: Int64, settled: KernelTime?) {
        let tracked = Tracked(
            order, sent: sent, isUnanswered: settled != nil, epoch: questions)
        tracked.settled = settled
        if settled != nil { unanswered += 1 }
        add(tracked)
        effects.append(.changed(order))
        if let settled { effects.append(.reconcile(notBefore: settled)) }
    }

    private func add(_ tracked: Tracked) {
        let slot: Int
        if let last = free.popLast() {
            slot = last
            slots[slot] = tracked
        } else {
            slot = slots.count
            slots.append(tracked)
        }
        byID.set(tracked.order.id, slot)
        if let venueID = tracked.order.venueID { byVenueID.set(venueID, slot) }
    }

    private func forget(_ slot: Int) {
        guard let order = slots[slot]?.order else { return }
        byID.remove(order.id)
        if let venueID = order.venueID, byVenueID[venueID] == slot { byVenueID.remove(venueID) }
        owing.removeAll { $0 == slot }
        slots[slot] = nil
        free.append(slot)
    }
}
