import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryVenues
import OutcryWire

// The one connection upstream: an ordinary link, and what it says is told to the room.

extension SafetyNet {
    /// Listens to the link, whichever upstream it leads to.
    func listenUpstream(_ my: Context) {
        // The texts as they came: the connection tells them to those who had registered before it was up.
        my.register(
            link.frame, link.depth, link.trade, Topic(.mtgoxTicker, from: link.connection), link.lag
        )
        my.register(
            link.bookChanged, link.bookStale, link.connected, link.disconnected, link.subscribed,
            link.channelStale)
        openUpstream(my)
    }

    /// Starts the link to the upstream whose turn it is.
    func openUpstream(_ my: Context) {
        let place = upstreamPlace
        turnBegan = my.now
        let urls = upstreamURLs[place]
        calls = urls.calls
        let venue = makeVenue(configuration.instruments)
        let supervisor = LinkSupervisor(
            link, venue,
            from: .live(urls.stream, http: urls.calls, trust: configuration.trust))
        linkSession = my.start(supervisor)
        // The cache starts when it is looked for: before the link is up, so that it hears what is subscribed.
        _ = my.kernel.find(link.cache)
        for index in histories.indices { histories[index].forgetTape() }
        // What was asked for besides the markets is asked for again.
        for index in demanded { link.subscribe(Channel(PublicChannel.all[index].name), my) }
        my.log.info("upstream", configuration.upstreams[place].stream)
        armFailover(my)
    }

    /// The venue as the upstream whose turn it is wants it.
    func makeVenue(_ instruments: [Instrument]) -> MtGoxVenue {
        makeVenue(instruments, upstreamFields)
    }

    /// The venue as an upstream wants it that has to be shown such fields.
    func makeVenue(_ instruments: [Instrument], _ fields: HTTPFields) -> MtGoxVenue {
        var venue = MtGoxVenue(instruments)
        venue.rules.snapshots = configuration.wholeBooksPerHour
        venue.rules.fields = fields
        venue.rules.callFields = fields
        return venue
    }

    /// What the upstream whose turn it is has to be shown.
    var upstreamFields: HTTPFields { upstreamFields(at: upstreamPlace) }

    func upstreamFields(at place: Int) -> HTTPFields {
        configuration.upstreams[place].token.map { [HTTPField(Admission.field, $0)] } ?? []
    }

    // MARK: Up and down

    func upstreamUp(_ my: Context) {
        isUp = true
        upSince = my.now
        counters.ups += 1
        my.cancel(named: "failover")
        // Another connection: whatever it follows on is told by what comes.
        loseEverything(my)
    }

    func upstreamDown(_ down: LinkDown, _ my: Context) {
        if isUp {
            isUp = false
            lostReason = down.reason
            counters.losses += 1
            my.log.warning("upstream lost", down.reason)
            tellAll(
                StreamRemark.make("Upstream lost: \(down.reason)", success: false), my)
            armFailover(my)
        }
        loseEverything(my)
    }

    /// Nothing is kept current any more.
    func loseEverything(_ my: Context) {
        channels = []
        lastText = nil
        for place in markets.indices {
            markets[place].loseBook(at: my.now)
            markets[place].loseTicker(at: my.now)
            markets[place].stopTelling(at: my.now)
        }
    }

    func gained(_ channel: Channel, _ my: Context) {
        guard !channels.contains(channel) else { return }
        channels.append(channel)
        if let place = placeOfBook(channel) { markets[place].toldSince = my.now }
    }

    private func placeOfBook(_ channel: Channel) -> Int? {
        markets.firstIndex { channel.name == "depth.\($0.mirror.instrument.name)" }
    }

    func silent(_ silence: Silence, _ my: Context) {
        channels.removeAll { $0 == silence.channel }
        if let place = placeOfBook(silence.channel) { markets[place].stopTelling(at: my.now) }
        let since = my.now + (Duration.zero - silence.lasting)
        for place in markets.indices
        where silence.channel.name == "ticker.\(markets[place].mirror.instrument.name)" {
            markets[place].loseTicker(at: since)
        }
    }

    // MARK: What it says

    /// The text of the next event, as it came.
    func keepText(_ frame: Frame) {
        guard frame.direction == .received else { return }
        switch frame.kind {
        case .text: lastText = frame.bytes
        // `4::/mtgox:{…}`
        case .packet:
            lastText = frame.bytes.firstIndex(of: UInt8(ascii: "{")).map {
                Array(frame.bytes[$0...])
            }
        default: lastText = nil
        }
    }

    /// The text of an event as it came; where nobody has it, what `write` makes.
    private func takeText(_ write: (inout MessageText) -> Void) -> [UInt8] {
        if let text = lastText {
            lastText = nil
            return text
        }
        write(&text)
        return text.bytes
    }

    func hear(_ change: DepthChange, _ my: Context) {
        let place = place(of: change.instrument)
        counters.depths += 1
        if let place, !markets[place].hear(change) { return lastText = nil }
        guard let channel = PublicChannel.find("depth.\(change.instrument.name)") else { return }
        guard fanOut.hasListeners(channel.index) else { return lastText = nil }
        let message = takeText { text in
            text = MessageText(change.instrument)
            text.setDepth(DepthChangeView(change))
        }
        let news = FanOutNews.depth(change.instrument, DepthChangeView(change))
        tell(channel.index, message, news, my)
    }

    func hear(_ trade: Trade, _ my: Context) {
        counters.trades += 1
        if let place = place(of: trade.instrument) {
            markets[place].trades += 1
            noteTrade(my)
        }
        guard fanOut.hasListeners(PublicChannel.trades.index) else { return lastText = nil }
        let message = takeText { $0.setTrade(TradeView(trade)) }
        tell(PublicChannel.trades.index, message, .trade, my)
    }

    func hear(_ ticker: MtGoxTicker, _ my: Context) {
        let market = ticker.summary.instrument
        counters.tickers += 1
        if let place = place(of: market) {
            take(ticker, place, asked: my.now)
            markets[place].tickerTrust = .live
        }
        guard let channel = PublicChannel.find("ticker.\(market.name)") else { return }
        guard fanOut.hasListeners(channel.index) else { return lastText = nil }
        let message = takeText { text in
            text = MessageText(market)
            if let view = TickerView(ticker) { text.setTicker(view) }
        }
        tell(channel.index, message, .latest, my)
    }

    /// Keeps a ticker.
    func take(_ ticker: MtGoxTicker, _ place: Int, asked: KernelTime) {
        markets[place].ticker = ticker
        markets[place].tickerTime = asked
        markets[place].tickerVersion += 1
    }

    func hear(_ lag: EngineLag, _ my: Context) {
        counters.lags += 1
        guard fanOut.hasListeners(PublicChannel.lag.index) else { return lastText = nil }
        let age = lag.age.components
        let microseconds = age.seconds * 1_000_000 + age.attoseconds / 1_000_000_000_000
        let message = takeText { $0.setLag(queue: "", stamp: lag.stamp, age: microseconds) }
        tell(PublicChannel.lag.index, message, .latest, my)
    }

    func place(of market: Instrument) -> Int? {
        markets.firstIndex { $0.mirror.instrument == market }
    }

    // MARK: The books

    /// The link's book of a market was loaded, or its worth is another.
    func bookChanged(_ change: BookChange, _ my: Context) {
        guard change.change == nil, let place = place(of: change.instrument) else { return }
        guard change.evidence.isTrusted else { return markets[place].loseBook(at: my.now) }
        copyBook(place, my)
    }

    func bookStale(_ stale: BookStale, _ my: Context) {
        guard let place = place(of: stale.instrument) else { return }
        markets[place].loseBook(at: my.now)
    }

    /// Asks for a copy of the true book. What was told before the question is in it, what is told after
    /// it is not: the mark goes the way of all events, so it comes between the two.
    private func copyBook(_ place: Int, _ my: Context) {
        guard markets[place].copy == .none else { return markets[place].wantsCopy = true }
        markets[place].copy = .asked
        markets[place].wantsCopy = false
        my.yield(.netMark, place)
        my.ask(
            .copyBook, to: link.books, markets[place].mirror.instrument, timeout: .seconds(5),
            then: .netCopied
        ) { answer in
            if case .reply(let copy) = answer { (place, copy.reading) } else { (place, nil) }
        }
    }

    func mark(_ place: Int) {
        markets[place].copy = .marked
        markets[place].missed = []
    }

    /// The copy has come: what listeners hold becomes it, by telling them what differs.
    func copied(_ place: Int, _ reading: BookReading?, _ my: Context) {
        let missed = markets[place].missed
        markets[place].missed = []
        markets[place].copy = .none
        defer { if markets[place].wantsCopy { copyBook(place, my) } }
        guard let reading, reading.evidence.isTrusted else { return }
        tell(markets[place].mirror.load(reading.book, missed), of: place, my)
        markets[place].trust = .live
    }

    /// A call has just brought a book that will be told while the stream keeps none. Whoever begins his own with it has
    /// to have what listeners have, or he would never hear of a level that is again as they hold it once the stream
    /// is back: so where nothing is being told they are told what differs. Never from a book that is older than what
    /// they were told last: what is told as news has to be. While changes are told before the stream has a book, this is the first:
    /// without it nobody would know what differs once the stream's own has come.
    ///
    /// - Parameter isWhole: False: the levels around the last price.
    /// - Returns: When it was known to be the venue's, for who is told it. Between a book and a stream that began
    ///   after it changes are missing: such a book is told to be older than a second, so that nobody begins with it.
    func adopt(
        _ book: BookSnapshot, isWhole: Bool, known: KernelTime, _ place: Int, _ my: Context
    ) -> KernelTime {
        if let since = markets[place].toldSince {
            guard known >= since else { return min(known, my.now + .seconds(-1)) }
            if isWhole { markets[place].give(book) }
            return known
        }
        guard isWhole || markets[place].mirror.isLoaded, known >= markets[place].toldUntil else {
            return known
        }
        let mirror = markets[place].mirror
        tell(
            markets[place].mirror.load(isWhole ? book : mirror.replaced(by: book), []), of: place,
            my)
        if isWhole { markets[place].trust = .old(since: known) }
        return known
    }

    /// Tells listeners what their book of a market has otherwise.
    private func tell(_ changes: [DepthChangeView], of place: Int, _ my: Context) {
        guard !changes.isEmpty else { return }
        counters.repairs += 1
        counters.repaired += changes.count
        let market = markets[place].mirror.instrument
        guard let channel = PublicChannel.find("depth.\(market.name)"),
            fanOut.hasListeners(channel.index)
        else { return }
        var text = MessageText(market)
        for change in changes {
            text.setDepth(change)
            tell(channel.index, text.bytes, .depth(market, change), my)
        }
    }
}

extension Event where Payload == Int {
    static let netMark = Self("safetyNet.mark")
}

extension Event where Payload == (Int, BookReading?) {
    static let netCopied = Self("safetyNet.copied")
}

extension Event where Payload == Void {
    static let netReopen = Self("safetyNet.reopen")
}
