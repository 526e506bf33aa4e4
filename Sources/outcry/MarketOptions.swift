import OutcrySandbox

extension Arguments {
    /// Takes the options that say what a sandbox plays.
    mutating func market(speed: Int) throws -> SandboxConfiguration {
        var configuration = SandboxConfiguration()
        if let name = try option("--market") {
            guard let market = SandboxMarket(rawValue: name) else {
                let names = SandboxMarket.allCases.map(\.rawValue).joined(separator: " or ")
                throw UsageError("--market: expected \(names), found \"\(name)\"")
            }
            configuration.market = market
        }
        configuration.speed = try integer("--speed", in: 1...1_000_000) ?? speed
        configuration.seed = UInt64(try integer("--seed", in: 0...Int.max) ?? 1)
        configuration.faults = try faults()
        return configuration
    }

    /// Takes each `--fault NAME=VALUE`.
    mutating func faults() throws -> SandboxFaults {
        var faults = SandboxFaults()
        while let text = try option("--fault") {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw UsageError("--fault: expected NAME=VALUE, found \"\(text)\"")
            }
            do throws(SandboxRefusal) { try faults.set(parts[0], parts[1]) } catch {
                throw UsageError("--fault: \(error)")
            }
        }
        return faults
    }
}
