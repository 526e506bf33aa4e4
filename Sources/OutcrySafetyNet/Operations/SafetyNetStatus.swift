public import OutcryKernel
public import OutcryMarket

/// What a SafetyNet has done since it was started.
public struct SafetyNetCounters: Sendable, Equatable {
    // Clients.
    /// Connections that came.
    public var accepted = 0
    /// Of those, turned away: too many, or the end was near.
    public var turnedAway = 0
    /// Public calls over HTTP.
    public var questions = 0
    /// Of those, answered with a reply that was there.
    public var shelved = 0
    /// Of those, waited for an answer that was being made.
    public var joined = 0
    /// Public calls that were answered with what they asked for.
    public var replies = 0
    /// Of those, answered by 304.
    public var notModified = 0
    /// Calls and handshakes that were refused.
    public var refused = 0
    /// Calls that were refused since the data were too old.
    public var staleRefused = 0
    /// Replies that were marked as stale.
    public var staleMarked = 0
    /// Connections that read a reply of HTTP, or Socket.IO, too slowly and were cut off.
    public var cutOff = 0

    // Signed calls.
    /// Signed calls that came.
    public var signed = 0
    /// Of those, refused: over the budget, or too many of one key waited.
    public var signedRefused = 0
    /// Of those, without an answer of the upstream.
    public var signedFailed = 0
    /// Connections upstream that were made for one client alone.
    public var linesOpened = 0

    // Upstream.
    /// How many times the upstream came up.
    public var ups = 0
    /// How many times it was lost.
    public var losses = 0
    /// How many times it was left for the next one.
    public var failovers = 0
    /// Of those, times that the first one was taken back.
    public var returns = 0
    /// Calls upstream for what no stream tells, besides those of the link's cache.
    public var fetches = 0
    /// Messages of trades, of depth, of tickers, of the lag that came.
    public var trades = 0
    /// Messages of depth that came.
    public var depths = 0
    /// Messages of tickers that came.
    public var tickers = 0
    /// Messages of the lag that came.
    public var lags = 0
    /// Books that were put right after a loss, by telling what differed.
    public var repairs = 0
    /// The levels that differed.
    public var repaired = 0
    /// How many times the stream came faster than it was told on.
    public var overflows = 0

    // History.
    /// Trades given to the store, those that were there among them.
    public var stored = 0
    /// Pages of the past that were fetched.
    public var pages = 0

    /// Nothing done yet.
    public init() {}
}

/// How one market is kept.
public struct SafetyNetMarketStatus: Sendable, Equatable {
    /// The market.
    public let instrument: Instrument
    /// The book is kept current by the stream.
    public let isTrusted: Bool
    /// How old the book is; nil where there is none.
    public let bookAge: Duration?
    /// How old the ticker is; nil where there is none.
    public let tickerAge: Duration?
    /// Levels of the book.
    public let levels: Int
    /// All trades are stored up to this number; nil: none are.
    public let storedTo: Int64?
    /// The first trade that may be missing in the history lies behind this number; nil: none is missing.
    public let missingAfter: Int64?
}

/// How a SafetyNet is.
public struct SafetyNetStatus: Sendable, Equatable {
    /// The upstream whose turn it is, by its place in the configuration.
    public let upstream: Int
    /// Its stream's URL.
    public let upstreamURL: String
    /// It is up.
    public let isUp: Bool
    /// Why it was lost last; nil: never.
    public let lostReason: String?
    /// The markets, in the order of the configuration.
    public let markets: [SafetyNetMarketStatus]
    /// Connections that are there.
    public let connections: Int
    /// Of those, clients on a WebSocket of their own.
    public let webSockets: Int
    /// Clients at a Socket.IO session.
    public let socketIO: Int
    /// Clients with a connection upstream of their own.
    public let ownLines: Int
    /// Signed calls that wait for their turn.
    public let signedWaiting: Int
    /// Bytes of replies that are kept, about.
    public let shelfBytes: Int
    /// Why trades are not stored any more; nil: they are.
    public let storeFailure: String?
    /// Clients of the stream that are behind.
    public let slowClients: Int
    /// What it has done.
    public let counters: SafetyNetCounters
    /// What it has told clients of the stream.
    public let fanOut: FanOutCounters
    /// Why it is not ready, in words; empty: it is.
    public let problems: [String]

    /// What somebody should look at though all that is served is current: files that were read anew and
    /// cannot be used.
    public let warnings: [String]

    /// All that is served is current enough.
    public var isReady: Bool { problems.isEmpty }
}

extension SafetyNet {
    /// How it is now.
    public func status(_ my: Context) -> SafetyNetStatus { status(at: my.now) }

    /// Says the most important of its status to those who look at the program.
    public func inspect(_ sheet: inout InspectionSheet) {
        let status = status(at: sheet.now)
        sheet.add(
            "safetynet",
            [
                "ready": .flag(status.isReady),
                "problems": status.problems.isEmpty
                    ? nil : .text(status.problems.joined(separator: "; ")),
                "upstream": .number(Int64(status.upstream)), "up": .flag(status.isUp),
                "connections": .number(Int64(status.connections)),
                "WebSockets": .number(Int64(status.webSockets)),
                "Socket.IO sessions": .number(Int64(status.socketIO)),
                "slow": .number(Int64(status.slowClients)),
            ])
    }

    private func status(at now: KernelTime) -> SafetyNetStatus {
        SafetyNetStatus(
            upstream: upstreamPlace, upstreamURL: configuration.upstreams[upstreamPlace].stream,
            isUp: isUp, lostReason: lostReason,
            markets: markets.indices.map { place in
                SafetyNetMarketStatus(
                    instrument: markets[place].mirror.instrument,
                    isTrusted: markets[place].trust == .live,
                    bookAge: markets[place].bookAge(at: now),
                    tickerAge: markets[place].tickerAge(at: now),
                    levels: markets[place].mirror.book.count,
                    storedTo: histories[place].spans.newest,
                    missingAfter: histories[place].missingAfter)
            },
            connections: connections.count, webSockets: webSocketClients.count,
            socketIO: sessionClients.count, ownLines: lines.count, signedWaiting: signed.waiting,
            shelfBytes: shelf.bytes, storeFailure: storeFailure.map { "\($0)" },
            slowClients: fanOut.slowClients, counters: counters, fanOut: fanOut.counters,
            problems: problems(at: now), warnings: reopenProblem.map { [$0] } ?? [])
    }

    /// Why it is not ready.
    private func problems(at now: KernelTime) -> [String] {
        var problems: [String] = []
        if isDraining { problems.append("it ends") }
        if !isUp { problems.append("the upstream is not up") }
        for market in markets where market.trust != .live {
            let name = market.mirror.instrument.name
            let age = market.bookAge(at: now)
            guard let age else {
                problems.append("\(name): no book yet")
                continue
            }
            if age > configuration.staleness.limit {
                problems.append("\(name): the book is \(age.components.seconds) s old")
            } else {
                problems.append("\(name): the book is not trusted")
            }
        }
        if storeFailure != nil { problems.append("trades are not stored") }
        return problems
    }
}
