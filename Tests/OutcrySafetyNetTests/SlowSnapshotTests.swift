import OutcryKernel
import OutcrySandbox
import OutcrySimulation
import Testing

@testable import OutcrySafetyNet

/// Whole books for those who are slow.
@Suite struct SlowSnapshotTests {
    private static let ask = #"{"op":"snapshot","channel":"depth.BTCUSD"}"#

    /// A whole book that is more than a client may have unread makes it slow and nothing worse; what it asks
    /// for while it is slow it gets once; then it has the exchange's book, by totals and by sums.
    @Test(arguments: ListenerKind.allCases) func theSlowGetTheBookToo(kind: ListenerKind) throws {
        let house = try NetHouse(
            { $0.speed = 600 },
            net: {
                $0.fanOut.highWater = 4 << 10
                $0.fanOut.lowWater = 1 << 10
                // A book is none of the answers that are bounded by this.
                $0.fanOut.answers = 1 << 10
            })
        try house.settle()
        house.world.faults.window = 4 << 10
        let client = try kind.listen(house)
        _ = try client.take()
        client.setReading(false)
        for _ in 0..<5 {
            client.say(Self.ask)
            house.run(.seconds(3))
        }
        #expect(house.net.fanOut.slowClients == 1)
        client.setReading(true)
        var book = ToldBook()
        for _ in 0..<40 {
            for text in try client.take() { try book.hear(text) }
            house.run(.milliseconds(50))
        }
        house.stopMarket()
        for _ in 0..<40 {
            for text in try client.take() { try book.hear(text) }
            house.run(.milliseconds(50))
        }
        #expect((1...2).contains(book.snapshots), "\(book.snapshots)")
        #expect(book.levels == house.exchanged)
        #expect(book.sums == book.levels)
        #expect(book.faults == 0)
        #expect(!client.isOver)
        #expect(house.net.told.cut == 0 && house.net.counters.cutOff == 0)
        #expect(house.net.told.slowed > 0 && house.net.told.conflated > 0)
        #expect(house.net.told.caughtUp == house.net.told.slowed)
    }

    /// Who reads slowly again and again, and asks for the book now and then, has it in the end.
    @Test(arguments: ListenerKind.allCases) func whoIsSlowAtTimesMissesNothing(
        kind: ListenerKind
    ) throws {
        let house = try NetHouse(
            { $0.speed = 600 },
            net: {
                $0.fanOut.highWater = 4 << 10
                $0.fanOut.lowWater = 1 << 10
            })
        try house.settle()
        house.world.faults.window = 4 << 10
        let client = try kind.listen(house)
        client.say(Self.ask)
        var book = ToldBook()
        for round in 0..<30 {
            client.setReading(round % 3 == 0)
            if round % 7 == 1 { client.say(Self.ask) }
            house.run(.milliseconds(400))
            for text in try client.take() { try book.hear(text) }
        }
        client.setReading(true)
        house.stopMarket()
        for _ in 0..<40 {
            for text in try client.take() { try book.hear(text) }
            house.run(.milliseconds(50))
        }
        #expect(book.snapshots > 1 && book.changes > 100)
        #expect(book.levels == house.exchanged)
        #expect(book.faults == 0)
        #expect(!client.isOver)
        #expect(house.net.told.slowed > 1)
        #expect(house.net.fanOut.slowClients == 0)
    }

    /// A book that is larger than may be told is refused in words.
    @Test func aBookThatIsTooLargeIsNotTold() throws {
        let house = try NetHouse({ $0.speed = 1 }, net: { $0.fanOut.snapshot = 1 << 10 })
        try house.settle()
        let peer = try house.stream("/")
        #expect(try peer.ask(Self.ask).contains { $0.contains("The book is too large") })
    }
}
