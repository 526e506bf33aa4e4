extension MtGoxClient {
    /// The same questions, answered from memory while the answers are as young as the venue's own: ask as often
    /// as you like.
    ///
    /// An answer says how old it is, and whether it is stale since the venue could not be asked.
    public var cached: MtGoxCachedClient { MtGoxCachedClient(client: self) }
}

/// The memory of a ``MtGoxClient``; ages and limits are those of `VenueRules.cache`.
public struct MtGoxCachedClient {
    let client: MtGoxClient

    /// The summary of a market.
    public func ticker(
        _ instrument: Instrument = .btcusd
    ) throws(CacheFailure) -> Cached<Ticker> { try ask(.cachedTicker, instrument) }

    /// The levels near the best prices.
    public func depth(
        _ instrument: Instrument = .btcusd
    ) throws(CacheFailure) -> Cached<BookSnapshot> { try ask(.cachedDepth, instrument) }

    /// All levels.
    public func fullDepth(
        _ instrument: Instrument = .btcusd
    ) throws(CacheFailure) -> Cached<BookSnapshot> { try ask(.cachedFullDepth, instrument) }

    /// The trades after the one numbered `since`; without, as many as are kept.
    public func trades(
        _ instrument: Instrument = .btcusd, since: Int64? = nil
    ) throws(CacheFailure) -> Cached<TradeTape> {
        try ask(.cachedTrades, TradesQuestion(instrument, since: since))
    }

    private func ask<Question, Value>(
        _ event: Event<Ask<Question, CacheAnswer<Value>>>, _ question: Question
    ) throws(CacheFailure) -> Cached<Value> {
        let (cache, timeout) = (client.link.cache, client.timeout)
        let answer: CacheAnswer<Value>
        do {
            answer = try client.wait { my in
                try await my.ask(event, to: cache, question, timeout: timeout)
            }
        } catch AskError.timedOut {
            throw CacheFailure(
                cause: .venue, reason: "no answer within \(timeout)", retryAt: nil)
        } catch is ClientClosed {
            throw CacheFailure(cause: .venue, reason: "the client is closed", retryAt: nil)
        } catch { throw CacheFailure(cause: .venue, reason: "\(error)", retryAt: nil) }
        switch answer {
        case .success(let found): return found
        case .failure(let failure): throw failure
        }
    }
}
