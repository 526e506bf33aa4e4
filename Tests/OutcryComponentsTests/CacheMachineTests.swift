import OutcryKernel
import OutcryMarket
import Testing

@testable import OutcryComponents

/// A ticker that is known by its number.
func numbered(_ number: Int64) -> CacheValue {
    .ticker(Ticker(venue: .fake, instrument: .btcusd, stamp: number))
}

extension Outcome where Value == Cached<CacheValue>, Failure == CacheFailure {
    /// In words: the number of the ticker, its age in milliseconds, whether it is stale, where it is from; or
    /// why there is none.
    var words: String {
        switch self {
        case .success(let found):
            var number: Int64 = -1
            if case .ticker(let ticker) = found.value { number = ticker.stamp }
            let age = found.age / .milliseconds(1)
            return "\(number) \(Int(age)) \(found.isStale ? "stale " : "")\(found.source)"
        case .failure(let failure):
            let retry = failure.retryAt.map { " until \($0.nanoseconds / 1_000_000)" } ?? ""
            return "\(failure.cause): \(failure.reason)\(retry)"
        }
    }
}

extension CacheMachine<Int>.Step {
    var words: String {
        switch self {
        case .answer(let answer): answer.words
        case .joined: "joined"
        case .fetch(let ticket): "fetch \(ticket)"
        }
    }
}

@Suite struct CacheMachineTests {
    private let key = CacheKey.ticker(.btcusd)
    private let other = CacheKey.ticker(.btceur)

    private func rules(_ change: (inout CacheRules) -> Void = { _ in }) -> CacheRules {
        var rules = CacheRules()
        rules[.ticker] = CacheRule(age: .seconds(10), serveStaleFor: .seconds(50))
        change(&rules)
        return rules
    }

    private func failure(_ now: Int, wasTried: Bool = true, retryIn: Int = 0) -> FetchFailure {
        FetchFailure(reason: "no", retryAt: at(now + retryIn), wasTried: wasTried)
    }

    @Test func oneCallForManyAskers() {
        var machine = CacheMachine<Int>(rules())
        #expect(machine.ask(key, 1, at: at(0)).words == "fetch 1")
        #expect(machine.ask(key, 2, at: at(5)).words == "joined")
        #expect(machine.ask(other, 3, at: at(6)).words == "fetch 2", "another key is another call")
        let (askers, answer) = machine.fetched(key, 1, numbered(7), asked: at(0), at: at(40))
        #expect(askers == [1, 2])
        #expect(Outcome.success(answer).words == "7 40 upstream")
        #expect(machine.ask(key, 4, at: at(9_999)).words == "7 9999 memory")
        #expect(machine.ask(key, 5, at: at(10_000)).words == "fetch 3", "as old as its age")
        let count = machine.counts[.ticker]
        #expect(count.misses == 3 && count.joined == 1 && count.hits == 1)
        #expect(machine.counts.entries == 2)
    }

    @Test func aFailureIsNotKeptButThePauseAfterItGrows() {
        var machine = CacheMachine<Int>(rules { $0.longestPause = .seconds(3) })
        var now = 0
        var pauses: [Int] = []
        for ticket in 1...4 as ClosedRange<UInt64> {
            #expect(machine.ask(key, 1, at: at(now)).words == "fetch \(ticket)")
            let (askers, answer) = machine.failed(key, ticket, failure(now), at: at(now))
            #expect(askers == [1])
            guard case .failure(let told) = answer, let retry = told.retryAt else {
                Issue.record("expected a failure with a time, found \(answer.words)")
                return
            }
            #expect(told.cause == .venue)
            let pause = Int((retry - at(now)) / .milliseconds(1))
            pauses.append(pause)
            #expect(
                machine.ask(key, 2, at: at(now + pause - 1)).words
                    == "paused: no until \(now + pause)")
            now += pause
        }
        #expect(pauses == [1000, 2000, 3000, 3000])
        #expect(machine.ask(key, 1, at: at(now)).words == "fetch 5")
        _ = machine.fetched(key, 5, numbered(1), asked: at(now), at: at(now))
        now += 10_000
        #expect(machine.ask(key, 1, at: at(now)).words == "fetch 6")
        let (_, answer) = machine.failed(key, 6, failure(now), at: at(now))
        #expect(answer.words == "1 10000 stale memory", "the count of failures began anew")
        #expect(machine.ask(key, 1, at: at(now + 999)).words == "1 10999 stale memory")
        #expect(machine.ask(key, 1, at: at(now + 1000)).words == "fetch 7")
    }

    @Test func staleIsToldWithItsAgeAndNotForEver() {
        var machine = CacheMachine<Int>(rules { $0.pause = .seconds(200) })
        _ = machine.ask(key, 1, at: at(0))
        _ = machine.fetched(key, 1, numbered(1), asked: at(0), at: at(0))
        _ = machine.ask(key, 2, at: at(20_000))
        let (askers, answer) = machine.failed(key, 2, failure(20_500), at: at(20_500))
        #expect(askers == [2])
        #expect(answer.words == "1 20500 stale memory")
        #expect(machine.ask(key, 3, at: at(59_999)).words == "1 59999 stale memory")
        #expect(machine.ask(key, 3, at: at(60_000)).words == "paused: no until 220500")
        let count = machine.counts[.ticker]
        #expect(count.rescued == 1 && count.stale == 1 && count.refused == 1)
    }

    @Test func withoutThatRuleNothingStaleIsTold() {
        var machine = CacheMachine<Int>(rules { $0[.ticker] = CacheRule(age: .seconds(10)) })
        _ = machine.ask(key, 1, at: at(0))
        _ = machine.fetched(key, 1, numbered(1), asked: at(0), at: at(0))
        _ = machine.ask(key, 2, at: at(10_000))
        let (_, answer) = machine.failed(key, 2, failure(10_000), at: at(10_000))
        #expect(answer.words == "venue: no until 11000")
    }

    @Test func aSpentBudgetIsNoFailureOfTheVenue() {
        var machine = CacheMachine<Int>(rules())
        for ticket in 1...3 as ClosedRange<UInt64> {
            let now = Int(ticket) * 60_000
            _ = machine.ask(key, 1, at: at(now))
            let spent = failure(now, wasTried: false, retryIn: 5_000)
            let (_, answer) = machine.failed(key, ticket, spent, at: at(now))
            #expect(answer.words == "budget: no until \(now + 5_000)", "the pause does not grow")
            #expect(
                machine.ask(key, 1, at: at(now + 4_999)).words == "budget: no until \(now + 5_000)")
        }
    }

    @Test func whatTheStreamTellsIsCurrentUntilItIsLost() {
        var machine = CacheMachine<Int>(rules())
        machine.streamed(key, numbered(1))
        #expect(!machine.isKept(key), "nobody has asked for it")
        _ = machine.ask(key, 1, at: at(0))
        machine.streamed(key, numbered(2))
        let (askers, answer) = machine.fetched(key, 1, numbered(1), asked: at(0), at: at(50))
        #expect(askers == [1])
        #expect(Outcome.success(answer).words == "2 0 stream", "the stream is younger")
        #expect(machine.ask(key, 1, at: at(100_000)).words == "2 0 stream")
        machine.lost(key, at: at(100_000))
        #expect(machine.ask(key, 1, at: at(103_000)).words == "2 3000 memory")
        #expect(machine.ask(key, 1, at: at(110_000)).words == "fetch 2")
    }

    @Test func theLeastRecentlyUsedGoesAndNeverWhatIsUnderWay() {
        var machine = CacheMachine<Int>(rules { $0.mostEntries = 2 })
        let third = CacheKey.ticker(.btcjpy)
        _ = machine.ask(key, 1, at: at(0))
        _ = machine.fetched(key, 1, numbered(1), asked: at(0), at: at(0))
        _ = machine.ask(other, 1, at: at(1))
        _ = machine.fetched(other, 2, numbered(2), asked: at(1), at: at(1))
        #expect(machine.ask(key, 1, at: at(2)).words == "1 2 memory")
        #expect(machine.ask(third, 1, at: at(3)).words == "fetch 3")
        #expect(machine.takeEvicted() == [other])
        #expect(machine.ask(other, 1, at: at(4)).words == "fetch 4")
        #expect(machine.takeEvicted() == [key])
        let refused = machine.ask(key, 1, at: at(5)).words
        #expect(refused == "busy: every place of the cache waits for a call")
        #expect(machine.counts[.ticker].evicted == 2)
    }

    @Test func privateThingsAreKeptByChoiceAndForOneAccount() {
        var machine = CacheMachine<Int>(rules())
        let mine = CacheKey.wallet(account: "mine")
        #expect(
            machine.ask(mine, 1, at: at(0)).words
                == "notKept: expected a kind that the rules say to keep, found wallet")
        machine = CacheMachine<Int>(rules { $0[.wallet] = CacheRule(age: .seconds(60)) })
        #expect(machine.ask(mine, 1, at: at(0)).words == "fetch 1")
        _ = machine.fetched(mine, 1, .wallet(Wallet()), asked: at(0), at: at(0))
        let yours = CacheKey.wallet(account: "yours")
        #expect(machine.ask(yours, 2, at: at(1)).words == "fetch 2")
        #expect("\(yours)" == "wallet of an account")
    }

    @Test func whoeverWaitsIsBounded() {
        var machine = CacheMachine<Int>(rules { $0.mostWaiting = 2 })
        #expect(machine.ask(key, 1, at: at(0)).words == "fetch 1")
        #expect(machine.ask(key, 2, at: at(0)).words == "joined")
        #expect(machine.ask(key, 3, at: at(0)).words == "busy: 2 others wait for the same call")
        #expect(machine.fetched(key, 1, numbered(1), asked: at(0), at: at(1)).askers == [1, 2])
    }

    @Test func bytesAreBounded() {
        let level = BookLevel(.btcusd, priceUnits: 1, quantityUnits: 1)
        let bids = Array(repeating: level, count: 100)
        let book = CacheValue.book(
            BookSnapshot(instrument: .btcusd, bids: bids, asks: [], newestStamp: 0))
        var machine = CacheMachine<Int>(rules { $0.mostBytes = book.bytes * 5 / 2 })
        let keys = [Instrument.btcusd, .btceur, .btcjpy].map { CacheKey.depth($0) }
        for (place, key) in keys.enumerated() {
            _ = machine.ask(key, 1, at: at(0))
            _ = machine.fetched(key, UInt64(place) + 1, book, asked: at(0), at: at(0))
        }
        #expect(machine.takeEvicted() == [keys[0]])
        #expect(machine.counts.bytes == book.bytes * 2)
    }
}
