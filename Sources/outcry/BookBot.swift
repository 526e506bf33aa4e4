import Outcry
import OutcrySandbox

/// The demo's bot: follows one market, counts, measures, and can compare its book with the exchange's.
final class BookBot: Session {
    let link: Link
    let exchange: Alias
    /// Reads the calendar now, for latencies; the turn's own time stands still.
    let wall: () -> WallTime
    private(set) var book: Book?
    private(set) var evidence = Evidence.stale(since: .zero)
    private(set) var depths = 0
    private(set) var trades = 0
    private(set) var tickers = 0
    private(set) var connects = 0
    private(set) var isUp = false
    private(set) var lastTrades: [Trade] = []
    /// From the engine to the handler, µs.
    private(set) var latencies = LatencyHistogram()
    /// The outcome, once there is one.
    private(set) var verdict: Verdict?

    init(_ link: Link, exchange: Alias, wall: @escaping () -> WallTime) {
        self.link = link
        self.exchange = exchange
        self.wall = wall
    }

    static func handlers(_ on: inout Handlers<BookBot>) {
        on(.started) { me, _, my in
            my.register(
                me.link.bookChanged, me.link.trade, me.link.ticker, me.link.connected,
                me.link.disconnected)
        }
        on(.bookChanged) { me, change, _ in
            me.book = change.book
            me.evidence = change.evidence
            guard let depth = change.change else { return }
            me.depths += 1
            if depth.stamp > 0 {
                me.latencies.add(me.wall().microseconds - depth.stamp)
            }
        }
        on(.trade) { me, trade, _ in
            me.trades += 1
            me.lastTrades.append(copy trade)
            if me.lastTrades.count > 8 { me.lastTrades.removeFirst() }
        }
        on(.ticker) { me, _, _ in me.tickers += 1 }
        on(.connected) { me, up, _ in
            me.isUp = true
            me.connects = up.count
        }
        on(.disconnected) { me, _, _ in me.isUp = false }
        on(.verify) { me, _, my in my.task { my in await me.verify(my) } }
    }

    var messages: Int { depths + trades + tickers }

    // MARK: The proof

    /// Waits for a book that is trusted, stops the market, waits until the wire is dry, and compares
    /// every level with the engine's orders.
    private func verify(_ my: Context) async {
        do {
            try await settle(my)
            my.post(.sandboxStop, to: exchange)
            try await settle(my)
            _ = try await my.ask(.sandboxDrain, to: exchange, (), timeout: .seconds(10))
            try await crossTheWire(my)
            let engine = try await my.ask(.sandboxLevels, to: exchange, (), timeout: .seconds(10))
            guard let book else { return verdict = .failed("there is no book") }
            verdict = Verdict.compare(book, engine)
        } catch let problem as Unverifiable {
            verdict = .failed(problem.reason)
        } catch {
            verdict = .failed("the exchange did not answer: \(error)")
        }
    }

    struct Unverifiable: Error { let reason: String }

    /// Waits until the link is up and the book is loaded, for instance after a restart.
    private func settle(_ my: Context) async throws {
        for _ in 0..<600 {
            if isUp, evidence.isTrusted { return }
            try await my.sleep(.milliseconds(50))
        }
        throw Unverifiable(reason: "the book is \(evidence)")
    }

    /// A question on the stream: its answer comes behind all that was sent before it.
    private func crossTheWire(_ my: Context) async throws {
        let answers = my.inbox(.subscribed)
        my.register(link.subscribed)
        let marker = Channel("ticker.BTCEUR")
        link.subscribe(marker, my)
        for try await channel in answers where channel == marker { return }
    }
}

extension Event where Payload == Void {
    /// To the bot: prove the book.
    static let verify = Self("demo.verify")
}

/// How a comparison ended.
enum Verdict {
    case equal(levels: Int)
    case different(String)
    case failed(String)

    /// Compares level by level.
    ///
    /// - Parameter whose: Whose book it is, for the words of a difference.
    static func compare(
        _ book: Book, _ engine: SandboxLevels, _ whose: String = "the bot"
    ) -> Verdict {
        for (side, theirs) in [(Side.bid, engine.bids), (Side.ask, engine.asks)] {
            let ours = Array(book.levels(side))
            for i in 0..<max(ours.count, theirs.count) {
                let mine = i < ours.count ? ours[i] : nil
                let other = i < theirs.count ? theirs[i] : nil
                if let mine, let other, mine.price == other.price,
                    mine.quantity == other.quantity
                {
                    continue
                }
                return .different(
                    "\(side) level \(i + 1): the exchange has "
                        + (other.map { "\($0.quantity) at \($0.price)" } ?? "nothing")
                        + ", \(whose) "
                        + (mine.map { "\($0.quantity) at \($0.price)" } ?? "nothing"))
            }
        }
        return .equal(levels: engine.bids.count + engine.asks.count)
    }
}
