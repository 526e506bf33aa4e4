import OutcryJournal
import OutcryKernel
import OutcrySimulation
import Testing

/// What becomes of a journal that is not whole.
@Suite struct DamageTests {
    private static let block = 4096

    /// Cut anywhere: the replay goes as far as the journal does, and says so.
    @Test func cutAnywhere() throws {
        let run = try BusyRun(blockSize: Self.block)
        let bytes = run.journal.bytes
        var ends = 0
        for length in stride(from: 0, to: bytes.count - 1, by: 3011) {
            let journal = JournalMemory(Array(bytes[..<length]), blockSize: Self.block)
            let (replay, busy) = try BusyRun.replay(journal)
            switch replay.end {
            case .journalEnded: ends += 1
            case .identical: #expect(length > bytes.count - Self.block)
            default: Issue.record("cut at \(length): \(String(describing: replay.end))")
            }
            // The handler that was at work when the journal ended went on to its end.
            let common = max(0, min(busy.seen.count, run.seen.count) - 3)
            #expect(Array(busy.seen.prefix(common)) == Array(run.seen.prefix(common)))
        }
        #expect(ends > 10)
    }

    /// One bit of a block in the middle: the replay goes to there, and names it.
    @Test func aFlippedBit() throws {
        let run = try BusyRun(blockSize: Self.block)
        let bytes = run.journal.bytes
        let blocks = bytes.count / Self.block
        #expect(blocks > 4)
        var random = SeededGenerator(seed: 11)
        for block in 1..<blocks - 1 {
            var broken = bytes
            let place = block * Self.block + Int.random(in: 0..<Self.block, using: &random)
            broken[place] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &random)
            let (replay, _) = try BusyRun.replay(
                JournalMemory(broken, blockSize: Self.block))
            switch replay.end {
            case .unreadable(let why):
                #expect(why.contains("block \(block) is damaged"), "\(why)")
            case .identical:
                // One of the head's two places, of which the other is good.
                #expect((32..<64).contains(place % Self.block), "\(place)")
            default: Issue.record("bit at \(place): \(String(describing: replay.end))")
            }
        }
    }

    /// One bit of the last block: it is cut off, as one that was torn.
    @Test func aTornLastBlock() throws {
        let run = try BusyRun(blockSize: Self.block)
        var bytes = run.journal.bytes
        bytes[bytes.count - Self.block + 100] ^= 4
        let (replay, _) = try BusyRun.replay(JournalMemory(bytes, blockSize: Self.block))
        guard case .journalEnded(let why) = replay.end else {
            Issue.record("expected a torn journal, found \(String(describing: replay.end))")
            return
        }
        #expect(why.contains("is torn"), "\(why)")
        #expect(why.contains("checksum"), "\(why)")
        #expect(replay.events > 0)
    }

    /// What no kernel has written: bits at random under checksums that hold would be a bug of ours, so they
    /// are made by swapping whole blocks.
    @Test func blocksInAnotherOrder() throws {
        let run = try BusyRun(blockSize: Self.block)
        let bytes = run.journal.bytes
        let swapped =
            Array(bytes[..<Self.block]) + Array(bytes[(2 * Self.block)..<(3 * Self.block)])
            + Array(bytes[Self.block..<(2 * Self.block)]) + Array(bytes[(3 * Self.block)...])
        let (replay, _) = try BusyRun.replay(JournalMemory(swapped, blockSize: Self.block))
        guard case .unreadable(let why) = replay.end else {
            Issue.record("expected damage, found \(String(describing: replay.end))")
            return
        }
        #expect(why.contains("block 1 is damaged"), "\(why)")
    }

    @Test func nothingAtAll() throws {
        let (replay, busy) = try BusyRun.replay(JournalMemory(blockSize: Self.block))
        guard case .journalEnded = replay.end else {
            Issue.record("expected an end, found \(String(describing: replay.end))")
            return
        }
        #expect(busy.seen.count < 5)
    }
}
