import OutcryKernel
import OutcryMarket

// The part of a cache that listens: what the stream says, when it says nothing, and what was missed.
extension Cache {
    // MARK: Questions about trades

    func askTrades(_ ask: Ask<TradesQuestion, CacheAnswer<TradeTape>>, _ my: Context) {
        let instrument = ask.question.instrument
        let since = ask.question.since
        guard rules[.trades] != nil, link.instruments.contains(instrument) else {
            return self.ask(.trades(instrument, since: since), .trades(ask), my)
        }
        hearTrades(my)
        if tape(of: instrument) == nil { makeTape(instrument, my) }
        if let since, let tape = tape(of: instrument), tapes[tape].floor != nil,
            !tapes[tape].covers(since)
        {
            return self.ask(.trades(instrument, since: since), .trades(ask), my)
        }
        self.ask(.trades(instrument), .trades(ask), my)
    }

    /// Answers a question about trades: out of the tape, or with the one reply that was asked for.
    func tell(
        _ ask: Ask<TradesQuestion, CacheAnswer<TradeTape>>, _ found: Cached<TradePage>,
        _ my: Context
    ) {
        let question = ask.question
        let page = found.value
        let isWhole = !found.isStale && page.next == nil && page.after != nil
        let answer = TradeTape(
            instrument: question.instrument, after: page.after,
            trades: page.trades.filter { $0.instrument == question.instrument },
            isComplete: isWhole, floor: tape(of: question.instrument).flatMap { tapes[$0].floor })
        my.answer(ask, .success(found.with(answer)))
    }

    /// Answers a question about trades out of the tape, where that goes back so far.
    func tellTape(
        _ ask: Ask<TradesQuestion, CacheAnswer<TradeTape>>, _ found: Cached<CacheValue>,
        _ my: Context
    ) {
        let question = ask.question
        guard let tape = tape(of: question.instrument) else {
            let reason = "the trades were given up for want of room"
            return my.refuse(ask, CacheFailure(cause: .busy, reason: reason, retryAt: nil))
        }
        if let since = question.since, !tapes[tape].covers(since) {
            return self.ask(.trades(question.instrument, since: since), .trades(ask), my)
        }
        let answer = tapes[tape].tape(since: question.since, isFresh: !found.isStale)
        my.answer(ask, .success(found.with(answer)))
    }

    // MARK: Tapes

    /// Whether the trades under this key are kept in a tape.
    func isTape(_ key: CacheKey) -> Bool {
        guard key.kind == .trades, key.since == nil, let instrument = key.instrument else {
            return false
        }
        return tape(of: instrument) != nil
    }

    func tape(of instrument: Instrument) -> Int? {
        tapes.firstIndex { $0.instrument == instrument }
    }

    private func makeTape(_ instrument: Instrument, _ my: Context) {
        var tape = TapeMachine(
            instrument, replyAge: venue.rules.snapshotAge, mostTrades: rules.mostTrades,
            window: rules.tradeWindow)
        if let channel = venue.channel(of: .trades, for: instrument), channels.contains(channel) {
            tape.begin(at: my.now)
        }
        tapes.append(tape)
    }

    /// Fetches what is missing behind the last known trade, page after page.
    func fill(_ key: CacheKey, _ ticket: UInt64, _ my: Context) {
        guard let instrument = key.instrument else { return }
        my.task { my in
            while true {
                let asked = my.now
                let before = self.tape(of: instrument).flatMap { self.tapes[$0].newest }
                self.machine.countTradePage()
                let result = await self.fetch(.trades(instrument, since: before), my)
                let end: FetchFailure
                switch result {
                case .success(.trades(let page)):
                    guard let tape = self.tape(of: instrument) else { return }
                    self.tapes[tape].take(page)
                    if let next = page.next, next > before ?? .min { continue }
                    return self.filled(key, ticket, asked: asked, my)
                case .success:
                    end = FetchFailure(
                        reason: "\(key): the venue's part told another kind of thing",
                        retryAt: my.now, wasTried: true)
                case .failure(let failure): end = failure
                }
                self.failed(key, ticket, end, my)
                self.planJoin(my)
                return self.forget(my)
            }
        }
    }

    private func filled(
        _ key: CacheKey, _ ticket: UInt64, asked: KernelTime, _ my: Context
    ) {
        guard let instrument = key.instrument, let tape = tape(of: instrument) else { return }
        let isLive = tapes[tape].finish(asked: asked)
        let (askers, answer) = machine.fetched(key, ticket, .tape, asked: asked, at: my.now)
        if isLive { machine.becameLive(key) }
        for asker in askers { tell(asker, .success(answer), my) }
        if let tape = self.tape(of: instrument) { machine.weigh(key, tapes[tape].bytes) }
        planJoin(my)
        forget(my)
    }

    /// Sets the alarm for the first tape that a reply will meet the stream of.
    private func planJoin(_ my: Context) {
        var first: KernelTime?
        for tape in tapes {
            guard let meets = tape.meetsAt else { continue }
            let time = max(meets, machine.retryAt(.trades(tape.instrument)) ?? meets)
            first = min(first ?? time, time)
        }
        guard let first else { return _ = my.cancel(named: "join") }
        my.at(first, .cacheJoin, named: "join")
    }

    func joinTapes(_ my: Context) {
        for tape in tapes {
            guard let meets = tape.meetsAt, meets <= my.now else { continue }
            let key = CacheKey.trades(tape.instrument)
            switch machine.refresh(key, at: my.now) {
            case .fetch(let ticket): fill(key, ticket, my)
            case .paused: planJoin(my)
            // Its end plans again; or nobody asks for it any more.
            case .isUnderWay, .refused: break
            }
        }
    }

    /// Drops what the machine has given up.
    func forget(_ my: Context) {
        for key in machine.takeEvicted() where key.kind == .trades && key.since == nil {
            tapes.removeAll { $0.instrument == key.instrument }
        }
        if tapes.isEmpty, hearsTrades {
            my.unregister(link.trade)
            hearsTrades = false
        }
    }

    // MARK: The stream

    func hearTickers(_ my: Context) {
        guard !hearsTickers else { return }
        hearsTickers = true
        my.register(link.ticker)
    }

    private func hearTrades(_ my: Context) {
        guard !hearsTrades else { return }
        hearsTrades = true
        my.register(link.trade)
    }

    func hear(_ trade: Trade, _ my: Context) {
        guard let tape = tape(of: trade.instrument) else { return }
        let wasAway = tapes[tape].phase == .away
        tapes[tape].hear(trade, at: my.now)
        if wasAway { planJoin(my) }
    }

    func gained(_ channel: Channel, _ my: Context) {
        if !channels.contains(channel) { channels.append(channel) }
        for i in tapes.indices where tapes[i].phase == .away {
            if venue.channel(of: .trades, for: tapes[i].instrument) == channel {
                tapes[i].begin(at: my.now)
            }
        }
        planJoin(my)
    }

    /// A channel is not subscribed any more, or has been silent since then.
    func lost(_ channel: Channel, since time: KernelTime, _ my: Context) {
        channels.removeAll { $0 == channel }
        for instrument in link.instruments {
            if venue.channel(of: .ticker, for: instrument) == channel {
                machine.lost(.ticker(instrument), at: time)
            }
        }
        for i in tapes.indices
        where venue.channel(of: .trades, for: tapes[i].instrument) == channel {
            tapes[i].lose()
            machine.lost(.trades(tapes[i].instrument), at: time)
        }
        planJoin(my)
    }

    func lostAll(_ my: Context) {
        channels = []
        machine.lostAll(at: my.now)
        for i in tapes.indices { tapes[i].lose() }
        planJoin(my)
    }

    /// The mailbox was full: something may be missing, from before this news and for a while behind it, since
    /// it is told once.
    func overflowed(_ my: Context) {
        distrust(my)
        my.after(.seconds(1), .cacheOverflow, named: "overflow")
    }

    func distrust(_ my: Context) {
        machine.distrustAll()
        // A trade behind the missing ones may be in a tape already: it begins anew.
        for tape in tapes { machine.distrust(.trades(tape.instrument)) }
        let instruments = tapes.map(\.instrument)
        tapes = []
        for instrument in instruments { makeTape(instrument, my) }
        planJoin(my)
    }
}

extension Context {
    fileprivate func refuse<Question, Value>(
        _ ask: Ask<Question, CacheAnswer<Value>>, _ failure: CacheFailure
    ) { answer(ask, .failure(failure)) }
}

extension BookSnapshot {
    /// The levels within so many per cent of the middle between the best prices; all, where a side is empty.
    func near(_ percent: Int) -> BookSnapshot {
        guard let bid = bids.map(\.price.units).max(), let ask = asks.map(\.price.units).min()
        else { return self }
        // Twice the middle, so that it is whole.
        let middle = Int128(bid) + Int128(ask)
        func isNear(_ level: BookLevel) -> Bool {
            (Int128(level.price.units) * 2 - middle).magnitude * 100
                <= middle.magnitude * UInt128(percent)
        }
        return BookSnapshot(
            instrument: instrument, bids: bids.filter(isNear), asks: asks.filter(isNear),
            newestStamp: newestStamp)
    }
}
