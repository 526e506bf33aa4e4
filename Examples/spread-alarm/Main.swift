// A component of one's own, with events of its own, and a bot that uses it.
//
// `SpreadAlarm` publishes `spreadWide` and `spreadClosed` under its alias; the bot below registers for them, and
// places an order into each wide spread, for as long as it is wide.
//
//   swift run spread-alarm               at an exchange of its own, on a free port, for 10 s
//   swift run spread-alarm --simulate    the same in virtual time
//   swift run spread-alarm --url ws://127.0.0.1:8080/mtgox     at another, with the key in
//                                        OUTCRY_MTGOX_KEY and OUTCRY_MTGOX_SECRET

import Outcry
import OutcrySandbox

@main struct Main {
    static func main() throws {
        let arguments = CommandLine.arguments
        let driver: any Driver =
            try arguments.contains("--simulate") ? Simulation(seed: 7) : Reactor()
        let kernel = Kernel(driver: driver)
        kernel.logLevel = .warning
        let gox: Link
        if let url = arguments.drop(while: { $0 != "--url" }).dropFirst().first {
            gox = try MtGox.open(
                on: kernel, url: url, instruments: [.btcusd],
                account: MtGoxAccess(try .fromEnvironment()))
        } else {
            let sandbox = try EmbeddedSandbox(on: kernel) { $0.speed = 600 }
            gox = try MtGox.open(
                on: kernel, url: sandbox.url, instruments: [.btcusd],
                account: sandbox.account("bot", money: [.usd("1000")]))
        }
        kernel.start(SpreadAlarm(gox, limit: 40), alias: "spread")
        kernel.start(SpreadBot(gox), alias: "bot")
        try kernel.run()
    }
}

final class SpreadBot: Session {
    let gox: Link
    var order: OrderID?
    var count = 0

    init(_ gox: Link) { self.gox = gox }

    static func handlers(_ on: inout Handlers<SpreadBot>) {
        on(.started) { me, _, my in
            my.register(
                Topic(.spreadWide, from: "spread"), Topic(.spreadClosed, from: "spread"),
                me.gox.fill)
            my.after(.seconds(5), .halfTime)
            my.after(.seconds(10), .overTime)
        }
        on(.spreadWide) { me, spread, my in
            me.count += 1
            print("wide: \(copy spread)")
            // First in the queue of those who buy.
            let price = spread.bid + .usd("0.001")
            me.order = me.gox.place(.limit(.buy, quantity: "0.5", price: price), my)
        }
        on(.spreadClosed) { me, spread, my in
            print("closed: \(copy spread)")
            if let order = me.order { me.gox.cancel(order, my) }
            me.order = nil
        }
        on(.fill) { _, fill, _ in print("bought \(fill.quantity) at \(fill.price)") }
        on(.halfTime) { _, _, my in
            my.post(.spreadLimit, to: "spread", 80)
            my.ask(.spreadNow, to: "spread", (), timeout: .seconds(1), then: .spreadHeard)
        }
        on(.spreadHeard) { _, answer, _ in
            if case .reply(let spread?) = copy answer {
                print("half time: \(spread); from now on 80 bp")
            }
        }
        on(.overTime) { me, _, my in
            let alarm = my.kernel.snapshot().sessions.first { $0.alias == "spread" }
            print(
                "\(me.count) wide spreads; the alarm saw \(alarm?.dispatched ?? 0) events, "
                    + "\(alarm?.dropped ?? 0) were replaced by later ones")
            my.kernel.stop()
        }
        on(.interrupt) { _, _, my in my.kernel.stop() }
    }
}

extension Event where Payload == Void {
    fileprivate static let halfTime = Self("bot.halfTime")
    fileprivate static let overTime = Self("bot.overTime")
}
extension Event where Payload == Answer<Spread?> {
    fileprivate static let spreadHeard = Self("bot.spreadHeard")
}
