import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryWire
import Testing

@testable import OutcryVenues

@Suite struct CachingTests {
    private let venue = MtGoxVenue([.btcusd])
    private let now = WallTime(microseconds: 1_366_000_000_000_000)
    private let hour: Int64 = 3_600_000_000

    private func trades(_ ids: [Int64]) -> [Trade] {
        ids.map {
            Trade(
                venue: .mtgox, instrument: .btcusd, id: $0, priceUnits: 1, quantityUnits: 1,
                aggressor: .buy, stamp: $0)
        }
    }

    private func page(_ ids: [Int64], since: Int64?) -> [Int64?] {
        let page = MtGoxVenue.page(trades(ids), after: since, now)
        return [page.after, page.next]
    }

    @Test func aPageSaysWhereTheNextOneBegins() {
        let stamp = now.microseconds
        let since = stamp - hour
        #expect(page([], since: since) == [since, nil])
        #expect(page([since + 5], since: since) == [since, nil])
        let many = (1...1000).map { since + $0 }
        #expect(page(many, since: since) == [since, since + 1000])
        #expect(page(Array(many.dropLast()), since: since) == [since, nil])
    }

    @Test func aDayWithoutTradesIsNotTheEnd() {
        let stamp = now.microseconds
        let old = stamp - 100 * hour
        #expect(page([], since: old) == [old, old + 22 * hour])
        #expect(page([old + hour], since: old) == [old, old + 22 * hour])
        #expect(page([old + 23 * hour], since: old) == [old, old + 23 * hour])
        // An hour is left for clocks that differ.
        #expect(page([], since: stamp - 23 * hour) == [stamp - 23 * hour, nil])
        let edge = stamp - 23 * hour - 1
        #expect(page([], since: edge) == [edge, edge + 22 * hour])
    }

    @Test func withoutANumberItIsADay() {
        let stamp = now.microseconds
        #expect(page([], since: nil) == [stamp - 24 * hour, nil])
        let many = (1...1000).map { stamp - 2000 + $0 }
        #expect(page(many, since: nil) == [stamp - 2000, stamp - 1000])
    }

    @Test func oldNumbersAreNoTimes() {
        let first = MtGox.firstTimeNumber
        #expect(page([], since: 0) == [0, nil])
        // A short page may be cut by an hour, as some servers cut: only an empty one is the end.
        #expect(page([5, 7], since: 0) == [0, 7])
        #expect(page([218_868], since: 218_000) == [218_000, 218_868])
        #expect(page([], since: 218_868) == [218_868, first])
        #expect(page([], since: .max) == [.max, nil])
        // Of both kinds: the next call goes on by time.
        let both = (217_870...218_868).map { Int64($0) } + [1_309_108_565_842_636]
        #expect(page(both, since: 217_869) == [217_869, 1_309_108_565_842_636])
        // Of those that count a few come out of their order: what is behind the cut may be younger.
        let many = (1...1000).map { Int64($0) + 5_000 }
        #expect(page(many, since: 5_000) == [5_000, 5_900])
        #expect(page(many.reversed(), since: 5_000) == [5_000, 5_900])
        #expect(page(many.map { $0 == 5_001 ? 5_002 : $0 }, since: 5_899) == [5_899, 5_900])
    }

    @Test func theCalls() {
        #expect(venue.fetchTarget(.ticker(.btcusd)) == "/api/1/BTCUSD/ticker")
        #expect(venue.fetchTarget(.depth(.btcusd)) == "/api/1/BTCUSD/depth/fetch")
        #expect(venue.fetchTarget(.trades(.btcusd)) == "/api/1/BTCUSD/trades/fetch")
        #expect(
            venue.fetchTarget(.trades(.btcusd, since: 7)) == "/api/1/BTCUSD/trades/fetch?since=7")
        #expect(venue.fetchTarget(.wallet(account: "a")) == nil)
        #expect(venue.channel(of: .trades, for: .btcusd) == Channel("trade.BTC"))
        #expect(venue.channel(of: .ticker, for: .btcusd) == Channel("ticker.BTCUSD"))
        #expect(venue.rules.cache[.wallet] == nil && venue.rules.cache[.orders] == nil)
    }

    @Test func aRefusalIsThrown() {
        let body = Array(#"{"result":"error","error":"Unknown pair","token":"no_pair"}"#.utf8)
        let reply = HTTPReply(head: HTTPResponseHead(status: 200, fields: []), body: body)
        #expect(throws: MtGoxError.refused(text: "Unknown pair", token: "no_pair")) {
            _ = try venue.fetched(.ticker(.btcusd), from: reply, at: now)
        }
    }
}
