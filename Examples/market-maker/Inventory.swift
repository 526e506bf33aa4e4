import Outcry

/// What we have: the sum of our fills, each counted once.
final class Inventory: Session {
    let gox: Link
    var stock = Stock(coins: .btc("0"))

    init(_ gox: Link) { self.gox = gox }

    static func handlers(_ on: inout Handlers<Inventory>) {
        on(.started) { me, _, my in my.register(me.gox.fill) }
        on(.fill) { me, fill, my in
            me.stock.coins += fill.side == .buy ? fill.quantity : -fill.quantity
            my.publish(.stock, me.stock)
        }
    }
}
