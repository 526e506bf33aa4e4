import OutcryComponents
import OutcryKernel
import OutcryMarket

/// A machine with a book of whole dollars and whole coins, and all that it has said.
struct PaperBench {
    static let coin: Int64 = 100_000_000
    static let dollar: Int64 = 100_000

    var machine: PaperMachine
    private(set) var told: [String] = []
    private(set) var fills: [ExecutionNews] = []
    private var orders = 0

    /// - Parameter latency: As ``PaperOptions/setLatency(_:)`` reads it.
    init(
        _ queue: PaperQueue = .back, latency: String = "0", balance: String = "BTC=100 USD=100000",
        fee: String = "0", seed: UInt64 = 1, rules: PaperRules = PaperRules(),
        bids: [(Int64, Int64)] = [(99, 10), (98, 10)],
        asks: [(Int64, Int64)] = [(101, 5), (102, 5)], isKnown: Bool = true
    ) throws {
        var options = PaperOptions()
        options.queue = queue
        options.seed = seed
        try options.setLatency(latency)
        try options.setBalances(balance)
        try options.setFee(fee)
        machine = try PaperMachine(options, rules, instruments: [.btcusd])
        if isKnown { try load(bids, asks, at: 0) }
    }

    mutating func load(_ bids: [(Int64, Int64)], _ asks: [(Int64, Int64)], at time: Int) throws {
        let book = Book(.btcusd)
        for (side, rows) in [(Side.bid, bids), (.ask, asks)] {
            for (price, quantity) in rows {
                _ = try book.set(
                    side: side, priceUnits: price * Self.dollar, quantityUnits: quantity * Self.coin
                ).get()
            }
        }
        machine.load(book, at: OutcryComponentsTests.at(time))
        hear(time)
    }

    /// A level has a new total.
    mutating func level(_ side: Side, _ price: Int64, _ quantity: Int64, at time: Int = 0) {
        machine.apply(
            depth(side, price * Self.dollar, quantity * Self.coin, 0),
            at: OutcryComponentsTests.at(time))
        hear(time)
    }

    /// Somebody trades; the aggressor buys or sells, or nobody knows.
    mutating func trade(
        _ aggressor: OrderSide?, _ price: Int64, _ quantity: Int64, at time: Int = 0
    ) {
        machine.apply(
            Trade(
                venue: .fake, instrument: .btcusd, id: 1, priceUnits: price * Self.dollar,
                quantityUnits: quantity * Self.coin, aggressor: aggressor, stamp: 0),
            at: OutcryComponentsTests.at(time))
        hear(time)
    }

    /// Places an order; its name is the how many-th it is: `1`.
    mutating func place(_ side: OrderSide, _ quantity: Int64, _ price: Int64?, at time: Int = 0) {
        orders += 1
        let id = OrderID("\(orders)")
        let request = OrderRequest(
            side: side, quantity: Quantity(units: quantity * Self.coin, of: .btc),
            price: price.map { Price(units: $0 * Self.dollar, of: .usd) }, instrument: .btcusd,
            id: id)
        machine.place(
            OrderPlacement(id: id, request: request), at: OutcryComponentsTests.at(time))
        hear(time)
    }

    /// Cancels the how many-th order.
    mutating func cancel(_ number: Int, at time: Int = 0) {
        machine.cancel(
            OrderCancellation(
                id: OrderID("\(number)"), venueID: OrderID("paper-\(number)"), instrument: .btcusd),
            at: OutcryComponentsTests.at(time))
        hear(time)
    }

    /// Lets the time come.
    mutating func advance(to time: Int) { hear(time) }

    private mutating func hear(_ time: Int) {
        let now = OutcryComponentsTests.at(time)
        machine.advance(to: now)
        while let news = machine.nextNews(at: now) {
            switch news {
            case .report(.placed(let id, _)): told.append("\(id) placed")
            case .report(.refused(let id, let reason)): told.append("\(id) refused: \(reason)")
            case .report(.cancelTaken(let id)): told.append("\(id) cancels")
            case .report(.cancelPointless(let id, let reason)):
                told.append("\(id) not cancelled: \(reason)")
            case .report(let other): told.append("\(other)")
            case .order(.changed(let order)):
                told.append(
                    "\(Self.name(order.venueID)) \(order.state) \(order.remaining.units / Self.coin)"
                )
            case .order(.removed(let id, let why)): told.append("\(Self.name(id)) \(why)")
            case .execution(let one):
                fills.append(one)
                told.append(
                    "\(one.venueID.map(Self.name) ?? "?") trades "
                        + "\((one.quantity?.units ?? 0) / Self.coin) at "
                        + "\((one.price?.units ?? 0) / Self.dollar)")
            case .wallet: break
            case .answer(let number, let answer): told.append("answer \(number): \(answer)")
            }
        }
    }

    private static func name(_ id: OrderID) -> Substring { id.text.dropFirst("paper-".count) }

    /// What was said since the last time one asked.
    mutating func heard() -> [String] {
        defer { told = [] }
        return told
    }

    /// The fills since the last time one asked.
    mutating func takeFills() -> [ExecutionNews] {
        defer { fills = [] }
        return fills
    }

    /// What others have before the how many-th order that rests, in coins; nil: it does not rest.
    func ahead(_ number: Int) -> Int64? {
        machine.ahead(of: OrderID("paper-\(number)")).map { $0 / Self.coin }
    }
}
