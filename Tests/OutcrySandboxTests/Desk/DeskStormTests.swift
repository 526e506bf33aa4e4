import Glibc
import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryVenues
import Testing

@testable import OutcrySandbox

/// Whatever an exchange does wrong, in the end desk and exchange agree: on every order, every fill and the
/// wallet; nothing is lost and nothing doubled.
///
/// 26 faults; `expire-sessions` is of Socket.IO, and `lag-burst` and `lag-period` are other shapes of the lag. One seed
/// a fault here; `OUTCRY_SEEDS=200` for so many, which takes some minutes.
@Suite struct DeskStormTests {
    /// Each fault with a value that hurts.
    static let faults: [(name: String, value: String)] = [
        ("none", ""), ("lose-subscription", "5"), ("drop-depth", "100"), ("double-depth", "100"),
        ("reorder-depth", "100"), ("zero-delta", "100"), ("cross-book", "20"),
        ("cross-briefly", "50"), ("double-trade", "300"), ("order-first", "500"),
        ("engine-lag", "3s"), ("lag-growth", "300"), ("invalid-nonce", "300"),
        ("mysql-error", "200"), ("html-error", "200"), ("slow-reply", "2s"), ("cut-reply", "200"),
        ("lost-reply", "200"), ("broken-gzip", "200"), ("slow-sockets", "4000"),
        ("half-open", "50"), ("disconnect", "1000"), ("refuse", "5s"), ("restart", "3s"),
        ("errors-after", "on"), ("idkey-age", "1s"), ("drop-last-depth", "on"),
    ]

    static var seeds: Range<UInt64> {
        let count = unsafe getenv("OUTCRY_SEEDS").flatMap { unsafe UInt64(String(cString: $0)) }
        return 1..<(1 + (count ?? 1))
    }

    @Test(arguments: faults.indices) func inTheEndTheyAgree(index: Int) throws {
        let (name, value) = Self.faults[index]
        var longest = Duration.zero
        for seed in Self.seeds {
            let storm = try DeskStorm(seed: seed, fault: name, value)
            try storm.run()
            longest = max(longest, storm.longestReconciliation)
            for problem in storm.problems { Issue.record("\(name), seed \(seed): \(problem)") }
            #expect(storm.traded > 0, "\(name), seed \(seed): something was traded")
        }
        print("\(name): \(Self.seeds.count) seeds, longest time to reconcile \(longest)")
    }

    /// The faults that concern MidChains: of the engine, and of connections. The others are Mt. Gox's words.
    static let midChainsFaults: [(name: String, value: String)] = [
        ("none", ""), ("engine-lag", "3s"), ("lag-growth", "300"), ("slow-sockets", "4000"),
        ("half-open", "50"), ("disconnect", "1000"), ("refuse", "5s"), ("restart", "3s"),
    ]

    @Test(arguments: midChainsFaults.indices) func atMidChainsToo(index: Int) throws {
        let (name, value) = Self.midChainsFaults[index]
        for seed in Self.seeds {
            let storm = try DeskStorm(seed: seed, fault: name, value, dialect: .midChains)
            try storm.run()
            for problem in storm.problems { Issue.record("\(name), seed \(seed): \(problem)") }
            #expect(storm.traded > 0, "\(name), seed \(seed): something was traded")
        }
    }
}

/// One bot on one exchange that does one thing wrong: 40 s of orders and cancellations, then peace.
final class DeskStorm {
    let house: DeskHouse
    private let name: String
    private let value: String
    private let seed: UInt64
    private var random: SeededGenerator
    private var placed: [OrderID] = []

    init(
        seed: UInt64, fault name: String, _ value: String, dialect: SandboxDialect = .mtGox
    ) throws {
        self.name = name
        self.value = value
        self.seed = seed
        random = SeededGenerator(seed: seed &* 0x9E37_79B9)
        let overHTTP = seed % 2 == 1
        var options = AccountOptions()
        options.desk.audit = .seconds(20)
        house = try DeskHouse(
            seed: seed, speed: 20, account: options, dialect: dialect,
            gateway: { if overHTTP, name != "idkey-age" { $0.carrier = .http } })
    }

    var longestReconciliation: Duration { house.bot.reconciliations.map(\.duration).max() ?? .zero }
    var traded: Int { house.bot.fills.count }

    func run() throws {
        house.run(.seconds(5))
        if name != "none" {
            if name == "errors-after" {
                try house.set("mysql-error", "200")
                try house.set("html-error", "100")
            }
            try house.set(name, value)
        }
        for step in 0..<40 {
            for _ in 0..<2 { act() }
            // What is done once is done again.
            if step % 15 == 14, ["disconnect", "refuse", "restart"].contains(name) {
                try house.set(name, value)
            }
            house.run(.seconds(1))
        }
        if name != "none" {
            let off = ["errors-after": "off", "drop-last-depth": "off"][name] ?? "0"
            if !["disconnect", "refuse", "restart"].contains(name) { try house.set(name, off) }
            if name == "errors-after" {
                try house.set("mysql-error", "0")
                try house.set("html-error", "0")
            }
        }
        house.run(.seconds(150))
        house.kernel.post(.sandboxStop, to: "exchange", ())
        house.run(.seconds(60))
    }

    private func act() {
        guard let best = house.bot.best else { return }
        let dice = random.next() % 10
        let side: OrderSide = random.next() % 2 == 0 ? .buy : .sell
        let id = OrderID("order\(placed.count)")
        let quantity = Quantity(units: Int64(1 + random.next() % 400) * 1_000_000, of: .btc)
        let step = Int64(random.next() % 20_000)
        switch dice {
        case 0...5:
            // From well in the market to well away from it.
            let units =
                side == .buy
                ? best.ask.units + 3_000 - step : best.bid.units - 3_000 + step
            let request = OrderRequest.limit(
                side, quantity: quantity, price: Price(units: units, of: .usd))
            placed.append(id)
            house.act { bot, my in bot.link.place(request.named(id), my) }
        case 6:
            placed.append(id)
            house.act { bot, my in
                bot.link.place(OrderRequest.market(side, quantity: quantity).named(id), my)
            }
        default:
            guard !placed.isEmpty else { return }
            let victim = placed[Int(random.next() % UInt64(placed.count))]
            house.act { bot, my in bot.link.cancel(victim, my) }
        }
    }

    /// What desk and exchange do not agree on.
    var problems: [String] {
        var problems: [String] = []
        let bot = house.bot
        if house.ourOpenOrders != house.theirOpenOrders {
            problems.append(
                "open orders: ours \(house.ourOpenOrders), theirs \(house.theirOpenOrders)")
        }
        if house.ourWallet != house.theirWallet {
            problems.append("wallet: ours \(house.ourWallet), theirs \(house.theirWallet)")
        }
        for id in placed {
            guard let order = bot.orders[id] else {
                problems.append("\(id) is lost")
                continue
            }
            if order.state == .unknown { problems.append("\(order) is unknown") }
            guard let venueID = order.venueID else { continue }
            guard let theirs = house.theirs(venueID) else {
                problems.append("\(order) is not theirs")
                continue
            }
            let filled = theirs.trades.reduce(0) { $0 + $1.amount }
            if filled != order.filled.units {
                problems.append("\(order): theirs has filled \(filled)")
            }
            let told = bot.fills.filter { $0.order == id }.reduce(0) { $0 + $1.quantity.units }
            if told != filled {
                problems.append("\(order): fills of \(told) were told of \(filled)")
            }
        }
        let names = placed.compactMap { bot.orders[$0]?.venueID }
        if Set(names).count != names.count { problems.append("two orders have one name") }
        let theirs = house.exchange.state.orders.count { $0.wish.owner == house.owner }
        if theirs != names.count {
            problems.append("theirs are \(theirs) orders, ours \(names.count)")
        }
        return problems
    }
}
