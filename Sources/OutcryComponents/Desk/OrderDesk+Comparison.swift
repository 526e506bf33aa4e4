public import OutcryKernel
public import OutcryMarket

// What a desk's books make of the venue's own: after a reconnect, and whenever an outcome is unknown.

/// Orders of which nobody knows whether they exist, and which the venue does not list: they have been filled
/// at once, or have never come to be. They cannot come to be any more.
public struct UnlistedOrders: Sendable {
    /// Their names, in the order in which they were placed.
    public var ids: [OrderID] = []
    /// When the first of them was placed, µs since 1970.
    public var since: Int64 = .max
}

extension OrderDeskMachine {
    /// The gateway is another one: what the last one had on its way has no answer. Orders are unknown from here
    /// on, and cancellations are made again.
    ///
    /// - Parameters:
    ///   - settled: No order that was on its way can come to be after this.
    ///   - unsent: The orders that no gateway has been given yet.
    public func loseGateway(settled: KernelTime, unsent: Set<OrderID> = []) {
        let reason = "what makes the link's calls was started anew before the answer came"
        for case let tracked? in slots where !tracked.order.state.isFinal {
            let id = tracked.order.id
            if tracked.isUnanswered, tracked.settled == nil, !unsent.contains(id) {
                report(.uncertain(id, reason: reason, settled: settled))
            } else if tracked.cancelIsOut {
                report(.cancelUncertain(id, reason: reason))
            }
        }
    }

    /// Orders that a predecessor has seen end: trades of theirs are of no order of which nobody knows.
    func remember(past names: [OrderID]) { past.formUnion(names) }

    /// Begins a comparison: call it right before the venue is asked for its list, and ``endComparison()`` in the
    /// end.
    ///
    /// - Returns: What ``compare(_:question:asked:)`` wants to know.
    public func beginComparison() -> Int {
        questions += 1
        isComparing = true
        return questions
    }

    /// The comparison is through, or the venue has not answered.
    public func endComparison() { isComparing = false }

    /// Takes the list of the account's open orders.
    ///
    /// - Parameters:
    ///   - question: What ``beginComparison()`` returned.
    ///   - asked: When the list was asked for.
    /// - Returns: The unknown orders that are not on it.
    public func compare(
        _ open: [VenueOrder], question: Int, asked: KernelTime
    ) -> UnlistedOrders {
        var listed = Set<OrderID>()
        for order in open {
            listed.insert(order.venueID)
            if byVenueID[order.venueID] == nil, let id = unknownOrder(like: order) {
                placed(id, order.venueID)
            }
            hear(.changed(order))
        }
        var unlisted = UnlistedOrders()
        for slot in slots.indices {
            guard let tracked = slots[slot], !tracked.order.state.isFinal else { continue }
            if let venueID = tracked.order.venueID {
                if !listed.contains(venueID), tracked.epoch < question {
                    askFills(slot)
                } else if tracked.order.filled.units > tracked.told {
                    askMissingFills(slot)
                }
            } else if let settled = tracked.settled, settled <= asked {
                unlisted.ids.append(tracked.order.id)
                unlisted.since = min(unlisted.since, tracked.sent ?? .max)
            }
        }
        unlisted.ids.sort {
            (slots[byID[$0] ?? 0]?.sent ?? 0, $0) < (slots[byID[$1] ?? 0]?.sent ?? 0, $1)
        }
        return unlisted
    }

    /// Takes what the account has traded since the first of the unlisted orders was placed: an order that the
    /// venue names in it, and that nobody here knows, is one of them if it fits. Those that are left do not
    /// exist.
    public func compare(_ executions: [ExecutionNews], unlisted: UnlistedOrders) {
        var strange: [(venueID: OrderID, trades: [ExecutionNews])] = []
        for trade in executions {
            guard let venueID = trade.venueID, byVenueID[venueID] == nil, !past.contains(venueID)
            else { continue }
            if let place = strange.firstIndex(where: { $0.venueID == venueID }) {
                strange[place].trades.append(trade)
            } else {
                strange.append((venueID, [trade]))
            }
        }
        // In the order in which they first traded, as far as that is told: that of their own orders, as a rule.
        strange.sort { Self.began($0.trades) < Self.began($1.trades) }
        for id in unlisted.ids {
            guard let slot = byID[id], let tracked = slots[slot], tracked.order.venueID == nil,
                !tracked.order.state.isFinal
            else { continue }
            // The venue's clock may be some seconds behind.
            let begin = (tracked.sent ?? 0) - 15_000_000
            if let place = strange.firstIndex(where: {
                isLike($0.trades, tracked.order)
                    && $0.trades.allSatisfy { $0.stamp == 0 || $0.stamp >= begin }
            }) {
                placed(id, strange.remove(at: place).venueID)
                askFills(slot)
            } else {
                slots[slot]?.order.reason =
                    "the venue has no such order, and none like it has traded"
                end(slot, .rejected)
            }
        }
    }

    /// When the first of some trades was made; at the end of time where none tells.
    private static func began(_ trades: [ExecutionNews]) -> Int64 {
        trades.lazy.map(\.stamp).filter { $0 != 0 }.min() ?? .max
    }

    /// Takes all that an order has traded.
    ///
    /// - Parameter isOver: It is not open any more.
    public func settle(_ id: OrderID, _ trades: [ExecutionNews], isOver: Bool) {
        guard let slot = byID[id], let order = slots[slot]?.order else { return }
        if isOver, !order.state.isFinal {
            var sum: Int64 = 0
            for trade in trades {
                let (more, isOver) = sum.addingReportingOverflow(trade.quantity?.units ?? 0)
                sum = isOver ? order.quantity.units : more
            }
            // What was filled before this program came to know an order is not part of what it knows.
            let filled = min(max(sum, order.filled.units), order.quantity.units)
            slots[slot]?.order.filled = Quantity(units: filled, of: order.instrument.base)
            slots[slot]?.order.remaining =
                order.quantity - Quantity(units: filled, of: order.instrument.base)
        }
        for var trade in trades {
            trade.venueID = order.venueID
            hear(trade, isNews: false)
        }
        guard let now = slots[slot]?.order else { return }
        if order.state.isFinal || !isOver {
            if now != order { tell(slot) }
        } else {
            slots[slot]?.isAskedAbout = true
            end(slot, now.remaining.units == 0 ? .filled : .cancelled)
        }
    }

    /// The oldest of the unknown own orders that a listed one can be, of one that was for as much as is listed before
    /// one of which a part would have been traded; none while one that looks the same has not been answered yet.
    private func unknownOrder(like venue: VenueOrder) -> OrderID? {
        var found: (id: OrderID, isPart: Bool, sent: Int64)?
        for case let tracked? in slots where tracked.order.venueID == nil {
            let order = tracked.order
            guard tracked.isUnanswered, !order.state.isFinal, order.instrument == venue.instrument,
                order.side == venue.side, order.price == venue.price,
                order.quantity.units >= venue.remaining.units
            else { continue }
            guard tracked.settled != nil else { return nil }
            let sent = tracked.sent ?? 0
            // The venue's clock may be some seconds behind.
            if venue.created != 0, venue.created < sent - 15_000_000 { continue }
            let isPart = order.quantity.units != venue.remaining.units
            let rank = (isPart ? 1 : 0, sent, order.id)
            if found.map({ rank < ($0.isPart ? 1 : 0, $0.sent, $0.id) }) ?? true {
                found = (order.id, isPart, sent)
            }
        }
        return found?.id
    }

    private func isLike(_ trades: [ExecutionNews], _ order: Order) -> Bool {
        var sum: Int64 = 0
        for trade in trades {
            // A history of one currency does not tell the other one.
            guard trade.instrument.map({ $0 == order.instrument }) ?? true,
                trade.side == order.side, let quantity = trade.quantity,
                quantity.scale == order.quantity.scale
            else { return false }
            if let limit = order.price, let price = trade.price {
                guard order.side == .buy ? price <= limit : price >= limit else { return false }
            }
            let (more, isOver) = sum.addingReportingOverflow(quantity.units)
            if isOver { return false }
            sum = more
        }
        return sum == order.quantity.units || order.price == nil && sum < order.quantity.units
    }
}

extension ExecutionNews {
    /// Takes from a later piece what this one does not know.
    mutating func complete(with piece: ExecutionNews) {
        instrument = instrument ?? piece.instrument
        price = price ?? piece.price
        quantity = quantity ?? piece.quantity
        cost = cost ?? piece.cost
        fee = fee ?? piece.fee
        venueID = venueID ?? piece.venueID
        if stamp == 0 { stamp = piece.stamp }
    }
}

extension Order {
    /// Adds what the venue took.
    mutating func add(fee: Money) {
        guard !fee.isZero else { return }
        if fee.currency == instrument.base {
            baseFee = baseFee.map { $0 + fee } ?? fee
        } else if fee.currency == instrument.quote {
            quoteFee = quoteFee.map { $0 + fee } ?? fee
        }
    }
}
