import OutcryComponents
public import OutcryKernel
import OutcryMarket
import OutcryServing

/// A whole exchange in a session: a market in a matching engine of its own, served as Mt. Gox served
/// it in April 2013: by Socket.IO 0.9 at the endpoint `/mtgox`, by a plain WebSocket (`/mtgox`, `/`)
/// and by versions 0, 1 and 2 of the HTTP API, public calls and signed ones; all of it at every door,
/// told apart by the path, and by the host where it is one of the venue's (``VenueHost``).
///
/// Everything that leaves comes from the engine's events in their order, encoded once for all
/// clients. Everything it needs of the outside comes from the kernel, so it runs live and in a
/// simulation alike. It is started as a root or child session, best with an alias, under which it
/// publishes `sandboxOpened` and `sandboxEnded`; what one can ask of it is in `SandboxEvents.swift`.
public final class SandboxExchange: Session {
    var configuration: SandboxConfiguration
    /// All of it that outlives it; changed through ``perform(_:_:)`` only.
    let state: ExchangeState
    private let setup: ExchangeSetup
    var effects: [ExchangeEffect] = []

    /// What goes wrong on purpose.
    var faults: FaultState

    // What is kept.
    let journal: Journal?
    var commit = GroupCommit()
    /// What clients get when the records before it are written.
    var held: [HeldOutput] = []
    /// How many outputs were ever held.
    var heldEver = 0
    /// The bytes of what is held.
    var heldBytes = 0
    /// Streams that have spoken while too much was held, in their order.
    var unheard: [UInt64] = []
    /// Records of what is being done together.
    var unit: [JournalRecord]?
    /// The exchange has ended: its journal could not be written.
    var isBroken = false
    /// Records of the journal that it went on from.
    var restored = 0
    /// Records of the journal, those on their way included.
    var records: Int { restored + commit.added }
    /// The copy of the journal that is being made, and who waits for it.
    var snapshot: (ask: Ask<AdminCall, AdminReply>, file: String)?

    // What is told: texts in the making.
    /// A message, or a whole reply.
    var text: MessageText
    /// A reply without its envelope.
    var part: MessageText
    /// Messages of each book.
    var bookTexts: [MessageText]
    /// A message of the market on its way to all who get it.
    let shared: SharedMessage

    // What is played, and when.
    var isPlaying = false
    /// Books that were traded in since their ticker was told.
    var hasTraded: [Bool]
    let depthChannels: [PublicChannel]
    let tickerChannels: [PublicChannel]
    var due = KernelTime.zero
    /// The best prices of each book when its ticker was told.
    var lastTouch: [[Int64?]]

    /// Messages that were put before this turn.
    var putsBefore = 0
    var isPausing = false

    // Who listens.
    /// As many as there are doors, in their order; none while it does not listen.
    var listeners: [ListenerWheel] = []
    let socketIO: SocketIOServer
    var connections: [UInt64: ServerConnection] = [:]
    /// Those on a WebSocket of their own, by their stream.
    var clients: [UInt64: SandboxClient] = [:]
    /// Those at a Socket.IO session, by its number.
    var sessionClients: [UInt64: SandboxClient] = [:]
    /// By ``PublicChannel/index``; among them some who have left since the last message (``gone``).
    var subscribers: [[SandboxClient]]
    var gone = 0
    /// Who is in the channel of an account. Only looked up.
    var accountClients: [OwnerNumber: [SandboxClient]] = [:]
    var orderRate: CallRate<Int64>
    var requestRate: CallRate<String>
    var replyCache: ReplyCache
    var fullDepthCalls: [String: [KernelTime]] = [:]
    var drains: [Ask<Void, SandboxDrained>] = []
    /// Where it is to listen, with the ports that it got once.
    var doors: [SandboxDoor]

    /// What is kept for doors of MidChains.
    let midChains: MidChainsService

    /// What it has done so far.
    public internal(set) var counters = SandboxCounters()

    /// Where it listens, with the ports that it got, in the order of its doors; empty while it does not.
    public var addresses: [SocketAddress] { listeners.map(\.address) }

    /// Where its first door is, with the port that it got; nil while it does not listen.
    public var address: SocketAddress? { listeners.first?.address }

    /// Why it never listened; nil where it did.
    public internal(set) var doorError: SandboxDoorError?

    /// Why it ended: its journal could not be read, belongs to another market, or cannot be written; nil
    /// while it goes on.
    public internal(set) var failure: (any Error)?

    /// The accounts that there are, by their names, oldest first.
    public var accountNames: [String] { state.accounts.map(\.name) }

    /// How many records its journal had when it was started; 0 for a new exchange.
    public var recordsRestored: Int { restored }

    /// The hosts of the venue that the sandbox answers for, each with what the venue had there.
    public static let hostNames = VenueHost.named.map(\.name)

    /// The engine with the market's books.
    var engine: MatchingEngine { state.engine }

    /// Reads the recording of the market.
    ///
    /// - Parameter journal: Where everything is kept that it is told, and where it goes on from; nil: in
    ///   memory only.
    /// - Throws: When the program was built with damaged data.
    public init(
        _ configuration: SandboxConfiguration, journal: Journal? = nil
    ) throws(RecordedDataError) {
        precondition(configuration.speed >= 1, "a market's time passes at least as fast as time")
        self.configuration = configuration
        doors = configuration.doors
        faults = FaultState(
            configuration.faults, seed: configuration.seed, books: configuration.instruments.count)
        var rules = configuration.socketIO
        rules.endpoints = [Self.endpoint]
        socketIO = SocketIOServer(rules)
        self.journal = journal
        let source = try configuration.market.source(
            seed: configuration.seed, loops: configuration.loops, rate: configuration.crowdRate)
        setup = ExchangeSetup(
            market: configuration.market.rawValue, seed: configuration.seed,
            loops: configuration.loops, crowdRate: configuration.crowdRate,
            instruments: configuration.instruments, rules: configuration.engine)
        state = ExchangeState(setup, source, tradeHistory: configuration.tradeHistory)
        shared = SharedMessage(configuration.connections)
        text = MessageText(state.engine.instrument)
        part = text
        depthChannels = configuration.instruments.map { .of("depth", $0) }
        tickerChannels = configuration.instruments.map { .of("ticker", $0) }
        hasTraded = Array(repeating: false, count: configuration.instruments.count)
        bookTexts = configuration.instruments.map(MessageText.init)
        lastTouch = Array(repeating: [nil, nil], count: configuration.instruments.count)
        let (orders, requests) = (configuration.orderRate, configuration.requestRate)
        orderRate = CallRate(orders?.orders, orders?.span)
        requestRate = CallRate(requests?.requests, requests?.span)
        replyCache = ReplyCache(configuration.replyCache)
        subscribers = Array(repeating: [], count: PublicChannel.all.count)
        midChains = MidChainsService(configuration.midChains, configuration.instruments)
        state.tellsEntries = configuration.doors.contains { $0.dialect == .midChains }
    }

    /// Says where it listens, and to how many it speaks.
    public func inspect(_ sheet: inout InspectionSheet) {
        sheet.add(
            "exchange",
            [
                "doors": .number(Int64(listeners.count)),
                "connections": .number(Int64(connections.count)),
                "WebSockets": .number(Int64(clients.count)),
                "Socket.IO sessions": .number(Int64(sessionClients.count)),
            ])
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
        on(.sandboxBegin) { me, _, my in
            do { try me.begin(my) } catch {
                me.failure = error
                throw error
            }
        }
        on(.streamAccepted) { me, new, my in me.accept(new, my) }
        on(.streamReceived) { me, stream, my in me.receive(stream, my) }
        on(.streamPressure) { me, pressure, my in me.feel(pressure, my) }
        on(.streamEnded) { me, stream, my in
            if !me.socketIO.ended(stream, my) { me.connections[stream.number]?.ended() }
        }
        on(.streamOverdue) { me, stream, _ in me.feelOverdue(stream) }
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
        on(.sandboxResume) { me, _, my in try me.resume(my) }
        on(.sandboxLag) { me, _, my in me.tellLag(my) }
        on(.sandboxStop) { me, _, my in try me.stop(my) }
        on(.sandboxGo) { me, _, my in me.go(my) }
        on(.sandboxRestart) { me, pause, my in me.restart(pause, my) }
        on(.sandboxReopen) { me, _, my in me.reopen(my) }
        on(.sandboxLevels) { me, ask, my in my.answer(ask, me.levels) }
        on(.sandboxCounters) { me, ask, my in my.answer(ask, me.counters) }
        on(.sandboxDrain) { me, ask, my in me.drain(ask, my) }
        on(.sandboxDrainLook) { me, _, my in me.lookAtDrains(my) }
        on(.sandboxWeigh) { me, _, my in me.weigh(my) }
        on(.sandboxFaults) { me, ask, my in me.setFaults(ask, my) }
        on(.sandboxReply) { _, reply, _ in reply.put(isLate: true) }
        on(.sandboxTrickle) { me, _, my in me.trickle(my) }
        on(.sandboxAccount) { me, ask, my in
            let wish = ask.question
            let answer = Result { () throws(SandboxRefusal) in try me.openAccount(wish, my) }
            me.tell(ask, answer, my)
        }
        on(.sandboxAdmin) { me, ask, my in me.administer(ask, my) }
        on(.sandboxCopied) { me, outcome, my in me.copied(outcome, my) }
        on(.midChainsTick) { me, _, my in me.tickMidChains(my) }
        on(.midChainsStops) { me, _, my in me.placeStops(my) }
        on(.sandboxWork) { me, _, my in try me.workQueue(my) }
        on(.sandboxCommit) { me, _, my in me.writeNext(my) }
        on(.sandboxWritten) { me, outcome, my in try me.written(outcome, my) }
    }

    /// Opens the market, or goes on where the journal ends: in the kernel's first turn, since there is no
    /// time before it.
    private func begin(_ my: Context) throws {
        try restore(my)
        beginFaults(my)
        if !state.isOpen {
            var random = DrawnWords(my)
            try perform(
                .open(setup: setup.text, secrets: ExchangeSecrets(using: &random)), my)
        }
        try openMidChainsAccounts(my)
        beginMidChains()
        for book in bookTexts.indices { lastTouch[book] = touch(BookNumber(UInt8(book))) }
        my.log.info("plays", configuration.market.rawValue, "at speed", configuration.speed)
        my.every(configuration.lagInterval, .sandboxLag)
        my.every(.seconds(1), .sandboxWeigh)
        // Of a journal: what had not reached the engine, and what money has brought back.
        armQueue(my)
        if !engine.isSettled { my.yield(.sandboxWork) }
        guard state.pause != .ended else {
            counters.isMarketOver = true
            return
        }
        isPlaying = true
        due = my.now + configuration.firstStep
        my.at(due, .sandboxStep, named: "step")
    }
}
