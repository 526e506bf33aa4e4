import OutcryComponents
import OutcryKernel
import OutcryMarket

/// Hears everything that a link publishes, and notes what must not be: a message twice, out of order, or one
/// that nobody sent.
final class StormListener: Session {
    private let link: Link
    private(set) var isUp = false
    private(set) var ups = 0
    private(set) var downs: [String] = []
    /// Messages that came.
    private(set) var heard = 0
    /// What is wrong, the first 10 of it.
    private(set) var wrong: [String] = []
    /// The trades of the present connection, in the order of their coming.
    private(set) var trades: [Trade] = []
    private(set) var evidence = Evidence.stale(since: .zero)
    private(set) var book: Book?
    /// The newest stamp of all messages.
    private(set) var freshest: Int64 = .min
    /// The newest stamp of each kind of message.
    private(set) var newest: [String: Int64] = [:]
    /// Whether the exchange made a trade.
    private let isMade: (Trade) -> Bool
    /// Whether trades are missing between one and the next.
    private let isGap: (Trade, Trade) -> Bool

    init(
        _ link: Link, isMade: @escaping (Trade) -> Bool, isGap: @escaping (Trade, Trade) -> Bool
    ) {
        self.link = link
        self.isMade = isMade
        self.isGap = isGap
    }

    static func handlers(_ on: inout Handlers<StormListener>) {
        on(.started) { me, _, my in
            let link = me.link
            my.register(
                link.connected, link.disconnected, link.depth, link.trade, link.lag,
                link.bookChanged, link.bookStale, link.malformed)
        }
        on(.connected) { me, _, my in
            me.isUp = true
            me.ups += 1
            me.trades = []
        }
        on(.disconnected) { me, down, my in
            me.isUp = false
            me.downs.append(down.reason)
            if down.retryIn == nil { me.note("the link is given up: \(down.reason)") }
        }
        on(.depth) { me, change, _ in me.hear("depth", change.stamp) }
        on(.lag) { me, lag, _ in me.hear("lag", lag.stamp) }
        on(.trade) { me, trade, _ in
            me.hear("trade", trade.id)
            if !me.isMade(trade) { me.note("nobody made the trade \(trade)") }
            if let last = me.trades.last, me.isGap(last, trade) {
                me.note("lost between \(last) and \(trade)")
            }
            me.trades.append(trade)
        }
        on(.bookChanged) { me, change, _ in
            me.book = change.book
            me.evidence = change.evidence
        }
        on(.bookStale) { me, _, my in me.evidence = .stale(since: my.now) }
        on(.malformed) { me, what, _ in me.note("malformed: \(what)") }
    }

    /// Each message of a kind is newer than all before it, whichever connection brought it.
    private func hear(_ kind: String, _ stamp: Int64) {
        heard += 1
        let before = newest[kind] ?? .min
        if stamp == before { note("\(kind) \(stamp) twice, up \(ups)") }
        if stamp < before { note("\(kind) \(stamp) behind \(before), up \(ups)") }
        newest[kind] = max(before, stamp)
        freshest = max(freshest, stamp)
    }

    private func note(_ text: String) { if wrong.count < 10 { wrong.append(text) } }
}
