public import OutcryMarket
import OutcryServing

/// The markets of an exchange and the money in them: price-time priority, integers only, no clock and
/// no I/O.
///
/// An order trades with the best price of the other side first, at one price with the order that
/// arrived first, always at the resting order's price; orders of one owner trade with each other
/// like any. A limit order rests with what remains. A market order that finds nobody waits, in the
/// order of arrival, and takes what comes to rest on the other side; a limit order that arrives
/// trades with the book first, rests second, and only then can a waiting market order take it.
///
/// Money is not reserved. What stands in the book of an order is its *effective* part: as much as its
/// owner's whole balance pays for if it were the only order. What is paid elsewhere makes it smaller at
/// once; at 0 the order is invalid and out of the book. Money that comes makes it larger where it
/// stands; what was invalid comes back like a new order, as soon as the order that brought the money
/// is through, for each wallet by order number. Owners without an account have no such limits.
///
/// Every command is given the caller's time in microseconds since 1970 and appends what happened to
/// the caller's buffer, each match as the buyer's wallet, the seller's, trade, depth change, order of
/// the maker, and then what the money that went took out of the book. Each trade, each depth change,
/// each deposit and withdrawal has a stamp of its own: the caller's time, or one more than the last
/// stamp where that is not later. The same commands give the same events everywhere.
///
/// Commands and questions take O(log n) expected in the number of price levels, O(1) a trade between
/// wallets that pay for all their orders, else O(orders of these wallets); in the steady state nothing
/// is allocated. It belongs to one thread.
public final class MatchingEngine {
    /// What is traded here; a ``BookNumber`` is a place in it.
    public let instruments: [Instrument]
    /// What it takes and asks for.
    public let rules: EngineRules
    /// Whose money is where.
    public let ledger: Ledger
    /// The last stamp; 0 before the first.
    @safe @exclusivity(unchecked) public internal(set) var lastStamp: Int64 = 0
    /// The priority of the last order; 0 before the first.
    @safe @exclusivity(unchecked) public internal(set) var lastPriority: Int64 = 0
    /// How many orders have arrived.
    @safe @exclusivity(unchecked) public internal(set) var ordersArrived: Int64 = 0
    /// How many trades there were.
    @safe @exclusivity(unchecked) public internal(set) var tradeCount: Int64 = 0

    let books: [EngineBook]
    /// How many units one of the base has.
    let scale: UInt64
    @safe @exclusivity(unchecked) var orders = OrderStore()
    /// Wallets that money came into and that do not pay for all their orders, first come first served.
    @safe @exclusivity(unchecked) var grown: [Slot] = []
    @safe @exclusivity(unchecked) var grownHead = 0
    /// The order that ``revive(at:into:)`` looks at next.
    @safe @exclusivity(unchecked) var reviving = Slot.none

    /// Opens empty markets.
    ///
    /// - Precondition: one to 255 different instruments of one base.
    public init(_ instruments: [Instrument] = [.btcusd], rules: EngineRules = EngineRules()) {
        precondition((1...255).contains(instruments.count), "an engine has 1 to 255 books")
        let base = instruments[0].base
        precondition(
            instruments.allSatisfy { $0.base == base && $0.quote != base },
            "the books of an engine trade one base, for something else")
        let currencies = [base] + instruments.map(\.quote)
        for (place, one) in currencies.enumerated() {
            precondition(!currencies[..<place].contains(one), "each instrument has one book")
        }
        self.instruments = instruments
        self.rules = rules
        ledger = Ledger(currencies, rules.fees)
        scale = (0..<base.decimals).reduce(1) { power, _ in power * 10 }
        books = instruments.enumerated().map { place, instrument in
            EngineBook(BookNumber(UInt8(place)), instrument, quote: place + 1)
        }
    }

    /// The first book's instrument.
    public var instrument: Instrument { instruments[0] }

    // MARK: Commands

    /// An order at `price` or better arrives.
    ///
    /// - Parameters:
    ///   - amount: In units of the base.
    ///   - price: In units of the quote.
    ///   - prefersFiatFee: A buyer's fee is in the quote, on top of what is paid.
    ///   - now: The caller's time in microseconds since 1970.
    /// - Throws: ``EngineError`` for numbers that are not positive, too small or too large; nothing
    ///   happens.
    @discardableResult public func limit(
        _ side: OrderSide, amount: Int64, price: Int64, owner: OwnerNumber,
        in number: BookNumber = .first, prefersFiatFee: Bool = false, at now: Int64,
        into events: inout [EngineEvent]
    ) throws(EngineError) -> OrderNumber {
        let book = try book(number)
        let account = ledger.place(of: owner)
        try check(amount, account)
        try check(side, amount: amount, price: price, account, book)
        begin(now, into: &events)
        var order = arrive(
            side, amount, price, owner, account, book, isMarket: false, prefersFiatFee, now)
        book.add(amount, side)
        let stands = effective(order) == 0 || take(&order, book, at: now, into: &events)
        finish(order, .none, book, stands: stands, at: now, into: &events)
        serveWaiting(side.opposite, book, at: now, into: &events)
        if grownHead < grown.count { revive(at: now, into: &events) }
        return order.number
    }

    /// An order at whatever price arrives. What finds nobody to trade with waits; what lacks money is
    /// invalid.
    ///
    /// - Throws: ``EngineError`` for an amount that is not positive or too small; nothing happens.
    @discardableResult public func market(
        _ side: OrderSide, amount: Int64, owner: OwnerNumber, in number: BookNumber = .first,
        prefersFiatFee: Bool = false, at now: Int64, into events: inout [EngineEvent]
    ) throws(EngineError) -> OrderNumber {
        let book = try book(number)
        let account = ledger.place(of: owner)
        try check(amount, account)
        begin(now, into: &events)
        var order = arrive(
            side, amount, 0, owner, account, book, isMarket: true, prefersFiatFee, now)
        let stands = take(&order, book, at: now, into: &events)
        finish(order, .none, book, stands: stands, at: now, into: &events)
        if grownHead < grown.count { revive(at: now, into: &events) }
        return order.number
    }

    /// Takes back what remains of an order.
    ///
    /// - Throws: ``EngineError/unknownOrder(_:)`` when it is filled, cancelled or never was.
    public func cancel(
        _ number: OrderNumber, at now: Int64, into events: inout [EngineEvent]
    ) throws(EngineError) {
        let slot = orders.find(number)
        guard slot != .none else { throw .unknownOrder(number) }
        begin(now, into: &events)
        drop(slot, .requested, at: now, into: &events)
        if grownHead < grown.count { revive(at: now, into: &events) }
    }

    /// Goes on where a command let no more orders come back: `isSettled` says whether there is need.
    public func settle(at now: Int64, into events: inout [EngineEvent]) {
        begin(now, into: &events)
        revive(at: now, into: &events)
    }

    /// Whether every order has come back, and grown, whose owner has the money.
    public var isSettled: Bool { grownHead == grown.count }

    /// Puts an order into the book as it stood in a recording: no event, and its own stamp.
    ///
    /// - Parameter stamp: When the level changed last, in microseconds since 1970; later stamps of
    ///   the engine are later than it.
    /// - Throws: ``EngineError``, also when the order would trade.
    @discardableResult public func restore(
        _ side: OrderSide, amount: Int64, price: Int64, owner: OwnerNumber,
        in number: BookNumber = .first, stamp: Int64
    ) throws(EngineError) -> OrderNumber {
        let book = try book(number)
        guard amount > 0 else { throw .amountNotPositive(amount) }
        try check(side, amount: amount, price: price, .none, book)
        if let best = best(side.takes, in: number),
            Self.key(price, side.takes) >= Self.key(best, side.takes)
        {
            throw .crosses(price: price, best: best)
        }
        let order = arrive(
            side, amount, price, owner, ledger.place(of: owner), book, isMarket: false, false,
            stamp)
        book.add(amount, side)
        let slot = keep(order)
        let effective = effective(order)
        fund(slot, remaining: amount, effective: effective)
        lastStamp = max(lastStamp, stamp)
        guard effective > 0 else { return order.number }
        let ladder = book.ladder(side.rests)
        let level = ladder.findOrMake(Self.key(price, side.rests))
        orders[slot].level = level
        orders.append(slot, to: &ladder[level].queue)
        ladder[level].total += effective
        ladder[level].stamp = max(ladder[level].stamp, stamp)
        return order.number
    }
}
