import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryVenues
import Testing

@testable import OutcrySafetyNet
@testable import OutcrySandbox

/// The venue's stream is down and its calls are not, as it often was: a SafetyNet fetches books for those who ask.
@Suite struct OutageBookTests {
    private static let streamPort: UInt16 = 8081

    private func house(_ seed: UInt64) throws -> NetHouse {
        try NetHouse(seed: seed) {
            $0.seed = seed
            $0.doors.append(SandboxDoor(.loopback(port: Self.streamPort)))
        } net: {
            $0.upstreams = [
                SafetyNetUpstream(
                    "ws://127.0.0.1:\(Self.streamPort)/mtgox",
                    calls: "http://127.0.0.1:\(NetHouse.exchangePort)")
            ]
        }
    }

    private func cutStream(_ house: NetHouse) {
        var faults = NetworkFaults()
        faults.resetsOneIn = 1
        faults.refusesOneIn = 1
        house.world.setFaults(faults, for: .loopback(port: Self.streamPort))
    }

    private func mendStream(_ house: NetHouse) throws {
        house.world.setFaults(nil, for: .loopback(port: Self.streamPort))
        try house.settle()
    }

    /// Whoever has begun with such a book is told what differs from it once the stream is back, also of levels that
    /// are again as they were before the outage; and so is everybody else.
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func whoBeganInAnOutageHasTheBook(seed: UInt64) throws {
        let house = try house(seed)
        try house.settle()
        house.run(.seconds(20))
        cutStream(house)
        // So old a book is not told any more: another is fetched.
        house.run(.seconds(900))
        let kernel = Kernel(driver: Simulation(in: house.world))
        kernel.onLog = { _ in }
        let link = try Link.open(
            MtGoxVenue([.btcusd]), on: kernel, url: "ws://127.0.0.1:\(NetHouse.netPort)/mtgox",
            instruments: [.btcusd])
        house.run(.seconds(13))
        #expect(!house.isTrusted)
        #expect(try reading(of: link, kernel, house)?.evidence.isTrusted == true)
        // Before its channel is silent for so long that the client trusts it no more.
        house.run(.seconds(5))
        try mendStream(house)
        house.stopMarket()
        let book = try #require(try reading(of: link, kernel, house)?.book)
        #expect(try reading(of: link, kernel, house)?.evidence.isTrusted == true)
        #expect(house.mirrored == house.exchanged)
        #expect(
            NetHouse.levels(book.bids, book.asks) == house.exchanged,
            "the book of a client that began while the stream was down")
    }

    /// A part of a book says nothing of the rest.
    @Test func aDepthChangesNoOtherLevels() throws {
        let house = try house(1)
        try house.settle()
        house.run(.seconds(20))
        cutStream(house)
        house.run(.seconds(30))
        let count = house.mirrored.count
        let told = try house.get("/api/1/BTCUSD/depth")
        #expect(told.status == 200)
        #expect(abs(house.mirrored.count - count) < count / 4, "levels far away stay")
        try mendStream(house)
        house.stopMarket()
        #expect(house.mirrored == house.exchanged)
    }

    private func reading(
        of link: Link, _ kernel: Kernel, _ house: NetHouse
    ) throws -> BookReading? {
        let reader = BookReader(link)
        kernel.start(reader)
        house.run(.milliseconds(10))
        return reader.copy?.reading
    }
}

/// Asks once for a copy of a link's book.
private final class BookReader: Session {
    private let link: Link
    private(set) var copy: BookCopy?

    init(_ link: Link) { self.link = link }

    static func handlers(_ on: inout Handlers<BookReader>) {
        on(.started) { me, _, my in
            my.ask(.copyBook, to: me.link.books, .btcusd, timeout: .seconds(5), then: .outageBook)
        }
        on(.outageBook) { me, answer, _ in
            if case .reply(let copy) = copy answer { me.copy = copy }
        }
    }
}

extension Event where Payload == Answer<BookCopy> {
    fileprivate static let outageBook = Self("outage.book")
}
