import OutcryKernel
import OutcryMarket

/// What is known of the history of one market, and what is to be fetched next. No kernel, no I/O.
struct HistoryState {
    let market: Instrument
    /// What is whole in the store.
    var spans: TradeSpans
    /// Trades were heard, or may have been missed, since the store was last brought up to the present.
    var isHeard = true
    /// A batch is on its way to the store, or to be asked for.
    var isWriting = false
    /// A page is being fetched.
    var isFetching = false
    /// Not before this time is a page fetched.
    var nextPage = KernelTime.zero
    /// The link's tape holds all trades above this; nil: not known.
    var tapeFloor: Int64?
    /// Pages that were fetched.
    var pages = 0
    /// Behind this number the history begins; nil: where the tape began.
    private let start: Int64?

    init(_ market: Instrument, _ spans: TradeSpans, _ wish: HistoryWish) {
        self.market = market
        self.spans = spans
        switch wish {
        case .everything: start = 0
        case .after(let number): start = number
        case .recent: start = nil
        }
    }

    /// The number behind which the next page is to be fetched; nil: nothing is missing that was wished for,
    /// or the present is not stored yet, from which the holes are seen.
    var missingAfter: Int64? {
        guard let newest = spans.newest else { return nil }
        guard let start else { return holeInside(newest) }
        guard start < newest else { return nil }
        return spans.hole(from: start)?.low
    }

    private func holeInside(_ newest: Int64) -> Int64? {
        spans.spans.first.flatMap { spans.hole(from: $0.high)?.low }
    }
}
