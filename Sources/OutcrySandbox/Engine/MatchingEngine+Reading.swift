public import OutcryMarket

extension MatchingEngine {
    /// The best price of a side, in units of the quote; nil when nothing rests there.
    public func best(_ side: Side) -> Int64? {
        if side == .bid {
            return bids.best == .none ? nil : -bids[bids.best].key
        }
        return asks.best == .none ? nil : asks[asks.best].key
    }

    /// What stands at a price, in units of the base.
    public func total(_ side: Side, at price: Int64) -> Int64 {
        let ladder = ladder(side)
        return ladder.find(Self.key(price, side)).map { ladder[$0].total } ?? 0
    }

    /// How many prices have orders.
    public func levelCount(_ side: Side) -> Int { side == .bid ? bids.count : asks.count }

    /// How many orders are open, market orders that wait included.
    public var openOrderCount: Int { queues.count }

    /// Whether an order is open.
    public func isOpen(_ number: OrderNumber) -> Bool { queues.find(number) != nil }

    /// An open order; nil when it is not open (any more).
    public func order(_ number: OrderNumber) -> EngineOrder? {
        queues.find(number).map(view)
    }

    /// The order of a side that would be traded next; nil when nothing rests there.
    public func front(_ side: Side) -> EngineOrder? {
        let ladder = ladder(side)
        return ladder.best == .none ? nil : view(ladder[ladder.best].queue.first)
    }

    /// The order of a side that would be traded last; nil when nothing rests there.
    public func back(_ side: Side) -> EngineOrder? {
        let ladder = ladder(side)
        return ladder.worst == .none ? nil : view(ladder[ladder.worst].queue.last)
    }

    /// Calls `body` with price, total and stamp of every level of a side: best first, or if asked
    /// so, lowest price first.
    public func forEachLevel(
        _ side: Side, ascending: Bool = false,
        _ body: (_ price: Int64, _ total: Int64, _ stamp: Int64) -> Void
    ) {
        let ladder = ladder(side)
        let isReversed = ascending && side == .bid
        var at = isReversed ? ladder.worst : ladder.best
        while at != .none {
            let level = ladder[at]
            body(side == .ask ? level.key : -level.key, level.total, level.stamp)
            at = isReversed ? level.better : level.worse
        }
    }

    /// Calls `body` with every order of a side that rests, in the order in which they would trade.
    public func forEachOrder(_ side: Side, _ body: (EngineOrder) -> Void) {
        let ladder = ladder(side)
        var level = ladder.best
        while level != .none {
            var slot = ladder[level].queue.first
            while slot != .none {
                body(view(slot))
                slot = queues[slot].next
            }
            level = ladder[level].worse
        }
    }

    /// The levels of a side, best first, each summed anew from its orders: what a copy of the book
    /// is compared with.
    public func summedLevels(_ side: Side) -> [BookLevel] {
        var result: [BookLevel] = []
        var price: Int64 = 0
        var sum: Int64 = 0
        func close() {
            if sum > 0 {
                result.append(BookLevel(instrument, priceUnits: price, quantityUnits: sum))
            }
        }
        forEachOrder(side) { order in
            guard let at = order.price else { return }
            if at != price {
                close()
                (price, sum) = (at, 0)
            }
            sum += order.remaining
        }
        close()
        return result
    }

    /// A number that two engines share when they stand alike: every open order in its place with
    /// its owner and rest, every level's stamp, the counters.
    public var stateHash: UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ word: Int64) {
            hash = (hash ^ UInt64(bitPattern: word)) &* 0x100_0000_01b3
            hash ^= hash &>> 29
        }
        for side in Side.allCases {
            forEachLevel(side) { price, total, stamp in
                mix(price)
                mix(total)
                mix(stamp)
            }
            forEachOrder(side) { order in
                mix(order.number.value)
                mix(order.owner.value)
                mix(order.remaining)
            }
        }
        for first in [waitingBuys.first, waitingSells.first] {
            var slot = first
            while slot != .none {
                mix(queues[slot].number.value)
                mix(queues[slot].remaining)
                slot = queues[slot].next
            }
            mix(-1)
        }
        for counter in [lastStamp, ordersArrived, tradeCount] { mix(counter) }
        return hash
    }

    private func view(_ slot: Slot) -> EngineOrder {
        let order = queues[slot]
        let rests = order.level != .none
        return EngineOrder(
            number: order.number, owner: order.owner, side: order.side,
            price: rests ? price(of: order) : nil, remaining: order.remaining,
            state: rests ? .open : .executing, stamp: lastStamp)
    }
}
