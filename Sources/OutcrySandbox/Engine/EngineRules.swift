/// What an engine takes and asks for.
public struct EngineRules: Sendable, Hashable {
    /// What the house takes of what an owner with an account receives.
    public var fees: FeeSchedule
    /// The smallest order of an owner with an account, in units of the base.
    public var leastAmount: Int64
    /// The largest order of an owner with an account, in units of the base.
    public var mostAmount: Int64
    /// The highest limit of an owner with an account, in units of the quote.
    public var mostPrice: Int64
    /// How many orders a command lets come back because money came, at most; the next command or
    /// ``MatchingEngine/settle(at:into:)`` goes on. Each may trade, pay others and bring their orders
    /// back, so that without a bound one command could trade the same money to and fro for hours.
    public var revivalsAtOnce: Int

    /// Rules without fees and a smallest order.
    public init(
        fees: FeeSchedule = .free, leastAmount: Int64 = 1, mostAmount: Int64 = .max,
        mostPrice: Int64 = .max, revivalsAtOnce: Int = 256
    ) {
        precondition(
            leastAmount > 0 && mostPrice > 0 && revivalsAtOnce > 0,
            "an engine's rules are above zero")
        precondition(leastAmount <= mostAmount, "the smallest order is not above the largest")
        self.fees = fees
        self.leastAmount = leastAmount
        self.mostAmount = mostAmount
        self.mostPrice = mostPrice
        self.revivalsAtOnce = revivalsAtOnce
    }

    /// Mt. Gox in 2013: its fees, and orders of 0.01 BTC at least (MTGOX.md 2.4); at most for all coins
    /// there will ever be, at up to a trillion dollars, which are the sandbox's own limits: five times the
    /// highest price that was recorded.
    public static let mtGox = Self(
        fees: .mtGox, leastAmount: 1_000_000, mostAmount: 2_100_000_000_000_000,
        mostPrice: 100_000_000_000_000_000)
}
