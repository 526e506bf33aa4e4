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
        return configuration
    }
}
