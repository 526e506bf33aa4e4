import OutcryKernel
import OutcryMarket
import OutcryServing

/// The full book of 7 February 2012, and a seeded crowd that trades in it.
///
/// Of 100 things that the crowd does, about 56 are new limit orders near the touch, 32 take one back
/// and 12 take from the book, half of those by market orders. The more the price has left where the
/// recording stood, the more takers push it back. It never ends.
final class February2012Market: MarketSource {
    private let book: RecordedBook
    private let rate: Int64
    private var random: SeededGenerator
    /// The crowd's orders that may still be open, oldest first in no particular place.
    private var own: [OrderNumber] = []
    private let anchor: Int64

    /// Orders of the crowd beyond which one is taken back for each new one.
    private static let mostOrders = 1_500

    init(seed: UInt64, rate: Int) throws(RecordedDataError) {
        precondition(rate > 0, "a crowd does at least one thing a second")
        book = try RecordedBook.february2012()
        random = SeededGenerator(seed: seed)
        self.rate = Int64(rate)
        anchor = ((book.asks.first?.price ?? 0) + (book.bids.last?.price ?? 0)) / 2
    }

    func open(_ engine: MatchingEngine, at now: Int64) throws(EngineError) {
        for level in book.asks {
            try engine.restore(
                .sell, amount: level.amount, price: level.price, owner: .recording,
                stamp: level.stamp)
        }
        for level in book.bids {
            try engine.restore(
                .buy, amount: level.amount, price: level.price, owner: .recording,
                stamp: level.stamp)
        }
    }

    func step(
        _ engine: MatchingEngine, at now: Int64, into events: inout [EngineEvent]
    ) throws(EngineError) -> MarketPause {
        switch draw(100) {
        case ..<56: try make(engine, at: now, into: &events)
        case ..<88: try takeBack(engine, at: now, into: &events)
        default: try take(engine, at: now, into: &events)
        }
        // Between nothing and twice the mean, evenly: bursts and lulls, and the rate holds.
        return .after(microseconds: draw(2_000_000 / rate + 1))
    }

    /// A maker puts a limit order in, never through the other side.
    private func make(
        _ engine: MatchingEngine, at now: Int64, into events: inout [EngineEvent]
    ) throws(EngineError) {
        let side: OrderSide = draw(2) == 0 ? .buy : .sell
        guard let bid = engine.best(.bid), let ask = engine.best(.ask) else { return }
        let touch = side == .buy ? bid : ask
        let part = draw(1024)
        let away = Int64(Int128(touch / 40) * Int128(part * part) / (1024 * 1024))
        // One in eight betters the touch, if there is room.
        let better = draw(8) == 0 && ask - bid > 2 ? 1 + draw((ask - bid) / 2) : 0
        let grid: Int64 = [1, 10, 100, 1000][Int(draw(4))]
        var price = side == .buy ? touch + better - away : Self.sum(touch - better, away)
        if better == 0 { price = price / grid * grid }
        price = side == .buy ? min(max(price, 1), ask - 1) : max(price, bid + 1)
        let number = try engine.limit(
            side, amount: amount(), price: price, owner: .crowd, at: now, into: &events)
        if engine.isOpen(number) { own.append(number) }
        if own.count > Self.mostOrders { try takeBack(engine, at: now, into: &events) }
    }

    /// Somebody takes an order back.
    private func takeBack(
        _ engine: MatchingEngine, at now: Int64, into events: inout [EngineEvent]
    ) throws(EngineError) {
        while !own.isEmpty {
            let place = Int(draw(Int64(own.count)))
            let number = own[place]
            own.swapAt(place, own.count - 1)
            own.removeLast()
            if engine.isOpen(number) {
                return try engine.cancel(number, at: now, into: &events)
            }
        }
    }

    /// Somebody takes from the book.
    private func take(
        _ engine: MatchingEngine, at now: Int64, into events: inout [EngineEvent]
    ) throws(EngineError) {
        guard let bid = engine.best(.bid), let ask = engine.best(.ask) else { return }
        // 50 in 100 buy where the recording stood, all sell 5 % above it, all buy 5 % below.
        let middle = (Int128(bid) + Int128(ask)) / 2
        let drift = (middle - Int128(anchor)) * 1000 / Int128(anchor)
        let side: OrderSide = Int128(draw(100)) < 50 - drift ? .buy : .sell
        if draw(2) == 0 {
            try engine.market(side, amount: amount(), owner: .crowd, at: now, into: &events)
        } else {
            let slip = draw(200)
            let number = try engine.limit(
                side, amount: amount(),
                price: side == .buy ? Self.sum(ask, slip) : max(bid - slip, 1),
                owner: .crowd, at: now, into: &events)
            if engine.isOpen(number) { own.append(number) }
        }
    }

    /// The sum of a price that somebody set and what is added to it, or the largest number.
    private static func sum(_ price: Int64, _ more: Int64) -> Int64 {
        let (sum, over) = price.addingReportingOverflow(more)
        return over ? .max : sum
    }

    // MARK: Seeded choices

    /// A number from 0 to below `bound`, evenly but for a bias of less than 2^-40.
    private func draw(_ bound: Int64) -> Int64 {
        Int64(random.next() % UInt64(max(bound, 1)))
    }

    /// 0.01 to 81.92 BTC: each doubling as likely, a third of them round.
    private func amount() -> Int64 {
        let scale = Int64(1_000_000) << draw(13)
        let exact = scale + draw(scale)
        return draw(3) == 0 ? max(exact / 10_000_000 * 10_000_000, 10_000_000) : exact
    }
}
