import Outcry

/// What a coin is worth: the middle of the book. Not more often than it changes by a thousandth.
final class Pricing: Session {
    let gox: Link
    var last = Fair()

    init(_ gox: Link) { self.gox = gox }

    static func handlers(_ on: inout Handlers<Pricing>) {
        // Of several changes that wait only the last one counts.
        on.coalesce(.bookChanged, by: \.instrument)
        on(.started) { me, _, my in my.register(me.gox.bookChanged) }
        on(.bookChanged) { me, change, my in
            let fair = Fair(price: change.evidence.isTrusted ? change.book.mid : nil)
            guard fair.isNews(after: me.last) else { return }
            me.last = fair
            my.publish(.fair, fair)
        }
    }
}

extension Fair {
    func isNews(after old: Fair) -> Bool {
        guard let price, let before = old.price else { return self != old }
        return (price - before).magnitude * 1_000 > before
    }
}
