import Outcry

/// Looks for a difference between two venues that is worth its fees, and takes it.
final class Arbitrage: Session {
    let links: [Link]
    var touches: [Touch]
    var isDealing = false
    var isOver = false
    var deals = 0
    /// What all fills have brought, before what the venues took.
    var dollars = Money.zero(.usd)
    var coins = Money.zero(.btc)
    var fees = (dollars: Money.zero(.usd), coins: Money.zero(.btc))
    var lastPrice = Price.zero

    init(_ links: [Link]) {
        self.links = links
        touches = links.indices.map { Touch(place: $0) }
    }

    static func handlers(_ on: inout Handlers<Arbitrage>) {
        on(.started) { me, _, my in
            for link in me.links { my.register(link.fill) }
            my.after(.seconds(10), .overTime)
        }
        on(.touch) { me, touch, my in
            me.touches[touch.place] = copy touch
            me.look(my)
        }
        on(.fill) { me, fill, _ in me.book(copy fill) }
        on(.overTime) { me, _, my in
            me.isOver = true
            if !me.isDealing { my.kernel.stop() }  // else when both orders have ended
        }
        on(.interrupt) { me, _, my in my.yield(.overTime) }
    }

    /// Is there a venue that asks for less than the other one bids?
    private func look(_ my: Context) {
        guard !isDealing, !isOver else { return }
        for (cheap, dear) in [(0, 1), (1, 0)] {
            guard let ask = touches[cheap].ask, let bid = touches[dear].bid else { continue }
            // Each venue takes 0.6 % of what one gets; a little more is wanted.
            let least = ask.price.scaled(by: 1_015, over: 1_000, rounding: .up)
            guard bid.price > least else { continue }
            let quantity = min(ask.quantity, bid.quantity, .btc("2"))
            guard quantity >= .btc("0.01") else { continue }
            isDealing = true
            deals += 1
            my.task { [self] my in
                try await deal(
                    quantity, from: links[cheap], ask.price, to: links[dear], bid.price, my)
                isDealing = false
                if isOver { my.kernel.stop() }
            }
            return
        }
    }

    /// Both legs at once; what is not taken after a moment is taken back.
    private func deal(
        _ quantity: Quantity, from cheap: Link, _ ask: Price, to dear: Link, _ bid: Price,
        _ my: Context
    ) async throws {
        let buy = cheap.place(.limit(.buy, quantity: quantity, price: ask), my)
        let sell = dear.place(.limit(.sell, quantity: quantity, price: bid), my)
        try await my.sleep(.milliseconds(200))
        cheap.cancel(buy, my)
        dear.cancel(sell, my)
        // In the order of asking, however they end.
        guard let bought = try await cheap.end(of: buy), let sold = try await dear.end(of: sell)
        else { return }
        print("\(cheap.name) -> \(dear.name): bought \(show(bought)), sold \(show(sold))")
    }

    private func show(_ order: Order) -> String {
        let price = order.price.map { "\($0)" } ?? "market"
        return "\(order.filled) of \(order.quantity) at \(price) (\(order.state))"
    }

    private func book(_ fill: Fill) {
        let value = fill.value(rounding: .nearestHalfEven)
        let amount = Money(units: fill.quantity.units, currency: .btc)
        dollars += fill.side == .buy ? -value : value
        coins += fill.side == .buy ? amount : -amount
        if let fee = fill.fee {
            if fee.currency == .btc { fees.coins += fee } else { fees.dollars += fee }
        }
        lastPrice = fill.price
    }

    func report() {
        let left = coins - fees.coins
        let worth = lastPrice.times(
            Quantity(units: left.units, of: .btc), in: .usd, rounding: .nearestHalfEven)
        print("\(deals) deals: \(dollars) and \(coins), fees \(fees.dollars) and \(fees.coins)")
        print("profit \(dollars - fees.dollars + worth), with coins at \(lastPrice)")
    }
}

extension Event where Payload == Void {
    fileprivate static let overTime = Self("arbitrage.overTime")
}
