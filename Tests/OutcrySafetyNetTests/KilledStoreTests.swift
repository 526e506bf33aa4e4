import Dispatch
import Foundation
import Glibc
import OutcryMarket
import Testing

@testable import OutcrySafetyNet

/// A process that does nothing but write to its file of trades is killed: the file is whole, and has all that
/// was said to be in it. `Tests/kills` does it to the whole program.
@Suite(.serialized) struct KilledStoreTests {
    /// Trades that are written with their span, all of it or nothing.
    private static let batch: Int64 = 10

    /// Of the test's process; its child knows it by its parent.
    private static func folder(_ process: pid_t) -> String {
        NSTemporaryDirectory() + "outcry-killed-\(process)"
    }

    /// Writes until it is killed; says in a file of its own, a byte a batch, how much is written.
    private static func writeUntilKilled() throws {
        let folder = folder(getppid())
        let store = try TradeStore(path: folder + "/trades")
        var newest = try store.spans(of: .btcusd).newest ?? 0
        let log = unsafe open(folder + "/log", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        // One that was written and not said.
        guard ftruncate(log, off_t(newest / batch)) == 0 else { return }
        // Another moment each time, of the writes and between them.
        let delay = 3_000 + Int(newest / batch) * 7_919 % 40_000
        DispatchQueue.global().asyncAfter(deadline: .now() + .microseconds(delay)) {
            kill(getpid(), SIGKILL)
        }
        while true {
            let trades = (1...batch).map { TradeStoreTests.trade(newest + $0) }
            _ = try store.add(trades, of: .btcusd, whole: TradeSpan(newest, newest + batch))
            newest += batch
            _ = unsafe write(log, "x", 1)
        }
    }

    @Test func killedItIsWhole() async throws {
        let folder = Self.folder(getpid())
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var written = 0
        let turns = ProcessSeeds.count(5)
        for turn in 1...turns {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                try KilledStoreTests.writeUntilKilled()
            }
            let log = (try? Data(contentsOf: URL(fileURLWithPath: folder + "/log")).count) ?? 0
            let store = try TradeStore(path: folder + "/trades")
            let spans = try store.spans(of: .btcusd).spans
            let trades = try store.trades(of: .btcusd, after: 0, most: .max)
            // One batch may be written that was not said to be yet.
            #expect([log, log + 1].contains(trades.count / Int(Self.batch)), "turn \(turn)")
            #expect(trades == (0..<trades.count).map { TradeStoreTests.trade(Int64($0) + 1) })
            #expect(spans == (trades.isEmpty ? [] : [TradeSpan(0, Int64(trades.count))]))
            written = log
        }
        #expect(written > 5)
        print("killed \(turns) times, \(written) batches written")
    }
}
