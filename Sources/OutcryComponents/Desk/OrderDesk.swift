public import OutcryKernel
import OutcryMarket

/// Keeps the account's orders: places, cancels, follows each to its end, and finds out about those of which
/// nobody knows.
///
/// Its numbers are exact in the instrument's units; finer requests are rejected. A request that cannot be
/// sent is rejected at once, with the reason; one whose answer is missing is ``OutcryMarket/OrderState/unknown``
/// until the venue's own list has been compared: it is never sent again by itself.
public final class OrderDesk: Session {
    let link: Link
    let options: DeskOptions
    let settlesAfter: Duration
    // A desk is used on its kernel's thread, one event after the other: see ARCHITECTURE.md on exclusivity.
    let machine = OrderDeskMachine()
    @safe @exclusivity(unchecked) private var waiting: [OrderID: Ask<OrderRequest, Order>] = [:]

    @safe @exclusivity(unchecked) private var ends: [OrderID: [Ask<OrderID, Order?>]] = [:]

    /// The venue's clock less the kernel's, µs, or less than that: by what its market told last.
    @safe @exclusivity(unchecked) private var venueLead: Int64?
    @safe @exclusivity(unchecked) private var channelIsUp = false
    /// The account's channel is joined anew, since it has missed something.
    @safe @exclusivity(unchecked) private var awaitsChannel = false
    /// A comparison runs, or waits for its time; what it has found to be otherwise.
    @safe @exclusivity(unchecked) private var comparison: Comparison?

    private struct Comparison {
        var since: KernelTime
        /// Nobody had said that anything was amiss.
        var isAudit = false
        var isRunning = false
        /// Another one is wanted as soon as this one is through.
        var isWantedAgain = false
        var changed: [OrderID: Order] = [:]
        /// The list told something that the channel had not.
        var found = false
    }

    /// The orders whose names have been written down.
    @safe @exclusivity(unchecked) var named = Set<OrderID>()
    /// What is written down, where that is wanted.
    @safe @exclusivity(unchecked) var ledger: LedgerWriter?

    private let isRestarted: Bool

    /// Makes the desk of a link.
    ///
    /// - Parameters:
    ///   - settlesAfter: The venue's ``VenueRules/settlesAfter``.
    ///   - isRestarted: It takes the place of one that failed.
    public init(
        _ link: Link, _ options: DeskOptions = DeskOptions(),
        settlesAfter: Duration = VenueRules().settlesAfter, isRestarted: Bool = false
    ) {
        self.isRestarted = isRestarted
        self.settlesAfter = settlesAfter
        self.link = link
        self.options = options
        ledger = options.ledger.map { LedgerWriter(path: $0) }
    }

    /// Says which orders have not ended, the first twenty.
    public func inspect(_ sheet: inout InspectionSheet) {
        let open = machine.openOrders
        sheet.add(
            "desk",
            [
                "open orders": .number(Int64(open.count)),
                "account's channel": .text(channelIsUp ? "up" : "down"),
            ])
        for order in open.prefix(20) { sheet.add("order", ["as it stands": .text("\(order)")]) }
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<OrderDesk>) {
        on(.started) { me, _, my in me.start(my) }
        on(.place) { me, request, my in
            me.place(copy request, my)
            me.carryOut(my)
        }
        on(.placeNamedOrder) { me, named, my in
            let order =
                if let reason = named.refusal {
                    me.refuse(named.request, reason)
                } else { me.place(named.request, my) }
            guard let order else { return }
            if order.state == .rejected {
                my.answer(named.ask, order)
            } else {
                me.waiting[order.id] = named.ask
            }
            me.carryOut(my)
        }
        on(.cancelOrder) { me, id, my in
            if !me.machine.cancel(id) { my.log.debug("nothing to cancel", "\(copy id)") }
            me.carryOut(my)
        }
        on(.cancelAllOrders) { me, instrument, my in
            me.machine.cancelAll(copy instrument)
            me.carryOut(my)
        }
        on(.endOfOrder) { me, ask, my in
            let order = me.machine.order(ask.question)
            if let order, !order.state.isFinal {
                me.ends[order.id, default: []].append(copy ask)
            } else {
                my.answer(ask, order)
            }
        }
        on(.openOrders) { me, ask, my in my.answer(ask, me.machine.openOrders) }
        on(.refuseOrder) { me, stopped, my in
            me.refuse(stopped.request, stopped.reason)
            me.carryOut(my)
        }
        on(.gatewayReport) { me, report, my in
            me.machine.report(report)
            me.carryOut(my)
        }
        on(.orderNews) { me, news, my in
            me.machine.hear(news)
            me.carryOut(my)
        }
        on(.execution) { me, news, my in
            me.machine.hear(copy news)
            me.carryOut(my)
        }
        on(.accountChannel) { me, isUp, my in
            me.channelIsUp = copy isUp
            me.awaitsChannel = false
            me.machine.isBlind = true
            if me.channelIsUp {
                me.reconcile(my)
            } else if me.comparison == nil {
                // From here on things are missed.
                me.comparison = Comparison(since: my.now)
            }
        }
        on(.ticker) { me, ticker, my in me.hear(stamp: ticker.stamp, my) }
        on(.trade) { me, trade, my in me.hear(stamp: trade.stamp, my) }
        on(.gatewayRestarted) { me, _, my in
            me.channelIsUp = false
            me.awaitsChannel = false
            me.machine.isBlind = true
            if me.comparison == nil { me.comparison = Comparison(since: my.now) }
            me.machine.loseGateway(
                settled: my.now + me.settlesAfter, unsent: me.ledger?.unsent ?? [])
            me.carryOut(my)
        }
        on(.compareOrders) { me, _, my in me.compare(my) }
        on(.auditOrders) { me, _, my in
            guard me.channelIsUp, me.machine.openCount > 0, me.comparison == nil else { return }
            me.comparison = Comparison(since: my.now, isAudit: true)
            me.compare(my)
        }
        on(.renewDeskLink) { me, _, my in me.renewLink(my) }
        on(.lockLedger) { me, _, my in me.lockLedger(my) }
        on(.ledgerLocked) { me, outcome, my in me.locked(outcome, my) }
        on(.ledgerRead) { me, outcome, my in try me.open(outcome, my) }
        on(.ledgerWritten) { me, outcome, my in me.written(outcome, my) }
        on(.retryLedger) { me, _, my in
            me.ledger?.retry()
            me.write(my)
        }
        on(.stopped) { me, _, my in me.unlockLedger(my) }
        on(.fillsTold) { me, told, my in
            let isUnheard = me.machine.settle(told.id, told.executions, isOver: told.isOver)
            me.carryOut(my)
            if isUnheard { me.renewChannel(my) }
        }
    }

    private func start(_ my: Context) {
        machine.isBlind = true
        my.register(
            Topic(.orderNews, from: link.connection), Topic(.orderNews, from: link.gateway),
            Topic(.execution, from: link.gateway),
            Topic(.accountChannel, from: link.gateway), link.ticker, link.trade)
        if let pause = options.audit { my.every(pause, .auditOrders) }
        lockLedger(my)
        if isRestarted { renewLink(my) }
    }

    /// Nobody tells a desk that begins anew whether the account's channel is up, and what it has brought is lost:
    /// another connection is made, with which it comes up. Until it is, once more now and then.
    private func renewLink(_ my: Context) {
        guard !channelIsUp else { return }
        my.post(.renewConnection, to: link.connection)
        my.after(.seconds(30), .renewDeskLink, named: "renew link")
    }

    // MARK: Placing

    @discardableResult private func place(_ request: OrderRequest, _ my: Context) -> Order? {
        var request = request
        request.id = request.id ?? OrderID(random: my.random())
        guard let instrument = request.instrument ?? only else {
            return refuse(
                request, "expected an instrument, since the link has \(link.instruments.count)")
        }
        request.instrument = instrument
        guard let quantity = request.quantity.rescaled(to: instrument.base.decimals),
            quantity.isPositive
        else {
            return refuse(
                request,
                "expected a quantity above zero with at most \(instrument.base.decimals) decimals, found \(request.quantity)"
            )
        }
        request.quantity = quantity
        if let price = request.price {
            guard let exact = price.rescaled(to: instrument.quote.decimals), exact.isPositive else {
                return refuse(
                    request,
                    "expected a price above zero with at most \(instrument.quote.decimals) decimals, found \(price)"
                )
            }
            request.price = exact
        }
        return machine.place(request, at: venueTime(my))
    }

    /// The venue's time, µs since 1970, or an earlier one: nothing that it makes from here on is older, whatever this
    /// machine's clock shows.
    private func venueTime(_ my: Context) -> Int64 {
        let wall = my.wallNow.microseconds
        return venueLead.map { min(my.now.nanoseconds / 1_000 &+ $0, wall) } ?? wall
    }

    /// Takes the time of something that the venue has just told.
    private func hear(stamp: Int64, _ my: Context) {
        if stamp > 0 { venueLead = stamp - my.now.nanoseconds / 1_000 }
    }

    private var only: Instrument? { link.instruments.count == 1 ? link.instruments[0] : nil }

    @discardableResult private func refuse(_ request: OrderRequest, _ reason: String) -> Order? {
        guard let instrument = request.instrument ?? link.instruments.first else { return nil }
        return machine.refuse(request, on: instrument, reason)
    }

    // MARK: Effects

    func carryOut(_ my: Context) {
        guard !machine.effects.isEmpty else { return }
        // Index by index: an effect may lead to more.
        var next = 0
        while next < machine.effects.count {
            carryOut(machine.effects[next], my)
            next += 1
        }
        machine.clearEffects()
    }

    private func carryOut(_ effect: OrderDeskMachine.Effect, _ my: Context) {
        switch effect {
        case .changed(let slot):
            if let tracked = machine.slots[slot] { tell(tracked, my) }
        case .place(let slot):
            if let tracked = machine.slots[slot] {
                place(OrderPlacement(tracked.order), my)
            }
        case .cancel(let slot):
            guard let order = machine.slots[slot]?.order, let venueID = order.venueID else {
                return
            }
            let cancellation = OrderCancellation(
                id: order.id, venueID: venueID, instrument: order.instrument)
            if my.post(.gatewayCancel, to: link.gateway, cancellation) != .taken {
                machine.report(
                    .cancelRefused(order.id, reason: "the link's gateway is not there"))
            }
        case .rejected(let place):
            let order = machine.rejections[place]
            note(told: order, my)
            my.publish(.order, order)
        case .fill(let place):
            my.publish(.fill, machine.fills[place])
        case .askFills(let slot, let isOver):
            guard let order = machine.slots[slot]?.order, let venueID = order.venueID else {
                return
            }
            askFills(order.id, venueID, order.side, isOver: isOver, my)
        case .reconcile(let time):
            reconcile(my)
            if time > my.now { my.at(time, .compareOrders) }
        case .none: break
        }
    }

    private func place(_ placement: OrderPlacement, _ my: Context) {
        guard ledger != nil else { return send(placement, my) }
        if let refusal = ledger?.refusal {
            return machine.report(.refused(placement.id, reason: refusal))
        }
        ledger?.add(placement, at: venueTime(my))
        write(my)
    }

    /// Tells everybody who wants to know how an order stands.
    private func tell(_ tracked: OrderDeskMachine.Tracked, _ my: Context) {
        if comparison != nil || ledger != nil || !waiting.isEmpty || !ends.isEmpty {
            note(told: tracked.order, my)
        }
        // Copied once, to where it is queued.
        my.publish(.order, tracked.order)
    }

    /// Does what the desk itself has to do with an order that is told.
    private func note(told order: Order, _ my: Context) {
        if comparison != nil { comparison?.changed[order.id] = order }
        if ledger != nil { note(order, my) }
        if order.venueID != nil || order.state.isFinal,
            let ask = waiting.removeValue(forKey: order.id)
        {
            my.answer(ask, order)
        }
        if order.state.isFinal {
            for ask in ends.removeValue(forKey: order.id) ?? [] { my.answer(ask, order) }
        }
    }

    /// Asks what an order has traded, until there is an answer.
    private func askFills(
        _ id: OrderID, _ venueID: OrderID, _ side: OrderSide, isOver: Bool, _ my: Context
    ) {
        let gateway = link.gateway
        my.task { [self] my in
            var pause = Duration.milliseconds(250)
            if !isOver {
                // They may be on their way.
                try await my.sleep(.seconds(1))
                guard machine.owesFills(id) else { return }
            }
            while true {
                let answer = try? await my.ask(
                    .askAccount, to: gateway, .fills(venueID, side), timeout: .seconds(30))
                if case .success(.executions(let trades))? = answer {
                    my.yield(.fillsTold, ToldFills(id: id, executions: trades, isOver: isOver))
                    return
                }
                try await my.sleep(pause)
                pause = min(pause * 2, .seconds(15))
            }
        }
    }

    // MARK: Comparing

    /// Compares all orders with the venue's, now and again until they agree.
    func reconcile(_ my: Context) {
        if comparison == nil { comparison = Comparison(since: my.now) }
        comparison?.isAudit = false
        compare(my)
    }

    private func compare(_ my: Context) {
        guard channelIsUp else { return }
        if comparison == nil { comparison = Comparison(since: my.now) }
        guard comparison?.isRunning == false else {
            comparison?.isWantedAgain = true
            return
        }
        comparison?.isRunning = true
        my.task { [self] my in
            let isDone = try await ask(my)
            guard comparison != nil else { return }
            comparison?.isRunning = false
            if !isDone {
                // The venue does not answer: not at once again.
                my.after(options.retry, .compareOrders)
            } else if comparison?.isWantedAgain == true {
                comparison?.isWantedAgain = false
                compare(my)
            } else {
                agree(my)
            }
        }
    }

    /// - Returns: False when the venue has not told all that was asked.
    private func ask(_ my: Context) async throws -> Bool {
        let asked = my.now
        let question = machine.beginComparison()
        defer { machine.endComparison() }
        guard
            case .success(.openOrders(let open))? = try await answer(.openOrders, my)
        else { return false }
        var traded: [OrderID: Int64] = [:]
        for order in machine.unsure(open) {
            guard
                case .success(.executions(let trades))? = try await answer(
                    .fills(order.venueID, order.side), my)
            else { return false }
            traded[order.venueID] = trades.reduce(0) { $0 &+ ($1.quantity?.units ?? 0) }
        }
        let unlisted = machine.compare(
            open, traded: traded, question: question, asked: asked)
        if !machine.effects.isEmpty { comparison?.found = true }
        carryOut(my)
        // What can be another order's as well is not decided before that has its answer.
        if !unlisted.isDecided { my.after(options.retry, .compareOrders) }
        guard !unlisted.ids.isEmpty else { return true }
        // Where the venue has not told its time it may be some seconds behind this machine's.
        let since = unlisted.since - 15_000_000
        guard
            case .success(.executions(let trades))? = try await answer(
                .executions(since: since), my)
        else { return false }
        if !machine.compare(trades, unlisted: unlisted), unlisted.isDecided {
            my.after(options.retry, .compareOrders)
        }
        carryOut(my)
        return true
    }

    private func answer(
        _ question: AccountQuestion, _ my: Context
    ) async throws -> Outcome<AccountAnswer, CallFailure>? {
        do {
            return try await my.ask(.askAccount, to: link.gateway, question, timeout: .seconds(60))
        } catch AskError.cancelled {
            throw CancellationError()
        } catch { return nil }
    }

    private func agree(_ my: Context) {
        guard let comparison else { return }
        self.comparison = nil
        machine.isBlind = awaitsChannel
        if comparison.isAudit, comparison.found { renewChannel(my) }
        my.publish(
            .reconciled,
            Reconciliation(
                changed: comparison.changed.values.sorted { $0.id < $1.id },
                open: machine.openCount, duration: my.now - comparison.since,
                unknown: machine.openOrders.filter { $0.state == .unknown }.map(\.id)))
    }

    /// The account's channel has missed something, and may be lost: it is joined anew. When it is up all is compared
    /// once more, for it may have missed something until then.
    private func renewChannel(_ my: Context) {
        guard channelIsUp, !awaitsChannel else { return }
        my.log.warning("the account's channel has missed something: it is joined anew")
        awaitsChannel = true
        machine.isBlind = true
        my.post(.renewAccountChannel, to: link.gateway)
    }
}

/// What an order has traded.
struct ToldFills: Sendable {
    let id: OrderID
    let executions: [ExecutionNews]
    let isOver: Bool
}

extension Event where Payload == Void {
    static let renewDeskLink = Self("desk.renewLink")
    static let compareOrders = Self("desk.compare")
    static let auditOrders = Self("desk.audit")
}
/// A question for an order, which has its name.
struct NamedAsk {
    let ask: Ask<OrderRequest, Order>
    let request: OrderRequest
    /// Why it goes no further; nil: it does.
    let refusal: String?
}

extension Event where Payload == NamedAsk {
    static let placeNamedOrder = Self("desk.place")
}
extension Event where Payload == ToldFills {
    static let fillsTold = Self("desk.fills")
}
