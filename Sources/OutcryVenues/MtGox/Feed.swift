public import OutcryComponents
public import OutcryKernel
public import OutcryMarket
import OutcryWire

/// The parser of one connection's messages: publishes what they say.
///
/// Market data of every currency is published, wanted or not: the server decides what comes on a
/// channel (trades of all currencies share one), and each event names its instrument.
public final class MtGoxFeed: Feed {
    /// How many messages have come, by channel: the depth of each instrument, the ticker of each, the
    /// trades of each base, the lag.
    public let pulse: Pulse

    private let instruments: [Instrument]
    /// The place of each instrument's trades in `pulse`.
    private let tradePlaces: [Int]
    private let depthEvent = Event<DepthChange>.depth
    private let tradeEvent = Event<Trade>.trade
    @safe @exclusivity(unchecked) private var depthOverlap = Overlap()
    @safe @exclusivity(unchecked) private var tradeOverlap = Overlap()
    @safe @exclusivity(unchecked) private var tickerOverlap = Overlap()
    @safe @exclusivity(unchecked) private var lagOverlap = Overlap()
    /// What news of the account's orders begin with.
    private let accountHead = MessageHead()
    private let accountMoney = MoneyMemory()
    /// Malformed messages so far; the log tells of the first, the tenth, the hundredth …
    private var refused = 0
    private var nextTold = 1

    /// Makes a feed that counts the channels of `instruments`.
    public init(_ instruments: [Instrument]) {
        self.instruments = instruments
        var channels = instruments.map { Channel("depth.\($0)") }
        channels += instruments.map { Channel("ticker.\($0)") }
        var places: [Int] = []
        for instrument in instruments {
            let channel = Channel("trade.\(instrument.base)")
            if !channels.contains(channel) { channels.append(channel) }
            places.append(channels.firstIndex(of: channel) ?? 0)
        }
        channels.append(Channel("trade.lag"))
        tradePlaces = places
        pulse = Pulse(channels)
    }

    /// Publishes what one text message says, under the connection's alias.
    public func message(_ text: Span<UInt8>, _ my: Context) {
        if accountHead.isKnown, accountMessage(text, my) { return }
        let usual: Void? = MtGoxParser.predict(
            text, depth: { publish($0, my) }, trade: { publish($0, my) },
            ticker: { publish($0, my) })
        if usual == nil { anyMessage(text, my) }
    }

    /// What the other feed has published is not published again.
    public func follow(_ feed: any Feed) {
        guard let feed = feed as? MtGoxFeed else { return }
        depthOverlap = Overlap(behind: feed.depthOverlap)
        tradeOverlap = Overlap(behind: feed.tradeOverlap)
        tickerOverlap = Overlap(behind: feed.tickerOverlap)
        lagOverlap = Overlap(behind: feed.lagOverlap)
    }

    @inline(__always)
    private func publish(_ change: DepthChange, _ my: Context) {
        if let index = index(change.instrument) {
            pulse.note(index)
        } else {
            pulse.noteOther()
        }
        if depthOverlap.isNew(change.stamp) { my.publish(depthEvent, change) }
    }

    @inline(__always)
    private func publish(_ trade: Trade, _ my: Context) {
        if let index = index(trade.instrument) {
            pulse.note(tradePlaces[index])
        } else {
            pulse.noteOther()
        }
        if tradeOverlap.isNew(trade.stamp) { my.publish(tradeEvent, trade) }
    }

    private static func publish(_ news: consuming MtGoxPrivate, _ my: Context) {
        switch consume news {
        case .order(let news): publish(news, my)
        case .wallet(let news): my.publish(.mtgoxWallet, news)
        }
    }

    /// Publishes news of an order: as the venue tells them where somebody wants that, and as every venue does.
    @inline(__always)
    private static func publish(_ news: consuming MtGoxOrderNews, _ my: Context) {
        if my.hasListeners(.mtgoxOrder) { my.publish(.mtgoxOrder, copy news) }
        switch news.state {
        case .changed(let order): my.publish(.orderNews, .changed(VenueOrder(order)))
        case .removed(let why): my.publish(.orderNews, .removed(news.id, OrderRemoval(why)))
        }
    }

    @inline(never)
    private func publish(_ ticker: MtGoxTicker, _ my: Context) {
        if let index = index(ticker.summary.instrument) {
            pulse.note(instruments.count &+ index)
        } else {
            pulse.noteOther()
        }
        guard tickerOverlap.isNew(ticker.summary.stamp) else { return }
        my.publish(.ticker, ticker.summary)
        my.publish(.mtgoxTicker, ticker)
    }

    /// Publishes what a message says that is about calls and orders, where it looks as those before: between
    /// them are few others while an account trades.
    ///
    /// - Returns: False for any other message, of which nothing was published.
    @inline(never)
    private func accountMessage(_ text: Span<UInt8>, _ my: Context) -> Bool {
        if let place = accountHead.value(of: text) {
            let isUsual = MtGoxPrivate.usualOrder(text.extracting(place), accountMoney) {
                Self.publish($0, my)
            }
            guard isUsual else { return false }
        } else {
            if let result = MtGoxResult(usual: text) {
                my.publish(.mtgoxResult, result)
            } else {
                guard let (id, body) = MtGoxParser.predictedResult(text) else { return false }
                my.publish(.mtgoxResult, MtGoxResult(id: id, body: body, of: text))
            }
        }
        pulse.noteOther()
        return true
    }

    /// Publishes what a message says that does not look as usual.
    @inline(never)
    private func anyMessage(_ text: Span<UInt8>, _ my: Context) {
        if MtGoxPrivate.usual(text, { Self.publish($0, my) }) {
            accountHead.learn(text, "user_order")
            return pulse.noteOther()
        }
        do {
            switch try MtGoxParser.anyMessage(text) {
            case .depth(let change): publish(change, my)
            case .trade(let trade): publish(trade, my)
            case .ticker(let ticker): publish(ticker, my)
            case .lag(let lag):
                pulse.note(pulse.channels.count &- 1)
                if lagOverlap.isNew(lag.stamp) { my.publish(.lag, lag) }
            case let other:
                pulse.noteOther()
                publish(other, text, my)
            }
        } catch {
            pulse.noteOther()
            refuse(error, text, my)
        }
    }

    @inline(__always)
    private func index(_ instrument: Instrument) -> Int? {
        for index in instruments.indices where instruments[index] == instrument { return index }
        return nil
    }

    @inline(never)
    private func refuse(_ fault: MtGoxFault, _ text: Span<UInt8>, _ my: Context) {
        refused += 1
        if refused == nextTold {
            nextTold *= 10
            my.log.warning("malformed message", fault, "number \(refused) of this connection")
        }
        my.publish(.malformed, Malformed(problem: "\(fault)", excerpt: text.excerpt()))
    }

    /// Publishes what is rare.
    @inline(never)
    private func publish(_ message: MtGoxMessage, _ text: Span<UInt8>, _ my: Context) {
        switch message {
        case .subscribed(let place): my.publish(.subscribed, channel(place, text))
        case .unsubscribed(let place): my.publish(.unsubscribed, channel(place, text))
        case .remark(let remark):
            my.publish(
                .notice,
                Notice(
                    text: remark.message.map { text.words($0) } ?? "",
                    isSuccess: remark.isSuccess, request: remark.id.map { text.words($0) }))
        case .result(let id, let body):
            my.publish(.mtgoxResult, MtGoxResult(id: id, body: body, of: text))
        case .account(let kind, let body):
            do {
                Self.publish(try MtGoxPrivate(kind, text, at: body), my)
            } catch { refuse(error, text, my) }
        case .ownTrade(let trade): my.publish(.mtgoxOwnTrade, trade)
        case .depth, .trade, .ticker, .lag: break
        }
    }

    /// The channel by its name, or by its GUID where that is unknown.
    private func channel(_ place: Range<Int>, _ text: Span<UInt8>) -> Channel {
        let guid = text.words(place)
        return MtGoxChannels.channel(guid: guid.utf8.span) ?? Channel(guid)
    }
}

extension Span where Element == UInt8 {
    /// The string at a place, decoded; any other JSON value as it stands.
    func words(_ place: Range<Int>) -> String {
        if let text = try? string(place) { return text }
        return String(decoding: array(place), as: UTF8.self)
    }

    /// A copy of the bytes at a place.
    func array(_ place: Range<Int>) -> [UInt8] {
        // Read within their bounds, in one move.
        var copy: [UInt8] = []
        unsafe extracting(place).withUnsafeBufferPointer { bytes in
            unsafe copy.append(contentsOf: bytes)
        }
        return copy
    }
}
