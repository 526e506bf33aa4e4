// What applications and the parts of a link say to an order desk, and what it tells.

public import OutcryKernel
public import OutcryMarket

/// An order that was not placed, and never will be.
public struct OrderRejected: Error, Sendable, CustomStringConvertible {
    /// The order, with the reason.
    public let order: Order

    /// In words.
    public var description: String {
        "order \(order.id) rejected: \(order.reason ?? "the venue does not say why")"
    }
}

/// A request that something between the application and the desk has stopped.
public struct StoppedRequest: Sendable {
    /// The request, with its name.
    public let request: OrderRequest
    /// Why, in words.
    public let reason: String
}

/// A desk's books agree with the venue's.
public struct Reconciliation: Sendable {
    /// The orders that stand otherwise than was known before, those that others placed included.
    public let changed: [Order]
    /// How many orders are open now.
    public let open: Int
    /// How long it took, from when the need of it arose.
    public let duration: Duration
    /// The names of own orders of which still nobody knows whether they exist: each has a time after which it
    /// cannot come to be any more, and is looked for again then.
    public let unknown: [OrderID]
}

extension Event where Payload == OrderRequest {
    /// Asks an order desk to place an order.
    public static let place = Self("place")
}
extension Event where Payload == OrderID {
    /// Asks an order desk to cancel an order, by its name.
    public static let cancelOrder = Self("cancelOrder")
}
extension Event where Payload == Instrument? {
    /// Asks an order desk to cancel all orders, of one market or of all.
    public static let cancelAllOrders = Self("cancelAllOrders")
}
extension Event where Payload == Ask<OrderRequest, Order> {
    /// Asks an order desk to place an order; the answer is how it stands once its venue has taken or refused
    /// it.
    public static let placeOrder = Self("placeOrder")
}
extension Event where Payload == Ask<Void, [Order]> {
    /// Asks an order desk for the orders that have not ended.
    public static let openOrders = Self("openOrders")
}
extension Event where Payload == Ask<OrderID, Order?> {
    /// Asks an order desk how an order ends; the answer comes when it has, nil for an unknown one.
    public static let endOfOrder = Self("endOfOrder")
}
extension Event where Payload == StoppedRequest {
    /// Has an order desk tell of a request that goes no further.
    public static let refuseOrder = Self("refuseOrder")
}
extension Event where Payload == Fill {
    /// One of your orders traded.
    public static let fill = Self("fill")
}
extension Event where Payload == Reconciliation {
    /// A desk's books agree with the venue's, after a reconnect or an unknown outcome.
    public static let reconciled = Self("reconciled")
}
