import OutcryComponents
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
    /// When the last answer that brought the store up to the present was asked for.
    private(set) var syncedAt = KernelTime.zero
    private var askedAt = KernelTime.zero
    /// A page is being fetched.
    var isFetching = false
    /// Not before this time is a page fetched.
    var nextPage = KernelTime.zero
    /// Above which number the link's tape began; nil: not known.
    private(set) var tapeFloor: Int64?
    /// The numbers of the last trades of the tape, which keeps more: `head` is the oldest.
    private var recent: [Int64] = []
    private var head = 0
    /// Half of what a tape keeps, and an hour less than it goes back.
    private static let mostRecent = 10_000
    private static let tapeSpan: Int64 = 82_800_000_000
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

    /// The tape is asked.
    mutating func beginSync(at now: KernelTime) {
        isWriting = true
        isHeard = false
        askedAt = now
    }

    /// What it told is written, or was there.
    mutating func endSync() {
        isWriting = false
        syncedAt = askedAt
    }

    /// The tape has told what it has.
    ///
    /// - Parameter asked: Behind which number it was asked for; nil: from its beginning.
    mutating func note(_ tape: TradeTape, asked: Int64?) {
        if asked == nil {
            tapeFloor = tape.after
            recent.removeAll()
            head = 0
        }
        noteFloor(of: tape, asked: asked)
        let known = recent.isEmpty ? Int64.min : recent[head == 0 ? recent.count - 1 : head - 1]
        for trade in tape.trades where trade.id > known {
            if recent.count < Self.mostRecent {
                recent.append(trade.id)
            } else {
                recent[head] = trade.id
                head = (head + 1) % Self.mostRecent
            }
        }
    }

    /// The tape keeps no more than it says: it may have begun anew since it was asked as a whole.
    mutating func noteFloor(of tape: TradeTape, asked: Int64?) {
        guard let known = tapeFloor else { return }
        var floor = max(known, tape.floor ?? known)
        if let asked, let after = tape.after, after > asked { floor = max(floor, after) }
        guard floor > known else { return }
        tapeFloor = floor
        let kept = (recent[head...] + recent[..<head]).drop { $0 <= floor }
        recent = Array(kept)
        head = 0
    }

    /// The link is another one: its tape begins anew, and is asked for as a whole.
    mutating func forgetTape() {
        tapeFloor = nil
        recent.removeAll()
        head = 0
        isHeard = true
    }

    /// Whether the link's tape surely holds all trades above a number.
    func tapeCovers(_ number: Int64, now: Int64) -> Bool {
        guard let tapeFloor, number >= tapeFloor, number > now - Self.tapeSpan else { return false }
        return recent.count < Self.mostRecent || number >= recent[head]
    }

    /// Whether the link's tape surely lacks trades above a number; a tape that is not there yet lacks none.
    func tapeLacks(_ number: Int64, now: Int64) -> Bool {
        guard let tapeFloor else { return false }
        return number < tapeFloor || number < now - 86_400_000_000
            || (recent.count == Self.mostRecent && number < recent[head])
    }

    /// The last trade that the tape has told of; nil: none, or there is no tape.
    var tapeEnd: Int64? {
        guard let tapeFloor else { return nil }
        guard !recent.isEmpty else { return tapeFloor }
        return recent.count < Self.mostRecent
            ? recent.last : recent[(head + Self.mostRecent - 1) % Self.mostRecent]
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
