public import OutcryKernel
public import OutcryMarket

// A link for workflows: the same machinery, awaited.
//
// ```swift
// my.task { my in
//     let order = try await link.place(.limit(.buy, quantity: "1", price: "14.43"))
//     for try await trade in link.trades { … }
// }
// ```

extension Link {
    /// Everybody's trades.
    public var trades: TopicEvents<Trade> { trade.events }
    /// The summaries of the markets.
    public var tickers: TopicEvents<Ticker> { ticker.events }
    /// How your orders stand, each time that one changes.
    public var orders: TopicEvents<Order> { order.events }
    /// Your trades.
    public var fills: TopicEvents<Fill> { fill.events }
    /// What the account has, each time that it changes.
    public var wallets: TopicEvents<Wallet> { wallet.events }

    /// Places an order, and waits until its venue has taken it. What becomes of it later comes as `order`
    /// events.
    ///
    /// An order whose answer is missing is waited for until it is known whether it exists. When the session stops
    /// meanwhile, the order is kept by the desk as any other.
    ///
    /// - Returns: The order, with the venue's name for it; it may have been filled already.
    /// - Throws: ``OrderRejected``, and `CancellationError` when the session stops.
    /// - Precondition: It is called in a workflow.
    @discardableResult public nonisolated(nonsending) func place(
        _ request: OrderRequest
    ) async throws -> Order {
        let order: Order = try await Context.inWorkflow { my in
            do {
                return try await my.ask(
                    .placeOrder, to: risk, request, timeout: .seconds(365 * 86_400))
            } catch AskError.cancelled {
                throw CancellationError()
            }
        }
        if order.state == .rejected { throw OrderRejected(order: order) }
        return order
    }

    /// The orders that have not ended.
    ///
    /// - Throws: ``OutcryKernel/AskError``.
    /// - Precondition: It is called in a workflow.
    public nonisolated(nonsending) func openOrders() async throws -> [Order] {
        try await Context.inWorkflow { my in
            try await my.ask(.openOrders, to: risk, (), timeout: .seconds(60))
        }
    }

    /// Waits until an order has ended: filled, cancelled or rejected.
    ///
    /// - Returns: The order as it ended; nil for one that the desk does not know.
    /// - Throws: ``OutcryKernel/AskError``.
    /// - Precondition: It is called in a workflow.
    public nonisolated(nonsending) func end(of id: OrderID) async throws -> Order? {
        try await Context.inWorkflow { my in
            try await my.ask(.endOfOrder, to: risk, id, timeout: .seconds(365 * 86_400))
        }
    }

    /// What the account has; nil as long as the venue has not told it.
    ///
    /// - Throws: ``OutcryKernel/AskError``.
    /// - Precondition: It is called in a workflow.
    public nonisolated(nonsending) func balances() async throws -> Wallet? {
        try await Context.inWorkflow { my in
            try await my.ask(.askWallet, to: portfolio, (), timeout: .seconds(60))
        }
    }
}
