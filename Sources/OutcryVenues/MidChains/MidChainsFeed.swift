public import OutcryComponents
public import OutcryKernel
public import OutcryMarket

/// The parser of one connection's messages: publishes what they say.
///
/// It keeps the venue's books order by order, since the stream tells of orders and not of levels, and tells
/// the levels that follow. The stream has no numbers, so that a loss cannot be seen; what can be seen (a line
/// that cannot be read, or cannot be) is told as `depthLost`, and the book is silent from then on.
public final class MidChainsFeed: Feed {
    /// How many messages have come of each instrument, books and trades together.
    public let pulse: Pulse

    private let markets: MidChainsMarkets
    private let books: MidChainsBooks
    private let depthEvent = Event<DepthChange>.depth
    private let tradeEvent = Event<Trade>.trade
    private let lines = MidChainsBuffer<MidChainsEntry>()
    // One connection's, on its thread: see ARCHITECTURE.md on exclusivity.
    @safe @exclusivity(unchecked) private var recent = RecentMatches()
    /// Messages that were passed over, by what they are. Only looked up.
    private var unknown: [String: Int] = [:]
    /// Malformed messages so far; the log tells of the first, the tenth, the hundredth …
    private var refused = 0
    private var nextTold = 1

    /// Makes a feed of the books and trades of `instruments`.
    public init(_ instruments: [Instrument]) {
        markets = MidChainsMarkets(instruments)
        books = MidChainsBooks(instruments)
        pulse = Pulse(instruments.map { MidChainsChannels.market($0) })
    }

    /// How many orders there are in the book of an instrument.
    public func entryCount(of instrument: Instrument) -> Int {
        markets.instruments.firstIndex(of: instrument).map { books[$0].count } ?? 0
    }

    /// Publishes what one text message says, under the connection's alias.
    public func message(_ text: Span<UInt8>, _ my: Context) {
        // The hot path: a book as the venue writes it goes straight to where it is kept.
        if let market = MidChainsTemplate.book(text, markets, lines, books) {
            publish(bookOf: market, text, my)
        } else {
            unusualMessage(text, my)
        }
    }

    @inline(never)
    private func unusualMessage(_ text: Span<UInt8>, _ my: Context) {
        switch MidChainsParser.predictAny(text, markets, lines) {
        case .book(let market): publish(bookOf: market, text, my)
        case .trade(let trade, let market): publish(trade, market, my)
        default: anyMessage(text, my)
        }
    }

    /// Trades that the other feed has published are not published again.
    public func follow(_ feed: any Feed) {
        if let feed = feed as? MidChainsFeed { recent = feed.recent }
    }

    @inline(__always)
    private func publish(bookOf market: Int, _ text: Span<UInt8>, _ my: Context) {
        pulse.note(market)
        let event = depthEvent
        let trouble = books.with(market) { book in
            if !book.isHeard { begin(book, my) }
            return book.isBroken ? nil : book.apply(lines) { my.publish(event, $0) }
        }
        if let trouble { lose(market, "\(trouble)", text, my) }
    }

    /// The first message of a book is all the confirmation there is.
    @inline(never)
    private func begin(_ book: MidChainsEntryBook, _ my: Context) {
        book.isHeard = true
        my.publish(.subscribed, MidChainsChannels.market(book.instrument))
        my.publish(.subscribed, MidChainsChannels.book(book.instrument))
    }

    @inline(__always)
    private func publish(_ trade: Trade, _ market: Int, _ my: Context) {
        pulse.note(market)
        if !books[market].isTraded {
            books[market].isTraded = true
            my.publish(.subscribed, MidChainsChannels.trades(trade.instrument))
        }
        if recent.isNew(trade.id) { my.publish(tradeEvent, trade) }
    }

    /// Publishes what a message says that does not look as usual.
    @inline(never)
    private func anyMessage(_ text: Span<UInt8>, _ my: Context) {
        do {
            switch try MidChainsParser.anyMessage(text, markets, lines) {
            case .book(let market): publish(bookOf: market, text, my)
            case .trade(let trade, let market): publish(trade, market, my)
            case .account(let kind):
                pulse.noteOther()
                my.publish(
                    .midchainsReply, MidChainsReply(kind: kind, json: text.array(0..<text.count)))
            case .unlisted(let kind, let security): pass("\(kind.rawValue) of \(security)", my)
            case .unknown(let type): pass(type, my)
            }
        } catch {
            pulse.noteOther()
            refuse("\(error)", text, my)
            for market in MidChainsParser.suspects(text, markets) { lose(market, nil, text, my) }
        }
    }

    @inline(never)
    private func pass(_ type: String, _ my: Context) {
        pulse.noteOther()
        // Whoever makes names up does not fill the memory.
        let name = unknown[type] != nil || unknown.count < 64 ? type : "others"
        let count = (unknown[name] ?? 0) + 1
        unknown[name] = count
        var step = 1
        while step < count { step *= 10 }
        guard step == count else { return }
        my.log.info("message passed over", name, "number \(count) of this connection")
        my.publish(.midchainsUnknown, MidChainsUnknown(type: name, count: count))
    }

    /// A book is not to be relied upon any more.
    @inline(never)
    private func lose(_ market: Int, _ why: String?, _ text: Span<UInt8>, _ my: Context) {
        guard !books[market].isBroken else { return }
        if let why { refuse(why, text, my) }
        books[market].isBroken = true
        books[market].removeAll()
        my.publish(.depthLost, MidChainsChannels.market(markets.instruments[market]))
    }

    @inline(never)
    private func refuse(_ problem: String, _ text: Span<UInt8>, _ my: Context) {
        refused += 1
        if refused == nextTold {
            nextTold *= 10
            my.log.warning("malformed message", problem, "number \(refused) of this connection")
        }
        my.publish(.malformed, Malformed(problem: problem, excerpt: text.excerpt()))
    }
}

/// The last matches of a stream, to pass over what comes twice around a renewal.
struct RecentMatches {
    private var ids: [Int64] = []
    private var next = 0

    /// Whether a match has not been seen lately.
    mutating func isNew(_ id: Int64) -> Bool {
        if ids.contains(id) { return false }
        if ids.count < 64 {
            ids.append(id)
        } else {
            ids[next] = id
            next = (next &+ 1) & 63
        }
        return true
    }
}
