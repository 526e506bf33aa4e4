import Foundation
import OutcryMarket
import Testing

@testable import OutcrySafetyNet
@testable import OutcryVenues

/// The file of trades: whole after whatever has happened to it.
@Suite struct TradeStoreTests {
    static func inFolder(_ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "outcry-net-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path + "/")
    }

    static func trade(_ id: Int64, of market: Instrument = .btcusd) -> Trade {
        Trade(
            venue: .mtgox, instrument: market, id: id, priceUnits: id * 3, quantityUnits: id * 7,
            aggressor: id % 3 == 0 ? nil : id % 3 == 1 ? .buy : .sell,
            stamp: id % 5 == 0 ? id + 1 : id, isPrimary: id % 2 == 0, isMarketOrder: id % 7 == 0,
            isMixedCurrency: id % 11 == 0)
    }

    @Test func spansJoinWhereTheyTouch() {
        var spans = TradeSpans()
        #expect(spans.newest == nil)
        #expect(spans.hole(from: 0) == nil)
        spans.insert(TradeSpan(100, 200))
        spans.insert(TradeSpan(300, 400))
        #expect(spans.spans.count == 2)
        #expect(spans.hole(from: 0) == TradeSpan(0, 100))
        #expect(spans.hole(from: 150) == TradeSpan(200, 300))
        #expect(spans.hole(from: 350) == nil)
        #expect(spans.reach(after: 100) == 200)
        #expect(spans.reach(after: 250) == nil)
        spans.insert(TradeSpan(200, 300))
        #expect(spans.spans == [TradeSpan(100, 400)])
        spans.insert(TradeSpan(0, 50))
        #expect(spans.spans == [TradeSpan(0, 50), TradeSpan(100, 400)])
        spans.insert(TradeSpan(20, 500))
        #expect(spans.spans == [TradeSpan(0, 500)])
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func spansAreWhatWasPutIn(seed: UInt64) {
        var random = SplitMix(seed: seed)
        for _ in 0..<50 {
            var spans = TradeSpans()
            var known = Set<Int64>()
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                let low = Int64.random(in: 0...60, using: &random)
                let high = low + Int64.random(in: 0...20, using: &random)
                spans.insert(TradeSpan(low, high))
                known.formUnion((low..<max(low, high)).map { $0 + 1 })
            }
            for number in Int64(1)...80 {
                let isKnown = spans.spans.contains { $0.low < number && number <= $0.high }
                #expect(isKnown == known.contains(number), "seed \(seed)")
            }
            for (one, next) in zip(spans.spans, spans.spans.dropFirst()) {
                #expect(one.high < next.low, "seed \(seed): they do not touch")
            }
        }
    }

    @Test func aTradeComesBackAsItWas() throws {
        try Self.inFolder { folder in
            let trades = (1...40).map { Self.trade($0) }
            do {
                let store = try TradeStore(path: folder + "trades")
                #expect(
                    try store.add(trades, of: .btcusd, whole: TradeSpan(0, 40)).spans
                        == [TradeSpan(0, 40)])
                // Twice is once, and a copy in another currency is another trade.
                _ = try store.add(trades, of: .btcusd, whole: nil)
                _ = try store.add([Self.trade(7, of: .btceur)], of: .btceur, whole: nil)
                #expect(throws: TradeStoreError.self) { try TradeStore(path: folder + "trades") }
            }
            let store = try TradeStore(path: folder + "trades")
            #expect(try store.trades(of: .btcusd, after: 0, most: 1_000) == trades)
            #expect(
                try store.trades(of: .btcusd, after: 10, until: 20, most: 5)
                    == Array(trades[10..<15]))
            #expect(try store.count(of: .btceur) == 1)
            #expect(try store.spans(of: .btcusd).spans == [TradeSpan(0, 40)])
            #expect(try store.spans(of: .btceur).spans.isEmpty)
        }
    }

    @Test func otherFilesAreRefused() throws {
        try Self.inFolder { folder in
            try Data("this is no database, whatever its name says".utf8).write(
                to: URL(fileURLWithPath: folder + "text"))
            #expect(throws: TradeStoreError.self) { try TradeStore(path: folder + "text") }
            #expect(throws: TradeStoreError.self) { try TradeStore(path: folder + "none/trades") }
        }
    }

    /// Killed at any point of its writing, the file is as it was after one of the batches: no half of one,
    /// and no span over trades that are not there.
    @Test(arguments: [1, 2] as [UInt64]) func aKillLeavesItWhole(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        try Self.inFolder { folder in
            let store = try TradeStore(path: folder + "trades")
            var states: [(Int64, Int)] = [(0, 0)]
            var high: Int64 = 0
            for _ in 0..<8 {
                let count = Int64.random(in: 1...60, using: &random)
                let batch = (1...count).map { Self.trade(high + $0) }
                _ = try store.add(batch, of: .btcusd, whole: TradeSpan(high, high + count))
                high += count
                states.append((high, Int(high)))
            }
            // What a killed process leaves: the file, and so much of the log as had been written.
            let file = try Data(contentsOf: URL(fileURLWithPath: folder + "trades"))
            let log = try Data(contentsOf: URL(fileURLWithPath: folder + "trades-wal"))
            #expect(log.count > 10_000)
            var seen = Set<Int64>()
            for cut in 0..<40 {
                let copy = folder + "copy\(cut)"
                let length = cut == 39 ? log.count : Int.random(in: 0...log.count, using: &random)
                try file.write(to: URL(fileURLWithPath: copy))
                try log.prefix(length).write(to: URL(fileURLWithPath: copy + "-wal"))
                let again = try TradeStore(path: copy)
                let count = try again.count(of: .btcusd)
                let reached = try again.spans(of: .btcusd).newest ?? 0
                let isState = states.contains { $0 == (reached, count) }
                #expect(isState, "seed \(seed): \(count) trades, whole to \(reached)")
                seen.insert(reached)
                // And it goes on from there.
                let next = Self.trade(reached + 1)
                let spans = try again.add(
                    [next], of: .btcusd, whole: TradeSpan(reached, reached + 1))
                #expect(spans.spans == [TradeSpan(0, reached + 1)])
            }
            #expect(seen.contains(high))
            #expect(seen.count > 3, "seed \(seed): it was cut at different places")
        }
    }
}

/// A seeded generator.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
