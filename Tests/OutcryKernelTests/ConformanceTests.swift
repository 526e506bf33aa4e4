import OutcryKernel
import OutcrySimulation
import Testing

/// Every rule of the kernel, on every driver there is; the logs are identical.
@Suite struct ConformanceTests {
    @Test(arguments: Scenario.all) func simulation(_ scenario: Scenario) throws {
        let lines = try scenario.run({ Self.driver(for: scenario) }, ScenarioLog())
        #expect(lines == scenario.expected)
    }

    /// On a network that tears, holds back and delays, the log is still the same.
    @Test(arguments: Scenario.all) func roughSimulation(_ scenario: Scenario) throws {
        let lines = try scenario.run({ Self.driver(for: scenario, .rough()) }, ScenarioLog())
        #expect(lines == scenario.expected)
    }

    static func driver(
        for scenario: Scenario, _ faults: NetworkFaults = NetworkFaults()
    ) -> any Driver {
        let simulation = Simulation(seed: 7)
        simulation.waitsForThreads = scenario.hasThreads
        simulation.faults = faults
        return simulation
    }
}
