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
    private var reference = 0
    private var price = 0
    /// The prices with as many digits as the last.
    private var sameWidth: Range<Int64> = 0..<0

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
        guard sameWidth.contains(best), (0..<10_000_000_000_000_000).contains(ref) else {
            layOut(ref, best)
            return text
        }
        var bytes = text.mutableSpan
        Self.put(ref, 16, at: reference, in: &bytes)
        Self.put(best, text.count - price - Self.tail.utf8.count, at: price, in: &bytes)
        return text
    }

    /// Writes the whole text, when a price has more or fewer digits than the last one.
    @inline(never)
    private func layOut(_ ref: Int64, _ best: Int64) {
        let (digits, amount) = (String(ref), String(best))
        let padded = String(repeating: "0", count: max(0, 16 - digits.count)) + digits
        reference = Self.head.utf8.count
        price = reference + padded.utf8.count + Self.middle.utf8.count
        text = Array((Self.head + padded + Self.middle + amount + Self.tail).utf8)
        let least = (1..<min(amount.count, 16)).reduce(Int64(1)) { power, _ in power * 10 }
        let fits = padded.count == 16 && best > 0 && amount.count <= 16
        sameWidth = fits ? least..<least * 10 : 0..<0
    }

    /// Writes the last `count` of a number's sixteen digits.
    private static func put(
        _ number: Int64, _ count: Int, at start: Int, in bytes: inout MutableSpan<UInt8>
    ) {
        let halves = UInt64(number).quotientAndRemainder(dividingBy: 100_000_000)
        let (high, low) = (eightDigits(halves.quotient), eightDigits(halves.remainder))
        if count == 16 {
            var raw = unsafe bytes.mutableBytes
            raw.storeBytes(of: high.littleEndian, toByteOffset: start, as: UInt64.self)
            raw.storeBytes(of: low.littleEndian, toByteOffset: start + 8, as: UInt64.self)
            return
        }
        for i in 0..<count {
            let place = 16 - count + i
            let word = place < 8 ? high : low
            bytes[start + i] = UInt8(truncatingIfNeeded: word &>> UInt64(8 * (place & 7)))
        }
    }

    /// The digits of a number below 10^8 in ASCII, the first one lowest: the number is cut into halves, these into
    /// pairs, and these into digits, all at once.
    private static func eightDigits(_ number: UInt64) -> UInt64 {
        let fours = number / 10_000 | (number % 10_000) &<< 32
        let hundreds = (fours &* 10_486) &>> 20 & 0x7F_0000_007F
        let twos = hundreds | (fours &- hundreds &* 100) &<< 16
        let tens = (twos &* 103) &>> 10 & 0xF_000F_000F_000F
        return (tens | (twos &- tens &* 10) &<< 8) | 0x3030_3030_3030_3030
    }
}
