import OutcryKernel
import OutcryMarket
import OutcryServing

/// Two days of June 2011: every recorded trade arrives as an order that takes, and meets its price.
///
/// For a recorded trade of amount A at price P the makers first clear the way, so that P is the best
/// price of the side that is taken and its first order has at least A; orders in the way move behind
/// P, each by its maker's seeded choice, and orders far away move near the touch when a side falls
/// behind. Then one limit order of A at P arrives and trades exactly once.
///
/// The recording does not tell who took. The side is the direction of the price: up or first is a
/// buyer, down a seller, unchanged as before.
final class June2011Market: MarketSource {
    private let trades: [RecordedTrade]
    private let book: RecordedBook
    private let loops: Bool
    private var random: SeededGenerator
    private var next = 0
    private var side = OrderSide.buy
    private var lastPrice: Int64 = 0
    /// What it has resting: only that is its to move.
    private var buys = OwnOrders()
    private var sells = OwnOrders()

    /// Prices of a side with orders of its own beyond which the farthest leave.
    private static let mostOrders = 260
    /// Prices of a side with orders of its own below which makers bring new ones.
    private static let fewestOrders = 120
    /// The largest amount that a maker brings, in tenths of a BTC.
    private static let mostTenths = 500

    init(seed: UInt64, loops: Bool) throws(RecordedDataError) {
        trades = try RecordedTrade.june2011()
        book = try RecordedBook.june2011()
        random = SeededGenerator(seed: seed)
        self.loops = loops
    }

    func open(_ engine: MatchingEngine, at now: Int64) throws(EngineError) {
        for level in book.asks {
            let number = try engine.restore(
                .sell, amount: level.amount, price: level.price, owner: .recording, stamp: now)
            sells.add(number, key: level.price)
        }
        for level in book.bids {
            let number = try engine.restore(
                .buy, amount: level.amount, price: level.price, owner: .recording, stamp: now)
            buys.add(number, key: -level.price)
        }
    }

    func step(
        _ engine: MatchingEngine, at now: Int64, into events: inout [EngineEvent]
    ) throws(EngineError) -> MarketPause {
        if next == trades.count {
            guard loops else { return .ended }
            next = 0
        }
        let trade = trades[next]
        try checkRoom(engine, for: trade)
        if trade.price != lastPrice { side = trade.price > lastPrice ? .buy : .sell }
        lastPrice = trade.price
        try clearTheWay(engine, for: trade, at: now, into: &events)
        try follow(engine, trade.price, at: now, into: &events)
        try put(
            engine, side, trade.amount, at: trade.price, owner: .replay, at: now, into: &events)
        next += 1
        guard next < trades.count else { return .after(microseconds: 1_000_000) }
        return .after(microseconds: (trades[next].date - trade.date) * 1_000_000)
    }

    /// A step is done whole or not at all: what it adds to a side at most has to fit before anything moves.
    private func checkRoom(
        _ engine: MatchingEngine, for trade: RecordedTrade
    ) throws(EngineError) {
        let most = trade.amount + 2 * Int64(Self.mostTenths) * 10_000_000
        for side in [OrderSide.buy, .sell] {
            let room = engine.room(side)
            guard most <= room else { throw .bookTooLarge(total: .max - room, amount: most) }
        }
    }

    /// Makes the trade's price the best of the side that it takes, with enough in its first order: among
    /// the market's own. Orders of people stand where they are, and are traded with where they are better.
    private func clearTheWay(
        _ engine: MatchingEngine, for trade: RecordedTrade, at now: Int64,
        into events: inout [EngineEvent]
    ) throws(EngineError) {
        var displaced: [EngineOrder] = []
        for other in [side.opposite, side] {
            while let front = first(other, engine), let price = front.price {
                let isBetter = other == .sell ? price < trade.price : price > trade.price
                let isTooSmall = other == side || front.remaining < trade.amount
                guard isBetter || (price == trade.price && isTooSmall) else { break }
                try engine.cancel(front.number, at: now, into: &events)
                if other == .buy { buys.removeFirst() } else { sells.removeFirst() }
                displaced.append(front)
            }
        }
        if first(side.opposite, engine)?.price != trade.price {
            let extra = chance(2) ? 0 : roundAmount()
            try put(
                engine, side.opposite, trade.amount + extra, at: trade.price, owner: .makers,
                at: now, into: &events)
        }
        for order in displaced {
            try place(
                engine, order.side, order.remaining, behind: trade.price, at: now, into: &events)
        }
    }

    /// Moves what is too far away or too much, so that both sides stay with the price.
    private func follow(
        _ engine: MatchingEngine, _ price: Int64, at now: Int64, into events: inout [EngineEvent]
    ) throws(EngineError) {
        for other in [OrderSide.buy, .sell] {
            let touch = first(other, engine)?.price ?? 0
            let isFar = (touch - price).magnitude > UInt64(price / 200)
            let count = other == .buy ? buys.levelCount(engine) : sells.levelCount(engine)
            if isFar || count > Self.mostOrders, let last = last(other, engine) {
                try engine.cancel(last.number, at: now, into: &events)
                if other == .buy { buys.removeLast() } else { sells.removeLast() }
                if count <= Self.mostOrders {
                    let near = offset(of: price, within: 200)
                    try put(
                        engine, other, last.remaining, at: onGrid(price, near, other),
                        owner: .makers, at: now, into: &events)
                }
            } else if count < Self.fewestOrders {
                try place(engine, other, roundAmount(), behind: price, at: now, into: &events)
            }
        }
    }

    /// Lets a maker put an order somewhere behind a price, mostly near it.
    private func place(
        _ engine: MatchingEngine, _ side: OrderSide, _ amount: Int64, behind price: Int64,
        at now: Int64, into events: inout [EngineEvent]
    ) throws(EngineError) {
        try put(
            engine, side, amount, at: onGrid(price, offset(of: price, within: 12), side),
            owner: .makers, at: now, into: &events)
    }

    // MARK: Its own orders

    private func first(_ side: OrderSide, _ engine: MatchingEngine) -> EngineOrder? {
        side == .buy ? buys.first(engine) : sells.first(engine)
    }

    private func last(_ side: OrderSide, _ engine: MatchingEngine) -> EngineOrder? {
        side == .buy ? buys.last(engine) : sells.last(engine)
    }

    /// An order that is remembered while it rests.
    private func put(
        _ engine: MatchingEngine, _ side: OrderSide, _ amount: Int64, at price: Int64,
        owner: OwnerNumber, at now: Int64, into events: inout [EngineEvent]
    ) throws(EngineError) {
        let number = try engine.limit(
            side, amount: amount, price: price, owner: owner, at: now, into: &events)
        guard engine.isOpen(number) else { return }
        if side == .buy { buys.add(number, key: -price) } else { sells.add(number, key: price) }
    }

    // MARK: Seeded choices

    private func chance(_ of: UInt64) -> Bool { random.next() % of == 0 }

    /// A distance of up to one part in `parts` of the price, small ones more often.
    private func offset(of price: Int64, within parts: Int64) -> Int64 {
        let part = Int64(random.next() % 1024)
        return price / parts * (part * part) / (1024 * 1024) + 1
    }

    /// A price behind `price` as people write them: whole cents mostly.
    private func onGrid(_ price: Int64, _ offset: Int64, _ side: OrderSide) -> Int64 {
        let grid: Int64 = chance(4) ? (chance(2) ? 10 : 100) : 1000
        if side == .sell { return (price + offset + grid - 1) / grid * grid + (chance(2) ? 0 : 10) }
        return max((price - offset) / grid * grid - (chance(2) ? 0 : 10), 1)
    }

    /// An amount between 0.1 and 50 BTC, in tenths.
    private func roundAmount() -> Int64 {
        Int64(1 + random.next() % UInt64(Self.mostTenths)) * 10_000_000
    }
}
