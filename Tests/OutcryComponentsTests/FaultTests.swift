import OutcryComponents
import OutcryMarket
import OutcrySimulation
import Testing

@testable import OutcryKernel

@Suite struct FaultTests {
    /// A market that moves while everything that may happen to a connection happens.
    func storm(seed: UInt64, resets: Int) throws -> (floor: Floor, hash: UInt64, count: Int) {
        var venue = FakeVenue()
        venue.rules.snapshotAge = .milliseconds(seed % 2 == 0 ? 0 : 500)
        venue.rules.reconnect = Backoff(
            first: .milliseconds(100), most: .seconds(1), floor: .milliseconds(50), limit: 1000)
        venue.rules.snapshots = 10_000
        let floor = try Floor(seed: seed, venue)
        floor.world.faults = .rough()
        floor.world.faults.resetsOneIn = resets
        floor.world.faults.refusesOneIn = resets == 0 ? 0 : 5
        var random = SeededGenerator(seed: seed)
        for step in 0..<2500 {
            let (side, price, quantity) = floor.market.randomChange(&random)
            floor.exchange.change(side, price, quantity)
            if seed % 2 == 1, step % 20 == 0 { floor.market.cached = floor.market.present }
            floor.advance(Int.random(in: 0...40, using: &random))
        }
        floor.market.cached = nil
        floor.world.faults = NetworkFaults()
        floor.run(within: 120) { floor.isTrue }
        floor.exchange.change(.bid, 100, 9)
        floor.advance(100)
        return (floor, floor.hash.value, floor.hash.count)
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>) func splitsAndLatency(seed: UInt64) throws {
        let floor = try storm(seed: seed, resets: 0).floor
        #expect(floor.isTrue, "seed \(seed)")
        #expect(floor.witness.wrong == [], "seed \(seed)")
        #expect(floor.witness.count("disconnected") == 0, "seed \(seed)")
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>) func resets(seed: UInt64) throws {
        let floor = try storm(seed: seed, resets: 800).floor
        #expect(floor.isTrue, "seed \(seed): \(floor.witness.lines.suffix(20))")
        #expect(floor.witness.wrong == [], "seed \(seed)")
        #expect(floor.witness.count("disconnected") >= 2, "seed \(seed)")
        #expect(floor.witness.loads >= 2, "seed \(seed)")
        // Up and down alternate.
        let ups = floor.witness.count("connected")
        #expect(ups >= 2 && ups <= floor.witness.count("disconnected") + 1, "seed \(seed)")
    }

    @Test(arguments: [3, 4] as [UInt64]) func oneSeedIsOneRun(seed: UInt64) throws {
        let first = try storm(seed: seed, resets: 800)
        let second = try storm(seed: seed, resets: 800)
        #expect(first.hash == second.hash)
        #expect(first.count == second.count)
        #expect(first.floor.witness.lines == second.floor.witness.lines)
        #expect(try storm(seed: seed + 100, resets: 800).hash != first.hash)
    }

    @Test func aMailboxThatOverflowsCostsTrust() throws {
        let floor = try Floor()
        floor.run(within: 5) { floor.isTrue }
        let books = try #require(floor.kernel.find(floor.link.books))
        floor.kernel.post(.overflow, to: books, Overflow(event: "depth", refused: 3))
        floor.advance(0)
        let line = "stale: 3 events were refused by a full mailbox next at"
        #expect(floor.witness.count(line) == 1)
        floor.advance(3000)
        #expect(floor.isTrue)
        #expect(floor.witness.loads >= 2)
    }
}
