public import OutcryKernel
public import OutcryMarket
public import OutcryWire

/// Starts the parts of a link, and starts them anew when they fail. What the connection fed begins anew
/// with it: a part that has missed something is never fed on. A part that fails again and again, more than
/// ten times a minute, ends the link; its connection's `disconnected` then says so, without a next try.
public final class LinkSupervisor: Session {
    private let link: Link
    private let venue: any Venue
    private let source: LinkSource
    private let account: AccountOptions
    /// The account is a simulated one.
    private let paper: PaperAccount?

    /// Makes the supervisor of a link to a venue, whose messages come from `source`.
    public convenience init(
        _ link: Link, _ venue: any Venue, from source: LinkSource,
        account: AccountOptions = AccountOptions()
    ) {
        self.init(link, venue, from: source, account: account, paper: nil)
    }

    init(
        _ link: Link, _ venue: any Venue, from source: LinkSource, account: AccountOptions,
        paper: PaperAccount?
    ) {
        self.paper = paper
        self.account = account
        self.link = link
        self.venue = venue
        self.source = source
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<LinkSupervisor>) {
        on(.started) { me, _, my in me.start(my) }
        on(.childStopped) { me, end, my in
            guard end.alias == me.link.connection else { return }
            // It cannot say so itself any more.
            let reason = "the connection's session ended: \(end.reason)"
            let down = LinkDown(
                venue: me.link.venue, reason: reason, retryIn: end.willRestart ? .zero : nil)
            my.post(.disconnected, to: me.link.books, down)
            my.post(.disconnected, to: me.link.subscriptions, down)
            // Not to start it for that.
            if let cache = my.kernel.bearer(of: me.link.cache) {
                my.post(.disconnected, to: cache, down)
            }
        }
    }

    /// The private side: guard, desk, portfolio, gateway, signer; or a desk that refuses.
    private func startDesk(_ my: Context) {
        let link = link
        let account = account
        var last: RiskGuard?
        let makeGuard = {
            let next = RiskGuard(link, account.limits, inPlaceOf: last)
            last = next
            return next
        }
        guard hasAccount else {
            my.startWhenFound(link.risk, onFailure: .restart(), makeGuard)
            my.startWhenFound(link.desk, onFailure: .restart()) { ClosedDesk(link.instruments) }
            if case .live(_, let http, _) = source { venue.startCalls(of: link, http: http, my) }
            return
        }
        // Those who listen come before those who tell.
        my.start(alias: link.risk, onFailure: .restart(), makeGuard)
        let settlesAfter = venue.rules.settlesAfter
        var hadDesk = false
        my.start(alias: link.desk, onFailure: .restart()) {
            defer { hadDesk = true }
            return OrderDesk(
                link, account.desk, settlesAfter: settlesAfter, isRestarted: hadDesk)
        }
        var hadPortfolio = false
        my.start(alias: link.portfolio, onFailure: .restart()) {
            defer { hadPortfolio = true }
            return Portfolio(link, isRestarted: hadPortfolio)
        }
        if let paper {
            my.start(alias: link.gateway, onFailure: .restart()) { PaperGateway(link, paper) }
        }
        venue.startCalls(of: link.forCalls, http: source.http, my)
    }

    /// There is an account to trade with, simulated or not.
    private var hasAccount: Bool {
        if case .live = source { return venue.hasAccount || paper != nil }
        return paper != nil
    }

    /// Starts what listens or speaks by itself; what only answers starts when it is asked for the first time.
    private func start(_ my: Context) {
        Self.describeEvents(my.kernel)
        Self.compareEvents(my.kernel)
        let link = link
        let venue = venue
        let source = source
        var limiter: RateLimiter?
        my.startWhenFound(link.limits, onFailure: .restart()) {
            let next = RateLimiter(venue.rules.allBudgets, inPlaceOf: limiter)
            limiter = next
            return next
        }
        switch source {
        case .calls(let http, let trust):
            my.startWhenFound(link.http, onFailure: .restart()) { venue.makeClient(trust) }
            my.startWhenFound(link.snapshots, onFailure: .restart()) {
                FetchService(link, venue, url: http)
            }
            my.startWhenFound(link.cache, onFailure: .restart()) { Cache(link, venue) }
            return venue.startCalls(of: link, http: http, my)
        case .live(_, let http, let trust):
            my.startWhenFound(link.http, onFailure: .restart()) { venue.makeClient(trust) }
            my.startWhenFound(link.snapshots, onFailure: .restart()) {
                FetchService(link, venue, url: http)
            }
        case .recording(_, let http, _), .market(_, let http):
            my.startWhenFound(link.http, onFailure: .restart()) { PlaybackHTTP() }
            my.startWhenFound(link.snapshots, onFailure: .restart()) {
                FetchService(link, venue, url: http)
            }
        }
        let accounts = hasAccount ? Alias(link.name + ".accounts") : nil
        if let accounts {
            my.startWhenFound(accounts, onFailure: .restart()) { AccountFetcher(link) }
        }
        my.startWhenFound(link.cache, onFailure: .restart()) {
            Cache(link, venue, accounts: accounts)
        }
        startDesk(my)
        // The books and the subscriptions listen before the connection speaks.
        my.start(alias: link.books, onFailure: .restartWithLater()) { DepthBook(link, venue) }
        my.start(alias: link.subscriptions, onFailure: .restartWithLater()) {
            SubscriptionManager(link, venue)
        }
        my.start(alias: link.heartbeat, onFailure: .restartWithLater()) {
            Heartbeat(link, venue.rules)
        }
        switch source {
        case .live(let url, _, let trust):
            var isFirst = true
            my.start(alias: link.connection, onFailure: .restart()) {
                defer { isFirst = false }
                return Connection(link, venue, url: url, trust: trust, isRestarted: !isFirst)
            }
        case .recording(let recording, _, let speed):
            my.start(alias: link.connection, onFailure: .escalate) {
                Playback(link, venue, .ready(recording), speed: speed)
            }
        case .market(let floor, _):
            my.start(alias: link.connection, onFailure: .escalate) {
                Playback(link, venue, .asked(floor), speed: 1)
            }
        case .calls: break
        }
    }
}

/// How a link deals with its account, where the venue was given a key.
public struct AccountOptions: Sendable {
    /// What orders pass, and when all are cancelled.
    public var limits = RiskLimits()
    /// How the desk goes about its work.
    public var desk = DeskOptions()
    /// Orders are simulated on the link's market, live or recorded, and none leaves the machine, whether the venue was
    /// given a key or not; nil: they go to the venue. `outcry paper` and `outcry replay --market` say it by the
    /// environment (``PaperOptions/variable``), which counts more.
    public var paper: PaperOptions?

    /// No limits, the usual ways.
    public init() {}
}

/// Where a link's messages come from.
public enum LinkSource {
    /// From a venue: its stream, where its HTTP calls go, and who may vouch for its certificates.
    case live(VenueURL, http: VenueURL, trust: TLSTrust)
    /// From a recording, so many times as fast as it was recorded. The HTTP calls are answered from it, too;
    /// their URL is but a name.
    case recording(Recording, http: VenueURL, speed: Double)
    /// No messages: the link only makes calls over HTTP, and has neither books nor an order desk.
    case calls(VenueURL, trust: TLSTrust)
    /// From the recordings of a ``MarketFloor``, at their own time; the URL is but a name.
    case market(Alias, http: VenueURL)

    /// There are no messages.
    var isCallsAlone: Bool {
        if case .calls = self { true } else { false }
    }

    /// Where the HTTP calls go.
    var http: VenueURL {
        switch self {
        case .live(_, let http, _), .recording(_, let http, _), .calls(let http, _),
            .market(_, let http):
            http
        }
    }
}

extension Link {
    /// Opens a link: starts its parts on `kernel`, connecting as soon as it runs.
    ///
    /// - Parameters:
    ///   - http: Where the HTTP calls go; the host of `url`, secret if that is, if not said.
    ///   - trust: Who may vouch for the venue's certificates, where a URL is `wss` or `https`.
    ///   - account: How the account is dealt with, where the venue was given a key.
    /// - Throws: ``LinkError`` when a URL cannot be used.
    public static func open(
        _ venue: any Venue, on kernel: Kernel, url: String, http: String? = nil,
        instruments: [Instrument], name: String? = nil, trust: TLSTrust = .system,
        account: AccountOptions = AccountOptions()
    ) throws -> Link {
        let stream = try VenueURL(url)
        guard stream.scheme.isStream else {
            throw LinkError.unsupportedScheme(stream.scheme.rawValue, url: url)
        }
        let calls = try VenueURL(
            http ?? "\(stream.isSecure ? "https" : "http")://\(stream.hostField)/")
        guard !calls.scheme.isStream else {
            throw LinkError.unsupportedScheme(calls.scheme.rawValue, url: "\(calls)")
        }
        return try open(
            venue, on: kernel, from: .live(stream, http: calls, trust: trust),
            instruments: instruments, name: name, account: account)
    }

    /// Opens a link whose messages come from `source`: starts its parts on `kernel`.
    ///
    /// The end of a recording comes as a `disconnected` without a next try.
    ///
    /// - Throws: ``LinkError``.
    public static func open(
        _ venue: any Venue, on kernel: Kernel, from source: LinkSource,
        instruments: [Instrument], name: String? = nil, account: AccountOptions = AccountOptions()
    ) throws(LinkError) -> Link {
        guard !instruments.isEmpty else { throw LinkError.noInstrument }
        let paper = try PaperOptions(of: kernel) ?? account.paper
        // Without a key nothing can be signed, whoever asks for it.
        let venue = paper == nil ? venue : venue.withoutAccount
        var source = source
        var account = account
        var simulated: PaperAccount?
        if let paper {
            guard !venue.hasAccount else {
                throw LinkError.badPaper(
                    "expected \(venue.id) to do without its key, found that it does not")
            }
            // What is on paper is nobody's open order.
            account.desk.ledger = nil
            if case .live(_, let http, _) = source, let floor = MarketFloor.find(on: kernel) {
                source = .market(floor, http: http)
            }
            if !source.isCallsAlone {
                do throws(PaperOptionsError) {
                    simulated = PaperAccount(
                        try PaperMachine(paper, venue.rules.paper, instruments: instruments))
                } catch { throw LinkError.badPaper("\(error)") }
            }
        }
        let link = Link(
            venue: venue.id, name: name ?? "\(venue.id)", instruments: instruments,
            simulatesOrders: simulated != nil)
        let alias = Alias(link.name + ".link")
        guard kernel.find(alias) == nil else { throw LinkError.nameTaken(link.name) }
        kernel.start(
            LinkKeeper(link) {
                LinkSupervisor(link, venue, from: source, account: account, paper: simulated)
            }, alias: alias)
        return link
    }
}

/// Why a link cannot be opened.
public enum LinkError: Error, CustomStringConvertible, Sendable {
    /// The URL's scheme is another's: ws and wss are for the stream, http and https for calls.
    case unsupportedScheme(String, url: String)
    /// No instrument was named.
    case noInstrument
    /// Another link of the kernel has the name.
    case nameTaken(String)
    /// What is said about simulated orders cannot be used, and why.
    case badPaper(String)

    /// In words.
    public var description: String {
        switch self {
        case .unsupportedScheme(let scheme, let url):
            "expected a URL with the scheme ws or wss (http or https for calls), found \(scheme) in \(url)"
        case .noInstrument: "expected at least one instrument, found none"
        case .badPaper(let problem): "simulated orders: \(problem)"
        case .nameTaken(let name): "expected a name of its own, found a second link \"\(name)\""
        }
    }
}

extension Venue {
    /// Makes what makes the calls of a link.
    fileprivate func makeClient(_ trust: TLSTrust) -> HTTPClient {
        var options = HTTPClientOptions()
        options.trust = trust
        options.fields = rules.callFields
        return HTTPClient(options)
    }
}
