// Sweeps dust: buys what is offered in amounts below a hundredth of a coin, which nobody else troubles to take.
//
// It has a bug, on purpose: EXPLAIN.md looks for it with `outcry explain`. With --fixed it has none.
//
//   swift run dust                       at an exchange of its own, on a free port, for 4 s
//   swift run dust --simulate            the same in virtual time

import Outcry
import OutcrySandbox

@main struct Main {
    static func main() throws {
        let arguments = CommandLine.arguments
        let driver: any Driver =
            try arguments.contains("--simulate") ? Simulation(seed: 7) : Reactor()
        let kernel = Kernel(driver: driver)
        kernel.logLevel = .warning
        let sandbox = try EmbeddedSandbox(on: kernel) { $0.speed = 600 }
        let gox = try MtGox.open(
            on: kernel, url: sandbox.url, instruments: [.btcusd],
            account: sandbox.account("dust", money: [.usd("1000")]))
        kernel.start(Dust(gox, isFixed: arguments.contains("--fixed")), alias: "dust")
        try kernel.run()
    }
}

final class Dust: Session {
    let gox: Link
    let isFixed: Bool
    /// By name, in the order in which they were placed; nil until the exchange has said something.
    var orders: [(id: OrderID, last: Order?)] = []

    init(_ gox: Link, isFixed: Bool) {
        self.gox = gox
        self.isFixed = isFixed
    }

    static func handlers(_ on: inout Handlers<Dust>) {
        on(.started) { me, _, my in
            my.register(me.gox.depth, me.gox.order)
            my.after(.seconds(4), .swept)
        }
        on(.depth) { me, change, my in
            guard change.side == .ask, change.quantity < "0.01" else { return }
            if me.isFixed, change.quantity.isZero { return }
            guard me.orders.count < 3 else { return }
            var request = OrderRequest.limit(.buy, quantity: "0.01", price: change.price)
            request.id = OrderID("dust-\(me.orders.count + 1)")
            me.orders.append((me.gox.place(request, my), nil))
        }
        on(.order) { me, order, _ in
            for place in me.orders.indices where me.orders[place].id == order.id {
                me.orders[place].last = order
            }
        }
        on(.swept) { me, _, my in
            print("\(me.orders.count) orders")
            for (id, order) in me.orders {
                guard let order, let price = order.price else { continue }
                print("\(id): \(order.state) at \(price)")
            }
            my.kernel.stop()
        }
        on(.interrupt) { _, _, my in my.kernel.stop() }
    }
}

extension Event where Payload == Void { fileprivate static let swept = Self("dust.swept") }
