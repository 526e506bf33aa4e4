import OutcryKernel
import OutcrySimulation
import Testing

/// Every rule of the kernel, on every driver there is; the logs are identical.
@Suite struct ConformanceTests {
    @Test(arguments: Scenario.all) func simulation(_ scenario: Scenario) throws {
        let lines = try scenario.run(Self.simulated, ScenarioLog())
        #expect(lines == scenario.expected)
    }

    /// On a network that tears, holds back and delays, the log is still the same.
    @Test(arguments: Scenario.all) func roughSimulation(_ scenario: Scenario) throws {
        let lines = try scenario.run({ Self.rough(seed: 11) }, ScenarioLog())
        #expect(lines == scenario.expected)
    }

    static func simulated() -> any Driver {
        let simulation = Simulation(seed: 7)
        simulation.waitsForThreads = true
        return simulation
    }

    static func rough(seed: UInt64) -> any Driver {
        let simulation = Simulation(seed: seed)
        simulation.waitsForThreads = true
        simulation.faults = .rough()
        return simulation
    }
}
