/// Trade numbers above ``low``, up to and with ``high``: all trades that there are with such a number are
/// stored.
struct TradeSpan: Hashable, Sendable {
    var low: Int64
    var high: Int64

    init(_ low: Int64, _ high: Int64) {
        precondition(low <= high, "a span does not end before it begins")
        self.low = low
        self.high = high
    }
}

/// What is known to be whole of a market's history: spans in their order, of which no two touch.
///
/// What lies between them may have trades that nobody has seen.
struct TradeSpans: Hashable, Sendable {
    /// Lowest first.
    private(set) var spans: [TradeSpan] = []

    init(_ spans: [TradeSpan] = []) {
        for span in spans { insert(span) }
    }

    /// Adds a span, and joins it with those that it overlaps or touches.
    mutating func insert(_ new: TradeSpan) {
        var joined = new
        var kept: [TradeSpan] = []
        for span in spans {
            if span.high < new.low || span.low > new.high {
                kept.append(span)
            } else {
                joined.low = min(joined.low, span.low)
                joined.high = max(joined.high, span.high)
            }
        }
        let place = kept.firstIndex { $0.low > joined.low } ?? kept.count
        kept.insert(joined, at: place)
        spans = kept
    }

    /// The last number up to which nothing is missing, where everything is known from there on; nil where
    /// nothing is known yet.
    var newest: Int64? { spans.last?.high }

    /// Up to where all trades behind a number are stored; nil where it lies in no span.
    func reach(after number: Int64) -> Int64? {
        spans.first { $0.low <= number && number <= $0.high }?.high
    }

    /// Where the first hole behind a number begins, and where it ends; nil where there is none before
    /// ``newest``.
    func hole(from start: Int64) -> TradeSpan? {
        var reached = start
        for span in spans where span.high >= start {
            if span.low > reached { return TradeSpan(reached, span.low) }
            reached = max(reached, span.high)
        }
        return nil
    }
}
