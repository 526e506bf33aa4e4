import OutcryKernel
import OutcryMarket
import OutcrySandbox

private typealias EngineLevel = (price: Int64, total: Int64)

/// What the engine's benchmark does, drawn by a seed against an engine of its own and written down, so
/// that the measured run does nothing but carry it out.
struct EngineLoad {
    struct Order {
        enum Kind: UInt8 {
            case limit
            case cancel
        }
        var kind: Kind
        var side: OrderSide
        var owner: Int32
        var amount: Int64
        /// The limit, or the number of the order to take back.
        var price: Int64
    }

    static let accounts: Int64 = 1_000
    /// A cent, in units of the quote: the distance of two levels.
    static let cent: Int64 = 1_000
    static let middle: Int64 = 10_000 * cent
    /// How many orders that came to rest may be taken back.
    static let remembered = 256
    /// Orders that stand far from the best price, from the beginning to the end.
    static let far = 20_000
    static let begin: Int64 = 1_370_000_000_000_000

    private(set) var orders: [Order] = []
    private(set) var resting = 0
    private(set) var cancels = 0
    /// Cancels that find their order.
    private(set) var found = 0
    private(set) var crossing = 0
    private var random = SeededGenerator(seed: 2013)
    /// Numbers of the last orders that came to rest.
    private var recent: [OrderNumber] = []
    private var recentPlace = 0
    private let engine: MatchingEngine

    /// Draws the warm-up and then what is counted and measured.
    init(warmUp: Int, measured: Int) throws {
        engine = try Self.engine()
        orders.reserveCapacity(warmUp + measured)
        var events: [EngineEvent] = []
        for place in 0..<warmUp + measured {
            if place == warmUp { (resting, cancels, found, crossing) = (0, 0, 0, 0) }
            events.removeAll(keepingCapacity: true)
            let kind = draw(10)
            if place < Self.far {
                try standFarAway(place, &events)
            } else if recent.count < Self.remembered || kind < 4 {
                try rest(place, &events)
            } else if kind < 8 {
                try cancel(place, &events)
            } else {
                try cross(place, &events)
            }
        }
    }

    /// An engine with its accounts: four of five are rich, the fifth runs out of money at times.
    static func engine() throws -> MatchingEngine {
        let engine = MatchingEngine(
            [.btcusd, .btceur, .btcjpy, .btcgbp],
            rules: EngineRules(fees: .mtGox, leastAmount: 1_000_000))
        var events: [EngineEvent] = []
        for owner in 0..<accounts {
            let (coins, dollars): (Int64, Int64) =
                owner % 5 == 0 ? (20, 2_000) : (20_000, 2_000_000)
            let number = OwnerNumber(owner + 10)
            try engine.openAccount(number)
            try engine.deposit(
                coins * 100_000_000, .btc, to: number, at: begin, into: &events)
            try engine.deposit(dollars * 100_000, .usd, to: number, at: begin, into: &events)
        }
        return engine
    }

    /// Carries out one order; a cancel may find nobody.
    @inline(__always)
    static func carryOut(
        _ order: Order, _ place: Int, on engine: MatchingEngine,
        into events: inout [EngineEvent]
    ) throws {
        let now = begin + Int64(place) * 1_000
        switch order.kind {
        case .limit:
            try engine.limit(
                order.side, amount: order.amount, price: order.price,
                owner: OwnerNumber(Int64(order.owner)), at: now, into: &events)
        case .cancel:
            do throws(EngineError) {
                try engine.cancel(OrderNumber(order.price), at: now, into: &events)
            } catch .unknownOrder {
                return
            }
        }
    }

    // MARK: Drawing

    private mutating func draw(_ bound: UInt64) -> Int64 { Int64(random.next() % bound) }

    private mutating func note(_ order: Order, _ place: Int, _ events: inout [EngineEvent]) throws {
        orders.append(order)
        try Self.carryOut(order, place, on: engine, into: &events)
    }

    private mutating func limit(_ side: OrderSide, _ amount: Int64, _ price: Int64) -> Order {
        Order(
            kind: .limit, side: side, owner: Int32(10 + draw(UInt64(Self.accounts))),
            amount: max(amount, 1_000_000), price: price)
    }

    /// Up to 20 BTC, 100 to 5,000 levels from the middle.
    private mutating func standFarAway(_ place: Int, _ events: inout [EngineEvent]) throws {
        let side: OrderSide = draw(2) == 0 ? .buy : .sell
        let away = (100 + draw(4_900)) * Self.cent
        let price = side == .buy ? Self.middle - away : Self.middle + away
        try note(limit(side, 1_000_000 + draw(2_000_000_000), price), place, &events)
    }

    /// 0.01 to 10 BTC, within 50 levels of the best, which stays near the middle.
    private mutating func rest(_ place: Int, _ events: inout [EngineEvent]) throws {
        let side: OrderSide = draw(2) == 0 ? .buy : .sell
        let bid = engine.best(.bid) ?? Self.middle - Self.cent
        let ask = engine.best(.ask) ?? Self.middle + Self.cent
        let away = (1 + draw(50)) * Self.cent
        let price =
            side == .buy
            ? max(min(Self.middle - away, ask - Self.cent), bid - 50 * Self.cent)
            : min(max(Self.middle + away, bid + Self.cent), ask + 50 * Self.cent)
        resting += 1
        try note(limit(side, 1_000_000 + draw(1_000_000_000), price), place, &events)
        remember(OrderNumber(engine.ordersArrived))
    }

    /// Takes back one of the last orders that came to rest; who was traded meanwhile is gone.
    private mutating func cancel(_ place: Int, _ events: inout [EngineEvent]) throws {
        var number = OrderNumber(0)
        for _ in 0..<8 where !engine.isOpen(number) {
            number = recent[Int(draw(UInt64(recent.count)))]
        }
        cancels += 1
        if engine.isOpen(number) { found += 1 }
        let order = Order(kind: .cancel, side: .buy, owner: 0, amount: 0, price: number.value)
        try note(order, place, &events)
    }

    /// Takes one to five levels, the last of them in part; every other one wants more and rests.
    private mutating func cross(_ place: Int, _ events: inout [EngineEvent]) throws {
        // 1, 2, 3, 4 or 5: half of them 1.
        let levels = [1, 1, 1, 1, 1, 2, 2, 3, 4, 5][Int(draw(10))]
        var side: OrderSide = draw(2) == 0 ? .buy : .sell
        var seen: [EngineLevel] = []
        for _ in 0..<2 where seen.isEmpty {
            side = side.opposite
            engine.forEachLevel(side.takes) { price, total, _ in
                guard seen.count < levels, abs(price - Self.middle) < 90 * Self.cent else { return }
                seen.append((price, total))
            }
        }
        guard let (price, last) = seen.popLast() else { return try rest(place, &events) }
        let amount = seen.reduce(0) { $0 + $1.total }
        crossing += 1
        let part = last * (1 + draw(100)) / 100
        let more = draw(2) == 0 ? part : last + 1_000_000 + draw(500_000_000)
        try note(limit(side, amount + more, price), place, &events)
        let number = OrderNumber(engine.ordersArrived)
        if engine.isOpen(number) { remember(number) }
    }

    private mutating func remember(_ number: OrderNumber) {
        guard recent.count == Self.remembered else { return recent.append(number) }
        recent[recentPlace] = number
        recentPlace = (recentPlace + 1) % Self.remembered
    }
}
