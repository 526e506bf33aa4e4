import Outcry

/// A component of one's own: it watches how far bid and ask of a market are apart, and calls out when that
/// becomes too much, and when it is over.
///
/// There is nothing to register it with. It has a name on the kernel, and whoever wants its news says so.
final class SpreadAlarm: Session {
    let gox: Link
    /// In hundredths of a percent of the middle.
    var limit: Int
    var isWide = false
    var now: Spread?

    init(_ gox: Link, limit: Int) {
        self.gox = gox
        self.limit = limit
    }

    static func handlers(_ on: inout Handlers<SpreadAlarm>) {
        // At most 64 events wait for it, and of several changes of a book only the last: what the spread was
        // in between nobody can act on any more.
        on.mailbox(limit: 64)
        on.coalesce(.bookChanged, by: \.instrument)
        on(.started) { me, _, my in my.register(me.gox.bookChanged) }
        on(.bookChanged) { me, change, my in me.look(at: change, my) }
        on(.spreadLimit) { me, limit, _ in me.limit = copy limit }  // posted by anybody
        on(.spreadNow) { me, ask, my in my.answer(ask, me.now) }  // asked by anybody
    }

    private func look(at change: borrowing BookChange, _ my: Context) {
        guard change.evidence.isTrusted, let bid = change.book.bestBid,
            let ask = change.book.bestAsk
        else { return }
        let spread = Spread(instrument: change.instrument, bid: bid.price, ask: ask.price)
        now = spread
        if !isWide, spread.basisPoints > limit {
            isWide = true
            my.publish(.spreadWide, spread)
        } else if isWide, spread.basisPoints * 2 < limit {
            // Not at the limit itself: it would flutter.
            isWide = false
            my.publish(.spreadClosed, spread)
        }
    }
}

/// How far the best prices of a market are apart.
struct Spread: Sendable, CustomStringConvertible {
    let instrument: Instrument
    let bid: Price
    let ask: Price

    /// In hundredths of a percent of the bid.
    var basisPoints: Int { Int((ask - bid).units * 10_000 / max(1, bid.units)) }

    var description: String { "\(bid) / \(ask), \(basisPoints) bp" }
}

// Its events: a name, once in a process, and what comes with it.
extension Event where Payload == Spread {
    static let spreadWide = Self("spread.wide")
    static let spreadClosed = Self("spread.closed")
}
extension Event where Payload == Int {
    static let spreadLimit = Self("spread.limit")
}
extension Event where Payload == Ask<Void, Spread?> {
    static let spreadNow = Self("spread.now")
}
