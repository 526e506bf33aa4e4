public import OutcryKernel
public import OutcryMarket

/// A value that an application holds: one venue connection's events and verbs.
///
/// The topics are what one registers for; they survive reconnects and restarts.
public struct Link: Sendable {
    /// The venue.
    public let venue: VenueID
    /// The link's name: the alias of its connection, and the stem of the others.
    public let name: String
    /// What is traded over it.
    public let instruments: [Instrument]

    /// One level of a market changed.
    public let depth: Topic<DepthChange>
    /// Somebody traded.
    public let trade: Topic<Trade>
    /// A market's summary.
    public let ticker: Topic<Ticker>
    /// How far the venue's engine is behind.
    public let lag: Topic<EngineLag>
    /// A book changed.
    public let bookChanged: Topic<BookChange>
    /// A book is not to be relied upon.
    public let bookStale: Topic<BookStale>
    /// One of your orders changed.
    public let order: Topic<Order>
    /// One of your orders traded.
    public let fill: Topic<Fill>
    /// Your orders agree with the venue's, after a reconnect or an unknown outcome.
    public let reconciled: Topic<Reconciliation>
    /// What the account has changed.
    public let wallet: Topic<Wallet>
    /// The account's own channel is up, or is no more.
    public let accountChannel: Topic<Bool>
    /// The link is up.
    public let connected: Topic<LinkUp>
    /// The link is down.
    public let disconnected: Topic<LinkDown>
    /// A channel is silent.
    public let channelStale: Topic<Silence>
    /// The connection is silent and will be made anew.
    public let connectionStale: Topic<Duration>
    /// A channel was confirmed.
    public let subscribed: Topic<Channel>
    /// A channel was never confirmed.
    public let subscriptionRefused: Topic<Channel>
    /// The venue says something in words.
    public let notice: Topic<Notice>
    /// A message could not be used.
    public let malformed: Topic<Malformed>

    /// How many requests wait for their turn, since the venue's limits do not let them go.
    public let requestsWaiting: Topic<RequestsWaiting>
    /// What the connection sends and receives, frame by frame.
    public let frame: Topic<Frame>
    /// What is asked over HTTP, and the answers.
    public let httpExchange: Topic<HTTPExchange>

    /// The session that holds the connection.
    public let connection: Alias
    /// The session that keeps the subscriptions.
    public let subscriptions: Alias
    /// The session that keeps the books.
    public let books: Alias
    /// The session that all orders, and what is said about them, go through before the desk: it keeps the limits.
    public let risk: Alias
    /// The session that keeps the orders.
    public let desk: Alias
    /// The session that keeps what the account has.
    public let portfolio: Alias
    /// The session that carries the account's orders.
    public private(set) var gateway: Alias
    /// The session that makes the venue's calls: ``gateway``, but where orders are simulated, which have another.
    public let calls: Alias
    /// The session that signs them.
    public let signer: Alias
    /// The session that watches for silence.
    public let heartbeat: Alias
    /// The session that keeps the venue's limits.
    public let limits: Alias
    /// The session that makes HTTP calls.
    public let http: Alias
    /// The session that fetches snapshots, and all else that is told without a signature.
    public let snapshots: Alias
    /// The session that answers from memory: `my.ask(.cachedTicker, to: link.cache, .btcusd, …)`.
    public let cache: Alias

    /// Names the parts of a link.
    ///
    /// - Parameter simulatesOrders: Its gateway is a simulated one: what makes calls has a name of its own.
    public init(
        venue: VenueID, name: String, instruments: [Instrument], simulatesOrders: Bool = false
    ) {
        self.venue = venue
        self.name = name
        self.instruments = instruments
        connection = Alias(name)
        subscriptions = Alias(name + ".subscriptions")
        books = Alias(name + ".books")
        risk = Alias(name + ".risk")
        desk = Alias(name + ".desk")
        portfolio = Alias(name + ".portfolio")
        gateway = Alias(name + ".gateway")
        calls = simulatesOrders ? Alias(name + ".calls") : gateway
        signer = Alias(name + ".signer")
        heartbeat = Alias(name + ".heartbeat")
        limits = Alias(name + ".limits")
        http = Alias(name + ".http")
        snapshots = Alias(name + ".snapshots")
        cache = Alias(name + ".cache")
        depth = Topic(.depth, from: connection)
        trade = Topic(.trade, from: connection)
        ticker = Topic(.ticker, from: connection)
        lag = Topic(.lag, from: connection)
        bookChanged = Topic(.bookChanged, from: books)
        bookStale = Topic(.bookStale, from: books)
        order = Topic(.order, from: desk)
        fill = Topic(.fill, from: desk)
        reconciled = Topic(.reconciled, from: desk)
        wallet = Topic(.wallet, from: portfolio)
        accountChannel = Topic(.accountChannel, from: gateway)
        connected = Topic(.connected, from: connection)
        disconnected = Topic(.disconnected, from: connection)
        channelStale = Topic(.channelStale, from: heartbeat)
        connectionStale = Topic(.connectionStale, from: heartbeat)
        subscribed = Topic(.subscribed, from: connection)
        subscriptionRefused = Topic(.subscriptionRefused, from: subscriptions)
        notice = Topic(.notice, from: connection)
        malformed = Topic(.malformed, from: connection)
        requestsWaiting = Topic(.requestsWaiting, from: limits)
        frame = Topic(.frame, from: connection)
        httpExchange = Topic(.httpExchange, from: snapshots)
    }

    /// The link as what makes its calls sees it: a gateway of that name.
    var forCalls: Link {
        var link = self
        link.gateway = calls
        return link
    }

    /// Places an order. What becomes of it comes as `order` events, which bear the name that is returned: the
    /// request's own, or one that is made up.
    ///
    /// An order that nobody can take (a link that is not there) is told in the log only.
    @discardableResult public func place(_ request: OrderRequest, _ my: Context) -> OrderID {
        var request = request
        let id = request.id ?? OrderID(random: my.random())
        request.id = id
        if my.post(.place, to: risk, request) != .taken {
            my.log.error("order not placed: the link's desk is gone or full", id)
        }
        return id
    }

    /// Cancels an order, by its name. What becomes of it comes as `order` events; for an order that has ended
    /// nothing comes.
    @discardableResult public func cancel(_ order: OrderID, _ my: Context) -> Posted {
        my.post(.cancelOrder, to: risk, order)
    }

    /// Cancels all orders that have not ended, of one market or of all.
    @discardableResult public func cancelAll(
        of instrument: Instrument? = nil, _ my: Context
    ) -> Posted {
        my.post(.cancelAllOrders, to: risk, instrument)
    }

    /// Asks for a channel besides those of the instruments; it is kept over reconnects.
    @discardableResult public func subscribe(_ channel: Channel, _ my: Context) -> Posted {
        my.post(.subscribe, to: subscriptions, channel)
    }

    /// Gives a channel up.
    @discardableResult public func unsubscribe(_ channel: Channel, _ my: Context) -> Posted {
        my.post(.unsubscribe, to: subscriptions, channel)
    }

    /// Has another connection made before this one is given up: where the venue announces a restart, or before
    /// the last hour of a token. It comes as one more `connected`, without a `disconnected` before it; the
    /// subscriptions are asked for again and the books loaded again.
    @discardableResult public func renew(_ my: Context) -> Posted {
        my.post(.renewConnection, to: connection)
    }

    /// Sends one text message as it is: for calls that the venue knows and this framework does not. While
    /// the link is down it is lost, with a warning in the log.
    @discardableResult public func send(_ text: String, _ my: Context) -> Posted {
        my.post(.send, to: connection, Array(text.utf8))
    }
}
