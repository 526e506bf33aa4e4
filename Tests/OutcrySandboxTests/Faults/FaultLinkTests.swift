import OutcryComponents
import OutcryMarket
import OutcrySandbox
import OutcrySimulation
import OutcryVenues
import Testing

@testable import OutcryKernel

/// What a link's book makes of a market that says wrong things.
@Suite struct FaultLinkTests {
    /// An exchange and a link to it, on one kernel.
    private final class House {
        let kernel: Kernel
        let world: SimulatedWorld
        let exchange: SandboxExchange
        let watcher: Watcher

        init(_ faults: KeyValuePairs<String, String>) throws {
            world = SimulatedWorld(seed: 5)
            kernel = Kernel(driver: Simulation(in: world))
            kernel.logLevel = .error
            var configuration = SandboxConfiguration()
            configuration.speed = 600
            configuration.fullDepthPerHour = nil
            for (name, text) in faults { try configuration.faults.set(name, text) }
            exchange = try SandboxExchange(configuration)
            kernel.start(exchange, alias: "exchange")
            var venue = MtGoxVenue([.btcusd])
            venue.rules.snapshots = 10_000
            let link = try Link.open(
                venue, on: kernel, url: "ws://127.0.0.1:8080/mtgox", instruments: [.btcusd])
            watcher = Watcher(link)
            kernel.start(watcher, alias: "watcher")
        }

        /// Levels that the link's book has otherwise than the exchange, when the market stands still.
        func differences(after duration: Duration, settling: Duration = .seconds(1)) throws -> Int {
            world.advance(by: duration)
            kernel.post(.sandboxStop, to: "exchange", ())
            world.advance(by: settling)
            kernel.post(.testAsk, to: "watcher", ())
            world.advance(by: .milliseconds(10))
            guard let levels = watcher.levels, let book = watcher.book else {
                throw Missing(what: "levels, or a book")
            }
            var count = 0
            for (side, theirs) in [(Side.bid, levels.bids), (.ask, levels.asks)] {
                let ours = book.levels(side).map { "\($0.price) \($0.quantity)" }
                let wanted = theirs.map { "\($0.price) \($0.quantity)" }
                count += Set(ours).symmetricDifference(wanted).count
            }
            return count
        }
    }

    private final class Watcher: Session {
        let link: Link
        var book: Book?
        var levels: SandboxLevels?
        var stales = 0
        init(_ link: Link) { self.link = link }

        static func handlers(_ on: inout Handlers<Watcher>) {
            on(.started) { me, _, my in my.register(me.link.bookChanged, me.link.bookStale) }
            on(.bookChanged) { me, change, _ in me.book = change.book }
            on(.bookStale) { me, _, _ in me.stales += 1 }
            on(.testAsk) { _, _, my in
                my.ask(.sandboxLevels, to: "exchange", (), timeout: .seconds(1), then: .testLevels)
            }
            on(.testLevels) { me, answer, _ in
                if case .reply(let levels) = answer { me.levels = levels }
            }
        }
    }

    @Test func withoutFaultsTheBookIsTheExchanges() throws {
        #expect(try House([:]).differences(after: .seconds(60)) == 0)
    }

    /// What a book that sets totals, not changes, lives with.
    @Test(arguments: ["double-depth", "zero-delta", "cross-briefly", "double-trade"])
    func harmless(name: String) throws {
        let house = try House([name: "300"])
        #expect(try house.differences(after: .seconds(60)) == 0)
        #expect(house.exchange.counters.faults.sum > 10)
    }

    /// What it cannot see, and is wrong by: the last message about a price counts, whatever its stamp.
    @Test(arguments: ["drop-depth", "reorder-depth", "lose-subscription"])
    func harmful(name: String) throws {
        let house = try House([name: "200"])
        #expect(try house.differences(after: .seconds(60)) > 0)
        #expect(house.exchange.counters.faults.sum > 0)
    }

    /// The link sees it, and fetches the book anew.
    @Test func aCrossedBookIsFetchedAgain() throws {
        let house = try House(["cross-book": "20"])
        #expect(try house.differences(after: .seconds(60), settling: .seconds(30)) == 0)
        #expect(house.exchange.counters.faults[.crossBook] > 0)
        #expect(house.watcher.stales > 0)
    }
}
