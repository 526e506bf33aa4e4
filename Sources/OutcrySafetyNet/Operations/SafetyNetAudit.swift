import OutcryComponents
import OutcryKernel
package import OutcryMarket
import OutcryServing

// What a SafetyNet believes and holds on to, for whoever compares it with the exchange.

extension SafetyNet {
    /// The first market's book as its listeners have it, its newest stamp, and whether the stream keeps it current.
    package var auditedBook: (book: Book, stamp: Int64, isLive: Bool) {
        (markets[0].mirror.book, markets[0].mirror.stamp, markets[0].trust == .live)
    }

    /// How much there is of what must not pile up: connections, clients, who waits for an answer, lines of clients
    /// upstream, bytes that wait for clients, and the most that wait for one connection and that are kept for one
    /// session of Socket.IO's.
    package var holdings:
        (
            connections: Int, clients: Int, waiting: Int, lines: Int, bytes: Int, ofConnection: Int,
            ofSession: Int
        )
    {
        let unwritten = connections.values.map(\.stream.unwritten)
        return (
            connections.count, webSocketClients.count + sessionClients.count,
            waiting.values.reduce(0) { $0 + $1.count }, lines.count,
            unwritten.reduce(socketIO.heldBytes, +), unwritten.max() ?? 0,
            socketIO.mostHeldBytes
        )
    }
}
