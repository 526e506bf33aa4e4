import OutcryKernel
import OutcryMarket
import Testing

@testable import OutcryComponents

@Suite struct DepthBookMachineTests {
    /// A machine that was subscribed at 1 s and has asked for a snapshot at `asked` ms; the venue's
    /// snapshots may be 10 s old.
    func fetching(
        asked: Int = 1000, buffer: [DepthChange] = [], limit: Int = 1000
    ) -> (DepthBookMachine, Int) {
        var machine = DepthBookMachine(.btcusd, snapshotAge: .seconds(10), bufferLimit: limit)
        machine.subscribed(at: at(1000))
        for change in buffer { machine.keep(change, at: at(1000)) }
        let number = machine.fetching(at: at(asked))
        return (machine, number)
    }

    @Test func lifeOfABook() {
        var machine = DepthBookMachine(.btcusd, snapshotAge: .zero)
        #expect(machine.phase == .down)
        #expect(machine.evidence(at: at(0)) == .stale(since: .zero))
        #expect(!machine.wantsSnapshot(at: at(0)))
        machine.keep(depth(.bid, 100, 1, 1), at: at(0))
        #expect(machine.buffered == 0, "down: nothing is kept")
        machine.subscribed(at: at(10))
        #expect(machine.phase == .buffering)
        #expect(machine.wantsSnapshot(at: at(10)))
        let number = machine.fetching(at: at(10))
        #expect(machine.phase == .fetching)
        #expect(!machine.wantsSnapshot(at: at(10)))
        machine.keep(depth(.bid, 100, 5, 20), at: at(11))
        #expect(machine.buffered == 1)
        let loaded = machine.load(
            snapshot(bids: [(99, 1, 5)], asks: [(105, 2, 6)]), number: number, at: at(12))
        #expect(loaded == .loaded)
        #expect(machine.phase == .live)
        #expect(text(machine.book) == "100x5 99x1 | 105x2")
        #expect(machine.evidence(at: at(12)) == .checkpointed(6))
        #expect(machine.evidence(at: at(60_012)) == .unproven)
        #expect(machine.apply(depth(.ask, 104, 3, 21), at: at(13))?.bestChanged == true)
        #expect(text(machine.book) == "100x5 99x1 | 104x3 105x2")
        #expect(machine.down(at: at(20)) == true)
        #expect(machine.phase == .down)
        #expect(machine.evidence(at: at(30)) == .stale(since: at(20)))
        #expect(machine.down(at: at(40)) == false, "it was not good any more")
        #expect(machine.evidence(at: at(50)) == .stale(since: at(20)))
    }

    @Test func asksWhenThereIsSomethingToCompareWith() {
        var machine = DepthBookMachine(.btcusd, snapshotAge: .seconds(10))
        machine.subscribed(at: at(1000))
        #expect(!machine.wantsSnapshot(at: at(10_999)))
        #expect(machine.wantsSnapshotBy == at(11_000))
        #expect(machine.wantsSnapshot(at: at(11_000)), "no served snapshot can be older")
        machine.keep(depth(.bid, 100, 1, 1), at: at(1001))
        #expect(machine.wantsSnapshot(at: at(1001)))
    }

    // MARK: The gap rule

    @Test func aSnapshotThatHasSeenTheFirstChangeJoins() {
        let joins: [BookSnapshot] = [
            snapshot(bids: [(99, 1, 51)]), snapshot(bids: [(100, 5, 50), (99, 1, 50)]),
        ]
        for whole in joins {
            var (machine, number) = fetching(buffer: [depth(.bid, 100, 5, 50)])
            #expect(machine.load(whole, number: number, at: at(1100)) == .loaded)
        }
        // Another change of the same microsecond proves nothing: one between the two may be missing.
        for row in [(99, 5, 50), (100, 4, 50)] as [Row] {
            var (machine, number) = fetching(buffer: [depth(.bid, 100, 5, 50)])
            #expect(
                machine.load(snapshot(bids: [row]), number: number, at: at(1100))
                    == .gap(retryAt: at(11_000)))
        }
    }

    @Test func aSnapshotOlderThanTheFirstChangeLeavesAGap() {
        var (machine, number) = fetching(buffer: [depth(.bid, 100, 5, 50)])
        let old = snapshot(bids: [(99, 1, 49)])
        #expect(machine.load(old, number: number, at: at(1100)) == .gap(retryAt: at(11_000)))
        #expect(machine.phase == .buffering)
        #expect(machine.buffered == 1)
        #expect(machine.book.isEmpty)
        #expect(!machine.evidence(at: at(1100)).isTrusted)
        let next = machine.fetching(at: at(11_000))
        #expect(machine.load(old, number: next, at: at(11_100)) == .loaded, "asked late enough")
        #expect(text(machine.book) == "100x5 99x1 | ")
    }

    @Test func aSnapshotAskedForLateJoinsAnEmptyBuffer() {
        var (machine, number) = fetching(asked: 11_000)
        #expect(machine.load(snapshot(), number: number, at: at(11_001)) == .loaded)
        var (early, other) = fetching(asked: 10_999)
        #expect(
            early.load(snapshot(), number: other, at: at(12_000)) == .gap(retryAt: at(12_000)),
            "what counts is when it was asked for")
    }

    @Test func withoutStampsOnlyTheTimeCounts() {
        var (machine, number) = fetching(buffer: [depth(.bid, 100, 5, 0)])
        #expect(
            machine.load(snapshot(bids: [(99, 1, 0)]), number: number, at: at(1100))
                == .gap(retryAt: at(11_000)))
        let next = machine.fetching(at: at(11_000))
        #expect(
            machine.load(snapshot(bids: [(100, 1, 0)]), number: next, at: at(11_100)) == .loaded)
        #expect(text(machine.book) == "100x5 | ", "replayed whole")
        #expect(machine.evidence(at: at(11_100)) == .unproven)
        #expect(machine.apply(depth(.bid, 100, 6, 0), at: at(11_101)) != nil)
        #expect(text(machine.book) == "100x6 | ")
    }

    @Test func anAnswerToAnOlderQuestionIsUnwanted() {
        var (machine, first) = fetching()
        _ = machine.down(at: at(1100))
        machine.subscribed(at: at(20_000))
        let second = machine.fetching(at: at(31_000))
        #expect(machine.load(snapshot(), number: first, at: at(31_001)) == .unwanted)
        #expect(machine.phase == .fetching)
        #expect(machine.failed(first) == false)
        #expect(machine.phase == .fetching)
        #expect(machine.load(snapshot(), number: second, at: at(31_002)) == .loaded)
        #expect(machine.load(snapshot(), number: second, at: at(31_003)) == .unwanted)
    }

    @Test func failureAsksAgain() {
        var (machine, number) = fetching()
        #expect(machine.failed(number) == true)
        #expect(machine.phase == .buffering)
        #expect(machine.failed(number) == false)
    }

    @Test func whatCannotBeInABookIsRefused() {
        var (machine, number) = fetching(asked: 11_000)
        let bad = machine.load(snapshot(bids: [(99, -1, 0)]), number: number, at: at(11_001))
        guard case .refused(let why) = bad else {
            Issue.record("\(bad)")
            return
        }
        #expect(why.contains("-1"))
        #expect(machine.phase == .buffering)
        let next = machine.fetching(at: at(11_002))
        let other = machine.load(snapshot(of: .btceur), number: next, at: at(11_003))
        guard case .refused(let reason) = other else {
            Issue.record("\(other)")
            return
        }
        #expect(reason.contains("BTCUSD") && reason.contains("BTCEUR"))
    }

    // MARK: Replay

    @Test func replayGoesByTheLevelsStamp() {
        var (machine, number) = fetching(
            asked: 11_000,
            buffer: [
                depth(.bid, 100, 5, 50), depth(.bid, 98, 7, 55), depth(.bid, 100, 6, 60),
                depth(.ask, 110, 0, 61), depth(.ask, 111, 9, 70),
            ])
        let whole = snapshot(
            bids: [(100, 6, 60), (98, 8, 56)], asks: [(110, 3, 40), (112, 1, 41)])
        #expect(machine.load(whole, number: number, at: at(11_001)) == .loaded)
        #expect(text(machine.book) == "100x6 98x8 | 111x9 112x1")
    }

    @Test func aLevelThatVanishedBeforeTheSnapshotStaysAway() {
        // Inserted at 50, removed at 51; the snapshot (60) has neither, and must not get it back while
        // the removal is still to come.
        var (machine, number) = fetching(buffer: [depth(.bid, 100, 5, 50)])
        let whole = snapshot(bids: [(90, 1, 60)])
        #expect(machine.load(whole, number: number, at: at(1001)) == .loaded)
        #expect(text(machine.book) == "90x1 | ")
        #expect(machine.apply(depth(.bid, 100, 0, 51), at: at(1002)) == nil)
        #expect(machine.apply(depth(.bid, 90, 1, 60), at: at(1003))?.kind == .nothing)
        #expect(machine.apply(depth(.bid, 100, 4, 61), at: at(1004))?.kind == .inserted)
    }

    @Test func aSnapshotAheadOfTheStreamIsNotSetBack() {
        var (machine, number) = fetching(buffer: [depth(.bid, 100, 5, 50)])
        let whole = snapshot(bids: [(100, 8, 80)], asks: [(110, 2, 75)])
        #expect(machine.load(whole, number: number, at: at(1001)) == .loaded)
        for change in [
            depth(.bid, 100, 6, 60), depth(.ask, 109, 1, 65), depth(.ask, 109, 0, 70),
            depth(.ask, 110, 1, 71), depth(.ask, 110, 2, 75),
        ] {
            #expect(machine.apply(change, at: at(1002)) == nil)
            #expect(text(machine.book) == "100x8 | 110x2")
        }
        #expect(machine.apply(depth(.bid, 100, 8, 80), at: at(1003)) != nil)
        #expect(text(machine.book) == "100x8 | 110x2")
        #expect(machine.apply(depth(.bid, 100, 0, 81), at: at(1004))?.kind == .removed)
    }

    @Test func twoChangesInOneMicrosecondBothCount() {
        var (machine, number) = fetching(
            asked: 11_000, buffer: [depth(.bid, 100, 5, 50), depth(.bid, 100, 3, 50)])
        #expect(machine.load(snapshot(), number: number, at: at(11_001)) == .loaded)
        #expect(text(machine.book) == "100x3 | ")
        var (other, next) = fetching(
            asked: 11_000, buffer: [depth(.bid, 100, 5, 50), depth(.bid, 100, 0, 50)])
        #expect(
            other.load(snapshot(bids: [(100, 5, 50)]), number: next, at: at(11_001)) == .loaded)
        #expect(text(other.book) == " | ")
    }

    @Test func duplicatesAndReorderingInTheBufferDoNoHarm() {
        var (machine, number) = fetching(
            asked: 11_000,
            buffer: [
                depth(.bid, 100, 5, 50), depth(.bid, 100, 5, 50), depth(.bid, 100, 7, 70),
                depth(.bid, 100, 6, 60), depth(.ask, 110, 1, 71), depth(.ask, 110, 1, 71),
            ])
        #expect(
            machine.load(snapshot(bids: [(90, 1, 40)]), number: number, at: at(11_001)) == .loaded)
        #expect(text(machine.book) == "100x7 90x1 | 110x1")
    }

    // MARK: Overflow, crossing, distrust

    @Test func aBufferThatOverflowsNeedsAYoungerSnapshot() {
        var (machine, number) = fetching(asked: 11_000, limit: 10)
        for i in 1...11 { machine.keep(depth(.bid, 100 + Int64(i), 1, Int64(i)), at: at(11_500)) }
        #expect(machine.buffered == 6, "the older half is given up")
        // Asked for late enough for the subscription, but not for what the buffer still holds.
        let old = snapshot(bids: [(90, 1, 5)])
        #expect(machine.load(old, number: number, at: at(11_600)) == .gap(retryAt: at(21_500)))
        let next = machine.fetching(at: at(11_600))
        let young = snapshot(bids: [(90, 1, 7)])
        #expect(machine.load(young, number: next, at: at(11_700)) == .loaded)
        #expect(text(machine.book) == "111x1 110x1 109x1 108x1 107x1 90x1 | ")
        var (tiny, _) = fetching(limit: 1)
        for i in 1...5 { tiny.keep(depth(.bid, 100, 1, Int64(i)), at: at(1000)) }
        #expect(tiny.buffered == 1)
    }

    @Test func crossingIsNotTrusted() {
        var (machine, number) = fetching(asked: 11_000)
        let whole = snapshot(bids: [(100, 1, 1)], asks: [(110, 1, 2)])
        #expect(machine.load(whole, number: number, at: at(11_001)) == .loaded)
        _ = machine.apply(depth(.bid, 110, 1, 3), at: at(12_000))
        #expect(machine.crossedSince == at(12_000))
        #expect(machine.evidence(at: at(12_001)) == .stale(since: at(12_000)))
        _ = machine.apply(depth(.bid, 111, 1, 4), at: at(12_500))
        #expect(machine.crossedSince == at(12_000))
        _ = machine.apply(depth(.bid, 111, 0, 5), at: at(12_600))
        _ = machine.apply(depth(.bid, 110, 0, 6), at: at(12_700))
        #expect(machine.crossedSince == nil)
        #expect(machine.evidence(at: at(12_700)).isTrusted)
        _ = machine.apply(depth(.ask, 100, 1, 7), at: at(13_000))
        #expect(machine.crossedSince == at(13_000))
        #expect(machine.down(at: at(13_001)) == true)
        #expect(machine.crossedSince == nil, "a book that is down crosses nobody")
    }

    @Test func aSnapshotThatCrossesIsNotTrusted() {
        var (machine, number) = fetching(asked: 11_000)
        let whole = snapshot(bids: [(100, 1, 1)], asks: [(100, 1, 2)])
        #expect(machine.load(whole, number: number, at: at(11_001)) == .loaded)
        #expect(!machine.evidence(at: at(11_001)).isTrusted)
    }

    @Test func distrustBuffersAnew() {
        var (machine, number) = fetching(asked: 11_000)
        #expect(machine.load(snapshot(), number: number, at: at(11_001)) == .loaded)
        #expect(machine.distrust(at: at(12_000)) == true)
        #expect(machine.phase == .buffering)
        #expect(machine.evidence(at: at(12_000)) == .stale(since: at(12_000)))
        #expect(machine.distrust(at: at(12_500)) == false, "it was not good any more")
        machine.keep(depth(.bid, 100, 1, 9), at: at(12_600))
        let next = machine.fetching(at: at(12_600))
        #expect(machine.distrust(at: at(12_700)) == false)
        #expect(machine.buffered == 0)
        #expect(machine.load(snapshot(), number: next, at: at(12_800)) == .unwanted)
        _ = machine.down(at: at(13_000))
        #expect(machine.distrust(at: at(13_000)) == false)
        #expect(machine.phase == .down)
    }

    @Test func aStreamThatBeginsWithTheBook() {
        var machine = DepthBookMachine(.btcusd, snapshotAge: .zero)
        machine.begin(at: at(5))
        #expect(machine.phase == .live)
        _ = machine.apply(depth(.bid, 100, 1, 1), at: at(6))
        #expect(machine.evidence(at: at(7)) == .unproven)
        #expect(machine.down(at: at(8)) == true)
        #expect(text(machine.book) == "100x1 | ")
        machine.begin(at: at(9))
        #expect(machine.book.isEmpty)
        machine.subscribed(at: at(10))
        #expect(machine.phase == .live, "a confirmation changes nothing")
    }

    @Test func aCopyIsOfWhatWasSurelyRight() {
        var machine = DepthBookMachine(.btcusd, snapshotAge: .zero)
        #expect(machine.reading(at: at(0)) == nil)
        machine.begin(at: at(0))
        _ = machine.apply(depth(.bid, 100, 1, 1), at: at(1))
        #expect(machine.reading(at: at(2))?.evidence == .unproven)
        #expect(machine.reading(at: at(2))?.book.bids.count == 1)
        let was1 = machine.down(at: at(3))
        #expect(was1)
        machine.subscribed(at: at(4))
        #expect(machine.reading(at: at(5))?.evidence == .stale(since: at(3)))
        #expect(machine.reading(at: at(5))?.book.bids.count == 1, "as it was")
        machine.begin(at: at(6))
        _ = machine.apply(depth(.bid, 100, 1, 6), at: at(6))
        let was2 = machine.distrust(at: at(7))
        #expect(was2)
        #expect(machine.reading(at: at(8)) == nil, "it was wrong, and nobody knows since when")
        let was3 = machine.down(at: at(9))
        #expect(!was3)
        #expect(machine.reading(at: at(10)) == nil)
        machine.begin(at: at(11))
        _ = machine.apply(depth(.bid, 100, 1, 12), at: at(12))
        _ = machine.apply(depth(.ask, 99, 1, 13), at: at(13))
        #expect(machine.reading(at: at(14)) == nil, "it crosses")
        let was4 = machine.down(at: at(15))
        #expect(was4)
        #expect(machine.reading(at: at(16)) == nil)
    }
}
