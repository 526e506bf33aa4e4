import Outcry

/// May we buy, may we sell? Not without a price, not while we would not hear of our fills, and not more than `most`
/// in one direction.
final class Risk: Session {
    let gox: Link
    let most: Quantity
    var coins = Quantity.zero
    var hasPrice = false
    var hearsFills = false
    var last: Permission?

    init(_ gox: Link, most: Quantity) {
        self.gox = gox
        self.most = most
    }

    static func handlers(_ on: inout Handlers<Risk>) {
        on(.started) { me, _, my in my.register(.fair, .stock, me.gox.accountChannel) }
        on(.fair) { me, fair, my in
            me.hasPrice = fair.price != nil
            me.decide(my)
        }
        on(.stock) { me, stock, my in
            me.coins = stock.coins
            me.decide(my)
        }
        on(.accountChannel) { me, isUp, my in
            me.hearsFills = copy isUp
            me.decide(my)
        }
    }

    private func decide(_ my: Context) {
        let isOpen = hasPrice && hearsFills
        let permission = Permission(buys: isOpen && coins < most, sells: isOpen && -coins < most)
        guard permission != last else { return }
        last = permission
        my.publish(.permission, permission)
    }
}
