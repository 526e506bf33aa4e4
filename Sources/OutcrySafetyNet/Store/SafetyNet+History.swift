import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryVenues

// Trades since the beginning: the link's tape, which has no hole, brings the present; pages, fetched one
// by one, fill what lies before. The store is never touched on the kernel's thread.

/// What a write to the store came to.
struct StoredTrades: Sendable {
    let place: Int
    let spans: Result<TradeSpans, any Error>
    /// What is in there is a page of the past.
    let isPage: Bool
}

extension Event where Payload == StoredTrades {
    static let netStored = Self("safetyNet.stored")
}

extension SafetyNet {
    /// A trade was heard: the store is to be brought up to the present.
    func noteTrade(_ my: Context) {
        for place in histories.indices { histories[place].isHeard = true }
    }

    /// Brings the store up to what the link's tape has.
    func syncHistories(_ my: Context) {
        for place in histories.indices
        where histories[place].isHeard && !histories[place].isWriting {
            sync(place, my)
        }
    }

    /// A trade may be told so much later than one with a greater number, in microseconds: so much of the
    /// end is given to the store again.
    private static let lateness: Int64 = 10_000_000

    private func sync(_ place: Int, _ my: Context) {
        // A tape that goes back so far is asked for its end only.
        let now = my.wallNow.microseconds
        let newest = store == nil ? histories[place].tapeEnd : histories[place].spans.newest
        let since = newest.flatMap { number in
            [number - Self.lateness, number].first {
                histories[place].tapeCovers($0, now: now)
            }
        }
        histories[place].beginSync(at: my.now)
        let question = TradesQuestion(histories[place].market, since: since)
        let cache = link.cache
        my.task { my in
            do throws(AskError) {
                let answer = try await my.ask(
                    .cachedTrades, to: cache, question, timeout: .seconds(60))
                guard case .success(let found) = answer else { return self.retry(place, my) }
                self.take(found.value, asked: since, place, my)
            } catch { self.retry(place, my) }
        }
    }

    private func retry(_ place: Int, _ my: Context) {
        histories[place].isWriting = false
        histories[place].isHeard = true
    }

    private func take(_ tape: TradeTape, asked: Int64?, _ place: Int, _ my: Context) {
        guard let after = tape.after else { return retry(place, my) }
        // Where it begins behind what was asked for, what lies between is not written as whole below.
        histories[place].note(tape, asked: asked)
        let high = max(after, tape.trades.last?.id ?? after)
        // The end of the tape is not the present: it is asked again.
        if !tape.isComplete { histories[place].isHeard = true }
        guard store != nil, storeFailure == nil, high > histories[place].spans.newest ?? .min else {
            return histories[place].endSync()
        }
        write(tape.trades, TradeSpan(after, high), place, isPage: false, my)
    }

    private func write(
        _ trades: [Trade], _ span: TradeSpan, _ place: Int, isPage: Bool, _ my: Context
    ) {
        guard let store else { return }
        let market = histories[place].market
        counters.stored += trades.count
        my.offload(
            {
                StoredTrades(
                    place: place,
                    spans: Result { try store.add(trades, of: market, whole: span) },
                    isPage: isPage)
            }, then: .netStored)
    }

    /// A batch is written, or cannot be: then the history stays as it is, and says so.
    func stored(_ outcome: StoredTrades, _ my: Context) {
        if outcome.isPage {
            histories[outcome.place].isFetching = false
        } else {
            histories[outcome.place].endSync()
        }
        switch outcome.spans {
        case .success(let spans): histories[outcome.place].spans = spans
        case .failure(let error):
            storeFailure = error
            my.log.error("trades are not stored any more", "\(error)")
        }
    }

    // MARK: The past

    /// Fetches the next page of each market that misses one, and comes back for more.
    func fillHistories(_ my: Context) {
        guard store != nil, storeFailure == nil, !isDraining else { return }
        for place in histories.indices
        where isUp && !histories[place].isFetching && histories[place].nextPage <= my.now {
            if let number = histories[place].missingAfter { fetchPage(after: number, place, my) }
        }
        my.after(configuration.historyPace, .netHistory, named: "history")
    }

    private func fetchPage(after number: Int64, _ place: Int, _ my: Context) {
        histories[place].isFetching = true
        counters.pages += 1
        histories[place].pages += 1
        let key = CacheKey.trades(histories[place].market, since: number)
        let source = link.snapshots
        my.task { my in
            do throws(AskError) {
                let answer = try await my.ask(.fetch, to: source, key, timeout: .seconds(60))
                switch answer {
                case .success(.trades(let page)): self.take(page, after: number, place, my)
                case .success: self.pause(place, until: my.now + .seconds(60))
                case .failure(let failure): self.pause(place, until: failure.retryAt)
                }
            } catch { self.pause(place, until: my.now + .seconds(10)) }
        }
    }

    private func pause(_ place: Int, until time: KernelTime) {
        histories[place].isFetching = false
        histories[place].nextPage = time
    }

    private func take(
        _ page: TradePage, after number: Int64, _ place: Int, _ my: Context
    ) {
        let market = histories[place].market
        let trades = page.trades.filter { $0.instrument == market && $0.id > number }
        let last = trades.reduce(number) { max($0, $1.id) }
        guard let after = page.after, after <= number, let high = reached(page, last, number, place)
        else { return pause(place, until: my.now + .seconds(60)) }
        write(trades, TradeSpan(number, high), place, isPage: true, my)
    }

    /// Up to where a page has everything; nil where it brings nothing new.
    private func reached(
        _ page: TradePage, _ last: Int64, _ number: Int64, _ place: Int
    ) -> Int64? {
        if let next = page.next { return next > number ? next : nil }
        // The present: whatever the tape has begins at most here.
        let hole = histories[place].spans.hole(from: number)
        return hole.map { max(last, $0.high) } ?? (last > number ? last : nil)
    }

    // MARK: Questions

    /// The venue's reply holds at most so many trades.
    private static let pageLength = 1_000
    /// And none that is so much later than what was asked for, in microseconds, where that is a time.
    private static let pageSpan: Int64 = 86_400_000_000

    /// The last number that a reply may hold.
    private static func pageEnd(_ since: Int64) -> Int64 {
        let (end, over) = since.addingReportingOverflow(pageSpan)
        return since < MtGox.firstTimeNumber || over ? .max : end
    }

    /// Answers `trades`: from the link's tape, before it from the store, and where that has a hole from the
    /// upstream.
    func makeTrades(
        _ question: ReplyQuestion, _ market: Instrument, _ since: Int64?, _ my: Context
    ) {
        guard let place = place(of: market) else {
            return fail(question, .unknownPair(market.name), isLate: false)
        }
        if let since, !histories[place].tapeCovers(since, now: my.wallNow.microseconds) {
            if let store, let reach = histories[place].spans.reach(after: since) {
                return readStore(store, question, place, since, reach: reach, my)
            }
            // Where neither has it it costs a call.
            if histories[place].tapeLacks(since, now: my.wallNow.microseconds),
                let wait = waitForPage(TradesQuestion(market, since: since), my)
            {
                return fail(question, .tooManyRequests(wait: wait), isLate: false)
            }
        }
        askTape(question, market, since, before: [], from: since, my)
    }

    /// Counts a page that is to be fetched; nil: it may be, or it was just before.
    private func waitForPage(_ question: TradesQuestion, _ my: Context) -> Int? {
        if let asked = pagesAsked[question], my.now - asked < .seconds(9) { return nil }
        if let wait = pageRate.wait(0, at: my.now) { return wait }
        // At most 15 of 20 s count.
        if pagesAsked.count > 100 { pagesAsked.removeAll() }
        pagesAsked[question] = my.now
        return nil
    }

    private func askTape(
        _ question: ReplyQuestion, _ market: Instrument, _ since: Int64?, before: [Trade],
        from number: Int64?, _ my: Context
    ) {
        let cache = link.cache
        my.task { my in
            do throws(AskError) {
                switch try await my.ask(
                    .cachedTrades, to: cache, TradesQuestion(market, since: number),
                    timeout: .seconds(60))
                {
                case .success(let found):
                    if let place = self.place(of: market) {
                        self.histories[place].noteFloor(of: found.value, asked: number)
                    }
                    self.finishTrades(
                        question, since, before + found.value.trades,
                        known: my.now + (.zero - found.age), my)
                case .failure(let failure):
                    self.fail(question, .noData(failure.reason), isLate: true)
                }
            } catch { self.fail(question, .noData("\(error)"), isLate: true) }
        }
    }

    private func readStore(
        _ store: TradeStore, _ question: ReplyQuestion, _ place: Int, _ since: Int64,
        reach: Int64, _ my: Context
    ) {
        let market = histories[place].market
        let until = Self.pageEnd(since)
        my.offload(
            {
                StoreAnswer(
                    question: question, since: since, reach: reach, until: until,
                    trades: Result {
                        try store.trades(
                            of: market, after: since, until: until, most: Self.pageLength)
                    })
            }, then: .netRead)
    }

    /// The store has told what it has. What lies behind its end the tape has.
    func read(_ answer: StoreAnswer, _ my: Context) {
        guard case .trades(let market, _) = answer.question.call,
            case .success(let all) = answer.trades
        else { return fail(answer.question, .noData("the history cannot be read"), isLate: true) }
        let trades = all.filter { $0.id <= answer.reach }
        if trades.count >= Self.pageLength || answer.until <= answer.reach {
            return finishTrades(answer.question, answer.since, trades, known: my.now, my)
        }
        askTape(
            answer.question, market, answer.since, before: trades, from: answer.reach, my)
    }

    /// The trades of a page as the venue cuts it.
    private func finishTrades(
        _ question: ReplyQuestion, _ since: Int64?, _ trades: [Trade], known: KernelTime,
        _ my: Context
    ) {
        var page = trades[...]
        if let since {
            page = page.drop { $0.id <= since }
            let end = Self.pageEnd(since)
            page = page.prefix { $0.id <= end }.prefix(Self.pageLength)
        } else {
            let begin = my.wallNow.microseconds - Self.pageSpan
            page = page.drop { $0.id <= begin }.suffix(Self.pageLength)
        }
        part.clear()
        let views = page.map { TradeView($0) }
        question.version == .v0 ? part.addOldTrades(views) : part.addListedTrades(views)
        finishPart(question, known: known, keep: configuration.replyAge, true, my)
    }
}

/// What the store told for an answer.
struct StoreAnswer: Sendable {
    let question: ReplyQuestion
    let since: Int64
    /// Up to there the store is whole.
    let reach: Int64
    /// Later trades do not belong to the answer.
    let until: Int64
    let trades: Result<[Trade], any Error>
}

extension Event where Payload == StoreAnswer {
    static let netRead = Self("safetyNet.read")
}
