import Glibc
import OutcryKernel
import OutcryMarket
import OutcryServing
import Testing

@testable import OutcrySafetyNet

/// A client that believes what it is told, by totals and by changes.
private struct Believer: Equatable {
    struct Level: Hashable {
        var channel: Int
        var side: OrderSide
        var price: Int64
    }
    var totals: [Level: Int64] = [:]
    var sums: [Level: Int64] = [:]
    var texts: [[UInt8]] = []
    var latest: [Int: [UInt8]] = [:]
    /// A book that was fetched by another way has seen all changes up to this stamp.
    var checkpoint = Int64.min

    mutating func hear(_ channel: Int, _ change: DepthChangeView) {
        guard change.stamp > checkpoint else { return }
        let level = Level(channel: channel, side: change.side, price: change.price)
        totals[level] = change.total == 0 ? nil : change.total
        let sum = (sums[level] ?? 0) + change.delta
        sums[level] = sum == 0 ? nil : sum
    }
}

/// A market that never rests, of which one client is told everything and another what is left.
private struct Market {
    var random: SeededGenerator
    var twin = Believer()
    var client = Believer()
    var backlog = FanOutBacklog(FanOutLimits())
    var isSlow = false
    /// The last ticker of each channel that the client was told.
    var tickers: [Int: [UInt8]] = [:]
    private var clock: Int64 = 1_370_548_667_000_000
    private var named = 0
    /// The client asks for whole books, which are made when it reads: then it is ahead of older answers.
    private let asks: Bool
    private(set) var snapshots = 0
    /// The client fetches whole books over HTTP: then it is ahead of its stream.
    private let fetches: Bool
    private(set) var fetched = 0

    init(seed: UInt64, asks: Bool, fetches: Bool) {
        random = SeededGenerator(seed: seed)
        self.asks = asks
        self.fetches = fetches
    }

    private mutating func name(_ kind: String) -> [UInt8] {
        named += 1
        return Array("\(kind)\(named)".utf8)
    }

    mutating func step() {
        // Of changes in one microsecond nobody could tell which a fetched book has seen.
        clock += Int64.random(in: (fetches ? 1 : 0)...3, using: &random)
        let channel = Int.random(in: 0...1, using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<70:
            let level = Believer.Level(
                channel: channel, side: Bool.random(using: &random) ? .buy : .sell,
                price: Int64.random(in: 1...25, using: &random))
            let before = twin.totals[level] ?? 0
            let total = Bool.random(using: &random) ? 0 : Int64.random(in: 0...9, using: &random)
            let change = DepthChangeView(
                side: level.side, price: level.price, delta: total - before, total: total,
                stamp: clock)
            twin.hear(channel, change)
            if isSlow {
                #expect(backlog.take([], .depth(.btcusd, change), on: channel) == nil)
            } else {
                client.hear(channel, change)
            }
        case 70..<82:
            let text = name("trade")
            twin.texts.append(text)
            if isSlow {
                #expect(backlog.take(text, .trade, on: 7) == nil)
            } else {
                client.texts.append(text)
            }
        case 82..<90:
            let text = name("ticker")
            twin.latest[channel] = text
            if isSlow {
                #expect(backlog.take(text, .latest, on: channel) == nil)
            } else {
                client.latest[channel] = text
            }
        case 90..<93:
            // An answer tells a whole book: both begin anew from it.
            let text = name("answer")
            twin.texts.append(text)
            twin.sums = twin.totals
            if isSlow {
                #expect(backlog.take(answer: text) == nil)
                books.append((text, twin.totals))
            } else {
                client.texts.append(text)
                #expect(client.totals == twin.totals, "a book as of this answer")
                client.sums = client.totals
            }
        case 93 where asks: ask(channel)
        case 94 where fetches && isSlow:
            fetched += 1
            client.totals = twin.totals
            client.checkpoint = clock
        case 93..<96: isSlow = true
        default: drain(Int.random(in: 0...40, using: &random))
        }
    }

    private mutating func ask(_ channel: Int) {
        guard isSlow else { return tellBook(of: channel) }
        let isSecond = backlog.hasSnapshot(of: channel)
        let count = backlog.count
        backlog.take(snapshotOf: channel)
        #expect(backlog.hasSnapshot(of: channel))
        if isSecond { #expect(backlog.count == count) }
    }

    private mutating func tellBook(of channel: Int) {
        snapshots += 1
        client.totals = client.totals.filter { $0.key.channel != channel }
        for (level, total) in twin.totals where level.channel == channel {
            client.totals[level] = total
        }
        client.sums = client.sums.filter { $0.key.channel != channel }
        for (level, total) in client.totals where level.channel == channel {
            client.sums[level] = total
        }
    }

    /// The books that stand in answers which the client has not got yet.
    private var books: [(text: [UInt8], totals: [Believer.Level: Int64])] = []

    /// The client reads some messages.
    mutating func drain(_ most: Int = .max) {
        for _ in 0..<most {
            guard isSlow else { return }
            switch backlog.next() {
            case nil: isSlow = false
            case .snapshot(let channel): tellBook(of: channel)
            case .depth(let channel, let change):
                client.hear(channel, change)
            case .text(let text):
                if text.starts(with: Array("ticker".utf8)) {
                    for (channel, last) in twin.latest where last == text {
                        client.latest[channel] = text
                    }
                    continue
                }
                client.texts.append(text)
                guard let book = books.first, book.text == text else { continue }
                #expect(
                    asks || fetches || client.totals == book.totals, "a book as of this answer")
                client.sums = client.totals
                books.removeFirst()
            }
        }
    }
}

@Suite struct FanOutBacklogTests {
    private static let seeds = ProcessSeeds.count(6)

    /// Whatever is conflated, and whenever the client reads: in the end it has the same book, by totals and
    /// by sums of changes, the same trades in their order, and the same last tickers.
    @Test(arguments: 1...seeds, [false, true])
    func clientEndsWithTheSameBook(_ seed: UInt64, asks: Bool) {
        let market = run(seed, asks: asks, fetches: false)
        #expect(market.client.sums == market.twin.sums, "seed \(seed)")
        #expect(asks ? market.snapshots > 10 : market.snapshots == 0)
    }

    /// So it has, by totals, if it fetches books by another way while it is behind: what the stream tells it later is
    /// what has happened since, even where a level holds again what it held when the stream was last read.
    @Test(arguments: 1...seeds) func whoFetchesABookEndsWithIt(_ seed: UInt64) {
        let market = run(seed, asks: false, fetches: true)
        #expect(market.fetched > 10)
    }

    private func run(_ seed: UInt64, asks: Bool, fetches: Bool) -> Market {
        var market = Market(seed: seed, asks: asks, fetches: fetches)
        for _ in 0..<3_000 {
            market.step()
            guard !market.isSlow else { continue }
            #expect(market.client.totals == market.twin.totals, "seed \(seed)")
        }
        market.drain()
        #expect(market.backlog.isEmpty)
        #expect(market.client.totals == market.twin.totals, "seed \(seed)")
        #expect(market.client.texts == market.twin.texts, "seed \(seed)")
        #expect(market.client.latest == market.twin.latest, "seed \(seed)")
        #expect(market.twin.texts.count > 100)
        #expect(market.backlog.conflated > 100, "seed \(seed) conflates")
        return market
    }

    private func change(_ price: Int64, _ delta: Int64, _ total: Int64, _ stamp: Int64)
        -> FanOutNews
    {
        .depth(
            .btcusd,
            DepthChangeView(side: .buy, price: price, delta: delta, total: total, stamp: stamp))
    }

    /// A venue has told changes of 0 whose totals were right: what they were before is not known, so they are told.
    @Test func aChangeOfNothingIsTold() {
        var backlog = FanOutBacklog(FanOutLimits())
        _ = backlog.take([], change(6_600_000, 0, 12, 1), on: 3)
        _ = backlog.take([], change(6_600_000, -2, 10, 2), on: 3)
        _ = backlog.take([], change(6_600_000, 0, 12, 3), on: 3)
        let only = backlog.next()
        #expect(
            only
                == .depth(
                    channel: 3,
                    DepthChangeView(side: .buy, price: 6_600_000, delta: 0, total: 12, stamp: 3)))
        #expect(backlog.next() == nil)
    }

    /// `volume` is the total less what the client was told last.
    @Test func changesOfALevelBecomeOne() {
        var backlog = FanOutBacklog(FanOutLimits())
        _ = backlog.take([], change(6_600_000, 5, 12, 1), on: 3)
        _ = backlog.take([], change(6_500_000, 1, 1, 2), on: 3)
        _ = backlog.take([], change(6_600_000, -12, 0, 3), on: 3)
        _ = backlog.take([], change(6_500_000, -1, 0, 4), on: 3)
        let only = backlog.next()
        #expect(
            only
                == .depth(
                    channel: 3,
                    DepthChangeView(side: .buy, price: 6_600_000, delta: -7, total: 0, stamp: 3)))
        // Nothing to the sums, but perhaps to a book that was fetched between the two.
        let second = backlog.next()
        #expect(
            second
                == .depth(
                    channel: 3,
                    DepthChangeView(side: .buy, price: 6_500_000, delta: 0, total: 0, stamp: 4)))
        #expect(backlog.next() == nil)
        #expect(backlog.isEmpty)
        #expect(backlog.conflated == 2)
    }

    /// A whole book takes no room, and says what waited of its channel; the second wish is the first.
    @Test func aWholeBookIsMadeWhenItIsRead() {
        var limits = FanOutLimits()
        limits.levels = 2
        var backlog = FanOutBacklog(limits)
        _ = backlog.take([], change(1, 1, 1, 1), on: 0)
        _ = backlog.take([], change(1, 1, 1, 1), on: 3)
        backlog.take(snapshotOf: 0)
        for price in 1...9 {
            #expect(backlog.take([], change(Int64(price), 1, 1, 2), on: 0) == nil)
        }
        _ = backlog.take([7], .trade, on: 1)
        backlog.take(snapshotOf: 0)
        #expect(backlog.count == 3)
        let only = DepthChangeView(side: .buy, price: 1, delta: 1, total: 1, stamp: 1)
        #expect(backlog.next() == .depth(channel: 3, only))
        #expect(backlog.next() == .snapshot(channel: 0))
        // From here on changes count again.
        #expect(backlog.take([], change(1, 1, 2, 3), on: 0) == nil)
        #expect(backlog.next() == .text([7]))
        let behind = DepthChangeView(side: .buy, price: 1, delta: 1, total: 2, stamp: 3)
        #expect(backlog.next() == .depth(channel: 0, behind))
        #expect(backlog.next() == nil && backlog.isEmpty)
    }

    @Test func boundsSayWhy() {
        var limits = FanOutLimits()
        limits.trades = 2
        limits.levels = 2
        limits.answers = 10
        var backlog = FanOutBacklog(limits)
        #expect(backlog.take([1], .trade, on: 0) == nil)
        #expect(backlog.take([2], .trade, on: 0) == nil)
        #expect(backlog.take([3], .trade, on: 0) == .trades(3))
        backlog = FanOutBacklog(limits)
        #expect(backlog.take([], change(1, 1, 1, 1), on: 0) == nil)
        #expect(backlog.take([], change(2, 1, 1, 1), on: 0) == nil)
        #expect(backlog.take([], change(1, 1, 2, 1), on: 0) == nil)
        #expect(backlog.take([], change(3, 1, 1, 1), on: 0) == .levels(3))
        backlog = FanOutBacklog(limits)
        #expect(backlog.take(answer: [UInt8](repeating: 1, count: 10)) == nil)
        #expect(backlog.take(answer: [1]) == .answers(11))
        // What was taken counts no more.
        #expect(backlog.next() == .text([UInt8](repeating: 1, count: 10)))
        #expect(backlog.take(answer: [UInt8](repeating: 1, count: 9)) == nil)
        #expect("\(FanOutEnd.time(.seconds(30)))" == "too slow for 30.0 seconds")
    }

    /// A level that changes for hours takes the room of one.
    @Test func tableStaysSmall() {
        var backlog = FanOutBacklog(FanOutLimits())
        for round in 1...20_000 {
            _ = backlog.take([], change(Int64(round % 7), 1, Int64(round), 1), on: 0)
            _ = backlog.take([1], .latest, on: 1)
        }
        #expect(backlog.count == 8)
        #expect(backlog.placeCount <= 64)
    }

    /// Two hundred clients that are behind as far as they may be: their tables take no more than is stated.
    /// In a process of its own, for the memory of everybody is counted; not under a sanitizer (`OUTCRY_LIGHT`),
    /// which has its own idea of memory.
    @Test(.enabled(if: unsafe getenv("OUTCRY_LIGHT") == nil))
    func tablesTakeWhatIsStated() async {
        await #expect(processExitsWith: .success) {
            let limits = FanOutLimits()
            precondition(limits.bytesPerClient <= 640 << 10, "as SAFETYNET.md says")
            let texts = (0..<limits.trades).map { [UInt8](repeating: UInt8($0 & 255), count: 300) }
            let before = Self.resident
            var backlogs = (0..<200).map { _ in FanOutBacklog(limits) }
            for round in 0..<3 {
                for i in backlogs.indices {
                    for number in 0..<limits.levels {
                        let change = DepthChangeView(
                            side: .buy, price: Int64(number), delta: 1, total: Int64(round + 1),
                            stamp: 0)
                        let end = backlogs[i].take([], .depth(.btcusd, change), on: 0)
                        precondition(end == nil, "within the bounds")
                    }
                    guard round == 1 else { continue }
                    for text in texts {
                        precondition(
                            backlogs[i].take(text, .trade, on: 1) == nil, "within the bounds")
                    }
                }
            }
            let each = (Self.resident - before) / backlogs.count
            precondition(each > 64 << 10, "\(each) bytes each")
            precondition(each <= 128 * (limits.trades + 2 * limits.levels), "\(each) bytes each")
            precondition(backlogs.allSatisfy { $0.count == 2_000 }, "all are kept")
        }
    }

    /// The memory of the process that is there now, in bytes.
    private static var resident: Int {
        let file = unsafe open("/proc/self/statm", O_RDONLY)
        defer { _ = close(file) }
        var text = [UInt8](repeating: 0, count: 128)
        let count = unsafe text.withUnsafeMutableBytes {
            unsafe read(file, $0.baseAddress, $0.count)
        }
        let fields = String(decoding: text.prefix(max(0, count)), as: UTF8.self).split(
            separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
    }
}
