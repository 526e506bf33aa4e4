public import OutcryKernel
public import OutcryMarket

/// The books of an order desk: each order from its placing to its end, whatever the order in which things are
/// told of it. No kernel, no I/O.
///
/// Inputs change orders and leave what is to be done and told in ``effects``, in order, until
/// ``clearEffects()``. An effect names its order by the slot in which it is kept (``order(in:)``): an order is
/// not copied to be told of.
public final class OrderDeskMachine {
    /// What an input asks of the desk.
    public enum Effect: Hashable, Sendable {
        /// Place the order of a slot.
        case place(Int)
        /// Cancel the order of a slot.
        case cancel(Int)
        /// Tell how the order of a slot stands now. It is told once an input, behind its fills.
        case changed(Int)
        /// Tell of an order that was not placed at all: its place in ``rejections``.
        case rejected(Int)
        /// Tell of a trade: its place in ``fills``.
        case fill(Int)
        /// Ask what the order of a slot has traded: it is over, and nobody has said why or how much of it was
        /// traded, or some of its trades have not been told.
        case askFills(Int, isOver: Bool)
        /// Compare all orders with the venue's, not before this time.
        case reconcile(notBefore: KernelTime)
        /// Nothing: it was overtaken by a later effect.
        case none
    }

    /// What is to be done and told, oldest first.
    @safe @exclusivity(unchecked) public internal(set) var effects: [Effect] = []
    /// The orders that are told of and were never placed.
    @safe @exclusivity(unchecked) public private(set) var rejections: [Order] = []
    /// The fills that are to be told.
    @safe @exclusivity(unchecked) public internal(set) var fills: [Fill] = []
    /// Counts ``clearEffects()``.
    @safe @exclusivity(unchecked) private var round = 1
    /// How many questions for all orders have been asked: an order that is younger than one is not missing from
    /// its answer.
    @safe @exclusivity(unchecked) var questions = 0
    /// The venue's list is on its way: an order that is on it may have ended since.
    @safe @exclusivity(unchecked) var isComparing = false

    @safe @exclusivity(unchecked) var slots: [Tracked?] = []
    @safe @exclusivity(unchecked) private var free: [Int] = []
    let byID = OrderIndex()
    let byVenueID = OrderIndex()
    /// How many orders have been tracked.
    @safe @exclusivity(unchecked) private var tracks = 0
    /// Own orders that are placed and not answered.
    @safe @exclusivity(unchecked) private(set) var unanswered = 0
    /// The slots of own orders of which nobody knows whether they exist.
    @safe @exclusivity(unchecked) var unknown: [Int] = []
    /// News of orders that may be own ones, whose name is not known yet.
    @safe @exclusivity(unchecked) var strangers: [(venueID: OrderID, news: OrderNews)] = []
    /// The ended orders, oldest first, from `forgotten` on; forgotten after so many more.
    @safe @exclusivity(unchecked) private var ended: [OrderID] = []
    @safe @exclusivity(unchecked) private var forgotten = 0
    private let memory: Int
    /// The venue's names of orders that a predecessor has seen end.
    @safe @exclusivity(unchecked) var past = Set<OrderID>()
    /// News may have been missed since the last comparison: only the venue knows how much is filled.
    @safe @exclusivity(unchecked) public var isBlind = false
    /// Trades that no order has claimed.
    @safe @exclusivity(unchecked) var unclaimed: [ExecutionNews] = []
    /// Those of them that can be an order's or another one's, with the slots of the orders that lack them until the
    /// venue has told by name what is theirs.
    @safe @exclusivity(unchecked) var disputed: [TradeKey: Set<Int>] = [:]
    /// The orders of which more is filled than told, in the order in which that came to be.
    @safe @exclusivity(unchecked) var owing: [Int] = []
    /// The trades that were claimed lately, by number and side, in a ring.
    @safe @exclusivity(unchecked) var claimed: [TradeKey: OrderID] = [:]
    @safe @exclusivity(unchecked) var claims: [TradeKey] = []
    @safe @exclusivity(unchecked) var claimPlace = 0
    /// Of so many trades it is known whose they were; an order may rest while thousands of others trade.
    let claimMemory = 10_000

    struct TradeKey: Hashable {
        let tradeID: Int64
        let isBuy: Bool
    }

    /// Makes empty books.
    ///
    /// - Parameter memory: Of so many orders it is known how they ended, and of all that end during a comparison:
    ///   news of them that come late are passed over.
    public init(memory: Int = 2_000) {
        precondition(memory > 0, "a desk remembers some orders")
        self.memory = memory
    }

    deinit { for tracked in slots { tracked?.release() } }

    // MARK: Reading

    /// Whether more of an order is filled than its trades tell that are known.
    public func owesFills(_ id: OrderID) -> Bool {
        guard let slot = byID[id], let tracked = slots[slot] else { return false }
        return tracked.order.filled.units > tracked.told
    }

    /// How many orders have not ended.
    public var openCount: Int { byID.count - (ended.count - forgotten) }

    /// The order of a name; nil for an unknown one, or one that ended long ago.
    public func order(_ id: OrderID) -> Order? { byID[id].flatMap { slots[$0]?.order } }

    /// The order of a slot, from an effect.
    public func order(in slot: Int) -> Order? { slots[slot]?.order }

    /// The orders that have not ended, in the order of their names.
    public var openOrders: [Order] {
        slots.compactMap(\.self).map(\.order).filter { !$0.state.isFinal }.sorted { $0.id < $1.id }
    }

    // MARK: Asking

    /// Places an order whose instrument, name and units are right.
    ///
    /// - Parameter time: The venue's, µs since 1970, or an earlier one: what the venue has older is not this order.
    /// - Returns: The order, pending; rejected, under another name, where one of its name is known.
    @discardableResult public func place(_ request: OrderRequest, at time: Int64) -> Order? {
        guard let instrument = request.instrument, let id = request.id else { return nil }
        if let slot = byID[id] {
            // Whoever counts orders by their names has counted this one: it stands as it stood.
            tell(slot)
            return refuse(
                request, on: instrument, "expected a name of its own, found a second order \(id)")
        }
        let order = Order(
            id: id, instrument: instrument, side: request.side, price: request.price,
            remaining: request.quantity, filled: Quantity(units: 0, of: instrument.base),
            state: .pending)
        let slot = add(Tracked(order, sent: time, isUnanswered: true, epoch: questions))
        unanswered += 1
        tell(slot)
        effects.append(.place(slot))
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
        effects.append(.rejected(rejections.count))
        rejections.append(order)
        return order
    }

    /// Cancels an order; one that the venue has not named yet is cancelled when it has.
    ///
    /// - Returns: False for an order that has ended, or is not known.
    @discardableResult public func cancel(_ id: OrderID) -> Bool {
        guard let slot = byID[id] ?? byVenueID[id] else { return false }
        guard let tracked = slots[slot], !tracked.order.state.isFinal else { return false }
        tracked.wantsCancel = true
        sendCancel(tracked, slot)
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

    private func sendCancel(_ tracked: Tracked, _ slot: Int) {
        guard tracked.wantsCancel, !tracked.cancelIsOut, tracked.order.venueID != nil else {
            return
        }
        tracked.cancelIsOut = true
        effects.append(.cancel(slot))
    }

    /// Everything in ``effects`` has been done: a new round of them begins.
    public func clearEffects() {
        effects.removeAll(keepingCapacity: true)
        if !fills.isEmpty { fills.removeAll(keepingCapacity: true) }
        if !rejections.isEmpty { rejections.removeAll() }
        round += 1
        forgetOld()
    }

    // MARK: What becomes of requests

    /// Takes what became of a request.
    public func report(_ report: borrowing GatewayReport) {
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
            if !unknown.contains(slot) { unknown.append(slot) }
            tracked.order.state = .unknown
            tracked.order.reason = reason
            tell(slot)
            effects.append(.reconcile(notBefore: settled))
        case .cancelTaken: break
        case .cancelPointless(let id, let reason):
            // It is over, and the news of that are on their way or lost.
            guard let slot = byID[id], let tracked = slots[slot], !tracked.order.state.isFinal
            else { return }
            tracked.order.reason = reason
            let isNew = !tracked.isAskedAbout || tracked.hasEndedUnheard
            askFills(slot)
            tracked.hasEndedUnheard = isNew
        case .cancelRefused(let id, let reason):
            guard let slot = byID[id], let tracked = slots[slot], !tracked.order.state.isFinal
            else { return }
            tracked.cancelIsOut = false
            tracked.wantsCancel = false
            tracked.order.reason = "not cancelled: \(reason)"
            tell(slot)
        case .cancelUncertain(let id, _):
            // A second cancellation does what the first did.
            guard let slot = byID[id], let tracked = slots[slot], !tracked.order.state.isFinal
            else { return }
            tracked.cancelIsOut = false
            sendCancel(tracked, slot)
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
        sendCancel(tracked, slot)
        tell(slot)
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
        if !unknown.isEmpty { unknown.removeAll { slots[$0] == tracked } }
    }

    // MARK: News

    /// Takes news of one of the account's orders.
    public func hear(_ news: borrowing OrderNews) {
        let venueID =
            switch news {
            case .changed(let order): order.venueID
            case .removed(let id, _): id
            }
        if let slot = byVenueID[venueID] {
            take(news, slot)
        } else if unanswered > 0 {
            strangers.append((venueID, copy news))
        } else {
            adopt(copy news)
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
        let tracked = Tracked(order, isUnanswered: false, epoch: questions)
        tracked.created = venue.created
        tell(add(tracked))
    }

    func take(_ news: borrowing OrderNews, _ slot: Int) {
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
            // A comparison asks for what was missed.
            if tracked.lacksTrades, !isBlind { askMissingFills(slot) }
        case .removed(_, .filled):
            fill(&tracked.order, to: tracked.order.quantity)
            claim(slot)
            end(slot, .filled)
        case .removed(_, .cancelled):
            if isBlind, tracked.order.filled < tracked.order.quantity { return askFills(slot) }
            claim(slot)
            end(slot, .cancelled)
        case .removed(_, .untold): askFills(slot)
        }
    }

    /// Makes an order as the venue tells it; what it tells late changes nothing.
    ///
    /// - Returns: Whether anything changed.
    private func update(_ tracked: Tracked, _ venue: borrowing VenueOrder) -> Bool {
        var isChanged = false
        // Nothing that can remain of an order.
        guard venue.remaining.isValid, !venue.remaining.isNegative else { return false }
        tracked.created = venue.created
        if venue.remaining.units < tracked.order.remaining.units {
            fill(&tracked.order, to: tracked.order.quantity - venue.remaining)
            isChanged = true
        } else if venue.remaining.units > tracked.order.remaining.units {
            return false
        }
        if let funded = venue.funded, funded != tracked.order.funded {
            tracked.order.funded = funded
            isChanged = true
        }
        // An order that rests does not become pending again by a message that comes late.
        let state = tracked.order.state
        if venue.state != state, rank(venue.state) >= rank(state) {
            tracked.order.state = venue.state
            isChanged = true
        }
        return isChanged
    }

    /// Has an order told as it stands when the effects are carried out.
    func tell(_ slot: Int) {
        guard let tracked = slots[slot] else { return }
        if tracked.toldIn == round { effects[tracked.toldAt] = .none }
        tracked.toldIn = round
        tracked.toldAt = effects.count
        effects.append(.changed(slot))
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
        guard let tracked = slots[slot], tracked.order.venueID != nil else { return }
        tracked.hasEndedUnheard = false
        guard !tracked.isAskedAbout else { return }
        tracked.isAskedAbout = true
        effects.append(.askFills(slot, isOver: true))
    }

    // MARK: Ends

    func end(_ slot: Int, _ state: OrderState) {
        guard let tracked = slots[slot], !tracked.order.state.isFinal else { return }
        answer(tracked)
        tracked.order.state = state
        if state != .rejected, state != .cancelled { tracked.order.reason = nil }
        tell(slot)
        if tracked.order.filled.units > tracked.told, tracked.order.venueID != nil,
            !tracked.isAskedAbout
        {
            askMissingFills(slot)
        }
        ended.append(tracked.order.id)
    }

    /// Asks for the trades of an order that are missing.
    func askMissingFills(_ slot: Int) { effects.append(.askFills(slot, isOver: false)) }

    /// Forgets the orders that ended long ago; no effect is left that names them.
    private func forgetOld() {
        guard !isComparing else { return }
        while ended.count - forgotten > memory {
            if let old = byID[ended[forgotten]] { forget(old) }
            forgotten += 1
        }
        if forgotten > memory {
            ended.removeFirst(forgotten)
            forgotten = 0
        }
    }

    /// Forgets the orders that this desk did not place: its predecessor's may be among them.
    ///
    /// - Returns: Whether there were any.
    func forgetStrangers() -> Bool {
        var any = false
        for slot in slots.indices where slots[slot].map({ $0.sent == nil }) == true {
            if slots[slot]?.order.state.isFinal == true { continue }
            forget(slot)
            any = true
        }
        return any
    }

    /// Tracks an order of a predecessor's.
    func track(_ order: Order, sent: Int64, settled: KernelTime?) {
        let tracked = Tracked(
            order, sent: sent, isUnanswered: settled != nil, epoch: questions)
        tracked.settled = settled
        if settled != nil { unanswered += 1 }
        let slot = add(tracked)
        if settled != nil { unknown.append(slot) }
        tell(slot)
        if let settled { effects.append(.reconcile(notBefore: settled)) }
    }

    /// - Returns: The slot.
    private func add(_ tracked: Tracked) -> Int {
        let slot: Int
        tracks += 1
        tracked.number = tracks
        if let last = free.popLast() {
            slot = last
            slots[slot] = tracked
        } else {
            slot = slots.count
            slots.append(tracked)
        }
        byID.set(tracked.order.id, slot)
        if let venueID = tracked.order.venueID { byVenueID.set(venueID, slot) }
        return slot
    }

    private func forget(_ slot: Int) {
        guard let tracked = slots[slot] else { return }
        if tracked.toldIn == round { effects[tracked.toldAt] = .none }
        let order = tracked.order
        byID.remove(order.id)
        if let venueID = order.venueID, byVenueID[venueID] == slot { byVenueID.remove(venueID) }
        owing.removeAll { $0 == slot }
        endDisputes(of: slot)
        if !unknown.isEmpty { unknown.removeAll { $0 == slot } }
        slots[slot] = nil
        free.append(slot)
        tracked.release()
    }
}
