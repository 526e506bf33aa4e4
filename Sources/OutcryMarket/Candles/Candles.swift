/// What stands for a period without trades.
@frozen public enum CandleGaps: Hashable, Sendable, BitwiseCopyable, CaseIterable {
    /// Nothing: the next candle's start tells.
    case skip
    /// A candle without volume at the close before it.
    case repeatClose
}

/// The candles of a series by ascending time, gaps treated as asked.
///
/// Made as they are iterated over: a gap of years costs no memory.
public struct Candles: Sequence, Sendable {
    let traded: [Candle]
    let gaps: CandleGaps
    let until: Int64?

    /// Starts at the first candle.
    public func makeIterator() -> Iterator {
        Iterator(candles: self)
    }

    /// Makes one candle after the other.
    public struct Iterator: IteratorProtocol, Sendable {
        private let candles: Candles
        private var index = 0
        private var previous: Candle?

        fileprivate init(candles: Candles) {
            self.candles = candles
        }

        /// The next candle, or nil at the end.
        public mutating func next() -> Candle? {
            let real = index < candles.traded.count ? candles.traded[index] : nil
            if candles.gaps == .repeatClose, let previous, previous.end != .max {
                let isDue =
                    if let real { previous.end < real.start } else {
                        candles.until.map { previous.end < $0 } ?? false
                    }
                if isDue {
                    self.previous = Candle(after: previous, start: previous.end)
                    return self.previous
                }
            }
            index += 1
            previous = real
            return real
        }
    }
}

extension CandleSeries {
    /// The candles by ascending time.
    ///
    /// - Parameters:
    ///   - gaps: What stands for periods without trades, between candles and, with `until`, after
    ///     the last.
    ///   - stamp: Up to when, in microseconds since 1970, a gap after the last candle is filled: to
    ///     the period that this time is in, unless it is its first moment. Nil for not at all.
    public func candles(gaps: CandleGaps, until stamp: Int64? = nil) -> Candles {
        Candles(traded: traded, gaps: gaps, until: stamp)
    }
}
