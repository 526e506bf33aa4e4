public import OutcryMarket

/// A market of one instrument: price-time priority, integers only, no clock and no I/O.
///
/// An order trades with the best price of the other side first, at one price with the order that
/// arrived first, always at the resting order's price; orders of one owner trade with each other
/// like any. A limit order rests with what remains. A market order that finds nobody waits, in the
/// order of arrival, and takes what comes to rest on the other side; a limit order that arrives
/// trades with the book first, rests second, and only then can a waiting market order take it.
///
/// Every command is given the caller's time in microseconds since 1970 and appends what happened to
/// the caller's buffer, each match as trade, depth change, order of the maker. Each trade and each
/// depth change has a stamp of its own: the caller's time, or one more than the last stamp where
/// that is not later. The same commands give the same events everywhere.
///
/// Commands and questions take O(log n) expected in the number of price levels, O(1) a trade; in
/// the steady state nothing is allocated. It belongs to one thread.
public final class MatchingEngine {
    /// What is traded here.
    public let instrument: Instrument
    /// The stamp of the last trade or depth change; 0 before the first.
    public internal(set) var lastStamp: Int64 = 0
    /// How many orders have arrived.
    public internal(set) var ordersArrived: Int64 = 0
    /// How many trades there were.
    public internal(set) var tradeCount: Int64 = 0

    let bids = PriceLadder()
    let asks = PriceLadder()
    var queues = OrderQueues()
    /// Market orders that wait for somebody to trade with.
    var waitingBuys = OrderQueue()
    var waitingSells = OrderQueue()

    /// Opens an empty market.
    public init(instrument: Instrument = .btcusd) { self.instrument = instrument }

    // MARK: Commands

    /// An order at `price` or better arrives.
    ///
    /// - Parameters:
    ///   - amount: In units of the base.
    ///   - price: In units of the quote.
    ///   - now: The caller's time in microseconds since 1970.
    /// - Throws: ``EngineError`` for numbers that are not positive, or too large; nothing happens.
    @discardableResult public func limit(
        _ side: OrderSide, amount: Int64, price: Int64, owner: OwnerNumber, at now: Int64,
        into events: inout [EngineEvent]
    ) throws(EngineError) -> OrderNumber {
        let standing = try check(side, amount: amount, price: price)
        var order = arrive(side, amount, owner)
        take(&order, worst: Self.key(price, side.takes), at: now, into: &events)
        guard order.remaining > 0 else {
            report(order, price, .filled, into: &events)
            return order.number
        }
        rest(order, price, standing, at: now, into: &events)
        report(order, price, .open, into: &events)
        serveWaiting(side.opposite, at: now, into: &events)
        return order.number
    }

    /// An order at whatever price arrives. What finds nobody to trade with waits.
    ///
    /// - Throws: ``EngineError/amountNotPositive(_:)``; nothing happens.
    @discardableResult public func market(
        _ side: OrderSide, amount: Int64, owner: OwnerNumber, at now: Int64,
        into events: inout [EngineEvent]
    ) throws(EngineError) -> OrderNumber {
        guard amount > 0 else { throw .amountNotPositive(amount) }
        var order = arrive(side, amount, owner)
        take(&order, worst: nil, at: now, into: &events)
        if order.remaining > 0 {
            withWaiting(side) { queues.append(order, to: &$0) }
        }
        report(order, nil, order.remaining > 0 ? .executing : .filled, into: &events)
        return order.number
    }

    /// Takes back what remains of an order.
    ///
    /// - Throws: ``EngineError/unknownOrder(_:)`` when it is filled, cancelled or never was.
    public func cancel(
        _ number: OrderNumber, at now: Int64, into events: inout [EngineEvent]
    ) throws(EngineError) {
        guard let slot = queues.find(number) else { throw .unknownOrder(number) }
        let order = queues[slot]
        guard order.level != .none else {
            withWaiting(order.side) { queues.remove(slot, from: &$0) }
            return report(order, nil, .cancelled, into: &events)
        }
        let price = price(of: order)
        queues.remove(slot, from: &ladder(order.side.rests)[order.level].queue)
        change(order.side.rests, order.level, by: -order.remaining, at: now, into: &events)
        report(order, price, .cancelled, into: &events)
    }

    /// Puts an order into the book as it stood in a recording: no event, and its own stamp.
    ///
    /// - Parameter stamp: When the level changed last, in microseconds since 1970; later stamps of
    ///   the engine are later than it.
    /// - Throws: ``EngineError``, also when the order would trade.
    @discardableResult public func restore(
        _ side: OrderSide, amount: Int64, price: Int64, owner: OwnerNumber, stamp: Int64
    ) throws(EngineError) -> OrderNumber {
        _ = try check(side, amount: amount, price: price)
        if let best = best(side.takes), Self.key(price, side.takes) >= Self.key(best, side.takes) {
            throw .crosses(price: price, best: best)
        }
        let order = arrive(side, amount, owner)
        let ladder = ladder(side.rests)
        let level = ladder.findOrMake(Self.key(price, side.rests))
        queues.append(order.resting(at: level), to: &ladder[level].queue)
        ladder[level].total += amount
        ladder[level].stamp = max(ladder[level].stamp, stamp)
        lastStamp = max(lastStamp, stamp)
        return order.number
    }
}
