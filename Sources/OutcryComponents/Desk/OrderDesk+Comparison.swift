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
    /// Of all others it is known whether they are listed; false: one that is can be one's, or another's that has not
    /// been answered yet. The venue is to be asked again then.
    public var isDecided = true
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

    /// The listed orders of which it has to be known what they have traded so far before it can be told which of the
    /// unknown ones they are: some that are like them were for more than remains of them.
    public func unsure(_ open: [VenueOrder]) -> [VenueOrder] {
        guard !unknown.isEmpty else { return [] }
        return open.filter { venue in
            byVenueID[venue.venueID] == nil
                && slots.contains {
                    guard let tracked = $0, tracked.settled != nil else { return false }
                    return isLike(venue, tracked)
                        && tracked.order.quantity.units > venue.remaining.units
                }
        }
    }

    /// Takes the list of the account's open orders.
    ///
    /// - Parameters:
    ///   - traded: What the orders of ``unsure(_:)`` have traded, by the venue's names, in units of the base; it may
    ///     be more than at the time of the list.
    ///   - question: What ``beginComparison()`` returned.
    ///   - asked: When the list was asked for.
    /// - Returns: The unknown orders that are not on it.
    public func compare(
        _ open: [VenueOrder], traded: [OrderID: Int64] = [:], question: Int, asked: KernelTime
    ) -> UnlistedOrders {
        var listed = Set<OrderID>()
        var undecided: [VenueOrder] = []
        for order in open {
            listed.insert(order.venueID)
            if byVenueID[order.venueID] == nil {
                switch unknownOrder(like: order, traded: traded[order.venueID] ?? 0) {
                case .order(let id): placed(id, order.venueID)
                case .undecided: undecided.append(order)
                case .nobodys: break
                }
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
                if undecided.contains(where: { isLike($0, tracked) }) {
                    unlisted.isDecided = false
                    continue
                }
                unlisted.ids.append(tracked.order.id)
                unlisted.since = min(unlisted.since, tracked.sent ?? .max)
            }
        }
        unlisted.ids.sort {
            slots[byID[$0] ?? 0]?.number ?? 0 < slots[byID[$1] ?? 0]?.number ?? 0
        }
        return unlisted
    }

    /// Takes what the account has traded since the first of the unlisted orders was placed: an order that the
    /// venue names in it, and that nobody here knows, is one of them if it fits. Those that are left do not
    /// exist.
    ///
    /// - Parameter executions: The oldest first, as the venue's orders began with them.
    /// - Returns: Whether all of them are known now. One stays unknown while the order that it may be can be
    ///   another one's too, which has not been answered yet: the venue is to be asked again then.
    public func compare(_ executions: [ExecutionNews], unlisted: UnlistedOrders) -> Bool {
        var strange = strangeOrders(in: executions)
        let nameless = slots.indices.filter {
            slots[$0].map { $0.order.venueID == nil && !$0.order.state.isFinal } ?? false
        }
        var left = unlisted.ids.compactMap { byID[$0] }.filter(nameless.contains)
        var undecided = nameless.filter { !left.contains($0) }
        let others = undecided.count
        // What is all of one order is not a part of another, older one: those that fit best come first.
        for likeness in [Likeness.whole, .restedPart, .part] {
            var rest: [Int] = []
            for slot in likeness == .part ? nearestFirst(left, strange) : left {
                guard let tracked = slots[slot],
                    let place = strange.indices.filter({
                        self.likeness(strange[$0], tracked) == likeness
                    }).min(by: {
                        (distance(strange[$0], tracked), $0) < (distance(strange[$1], tracked), $1)
                    })
                else {
                    rest.append(slot)
                    continue
                }
                let isContested = undecided.contains { other in
                    slots[other].flatMap { self.likeness(strange[place], $0) }
                        .map { $0 >= likeness } ?? false
                }
                if isContested {
                    undecided.append(slot)
                } else {
                    placed(tracked.order.id, strange.remove(at: place).venueID)
                    askFills(slot)
                }
            }
            left = rest
        }
        for slot in left {
            slots[slot]?.order.reason = "the venue has no such order, and none like it has traded"
            end(slot, .rejected)
        }
        return undecided.count == others
    }

    /// An order that the venue names in trades of the account's, and that nobody here knows.
    private struct Strange {
        let venueID: OrderID
        var trades: [ExecutionNews]
        /// What the account's channel has said of it: all that was told to remain of it at first.
        var told: VenueOrder?
        /// The channel has told that all of it was traded.
        var isFilled = false
    }

    /// How an order of the venue's is like one of the own that has no name yet.
    private enum Likeness: Int, Comparable {
        /// It is over, and this can be the part of it that was traded: a market order's, or one's that a predecessor
        /// has cancelled.
        case part
        /// The same, of a limited order that has traded at its limit, as what rests does.
        case restedPart
        /// It was for as much.
        case whole

        static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
    }

    /// Those first whose limit is nearest to what was traded: what is bought below a limit, or sold above it, is hardly
    /// that of an order which would have gone much further.
    private func nearestFirst(_ left: [Int], _ strange: [Strange]) -> [Int] {
        let distances = left.map { slot in
            guard let tracked = slots[slot] else { return Int64.max }
            return strange.filter { likeness($0, tracked) == .part }
                .map { distance($0, tracked) }.min() ?? .max
        }
        return left.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }
            .map { left[$0] }
    }

    /// How far from an order's limit was traded, in units of the price; 0 where there is none, or nobody has told.
    private func distance(_ strange: Strange, _ tracked: Tracked) -> Int64 {
        guard let limit = tracked.order.price else { return 0 }
        return strange.trades.map { trade in
            guard let price = trade.price?.rescaled(to: limit.scale) else { return 0 }
            return abs(price.units - limit.units)
        }.max() ?? 0
    }

    private func strangeOrders(in executions: [ExecutionNews]) -> [Strange] {
        var strange: [Strange] = []
        for trade in executions {
            guard let venueID = trade.venueID, byVenueID[venueID] == nil, !past.contains(venueID)
            else { continue }
            if let place = strange.firstIndex(where: { $0.venueID == venueID }) {
                strange[place].trades.append(trade)
            } else {
                strange.append(Strange(venueID: venueID, trades: [trade]))
            }
        }
        for (venueID, news) in strangers {
            guard let place = strange.firstIndex(where: { $0.venueID == venueID }) else { continue }
            switch news {
            case .changed(let order) where strange[place].told == nil: strange[place].told = order
            case .removed(_, .filled): strange[place].isFilled = true
            default: break
            }
        }
        return strange
    }

    /// Takes all that an order has traded.
    ///
    /// - Parameter isOver: It is not open any more.
    /// - Returns: Whether it has ended by this though nobody has told that it did: the account's channel has missed
    ///   it, and who knows what else.
    @discardableResult
    public func settle(_ id: OrderID, _ trades: [ExecutionNews], isOver: Bool) -> Bool {
        guard let slot = byID[id], let order = slots[slot]?.order else { return false }
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
        guard let now = slots[slot]?.order else { return false }
        guard isOver, !order.state.isFinal else {
            if now != order { tell(slot) }
            return false
        }
        slots[slot]?.isAskedAbout = true
        end(slot, now.remaining.units == 0 ? .filled : .cancelled)
        return slots[slot]?.hasEndedUnheard ?? false
    }

    /// The unknown own order that a listed one can be: that which was for as much as remains of it and was traded, or
    /// for hardly less, since some may have been traded behind the list; of two such the older one.
    private func unknownOrder(like venue: VenueOrder, traded: Int64) -> Likely {
        let (sum, isOver) = venue.remaining.units.addingReportingOverflow(traded)
        let whole = isOver ? .max : sum
        var found: (id: OrderID, lacks: Int64, number: Int)?
        for case let tracked? in slots where isLike(venue, tracked) {
            let units = tracked.order.quantity.units
            guard units <= whole else { continue }
            guard tracked.settled != nil else { return .undecided }
            let rank = (whole - units, tracked.number)
            if found.map({ rank < ($0.lacks, $0.number) }) ?? true {
                found = (tracked.order.id, rank.0, rank.1)
            }
        }
        return found.map { .order($0.id) } ?? .nobodys
    }

    /// Whose a listed order is likely to be that nobody here knows.
    private enum Likely {
        case nobodys
        case order(OrderID)
        /// It can be one's that has not been answered yet.
        case undecided
    }

    /// Whether a listed order can be one of the own that has no name yet, by all but what it has traded.
    private func isLike(_ venue: VenueOrder, _ tracked: Tracked) -> Bool {
        guard tracked.isUnanswered, tracked.order.venueID == nil, !tracked.order.state.isFinal,
            tracked.order.instrument == venue.instrument, tracked.order.side == venue.side,
            tracked.order.price == venue.price,
            tracked.order.quantity.units >= venue.remaining.units
        else { return false }
        // Where the venue has not told its time it may be some seconds behind this machine's.
        return venue.created == 0 || venue.created >= (tracked.sent ?? 0) - 15_000_000
    }

    /// How a strange order is like one of the own that has no name yet; nil where it is another one.
    private func likeness(_ strange: Strange, _ tracked: Tracked) -> Likeness? {
        let order = tracked.order
        // Where the venue has not told its time it may be some seconds behind this machine's.
        let begin = (tracked.sent ?? 0) - 15_000_000
        var sum: Int64 = 0
        for trade in strange.trades {
            // A history of one currency does not tell the other one.
            guard trade.instrument.map({ $0 == order.instrument }) ?? true,
                trade.side == order.side, trade.stamp == 0 || trade.stamp >= begin,
                let quantity = trade.quantity, quantity.scale == order.quantity.scale
            else { return nil }
            if let limit = order.price, let price = trade.price {
                guard order.side == .buy ? price <= limit : price >= limit else { return nil }
            }
            let (more, isOver) = sum.addingReportingOverflow(quantity.units)
            if isOver { return nil }
            sum = more
        }
        if let told = strange.told {
            guard told.instrument == order.instrument, told.price == order.price,
                told.remaining.units <= order.quantity.units
            else { return nil }
        }
        if sum == order.quantity.units { return .whole }
        guard sum < order.quantity.units, !strange.isFilled else { return nil }
        guard let limit = order.price else { return .part }
        guard tracked.isInherited else { return nil }
        return strange.trades.allSatisfy { $0.price == limit } ? .restedPart : .part
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
