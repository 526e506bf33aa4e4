import Foundation
import OutcryComponents
import OutcryMarket
import OutcrySandbox
import OutcrySimulation
import Testing

@testable import OutcryKernel
@testable import OutcrySafetyNet

/// The trades since the beginning, over losses and restarts.
@Suite struct HistoryTests {
    /// The trades that the exchange has, by its own replies, page by page.
    static func all(_ house: NetHouse, port: UInt16) throws -> [String] {
        var tids: [String] = []
        var since = "0"
        while true {
            let reply = try house.get("/api/1/BTCUSD/trades?since=\(since)", port: port)
            let page = try JSONTree(reply.body)["return"].elements.map { $0["tid"].text }
            tids += page
            guard page.count == 1_000, let last = page.last else { return tids }
            since = last
        }
    }

    /// Losses of the upstream every few minutes: after each the book is the exchange's, and at the end the
    /// history has no hole and no double. `OUTCRY_HOURS=24` makes it a day.
    @Test(arguments: [1] as [UInt64]) func lossesLeaveNoHole(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let hours = ProcessInfo.processInfo.environment["OUTCRY_HOURS"].flatMap { Int64($0) }
        let end = KernelTime.zero + .seconds(hours.map { $0 * 3_600 } ?? 400)
        try TradeStoreTests.inFolder { folder in
            var losses = 0
            let house = try NetHouse(
                seed: seed, store: try TradeStore(path: folder + "trades"),
                {
                    $0.speed = hours == nil ? 200 : 20
                    $0.loops = true
                    $0.tradeHistory = 200_000
                },
                net: { $0.historyPace = .seconds(1) })
            try house.settle()
            while house.world.now < end {
                let pause = hours == nil ? 5...40 : 60...300 as ClosedRange<Int64>
                house.run(.seconds(Int64.random(in: pause, using: &random)))
                house.exchangeKernel.post(
                    .sandboxRestart, to: "exchange",
                    .seconds(Int64.random(in: 1...20, using: &random)))
                losses += 1
                house.run(.seconds(30))
                try house.settle()
                house.stopMarket()
                #expect(house.mirrored == house.exchanged, "seed \(seed), loss \(losses)")
                house.exchangeKernel.post(.sandboxGo, to: "exchange", ())
            }
            house.stopMarket()
            house.run(.seconds(90))
            let truth = try Self.all(house, port: NetHouse.exchangePort)
            #expect(truth.count > 1_000, "seed \(seed)")
            let ours = try Self.all(house, port: NetHouse.netPort)
            let (isSame, isStored) = (
                ours == truth,
                try #require(house.net.store).trades(of: .btcusd, after: 0, most: .max)
                    .map { "\($0.id)" } == truth
            )
            #expect(isSame, "seed \(seed): \(ours.count) of \(truth.count)")
            #expect(isStored, "seed \(seed)")
            #expect(house.net.histories[0].missingAfter == nil)
            #expect(house.net.counters.losses == losses)
            print(
                "seed \(seed): \(losses) losses, \(house.net.counters.repaired) levels put right,",
                "\(truth.count) trades, \(house.net.counters.pages) pages")
        }
    }

    /// A SafetyNet that was gone for a while fetches what it has missed, and nothing else.
    @Test func aGapIsFilledAndNothingElse() throws {
        try TradeStoreTests.inFolder { folder in
            let path = folder + "trades"
            let house = try NetHouse(
                store: try TradeStore(path: path), { $0.speed = 200 },
                net: { $0.historyPace = .seconds(1) })
            try house.settle()
            house.run(.seconds(120))
            house.kernel.post(.safetyNetDrain, to: "net", .seconds(10))
            house.run(.seconds(60))
            #expect(house.kernel.find("net") == nil)
            let first = try #require(try house.forgetNet())
            #expect(first.missing == nil)
            // Another one with the same file, later; the exchange has gone on.
            let net = try house.startNet(store: try TradeStore(path: path))
            #expect(net.histories[0].spans.newest == first.newest)
            house.run(.seconds(30))
            house.stopMarket()
            house.run(.seconds(60))
            let truth = try Self.all(house, port: NetHouse.exchangePort)
            let stored = try #require(net.store).trades(of: .btcusd, after: 0, most: .max)
            #expect(stored.map { "\($0.id)" } == truth)
            #expect(net.histories[0].missingAfter == nil)
            #expect(net.counters.pages <= 2, "\(net.counters.pages) pages for one gap")
        }
    }

    /// Old pages cost calls upstream: so many and no more, and the same one once.
    @Test func oldPagesAreBounded() throws {
        let house = try NetHouse { $0.speed = 60 }
        try house.settle()
        house.run(.seconds(15))
        let before = house.exchange.counters.replies
        for _ in 0..<20 {
            #expect(try house.get("/api/1/BTCUSD/trades?since=0").status == 200)
            house.run(.milliseconds(300))
        }
        #expect(house.exchange.counters.replies - before <= 3)
        house.run(.seconds(30))
        var statuses: [Int] = []
        for since in 1...30 {
            statuses.append(try house.get("/api/1/BTCUSD/trades?since=\(since)").status)
        }
        #expect(statuses.prefix { $0 == 200 }.count == 15)
        #expect(statuses.last == 429)
    }

    /// What the tape surely has is no more than it has.
    @Test func theTapeIsKnownByItsLastTrades() {
        var history = HistoryState(.btcusd, TradeSpans(), .everything)
        let day: Int64 = 86_400_000_000
        #expect(!history.tapeCovers(5, now: 0))
        #expect(!history.tapeLacks(5, now: 0), "it is on its way")
        func tape(_ ids: ClosedRange<Int64>, after: Int64) -> TradeTape {
            TradeTape(
                instrument: .btcusd, after: after, trades: ids.map { TradeStoreTests.trade($0) },
                isComplete: true)
        }
        history.note(tape(101...200, after: 100), asked: nil)
        #expect(history.tapeCovers(100, now: 0))
        #expect(!history.tapeCovers(99, now: 0))
        #expect(history.tapeLacks(99, now: 0) && !history.tapeLacks(100, now: 0))
        #expect(!history.tapeCovers(100, now: day), "a day ago is about to be forgotten")
        #expect(history.tapeEnd == 200)
        history.note(tape(150...10_150, after: 149), asked: 149)
        #expect(history.tapeEnd == 10_150)
        #expect(!history.tapeCovers(150, now: 0), "the last 10,000 only")
        #expect(history.tapeLacks(150, now: 0))
        #expect(history.tapeCovers(151, now: 0))
        history.note(tape(10_151...40_000, after: 10_150), asked: 10_150)
        #expect(history.tapeEnd == 40_000)
        #expect(!history.tapeCovers(30_000, now: 0))
        #expect(history.tapeCovers(30_001, now: 0))
    }

    /// A tape that begins anew is believed no further than it says.
    @Test func theFloorOfATapeRises() {
        var history = HistoryState(.btcusd, TradeSpans(), .everything)
        func tape(_ ids: ClosedRange<Int64>, after: Int64, floor: Int64? = nil) -> TradeTape {
            TradeTape(
                instrument: .btcusd, after: after, trades: ids.map { TradeStoreTests.trade($0) },
                isComplete: true, floor: floor)
        }
        history.note(tape(101...200, after: 100, floor: 100), asked: nil)
        history.note(tape(191...210, after: 190, floor: 100), asked: 190)
        #expect(history.tapeCovers(100, now: 0))
        // It says that it begins later now.
        history.note(tape(191...220, after: 190, floor: 150), asked: 190)
        #expect(!history.tapeCovers(149, now: 0) && history.tapeLacks(149, now: 0))
        #expect(history.tapeCovers(150, now: 0))
        // The answer begins behind what was asked for.
        history.note(tape(241...250, after: 240), asked: 220)
        #expect(!history.tapeCovers(239, now: 0) && history.tapeCovers(240, now: 0))
        #expect(history.tapeEnd == 250)
        // Another one goes back further, and was asked for as a whole.
        history.note(tape(101...250, after: 100, floor: 100), asked: nil)
        #expect(history.tapeCovers(100, now: 0))
    }

    /// The link's tape begins anew without a failover: what it lacks costs a call, which is counted.
    @Test func aTapeThatBeginsAnewIsKnown() throws {
        let house = try NetHouse(
            {
                $0.speed = 600
                $0.instruments = [.btcusd]
            }, net: { $0.instruments = [.btcusd] })
        try house.settle()
        house.run(.seconds(70))
        let floor = try #require(house.net.histories[0].tapeFloor)
        house.kernel.post(
            .overflow, to: house.net.link.cache, Overflow(event: "trade", refused: 1))
        house.run(.seconds(15))
        house.stopMarket()
        // A reply without a number tells the last 1,000 trades only.
        let risen = try #require(house.net.histories[0].tapeFloor)
        #expect(risen > floor + 10_000_000)
        let statuses = try (1...20).map { number in
            try house.get("/api/1/BTCUSD/trades?since=\(risen - Int64(number))").status
        }
        #expect(statuses.prefix { $0 == 200 }.count == 15, "\(statuses)")
    }

    @Test func holesAreSeenFromTheBeginning() {
        var history = HistoryState(.btcusd, TradeSpans(), .everything)
        #expect(history.missingAfter == nil, "the present first")
        history.spans.insert(TradeSpan(500, 600))
        #expect(history.missingAfter == 0)
        history.spans.insert(TradeSpan(0, 100))
        #expect(history.missingAfter == 100)
        history.spans.insert(TradeSpan(100, 500))
        #expect(history.missingAfter == nil)
        var later = HistoryState(.btcusd, TradeSpans([TradeSpan(500, 600)]), .after(450))
        #expect(later.missingAfter == 450)
        later.spans.insert(TradeSpan(400, 500))
        #expect(later.missingAfter == nil)
        var recent = HistoryState(.btcusd, TradeSpans([TradeSpan(500, 600)]), .recent)
        #expect(recent.missingAfter == nil)
        recent.spans.insert(TradeSpan(900, 950))
        #expect(recent.missingAfter == 600)
    }
}
