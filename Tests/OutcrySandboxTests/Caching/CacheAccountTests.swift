import OutcryComponents
import OutcryMarket
import OutcryVenues
import Testing

@testable import OutcryKernel
@testable import OutcrySandbox

/// What is an account's, by choice: through the link's gateway, once while it is young.
@Suite struct CacheAccountTests {
    @Test func walletAndOrdersAreAskedForOnce() throws {
        let house = try DeskHouse(seed: 1, speed: 1)
        house.run(.seconds(10))
        var venue = MtGoxVenue([.btcusd])
        for kind in [CacheKind.wallet, .orders] {
            venue.rules.cache[kind] = CacheRule(age: .seconds(60))
        }
        house.kernel.start(AccountFetcher(house.link), alias: "fetcher")
        house.kernel.start(
            Cache(house.link, venue, accounts: "fetcher"), alias: "chosen")
        let asker = AccountAsker()
        house.kernel.start(asker, alias: "asker")
        house.run(.seconds(5))
        let before = house.exchange.counters.replies
        for _ in 0..<3 {
            house.kernel.post(.accountAsk, to: "asker", "me")
            house.run(.seconds(1))
        }
        #expect(asker.words.count == 6, "\(asker.words)")
        #expect(asker.words[0].contains("5000.00000000 BTC"), "\(asker.words)")
        #expect(asker.words[1] == "0 orders upstream", "\(asker.words)")
        #expect(asker.words[2].hasSuffix("memory") && asker.words[4].hasSuffix("memory"))
        #expect(asker.words[5] == "0 orders memory")
        #expect(house.exchange.counters.replies - before <= 2)
    }

    @Test func unaskedNothingIsKept() throws {
        let house = try DeskHouse(seed: 1, speed: 1)
        let asker = AccountAsker(house.link.cache)
        house.kernel.start(asker, alias: "asker")
        house.run(.seconds(5))
        house.kernel.post(.accountAsk, to: "asker", "me")
        house.run(.seconds(1))
        #expect(asker.words == ["notKept", "notKept"])
    }
}

private final class AccountAsker: Session {
    let cache: Alias
    var words: [String] = []

    init(_ cache: Alias = "chosen") { self.cache = cache }

    static func handlers(_ on: inout Handlers<AccountAsker>) {
        on(.accountAsk) { me, name, my in
            let name = copy name
            my.task { my in try await me.ask(name, my) }
        }
    }

    private func ask(_ name: String, _ my: Context) async throws {
        let wait = Duration.seconds(60)
        switch try await my.ask(.cachedWallet, to: cache, name, timeout: wait) {
        case .success(let found): words.append("\(found.value) \(found.source)")
        case .failure(let failure): words.append("\(failure.cause)")
        }
        switch try await my.ask(.cachedOrders, to: cache, name, timeout: wait) {
        case .success(let found): words.append("\(found.value.count) orders \(found.source)")
        case .failure(let failure): words.append("\(failure.cause)")
        }
    }
}

extension Event where Payload == String {
    fileprivate static let accountAsk = Self("test.accountAsk")
}
