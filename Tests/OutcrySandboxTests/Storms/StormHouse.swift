import OutcryMarket
import OutcryServing
import OutcryVenues

@testable import OutcryComponents
@testable import OutcryKernel
@testable import OutcrySandbox
@testable import OutcrySimulation

/// The sandbox's Mt. Gox and a link to it, each on a kernel of its own, in weather that a seed decides.
final class StormHouse {
    let world: SimulatedWorld
    let exchange: SandboxExchange
    let link: Link
    let listener: StormListener
    let carrier: StormCarrier
    private let there: Kernel
    private let here: Kernel
    private var random: SeededGenerator
    /// What the application wants of the channel that the venue does not send by itself.
    private(set) var wantsLag = false
    /// The most that the server ever held.
    private(set) var most = (connections: 0, sessions: 0)
    /// More waited for polls than the rules allow the sessions that there were.
    private(set) var isOverfull = false
    /// When it became calm, by the calendar in microseconds.
    private var calm: Int64 = .max
    /// The weather that was, for whoever reads of a failure.
    private(set) var weather: [String] = []

    init(_ carrier: StormCarrier, seed: UInt64) throws {
        self.carrier = carrier
        world = SimulatedWorld(seed: seed)
        random = SeededGenerator(seed: seed &+ 0x5701)
        there = Kernel(driver: Simulation(in: world))
        here = Kernel(driver: Simulation(in: world))
        for (name, kernel) in [("exchange", there), ("client", here)] {
            // A replay tells what happens.
            kernel.onLog = StormSeeds.isReplay ? { print(name, $0.line) } : { _ in }
        }
        var configuration = SandboxConfiguration()
        configuration.seed = seed
        configuration.speed = 20
        configuration.firstStep = .milliseconds(50)
        configuration.fullDepthPerHour = nil
        carrier.configure(&configuration)
        let exchange = try SandboxExchange(configuration)
        self.exchange = exchange
        there.start(exchange, alias: "exchange")
        var venue = MtGoxVenue([.btcusd])
        venue.rules.snapshots = 10_000
        // At the bare URL a WebSocket is sent nothing unasked.
        let isBare = !carrier.hasSessions && Bool.random(using: &random)
        link = try Link.open(
            venue, on: here, url: carrier.url(isBare: isBare), instruments: [.btcusd])
        listener = StormListener(
            link, isMade: { exchange.state.histories[0].holds($0) },
            isGap: { exchange.state.histories[0].next(after: $0.id)?.id != $1.id })
        here.start(listener, alias: "listener")
    }

    /// Something for whoever reads of a failure.
    var story: String {
        """
        \(carrier.rawValue), seed \(world.seed): \(weather.joined(separator: ", ")); \
        up \(listener.ups) times, down \(listener.downs.suffix(3)); \
        \(listener.isUp ? "up" : "down"), book \(listener.evidence), \
        served \(served ?? []) of \(wanted), last heard of \(listener.freshest), calm since \(calm); \
        \(here.snapshot().sessions.first { $0.alias == link.name }?.whyAlive ?? []) at \(world.now)
        """
    }

    // MARK: Weather

    /// Some seeded weather, in which the application wants a channel, or no more, and now and then has the
    /// connection renewed; then calm.
    func storm() {
        advance(.random(in: 0...3_000, using: &random))
        for _ in 0..<5 {
            let (name, faults) = nextWeather()
            weather.append(name)
            world.faults = faults
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                advance(.random(in: 100...8_000, using: &random))
                act()
            }
        }
        world.faults = NetworkFaults()
        calm = world.wallNow.microseconds
    }

    private func nextWeather() -> (String, NetworkFaults) {
        var faults = NetworkFaults.rough(
            piece: .random(in: 1...400, using: &random),
            window: .random(in: 512...65_536, using: &random))
        var name = ""
        switch Int.random(in: 0..<8, using: &random) {
        case 0:
            name = "drops"
            faults.dropsOneIn = .random(in: 3...30, using: &random)
        case 1:
            name = "resets"
            faults.resetsOneIn = .random(in: 20...300, using: &random)
        case 2:
            name = "half open"
            faults.isHalfOpen = true
        case 3:
            name = "stalled"
            faults.isStalled = true
        case 4:
            name = "refusals"
            faults.refusesOneIn = 2
            faults.handshakesFailOneIn = 3
            faults.resetsOneIn = .random(in: 20...100, using: &random)
        case 5:
            name = "delays"
            faults.latency =
                .milliseconds(1) ... .milliseconds(.random(in: 10...900, using: &random))
        case 6:
            name = "all at once"
            faults.latency = .milliseconds(1) ... .milliseconds(200)
            faults.dropsOneIn = .random(in: 20...60, using: &random)
            faults.resetsOneIn = .random(in: 100...500, using: &random)
        default: name = "splits"
        }
        return (name, faults)
    }

    private func act() {
        switch Int.random(in: 0..<6, using: &random) {
        case 0, 1: want(!wantsLag)
        case 2:
            weather.append("renewal")
            here.post(.renewConnection, to: link.connection, ())
        case 3:
            weather.append("reset")
            world.resetConnections(to: .loopback(port: 80))
        default: return
        }
    }

    private func want(_ isWanted: Bool) {
        wantsLag = isWanted
        weather.append(isWanted ? "subscribe" : "unsubscribe")
        here.post(isWanted ? .subscribe : .unsubscribe, to: link.subscriptions, Self.lag)
    }

    private func advance(_ milliseconds: Int64) {
        world.advance(by: .milliseconds(milliseconds))
        look()
    }

    private func look() {
        most.connections = max(most.connections, exchange.connections.count)
        most.sessions = max(most.sessions, exchange.socketIO.count)
        let limit = exchange.socketIO.count * exchange.socketIO.rules.waitingBytes
        if exchange.socketIO.heldBytes > limit { isOverfull = true }
    }

    // MARK: Calm

    private static let lag = Channel("trade.lag")

    /// The channels that are wanted, by the exchange's places.
    var wanted: Set<Int> {
        var places: Set<Int> = [
            PublicChannel.of("depth", .btcusd).index, PublicChannel.of("ticker", .btcusd).index,
            PublicChannel.trades.index,
        ]
        if wantsLag { places.insert(PublicChannel.lag.index) }
        return places
    }

    /// The link is up with news from after the storm, its book is good, and a client of the exchange has what
    /// is wanted and nothing else.
    private var isRight: Bool {
        listener.isUp && listener.freshest > calm && listener.evidence.isTrusted && isServed
    }

    private var isServed: Bool { served.map { Set($0) } == wanted }

    /// What the exchange's last client has.
    private var served: [Int]? {
        let last =
            carrier.hasSessions
            ? exchange.sessionClients.max { $0.key < $1.key }
            : exchange.clients.max { $0.key < $1.key }
        return last?.value.channels
    }

    /// Lets it be calm until all is right.
    func heals(within seconds: Int64) -> Bool { waits(seconds) { isRight } }

    /// Whether a thing comes to be in time.
    func waits(_ seconds: Int64, for condition: () -> Bool) -> Bool {
        world.run(within: .seconds(seconds), until: condition)
    }

    /// Nothing happens in the market any more.
    func stopMarket() {
        there.post(.sandboxStop, to: "exchange", ())
        world.advance(by: .seconds(3))
    }

    /// Where the link's book is not the exchange's; nil: it is the same.
    var bookFault: String? {
        guard let book = listener.book else { return "no book" }
        let levels = exchange.levels
        for (side, theirs) in [(Side.bid, levels.bids), (.ask, levels.asks)] {
            let mine = book.levels(side).map { "\($0.price) \($0.quantity)" }
            let other = theirs.map { "\($0.price) \($0.quantity)" }
            guard mine != other else { continue }
            let at = zip(mine, other).prefix { $0 == $1 }.count
            return """
                \(side): \(mine.count) levels, expected \(other.count); from the \(at + 1)th on \
                \(mine.dropFirst(at).prefix(3)), expected \(other.dropFirst(at).prefix(3)); \
                \(listener.evidence), newest depth \(listener.newest["depth"] ?? 0), \
                expected \(levels.stamp)
                """
        }
        return nil
    }

    /// What is too much of anything, now that all that is dead has had its time; empty: nothing is.
    var leftovers: [String] {
        var found: [String] = []
        func expect(_ what: String, _ count: Int, atMost limit: Int) {
            if count > limit { found.append("\(count) \(what), expected at most \(limit)") }
        }
        for channel in PublicChannel.all {
            let count = exchange.subscribers[channel.index].count { !$0.isGone }
            let expected = wanted.contains(channel.index) ? 1 : 0
            if count != expected {
                found.append("\(channel.name) has \(count) subscribers, expected \(expected)")
            }
        }
        expect("connections of the exchange", exchange.connections.count, atMost: carrier.streams)
        expect("clients", exchange.clients.count + exchange.sessionClients.count, atMost: 1)
        expect("sessions", exchange.socketIO.count, atMost: carrier.hasSessions ? 1 : 0)
        // The last news of the lag may be on its way.
        expect("bytes for polls", exchange.socketIO.heldBytes, atMost: wantsLag ? 1024 : 0)
        let unwritten = exchange.connections.values.reduce(0) { $0 + $1.stream.unwritten }
        expect("bytes to be written", unwritten, atMost: 0)
        // A listener, and both ends of each stream.
        expect("sockets", world.sockets.count, atMost: 1 + 2 * carrier.streams)
        for (name, kernel) in [("exchange", there), ("client", here)] {
            let state = kernel.snapshot()
            let streams = state.sessions.reduce(0) { sum, session in
                sum + session.whyAlive.count { $0.contains("stream") }
            }
            expect("streams of the \(name)", streams, atMost: carrier.streams)
            expect("events of the \(name)", state.queue.reduce(0) { $0 + $1.count }, atMost: 0)
            expect("alarms of the \(name)", state.alarms, atMost: 10)
            expect("failures of the \(name)", state.failed, atMost: 0)
        }
        return found
    }

    func rest(_ seconds: Int64) { world.advance(by: .seconds(seconds)) }
}

extension TradeHistory {
    /// The first trade with a later number.
    func next(after number: Int64) -> EngineTrade? { since(number).first }

    /// Whether this is one of its trades, as it was made.
    func holds(_ trade: Trade) -> Bool {
        guard let made = next(after: trade.id - 1) else { return false }
        return made.id == trade.id && made.price == trade.priceUnits
            && made.amount == trade.quantityUnits
    }
}
