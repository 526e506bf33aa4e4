public import OutcryMarket

/// What has happened in a simulated account. Amounts are units of the markets' currencies.
public struct PaperStatistics: Sendable, Equatable {
    /// Orders that left the bot.
    public internal(set) var ordered = 0
    /// Of these: refused by the exchange.
    public internal(set) var refused = 0
    /// Of these: taken by it.
    public internal(set) var accepted = 0
    /// Taken, and traded to the end.
    public internal(set) var filled = 0
    /// Taken, and traded at least in part.
    public internal(set) var touched = 0
    /// Taken while the feed's book was not known: they waited for it.
    public internal(set) var waited = 0
    /// Orders without a limit whose rest nobody took.
    public internal(set) var unfilled = 0
    /// Cancellations that left the bot.
    public internal(set) var cancellations = 0
    /// Orders that one of these has ended.
    public internal(set) var cancelled = 0
    /// Cancellations that came when there was nothing left of their order.
    public internal(set) var lateCancellations = 0
    /// Fills that took what stood in the book.
    public internal(set) var takingFills = 0
    /// Fills of orders that rested.
    public internal(set) var restingFills = 0
    /// The first moment of the market, µs since 1970; 0: there was none.
    public private(set) var began: Int64 = 0
    /// The last one.
    public private(set) var ended: Int64 = 0
    /// What was wanted, filled and traded by all others, by market.
    public private(set) var markets: [Market] = []
    /// What the account was worth: first, last, at its best, and the deepest fall from a best before it. Nil as long as
    /// no price was known.
    public private(set) var worth: Worth?

    /// Sums of one market.
    public struct Market: Sendable, Equatable {
        /// Which.
        public let instrument: Instrument
        /// The amounts of all orders that were taken.
        public internal(set) var wanted: Int128 = 0
        /// What of that was filled.
        public internal(set) var filled: Int128 = 0
        /// What that cost or brought, in units of the quote.
        public internal(set) var turnover: Int128 = 0
        /// What the feed told to be traded.
        public internal(set) var traded: Int128 = 0
        /// Twice the first and the last middle of the book, in units of the quote.
        var mids: Mids?
    }

    /// Twice a middle price, in units of the quote.
    struct Mids: Sendable, Equatable {
        let first: Int64
        var last: Int64
    }

    /// What an account was worth, in units of the quote.
    public struct Worth: Sendable, Equatable {
        /// When a price was known first.
        public let first: Int64
        /// At last.
        public internal(set) var last: Int64
        /// At its best.
        public internal(set) var best: Int64
        /// The deepest fall from a best before it.
        public internal(set) var drawdown: Int64 = 0
    }

    func mids(of instrument: Instrument) -> Mids? {
        markets.first { $0.instrument == instrument }?.mids
    }

    private mutating func place(of instrument: Instrument) -> Int {
        if let place = markets.firstIndex(where: { $0.instrument == instrument }) { return place }
        markets.append(Market(instrument: instrument))
        return markets.count - 1
    }

    mutating func add(_ quantity: Int64, wanted instrument: Instrument) {
        markets[place(of: instrument)].wanted += Int128(quantity)
    }

    mutating func add(_ quantity: Int64, traded instrument: Instrument) {
        markets[place(of: instrument)].traded += Int128(quantity)
    }

    mutating func add(
        _ quantity: Int64, cost: Int64, filled instrument: Instrument, isResting: Bool,
        isWhole: Bool, isFirst: Bool
    ) {
        let place = place(of: instrument)
        markets[place].filled += Int128(quantity)
        markets[place].turnover += Int128(cost)
        if isResting { restingFills += 1 } else { takingFills += 1 }
        if isWhole { filled += 1 }
        if isFirst { touched += 1 }
    }

    mutating func note(doubleMid: Int64, of instrument: Instrument) {
        let place = place(of: instrument)
        if markets[place].mids == nil {
            markets[place].mids = Mids(first: doubleMid, last: doubleMid)
        } else {
            markets[place].mids?.last = doubleMid
        }
    }

    mutating func note(_ wall: Int64) {
        if began == 0 { began = wall }
        ended = wall
    }

    mutating func note(worth now: Int64) {
        guard var worth else {
            worth = Worth(first: now, last: now, best: now)
            return
        }
        worth.last = now
        worth.best = max(worth.best, now)
        worth.drawdown = max(worth.drawdown, worth.best - now)
        self.worth = worth
    }
}
