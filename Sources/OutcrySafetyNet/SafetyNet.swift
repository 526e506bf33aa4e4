import OutcryComponents
public import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryVenues
import OutcryWire

/// One connection to a venue, for a room full of clients: books, tickers and trades are kept current by the
/// stream, the trades since the beginning in a file, and all of it is served in the venue's own protocol,
/// by HTTP (versions 0, 1 and 2), plain WebSocket and Socket.IO 0.9.
///
/// What clients ask costs the venue nothing more than one polite client would. Signed calls go through as
/// they are, in the order of their key. It runs live and in a simulation alike; it is started as a root or
/// child session, best with an alias, under which it publishes `safetyNetOpened`.
public final class SafetyNet: Session {
    let configuration: SafetyNetConfiguration
    let store: TradeStore?

    // Upstream.
    let link: Link
    let upstreamURLs: [(stream: VenueURL, calls: VenueURL)]
    /// Whose turn it is.
    var upstreamPlace = 0
    /// When its turn began.
    var turnBegan = KernelTime.zero
    /// Since when it is up without all books; nil: it has them, or is not up.
    var booklessSince: KernelTime?
    /// The pause before the first one is tried again.
    var returnPause: Duration
    /// Looks whether the first one can be taken back.
    var probe: SessionID?
    var linkSession: SessionID?
    /// The link that was left, and has not ended yet.
    var leftLink: SessionID?
    /// Where calls go now.
    var calls: VenueURL?
    var isUp = false
    var upSince = KernelTime.zero
    /// Why it was lost last.
    var lostReason: String?
    /// Channels that are confirmed.
    var channels: [Channel] = []
    /// Channels besides those of the markets that somebody has wanted, by ``PublicChannel/index``.
    var demanded: [Int] = []
    var markets: [MarketState]
    /// The text of the next event of the link, as it came.
    var lastText: [UInt8]?

    // The history.
    var histories: [HistoryState]

    // HTTP.
    var shelf = ReplyShelf()
    var targets = KnownTargets()
    /// Who waits for an answer that is being made. Only looked up.
    var waiting: [ReplyQuestion: [WaitingReply]] = [:]
    /// What calls told that no stream tells. Only looked up.
    var kept: [KeptQuestion: KeptEntry] = [:]
    var signed: SignedQueue<SignedCall>
    /// Pages of trades that are fetched for who asks: the rest of the venue's budget is for signed calls.
    var pageRate = CallRate<Int>(15, .seconds(20))
    /// When such pages were asked for: the link's cache tells them again for ten seconds. Only looked up.
    var pagesAsked: [TradesQuestion: KernelTime] = [:]
    /// The session that makes signed calls.
    let signedHTTP: Alias

    // Who is there.
    var admission: Admission
    var listeners: [ListenerWheel] = []
    var doors: [SafetyNetDoor]
    /// Why the doors are not those that were wanted last; nil: they are.
    var reopenProblem: String?
    let socketIO: SocketIOServer
    let fanOut: FanOut
    /// By their streams. A client of the stream is the bearer of the one that carries it.
    var connections: [UInt64: ServerConnection] = [:]
    /// Those at a Socket.IO session, by its number.
    var sessionClients: [UInt64: NetClient] = [:]
    var clientsEver: UInt64 = 0
    /// Clients with a connection upstream of their own, by their number. Only looked up.
    var lines: [UInt64: NetClient] = [:]
    /// Calls over the stream that were sent.
    var callsSent: UInt64 = 0
    /// Connections upstream for one client.
    var lineRate: CallRate<Int>
    /// The whole book as a message, of each market.
    var snapshots: [(version: Int, text: [UInt8])?]
    /// A text in the making: a message, or a whole reply.
    var text: MessageText
    /// A reply without its envelope.
    var part: MessageText
    var isDraining = false
    var hasSaidGoodbye = false
    var drainBegan = KernelTime.zero

    /// What it has done so far.
    public internal(set) var counters = SafetyNetCounters()

    /// What it has told clients of the stream so far.
    public var told: FanOutCounters { fanOut.counters }

    /// Where it listens, with the ports that it got, in the order of its doors; empty while it does not.
    public var addresses: [SocketAddress] { listeners.map(\.address) }

    /// Where its first door is, with the port that it got; nil while it does not listen.
    public var address: SocketAddress? { listeners.first?.address }

    /// Why it never listened; nil where it did.
    public internal(set) var doorError: SafetyNetDoorError?

    /// Where trades are kept; nil: nowhere.
    public var storePath: String? { store?.path }

    /// Why the history cannot be kept any more; nil while it can.
    public internal(set) var storeFailure: (any Error)?

    /// Makes a SafetyNet.
    ///
    /// - Parameter store: Where trades are kept; nil: only the last day is known, from memory.
    /// - Throws: ``SafetyNetError`` where a URL cannot be used, and what is wrong with the file.
    public init(_ configuration: SafetyNetConfiguration, store: TradeStore? = nil) throws {
        precondition(!configuration.instruments.isEmpty, "a SafetyNet keeps at least one market")
        self.configuration = configuration
        self.store = store
        upstreamURLs = try configuration.upstreams.map { upstream in
            var stream = try VenueURL(upstream.stream)
            guard stream.scheme.isStream else {
                throw SafetyNetError.scheme(
                    upstream.stream, expected: "ws, wss, socketio+http or socketio+https")
            }
            let calls = try VenueURL(
                upstream.calls ?? MtGox.calls(besides: upstream.stream)
                    ?? "\(stream.isSecure ? "https" : "http")://\(stream.hostField)/")
            guard !calls.scheme.isStream else {
                throw SafetyNetError.scheme("\(calls)", expected: "http or https")
            }
            guard
                upstream.token == nil
                    || ![stream.host, calls.host].contains(where: { MtGox.isVenue($0) })
            else {
                throw SafetyNetError.token(upstream.stream)
            }
            // Socket.IO has no fields of its own in a browser; its query goes with every request.
            if let token = upstream.token, stream.scheme.isSocketIO {
                let item = PercentEncoding.query([HTTPQueryItem("token", token)])
                let mark = upstream.stream.contains("?") ? "&" : "?"
                stream = try VenueURL("\(upstream.stream)\(mark)\(item)")
            }
            return (stream, calls)
        }
        link = Link(
            venue: .mtgox, name: configuration.name + ".upstream",
            instruments: configuration.instruments)
        signedHTTP = Alias(configuration.name + ".signed")
        markets = configuration.instruments.map { MarketState($0) }
        snapshots = configuration.instruments.map { _ in nil }
        var histories: [HistoryState] = []
        for market in configuration.instruments {
            histories.append(
                HistoryState(
                    market, try store?.spans(of: market) ?? TradeSpans(), configuration.history))
        }
        self.histories = histories
        signed = SignedQueue(most: configuration.access.waitingPerKey)
        admission = Admission(configuration.access)
        returnPause = configuration.returnAfter
        lineRate = CallRate(configuration.access.ownLinesPerMinute, .seconds(60))
        doors = configuration.doors
        var rules = configuration.socketIO
        rules.endpoints = [Self.endpoint]
        rules.trustedOrigins += configuration.access.trustedOrigins
        socketIO = SocketIOServer(rules)
        fanOut = FanOut(
            configuration.fanOut, configuration.connections, socketIO, endpoint: Self.endpoint)
        text = MessageText(configuration.instruments[0])
        part = text
        fanOut.snapshotText = { [unowned self] in snapshotText($0) }
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<SafetyNet>) {
        on(.started) { me, _, my in
            do throws(SafetyNetDoorError) { try me.open(my) } catch {
                me.doorError = error
                throw error
            }
            my.start(alias: me.signedHTTP, onFailure: .restart()) {
                [trust = me.configuration.trust] in
                var options = HTTPClientOptions()
                options.trust = trust
                options.timeout = .seconds(50)
                options.firstByteTimeout = .seconds(45)
                options.connectionsPerHost = 16
                return HTTPClient(options)
            }
            me.listenUpstream(my)
            my.every(.seconds(1), .netSync)
            my.yield(.netHistory)
        }
        // Upstream.
        on(.frame) { me, frame, _ in me.keepText(frame) }
        on(.depth) { me, change, my in me.hear(copy change, my) }
        on(.trade) { me, trade, my in me.hear(copy trade, my) }
        on(.mtgoxTicker) { me, ticker, my in me.hear(copy ticker, my) }
        on(.lag) { me, lag, my in me.hear(copy lag, my) }
        on(.bookChanged) { me, change, my in me.bookChanged(change, my) }
        on(.bookStale) { me, stale, my in me.bookStale(stale, my) }
        on(.connected) { me, _, my in me.upstreamUp(my) }
        on(.disconnected) { me, down, my in me.upstreamDown(down, my) }
        on(.subscribed) { me, channel, my in me.gained(channel, my) }
        on(.channelStale) { me, silence, my in me.silent(silence, my) }
        on(.netMark) { me, place, _ in me.mark(place) }
        on(.netCopied) { me, copied, my in me.copied(copied.0, copied.1, my) }
        on(.netFailover) { me, _, my in if !me.isUp { me.failOver(my) } }
        on(.netProbed) { me, _, my in me.goBack(my) }
        on(.netReopen) { me, _, my in if me.linkSession == nil { me.openUpstream(my) } }
        on(.overflow) { me, _, my in me.overflowed(my) }
        on(.childStopped) { me, end, my in
            if end.id == me.linkSession || end.id == me.leftLink { me.lostLink(end, my) }
            if end.id == me.probe { me.probe = nil }
        }
        // The history.
        on(.netSync) { me, _, my in
            me.syncHistories(my)
            me.fanOut.tick(my)
            me.lookAtUpstream(my)
        }
        on(.netHistory) { me, _, my in me.fillHistories(my) }
        on(.netStored) { me, outcome, my in me.stored(outcome, my) }
        on(.netRead) { me, answer, my in me.read(answer, my) }
        // Who is there.
        on(.streamAccepted) { me, new, my in me.accept(new.stream, my) }
        on(.streamReceived) { me, stream, my in me.receive(stream, my) }
        on(.streamPressure) { me, pressure, my in me.feel(pressure, my) }
        on(.streamEnded) { me, stream, my in
            if !me.socketIO.ended(stream, my) { me.connections[stream.number]?.ended() }
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
        on(.netLineSaid) { me, text, my in me.lineSaid(text, my) }
        on(.netCallOverdue) { me, call, my in me.overdue(call, my) }
        on(.netLineChanged) { me, change, my in me.lineChanged(change, my) }
        // Operations.
        on(.safetyNetStatus) { me, ask, my in my.answer(ask, me.status(my)) }
        on(.safetyNetAccess) { me, access, _ in me.admission.change(to: access) }
        on(.safetyNetDoors) { me, doors, my in me.reopen(doors, my) }
        on(.safetyNetDrain) { me, limit, my in me.drain(within: limit, my) }
        on(.netDrainLook) { me, _, my in me.lookAtDrain(my) }
        on(.netDrainEnd) { _, _, my in my.stop() }
        on(.stopped) { me, _, my in me.sayGoodbye(my) }
    }

    /// The mailbox was full: something of the stream is missing.
    private func overflowed(_ my: Context) {
        counters.overflows += 1
        my.log.error("the stream came faster than it was told on: the upstream is asked anew")
        loseEverything(my)
        link.renew(my)
        // News of accounts may be among what was lost, and nobody tells them again.
        for client in lines.values.sorted(by: { $0.number < $1.number }) {
            letGo(client, "news of the account may be missing", my)
        }
    }
}

/// What a SafetyNet cannot be made of.
public enum SafetyNetError: Error, CustomStringConvertible, Sendable {
    /// A URL with another scheme than those expected.
    case scheme(String, expected: String)
    /// A token for the venue itself, which takes none: it would be shown to others than it was made for.
    case token(String)

    /// One line.
    public var description: String {
        switch self {
        case .scheme(let url, let expected): "expected a URL with \(expected), found \(url)"
        case .token(let url):
            "expected a token for another SafetyNet, found one for the venue, \(url)"
        }
    }
}
