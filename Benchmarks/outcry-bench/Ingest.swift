import CAllocationCounter
import Glibc
import Outcry
import OutcryMeasuring

/// `outcry-bench ingest URL COUNT [ttt|midchains]`: the client of `bench/README.md`, built as an application is
/// built: a link to a venue, and a session that listens.
enum Ingest {
    static func run(_ words: [String]) throws -> Int32 {
        guard words.count >= 2, let count = Int(words[1]), count > 0 else {
            print("usage: outcry-bench ingest URL COUNT [ttt|midchains]")
            return 2
        }
        let isTicking = words.count > 2 && words[2] == "ttt"
        // Once for nothing: what reads the memory is itself some 700 KiB of the runtime's code.
        _ = Memory.resident()
        let before = Memory.resident()
        var options = ReactorOptions()
        if unsafe getenv("SPIN") != nil { options.busyPoll = .seconds(3600) }
        let kernel = Kernel(driver: try Reactor(options))
        kernel.logLevel = .error
        let venue = BenchVenue(isMidChains: words.contains("midchains"))
        let link = try Link.open(venue, on: kernel, url: words[0], instruments: [.btcusd])
        if isTicking { return try tickToTrade(kernel, link) }
        let totals = Totals(link)
        kernel.start(totals, alias: "totals")
        var counted: UInt64 = 0
        let isDone = kernel.run(until: {
            let seen = venue.seen.count
            if seen >= 10_000, counted == 0 {
                counted = 1
                oc_alloc_counting(true)
            }
            return seen >= count && kernel.pending == 0
        })
        oc_alloc_counting(false)
        let growth = Memory.peak() - before
        guard isDone else {
            print("{\"count\":\(venue.seen.count),\"error\":\"the link ended early\"}")
            return 1
        }
        kernel.post(.send, to: link.connection, Array("done".utf8))
        print(
            "{\"count\":\(venue.seen.count),\"checksum\":\"\(totals.checksum)\","
                + "\"peak_growth_kib\":\(growth / 1024),"
                + "\"allocations_after_10000\":\(oc_alloc_count()),"
                + "\"allocations_per_1000\":\(perThousand(Int(oc_alloc_count()), of: count - 10_000))}"
        )
        _ = kernel.run(until: { kernel.pending == 0 })
        try kernel.finish()
        return 0
    }

    /// How many in a thousand messages, as JSON.
    private static func perThousand(_ allocations: Int, of messages: Int) -> String {
        Measuring.text(messages > 0 ? Double(allocations) * 1000 / Double(messages) : 0)
    }

    /// Answers each change of the best ask with an order, until the other side closes.
    private static func tickToTrade(_ kernel: Kernel, _ link: Link) throws -> Int32 {
        kernel.start(Trigger(link), alias: "trigger")
        try kernel.run()
        return 0
    }
}

/// Mt. Gox's dialect, or MidChains', without what the load generators do not speak: subscriptions and HTTP. Their
/// stream begins with an empty book.
struct BenchVenue: Venue {
    /// The messages of the connection, counted by its feed.
    final class Seen {
        var feed: (any Feed)?
        var count: Int { feed?.pulse.total ?? 0 }
    }

    private let gox: any Venue
    let seen = Seen()

    init(isMidChains: Bool) {
        gox = isMidChains ? MidChainsVenue([.btcusd]) : MtGoxVenue([.btcusd])
    }

    var id: VenueID { gox.id }
    var rules: VenueRules {
        var rules = gox.rules
        rules.snapshotSource = .stream
        rules.silence = .seconds(3600)
        return rules
    }
    func channels(for instrument: Instrument) -> [Channel] { [] }
    func subscribeMessage(_ channel: Channel) -> [UInt8] { gox.subscribeMessage(channel) }
    func unsubscribeMessage(_ channel: Channel) -> [UInt8]? { gox.unsubscribeMessage(channel) }
    func makeFeed() -> any Feed {
        let feed = gox.makeFeed()
        seen.feed = feed
        return feed
    }
    func snapshotTarget(_ instrument: Instrument) -> String { gox.snapshotTarget(instrument) }
    func snapshot(_ instrument: Instrument, from reply: HTTPReply) throws -> BookSnapshot {
        try gox.snapshot(instrument, from: reply)
    }
}

/// Sums up trades and tickers, and knows the book at the end.
final class Totals: Session {
    private let link: Link
    private var book: Book?
    private var trades = 0
    private var tradeSum: Int64 = 0
    private var tickers = 0
    private var tickerSum: Int64 = 0

    init(_ link: Link) { self.link = link }

    static func handlers(_ on: inout Handlers<Totals>) {
        on(.started) { me, _, my in
            my.register(me.link.trade, me.link.ticker)
            my.ask(
                .readBook, to: me.link.books, .btcusd, timeout: .seconds(5), then: .benchBook)
        }
        on(.benchBook) { me, answer, _ in if case .reply(let book) = copy answer { me.book = book }
        }
        on(.trade) { me, trade, _ in
            me.trades &+= 1
            me.tradeSum &+= trade.quantityUnits
        }
        on(.ticker) { me, ticker, _ in
            me.tickers &+= 1
            me.tickerSum &+= ticker.lastUnits
        }
    }

    /// The checksum of `gen_workload.py`.
    var checksum: String {
        var hash = SHA256()
        if let book {
            for level in book.ascending(.ask) {
                hash.update(Array("ask,\(level.price.units),\(level.quantity.units)\n".utf8))
            }
            for level in book.ascending(.bid) {
                hash.update(Array("bid,\(level.price.units),\(level.quantity.units)\n".utf8))
            }
        }
        hash.update(Array("trade,\(trades),\(tradeSum)\nticker,\(tickers),\(tickerSum)\n".utf8))
        return Hex.encode(hash.finish())
    }
}

extension Event where Payload == Answer<Book?> {
    static let benchBook = Self("bench.book")
}

/// Sends the order text of the bench for each new best ask.
final class Trigger: Session {
    private let link: Link
    private var best: Int64 = 0
    /// The last order; only the digits of its reference and its price are written anew.
    @safe @exclusivity(unchecked) private var text: [UInt8] = []
    private static let head = #"{"op":"order","ref":""#
    private static let middle = #"","type":"bid","item":"BTC","currency":"USD","price_int":""#
    private static let tail = #"","amount_int":"100000000","tif":"ioc","cid":"peer-000001"}"#
    private var reference = 0..<0
    private var price = 0..<0

    init(_ link: Link) { self.link = link }

    static func handlers(_ on: inout Handlers<Trigger>) {
        on(.started) { me, _, my in my.register(me.link.bookChanged, me.link.disconnected) }
        on(.bookChanged) { me, change, my in
            guard let depth = change.change, depth.side == .ask, change.bestChanged else { return }
            let best = change.bestPriceUnits(.ask) ?? 0
            guard best != me.best else { return }
            me.best = best
            my.post(.send, to: me.link.connection, me.order(ref: depth.stamp, price: best))
        }
        on(.disconnected) { _, _, my in my.kernel.stop() }
    }

    private func order(ref: Int64, price best: Int64) -> [UInt8] {
        if !Self.put(ref, into: reference, of: &text) || !Self.put(best, into: price, of: &text) {
            layOut(ref, best)
        }
        return text
    }

    /// Writes the whole text, when a number has more or fewer digits than the last one.
    @inline(never)
    private func layOut(_ ref: Int64, _ best: Int64) {
        let digits = String(ref)
        let padded = String(repeating: "0", count: max(0, 16 - digits.count)) + digits
        let start = Self.head.utf8.count
        reference = start..<start + padded.utf8.count
        let next = reference.upperBound + Self.middle.utf8.count
        price = next..<next + String(best).utf8.count
        text = Array((Self.head + padded + Self.middle + String(best) + Self.tail).utf8)
    }

    /// Writes a number with zeros in front into a place; false where it does not fit or begins with a zero
    /// that nobody asked for.
    private static func put(_ number: Int64, into place: Range<Int>, of text: inout [UInt8]) -> Bool
    {
        guard !place.isEmpty else { return false }
        var rest = UInt64(number)
        var bytes = text.mutableSpan
        for i in place.reversed() {
            bytes[i] = UInt8(truncatingIfNeeded: 0x30 + rest % 10)
            rest /= 10
        }
        return rest == 0 && (place.count >= 16 || bytes[place.lowerBound] != 0x30)
    }
}
