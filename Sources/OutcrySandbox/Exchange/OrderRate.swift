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

/// Counts what each account has placed.
struct OrderRate {
    private let limit: OrderRateLimit?
    /// When each account placed its last orders, oldest first. Only looked up.
    private var times: [Int64: [KernelTime]] = [:]

    init(_ limit: OrderRateLimit?) { self.limit = limit }

    /// Counts an order.
    ///
    /// - Returns: How many whole seconds to wait, where there were too many; nil where it may be placed.
    mutating func wait(_ owner: Int64, at now: KernelTime) -> Int? {
        guard let limit else { return nil }
        var recent = times[owner, default: []]
        recent.removeAll { $0 + limit.span <= now }
        defer { times[owner] = recent }
        guard recent.count >= limit.orders, let first = recent.first else {
            recent.append(now)
            return nil
        }
        let rest = (first + limit.span - now).nanoseconds
        return max(1, Int((rest + 999_999_999) / 1_000_000_000))
    }
}
