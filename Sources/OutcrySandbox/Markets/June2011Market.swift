import OutcryKernel
import OutcryMarket

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

    /// Orders of a side beyond which the farthest leave.
    private static let mostOrders = 260
    /// Orders of a side below which makers bring new ones.
    private static let fewestOrders = 120

    init(seed: UInt64, loops: Bool) throws(RecordedDataError) {
        trades = try RecordedTrade.june2011()
        book = try RecordedBook.june2011()
        random = SeededGenerator(seed: seed)
        self.loops = loops
    }

    func open(_ engine: MatchingEngine, at now: Int64) throws(EngineError) {
        for level in book.asks {
            try engine.restore(
                .sell, amount: level.amount, price: level.price, owner: .recording, stamp: now)
        }
        for level in book.bids {
            try engine.restore(
                .buy, amount: level.amount, price: level.price, owner: .recording, stamp: now)
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
        if trade.price != lastPrice { side = trade.price > lastPrice ? .buy : .sell }
        lastPrice = trade.price
        try clearTheWay(engine, for: trade, at: now, into: &events)
        try follow(engine, trade.price, at: now, into: &events)
        try engine.limit(
            side, amount: trade.amount, price: trade.price, owner: .replay, at: now, into: &events)
        next += 1
        guard next < trades.count else { return .after(microseconds: 1_000_000) }
        return .after(microseconds: (trades[next].date - trade.date) * 1_000_000)
    }

    /// Makes the trade's price the best of the side that it takes, with enough in its first order: among
    /// the market's own. Orders of people stand where they are, and are traded with where they are better.
    private func clearTheWay(
        _ engine: MatchingEngine, for trade: RecordedTrade, at now: Int64,
        into events: inout [EngineEvent]
    ) throws(EngineError) {
        var displaced: [EngineOrder] = []
        for taken in [side.takes, side.rests] {
            while let front = engine.marketFront(taken), let price = front.price {
                let isBetter = taken == .ask ? price < trade.price : price > trade.price
                let isTooSmall =
                    taken == side.takes ? front.remaining < trade.amount : true
                guard isBetter || (price == trade.price && isTooSmall) else { break }
                try engine.cancel(front.number, at: now, into: &events)
                displaced.append(front)
            }
        }
        if engine.marketFront(side.takes)?.price != trade.price {
            let extra = chance(2) ? 0 : roundAmount()
            try engine.limit(
                side.opposite, amount: trade.amount + extra, price: trade.price, owner: .makers,
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
            let touch = engine.best(other.rests) ?? 0
            let isFar = (touch - price).magnitude > UInt64(price / 200)
            let count = engine.levelCount(other.rests)
            if isFar || count > Self.mostOrders, let last = engine.marketBack(other.rests) {
                try engine.cancel(last.number, at: now, into: &events)
                if count <= Self.mostOrders {
                    let near = offset(of: price, within: 200)
                    try engine.limit(
                        other, amount: last.remaining,
                        price: onGrid(price, near, other), owner: .makers, at: now, into: &events)
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
        try engine.limit(
            side, amount: amount, price: onGrid(price, offset(of: price, within: 12), side),
            owner: .makers, at: now, into: &events)
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
    private func roundAmount() -> Int64 { Int64(1 + random.next() % 500) * 10_000_000 }
}
