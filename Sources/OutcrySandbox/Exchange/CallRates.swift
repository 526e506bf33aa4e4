import OutcryKernel

/// How many orders an account may place in a span of time.
///
/// - Source: the protocol reference, section 13.1: a client that lived with the venue's limit placed 5 in
///   6 s; the venue's own numbers are not known.
public struct OrderRateLimit: Hashable, Sendable {
    /// How many.
    public var orders: Int
    /// In how long.
    public var span: Duration

    /// A limit.
    ///
    /// - Precondition: both are above zero.
    public init(orders: Int, span: Duration) {
        precondition(orders > 0 && span > .zero, "an order rate is above zero")
        self.orders = orders
        self.span = span
    }
}

/// How many HTTP calls an address may make in a span of time.
///
/// - Source: the protocol reference, section 13.1: a bot that ran for long made 40 in 20 s at most; the
///   venue's own numbers are not known.
public struct RequestRateLimit: Hashable, Sendable {
    /// How many.
    public var requests: Int
    /// In how long.
    public var span: Duration

    /// A limit.
    ///
    /// - Precondition: both are above zero.
    public init(requests: Int, span: Duration) {
        precondition(requests > 0 && span > .zero, "a request rate is above zero")
        self.requests = requests
        self.span = span
    }
}
