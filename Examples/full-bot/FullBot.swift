// A bot for MidChains with all its parts at once: the feed, the analysis, the trading.
//
// The feed comes in on the loop. Twice a second the last trades go to another thread (`my.offload`), which finds out
// what they have done lately; its answer comes back as an event, upon which the bot wants to have a coin, or none, and
// places an order that is immediate or waits, and takes it back when it has waited long enough. Nothing of it waits for
// anything else of it: at the end it says how long the longest turn of the loop was.
//
//   swift run full-bot               at an exchange of its own, on a free port, for 10 s
//   swift run full-bot --simulate    in virtual time
//   swift run full-bot --url wss://…     at another: OUTCRY_MIDCHAINS_USER and OUTCRY_MIDCHAINS_PASSWORD log in

import Outcry
import OutcrySandbox

@main struct Main {
    static func main() throws {
        let arguments = CommandLine.arguments
        let driver: any Driver =
            try arguments.contains("--simulate") ? Simulation(seed: 7) : Reactor()
        let kernel = Kernel(driver: driver)
        kernel.logLevel = .warning
        kernel.measuresTurns = true
        var access = MidChainsCredentials.fromEnvironment().map { MidChainsAccess($0) }
        var url = arguments.drop { $0 != "--url" }.dropFirst().first
        if url == nil {
            let money = [Money("1000", .usd), Money("10", .btc)].compactMap(\.self)
            url =
                try EmbeddedSandbox(on: kernel) {
                    $0.speed = 2_000
                    $0.firstStep = .milliseconds(300)
                    access = $0.openMidChains(to: "bot", money: money)
                }.midChainsURL
        }
        guard let url else { return print("expected a URL behind --url") }
        let mid = try MidChains.open(
            on: kernel, url: url, instruments: [.btcusd], account: access)
        let seconds = arguments.drop { $0 != "--seconds" }.dropFirst().first.flatMap { Int($0) }
        kernel.start(FullBot(mid, seconds: seconds ?? 10), alias: "bot")
        try kernel.run()
    }
}

final class FullBot: Session {
    let mid: Link
    let seconds: Int
    var prices: [Int64] = []
    var best: (bid: Price, ask: Price)?
    var levels = 0
    var isThinking = false
    var isOver = false
    var opinions = 0
    /// Trades that came while an analysis was on its way.
    var meanwhile = 0
    /// What it has bought beside what it began with, in coins.
    var position = Quantity(units: 0, of: .btc)
    var live: OrderID?
    var fills = 0

    init(_ mid: Link, seconds: Int) {
        self.mid = mid
        self.seconds = seconds
    }

    static func handlers(_ on: inout Handlers<FullBot>) {
        on(.started) { me, _, my in
            my.register(me.mid.trade, me.mid.bookChanged, me.mid.order, me.mid.fill)
            my.every(.milliseconds(500), .think)
            my.after(.seconds(me.seconds), .timeIsUp)
        }
        // The feed.
        on(.trade) { me, trade, _ in
            me.prices.append(trade.priceUnits)
            if me.isThinking { me.meanwhile += 1 }
        }
        on(.bookChanged) { me, change, _ in
            me.levels = change.book.count
            guard change.evidence.isTrusted, let bid = change.book.bestBid,
                let ask = change.book.bestAsk
            else { return me.best = nil }
            me.best = (bid.price, ask.price)
        }
        // The analysis, elsewhere.
        on(.think) { me, _, my in
            guard !me.isThinking, me.prices.count >= 20 else { return }
            me.isThinking = true
            let prices = Array(me.prices.suffix(400))
            my.offload({ Opinion(on: prices) }, then: .thought)
        }
        on(.thought) { me, opinion, my in
            me.isThinking = false
            me.opinions += 1
            if me.isOver { me.end(my) } else { me.act(opinion, my) }
        }
        // The trading.
        on(.order) { me, order, my in
            guard order.id == me.live, order.state.isFinal else { return }
            me.live = nil
            if me.isOver, !me.isThinking { me.end(my) }
        }
        on(.fill) { me, fill, _ in
            me.fills += 1
            let isBuy = fill.side == .buy
            me.position = isBuy ? me.position + fill.quantity : me.position - fill.quantity
        }
        on(.takeBack) { me, _, my in if let order = me.live { me.mid.cancel(order, my) } }
        on(.timeIsUp) { me, _, my in
            me.isOver = true
            me.mid.cancelAll(my)
            if me.live == nil, !me.isThinking { me.end(my) }
        }
        on(.interrupt) { _, _, my in my.yield(.timeIsUp) }
    }

    /// Wants a coin when prices rise, and none when they fall.
    private func act(_ opinion: Opinion, _ my: Context) {
        guard live == nil, let best else { return }
        if opinion.isRising, position.isZero {
            live = mid.place(.limit(.buy, quantity: "1", price: best.ask), my)
        } else if !opinion.isRising, position.isPositive {
            live = mid.place(.limit(.sell, quantity: position, price: best.bid), my)
        }
        if live != nil { my.after(.milliseconds(400), .takeBack, named: "take back") }
    }

    private func end(_ my: Context) {
        let turn = my.kernel.snapshot().longestTurn.nanoseconds / 1_000
        print("\(levels) levels, \(prices.count) trades, \(meanwhile) of them during an analysis")
        print("\(opinions) opinions, \(fills) fills, position \(position)")
        print("longest turn of the loop \(turn) us")
        my.kernel.stop()
    }
}

/// What prices have done lately, told by the straight line that fits them best. Made on another thread, of a copy.
struct Opinion: Sendable {
    let isRising: Bool

    init(on prices: [Int64]) {
        let count = Int64(prices.count)
        var (sum, weighted) = (Int64(0), Int64(0))
        for (place, price) in prices.enumerated() {
            sum += price
            weighted += Int64(place) * price
        }
        // The sign of the slope, in whole numbers.
        isRising = 2 * weighted > sum * (count - 1)
    }
}

extension Event where Payload == Void {
    static let think = Self("bot.think")
    static let takeBack = Self("bot.takeBack")
    static let timeIsUp = Self("bot.timeIsUp")
}
extension Event where Payload == Opinion {
    static let thought = Self("bot.thought")
}
