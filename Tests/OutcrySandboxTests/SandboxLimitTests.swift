import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryWire
import Testing

@testable import OutcrySandbox

/// What the venue let nobody do too often.
@Suite struct SandboxLimitTests {
    @Test func anAddressThatAsksTooOftenHasToWait() throws {
        let house = try SandboxHouse {
            $0.requestRate = RequestRateLimit(requests: 3, span: .seconds(20))
        }
        for _ in 0..<3 { #expect(try house.get("/api/1/BTCUSD/ticker").status == 200) }
        let refused = try house.get("/api/1/BTCUSD/ticker")
        #expect(refused.status == 429)
        #expect(refused.head.fields["Retry-After"] == "20")
        let words = try JSONTree(refused.body)["error"].text
        #expect(words == "Too many requests, please wait 20 secs")
        house.run(.seconds(15))
        #expect(try house.get("/api/1/BTCUSD/ticker").head.fields["Retry-After"] == "5")
        house.run(.seconds(5))
        #expect(try house.get("/api/1/BTCUSD/ticker").status == 200)
    }

    @Test func publicRepliesStayAsTheyWere() throws {
        let house = try SandboxHouse {
            $0.speed = 600
            $0.firstStep = .zero
            $0.replyCache = ReplyCacheRules(.seconds(10), ticker: .seconds(30))
            $0.fullDepthPerHour = 3
        }
        house.run(.seconds(2))
        func now(_ path: String) throws -> JSONTree { try house.json(path) }
        let depth = try now("/api/1/BTCUSD/depth")
        let ticker = try now("/api/1/BTCUSD/ticker")
        let raw = try now("/api/1/BTCUSD/ticker?raw")
        let other = try now("/api/1/BTCEUR/depth")
        #expect(raw != ticker, "a question of its own")
        #expect(other != depth, "so is another market")
        house.run(.seconds(9))
        #expect(try now("/api/1/BTCUSD/depth") == depth)
        #expect(house.exchange.counters.cached == 1)
        house.run(.seconds(1))
        #expect(try now("/api/1/BTCUSD/depth") != depth)
        #expect(try now("/api/1/BTCUSD/ticker") == ticker)
        // The time of this ticker is its own; the version too.
        #expect(try now("/api/2/BTCUSD/money/ticker")["data"]["last"] != ticker["return"]["last"])
        house.run(.seconds(20))
        #expect(try now("/api/1/BTCUSD/ticker") != ticker)
        // Full books are counted also where they are told again.
        for _ in 0..<3 { #expect(try house.get("/api/1/BTCUSD/fulldepth").status == 200) }
        #expect(try house.get("/api/1/BTCUSD/fulldepth").status == 429)
    }

    @Test func anAccountsOwnRepliesAreAlwaysNew() throws {
        let house = try TradingHouse { $0.replyCache = .mtGox }
        let alice = try house.person("alice")
        #expect(try alice.call("generic/orders").elements.isEmpty)
        _ = try alice.call(
            "BTCUSD/order/add", [("type", "bid"), ("amount_int", "1000000"), ("price_int", "1000")])
        #expect(try alice.call("generic/orders").elements.count == 1)
    }

    @Test func withoutRulesNothingIsKept() throws {
        let house = try SandboxHouse {
            $0.speed = 600
            $0.firstStep = .zero
        }
        house.run(.seconds(2))
        let ticker = try house.json("/api/1/BTCUSD/ticker")
        house.run(.seconds(5))
        #expect(try house.json("/api/1/BTCUSD/ticker") != ticker)
        #expect(house.exchange.counters.cached == 0)
    }

    @Test func questionsWithoutEndAreForgotten() {
        var cache = ReplyCache(.mtGox)
        let now = KernelTime.zero
        func question(_ since: Int64) -> ReplyCache.Question {
            ReplyCache.Question(
                version: .v1, call: .trades(.btcusd, since: since), isRaw: false)
        }
        for since in 0..<Int64(ReplyCache.most) { cache.keep([1], for: question(since), at: now) }
        #expect(cache.reply(question(0), at: now) == [1])
        cache.keep([2], for: question(-1), at: now)
        #expect(cache.reply(question(0), at: now) == nil)
        #expect(cache.reply(question(-1), at: now) == [2])
    }

    @Test func repliesThatAreKeptAreBoundedByTheirBytes() {
        var cache = ReplyCache(.mtGox)
        func question(_ since: Int64) -> ReplyCache.Question {
            ReplyCache.Question(
                version: .v1, call: .trades(.btcusd, since: since), isRaw: false)
        }
        let reply = [UInt8](repeating: 0x20, count: 1 << 20)
        for since in 0..<40 as Range<Int64> {
            cache.keep(reply, for: question(since % 20), at: .zero)
            #expect(cache.bytes <= ReplyCache.mostBytes)
            #expect(cache.reply(question(since % 20), at: .zero) == reply)
        }
        cache.keep([UInt8](repeating: 0, count: 17 << 20), for: question(-1), at: .zero)
        #expect(cache.reply(question(-1), at: .zero) == nil)
        // The same one again and again is one.
        var other = ReplyCache(.mtGox)
        for _ in 0..<3 { other.keep(reply, for: question(0), at: .zero) }
        #expect(other.bytes == reply.count)
    }

    @Test func allLimitsAreSetAtOnce() {
        var configuration = SandboxConfiguration()
        configuration.setVenueLimits()
        #expect(configuration.fullDepthPerHour == 5)
        #expect(configuration.orderRate == OrderRateLimit(orders: 5, span: .seconds(6)))
        #expect(configuration.requestRate == RequestRateLimit(requests: 40, span: .seconds(20)))
        #expect(configuration.replyCache == .mtGox)
    }
}
