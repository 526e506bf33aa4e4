import OutcryMarket
import OutcrySimulation
import OutcryWire
import Testing

@testable import OutcryComponents
@testable import OutcryKernel

/// Stands in the place of a link's fetch service and connection, and of an account's part.
private final class CacheNeighbor: Session {
    var asked: [String] = []
    /// What is answered, by the words of a key; nil: nothing, ever.
    var reply: (CacheKey, Context) -> Outcome<CacheValue, FetchFailure>? = { _, _ in nil }

    static func handlers(_ on: inout Handlers<CacheNeighbor>) {
        on(.fetch) { me, ask, my in
            me.asked.append("\(ask.question)")
            if let reply = me.reply(ask.question, my) { my.answer(ask, reply) }
        }
        on(.cacheSays) { _, trade, my in my.publish(.trade, trade) }
    }
}

private final class CacheCaller: Session {
    var words: [String] = []
    var tapes: [Cached<TradeTape>] = []

    static func handlers(_ on: inout Handlers<CacheCaller>) {
        on(.cacheGo) { me, key, my in
            let key = key
            my.task { my in await me.ask(key, my) }
        }
    }

    private func ask(_ key: CacheKey, _ my: Context) async {
        do {
            let wait = Duration.seconds(100)
            switch key.kind {
            case .wallet:
                let found = try await my.ask(
                    .cachedWallet, to: "cache", key.account ?? "", timeout: wait)
                note(found) { "\($0)" }
            case .orders:
                let found = try await my.ask(
                    .cachedOrders, to: "cache", key.account ?? "", timeout: wait)
                note(found) { "\($0.count) orders" }
            case .ticker:
                let found = try await my.ask(
                    .cachedTicker, to: "cache", key.instrument ?? .btcusd, timeout: wait)
                note(found) { "\($0.stamp)" }
            default:
                let found = try await my.ask(
                    .cachedTrades, to: "cache", TradesQuestion(.btcusd, since: key.since),
                    timeout: wait)
                if case .success(let tape) = found { tapes.append(tape) }
                note(found) { "\($0.trades.map(\.id)) \($0.isComplete ? "whole" : "in part")" }
            }
        } catch { words.append("\(error)") }
    }

    private func note<Value>(_ answer: CacheAnswer<Value>, _ text: (Value) -> String) {
        switch answer {
        case .success(let found): words.append("\(text(found.value)) \(found.source)")
        case .failure(let failure): words.append("\(failure.cause): \(failure)")
        }
    }
}

@Suite struct CacheSessionTests {
    private final class House {
        let simulation = Simulation(seed: 3)
        let kernel: Kernel
        let caller = CacheCaller()
        let fetcher = CacheNeighbor()
        let account = CacheNeighbor()
        let connection = CacheNeighbor()
        let link = Link(venue: .fake, name: "fake", instruments: [.btcusd])

        init(_ change: (inout CacheRules) -> Void = { _ in }) {
            kernel = Kernel(driver: simulation)
            kernel.onLog = { _ in }
            var venue = FakeVenue()
            venue.rules.snapshotAge = .seconds(10)
            change(&venue.rules.cache)
            kernel.start(fetcher, alias: link.snapshots)
            kernel.start(account, alias: "account")
            kernel.start(connection, alias: link.connection)
            kernel.start(Cache(link, venue, accounts: "account"), alias: "cache")
            kernel.start(caller, alias: "caller")
        }

        func ask(_ key: CacheKey, then seconds: Int = 0) {
            kernel.post(.cacheGo, to: "caller", key)
            simulation.advance(by: .seconds(Int64(seconds)))
        }

        func say(_ id: Int64) {
            kernel.post(.cacheSays, to: link.connection, trade(id))
            simulation.advance(by: .zero)
        }
    }

    @Test func whatIsPrivateIsAskedOfTheAccountAndKeptByChoice() {
        let house = House { $0[.wallet] = CacheRule(age: .seconds(60)) }
        let coins = Balance(Money(units: 5, currency: .btc))
        house.account.reply = { _, _ in .success(.wallet(Wallet([coins]))) }
        house.ask(.wallet(account: "a"))
        house.ask(.wallet(account: "a"))
        house.ask(.wallet(account: "b"))
        house.ask(.orders(account: "a"))
        #expect(
            house.caller.words == [
                "0.00000005 BTC upstream", "0.00000005 BTC memory", "0.00000005 BTC upstream",
                "notKept: expected a kind that the rules say to keep, found orders",
            ])
        #expect(house.account.asked.count == 2 && house.fetcher.asked == [])
    }

    @Test func whoeverMakesTheCallsMayAnswerWrongOrNever() {
        let house = House()
        house.fetcher.reply = { _, _ in .success(.wallet(Wallet())) }
        house.ask(.ticker(.btcusd))
        #expect(house.caller.words[0].hasPrefix("venue: the venue's part told another kind"))
        house.fetcher.reply = { _, _ in nil }
        house.ask(.ticker(.btceur), then: 59)
        house.ask(.ticker(.btceur))
        #expect(house.caller.words.count == 1)
        house.simulation.advance(by: .seconds(1))
        let nobody = "venue: ticker BTCEUR: nobody answered (timedOut)"
        #expect(house.caller.words.dropFirst() == [nobody, nobody])
        #expect(house.fetcher.asked.count == 2)
        house.ask(.ticker(.btceur))
        #expect(house.caller.words.last == "paused: ticker BTCEUR: nobody answered (timedOut)")
        house.ask(.trades(.btcusd, since: 3), then: 60)
        #expect(house.caller.words.last?.hasPrefix("venue: trades BTCUSD") == true)
    }

    /// What a full mailbox refused may lie before what it took: the trades are fetched anew.
    @Test func whatMayHaveAHoleIsThrownAway() {
        let house = House()
        var truth: [Int64] = [10, 20]
        house.fetcher.reply = { key, _ in
            let after = key.since ?? 0
            let found = truth.filter { $0 > after }.map { trade($0) }
            return .success(.trades(TradePage(trades: found, after: after, next: nil)))
        }
        house.ask(.trades(.btcusd), then: 1)
        house.say(30)
        truth.append(30)
        house.simulation.advance(by: .seconds(20))
        house.ask(.trades(.btcusd))
        #expect(house.caller.words.last == "[10, 20, 30] whole stream")
        let pages = house.fetcher.asked.count
        // 40 is refused, 50 is not.
        truth += [40, 50]
        house.say(50)
        house.ask(.trades(.btcusd))
        #expect(house.caller.words.last == "[10, 20, 30, 50] whole stream", "nobody can know")
        house.kernel.post(.overflow, to: "cache", Overflow(event: "trade", refused: 1))
        house.simulation.advance(by: .seconds(2))
        house.ask(.trades(.btcusd))
        #expect(house.caller.words.last == "[10, 20, 30, 40, 50] whole upstream")
        house.say(60)
        truth.append(60)
        house.simulation.advance(by: .seconds(20))
        house.ask(.trades(.btcusd))
        #expect(house.caller.words.last == "[10, 20, 30, 40, 50, 60] whole stream")
        #expect(house.fetcher.asked.count == pages + 2)
    }

    /// A page that leads nowhere ends the fill.
    @Test func pagesThatDoNotGoOnEnd() {
        let house = House()
        house.fetcher.reply = { key, _ in
            .success(.trades(TradePage(trades: [trade(7)], after: key.since, next: 7)))
        }
        house.ask(.trades(.btcusd))
        #expect(house.caller.words == ["[7] whole upstream"])
        #expect(house.fetcher.asked == ["trades BTCUSD", "trades BTCUSD since 7"])
    }

    @Test func tradesThatAreGivenUpForRoomAreFetchedAnew() {
        let house = House { $0.mostEntries = 1 }
        house.fetcher.reply = { key, _ in
            key.kind == .ticker
                ? .success(.ticker(Ticker(venue: .fake, instrument: .btcusd, stamp: 5)))
                : .success(.trades(TradePage(trades: [trade(7)], after: 0, next: nil)))
        }
        house.ask(.trades(.btcusd))
        house.ask(.ticker(.btcusd))
        house.say(8)
        house.ask(.trades(.btcusd))
        #expect(
            house.caller.words == ["[7] whole upstream", "5 upstream", "[7] whole upstream"])
    }

    @Test func aVenueWithoutSuchACallSaysSo() throws {
        let floor = try Floor()
        floor.run(within: 5) { floor.isTrue }
        let caller = CacheCaller()
        floor.kernel.start(FetchProbe(floor.link, caller), alias: "probe")
        floor.advance(100)
        #expect(caller.words == ["fake has no call for ticker BTCUSD"])
    }

    /// Who wants any whole book gets the one that is on its way.
    @Test func aWholeBookThatIsOnItsWayIsShared() throws {
        let floor = try Floor()
        floor.exchange.snapshotDelay = .seconds(2)
        floor.exchange.change(.bid, 100, 1)
        floor.run(within: 5) { floor.exchange.books.count == 1 }
        let caller = CacheCaller()
        floor.kernel.start(FetchProbe(floor.link, caller, .fullDepth(.btcusd)), alias: "probe")
        floor.run(within: 5) { floor.isTrue }
        floor.advance(1)
        #expect(caller.words == ["1 bids"])
        #expect(floor.exchange.books.count == 1)
    }
}

/// Asks a link's fetch service once.
private final class FetchProbe: Session {
    let link: Link
    let caller: CacheCaller
    let key: CacheKey

    init(_ link: Link, _ caller: CacheCaller, _ key: CacheKey = .ticker(.btcusd)) {
        self.link = link
        self.caller = caller
        self.key = key
    }

    static func handlers(_ on: inout Handlers<FetchProbe>) {
        on(.started) { me, _, my in
            my.task { my in
                let answer = try await my.ask(
                    .fetch, to: me.link.snapshots, me.key, timeout: .seconds(50))
                switch answer {
                case .success(.book(let book)):
                    me.caller.words.append("\(book.bids.count) bids")
                case .success: me.caller.words.append("another thing")
                case .failure(let failure): me.caller.words.append(failure.reason)
                }
            }
        }
    }
}

extension Event where Payload == CacheKey {
    fileprivate static let cacheGo = Self("test.cacheGo")
}
extension Event where Payload == Trade {
    fileprivate static let cacheSays = Self("test.cacheSays")
}
