import Dispatch
import OutcryKernel
import OutcrySimulation
import Testing

/// Every rule of the kernel, on every driver there is; the logs are identical.
@Suite struct ConformanceTests {
    @Test(arguments: Scenario.all) func simulation(_ scenario: Scenario) async {
        let lines = await Self.play(scenario, NetworkFaults())
        #expect(lines == scenario.expected)
    }

    /// On a network that tears, holds back and delays, the log is still the same.
    @Test(arguments: Scenario.all) func roughSimulation(_ scenario: Scenario) async {
        let lines = await Self.play(scenario, .rough(piece: 700, window: 1 << 16))
        #expect(lines == scenario.expected)
    }

    /// On a thread of its own: what waits for others must not stand in their way in the pool.
    static func play(_ scenario: Scenario, _ faults: NetworkFaults) async -> [String] {
        await onOwnThread {
            let makeDriver = { () -> any Driver in
                let simulation = Simulation(seed: 7)
                simulation.waitsForThreads = scenario.hasThreads
                simulation.faults = faults
                return simulation
            }
            do { return try scenario.run(makeDriver, ScenarioLog()) } catch {
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
