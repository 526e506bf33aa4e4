import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryVenues

// What public calls are answered with: from memory where that is current, else by one call upstream for
// all who ask.

extension SafetyNet {
    /// Has an answer made; it goes to all who wait for it.
    func make(_ question: ReplyQuestion, _ my: Context) {
        switch question.call {
        case .ticker(let market), .fastTicker(let market):
            withTicker(of: market, question, my) { me, state, isLate, my in
                me.finishTicker(question, state, isLate, my)
            }
        case .depth(let market):
            withTicker(of: market, question, my) { me, state, isLate, my in
                guard let last = state.ticker?.summary.last?.units else {
                    return me.fail(question, .noData("no last price"), isLate: isLate)
                }
                me.makeDepth(question, near: last, isLate, my)
            }
        case .fullDepth, .quote: makeDepth(question, near: nil, false, my)
        case .trades(let market, let since): makeTrades(question, market, since, my)
        case .cancelledTrades(let market):
            withKept(.cancelledTrades(market), question, configuration.longReplyAge, my)
        case .currency(let currency):
            withKept(.currency(currency), question, configuration.longReplyAge, my)
        case .lag: withKept(.lag, question, configuration.lagAge, my)
        case .publicChannels:
            part.clear()
            part.addPublicChannels()
            finishPart(question, known: nil, keep: configuration.longReplyAge, false, my)
        default: fail(question, .methodNotFound, isLate: false)
        }
    }

    /// Ends an answer whose value is in `part`.
    ///
    /// - Parameters:
    ///   - known: when it was known to be the venue's; nil: it does not age.
    ///   - keep: how long it is told again.
    ///   - lasts: how much longer than other data it is not stale.
    func finishPart(
        _ question: ReplyQuestion, known: KernelTime?, keep: Duration, version: Int = 0,
        lasts: Duration = .zero, _ isLate: Bool, _ my: Context
    ) {
        text.setReply(question.version, isRaw: question.isRaw) { [part] in $0.add(part.bytes) }
        let made = MadeReply(
            text.bytes, known: known, end: my.now + keep, version: version, lasts: lasts)
        finish(question, made, isLate: isLate, my)
    }

    // MARK: Tickers

    /// A ticker that is not kept current by the stream is worth a call after this time.
    private static let tickerAge = Duration.seconds(10)

    /// Gives the ticker of a market: what the stream keeps, or what one call brings.
    private func withTicker(
        of market: Instrument, _ question: ReplyQuestion, _ my: Context,
        _ then: @escaping (SafetyNet, MarketState, Bool, Context) -> Void
    ) {
        guard let place = place(of: market) else {
            return fail(question, .unknownPair(market.name), isLate: false)
        }
        if let age = markets[place].tickerAge(at: my.now), age < Self.tickerAge {
            return then(self, markets[place], false, my)
        }
        fetch(.ticker(market), my) { me, failure, isLate, my in
            let state = me.markets[place]
            guard state.ticker != nil else {
                return me.fail(question, .noData(failure ?? "no ticker"), isLate: isLate)
            }
            then(me, state, isLate, my)
        }
    }

    private func finishTicker(
        _ question: ReplyQuestion, _ state: MarketState, _ isLate: Bool, _ my: Context
    ) {
        guard let ticker = state.ticker, let view = TickerView(ticker) else {
            return fail(question, .noData("the ticker is not whole"), isLate: isLate)
        }
        part.clear()
        switch (question.call, question.version) {
        case (.fastTicker, _): part.addFastTicker(view)
        case (_, .v0): part.addOldTicker(view)
        default: part.addTicker(view, isShort: true)
        }
        let age = state.tickerAge(at: my.now) ?? .zero
        finishPart(
            question, known: my.now + (.zero - age), keep: configuration.replyAge,
            version: state.tickerVersion, isLate, my)
    }

    // MARK: Books

    /// Makes a depth, a whole book or a quote of the book that the stream keeps, else of what the link's
    /// cache has or fetches.
    private func makeDepth(
        _ question: ReplyQuestion, near last: Int64?, _ isLate: Bool, _ my: Context
    ) {
        guard let market = question.call.market, let place = place(of: market) else {
            return fail(question, .methodNotFound, isLate: isLate)
        }
        if markets[place].trust == .live {
            return finishDepth(question, mirrored(place, near: last), known: my.now, isLate, my)
        }
        let cache = link.cache
        let event: Event<Ask<Instrument, CacheAnswer<BookSnapshot>>> =
            last == nil ? .cachedFullDepth : .cachedDepth
        my.task { my in
            var found: Cached<BookSnapshot>?
            var reason = "nobody answered"
            do throws(AskError) {
                switch try await my.ask(event, to: cache, market, timeout: .seconds(60)) {
                case .success(let cached): found = cached
                case .failure(let failure): reason = failure.reason
                }
            } catch { reason = "\(error)" }
            let age =
                self.markets[place].mirror.isLoaded
                ? self.markets[place].bookAge(at: my.now) : nil
            if let found, found.age <= age ?? found.age {
                var known = my.now + (.zero - found.age)
                if found.source == .upstream {
                    known = self.adopt(found.value, isWhole: last == nil, known: known, place, my)
                }
                var mirror = MarketMirror(market)
                _ = mirror.load(found.value, [])
                self.finishDepth(
                    question, last.map { mirror.depth(near: $0) } ?? mirror.depth,
                    known: known, true, my)
            } else if let age {
                self.finishDepth(
                    question, self.mirrored(place, near: last), known: my.now + (.zero - age), true,
                    my)
            } else {
                self.fail(question, .noData(reason), isLate: true)
            }
        }
    }

    private func mirrored(_ place: Int, near last: Int64?) -> DepthView {
        last.map { markets[place].mirror.depth(near: $0) } ?? markets[place].mirror.depth
    }

    private func finishDepth(
        _ question: ReplyQuestion, _ depth: DepthView, known: KernelTime, _ isLate: Bool,
        _ my: Context
    ) {
        part.clear()
        if case .quote(_, let side, let units) = question.call {
            guard let cost = depth.quote(side, units: units) else {
                return fail(question, .notEnoughDepth, isLate: isLate)
            }
            part.addQuote(cost)
        } else if question.version == .v0 {
            part.addOldDepth(depth, .january2013)
        } else {
            part.addDepth(depth)
        }
        finishPart(question, known: known, keep: configuration.replyAge, isLate, my)
    }

    // MARK: What no stream tells

    /// Answers with the value of a call, kept for so long.
    private func withKept(
        _ what: KeptQuestion, _ question: ReplyQuestion, _ age: Duration, _ my: Context
    ) {
        func tell(_ me: SafetyNet, _ value: KeptValue, _ isLate: Bool, _ my: Context) {
            if let refusal = value.refusal {
                return me.fail(question, refusal, isLate: isLate)
            }
            me.part.clear()
            me.part.add(value.bytes)
            me.finishPart(
                question, known: value.asked,
                keep: max(.milliseconds(1), age - (my.now - value.asked)),
                lasts: what == .lag ? .zero : age,
                isLate, my)
        }
        if let value = kept[what]?.value, my.now - value.asked < age {
            return tell(self, value, false, my)
        }
        fetch(what, my) { me, failure, isLate, my in
            guard let value = me.kept[what]?.value else {
                return me.fail(question, .noData(failure ?? "no answer"), isLate: isLate)
            }
            tell(me, value, isLate, my)
        }
    }
}

extension ServedCall {
    /// The market that a call about a book means.
    fileprivate var market: Instrument? {
        switch self {
        case .depth(let market), .fullDepth(let market), .quote(let market, _, _): market
        default: nil
        }
    }
}
