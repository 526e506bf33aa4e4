// A thousand orders at once, over one connection.
//
// Each order is a workflow of its own: it is placed, taken, and waited for until it has ended. Nothing waits in
// a line: all of them are asked for before the first is answered, and the thread that does it never blocks.
//
//   swift run thousand-orders               at an exchange of its own, on a free port of this machine
//   swift run thousand-orders --simulate    the same in virtual time: the same lines each time
//   swift run thousand-orders --url ws://127.0.0.1:8080/mtgox       at another, with the key in
//                                           OUTCRY_MTGOX_KEY and OUTCRY_MTGOX_SECRET

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
            var account = MtGoxAccess(try .fromEnvironment())
            // Five orders in six seconds, which Mt. Gox took from everybody, would make this twenty minutes.
            account.gateway.isLimited = false
            gox = try MtGox.open(on: kernel, url: url, instruments: [.btcusd], account: account)
        } else {
            let sandbox = try EmbeddedSandbox(on: kernel)
            gox = try MtGox.open(
                on: kernel, url: sandbox.url, instruments: [.btcusd],
                account: sandbox.account("trader", money: [.usd("100")]))
        }
        kernel.start(Thousand(gox), alias: "thousand")
        try kernel.run()
    }
}

final class Thousand: Session {
    let gox: Link
    let count = 1_000
    var ended: [OrderState: Int] = [:]
    var rejected: [OrderRejected] = []
    var taken = 0
    var began = KernelTime.zero
    /// Messages of the connection, out and in.
    var frames = (out: 0, in: 0)

    init(_ gox: Link) { self.gox = gox }

    static func handlers(_ on: inout Handlers<Thousand>) {
        on(.started) { me, _, my in my.register(me.gox.frame, me.gox.reconciled) }
        on(.frame) { me, frame, _ in
            if frame.direction == .sent { me.frames.out += 1 } else { me.frames.in += 1 }
        }
        // The account's channel is there, and what was open before is known: now orders can be kept track of.
        on(.reconciled) { me, _, my in if me.taken == 0 { me.placeAll(my) } }
        on(.interrupt) { _, _, my in my.kernel.stop() }
    }

    func placeAll(_ my: Context) {
        began = my.now
        frames = (0, 0)
        for number in 1...count { my.task { [self] my in try await placeOne(number, my) } }
        print("asked for \(count) orders, without waiting for any")
    }

    /// The life of one order.
    func placeOne(_ number: Int, _ my: Context) async throws {
        let low = Price.usd("1.00") + .usd("0.001") * number  // far below the market: it rests
        do {
            let order = try await gox.place(.limit(.buy, quantity: "0.01", price: low))
            taken += 1
            if taken + rejected.count == count { cancelAll(my) }
            if let end = try await gox.end(of: order.id) { ended[end.state, default: 0] += 1 }
        } catch let error as OrderRejected {
            rejected.append(error)
            if taken + rejected.count == count { cancelAll(my) }
        }
        if ended.values.reduce(rejected.count, +) == count { report(my) }
    }

    func cancelAll(_ my: Context) {
        print("taken: \(taken), rejected: \(rejected.count)\(tell(my))")
        began = my.now
        frames = (0, 0)
        gox.cancelAll(my)
    }

    func report(_ my: Context) {
        print("cancelled: \(ended[.cancelled] ?? 0), filled: \(ended[.filled] ?? 0)\(tell(my))")
        my.task { [self] my in
            // What the venue itself says, not what is kept here.
            let answer = try await my.ask(
                .askAccount, to: gox.gateway, .openOrders, timeout: .seconds(60))
            if case .success(.openOrders(let open)) = answer {
                let lost = count - rejected.count - ended.values.reduce(0, +)
                print("open at the venue: \(open.count), lost: \(lost)")
            }
            my.kernel.stop()
        }
    }

    func tell(_ my: Context) -> String {
        let took = (my.now - began).nanoseconds / 1_000_000
        return "; \(frames.out) messages out, \(frames.in) in, \(took) ms"
    }
}
