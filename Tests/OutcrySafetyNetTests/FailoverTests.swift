import OutcryKernel
import OutcryMarket
import OutcrySandbox
import OutcrySimulation
import Testing

@testable import OutcrySafetyNet
@testable import OutcrySandbox

/// Which upstream of a list it is.
@Suite struct FailoverTests {
    private static let first = SafetyNetUpstream("ws://127.0.0.1:8081/mtgox")

    /// With another upstream before the house's own.
    private static func house(returnAfter: Duration) throws -> NetHouse {
        try NetHouse(
            {
                $0.speed = 1
                $0.instruments = [.btcusd]
            },
            net: {
                $0.instruments = [.btcusd]
                $0.upstreams.insert(Self.first, at: 0)
                $0.bookWithin = .seconds(30)
                $0.returnAfter = returnAfter
            })
    }

    /// One that accepts and brings no book is left, and is not taken back for accepting.
    @Test func whoBringsNoBookIsLeft() throws {
        let house = try Self.house(returnAfter: .seconds(30))
        let (kernel, other) = try house.startExchange(port: 8081) {
            $0.speed = 1
            $0.instruments = [.btcusd]
            $0.fullDepthPerHour = 0
        }
        house.run(.seconds(20))
        #expect(house.net.isUp && !house.isTrusted)
        #expect(house.net.upstreamPlace == 0)
        house.run(.seconds(20))
        try house.settle()
        #expect(house.net.upstreamPlace == 1)
        #expect(house.net.counters.failovers == 1)
        // It was looked at again, more than once, and stayed where it was.
        house.run(.seconds(120))
        #expect(house.net.upstreamPlace == 1 && house.isTrusted)
        #expect(house.net.counters.failovers == 1)
        #expect(house.net.counters.losses == 0)
        #expect(other.counters.accepted > 4)
        _ = kernel
    }

    /// After an outage the first one is taken back, when it has brought its books.
    @Test func theFirstIsTakenBack() throws {
        let house = try Self.house(returnAfter: .seconds(20))
        let (kernel, other) = try house.startExchange(port: 8081) {
            $0.speed = 1
            $0.instruments = [.btcusd]
        }
        try house.settle()
        #expect(house.net.upstreamPlace == 0)
        let peer = try house.stream()
        kernel.post(.sandboxRestart, to: "exchange", .seconds(60))
        house.run(.seconds(20))
        try house.settle()
        #expect(house.net.upstreamPlace == 1)
        // A look while it is not there.
        house.run(.seconds(30))
        #expect(house.net.upstreamPlace == 1 && house.isTrusted)
        #expect(house.world.run(within: .seconds(120)) { house.net.upstreamPlace == 0 })
        try house.settle()
        #expect(house.net.upstreamPlace == 0)
        #expect(house.net.counters.failovers == 2 && house.net.counters.returns == 1)
        #expect(house.net.probe == nil)
        // Its clients have stayed, were told of both changes, and have its book.
        #expect(peer.closed == nil)
        #expect(try peer.take().filter { $0.contains("Upstream lost") }.count >= 2)
        kernel.post(.sandboxStop, to: "exchange", ())
        house.run(.seconds(2))
        let bids = other.levels.bids.map { $0.quantity.units }
        #expect(house.net.markets[0].mirror.book.levels(.bid).map { $0.quantity.units } == bids)
        // It does not last: the next look comes later.
        kernel.post(.sandboxRestart, to: "exchange", .seconds(40))
        house.run(.seconds(17))
        #expect(house.net.upstreamPlace == 1)
        #expect(house.net.returnPause == .seconds(40))
    }
}
