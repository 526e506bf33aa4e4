import Outcry

/// What a coin is worth: the middle between what 10 coins would cost and what they would bring, ten times a second
/// at most, and called out when it has changed by a thousandth.
///
/// Our own orders are left out. A fair price that they are a part of would follow us, and we it.
final class Pricing: Session {
    let gox: Link
    let coins = Quantity.btc("10")
    var ours: [OrderID: Order] = [:]
    var lookedAt = KernelTime.zero
    var last = Fair()

    init(_ gox: Link) { self.gox = gox }

    static func handlers(_ on: inout Handlers<Pricing>) {
        // Of several changes that wait only the last one counts.
        on.coalesce(.bookChanged, by: \.instrument)
        on(.started) { me, _, my in my.register(me.gox.bookChanged, me.gox.order) }
        on(.order) { me, order, _ in me.ours[order.id] = order.state.isFinal ? nil : copy order }
        on(.bookChanged) { me, change, my in
            let isTrusted = change.evidence.isTrusted
            guard !isTrusted || my.now - me.lookedAt >= .milliseconds(100) else { return }
            me.lookedAt = my.now
            let fair = Fair(price: isTrusted ? me.price(in: change.book) : nil)
            guard fair.isNews(after: me.last) else { return }
            me.last = fair
            my.publish(.fair, fair)
        }
    }

    private func price(in book: Book) -> Price? {
        guard let bid = mean(.bid, in: book), let ask = mean(.ask, in: book) else { return nil }
        return Price(units: (bid + ask) / 2, of: .usd)
    }

    /// The mean price of so many coins of others on a side; nil where there are fewer.
    private func mean(_ side: Side, in book: Book) -> Int64? {
        var (left, sum) = (coins.units, Int64(0))
        for level in book.levels(side) {
            let own = ours.values.reduce(Int64(0)) {
                $1.side.rests == side && $1.price == level.price ? $0 + $1.remaining.units : $0
            }
            let taken = min(left, max(0, level.quantity.units - own))
            sum += taken * level.price.units
            left -= taken
            if left == 0 { return sum / coins.units }
        }
        return nil
    }
}

extension Fair {
    func isNews(after old: Fair) -> Bool {
        guard let price, let before = old.price else { return self != old }
        return (price - before).magnitude * 1_000 > before
    }
}
