// Arbitrage between two venues.
//
// Two links on one kernel, each with an account. Where one venue sells for less than the other pays, fees included,
// the bot buys here and sells there, both at once, and waits for the ends of both orders. (Where one of them finds the
// price gone it has too many coins or too few; the sum at the end counts them at the last price.)
//
//   swift run arbitrage               at two exchanges of its own, of which one lags behind the other, for 10 s
//   swift run arbitrage --simulate    the same in virtual time
//   swift run arbitrage --url ws://127.0.0.1:8080/mtgox --url ws://127.0.0.1:8081/mtgox      at two others, with the
//                                     keys in OUTCRY_MTGOX_WEST_KEY, _WEST_SECRET, _EAST_KEY and _EAST_SECRET

import Outcry
import OutcrySandbox

@main struct Main {
    static func main() throws {
        let arguments = CommandLine.arguments
        let driver: any Driver =
            try arguments.contains("--simulate") ? Simulation(seed: 7) : Reactor()
        let kernel = Kernel(driver: driver)
        kernel.logLevel = .warning
        let urls = zip(arguments, arguments.dropFirst()).filter { $0.0 == "--url" }.map(\.1)
        let links: [Link]
        if urls.count == 2 {
            links = try zip(["west", "east"], urls).map { name, url in
                try MtGox.open(
                    on: kernel, url: url, instruments: [.btcusd], name: name,
                    account: MtGoxAccess(try .fromEnvironment(account: name)))
            }
        } else {
            // The same market, but in the east everything happens half a second, that is five minutes of the
            // market's time, later.
            links = try [("west", 500), ("east", 1_000)].map { name, start in
                let sandbox = try EmbeddedSandbox(on: kernel, alias: Alias(name + ".exchange")) {
                    $0.speed = 600
                    $0.firstStep = .milliseconds(start)
                }
                return try MtGox.open(
                    on: kernel, url: sandbox.url, instruments: [.btcusd], name: name,
                    account: sandbox.account("trader", money: [.usd("10000"), .btc("500")]))
            }
        }
        let bot = Arbitrage(links)
        kernel.start(bot, alias: "arbitrage")
        for place in links.indices { kernel.start(Watcher(links[place], place)) }
        try kernel.run()
        bot.report()
    }
}

/// Tells the bot of the best prices of one venue: one session a venue, so that each knows whose news it hears.
final class Watcher: Session {
    let link: Link
    let place: Int
    var hearsFills = false

    init(_ link: Link, _ place: Int) {
        self.link = link
        self.place = place
    }

    static func handlers(_ on: inout Handlers<Watcher>) {
        on(.started) { me, _, my in my.register(me.link.bookChanged, me.link.accountChannel) }
        on(.accountChannel) { me, isUp, my in
            me.hearsFills = copy isUp
            if !me.hearsFills { my.post(.touch, to: "arbitrage", Touch(place: me.place)) }
        }
        on(.bookChanged) { me, change, my in
            guard change.bestChanged || change.change == nil else { return }
            var touch = Touch(place: me.place)
            if me.hearsFills, change.evidence.isTrusted {
                (touch.bid, touch.ask) = (change.book.bestBid, change.book.bestAsk)
            }
            my.post(.touch, to: "arbitrage", touch)
        }
    }
}

/// The best prices of a venue; nil where there is none, or none to trade on.
struct Touch {
    let place: Int
    var bid: BookLevel?
    var ask: BookLevel?
}

extension Event where Payload == Touch {
    static let touch = Self("arbitrage.touch")
}
