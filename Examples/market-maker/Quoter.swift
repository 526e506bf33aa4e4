import Outcry

/// Keeps one order on each side, around what a coin is worth, and moves it when that changes.
final class Quoter: Session {
    /// An order of ours that has not ended.
    struct Quote {
        let order: OrderID
        let price: Price
        var isLeaving = false
    }

    let gox: Link
    let size: Quantity
    /// How far from the fair price, in hundredths of a percent; more than the venue takes (60).
    let margin: Int
    var buy: Quote?
    var sell: Quote?
    var fair: Price?
    var coins = Quantity.zero
    var permission = Permission(buys: false, sells: false)
    var isClosing = false

    init(_ gox: Link, size: Quantity, margin: Int) {
        self.gox = gox
        self.size = size
        self.margin = margin
    }

    static func handlers(_ on: inout Handlers<Quoter>) {
        on(.started) { me, _, my in my.register(.fair, .stock, .permission, me.gox.order) }
        on(.fair) { me, fair, my in
            me.fair = fair.price
            me.quote(my)
        }
        on(.stock) { me, stock, my in
            me.coins = stock.coins
            me.quote(my)
        }
        on(.permission) { me, permission, my in
            me.permission = copy permission
            me.quote(my)
        }
        on(.order) { me, order, my in
            guard order.state.isFinal else { return }
            if me.buy?.order == order.id { me.buy = nil }
            if me.sell?.order == order.id { me.sell = nil }
            // A rejected one is tried again with the next price, not at once.
            if order.state != .rejected { me.quote(my) }
        }
        on(.closing) { me, _, my in me.close(my) }
        on(.shutdown) { me, _, _ in me.isClosing = true }  // ^C: the guard takes the orders back
    }

    private func quote(_ my: Context) {
        if isClosing { return close(my) }
        move(&buy, .buy, to: permission.buys ? price(.buy) : nil, my)
        move(&sell, .sell, to: permission.sells ? price(.sell) : nil, my)
    }

    /// The more we have, the lower both prices: so that somebody takes it off us.
    private func price(_ side: OrderSide) -> Price? {
        let skew = Int(coins.rescaled(to: 1, rounding: .down).units) * margin / 40
        let distance = (side == .buy ? -margin : margin) - skew
        return fair?.scaled(by: 10_000 + distance, over: 10_000, rounding: .nearestHalfEven)
            .rescaled(to: 3, rounding: side == .buy ? .down : .up)
    }

    private func move(_ quote: inout Quote?, _ side: OrderSide, to price: Price?, _ my: Context) {
        if let old = quote {
            // Good enough: within a fifth of a percent.
            if let price, (old.price - price).magnitude * 500 < price { return }
            if !old.isLeaving { gox.cancel(old.order, my) }
            quote?.isLeaving = true  // the next one when this one has ended: never two on a side
        } else if let price {
            quote = Quote(
                order: gox.place(.limit(side, quantity: size, price: price), my), price: price)
        }
    }

    private func close(_ my: Context) {
        if !isClosing { gox.cancelAll(my) }
        isClosing = true
        if buy == nil, sell == nil { my.kernel.stop() }
    }
}
