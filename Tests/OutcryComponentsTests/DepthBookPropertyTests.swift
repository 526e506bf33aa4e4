import OutcryKernel
import OutcryMarket
import Testing

@testable import OutcryComponents

/// A market with a truth, a stream that is late, and snapshots from a cache.
private struct RandomMarket {
    var random: SeededGenerator
    var truth = NaiveBook(.btcusd)
    /// Every change in order, and the whole truth after each (before any: at 0).
    var changes: [DepthChange] = []
    var after: [String] = [" | "]
    var stamp: Int64 = 1000

    mutating func change() {
        // Several changes may share a microsecond.
        stamp += Int64.random(in: 0...3, using: &random)
        let side: Side = Bool.random(using: &random) ? .bid : .ask
        let price = Int64.random(in: 0..<12, using: &random) + (side == .bid ? 100 : 112)
        let quantity = max(0, Int64.random(in: -3...6, using: &random))
        let change = depth(side, price, quantity, stamp)
        truth.set(change)
        changes.append(change)
        after.append(text(truth))
    }

    func snapshot() -> (at: Int, BookSnapshot) {
        let newest = (truth.bids + truth.asks).map(\.stamp).max() ?? 0
        return (
            changes.count,
            BookSnapshot(
                instrument: .btcusd, bids: truth.bids, asks: truth.asks, newestStamp: newest)
        )
    }
}

extension NaiveBook {
    fileprivate mutating func set(_ change: DepthChange) {
        set(
            side: change.side, priceUnits: change.priceUnits,
            quantityUnits: change.quantityUnits, stamp: change.stamp)
    }
}

@Suite struct DepthBookPropertyTests {
    /// A step is 100 ms; the cache may serve a book of the last second.
    @Test(arguments: 1...60 as ClosedRange<UInt64>) func liveIsTrue(seed: UInt64) {
        var market = RandomMarket(random: SeededGenerator(seed: seed))
        var random = SeededGenerator(seed: ~seed)
        for _ in 0..<Int.random(in: 0...30, using: &random) { market.change() }
        var machine = DepthBookMachine(
            .btcusd, snapshotAge: .seconds(1),
            bufferLimit: seed % 5 == 0 ? 8 : 1000)
        let pace = Int.random(in: 1...40, using: &random)
        var cache = market.snapshot()
        var cachedAt = 0
        /// How much of the market's changes the stream has delivered; where the snapshot stands.
        var delivered = 0
        var loadedAt = 0
        var newest: Int64 = 0
        var answer: (due: Int, number: Int, served: (at: Int, BookSnapshot))?
        var retry = 0
        var lives = 0
        var lastLive = 0
        for step in 0..<3000 {
            let now = at(step * 100)
            if Int.random(in: 0..<pace, using: &random) == 0 {
                for _ in 0..<Int.random(in: 1...4, using: &random) { market.change() }
            }
            if step % 700 == 0 {
                // A new subscription: what was not delivered is lost.
                _ = machine.down(at: now)
                if step % 1400 == 0 { market.change() }
                delivered = market.changes.count
                machine.subscribed(at: now)
                lastLive = step
            }
            let lag = Int.random(in: 0...3, using: &random)
            while delivered < market.changes.count - (step % 50 == 0 ? 0 : lag) {
                let change = market.changes[delivered]
                delivered += 1
                if machine.phase == .live {
                    _ = machine.apply(change, at: now)
                    // Removals behind the snapshot's newest stamp leave no trace in it: between that and
                    // the snapshot's own place the stream decides.
                    if delivered < loadedAt, change.stamp >= newest { continue }
                    let truth = market.after[max(delivered, loadedAt)]
                    guard text(machine.book) == truth else {
                        Issue.record(
                            "seed \(seed), step \(step): \(text(machine.book)) is not \(truth)")
                        return
                    }
                } else {
                    machine.keep(change, at: now)
                }
            }
            if step - cachedAt >= Int.random(in: 0...10, using: &random) || step - cachedAt >= 9 {
                cache = market.snapshot()
                cachedAt = step
            }
            if machine.wantsSnapshot(at: now), step >= retry {
                let number = machine.fetching(at: now)
                answer = (step + Int.random(in: 0...20, using: &random), number, cache)
            }
            if let due = answer, step >= due.due {
                answer = nil
                switch machine.load(due.served.1, number: due.number, at: now) {
                case .loaded:
                    lives += 1
                    loadedAt = due.served.at
                    newest = due.served.1.newestStamp
                    lastLive = step
                    if delivered >= loadedAt, text(machine.book) != market.after[delivered] {
                        Issue.record(
                            """
                            seed \(seed), step \(step): loaded, and not the truth
                            \(text(machine.book))
                            \(market.after[delivered])
                            snapshot at \(loadedAt) newest \(newest), delivered \(delivered)
                            \(market.changes[(loadedAt - 5)..<delivered].map { "\($0) \($0.stamp)" })
                            """)
                        return
                    }
                case .gap(let time): retry = Int(time.nanoseconds / 100_000_000) + 1
                case .unwanted: break
                case .refused(let why): Issue.record("seed \(seed): \(why)")
                }
            }
            if machine.phase == .live { lastLive = step }
            if seed % 5 != 0, step - lastLive > 100 {
                Issue.record("seed \(seed), step \(step): not live for ten seconds")
                return
            }
        }
        #expect(lives >= (seed % 5 == 0 ? 1 : 5), "seed \(seed)")
    }
}
