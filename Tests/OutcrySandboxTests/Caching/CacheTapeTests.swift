import Glibc
import OutcryComponents
import OutcryMarket
import Testing

@testable import OutcryKernel
@testable import OutcrySandbox

/// A market's trades in a cache, over gaps: always the exchange's own, and few calls for that.
@Suite struct CacheTapeTests {
    private func expectWhole(
        _ house: CacheHouse, _ tape: Cached<TradeTape>, _ note: String = "",
        at place: SourceLocation = #_sourceLocation
    ) throws {
        #expect(tape.value.isComplete && !tape.isStale, "\(note)", sourceLocation: place)
        let after = try #require(tape.value.after, "\(note)", sourceLocation: place)
        let ids = tape.value.trades.map(\.id)
        let truth = house.history(after: after)
        #expect(ids == truth, "\(note): \(ids.count) of \(truth.count)", sourceLocation: place)
    }

    @Test func twoCallsAtFirstAndNoneThereafter() throws {
        let house = try CacheHouse()
        house.run(.seconds(60))
        let before = house.calls
        let first = try #require(house.trades()).get()
        #expect(first.source == .upstream)
        try expectWhole(house, first)
        house.run(.seconds(300))
        house.stopMarket()
        let tape = try #require(house.trades()).get()
        #expect(tape.source == .stream && tape.age == .zero)
        try expectWhole(house, tape)
        #expect(tape.value.trades.count > first.value.trades.count + 20)
        #expect(house.calls == before + 2, "the second shows that it meets the stream")
        // The answers to `since` come from memory.
        let middle = tape.value.trades[tape.value.trades.count / 2].id
        let half = try #require(house.trades(since: middle)).get()
        #expect(half.value.trades == tape.value.trades.filter { $0.id > middle })
        #expect(half.value.isComplete)
        #expect(house.calls == before + 2)
        #expect(house.counts.tradePages == 2)
    }

    @Test func aGapCostsOneCallAndIsToldWhileItIsOpen() throws {
        let house = try CacheHouse()
        house.run(.seconds(20))
        _ = house.trades()
        house.run(.seconds(20))
        #expect(try #require(house.trades()).get().source == .stream)
        try house.house.fault(["refuse": "120s"])
        try house.house.fault(["disconnect": "1000"])
        house.run(.seconds(60))
        let before = house.calls
        let old = try #require(house.trades()).get()
        #expect(old.isStale && !old.value.isComplete && old.age > .seconds(55))
        let known = try #require(old.value.after)
        let ids = old.value.trades.map(\.id)
        #expect(ids == Array(house.history(after: known).prefix(ids.count)), "without a hole")
        #expect(house.calls == before, "nobody was let in")
        let pages = house.counts.tradePages
        house.run(.seconds(150))
        #expect(house.asker.ups == 2)
        house.stopMarket()
        let tape = try #require(house.trades()).get()
        #expect(tape.source == .stream)
        try expectWhole(house, tape)
        #expect(house.counts.tradePages == pages + 1)
    }

    /// A reply holds a thousand; the gap more.
    @Test func aLongGapIsFilledPageByPage() throws {
        let house = try CacheHouse { $0.speed = 600 }
        house.run(.seconds(1))
        _ = house.trades()
        house.run(.seconds(12))
        let size = try #require(house.trades()).get().value.trades.count
        try house.house.fault(["refuse": "30s"])
        try house.house.fault(["disconnect": "1000"])
        let pages = house.counts.tradePages
        house.run(.seconds(35))
        house.stopMarket()
        house.run(.seconds(20))
        let tape = try #require(house.trades()).get()
        try expectWhole(house, tape)
        let missed = tape.value.trades.count - size
        #expect(missed > 1_200, "\(missed) trades")
        let used = house.counts.tradePages - pages
        #expect(used >= 2 && used <= 2 + missed / 1_000, "\(used) pages for \(missed) trades")
    }

    /// The venue forgets who listens, and says nothing: when the silence is noticed, what was missed comes.
    @Test func aChannelThatIsLostInSilenceIsNoticed() throws {
        let house = try CacheHouse()
        house.run(.seconds(60))
        _ = house.trades()
        house.run(.seconds(15))
        try house.house.fault(["lose-subscription": "1000"])
        house.run(.seconds(20))
        try house.house.fault(["lose-subscription": "off"])
        house.run(.seconds(300))
        house.stopMarket()
        house.run(.seconds(15))
        let tape = try #require(house.trades()).get()
        try expectWhole(house, tape)
        #expect(tape.source == .stream)
        #expect(house.counts.tradePages >= 3)
        #expect(house.asker.ups == 1)
    }

    /// What is older than the tape is asked of the venue, once while it is young.
    @Test func whatIsOlderIsOneCall() throws {
        let house = try CacheHouse {
            $0.speed = 120
        } _: {
            $0.cache.mostTrades = 50
        }
        house.run(.seconds(60))
        _ = house.trades()
        house.run(.seconds(30))
        let tape = try #require(house.trades()).get()
        #expect(tape.value.trades.count == 50)
        let since = try #require(tape.value.after) - 1_000_000
        let before = house.calls
        let older = try #require(house.trades(since: since)).get()
        #expect(older.source == .upstream)
        #expect(older.value.trades.map(\.id) == house.history(after: since))
        #expect(try #require(house.trades(since: since)).get().source == .memory)
        #expect(house.calls == before + 1)
    }

    /// Any sequence of cut connections, refusals and restarts, with errors for replies, asked or not: what is
    /// told is the exchange's own, without a hole; in the end it is all of it, for a bounded number of calls.
    @Test(arguments: CacheSeeds.range) func overAnyGapsItIsTheExchanges(seed: UInt64) throws {
        let house = try CacheHouse(seed: seed) { $0.speed = 30 }
        var random = SeededGenerator(seed: seed &+ 0xCAC4E)
        house.run(.seconds(3))
        _ = house.trades()
        var asked = 0
        var story = "seed \(seed):"
        for _ in 0..<12 {
            house.run(.milliseconds(.random(in: 200...20_000, using: &random)))
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1:
                story += " disconnect"
                try house.house.fault(["disconnect": "1000"])
            case 2:
                story += " refuse"
                let time = Int.random(in: 1...40, using: &random)
                try house.house.fault(["refuse": "\(time)s"])
                try house.house.fault(["disconnect": "1000"])
            case 3:
                story += " restart"
                try house.house.fault(["restart": "\(Int.random(in: 1...20, using: &random))s"])
            case 4:
                story += " renew"
                house.kernel.post(.renewConnection, to: house.link.connection, ())
            default:
                let share = Bool.random(using: &random) ? "400" : "off"
                story += " errors \(share)"
                try house.house.fault(["mysql-error": share])
            }
            guard Bool.random(using: &random), let answer = house.trades() else { continue }
            asked += 1
            guard case .success(let tape) = answer else { continue }
            let truth = house.history(after: tape.value.after ?? 0)
            let ids = tape.value.trades.map(\.id)
            #expect(ids == Array(truth.prefix(ids.count)), "\(story): a hole")
            #expect(tape.source != .stream || ids.count >= truth.count - 1, "\(story)")
        }
        try house.house.fault(["mysql-error": "off"])
        house.run(.seconds(100))
        house.stopMarket()
        let tape = try #require(house.trades()).get()
        try expectWhole(house, tape, story)
        #expect(tape.source == .stream, "\(story)")
        let gaps = house.asker.ups
        let pages = house.counts.tradePages
        // A page a gap, its errors, those who asked in between, and 1,000 trades a page.
        let most = 2 * (gaps + 1) + 3 * asked + 20 + tape.value.trades.count / 1_000
        #expect(pages <= most, "\(story): \(pages) pages, \(gaps) connections, \(asked) questions")
    }
}

/// Which seeds are run: a few, or `OUTCRY_SEEDS=n` of them.
enum CacheSeeds {
    static let range: ClosedRange<UInt64> = {
        guard let text = unsafe getenv("OUTCRY_SEEDS") else { return 1...2 }
        return 1...max(1, UInt64(unsafe String(cString: text)) ?? 2)
    }()
}
