import Testing

@testable import OutcryVenues

/// What a connection brings once more that takes the place of another.
@Suite struct OverlapTests {
    @Test func withoutAnotherEverythingIsNew() {
        var overlap = Overlap()
        for stamp in [5, 5, 3, 0, 9] as [Int64] {
            let isNew = overlap.isNew(stamp)
            #expect(isNew)
        }
    }

    @Test func theDoublesAreToldUntilSomethingLaterComes() {
        var old = Overlap()
        for stamp in [3, 7, 5] as [Int64] { _ = old.isNew(stamp) }
        var next = Overlap(behind: old)
        let news = [3, 7, 0, 8, 6].map { next.isNew($0) }
        #expect(news == [false, false, true, true, true])
        // Also where the one between has brought nothing new.
        var third = Overlap(behind: Overlap(behind: next))
        let more = [8, 9].map { third.isNew($0) }
        #expect(more == [false, true])
    }
}
