import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryWire
import Testing

/// Writes down everything that a link publishes.
final class Witness: Session {
    let link: Link
    let market: FakeMarket
    var lines: [String] = []
    var goodbyes: [WebSocketGoodbye?] = []
    var book: Book?
    var evidence = Evidence.stale(since: .zero)
    var loads = 0
    var wrong: [String] = []

    init(_ link: Link, _ market: FakeMarket) {
        self.link = link
        self.market = market
    }

    private func note(_ line: String, _ my: Context) {
        lines.append("\(my.now.nanoseconds / 1_000_000) \(line)")
    }

    static func handlers(_ on: inout Handlers<Witness>) {
        on(.started) { me, _, my in
            let link = me.link
            my.register(
                link.connected, link.disconnected, link.bookChanged, link.bookStale,
                link.subscribed, link.subscriptionRefused, link.channelStale,
                link.connectionStale, link.malformed, link.order)
        }
        on(.connected) { me, up, my in me.note("connected \(up.count)", my) }
        on(.disconnected) { me, down, my in
            me.note("disconnected: \(down.reason)", my)
            me.goodbyes.append(down.goodbye)
        }
        on(.subscribed) { me, channel, my in me.note("subscribed \(channel)", my) }
        on(.subscriptionRefused) { me, channel, my in me.note("refused \(channel)", my) }
        on(.channelStale) { me, silence, my in me.note("silent \(silence.channel)", my) }
        on(.connectionStale) { me, silence, my in me.note("dead for \(silence)", my) }
        on(.malformed) { me, what, my in me.note("malformed \(what.excerpt)", my) }
        on(.order) { me, order, my in me.note("order \(order)", my) }
        on(.bookStale) { me, stale, my in
            let next = stale.nextTry.map { " next at \($0.nanoseconds / 1_000_000)" } ?? ""
            me.note("stale: \(stale.reason)\(next)", my)
        }
        on(.bookChanged) { me, change, my in
            me.book = change.book
            me.evidence = change.evidence
            if change.change == nil {
                me.note(change.evidence.isTrusted ? "book good" : "book bad", my)
                if change.evidence.isTrusted { me.loads += 1 }
            }
            let now = text(change.book)
            if change.evidence.isTrusted, !me.market.history.contains(now) { me.wrong.append(now) }
        }
    }

    /// The lines without their times.
    var events: [String] { lines.map { String($0.drop { $0 != " " }.dropFirst()) } }

    func count(_ prefix: String) -> Int { events.count { $0.hasPrefix(prefix) } }
}

/// A world with an exchange and a link to it, each in a kernel of its own.
final class Floor {
    let world: SimulatedWorld
    var venue: FakeVenue
    let market = FakeMarket()
    private(set) var there: Simulation
    private(set) var server: Kernel
    private(set) var exchange: FakeExchange
    let kernel: Kernel
    let link: Link
    let witness: Witness
    let hash: DispatchHash
    var logs: [String] = []

    init(
        seed: UInt64 = 1, _ venue: FakeVenue = FakeVenue(), up: Bool = true, secret: Bool = false
    ) throws {
        world = SimulatedWorld(seed: seed)
        self.venue = venue
        there = Simulation(in: world)
        server = Kernel(driver: there)
        let someone = TLSIdentity(chain: .text("chain"), key: .text("key"))
        exchange = FakeExchange(
            market, secret ? TLSServerOptions(identity: someone, protocols: ["http/1.1"]) : nil)
        kernel = Kernel(driver: Simulation(in: world))
        hash = DispatchHash(kernel)
        link = try Link.open(
            venue, on: kernel, url: "\(secret ? "wss" : "ws")://localhost:80/stream",
            instruments: [.btcusd])
        witness = Witness(link, market)
        kernel.onLog = { [unowned self] in logs.append($0.line) }
        server.onLog = { _ in }
        kernel.start(witness, alias: "witness")
        if up { server.start(exchange, alias: "exchange") }
    }

    /// Kills the exchange's process and, `pause` later, starts it anew; the market is as it was.
    func restartExchange(after pause: Duration) {
        there.crash()
        world.advance(by: pause)
        there = Simulation(in: world)
        server = Kernel(driver: there)
        server.onLog = { _ in }
        exchange = FakeExchange(market)
        server.start(exchange, alias: "exchange")
    }

    func advance(_ milliseconds: Int) { world.advance(by: .milliseconds(milliseconds)) }

    @discardableResult func run(
        within seconds: Int, until condition: () -> Bool,
        at place: SourceLocation = #_sourceLocation
    ) -> Bool {
        let holds = world.run(within: .seconds(Int64(seconds)), until: condition)
        if !holds {
            Issue.record(
                "not within \(seconds) s; seen: \(witness.lines)", sourceLocation: place)
        }
        return holds
    }

    /// The book is good, and the witness's is the market's.
    var isTrue: Bool {
        witness.evidence.isTrusted && witness.book.map { text($0) } == text(market.truth)
    }
}
