public import OutcryKernel
import OutcryMarket

/// Stands before the order desk: what its limits forbid never leaves, and is told as a rejected order. It
/// cancels everything where that is asked for.
public final class RiskGuard: Session {
    private let link: Link
    @safe @exclusivity(unchecked) private var machine: RiskGuardMachine
    private let isRestarted: Bool
    private var isStopping = false
    /// All orders are cancelled for the end of the run: one more would stay behind.
    private var isClosed = false

    /// Makes the guard of a link.
    ///
    /// - Parameter failed: One that failed, whose place it takes: its kill switch, its counts and what was spent of
    ///   its limits stay.
    public init(
        _ link: Link, _ limits: RiskLimits = RiskLimits(), inPlaceOf failed: RiskGuard? = nil
    ) {
        self.link = link
        machine = failed?.machine ?? RiskGuardMachine(limits)
        isRestarted = failed != nil
        isClosed = failed?.isClosed ?? false
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<RiskGuard>) {
        on(.started) { me, _, my in me.start(my) }
        on(.place) { me, request, my in
            let request = me.named(copy request, my)
            let posted =
                if let reason = me.refusal(request, my) {
                    my.post(
                        .refuseOrder, to: me.link.desk,
                        StoppedRequest(request: request, reason: reason))
                } else {
                    my.post(.place, to: me.link.desk, request)
                }
            if posted != .taken {
                my.log.error("order not placed: the link's desk is gone or full", request.id ?? "")
            }
        }
        on(.placeOrder) { me, ask, my in
            let request = me.named(ask.question, my)
            let refusal = me.refusal(request, my)
            let posted = my.post(
                .placeNamedOrder, to: me.link.desk,
                NamedAsk(ask: copy ask, request: request, refusal: refusal))
            if posted != .taken, let instrument = request.instrument ?? me.link.instruments.first {
                let reason = "order not placed: the link's desk is gone or full"
                my.answer(copy ask, Order(rejected: request, on: instrument, reason: reason))
            }
        }
        // Through here, so that none of it overtakes the order that it is about.
        on(.cancelOrder) { me, id, my in my.post(.cancelOrder, to: me.link.desk, copy id) }
        on(.cancelAllOrders) { me, instrument, my in
            my.post(.cancelAllOrders, to: me.link.desk, copy instrument)
        }
        on(.endOfOrder) { me, ask, my in my.post(.endOfOrder, to: me.link.desk, copy ask) }
        on(.openOrders) { me, ask, my in my.post(.openOrders, to: me.link.desk, copy ask) }
        on(.order) { me, order, _ in me.machine.note(copy order) }
        on(.trade) { me, trade, _ in me.machine.note(trade.price, of: trade.instrument) }
        on(.ticker) { me, ticker, _ in
            if let last = ticker.last { me.machine.note(last, of: ticker.instrument) }
        }
        on(.killSwitch) { me, isKilled, my in
            me.machine.kill(copy isKilled)
            my.log.warning(copy isKilled ? "kill switch thrown" : "kill switch put back")
            if copy isKilled { me.cancelAll(.killSwitch, my) }
        }
        on(.disconnected) { me, _, my in me.cancelAll(.disconnect, my) }
        on(.connectionStale) { me, _, my in me.cancelAll(.disconnect, my) }
        on(.signalHeard) { me, _, my in
            me.cancelAll(.interrupt, my)
            me.isStopping = true
            me.isClosed = true
            my.kernel.stop(within: me.machine.limits.stopDeadline)
            me.look(my)
        }
        on(.shutdown) { me, _, my in
            me.cancelAll(.shutdown, my)
            if me.machine.limits.cancelsAll.contains(.shutdown) { me.isClosed = true }
        }
        on(.reconciled) { me, _, my in me.recount(my) }
        on(.openOrdersTold) { me, told, _ in
            if let told { me.machine.recount(told.orders, counted: told.counted) }
        }
        on(.lookAtOrders) { me, _, my in me.look(my) }
    }

    private func start(_ my: Context) {
        if machine.counts {
            my.register(link.order, link.reconciled)
            if isRestarted { recount(my) }
        }
        if machine.limits.collar != nil || !machine.limits.notional.isEmpty
            || !machine.limits.openNotional.isEmpty
        {
            my.register(link.trade, link.ticker)
        }
        if machine.limits.cancelsAll.contains(.disconnect) {
            my.register(link.disconnected, link.connectionStale)
        }
        if machine.limits.cancelsAll.contains(.interrupt) {
            let guardian = my.id
            // With a name: a session to which only signals can happen is at its end otherwise.
            my.start(SignalEar(guardian), alias: Alias(link.name + ".signals"))
        }
    }

    /// Asks the desk which orders are open: what was told while there was no guard, or no desk, was not heard.
    private func recount(_ my: Context) {
        let counted = machine.openNames
        // In its place between the news of orders: a workflow would go on behind those that came after it.
        my.ask(.openOrders, to: link.desk, (), timeout: .seconds(60), then: .openOrdersTold) {
            // A desk that is gone is one that begins anew: it reconciles.
            guard case .reply(let orders) = $0 else { return nil }
            return OpenOrdersTold(orders: orders, counted: counted)
        }
    }

    private func named(_ request: OrderRequest, _ my: Context) -> OrderRequest {
        guard request.id == nil else { return request }
        return request.named(OrderID(random: my.random()))
    }

    private func refusal(_ request: OrderRequest, _ my: Context) -> String? {
        if isClosed { return "the program is about to end: all orders have been cancelled" }
        // What has no instrument the desk refuses.
        guard
            let instrument = request.instrument
                ?? (link.instruments.count == 1 ? link.instruments[0] : nil)
        else { return nil }
        return machine.admit(request, on: instrument, at: my.now)
    }

    // MARK: Cancelling

    private func cancelAll(_ cause: CancelCause, _ my: Context) {
        guard machine.limits.cancelsAll.contains(cause), machine.openCount > 0 else { return }
        my.log.warning("all orders are cancelled", "\(cause)", "\(machine.openCount) open")
        my.post(.cancelAllOrders, to: link.desk, nil)
    }

    /// Ends the run as soon as no order is left; the deadline ends it otherwise.
    private func look(_ my: Context) {
        guard isStopping else { return }
        if machine.openCount == 0 { return my.kernel.stop() }
        my.after(.milliseconds(20), .lookAtOrders, named: "look")
    }
}

/// Hears ^C and SIGTERM: a session of its own, since whoever handles a signal keeps the kernel from stopping.
private final class SignalEar: Session {
    private let guardian: SessionID
    init(_ guardian: SessionID) { self.guardian = guardian }

    static func handlers(_ on: inout Handlers<SignalEar>) {
        on(.interrupt) { me, _, my in my.post(.signalHeard, to: me.guardian) }
        on(.terminate) { me, _, my in my.post(.signalHeard, to: me.guardian) }
    }
}

extension Event where Payload == Bool {
    /// Throws the kill switch of a risk guard (true): no order passes any more, and all are cancelled if its
    /// limits say so. False puts it back.
    public static let killSwitch = Self("killSwitch")
}
extension Event where Payload == Void {
    static let signalHeard = Self("risk.signal")
    static let lookAtOrders = Self("risk.look")
}

/// What a desk has told of the open orders, and which were counted when it was asked.
struct OpenOrdersTold {
    let orders: [Order]
    let counted: Set<OrderID>
}

extension Event where Payload == OpenOrdersTold? {
    static let openOrdersTold = Self("risk.openOrders")
}
