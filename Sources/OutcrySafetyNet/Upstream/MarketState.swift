import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryVenues

/// What is known of one market, and since when.
struct MarketState {
    /// How much what is known is worth.
    enum Trust: Equatable {
        /// Nothing was ever known.
        case none
        /// The stream keeps it current.
        case live
        /// It was so until then.
        case old(since: KernelTime)
    }

    var mirror: MarketMirror
    /// The book's worth.
    var trust = Trust.none
    /// Where a copy of the true book is.
    enum Copy: Equatable {
        /// None is on its way.
        case none
        /// Asked for; what is told now is in it.
        case asked
        /// Asked for; what is told now is not in it, and is kept.
        case marked
    }
    var copy = Copy.none
    /// A change of the true book came while a copy was on its way: another is needed.
    var wantsCopy = false
    /// Changes that a copy on its way has not.
    var missed: [DepthChange] = []
    /// Since when every change of the book is told; nil while there is no such stream.
    var toldSince: KernelTime? { didSet { told = [:] } }
    /// What was told last of each level since then, while there is no book that it changes.
    private var told: [Level: DepthChange] = [:]

    private struct Level: Hashable {
        let side: Side
        let price: Int64
    }
    /// When that ended last.
    private(set) var toldUntil = KernelTime.zero

    /// The last ticker.
    var ticker: MtGoxTicker?
    /// When the ticker was told, or asked for.
    var tickerTime = KernelTime.zero
    /// The ticker's worth.
    var tickerTrust = Trust.none
    /// Counts the tickers.
    var tickerVersion = 0
    /// Trades that were heard.
    var trades = 0

    init(_ instrument: Instrument) { mirror = MarketMirror(instrument) }

    /// A change is told.
    ///
    /// - Returns: False for one that is not to be told.
    mutating func hear(_ change: DepthChange) -> Bool {
        if !mirror.isLoaded {
            told[Level(side: change.side, price: change.priceUnits)] = change
        } else if !told.isEmpty {
            told = [:]
        }
        guard mirror.apply(change) else { return false }
        if copy == .marked { missed.append(change) }
        return true
    }

    /// Somebody is given a whole book while its changes are told: before there was any, it is what he has who hears
    /// them from here on.
    mutating func give(_ book: BookSnapshot) {
        guard !mirror.isLoaded else { return }
        mirror.begin(book, told.values)
    }

    /// Changes may be missed from here on.
    mutating func stopTelling(at now: KernelTime) {
        guard toldSince != nil else { return }
        toldSince = nil
        toldUntil = now
    }

    /// How old the book is; nil where there is none.
    func bookAge(at now: KernelTime) -> Duration? { age(trust, at: now) }

    /// How old the ticker is; nil where there is none.
    func tickerAge(at now: KernelTime) -> Duration? {
        ticker == nil ? nil : age(tickerTrust, at: now)
    }

    private func age(_ trust: Trust, at now: KernelTime) -> Duration? {
        switch trust {
        case .none: nil
        case .live: .zero
        case .old(let since): now - since
        }
    }

    /// The book is not kept current any more.
    mutating func loseBook(at now: KernelTime) {
        if trust == .live { trust = .old(since: now) }
    }

    /// The ticker is not kept current any more.
    mutating func loseTicker(at now: KernelTime) {
        if tickerTrust == .live { tickerTrust = .old(since: now) }
    }
}
