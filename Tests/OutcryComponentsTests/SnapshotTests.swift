import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryWire
import Testing

@Suite struct SnapshotTests {
    static func venue(age: Int = 0, budget: Int = 60, period: Int = 60) -> FakeVenue {
        var venue = FakeVenue()
        venue.rules.snapshotAge = .seconds(Int64(age))
        venue.rules.snapshots = budget
        venue.rules.snapshotPeriod = .seconds(Int64(period))
        return venue
    }

    @Test func anOldSnapshotIsNotJoined() throws {
        let floor = try Floor(Self.venue(age: 10))
        floor.exchange.change(.bid, 100, 1)
        floor.market.cached = floor.market.present
        floor.exchange.change(.bid, 101, 2)
        floor.run(within: 5) { floor.witness.count("subscribed") == 1 }
        floor.exchange.change(.bid, 102, 3)
        floor.run(within: 5) {
            floor.witness.count("stale: the snapshot may be older than the stream next at 10") == 1
        }
        #expect(!floor.witness.evidence.isTrusted)
        floor.market.cached = nil
        floor.run(within: 12) { floor.isTrue }
        #expect(floor.exchange.books.count == 2)
        #expect(floor.witness.wrong == [])
    }

    @Test func aQuietMarketWaitsForTheAgeOfSnapshots() throws {
        let floor = try Floor(Self.venue(age: 10))
        floor.exchange.change(.bid, 100, 1)
        floor.run(within: 15) { floor.isTrue }
        #expect(floor.world.now > KernelTime.zero + .seconds(10))
        #expect(floor.exchange.books.count == 1)
    }

    @Test func theBudgetIsSpentAndTheNextTryIsNamed() throws {
        let floor = try Floor(Self.venue(budget: 2, period: 3600))
        for _ in 0..<3 {
            floor.run(within: 60) { floor.witness.count("subscribed") > 0 }
            floor.advance(1000)
            floor.exchange.close(.goingAway)
            floor.advance(20_000)
        }
        #expect(floor.exchange.books.count == 2)
        let first = floor.exchange.books[0].nanoseconds / 1_000_000
        let line = floor.witness.events.last { $0.hasPrefix("stale: the venue's budget") } ?? ""
        #expect(line.hasPrefix("stale: the venue's budget of snapshots is spent next at 36"))
        let next = Int64(line.split(separator: " ").last ?? "") ?? 0
        #expect(next - first >= 3_599_999 && next - first <= 3_600_000)
        floor.advance(3_500_000)
        #expect(!floor.witness.evidence.isTrusted)
        #expect(floor.exchange.books.count == 2)
        floor.run(within: 200) { floor.isTrue }
        #expect(floor.exchange.books.count == 3)
    }

    @Test(arguments: [
        ("status", "expected status 200, found 500"),
        ("page", "expected a book, found <html>"),
        ("cut", "snapshot: malformed reply: endedEarly at byte 5"),
        ("broken", "not a level: b 100"),
        ("nothing", "snapshot: connection: ended before a reply"),
        ("junk", "snapshot: malformed reply: malformed at byte 0"),
    ]) func aBadSnapshotIsNamedAndAskedForAgain(kind: String, words: String) throws {
        let floor = try Floor()
        floor.exchange.change(.bid, 100, 1)
        floor.exchange.calls =
            switch kind {
            case "status": .status(500, "unknown_error")
            case "page": .raw("HTTP/1.1 200 OK\r\n\r\n<html>\n<body>MySQL</body>")
            case "cut": .raw("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n1001\n")
            case "broken": .raw("HTTP/1.1 200 OK\r\n\r\n1001\nb 100 x\n.")
            case "nothing": .raw("")
            default: .raw("{\"error\":1}\r\n\r\n")
            }
        floor.run(within: 10) { floor.witness.count("stale") == 1 }
        let line = floor.witness.events.first { $0.hasPrefix("stale") } ?? ""
        #expect(line.contains(words), "\(line)")
        #expect(line.contains("next at"))
        #expect(!floor.witness.evidence.isTrusted)
        floor.exchange.calls = .serve
        floor.run(within: 30) { floor.isTrue }
        #expect(floor.witness.wrong == [])
    }

    @Test func aVenueInTroubleDoesNotCostTheWholeBudget() throws {
        let floor = try Floor(Self.venue(budget: 5, period: 3600))
        floor.exchange.calls = .status(500, "unknown_error")
        floor.advance(600_000)
        let times = floor.exchange.books
        let pauses = zip(times.dropFirst(), times).map { ($0 - $1).components.seconds }
        #expect(pauses == [10, 40, 160], "and the next after 640 s")
        floor.exchange.calls = .serve
        floor.run(within: 300) { floor.isTrue }
        #expect(floor.exchange.books.count == 5)
        #expect(floor.witness.count("stale: the venue's budget") == 0)
    }

    @Test func aSnapshotThatNeverComes() throws {
        let floor = try Floor()
        floor.exchange.calls = .silent
        floor.run(within: 30) { floor.witness.count("stale: snapshot: no reply within 15") == 1 }
        floor.exchange.calls = .serve
        floor.run(within: 30) { floor.isTrue }
    }

    @Test func aLateAnswerToAnOldQuestionIsNotLoaded() throws {
        let floor = try Floor()
        floor.exchange.change(.bid, 100, 1)
        floor.exchange.snapshotDelay = .seconds(8)
        floor.run(within: 5) { floor.exchange.books.count == 1 }
        // The book of the first question is served after changes that nobody heard of.
        floor.market.cached = floor.market.present
        floor.exchange.close(.goingAway)
        floor.run(within: 5) { floor.witness.count("disconnected") == 1 }
        floor.exchange.change(.bid, 101, 1)
        floor.run(within: 5) { floor.exchange.books.count == 2 }
        floor.world.advance(to: at(8100))
        #expect(floor.witness.loads == 0)
        floor.market.cached = nil
        floor.run(within: 10) { floor.isTrue }
        #expect(floor.witness.wrong == [])
    }

    @Test func aCrossedBookIsFetchedAnew() throws {
        let floor = try Floor()
        floor.exchange.change(.bid, 100, 1)
        floor.exchange.change(.ask, 112, 1)
        floor.run(within: 5) { floor.isTrue }
        // The stream eats a message: the market is right, and we cross.
        _ = floor.market.change(.ask, 112, 0)
        floor.exchange.change(.bid, 113, 1)
        floor.advance(10)
        #expect(!floor.witness.evidence.isTrusted)
        floor.run(within: 10) { floor.isTrue }
        #expect(floor.witness.count("stale: bid and ask cross") == 1)
        #expect(floor.witness.wrong == [])
    }
}
