import OutcryMarket

/// What a ticker says: units of quote and base.
struct MarketSummary: Hashable, Sendable {
    var high: Int64
    var low: Int64
    var average: Int64
    var vwap: Int64
    var volume: Int64
    var last: Int64
    var bestBid: Int64
    var bestAsk: Int64
    /// Microseconds since 1970.
    var stamp: Int64
}

/// The trades of the last 24 hours, summed a minute at a time: bounded memory, whatever the rate.
///
/// The window begins with a whole minute, so it is up to a minute longer than 24 hours.
struct TradeWindow {
    private struct Minute {
        var number: Int64 = -1
        var high: Int64 = 0
        var low: Int64 = 0
        var count: Int64 = 0
        var priceSum = Int128(0)
        var volume = Int128(0)
        var turnover = Int128(0)

        mutating func add(_ trade: EngineTrade) {
            high = count == 0 ? trade.price : max(high, trade.price)
            low = count == 0 ? trade.price : min(low, trade.price)
            count += 1
            priceSum += Int128(trade.price)
            volume += Int128(trade.amount)
            turnover += Int128(trade.price) * Int128(trade.amount)
        }

        mutating func add(_ other: Minute) {
            guard other.count > 0 else { return }
            high = count == 0 ? other.high : max(high, other.high)
            low = count == 0 ? other.low : min(low, other.low)
            count += other.count
            priceSum += other.priceSum
            volume += other.volume
            turnover += other.turnover
        }
    }

    private static let length = 1440
    private var minutes = [Minute](repeating: Minute(), count: Self.length)
    /// The sum of the window without its current minute, and the minute it was made for.
    private var sum = Minute()
    private var current: Int64 = -1
    private(set) var last: Int64?

    /// Counts a trade.
    mutating func add(_ trade: EngineTrade) {
        last = trade.price
        move(to: trade.stamp)
        minutes[Int(current) % Self.length].add(trade)
    }

    /// What the ticker says now.
    ///
    /// Before the first trade its prices are the middle of the book.
    mutating func summary(
        _ engine: MatchingEngine, _ book: BookNumber, at now: Int64
    ) -> MarketSummary {
        move(to: now)
        let bid = engine.best(.bid, in: book) ?? 0
        let ask = engine.best(.ask, in: book) ?? bid
        let last = last ?? (bid == 0 ? ask : bid + (ask - bid) / 2)
        var all = sum
        all.add(minutes[Int(current) % Self.length])
        guard all.count > 0 else {
            return MarketSummary(
                high: last, low: last, average: last, vwap: last, volume: 0, last: last,
                bestBid: bid, bestAsk: ask, stamp: now)
        }
        return MarketSummary(
            high: all.high, low: all.low,
            average: Self.divide(all.priceSum, by: Int128(all.count)),
            vwap: Self.divide(all.turnover, by: all.volume),
            volume: Int64(clamping: all.volume), last: last, bestBid: bid, bestAsk: ask, stamp: now)
    }

    /// Begins a new minute where one has passed, and sums the window anew.
    private mutating func move(to stamp: Int64) {
        let minute = stamp / 60_000_000
        guard minute > current else { return }
        current = minute
        minutes[Int(minute) % Self.length] = Minute(number: minute)
        sum = Minute()
        for old in minutes where old.number > minute - Int64(Self.length) && old.number < minute {
            sum.add(old)
        }
    }

    /// Rounded half up.
    private static func divide(_ sum: Int128, by count: Int128) -> Int64 {
        Int64(clamping: (sum + count / 2) / count)
    }
}
