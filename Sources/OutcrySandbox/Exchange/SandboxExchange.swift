import OutcryComponents
public import OutcryKernel
import OutcryMarket

/// A whole exchange in a session: a market in a matching engine of its own, served as Mt. Gox served
/// it in April 2013: by Socket.IO 0.9 at the endpoint `/mtgox`, by a plain WebSocket (`/mtgox`, `/`)
/// and by public HTTP API 1; all of it at every door, told apart by the path, and by the host where
/// it is one of the venue's (``VenueHost``).
///
/// Everything that leaves comes from the engine's events in their order, encoded once for all
/// clients. Everything it needs of the outside comes from the kernel, so it runs live and in a
/// simulation alike. It is started as a root or child session, best with an alias, under which it
/// publishes `sandboxOpened` and `sandboxEnded`; what one can ask of it is in `SandboxEvents.swift`.
public final class SandboxExchange: Session {
    let configuration: SandboxConfiguration
    let engine = MatchingEngine()
    let source: any MarketSource

    // What is told: the last trades, their sums, and texts in the making.
    var window = TradeWindow()
    var history: TradeHistory
    var text: MessageText
    /// A message of the market on its way to all who get it.
    let shared: SharedMessage
    var events: [EngineEvent] = []

    // What is played, and when.
    var isPlaying = false
    var due = KernelTime.zero
    var lastTouch: [Int64?] = [nil, nil]

    // Who listens.
    /// As many as there are doors, in their order; none while it does not listen.
    var listeners: [ListenerWheel] = []
    let socketIO: SocketIOServer
    var connections: [UInt64: ServerConnection] = [:]
    /// Those on a WebSocket of their own, by their stream.
    var clients: [UInt64: SandboxClient] = [:]
    /// Those at a Socket.IO session, by its number.
    var sessionClients: [UInt64: SandboxClient] = [:]
    var subscribers: [[SandboxClient]]
    var fullDepthCalls: [String: [KernelTime]] = [:]
    var drains: [Ask<Void, SandboxDrained>] = []
    /// Where it is to listen, with the ports that it got once.
    var doors: [SandboxDoor]

    /// What it has done so far.
    public internal(set) var counters = SandboxCounters()

    /// Where it listens, with the ports that it got, in the order of its doors; empty while it does not.
    public var addresses: [SocketAddress] { listeners.map(\.address) }

    /// Where its first door is, with the port that it got; nil while it does not listen.
    public var address: SocketAddress? { listeners.first?.address }

    /// Why it never listened; nil where it did.
    public internal(set) var doorError: SandboxDoorError?

    /// The hosts of the venue that the sandbox answers for, each with what the venue had there.
    public static let hostNames = VenueHost.named.map(\.name)

    /// Reads the recording of the market.
    ///
    /// - Throws: When the program was built with damaged data.
    public init(_ configuration: SandboxConfiguration) throws(RecordedDataError) {
        precondition(configuration.speed >= 1, "a market's time passes at least as fast as time")
        self.configuration = configuration
        doors = configuration.doors
        var rules = configuration.socketIO
        rules.endpoints = [Self.endpoint]
        socketIO = SocketIOServer(rules)
        source = try configuration.market.source(
            seed: configuration.seed, loops: configuration.loops, rate: configuration.crowdRate)
        shared = SharedMessage(configuration.connections)
        text = MessageText(engine.instrument)
        history = TradeHistory(limit: configuration.tradeHistory)
        subscribers = Array(repeating: [], count: PublicChannel.all.count)
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<SandboxExchange>) {
        on(.started) { me, _, my in
            do throws(SandboxDoorError) { try me.open(my) } catch {
                me.doorError = error
                throw error
            }
            my.yield(.sandboxBegin)
        }
        on(.sandboxBegin) { me, _, my in try me.begin(my) }
        on(.streamAccepted) { me, new, _ in me.accept(new.stream) }
        on(.streamReceived) { me, stream, my in me.receive(stream, my) }
        on(.streamPressure) { me, pressure, my in me.feel(pressure, my) }
        on(.streamEnded) { me, stream, my in
            if !me.socketIO.ended(stream, my) { stream.close() }
        }
        on(.streamOverdue) { me, stream, _ in me.connections[stream.number]?.overdue() }
        on(.streamClosed) { me, closed, my in me.forget(closed, my) }
        on(.socketIOTick) { me, _, my in
            me.socketIO.tick(my)
            me.hearNews(my)
        }
        on(.socketIOFlush) { me, _, my in
            me.socketIO.flush(my)
            me.hearNews(my)
        }
        on(.stopped) { me, _, _ in me.sayGoodbye() }
        on(.sandboxStep) { me, _, my in try me.play(my) }
        on(.sandboxLag) { me, _, my in me.tellLag(my) }
        on(.sandboxStop) { me, _, my in try me.stop(my) }
        on(.sandboxGo) { me, _, my in me.go(my) }
        on(.sandboxRestart) { me, pause, my in me.restart(pause, my) }
        on(.sandboxReopen) { me, _, my in me.reopen(my) }
        on(.sandboxLevels) { me, ask, my in my.answer(ask, me.levels) }
        on(.sandboxCounters) { me, ask, my in my.answer(ask, me.counters) }
        on(.sandboxDrain) { me, ask, my in me.drain(ask, my) }
        on(.sandboxDrainLook) { me, _, my in me.lookAtDrains(my) }
    }

    /// Opens the market: in the kernel's first turn, since there is no time before it.
    private func begin(_ my: Context) throws {
        try source.open(engine, at: my.wallNow.microseconds)
        lastTouch = [engine.best(.bid), engine.best(.ask)]
        my.log.info("plays", configuration.market.rawValue, "at speed", configuration.speed)
        isPlaying = true
        due = my.now + configuration.firstStep
        my.at(due, .sandboxStep, named: "step")
        my.every(configuration.lagInterval, .sandboxLag)
    }
}
