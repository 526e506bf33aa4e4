import OutcryComponents
import OutcryKernel
package import OutcryMarket
import OutcryServing

/// What an exchange has of an account, and what it holds on to, for whoever compares it with what others believe.
package struct SandboxAudit {
    /// An order from its acknowledgement on, those that are over included.
    package struct Order {
        /// What the venue calls it.
        package let venueID: String
        /// Units of the base that are still to be traded.
        package let remaining: Int64
        /// The numbers of its trades, in their order.
        package let trades: [Int64]
        /// Units of the base that were traded.
        package let filled: Int64
        /// It is in the book, or on its way there.
        package let isOpen: Bool
    }

    /// All orders that the account ever placed, in the order of their acknowledgement.
    package let orders: [Order]
    /// What the account has, in words, sorted.
    package let wallet: [String]
}

extension SandboxExchange {
    /// What there is of the account of this name; nil where there is none.
    package func audit(account name: String) -> SandboxAudit? {
        guard let account = state.account(named: name) else { return nil }
        let open = Set(account.open)
        let ledger = engine.ledger
        return SandboxAudit(
            orders: state.orders.filter { $0.wish.owner == account.owner }.map { order in
                SandboxAudit.Order(
                    venueID: "\(state.guid(order.ticket))", remaining: order.remaining,
                    trades: order.trades.map(\.id),
                    filled: order.trades.reduce(0) { $0 + $1.amount },
                    isOpen: open.contains(order.ticket))
            },
            wallet: ledger.currencies.compactMap { currency in
                ledger.balance(account.owner, currency)
                    .map { "\(Money(units: $0, currency: currency))" }
            }.sorted())
    }

    /// The levels of the first book, which are the engine's own.
    package var auditedLevels: SandboxLevels { levels }

    /// The stamp of the last trade or change of depth, in microseconds since 1970.
    package var auditedStamp: Int64 { engine.lastStamp }

    /// Whether the first book's market made this trade. Of the last 20,000.
    package func hasMade(_ trade: Trade) -> Bool {
        guard let made = state.histories[0].since(trade.id - 1).first else { return false }
        return made.id == trade.id && made.price == trade.priceUnits
            && made.amount == trade.quantityUnits
    }

    /// How much there is of what must not pile up: connections, clients, bytes that wait for them, and the most that
    /// wait for one connection and that are kept for one session of Socket.IO's.
    package var holdings:
        (connections: Int, clients: Int, bytes: Int, ofConnection: Int, ofSession: Int)
    {
        let unwritten = connections.values.map(\.stream.unwritten)
        return (
            connections.count, clients.count + sessionClients.count,
            unwritten.reduce(socketIO.heldBytes, +), unwritten.max() ?? 0,
            socketIO.mostHeldBytes
        )
    }
}
