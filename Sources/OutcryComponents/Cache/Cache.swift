public import OutcryKernel
import OutcryMarket

/// Answers from memory what would else cost a call, and keeps current by the stream what the stream tells.
///
/// *Safety caching*: a value is told again while it is younger than its rule; who asks for what is on its way
/// waits for it with the others; what failed is not asked again for a while. *Adaptive caching*: from the first
/// question on a market's summary and trades are kept by the stream, and its levels are the link's own book
/// while that is good; over a gap of the stream trades are fetched from the last known number on.
public final class Cache: Session {
    let link: Link
    let venue: any Venue
    let rules: CacheRules
    /// Who is asked for what is an account's.
    private let accounts: Alias?
    var machine: CacheMachine<CacheAsker>
    var tapes: [TapeMachine] = []
    /// The channels that are confirmed.
    var channels: [Channel] = []
    /// It does not know yet what was confirmed before it started.
    private var isLate = true
    /// The channels that were lost since it asked.
    private var lostEarly: [Channel] = []
    var hearsTickers = false
    var hearsTrades = false
    /// Who waits for a copy of a book.
    private var readers: [(instrument: Instrument, asker: CacheAsker, key: CacheKey)] = []

    /// Makes the cache of `link`.
    ///
    /// - Parameter accounts: A session that answers `fetch` for what is an account's; nil: such questions fail.
    public init(_ link: Link, _ venue: any Venue, accounts: Alias? = nil) {
        self.link = link
        self.venue = venue
        self.accounts = accounts
        rules = venue.rules.cache
        machine = CacheMachine(rules)
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<Cache>) {
        on(.started) { me, _, my in
            my.register(
                me.link.connected, me.link.disconnected, me.link.subscribed, me.link.channelStale,
                Topic(.unsubscribed, from: me.link.connection))
            me.askChannels(my)
        }
        on(.cacheChannels) { me, answer, my in me.learn(copy answer, my) }
        on(.cachedTicker) { me, ask, my in
            me.hearTickers(my)
            me.ask(.ticker(ask.question), .ticker(copy ask), my)
        }
        on(.cachedDepth) { me, ask, my in
            me.read(.depth(ask.question), .book(copy ask), my)
        }
        on(.cachedFullDepth) { me, ask, my in
            me.read(.fullDepth(ask.question), .book(copy ask), my)
        }
        on(.cachedTrades) { me, ask, my in me.askTrades(copy ask, my) }
        on(.cachedWallet) { me, ask, my in
            me.ask(.wallet(account: ask.question), .wallet(copy ask), my)
        }
        on(.cachedOrders) { me, ask, my in
            me.ask(.orders(account: ask.question), .orders(copy ask), my)
        }
        on(.cacheCounts) { me, ask, my in my.answer(ask, me.machine.counts) }
        on(.cacheCopied) { me, answer, my in me.copied(answer, my) }
        on(.ticker) { me, ticker, my in
            guard me.link.instruments.contains(ticker.instrument) else { return }
            me.machine.streamed(.ticker(ticker.instrument), .ticker(ticker))
        }
        on(.trade) { me, trade, my in me.hear(trade, my) }
        on(.cacheJoin) { me, _, my in me.joinTapes(my) }
        on(.connected) { me, _, my in
            // Nobody says good-bye for a connection that was replaced or failed.
            me.isLate = false
            me.lostAll(my)
        }
        on(.disconnected) { me, _, my in
            me.isLate = false
            me.lostAll(my)
        }
        on(.subscribed) { me, channel, my in me.gained(channel, my) }
        on(.unsubscribed) { me, channel, my in
            if me.isLate { me.lostEarly.append(copy channel) }
            me.lost(channel, since: my.now, my)
        }
        on(.channelStale) { me, silence, my in
            if me.isLate { me.lostEarly.append(silence.channel) }
            let past = Duration.zero - silence.lasting
            me.lost(silence.channel, since: my.now + past, my)
        }
        on(.overflow) { me, _, my in me.overflowed(my) }
        on(.cacheOverflow) { me, _, my in me.distrust(my) }
    }

    // MARK: Starting late

    /// Asks for what was confirmed before this session was there. From the next connection on it hears of it.
    private func askChannels(_ my: Context) {
        my.ask(
            .confirmedChannels, to: link.subscriptions, (), timeout: .seconds(5),
            then: .cacheChannels)
    }

    private func learn(_ answer: Answer<[Channel]>, _ my: Context) {
        guard isLate else { return }
        isLate = false
        guard case .reply(let channels) = answer else { return }
        // What was lost meanwhile is told again, since it is asked for again.
        for channel in channels where !lostEarly.contains(channel) { gained(channel, my) }
        lostEarly = []
    }

    // MARK: Questions

    func ask(_ key: CacheKey, _ asker: CacheAsker, _ my: Context) {
        switch machine.ask(key, asker, at: my.now) {
        case .answer(let answer): tell(asker, answer, my)
        case .joined: break
        case .fetch(let ticket): fetch(key, ticket, my)
        }
        forget(my)
    }

    private func fetch(_ key: CacheKey, _ ticket: UInt64, _ my: Context) {
        if isTape(key) { return fill(key, ticket, my) }
        let asked = my.now
        my.task { my in
            switch await self.fetch(key, my) {
            case .success(let value):
                let (askers, answer) = self.machine.fetched(
                    key, ticket, value, asked: asked, at: my.now)
                for asker in askers { self.tell(asker, .success(answer), my) }
            case .failure(let failure): self.failed(key, ticket, failure, my)
            }
            self.forget(my)
        }
    }

    /// One call, by who makes them.
    func fetch(_ key: CacheKey, _ my: Context) async -> Outcome<CacheValue, FetchFailure> {
        guard let source = key.account == nil ? link.snapshots : accounts else {
            return .failure(
                FetchFailure(
                    reason: "the link has no account", retryAt: my.now, wasTried: true))
        }
        do throws(AskError) {
            return try await my.ask(.fetch, to: source, key, timeout: .seconds(60))
        } catch {
            return .failure(
                FetchFailure(
                    reason: "\(key): nobody answered (\(error))", retryAt: my.now, wasTried: true))
        }
    }

    func failed(_ key: CacheKey, _ ticket: UInt64, _ failure: FetchFailure, _ my: Context) {
        my.log.warning("not fetched", key, failure.reason)
        let (askers, answer) = machine.failed(key, ticket, failure, at: my.now)
        for asker in askers { tell(asker, answer, my) }
    }

    // MARK: Answers

    func tell(
        _ asker: CacheAsker, _ answer: Outcome<Cached<CacheValue>, CacheFailure>, _ my: Context
    ) {
        switch answer {
        case .failure(let failure): refuse(asker, failure, my)
        case .success(let found):
            switch (asker, found.value) {
            case (.ticker(let ask), .ticker(let ticker)):
                my.answer(ask, .success(found.with(ticker)))
            case (.book(let ask), .book(let book)): my.answer(ask, .success(found.with(book)))
            case (.wallet(let ask), .wallet(let wallet)):
                my.answer(ask, .success(found.with(wallet)))
            case (.orders(let ask), .orders(let orders)):
                my.answer(ask, .success(found.with(orders)))
            case (.trades(let ask), .trades(let page)): tell(ask, found.with(page), my)
            case (.trades(let ask), .tape): tellTape(ask, found, my)
            default:
                let reason = "the venue's part told another kind of thing than was asked for"
                refuse(asker, CacheFailure(cause: .venue, reason: reason, retryAt: nil), my)
            }
        }
    }

    private func refuse(_ asker: CacheAsker, _ failure: CacheFailure, _ my: Context) {
        switch asker {
        case .ticker(let ask): my.answer(ask, .failure(failure))
        case .book(let ask): my.answer(ask, .failure(failure))
        case .trades(let ask): my.answer(ask, .failure(failure))
        case .wallet(let ask): my.answer(ask, .failure(failure))
        case .orders(let ask): my.answer(ask, .failure(failure))
        }
    }

    // MARK: Books

    /// Asks the link's own book first: it costs nothing and is as new as can be.
    private func read(_ key: CacheKey, _ asker: CacheAsker, _ my: Context) {
        guard rules[key.kind] != nil, let instrument = key.instrument,
            link.instruments.contains(instrument)
        else { return ask(key, asker, my) }
        let isAsked = readers.contains { $0.instrument == instrument }
        readers.append((instrument, asker, key))
        guard !isAsked else { return }
        my.ask(.copyBook, to: link.books, instrument, timeout: .seconds(5), then: .cacheCopied)
    }

    private func copied(_ answer: Answer<BookCopy>, _ my: Context) {
        guard case .reply(let copy) = answer else {
            // The keeper of books is gone or stuck: who waits has the venue asked.
            let waiting = readers
            readers = []
            for reader in waiting { ask(reader.key, reader.asker, my) }
            return
        }
        let waiting = readers.filter { $0.instrument == copy.instrument }
        readers.removeAll { $0.instrument == copy.instrument }
        for reader in waiting { serve(reader.key, reader.asker, copy.reading, my) }
        forget(my)
    }

    private func serve(
        _ key: CacheKey, _ asker: CacheAsker, _ reading: BookReading?, _ my: Context
    ) {
        guard let reading else { return ask(key, asker, my) }
        let book = key.kind == .depth ? reading.book.near(rules.depthPercent) : reading.book
        guard case .stale(let since) = reading.evidence else {
            machine.answered(key, with: .book(book), at: my.now)
            return tell(
                asker, .success(Cached(.book(book), age: .zero, source: .stream)), my)
        }
        machine.learned(key, .book(book), at: since)
        ask(key, asker, my)
    }
}
