import Outcry

@main struct Main {
    static func main() throws {
        let kernel = Kernel(driver: try Reactor())          // first: blocks signals before any thread exists
        let gox = try MtGox.open(on: kernel, url: "ws://127.0.0.1:8080/mtgox", instruments: [.btcusd])
        kernel.start(Lowball(gox), alias: "lowball")
        try kernel.run()
    }
}

final class Lowball: Session {
    let gox: Link
    init(_ gox: Link) { self.gox = gox }

    static func handlers(_ on: inout Handlers<Lowball>) {   // once a type: handlers get the session as an argument, capture nothing
        on(.started)     { me, _, my in my.register(me.gox.bookChanged, me.gox.trade, me.gox.order) }   // topics: an event from an alias
        on(.trade)       { me, trade, my in my.log.info("traded", trade.price, trade.quantity) }
        on(.bookChanged) { me, change, my in
            guard let bid = change.book.bestBid, change.evidence.isTrusted else { return }
            me.gox.place(.limit(.buy, quantity: "1.0", price: bid.price - .usd("0.5")), my)
        }
        on(.order)       { me, order, my in my.log.info("order", order.id, order.state) }
        on(.interrupt)   { _, _, my in my.kernel.stop() }
    }
}
