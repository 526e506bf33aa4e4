public import OutcryComponents
public import OutcryKernel
public import OutcryMarket
import OutcryWire

// What a cache has to know of Mt. Gox: which calls bring what, how long it repeats a reply, where a page of
// trades ends.
extension MtGoxVenue {
    /// Replies are worth as long as the venue repeated them; a whole book as long as five an hour last; and
    /// something old is better than nothing for ten minutes.
    ///
    /// - Source: the protocol reference, section 13.1.
    static var cacheRules: CacheRules {
        var rules = CacheRules()
        let more = Duration.seconds(600)
        rules[.ticker] = CacheRule(age: .seconds(30), serveStaleFor: more)
        rules[.depth] = CacheRule(age: .seconds(10), serveStaleFor: more)
        rules[.fullDepth] = CacheRule(age: .seconds(720), serveStaleFor: .seconds(3600))
        rules[.trades] = CacheRule(age: .seconds(10), serveStaleFor: more)
        return rules
    }

    /// Ticker, depth and trades, by the calls of version 1.
    public func fetchTarget(_ key: CacheKey) -> String? {
        guard let instrument = key.instrument else { return nil }
        switch key.kind {
        case .ticker: return MtGoxCall.ticker(instrument).raw.httpTarget
        case .depth: return MtGoxCall.depth(instrument).raw.httpTarget
        case .fullDepth: return snapshotTarget(instrument)
        case .trades: return MtGoxCall.trades(instrument, since: key.since).raw.httpTarget
        case .wallet, .orders: return nil
        }
    }

    /// Reads the reply to such a call, whatever its status.
    ///
    /// - Throws: ``MtGoxError``.
    public func fetched(
        _ key: CacheKey, from reply: HTTPReply, at now: WallTime
    ) throws -> CacheValue {
        guard let instrument = key.instrument else {
            preconditionFailure("a public call of this venue is about a market")
        }
        let status = reply.head.status
        switch key.kind {
        case .ticker:
            let ticker = try MtGoxReply.ticker(reply.body.span, of: instrument, status: status)
            return .ticker(ticker.summary)
        case .trades:
            let trades = try MtGoxReply.trades(reply.body.span, of: instrument, status: status)
            return .trades(Self.page(trades, after: key.since, now))
        case .depth, .fullDepth, .wallet, .orders:
            return .book(
                try MtGoxReply.depth(reply.body.span, of: instrument, status: status).snapshot)
        }
    }

    /// A reply holds at most a thousand trades, and none that is more than 24 hours later than what was asked
    /// for, so a market that rested for a day is asked for once more behind that. An hour is left for clocks
    /// that differ. Numbers that count know no hours: behind the last of them the next call goes on, and
    /// behind the last that there ever was with the first time; since they came in the order of their
    /// times, with some out of their place, pages of them overlap.
    ///
    /// - Source: the protocol reference, section 12.2.
    static func page(_ trades: [Trade], after since: Int64?, _ now: WallTime) -> TradePage {
        let day: Int64 = 86_400_000_000
        let hour: Int64 = 3_600_000_000
        guard let since else {
            let isFull = trades.count >= 1000
            let after = isFull ? trades[0].id - 1 : now.microseconds - day
            return TradePage(trades: trades, after: after, next: isFull ? trades.last?.id : nil)
        }
        guard since >= MtGox.firstTimeNumber else {
            return TradePage(trades: trades, after: since, next: nextCount(trades, after: since))
        }
        if trades.count >= 1000 {
            return TradePage(trades: trades, after: since, next: trades.last?.id)
        }
        let (end, overflow) = since.addingReportingOverflow(day)
        guard !overflow, end < now.microseconds + hour else {
            return TradePage(trades: trades, after: since, next: nil)
        }
        let next = max(trades.last?.id ?? since, end - 2 * hour)
        return TradePage(trades: trades, after: since, next: next)
    }

    /// Where a call goes on that asked for what is behind a number that counts. Whether a short page is cut at
    /// some hour or the end nobody can tell, so only an empty one is an end: the market's own behind 0, that
    /// of the numbers that count behind any other.
    private static func nextCount(_ trades: [Trade], after since: Int64) -> Int64? {
        let overlap: Int64 = 100
        guard let last = trades.lazy.map(\.id).max() else {
            return since <= 0 ? nil : MtGox.firstTimeNumber
        }
        guard trades.count >= 1000, last < MtGox.firstTimeNumber else { return last }
        return max(since + 1, last - overlap)
    }

    /// The channels of ticker, depth and trades.
    public func channel(of kind: CacheKind, for instrument: Instrument) -> Channel? {
        let channels = channels(for: instrument)
        switch kind {
        case .depth, .fullDepth: return channels[0]
        case .ticker: return channels[1]
        case .trades: return channels[2]
        case .wallet, .orders: return nil
        }
    }
}
