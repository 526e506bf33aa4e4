import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryVenues
import OutcryWire

@testable import OutcrySandbox
@testable import OutcrySimulation

/// A sandbox, a link to it on a kernel of its own, and somebody who asks the link's cache.
final class CacheHouse {
    let house: SandboxHouse
    let kernel: Kernel
    let link: Link
    let asker: CacheAskingSession

    init(
        seed: UInt64 = 1, _ change: (inout SandboxConfiguration) -> Void = { _ in },
        _ rules: (inout VenueRules) -> Void = { _ in }
    ) throws {
        house = try SandboxHouse(seed: seed) {
            $0.speed = 30
            $0.firstStep = .milliseconds(50)
            $0.replyCache = .mtGox
            change(&$0)
        }
        kernel = Kernel(driver: Simulation(in: house.world))
        kernel.onLog = { _ in }
        var venue = MtGoxVenue([.btcusd])
        rules(&venue.rules)
        link = try Link.open(
            venue, on: kernel, url: "ws://127.0.0.1:8080/mtgox", instruments: [.btcusd])
        asker = CacheAskingSession(link)
        kernel.start(asker, alias: "asker")
    }

    func run(_ duration: Duration) { house.run(duration) }

    /// The market stands still, and all that is on its way arrives.
    func stopMarket() {
        house.kernel.post(.sandboxStop, to: "sandbox", ())
        run(.seconds(2))
    }

    func ticker(_ of: Instrument = .btcusd) -> CacheAnswer<Ticker>? {
        answer {
            asker.tickers = []
        } ask: {
            .ticker(of)
        } take: {
            asker.tickers.last
        }
    }

    func book(_ key: CacheKey) -> CacheAnswer<BookSnapshot>? {
        answer {
            asker.books = []
        } ask: {
            key
        } take: {
            asker.books.last
        }
    }

    func trades(since: Int64? = nil, of: Instrument = .btcusd) -> CacheAnswer<TradeTape>? {
        answer {
            asker.tapes = []
        } ask: {
            .trades(of, since: since)
        } take: {
            asker.tapes.last
        }
    }

    private func answer<Value>(
        _ clear: () -> Void, ask: () -> CacheKey, take: () -> Value?
    ) -> Value? {
        clear()
        kernel.post(.testCacheAsk, to: "asker", ask())
        _ = house.world.run(within: .seconds(90)) { take() != nil }
        return take()
    }

    /// Many questions at once.
    func askAll(_ keys: [CacheKey], then duration: Duration = .seconds(1)) {
        for key in keys { kernel.post(.testCacheAsk, to: "asker", key) }
        run(duration)
    }

    var counts: CacheCounts {
        asker.counts = nil
        kernel.post(.testCacheCount, to: "asker", ())
        run(.microseconds(1))
        return asker.counts ?? CacheCounts()
    }

    /// The calls that the exchange has answered, one way or another.
    var calls: Int {
        let counters = house.exchange.counters
        return counters.replies + counters.refused + counters.faults[.mysqlError]
    }

    /// The exchange's own trades after a number.
    func history(after number: Int64) -> [Int64] {
        var found: [Int64] = []
        var last = number
        let end = house.world.wallNow.microseconds
        while last < end {
            let part = house.exchange.state.histories[0].since(last).map(\.id)
            found += part
            last = part.count == 1000 ? part[999] : max(last + 86_000_000_000, part.last ?? 0)
        }
        return found
    }
}

/// Asks, and writes the answers down.
final class CacheAskingSession: Session {
    let link: Link
    var tickers: [CacheAnswer<Ticker>] = []
    var books: [CacheAnswer<BookSnapshot>] = []
    var tapes: [CacheAnswer<TradeTape>] = []
    var gone = 0
    var counts: CacheCounts?
    var ups = 0
    var evidence = Evidence.stale(since: .zero)

    init(_ link: Link) { self.link = link }

    static func handlers(_ on: inout Handlers<CacheAskingSession>) {
        on(.started) { me, _, my in my.register(me.link.connected, me.link.bookChanged) }
        on(.connected) { me, _, _ in me.ups += 1 }
        on(.bookChanged) { me, change, _ in me.evidence = change.evidence }
        on(.testCacheCount) { me, _, my in
            my.ask(
                .cacheCounts, to: me.link.cache, (), timeout: .seconds(1), then: .testCacheCounted)
        }
        on(.testCacheCounted) { me, answer, _ in
            if case .reply(let counts) = copy answer { me.counts = counts }
        }
        on(.testCacheAsk) { me, key, my in
            let key = key
            my.task { my in await me.ask(key, my) }
        }
    }

    private func ask(_ key: CacheKey, _ my: Context) async {
        guard let instrument = key.instrument else { return }
        do {
            let cache = link.cache
            let wait = Duration.seconds(80)
            switch key.kind {
            case .ticker:
                tickers.append(
                    try await my.ask(.cachedTicker, to: cache, instrument, timeout: wait))
            case .depth:
                books.append(try await my.ask(.cachedDepth, to: cache, instrument, timeout: wait))
            case .fullDepth:
                books.append(
                    try await my.ask(.cachedFullDepth, to: cache, instrument, timeout: wait))
            default:
                let question = TradesQuestion(instrument, since: key.since)
                tapes.append(try await my.ask(.cachedTrades, to: cache, question, timeout: wait))
            }
        } catch { gone += 1 }
    }
}

extension Event where Payload == CacheKey {
    fileprivate static let testCacheAsk = Self("test.cacheAsk")
}
extension Event where Payload == Void {
    fileprivate static let testCacheCount = Self("test.cacheCount")
}
extension Event where Payload == Answer<CacheCounts> {
    fileprivate static let testCacheCounted = Self("test.cacheCounted")
}

extension Outcome where Failure == CacheFailure {
    /// The value, or the reason why there is none thrown.
    func get() throws -> Value {
        switch self {
        case .success(let value): return value
        case .failure(let failure): throw failure
        }
    }

    var failure: CacheFailure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}
