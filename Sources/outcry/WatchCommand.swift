import Outcry

/// `outcry watch URL`: what a venue sends, for people.
enum WatchCommand {
    static func run(_ arguments: inout Arguments) throws -> Int32 {
        let seconds = try arguments.integer("--seconds", in: 1...31_536_000)
        let currency = try arguments.option("--currency") ?? "USD"
        let authority = try arguments.option("--ca")
        let url = try arguments.word("the URL of a stream, such as ws://127.0.0.1:8080/mtgox")
        try arguments.finish()
        guard let quote = MtGox.currency(currency) else {
            throw UsageError("--currency: expected a currency of Mt. Gox, found \"\(currency)\"")
        }
        let kernel = Kernel(driver: try Reactor())
        let gox: Link
        do {
            gox = try MtGox.open(
                on: kernel, url: url, instruments: [Instrument(base: .btc, quote: quote)],
                trust: authority.map { .authorities(.file($0)) } ?? .system)
        } catch { throw UsageError("\(error)") }
        kernel.start(Watcher(gox, seconds: seconds), alias: "watch")
        try kernel.run()
        return 0
    }
}

/// Prints what comes.
final class Watcher: Session {
    private let link: Link
    private let seconds: Int?
    private var lastTouch = ""

    init(_ link: Link, seconds: Int?) {
        self.link = link
        self.seconds = seconds
    }

    static func handlers(_ on: inout Handlers<Watcher>) {
        on(.started) { me, _, my in
            my.register(
                me.link.bookChanged, me.link.trade, me.link.connected, me.link.disconnected,
                me.link.bookStale, me.link.notice, me.link.malformed)
            if let seconds = me.seconds { my.after(.seconds(seconds), .watchEnd) }
        }
        on(.watchEnd) { _, _, my in my.kernel.stop() }
        on(.connected) { _, up, my in Terminal.line("\(my.wallNow)  connected to \(up.venue)") }
        on(.disconnected) { _, down, my in
            let retry = down.retryIn.map { ", next try in \($0)" } ?? ""
            Terminal.line("\(my.wallNow)  disconnected: \(down.reason)\(retry)")
        }
        on(.bookStale) { _, stale, my in
            Terminal.line("\(my.wallNow)  book stale: \(stale.reason)")
        }
        on(.notice) { _, notice, my in
            Terminal.line("\(my.wallNow)  the venue says: \(notice.text)")
        }
        on(.malformed) { _, problem, my in
            Terminal.line("\(my.wallNow)  malformed: \(copy problem)")
        }
        on(.trade) { me, trade, my in
            guard me.link.instruments.contains(trade.instrument) else { return }
            Terminal.line(
                "\(my.wallNow)  \(trade.aggressor == .sell ? "sell" : "buy ") "
                    + "\(Show.quantity(trade.quantity).right(14)) at \(Show.price(trade.price))")
        }
        on(.bookChanged) { me, change, my in me.touch(change, my) }
    }

    private func touch(_ change: borrowing BookChange, _ my: Context) {
        guard change.evidence.isTrusted, let bid = change.book.bestBid,
            let ask = change.book.bestAsk
        else { return }
        let touch =
            "bid \(Show.quantity(bid.quantity)) at \(Show.price(bid.price))  "
            + "ask \(Show.quantity(ask.quantity)) at \(Show.price(ask.price))"
        guard touch != lastTouch else { return }
        lastTouch = touch
        Terminal.line("\(my.wallNow)  \(touch)  (\(Show.count(change.book.count)) levels)")
    }
}

extension Event where Payload == Void {
    static let watchEnd = Self("watch.end")
}
