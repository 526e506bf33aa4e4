import OutcryComponents
import OutcryMarket
import OutcryServing
import OutcrySimulation
import Testing

@testable import OutcryKernel
@testable import OutcrySandbox

/// A link's cache before the sandbox: what it answers, and what that costs the exchange.
@Suite struct CacheLinkTests {
    @Test func aTickerIsAskedForOnceAndThenKeptByTheStream() throws {
        let house = try CacheHouse()
        house.run(.seconds(5))
        let before = house.calls
        let first = try #require(house.ticker()).get()
        #expect(first.source == .upstream && !first.isStale)
        #expect(first.value.last != nil)
        house.run(.seconds(60))
        house.stopMarket()
        let later = try #require(house.ticker()).get()
        #expect(later.source == .stream && later.age == .zero)
        #expect(later.value.stamp > first.value.stamp)
        let now = house.house.world.wallNow.microseconds
        let last = try #require(house.house.exchange.state.histories[0].lastDay(before: now).last)
        #expect(later.value.lastUnits == last.price, "as of the last trade")
        #expect(house.calls == before + 1)
        #expect(house.counts[.ticker].streamed == 1)
    }

    @Test func askersWhoComeTogetherCostOneCall() throws {
        let house = try CacheHouse()
        house.run(.seconds(5))
        let before = house.calls
        house.askAll(Array(repeating: .ticker(.btceur), count: 50))
        #expect(house.asker.tickers.count == 50)
        #expect(house.asker.tickers.allSatisfy { $0.failure == nil })
        #expect(house.calls == before + 1)
        house.run(.seconds(28))
        house.askAll([.ticker(.btceur)])
        #expect(house.calls == before + 1, "younger than the 30 s of the venue's own cache")
        house.run(.seconds(2))
        house.askAll([.ticker(.btceur)])
        #expect(house.calls == before + 2)
        let counts = house.counts[.ticker]
        #expect(counts.misses == 2 && counts.joined == 49 && counts.hits == 1)
    }

    @Test func depthIsTheLinksOwnBook() throws {
        let house = try CacheHouse()
        #expect(house.house.world.run(within: .seconds(60)) { house.asker.evidence.isTrusted })
        house.run(.seconds(20))
        house.stopMarket()
        let before = house.calls
        let whole = try #require(house.book(.fullDepth(.btcusd))).get()
        #expect(whole.source == .stream && whole.age == .zero && !whole.isStale)
        let levels = house.house.exchange.levels
        #expect(whole.value.bids.map { "\($0)" } == levels.bids.map { "\($0)" })
        #expect(whole.value.asks.map { "\($0)" } == levels.asks.map { "\($0)" })
        let near = try #require(house.book(.depth(.btcusd))).get().value
        let cut =
            whole.value.bids.count + whole.value.asks.count - near.bids.count - near.asks.count
        #expect(cut > 0 && !near.bids.isEmpty && !near.asks.isEmpty)
        let middle = (levels.bids[0].price.units + levels.asks[0].price.units) / 2
        for level in near.bids + near.asks {
            #expect(abs(level.price.units - middle) * 10 <= middle + 10)
        }
        let nextBid = levels.bids.first { !near.bids.map(\.price).contains($0.price) }
        if let nextBid { #expect((middle - nextBid.price.units) * 10 >= middle - 10) }
        #expect(house.calls == before)
    }

    /// The book stopped while it was good: it is told with its age, and the budget is left alone.
    @Test func aBookOfTheLostLinkGrowsOld() throws {
        let house = try CacheHouse()
        #expect(house.house.world.run(within: .seconds(60)) { house.asker.evidence.isTrusted })
        try house.house.fault(["refuse": "1h"])
        try house.house.fault(["disconnect": "1000"])
        house.run(.seconds(100))
        #expect(!house.asker.evidence.isTrusted)
        let book = try #require(house.book(.fullDepth(.btcusd))).get()
        #expect(book.source == .memory && !book.isStale)
        #expect(book.age > .seconds(95) && book.age < .seconds(101))
        let depth = try #require(house.book(.depth(.btcusd))).get()
        #expect(depth.isStale, "of a depth 10 s are too old")
        #expect(depth.source == .memory && depth.age >= book.age)
    }

    @Test func theBudgetOfWholeBooksIsLeftToTheLinksOwn() throws {
        let house = try CacheHouse { _ in
        } _: {
            $0.cache[.fullDepth] = CacheRule(age: .seconds(10), serveStaleFor: .seconds(3600))
        }
        #expect(house.house.world.run(within: .seconds(60)) { house.asker.evidence.isTrusted })
        var sources: [CacheSource] = []
        var stales = 0
        for _ in 0..<30 {
            let book = try #require(house.book(.fullDepth(.btceur))).get()
            sources.append(book.source)
            if book.isStale { stales += 1 }
            house.run(.seconds(11))
        }
        #expect(sources.count { $0 == .upstream } == 2, "two of five are the books'")
        #expect(stales == 28)
        #expect(house.counts[.fullDepth].stale + house.counts[.fullDepth].rescued == 28)
        #expect(house.house.exchange.counters.refused == 0, "the venue never had to say no")
        // The link's own book still gets one.
        try house.house.fault(["disconnect": "1000"])
        #expect(house.house.world.run(within: .seconds(5)) { !house.asker.evidence.isTrusted })
        #expect(house.house.world.run(within: .seconds(60)) { house.asker.evidence.isTrusted })
    }

    @Test func aVenueInTroubleIsLeftAloneAndTheOldIsToldAsOld() throws {
        let house = try CacheHouse()
        house.run(.seconds(5))
        _ = try #require(house.ticker(.btceur)).get()
        try house.house.fault(["mysql-error": "1000"])
        house.run(.seconds(30))
        let before = house.calls
        var ages: [Duration] = []
        for _ in 0..<300 {
            let found = try #require(house.ticker(.btceur)).get()
            #expect(found.isStale && found.source == .memory)
            ages.append(found.age)
            house.run(.seconds(1))
        }
        #expect(ages == ages.sorted() && ages[0] >= .seconds(30))
        // After 5, 5, 5, 8, 16, 32, 64 and 128 s.
        #expect((5...9).contains(house.calls - before), "\(house.calls - before) calls")
        house.stopMarket()
        let never = try #require(house.ticker(.btcjpy))
        #expect(never.failure?.cause == .venue)
        #expect(never.failure?.reason.contains("MySQL error") == true)
        let paused = try #require(house.ticker(.btcjpy))
        #expect(paused.failure?.cause == .paused && paused.failure?.retryAt != nil)
        house.run(.seconds(600))
        let gone = try #require(house.ticker(.btceur))
        #expect(gone.failure != nil, "so old is told no more")
        try house.house.fault(["mysql-error": "off"])
        house.run(.seconds(301))
        #expect(try #require(house.ticker(.btceur)).get().source == .upstream)
    }

    @Test func whatNobodyAsksForCostsNothing() throws {
        let house = try CacheHouse()
        house.run(.seconds(100))
        let counts = house.counts
        #expect(counts.entries == 0 && counts.total == CacheKindCounts())
        #expect(house.calls == 1, "the link's own book")
    }

    /// A cache that fails begins anew and empty; who waits hears that nobody answers.
    @Test func theSessionIsStartedAnew() throws {
        let house = try CacheHouse()
        house.run(.seconds(15))
        _ = try #require(house.trades()).get()
        house.run(.seconds(30))
        #expect(try #require(house.trades()).get().source == .stream)
        let cache = try #require(house.kernel.find(house.link.cache))
        house.kernel.failed(cache, Missing(what: "luck"))
        house.run(.seconds(5))
        #expect(house.kernel.find(house.link.cache) != cache)
        #expect(house.counts.entries == 0)
        #expect(house.asker.ups == 1, "the connection is the same")
        let again = try #require(house.trades()).get()
        #expect(again.source == .upstream)
        house.run(.seconds(30))
        house.stopMarket()
        let tape = try #require(house.trades()).get()
        #expect(tape.source == .stream, "a trade has shown that the stream is there")
        #expect(tape.value.trades.map(\.id) == house.history(after: try #require(tape.value.after)))
    }
}
