/// What an engine takes and asks for.
public struct EngineRules: Sendable, Hashable {
    /// What the house takes of what an owner with an account receives.
    public var fees: FeeSchedule
    /// The smallest order of an owner with an account, in units of the base.
    public var leastAmount: Int64
    /// How many orders a command lets come back because money came, at most; the next command or
    /// ``MatchingEngine/settle(at:into:)`` goes on. Each may trade, pay others and bring their orders
    /// back, so that without a bound one command could trade the same money to and fro for hours.
    public var revivalsAtOnce: Int

    /// Rules without fees and a smallest order.
    public init(
        fees: FeeSchedule = .free, leastAmount: Int64 = 1, revivalsAtOnce: Int = 256
    ) {
        precondition(leastAmount > 0 && revivalsAtOnce > 0, "an engine's rules are above zero")
        self.fees = fees
        self.leastAmount = leastAmount
        self.revivalsAtOnce = revivalsAtOnce
    }

    /// Mt. Gox in 2013: its fees, and orders of 0.01 BTC at least (MTGOX.md 2.4).
    public static let mtGox = Self(fees: .mtGox, leastAmount: 1_000_000)
}
