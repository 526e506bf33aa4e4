// Heavy analysis off the loop.
//
// The bot keeps the last trades of the market. Twice a second it hands a copy of them to another thread
// (`my.offload`), which tries five hundred rules on them; the answer comes back as an event, and meanwhile the
// loop goes on hearing trades. At the end it says how long the longest turn of the loop was.
//
//   swift run trend               at an exchange of its own, on a free port, for 10 s
//   swift run trend --simulate    in virtual time, where the work is done at once
//   swift run trend --url ws://127.0.0.1:8080/mtgox      at another: it needs no key

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
        let url =
            try arguments.drop { $0 != "--url" }.dropFirst().first
            ?? EmbeddedSandbox(on: kernel) {
                $0.speed = 2_000
                $0.firstStep = .milliseconds(300)
            }.url
        let gox = try MtGox.open(on: kernel, url: url, instruments: [.btcusd])
        let seconds = arguments.drop { $0 != "--seconds" }.dropFirst().first.flatMap { Int($0) }
        kernel.start(TrendBot(gox, seconds: seconds ?? 10), alias: "trend")
        try kernel.run()
    }
}

final class TrendBot: Session {
    let gox: Link
    let seconds: Int
    var prices: [Int64] = []
    var isFitting = false
    var isOver = false
    /// Trades that came while a fit was on its way, of all fits.
    var meanwhile = 0
    var fits = 0
    var longestFit = Duration.zero

    init(_ gox: Link, seconds: Int) {
        self.gox = gox
        self.seconds = seconds
    }

    static func handlers(_ on: inout Handlers<TrendBot>) {
        on(.started) { me, _, my in
            my.register(me.gox.trade)
            my.every(.milliseconds(500), .fit)
            my.after(.seconds(me.seconds), .overTime)
        }
        on(.trade) { me, trade, _ in
            me.prices.append(trade.priceUnits)
            if me.isFitting { me.meanwhile += 1 }
        }
        on(.fit) { me, _, my in
            // One at a time; the next one finds more trades.
            guard !me.isFitting, me.prices.count >= 50 else { return }
            me.isFitting = true
            let prices = Array(me.prices.suffix(1_000))
            my.offload({ Crossing.best(on: prices) }, then: .fitted)
        }
        on(.fitted) { me, best, my in
            me.isFitting = false
            me.fits += 1
            me.longestFit = max(me.longestFit, best.took)
            let rule = "\(best.fast) over \(best.slow)"
            print("of \(best.trades) trades: \(rule) gains \(best.gain) USD a coin")
            if me.isOver { me.end(my) }
        }
        on(.overTime) { me, _, my in
            me.isOver = true
            if !me.isFitting { me.end(my) }  // else with its answer
        }
        on(.interrupt) { _, _, my in my.yield(.overTime) }
    }

    private func end(_ my: Context) {
        let turn = my.kernel.snapshot().longestTurn
        print("\(fits) fits, \(prices.count) trades, \(meanwhile) of them during a fit")
        print("longest fit \(show(longestFit)), longest turn of the loop \(show(turn))")
        my.kernel.stop()
    }
}

private func show(_ duration: Duration) -> String { "\(duration.nanoseconds / 1_000) us" }

/// A rule: hold a coin while the mean of the last `fast` prices is above that of the last `slow` ones.
struct Crossing: Sendable {
    var fast = 0
    var slow = 0
    /// What it would have gained on these trades, a coin.
    var gain = Price(units: .min, of: .usd)
    var trades = 0
    /// How long it took to find.
    var took = Duration.zero

    /// Tries the rules up to 10 and 100 prices: what no handler may do. Runs on another thread, so it gets a
    /// copy of what it needs, and gives back a value.
    static func best(on prices: [Int64]) -> Crossing {
        let began = ContinuousClock.now
        var best = Crossing()
        for slow in stride(from: 4, through: 100, by: 2) where slow < prices.count {
            for fast in 1...10 where fast < slow {
                let gain = gain(of: fast, over: slow, on: prices)
                if gain > best.gain.units {
                    best = Crossing(fast: fast, slow: slow, gain: Price(units: gain, of: .usd))
                }
            }
        }
        best.trades = prices.count
        best.took = ContinuousClock.now - began
        return best
    }

    private static func gain(of fast: Int, over slow: Int, on prices: [Int64]) -> Int64 {
        var gain: Int64 = 0
        var now = slow
        while now < prices.count - 1 {
            var (near, far, back) = (Int64(0), Int64(0), 1)
            while back <= slow {
                far += prices[now - back]
                if back <= fast { near += prices[now - back] }
                back += 1
            }
            if near * Int64(slow) > far * Int64(fast) { gain += prices[now + 1] - prices[now] }
            now += 1
        }
        return gain
    }
}

extension Event where Payload == Void {
    fileprivate static let fit = Self("trend.fit")
    fileprivate static let overTime = Self("trend.overTime")
}
extension Event where Payload == Crossing {
    fileprivate static let fitted = Self("trend.fitted")
}
