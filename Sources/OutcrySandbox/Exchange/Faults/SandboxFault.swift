import OutcryServing

/// Something that a sandbox does wrong on purpose, for tests of those who must notice. Each has a name, a
/// value in a unit of its own (``unit``), and is off where that is 0.
///
/// - Source: the protocol reference, sections 3.4, 10.2, 12.4, 12.5, 13.2 and 13.4: what the venue did, or
///   what its clients say of it.
public enum SandboxFault: String, Hashable, Sendable, CaseIterable {
    // What the market says.
    /// When the market is stopped, one more order rests, and nobody is told.
    case dropLastDepth = "drop-last-depth"
    /// With a message, one of those who get it loses that channel.
    case loseSubscription = "lose-subscription"
    /// A depth message is not sent.
    case dropDepth = "drop-depth"
    /// A depth message is sent twice.
    case doubleDepth = "double-depth"
    /// A depth message comes behind the next one of its book.
    case reorderDepth = "reorder-depth"
    /// A depth message says a change of 0; its total is right.
    case zeroDelta = "zero-delta"
    /// A depth message puts a bid at the best ask that is not there.
    case crossBook = "cross-book"
    /// The same, and the book's next message takes it back.
    case crossBriefly = "cross-briefly"
    /// A trade is told twice.
    case doubleTrade = "double-trade"
    // What accounts are told.
    /// An order's user_order comes before its result, not behind.
    case orderFirst = "order-first"
    /// Idkeys are refused that are older, not those of 24 hours.
    case idkeyAge = "idkey-age"
    // The engine's lag.
    /// Orders and cancellations wait before the engine has them.
    case engineLag = "engine-lag"
    /// The lag grows: by so much of the time since it was set.
    case lagGrowth = "lag-growth"
    /// There is lag in the first so much of each lag-period alone.
    case lagBurst = "lag-burst"
    /// How often there is lag, with lag-burst.
    case lagPeriod = "lag-period"
    // Answers to calls.
    /// A right private call is refused for its nonce.
    case invalidNonce = "invalid-nonce"
    /// A call gets "MySQL error, please retry later" with status 200.
    case mysqlError = "mysql-error"
    /// A call gets a page of HTML with status 502 or 503.
    case htmlError = "html-error"
    /// The two pages come for calls that were executed.
    case errorsAfter = "errors-after"
    /// Replies come so much later.
    case slowReply = "slow-reply"
    /// A reply breaks off in its middle.
    case cutReply = "cut-reply"
    /// A call is executed, and its connection ends without an answer.
    case lostReply = "lost-reply"
    /// A reply in gzip cannot be unpacked.
    case brokenGzip = "broken-gzip"
    // Connections.
    /// Bytes a second that each connection is written.
    case slowSockets = "slow-sockets"
    /// A connection is neither read nor written any more.
    case halfOpen = "half-open"
    /// Now: so many Socket.IO sessions are over without a goodbye.
    case expireSessions = "expire-sessions"
    /// Now: so many connections are cut.
    case disconnect
    /// For so long, connections are closed as they come.
    case refuse
    /// Now: the exchange goes, and is back after so long.
    case restart

    /// What the number of a value counts.
    public enum Unit: Sendable {
        /// Of a thousand, 0 to 1000: a seeded generator draws each time.
        case perMille
        /// Microseconds; in text `250ms`, `90s`, `5m`, `2h`; a bare number means seconds.
        case time
        /// 0 or 1; in text `off` or `on`.
        case flag
        /// Bytes a second.
        case bytes
    }

    /// What the number of its value counts.
    public var unit: Unit {
        switch self {
        case .dropLastDepth, .errorsAfter: .flag
        case .idkeyAge, .engineLag, .lagBurst, .lagPeriod, .slowReply, .refuse, .restart: .time
        case .slowSockets: .bytes
        default: .perMille
        }
    }

    /// It is done when it is set, once: its value is 0 again at once.
    public var isDeed: Bool {
        switch self {
        case .expireSessions, .disconnect, .refuse, .restart: true
        default: false
        }
    }

    /// The largest number that its value can have: a week, a gigabyte a second.
    public var most: Int64 {
        switch unit {
        case .perMille: 1_000
        case .time: 604_800_000_000
        case .flag: 1
        case .bytes: 1_000_000_000
        }
    }

    /// Its place among all.
    var index: Int { Self.places[self] ?? 0 }
    private static let places = Dictionary(
        uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })
}
