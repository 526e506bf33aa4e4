import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryVenues
import OutcryWire
import Testing

@testable import OutcrySandbox

/// Recordings of sandboxes' markets, and bots that are run on them.
enum PaperHall {
    /// Twenty seconds of a market by each carrier, recorded once.
    private static let markets = DeskCarrier.allCases.map { carrier in
        Result { try record(seconds: 20, carrier: carrier) }
    }

    static func market(_ carrier: DeskCarrier = .webSocket) throws -> [UInt8] {
        try markets[try #require(DeskCarrier.allCases.firstIndex(of: carrier))].get()
    }

    /// Records the market of a sandbox for some seconds, in virtual time.
    static func record(
        seed: UInt64 = 1, seconds: Int, carrier: DeskCarrier = .webSocket,
        of market: SandboxMarket = .june2011, speed: Int = 600,
        _ trouble: (DeskHouse) throws -> Void = { _ in }
    ) throws -> [UInt8] {
        let house = try DeskHouse(seed: seed, speed: speed, carrier: carrier) { $0.market = market }
        let venue: any Venue =
            carrier == .midChains ? MidChainsVenue([.btcusd]) : MtGoxVenue([.btcusd])
        let watch = try Link.open(
            venue, on: house.kernel, url: carrier.url, instruments: [.btcusd], name: "watch")
        let recorder = FrameRecorder(watch, url: try VenueURL(carrier.url), path: "/market.jsonl")
        house.kernel.start(recorder, alias: "recorder")
        house.run(.seconds(Int64(seconds / 2)))
        try trouble(house)
        house.run(.seconds(Int64(seconds - seconds / 2)))
        house.kernel.post(.endRecording, to: "recorder", ())
        house.run(.seconds(1))
        return try #require(house.world.storage["/market.jsonl"])
    }

    /// What has become of a bot.
    struct End {
        let bot: PaperBot
        let reports: [String]
        let lines: [String]
        let took: KernelTime

        /// A field of the report's JSON, without quotes.
        func field(_ name: String) -> String? {
            reports.first?.split(separator: "\"\(name)\":").dropFirst().first.map {
                String($0.prefix { $0 != "," && $0 != "}" }.filter { $0 != "\"" })
            }
        }
    }

    /// Runs a bot on recordings, as `outcry replay --market` does.
    static func play(
        _ recordings: [[UInt8]], _ options: String = "json", carrier: DeskCarrier = .webSocket,
        _ change: (inout AccountOptions) -> Void = { _ in }
    ) throws -> End {
        let begin = recordings.compactMap { try? Recording($0).begin }.min()
        let world = SimulatedWorld(seed: 7, wall: begin ?? WallTime(microseconds: 0))
        let simulation = Simulation(in: world)
        var paths: [String] = []
        for (place, bytes) in recordings.enumerated() {
            paths.append("/market-\(place).jsonl")
            world.storage[paths[place]] = bytes
        }
        simulation.variables[MarketFloor.variable] = paths.joined(separator: "\n")
        simulation.variables[PaperOptions.variable] = options
        let kernel = Kernel(driver: simulation)
        kernel.logLevel = .warning
        var account = AccountOptions()
        change(&account)
        let link =
            carrier == .midChains
            ? try MidChains.open(
                on: kernel, url: "ws://nowhere/", instruments: [.btcusd], dealing: account)
            : try MtGox.open(
                on: kernel, url: "ws://nowhere/mtgox", instruments: [.btcusd], options: account)
        let bot = PaperBot(link)
        kernel.start(bot, alias: "bot")
        try kernel.run()
        return End(
            bot: bot, reports: simulation.reports, lines: simulation.lines, took: world.now)
    }
}

/// Joins the best bid and the best ask, and follows them; now and then it takes.
final class PaperBot: Session {
    let link: Link
    var quotes: [OrderID?] = [nil, nil]
    var prices: [Price?] = [nil, nil]
    var orders: [OrderID: Order] = [:]
    var fills: [Fill] = []
    var wallets: [Wallet] = []
    var channel: [Bool] = []
    var reconciliations = 0
    var seen: [String] = []
    private var best: [Price?] = [nil, nil]
    private var ticks = 0
    private var isClosing = false

    init(_ link: Link) { self.link = link }

    static func handlers(_ on: inout Handlers<PaperBot>) {
        on(.started) { me, _, my in
            let link = me.link
            my.register(
                link.bookChanged, link.order, link.fill, link.wallet, link.accountChannel,
                link.reconciled, link.disconnected)
            my.every(.milliseconds(700), .paperTick)
        }
        on(.bookChanged) { me, change, _ in
            let isTrusted = change.evidence.isTrusted
            me.best = [
                isTrusted ? change.book.bestBid?.price : nil,
                isTrusted ? change.book.bestAsk?.price : nil,
            ]
        }
        on(.order) { me, order, my in
            me.orders[order.id] = copy order
            me.seen.append("\(my.now) \(order.state) \(order.filled)")
            guard order.state.isFinal else { return }
            for side in 0...1 where me.quotes[side] == order.id { me.quotes[side] = nil }
        }
        on(.fill) { me, fill, my in
            me.fills.append(copy fill)
            me.seen.append("\(my.now) \(fill)")
        }
        on(.wallet) { me, wallet, _ in me.wallets.append(copy wallet) }
        on(.accountChannel) { me, isUp, _ in me.channel.append(copy isUp) }
        on(.reconciled) { me, _, _ in me.reconciliations += 1 }
        on(.disconnected) { me, down, my in
            if down.retryIn == nil { my.kernel.stop() }
        }
        on(.paperTick) { me, _, my in me.quote(my) }
        on(.interrupt) { me, _, my in
            me.isClosing = true
            me.link.cancelAll(my)
            my.after(.seconds(20), .paperEnd)
        }
        on(.paperEnd) { _, _, my in my.kernel.stop() }
    }

    private func quote(_ my: Context) {
        guard !isClosing else { return }
        ticks += 1
        if ticks % 9 == 0 { link.place(.market(.buy, quantity: "0.3"), my) }
        for (side, verb) in [(0, OrderSide.buy), (1, .sell)] {
            guard let price = best[side] else { continue }
            if let order = quotes[side] {
                if prices[side] != price { link.cancel(order, my) }
            } else {
                prices[side] = price
                quotes[side] = link.place(.limit(verb, quantity: "0.5", price: price), my)
            }
        }
    }

    /// What it has bought less what it has sold, by its fills.
    var bought: Quantity {
        fills.reduce(.zero) { $0 + ($1.side == .buy ? $1.quantity : -$1.quantity) }
    }
}

extension Event where Payload == Void {
    fileprivate static let paperTick = Self("paper.test.tick")
    fileprivate static let paperEnd = Self("paper.test.end")
}
