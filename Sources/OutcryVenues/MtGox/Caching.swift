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
    /// that differ.
    ///
    /// - Source: the protocol reference, section 12.2.
    static func page(_ trades: [Trade], after since: Int64?, _ now: WallTime) -> TradePage {
        let day: Int64 = 86_400_000_000
        let hour: Int64 = 3_600_000_000
        let last = trades.last?.id
        if trades.count >= 1000 {
            return TradePage(trades: trades, after: since ?? trades[0].id - 1, next: last)
        }
        guard let since else {
            return TradePage(trades: trades, after: now.microseconds - day, next: nil)
        }
        // The numbers were no times before June 2011, and 0 asks from the beginning.
        let (end, overflow) = since.addingReportingOverflow(day)
        guard since > 1_300_000_000_000_000, !overflow, end < now.microseconds + hour else {
            return TradePage(trades: trades, after: since, next: nil)
        }
        let next = max(last ?? since, end - 2 * hour)
        return TradePage(trades: trades, after: since, next: next)
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
