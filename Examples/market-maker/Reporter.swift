import Outcry

/// Tells people what it has brought, from what the account has: the wallet, not our own sums.
final class Reporter: Session {
    let gox: Link
    var first: Wallet?
    var last: Wallet?
    var fair: Price?
    var placed = 0
    var open: Set<OrderID> = []
    var fills = (buys: 0, sells: 0)

    init(_ gox: Link) { self.gox = gox }

    static func handlers(_ on: inout Handlers<Reporter>) {
        on(.started) { me, _, my in my.register(.fair, me.gox.order, me.gox.fill, me.gox.wallet) }
        on(.fair) { me, fair, _ in me.fair = fair.price ?? me.fair }
        on(.wallet) { me, wallet, _ in
            me.first = me.first ?? copy wallet
            me.last = copy wallet
        }
        on(.order) { me, order, _ in
            if order.state.isFinal {
                me.open.remove(order.id)
            } else if me.open.insert(order.id).inserted {
                me.placed += 1
            }
        }
        on(.fill) { me, fill, _ in
            if fill.side == .buy { me.fills.buys += 1 } else { me.fills.sells += 1 }
            print("\(fill.side) \(fill.quantity) at \(fill.price)")
        }
        on(.stopped) { me, _, _ in me.sum() }
    }

    private func sum() {
        print(
            "\(placed) orders, \(fills.buys) fills bought, \(fills.sells) sold, \(open.count) left open"
        )
        guard let first, let last, let fair else { return }
        let coins = (last[.btc]?.total ?? .zero(.btc)) - (first[.btc]?.total ?? .zero(.btc))
        let dollars = (last[.usd]?.total ?? .zero(.usd)) - (first[.usd]?.total ?? .zero(.usd))
        let worth = fair.times(
            Quantity(units: coins.units, of: .btc), in: .usd, rounding: .nearestHalfEven)
        print("inventory \(coins), cash \(dollars), a coin is worth \(fair)")
        print("profit after fees \(dollars + worth)")
    }
}
