/// Candles of one instrument at a fixed period, built from its trades.
///
/// Periods are aligned to 1970, so two series of one period agree on the borders. Trades may come
/// in any order: one that is late goes into the candle of its own time and is counted. The same
/// trades in any order give the same candles, as long as no two have both time and number in
/// common. Duplicates are the caller's to drop: the key is number and currency.
public struct CandleSeries: Sendable {
    /// What became of a trade.
    @frozen public enum Change: Hashable, Sendable, BitwiseCopyable {
        /// It began a new, latest candle; the one before is complete, late trades aside.
        case started
        /// It changed the latest candle.
        case updated
        /// It changed or began a candle before the latest.
        case amended
        /// It is not for this series; see ``CandleSeries/ignored``.
        case ignored
    }

    /// How many trades were left out, and why.
    @frozen public struct Ignored: Hashable, Sendable, BitwiseCopyable {
        /// They were of another instrument.
        public internal(set) var otherInstrument = 0
        /// They were converted copies, and the series takes primary trades only.
        public internal(set) var notPrimary = 0
        /// They had no time (0), or one that no period holds.
        public internal(set) var undated = 0
        /// They had an invalid price, or an amount that is invalid or below zero.
        public internal(set) var unusable = 0
    }

    /// What the candles are of.
    public let instrument: Instrument
    /// How long each is, in microseconds.
    public let period: Int64
    /// Whether converted copies of trades are left out.
    public let primaryOnly: Bool
    /// The candles that have trades, by ascending time; for gaps see ``candles(gaps:until:)``.
    public private(set) var traded: [Candle] = []
    /// How many trades came after a later one.
    public private(set) var outOfOrder = 0
    /// How many trades were left out.
    public private(set) var ignored = Ignored()

    /// Makes an empty series.
    ///
    /// - Parameter primaryOnly: Whether to leave out copies of trades converted to another
    ///   currency; with them, a trade between two currencies counts twice.
    /// - Precondition: the period is positive and a whole number of microseconds.
    /// - Source: the Mt. Gox protocol reference, section 12.2, for `primary`.
    public init(_ instrument: Instrument, period: Duration, primaryOnly: Bool = true) {
        let (seconds, attoseconds) = period.components
        let (whole, rest) = attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000_000)
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (micros, carry) = scaled.addingReportingOverflow(whole)
        precondition(
            rest == 0 && !overflow && !carry && micros > 0,
            "a candle's period is positive and a whole number of microseconds")
        self.instrument = instrument
        self.period = micros
        self.primaryOnly = primaryOnly
    }

    /// Takes in a trade.
    ///
    /// - Complexity: O(1) for a trade in the latest candle or after it; otherwise O(log n), or O(n)
    ///   where it begins a candle in between.
    @discardableResult
    public mutating func add(_ trade: Trade) -> Change {
        guard let start = place(trade) else { return .ignored }
        guard let latest = traded.last, start <= latest.start else {
            traded.append(Candle(trade, start: start, period: period))
            return .started
        }
        if start == latest.start {
            if traded[traded.count - 1].add(trade) { outOfOrder += 1 }
            return .updated
        }
        outOfOrder += 1
        let index = firstIndex(notBefore: start)
        if traded[index].start == start {
            _ = traded[index].add(trade)
        } else {
            traded.insert(Candle(trade, start: start, period: period), at: index)
        }
        return .amended
    }

    /// Forgets the candles that ended at or before a time, in microseconds since 1970.
    public mutating func removeAll(endedBefore stamp: Int64) {
        let kept = traded.firstIndex { $0.end > stamp } ?? traded.count
        traded.removeSubrange(..<kept)
    }

    /// The start of the trade's period, or nil, counted, when the trade is not for this series.
    private mutating func place(_ trade: Trade) -> Int64? {
        guard trade.instrument == instrument else {
            ignored.otherInstrument += 1
            return nil
        }
        guard trade.isPrimary || !primaryOnly else {
            ignored.notPrimary += 1
            return nil
        }
        guard trade.quantityUnits >= 0, trade.priceUnits != .min else {
            ignored.unusable += 1
            return nil
        }
        let remainder = trade.stamp % period
        let offset = remainder < 0 ? remainder + period : remainder
        let (start, overflow) = trade.stamp.subtractingReportingOverflow(offset)
        guard trade.stamp != 0, !overflow else {
            ignored.undated += 1
            return nil
        }
        return start
    }

    /// The index of the first candle that does not start before a time.
    private func firstIndex(notBefore start: Int64) -> Int {
        var (low, high) = (0, traded.count)
        while low < high {
            let middle = (low + high) / 2
            if traded[middle].start < start { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
