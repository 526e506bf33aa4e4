import OutcryMarket
import OutcryServing

/// All that decides what commands do to an exchange, beside the commands: a journal that was begun with
/// one setup makes another exchange with another.
struct ExchangeSetup: Hashable, Sendable {
    /// The market's name.
    var market: String
    /// Decides all of the market that is made up.
    var seed: UInt64
    /// Whether a recording begins again.
    var loops = false
    /// How much a crowd does.
    var crowdRate = 0
    /// The books.
    var instruments: [Instrument]
    /// Fees and bounds of orders.
    var rules: EngineRules

    /// Counts what was changed in how markets make their orders.
    private static let version = 2

    /// One line, as it stands in a journal: two setups are the same where their lines are.
    var text: String {
        "version \(Self.version), market \(market), seed \(seed), loops \(loops), "
            + "crowd \(crowdRate), books \(instruments.map(\.name).joined(separator: " ")), "
            + String(describing: rules)
    }
}
