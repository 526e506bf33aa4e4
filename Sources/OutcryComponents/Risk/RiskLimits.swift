public import OutcryMarket

/// What a risk guard lets pass. Everything that is nil is not limited.
///
/// ```swift
/// var limits = RiskLimits()
/// limits.quantity = "5.0"
/// limits.notional = Money("1000", .usd)
/// limits.cancelsAll = [.shutdown, .interrupt, .disconnect]
/// ```
public struct RiskLimits: Sendable {
    /// The most that one order may be for, in the base.
    public var quantity: Quantity?
    /// The most that one order may be worth, each in its currency. A market order is taken at the last price.
    public var notional: [Money] = []
    /// The most that all open orders of a market together may be worth, what is left of them, each in its
    /// currency.
    public var openNotional: [Money] = []
    /// The most open orders, of all markets together.
    public var openOrders: Int?
    /// How far a limit may be on the wrong side of the last price, in thousandths of it: a buy above, a sell
    /// below. Without a last price nothing passes.
    public var collar: Int?
    /// The most orders in a span of time.
    public var rate: TokenBucket?
    /// When all orders are cancelled.
    public var cancelsAll: [CancelCause] = []
    /// How long cancellations may take before the kernel stops nevertheless.
    public var stopDeadline: Duration = .seconds(5)

    /// No limits.
    public init() {}
}

/// When all orders are cancelled.
public enum CancelCause: Hashable, Sendable, CaseIterable {
    /// The kernel is asked to stop (`kernel.stop(within:)`).
    case shutdown
    /// ^C or SIGTERM: the guard has the kernel stop then, once the cancellations are through.
    case interrupt
    /// The link is down, or its connection silent. The cancellations go over HTTP then.
    case disconnect
    /// The kill switch is thrown.
    case killSwitch
}
