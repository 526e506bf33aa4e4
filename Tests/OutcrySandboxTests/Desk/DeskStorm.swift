import OutcryComponents
import OutcryMarket
import OutcrySimulation
import OutcryVenues

@testable import OutcryKernel
@testable import OutcrySandbox

/// One bot on one exchange where one thing goes wrong: 40 s of orders and cancellations, then peace.
final class DeskStorm {
    let house: DeskHouse
    private let trouble: DeskTrouble
    private var random: SeededGenerator
    private var placed: [OrderID] = []
    /// How long after the end of the trouble desk and exchange agreed for the first time, to a quarter of a
    /// second; nil: never.
    private(set) var agreement: Duration?
    /// What they did not agree on last.
    private(set) var lastDifference: [String] = []

    private struct Broken: Error {}

    init(seed: UInt64, _ trouble: DeskTrouble, _ carrier: DeskCarrier) throws {
        self.trouble = trouble
        random = SeededGenerator(seed: seed &* 0x9E37_79B9)
        // Half of the storms have their calls over HTTP, but where a stream is what is to be hurt.
        let overHTTP = seed % 2 == 1 && trouble.name != "idkey-age"
        var options = AccountOptions()
        options.desk.audit = .seconds(20)
        // What a desk knew its successor finds written down.
        if trouble.part == .desk { options.desk.ledger = "orders.ledger" }
        house = try DeskHouse(
            seed: seed, speed: 20, isLimited: trouble.isLimited, account: options,
            carrier: carrier, gateway: { if overHTTP { $0.carrier = .http } })
        // So that a part has something on its way when it fails.
        if trouble.part != nil {
            house.world.faults.latency = .milliseconds(5) ... .milliseconds(60)
        }
    }

    var longestReconciliation: Duration { house.bot.reconciliations.map(\.duration).max() ?? .zero }
    var traded: Int { house.bot.fills.count }

    func run() throws {
        house.run(.seconds(5))
        try begin()
        for step in 0..<40 {
            act()
            if step % 15 == 7 { fail() }
            act()
            if step % 15 == 14, trouble.isDeed { try begin() }
            house.run(.seconds(1))
        }
        for fault in trouble.lasting { try house.set(fault.name, "off") }
        waitForAgreement(of: .seconds(150))
        house.kernel.post(.sandboxStop, to: "exchange", ())
        house.run(.seconds(60))
    }

    private func begin() throws {
        for fault in trouble.faults { try house.set(fault.name, fault.value) }
    }

    /// The part fails, as if one of its handlers had thrown: at once, or in the midst of what it does.
    private func fail() {
        guard let part = trouble.part else { return }
        house.run(.milliseconds(Int64(random.next() % 60)))
        // One that only answers may not have been asked for anything yet.
        if let id = house.kernel.find(part.alias(of: house.link)) {
            house.kernel.failed(id, Broken())
        }
    }

    private func waitForAgreement(of patience: Duration) {
        let begin = house.now
        let pause = Duration.milliseconds(250)
        while house.now - begin < patience {
            let problems = problems
            if problems.isEmpty {
                agreement = house.now - begin
                return house.run(patience - (house.now - begin))
            }
            lastDifference = problems
            house.run(pause)
        }
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

    /// A desk that takes up an order tells its trades once more.
    private func fills(of id: OrderID) -> [Fill] {
        let all = house.bot.fills.filter { $0.order == id }
        guard trouble.part == .desk else { return all }
        var seen = Set<Int64>()
        return all.filter { seen.insert($0.tradeID).inserted }
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
                // While there was no desk, or no guard, nobody took it; the log says so.
                if trouble.part != .desk, trouble.part != .guardian {
                    problems.append("\(id) is lost")
                }
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
            let told = fills(of: id)
            let sum = told.reduce(0) { $0 + $1.quantity.units }
            if sum != filled {
                problems.append("\(order): fills of \(sum) were told of \(filled)")
            } else if house.carrier != .midChains {
                // At MidChains a trade has another name.
                let numbers = told.map(\.tradeID).sorted()
                let expected = theirs.trades.map(\.id).sorted()
                if numbers != expected {
                    problems.append("\(order): the trades \(numbers), expected \(expected)")
                }
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
