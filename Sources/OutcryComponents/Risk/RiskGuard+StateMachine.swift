public import OutcryKernel
public import OutcryMarket

/// The counts that limits are about. No kernel, no I/O.
public struct RiskGuardMachine {
    /// What passes.
    public private(set) var limits: RiskLimits
    /// Nothing passes.
    public private(set) var isKilled = false

    /// What is left of each open order, by its name.
    private var open: [OrderID: (instrument: Instrument, side: OrderSide, worth: Money)] = [:]
    private var sums: [Currency: Money] = [:]
    private var last: [(instrument: Instrument, price: Price)] = []

    /// Open orders are counted: a limit is about them, or something cancels them. Without that they would be
    /// counted in and never out.
    public let counts: Bool

    /// Makes a guard that knows of no orders.
    public init(_ limits: RiskLimits) {
        self.limits = limits
        counts =
            limits.openOrders != nil || !limits.openNotional.isEmpty || !limits.cancelsAll.isEmpty
    }

    /// How many orders are open, or on their way.
    public var openCount: Int { open.count }

    /// The names of the orders that are counted.
    var openNames: Set<OrderID> { Set(open.keys) }

    /// Counts right: of the orders that were counted when a desk was asked, none is open but those that it tells.
    mutating func recount(_ told: [Order], counted: Set<OrderID>) {
        let names = Set(told.map(\.id))
        for id in counted.subtracting(names).sorted() { forget(id) }
        for order in told { note(order) }
    }

    /// Throws the kill switch, or puts it back.
    public mutating func kill(_ isKilled: Bool) { self.isKilled = isKilled }

    /// Takes the last price of a market.
    public mutating func note(_ price: Price, of instrument: Instrument) {
        if let place = last.firstIndex(where: { $0.instrument == instrument }) {
            last[place].price = price
        } else {
            last.append((instrument, price))
        }
    }

    /// Looks whether an order passes, and counts it if so. Its name is there.
    ///
    /// - Returns: Nil when it passes, otherwise why not: what was expected, and what came.
    public mutating func admit(
        _ request: OrderRequest, on instrument: Instrument, at now: KernelTime
    ) -> String? {
        guard !isKilled else { return "the kill switch is thrown" }
        if let most = limits.quantity, !(request.quantity <= most) {
            return "expected at most \(most) an order, found \(request.quantity)"
        }
        let reference = last.first { $0.instrument == instrument }?.price
        if let collar = limits.collar, let reason = collared(request, reference, collar) {
            return reason
        }
        var worth = Money.zero(instrument.quote)
        let needsWorth = !limits.notional.isEmpty || !limits.openNotional.isEmpty
        if needsWorth {
            guard let price = request.price ?? reference else {
                return
                    "expected a price to reckon with, found a market order before the first trade"
            }
            worth = price.times(request.quantity, in: instrument.quote, rounding: .up)
            if let most = limits.notional.first(where: { $0.currency == worth.currency }),
                !(worth <= most)
            {
                return "expected an order of at most \(most), found one of \(worth)"
            }
            let sum = (sums[worth.currency] ?? .zero(worth.currency)) + worth
            if let most = limits.openNotional.first(where: { $0.currency == worth.currency }),
                !(sum <= most)
            {
                return "expected open orders of at most \(most), found \(sum) with this one"
            }
        }
        if let most = limits.openOrders, open.count >= most {
            return "expected at most \(most) open orders, found one more"
        }
        if limits.rate != nil, case .spent(let until)? = limits.rate?.take(at: now) {
            return "expected at most \(limits.rate?.capacity ?? 0) orders in "
                + "\(limits.rate?.period ?? .zero), found one more; the next may go in \(until - now)"
        }
        if counts, let id = request.id {
            count(id, instrument, request.side, worth)
        }
        return nil
    }

    private func collared(_ request: OrderRequest, _ reference: Price?, _ collar: Int) -> String? {
        guard let limit = request.price else { return nil }
        guard let reference else { return "expected a last price to compare with, found none yet" }
        let wing = reference.scaled(by: collar, over: 1_000, rounding: .down)
        let bound = request.side == .buy ? reference + wing : reference - wing
        let isInside = request.side == .buy ? limit <= bound : limit >= bound
        return isInside
            ? nil
            : "expected a price \(request.side == .buy ? "up to" : "from") \(bound), found \(limit) with a last price of \(reference)"
    }

    /// Takes how an order stands.
    public mutating func note(_ order: Order) {
        guard !order.state.isFinal else { return forget(order.id) }
        var worth = Money.zero(order.instrument.quote)
        if !limits.openNotional.isEmpty {
            let price = order.price ?? last.first { $0.instrument == order.instrument }?.price
            if let price {
                worth = price.times(order.remaining, in: order.instrument.quote, rounding: .up)
            }
        }
        count(order.id, order.instrument, order.side, worth)
    }

    private mutating func count(
        _ id: OrderID, _ instrument: Instrument, _ side: OrderSide, _ worth: Money
    ) {
        let old = open.updateValue((instrument, side, worth), forKey: id)
        guard !limits.openNotional.isEmpty else { return }
        let sum = sums[worth.currency] ?? .zero(worth.currency)
        sums[worth.currency] = sum + worth - (old?.worth ?? .zero(worth.currency))
    }

    private mutating func forget(_ id: OrderID) {
        guard let old = open.removeValue(forKey: id), !limits.openNotional.isEmpty else { return }
        if let sum = sums[old.worth.currency] { sums[old.worth.currency] = sum - old.worth }
    }
}
