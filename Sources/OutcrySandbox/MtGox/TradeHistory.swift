import OutcryVenues

/// The last trades, for those who ask by HTTP.
struct TradeHistory {
    private var trades: [EngineTrade] = []
    private let limit: Int

    /// Keeps the last `limit` trades at least, twice as many at most.
    init(limit: Int) {
        precondition(limit > 0, "a history keeps at least one trade")
        self.limit = limit
    }

    mutating func add(_ trade: EngineTrade) {
        if trades.count == 2 * limit { trades.removeFirst(limit) }
        trades.append(trade)
    }

    /// The first 1,000 trades after the one with this number that happened within 24 hours after it; behind a
    /// number that is no time whenever they happened.
    func since(_ number: Int64) -> ArraySlice<EngineTrade> {
        let start = firstIndex(after: number)
        let rest = trades[start...]
        guard number >= MtGox.firstTimeNumber else { return rest.prefix(1_000) }
        let (end, overflow) = number.addingReportingOverflow(86_400_000_000)
        return rest.prefix(overflow ? 1_000 : min(1_000, firstIndex(after: end) - start))
    }

    /// The last 1,000 trades of the last 24 hours.
    func lastDay(before now: Int64) -> ArraySlice<EngineTrade> {
        trades[firstIndex(after: now - 86_400_000_000)...].suffix(1_000)
    }

    private func firstIndex(after number: Int64) -> Int {
        var (low, high) = (0, trades.count)
        while low < high {
            let middle = (low + high) / 2
            if trades[middle].id <= number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
