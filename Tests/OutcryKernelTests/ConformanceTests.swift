import Dispatch
import OutcryKernel
import OutcryReactor
import OutcrySimulation
import Testing

/// Every rule of the kernel, on every driver there is; the logs are identical.
@Suite struct ConformanceTests {
    enum Ground {
        case simulation
        /// A network that tears, holds back and delays.
        case roughSimulation
        /// Real sockets, files and time.
        case reactor

        func makeDriver(_ scenario: Scenario) throws -> any Driver {
            if self == .reactor { return try Reactor() }
            let simulation = Simulation(seed: 7)
            simulation.waitsForThreads = scenario.hasThreads
            if self == .roughSimulation { simulation.faults = .rough(piece: 700, window: 1 << 16) }
            return simulation
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: Scenario.all)
    func identicalOnEveryDriver(_ scenario: Scenario) async {
        let simulated = await Self.play(scenario, on: .simulation)
        #expect(simulated == scenario.expected)
        let rough = await Self.play(scenario, on: .roughSimulation)
        #expect(rough == simulated)
        let live = await Self.play(scenario, on: .reactor)
        #expect(live == simulated)
    }

    @Test func scenariosHaveNamesOfTheirOwn() {
        let names = Scenario.all.map(\.name)
        #expect(Set(names).count == names.count)
    }

    /// On a thread of its own: what waits for others must not stand in their way in the pool.
    static func play(_ scenario: Scenario, on ground: Ground) async -> [String] {
        await onOwnThread {
            do {
                return try scenario.run({ try ground.makeDriver(scenario) }, ScenarioLog())
            } catch {
                return ["threw \(error)"]
            }
        }
    }
}

/// Runs `body` on a thread that is not one of the concurrency pool's.
func onOwnThread<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
    await withCheckedContinuation { continuation in
        DispatchQueue(label: "test").async { continuation.resume(returning: body()) }
    }
}
