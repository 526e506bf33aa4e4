import Glibc
import OutcryComponents
import OutcryKernel
import OutcrySimulation
import OutcryWire
import Testing

@Suite struct SocketIOSimulationTests {
    /// Seeds a transport: 3, or as many as `OUTCRY_SEEDS` says.
    static let seeds: ClosedRange<UInt64> = {
        let text = unsafe getenv("OUTCRY_SEEDS").map { unsafe String(cString: $0) }
        return 1...max(1, text.flatMap { UInt64($0) } ?? 3)
    }()

    @Test(arguments: [[.websocket], [.xhrPolling]] as [[SocketIOTransport]])
    func countsWithoutFaults(transports: [SocketIOTransport]) throws {
        let house = try House(1, transports)
        house.world.advance(by: .seconds(300))
        #expect(house.visitor.ups == 1)
        #expect(house.visitor.ends == [])
        #expect(house.visitor.heard >= 2990)
        #expect(house.wrong == [])
        #expect(house.station.mostSessions == 1)
    }

    /// Both ends under everything that may happen to a connection: no message is lost or doubled within a
    /// session, nobody hangs, nothing piles up; healed, all goes on.
    @Test(arguments: [[.websocket], [.xhrPolling]] as [[SocketIOTransport]])
    func storms(transports: [SocketIOTransport]) throws {
        for seed in Self.seeds {
            let house = try House(seed, transports)
            house.storm()
            #expect(house.wrong == [], "seed \(seed)")
            #expect(house.visitor.isUp, "seed \(seed): \(house.visitor.ends.suffix(3))")
            let heard = house.visitor.heard
            house.world.advance(by: .seconds(5))
            #expect(house.visitor.heard >= heard + 45, "seed \(seed)")
            #expect(house.wrong == [], "seed \(seed)")
            // Sessions whose client is gone end by themselves.
            house.world.advance(by: .seconds(130))
            #expect(
                house.station.server.count == 1, "seed \(seed): \(house.station.ends.suffix(5))")
            #expect(house.station.joinedCount == 1, "seed \(seed)")
            // Two a second at most, each kept for a minute at most.
            #expect(house.station.mostSessions <= 125, "seed \(seed)")
        }
    }

    @Test func oneSeedIsOneRun() throws {
        func run(_ seed: UInt64) throws -> ([String], Int) {
            let house = try House(seed, [.xhrPolling])
            house.storm()
            return (house.visitor.ends, house.visitor.heard)
        }
        let first = try run(5)
        let second = try run(5)
        #expect(first == second)
    }
}

/// A station and a visitor, each on a kernel of its own.
final class House {
    let world: SimulatedWorld
    let station = Station()
    let visitor: Visitor
    private let kernels: [Kernel]
    private var random: SeededGenerator

    init(_ seed: UInt64, _ transports: [SocketIOTransport]) throws {
        world = SimulatedWorld(seed: seed)
        random = SeededGenerator(seed: seed)
        let there = Kernel(driver: Simulation(in: world))
        let here = Kernel(driver: Simulation(in: world))
        visitor = try Visitor(transports)
        kernels = [there, here]
        for kernel in kernels { kernel.onLog = { _ in } }
        there.start(station)
        here.start(visitor)
    }

    var wrong: [String] { station.wrong + visitor.wrong }

    /// A minute of seeded weather, then sunshine.
    func storm() {
        for _ in 0..<6 {
            var faults = NetworkFaults.rough(piece: Int.random(in: 1...200, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: faults.dropsOneIn = Int.random(in: 3...30, using: &random)
            case 1: faults.resetsOneIn = Int.random(in: 20...300, using: &random)
            case 2: faults.isHalfOpen = true
            case 3: faults.isStalled = true
            case 4:
                faults.refusesOneIn = 2
                faults.resetsOneIn = Int.random(in: 20...100, using: &random)
            default: break
            }
            world.faults = faults
            world.advance(by: .milliseconds(Int.random(in: 200...20_000, using: &random)))
            if faults.isStalled || faults.isHalfOpen {
                world.faults = .rough(piece: 50)
                world.advance(by: .milliseconds(Int.random(in: 100...5_000, using: &random)))
            }
        }
        world.faults = NetworkFaults()
        world.advance(by: .seconds(150))
    }
}
