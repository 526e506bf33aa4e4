// A market maker of five components.
//
// None of them knows another: each has its own file, listens to topics, and calls out its own events (Events.swift).
//
//   pricing     what is a coin worth?                 book -> fair
//   inventory   what do we have?                      fills -> stock
//   risk        may we buy, may we sell?              stock, fair, connection -> permission
//   quoter      an order on each side                 fair, stock, permission -> orders
//   reporter    what has it brought?                  fills, wallet, fair -> lines for people
//
//   swift run market-maker               at an exchange of its own, on a free port, for 20 s; ^C ends it sooner
//   swift run market-maker --simulate    the same in virtual time: the same lines each time
//   swift run market-maker --url ws://127.0.0.1:8080/mtgox      at another, with the key in
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
        let (url, account): (String, MtGoxAccess)
        if let other = arguments.drop(while: { $0 != "--url" }).dropFirst().first {
            (url, account) = (other, MtGoxAccess(try .fromEnvironment()))
        } else {
            let sandbox = try EmbeddedSandbox(on: kernel) { $0.speed = 600 }
            url = sandbox.url
            account = sandbox.account("maker", money: [.usd("1000"), .btc("50")])
        }
        // Whatever the components do: not more than this, and nothing stays behind at the end.
        var options = AccountOptions()
        options.limits.quantity = "2"
        options.limits.openOrders = 4
        options.limits.cancelsAll = [.interrupt, .shutdown, .disconnect]
        let gox = try MtGox.open(
            on: kernel, url: url, instruments: [.btcusd], account: account, options: options)

        kernel.start(Reporter(gox), alias: "reporter")
        kernel.start(Quoter(gox, size: .btc("0.5"), margin: 100), alias: "quoter")
        kernel.start(Risk(gox, most: .btc("3")), alias: "risk")
        kernel.start(Inventory(gox), alias: "inventory")
        kernel.start(Pricing(gox), alias: "pricing")
        let seconds = arguments.drop { $0 != "--seconds" }.dropFirst().first.flatMap { Int($0) }
        kernel.start(Bell(after: .seconds(seconds ?? 20)))
        try kernel.run()
    }
}

/// Rings at the end of the session on the floor.
final class Bell: Session {
    let time: Duration
    init(after time: Duration) { self.time = time }

    static func handlers(_ on: inout Handlers<Bell>) {
        on(.started) { me, _, my in my.after(me.time, .closing) }
        on(.closing) { _, _, my in my.post(.closing, to: "quoter") }
    }
}
