import OutcryMarket
import Testing

@testable import OutcrySandbox

@Suite struct MarketTests {
    @Test func recordingsAreWhatWasRecorded() throws {
        let trades = try RecordedTrade.june2011()
        #expect(trades.count == 11_214)
        #expect(
            trades.first
                == RecordedTrade(
                    date: 1_307_353_946, price: 1_769_850, amount: 101_000_000, number: 118_393))
        #expect(trades.last?.date == 1_307_526_717)
        #expect(trades.reduce(0) { $0 + $1.amount } == 12_258_741_700_000)
        #expect(trades.reduce(0) { $0 + $1.price } == 23_563_246_840)
        #expect(trades.reduce(0) { $0 + $1.number } == 1_390_530_393)
        let depth = try RecordedBook.june2011()
        #expect(depth.asks.count == 184)
        #expect(depth.bids.count == 171)
        #expect((depth.asks + depth.bids).reduce(0) { $0 + $1.price } == 970_002_600)
        #expect((depth.asks + depth.bids).reduce(0) { $0 + $1.amount } == 2_145_162_000_000)
        let full = try RecordedBook.february2012()
        #expect(full.asks.count == 4_407)
        #expect(full.bids.count == 3_684)
        #expect((full.asks + full.bids).reduce(0) { $0 + $1.price } == 19_939_394_423_247_073)
        #expect(full.asks.reduce(0) { $0 + $1.amount } == 25_536_714_912_487)
        #expect(full.bids.reduce(0) { $0 + $1.amount } == 2_760_401_275_282_779)
    }

    @Test(arguments: [1, 2] as [UInt64])
    func june2011TradesExactlyWhatWasRecorded(seed: UInt64) throws {
        let recorded = try RecordedTrade.june2011()
        let run = try play(.june2011, seed: seed)
        #expect(run.trades.count == recorded.count)
        for (index, (trade, original)) in zip(run.trades, recorded).enumerated() {
            guard trade.price == original.price, trade.amount == original.amount else {
                Issue.record("trade \(index): \(trade), recorded \(original)")
                break
            }
        }
        #expect(run.time == (1_307_526_717 - 1_307_353_946) * 1_000_000, "paced by the dates")
        // The book stays a book: on both sides, all the way.
        #expect(run.fewestLevels >= 20)
        #expect(run.mostLevels <= 600)
        print(
            "june 2011, seed \(seed): \(run.depths) depth changes, \(run.fewestLevels) to "
                + "\(run.mostLevels) levels a side")
    }

    @Test func june2011LoopsWhenAsked() throws {
        let source = try SandboxMarket.june2011.source(seed: 3, loops: true)
        let engine = MatchingEngine()
        try source.open(engine, at: 1)
        var events: [EngineEvent] = []
        for _ in 0..<11_300 {
            events.removeAll(keepingCapacity: true)
            #expect(try source.step(engine, at: 1, into: &events) != .ended)
        }
        #expect(engine.tradeCount == 11_300)
    }

    @Test func february2012OpensWithTheRecordedBook() throws {
        let source = try SandboxMarket.february2012.source(seed: 1)
        let engine = MatchingEngine()
        try source.open(engine, at: 5)
        let recorded = try RecordedBook.february2012()
        #expect(engine.levelCount(.ask) + engine.levelCount(.bid) == 8_091)
        for (side, levels) in [(Side.ask, recorded.asks), (.bid, recorded.bids.reversed())] {
            var standing: [RecordedLevel] = []
            engine.forEachLevel(side) { price, total, stamp in
                standing.append(RecordedLevel(price: price, amount: total, stamp: stamp))
            }
            #expect(standing == levels)
        }
        #expect(engine.lastStamp < 1_329_000_000_000_000)
    }

    @Test func february2012CrowdKeepsTheMarketAlive() throws {
        let run = try play(.february2012, seed: 4, steps: 20_000)
        print(
            "february 2012: \(run.trades.count) trades, \(run.depths) depth changes, price "
                + "\(run.trades.map(\.price).min() ?? 0) to \(run.trades.map(\.price).max() ?? 0), "
                + "\(run.fewestLevels) to \(run.mostLevels) levels a side")
        #expect(run.trades.count > 1_000)
        #expect(run.trades.allSatisfy { (500_000...640_000).contains($0.price) })
        // 50 a second: 20,000 things are 400 seconds, give or take.
        #expect((380_000_000...420_000_000).contains(run.time))
        let again = try play(.february2012, seed: 4, steps: 20_000)
        #expect(again.hash == run.hash)
        #expect(try play(.february2012, seed: 5, steps: 20_000).hash != run.hash)
    }

    private struct Played {
        var trades: [EngineTrade] = []
        var depths = 0
        var time: Int64 = 0
        var fewestLevels = Int.max
        var mostLevels = 0
        var hash: UInt64 = 0
    }

    private func play(
        _ market: SandboxMarket, seed: UInt64, steps: Int = .max
    ) throws -> Played {
        let source = try market.source(seed: seed)
        let engine = MatchingEngine()
        var played = Played()
        var events: [EngineEvent] = []
        try source.open(engine, at: 1_700_000_000_000_000)
        var step = 0
        while step < steps {
            events.removeAll(keepingCapacity: true)
            let pause = try source.step(
                engine, at: 1_700_000_000_000_000 + played.time, into: &events)
            for event in events {
                if case .trade(let trade) = event { played.trades.append(trade) }
                if case .depth = event { played.depths += 1 }
            }
            if let bid = engine.best(.bid), let ask = engine.best(.ask) { #expect(bid < ask) }
            let levels = [engine.levelCount(.bid), engine.levelCount(.ask)]
            played.fewestLevels = min(played.fewestLevels, levels[0], levels[1])
            played.mostLevels = max(played.mostLevels, levels[0], levels[1])
            guard case .after(let microseconds) = pause else { break }
            played.time += microseconds
            step += 1
        }
        // The pause after the last trade says only that the recording may begin again.
        if market == .june2011 { played.time -= 1_000_000 }
        played.hash = engine.stateHash
        return played
    }
}
