import OutcryComponents
import OutcryMarket
import OutcryServing

/// The book of one market as those who have listened to its channel from a whole book on have it: what
/// was told to them, and nothing else. No kernel, no I/O.
///
/// While the upstream is there every change is told and goes in here. After a loss the true book comes
/// from elsewhere (``load(_:)``), and what differs is what they have to be told.
struct MarketMirror {
    let instrument: Instrument
    /// What they hold.
    let book: Book
    /// The newest stamp of what they hold.
    private(set) var stamp: Int64 = 0
    /// The newest stamp of the last book that was loaded.
    private var checkpoint: Int64 = 0
    /// Counts the changes, so that what was made of the book is known to be of it still.
    private(set) var version = 0
    /// The book was whole once.
    private(set) var isLoaded = false

    init(_ instrument: Instrument) {
        self.instrument = instrument
        book = Book(instrument, capacity: 4096)
    }

    /// A change is told. What cannot be in a book is passed over: then what differs from the true book
    /// afterwards is told in its place.
    ///
    /// - Returns: False for a change that is not to be told: a book that was ahead of the stream holds it already,
    ///   and what differed was told. Who is told it would go back, and stay there if the stream ended now.
    @discardableResult mutating func apply(_ change: DepthChange) -> Bool {
        precondition(change.instrument == instrument, "a mirror takes its own market's changes")
        guard change.stamp == 0 || change.stamp >= checkpoint else { return false }
        guard book.set(change).kind != .refused else { return true }
        stamp = max(stamp, change.stamp)
        version += 1
        return true
    }

    /// Takes the true book: a copy of it, and the changes since.
    ///
    /// - Returns: The changes that make what they hold this book: asks, then bids, ascending; none for
    ///   the first book, which nobody has an old one of.
    mutating func load(_ copy: BookSnapshot, _ missed: [DepthChange]) -> [DepthChangeView] {
        var truth = MarketMirror(instrument)
        for level in copy.asks { truth.set(.ask, level) }
        for level in copy.bids { truth.set(.bid, level) }
        truth.stamp = max(stamp, copy.newestStamp)
        for change in missed { truth.apply(change) }
        stamp = truth.stamp
        var changes: [DepthChangeView] = []
        if isLoaded {
            let depth = truth.depth
            changes += differences(.ask, depth.asks, .sell, stamp)
            changes += differences(.bid, depth.bids, .buy, stamp)
        }
        book.copyLevels(from: truth.book)
        checkpoint = copy.newestStamp
        isLoaded = true
        version += 1
        return changes
    }

    /// Takes the first book, which somebody is given who hears the changes: he has it, and what comes.
    ///
    /// - Parameter told: what he has heard already; what the book holds of it counts no more.
    mutating func begin(_ copy: BookSnapshot, _ told: some Sequence<DepthChange>) {
        precondition(!isLoaded, "who has begun is told what differs")
        _ = load(copy, told.filter { $0.stamp == 0 || $0.stamp > copy.newestStamp })
    }

    /// This book with the levels of a part of it that was cut out of a newer one.
    func replaced(by part: BookSnapshot) -> BookSnapshot {
        let prices = (part.bids + part.asks).map(\.price.units)
        guard let low = prices.min(), let high = prices.max() else { return part }
        func others(_ side: Side) -> [BookLevel] {
            book.levels(side).filter { !(low...high).contains($0.price.units) }
        }
        return BookSnapshot(
            instrument: instrument, bids: part.bids + others(.bid), asks: part.asks + others(.ask),
            newestStamp: max(stamp, part.newestStamp))
    }

    private func set(_ side: Side, _ level: BookLevel) {
        book.set(
            side: side, priceUnits: level.price.units, quantityUnits: level.quantity.units,
            stamp: level.stamp)
    }

    private func differences(
        _ side: Side, _ levels: [LevelView], _ order: OrderSide, _ stamp: Int64
    ) -> [DepthChangeView] {
        var changes: [DepthChangeView] = []
        func note(_ price: Int64, _ old: Int64, _ new: Int64) {
            guard old != new else { return }
            changes.append(
                DepthChangeView(
                    side: order, price: price, delta: new - old, total: new, stamp: stamp))
        }
        // Both ascend: one walk.
        var place = 0
        for old in book.ascending(side) {
            let price = old.price.units
            while place < levels.count, levels[place].price < price {
                note(levels[place].price, 0, levels[place].amount)
                place += 1
            }
            if place < levels.count, levels[place].price == price {
                note(price, old.quantity.units, levels[place].amount)
                place += 1
            } else {
                note(price, old.quantity.units, 0)
            }
        }
        for level in levels[place...] { note(level.price, 0, level.amount) }
        return changes
    }

    /// All levels, both sides ascending.
    var depth: DepthView { depth(within: nil) }

    /// The levels within 10 % of a price, as the venue cuts a depth.
    func depth(near last: Int64) -> DepthView {
        let low = last - last / 10
        let (sum, over) = last.addingReportingOverflow(last / 10)
        let high = over ? .max : sum
        return depth(within: min(low, high)...high)
    }

    private func depth(within prices: ClosedRange<Int64>?) -> DepthView {
        func levels(_ side: Side) -> [LevelView] {
            book.ascending(side).compactMap { level in
                guard prices?.contains(level.price.units) ?? true else { return nil }
                return LevelView(
                    price: level.price.units, amount: level.quantity.units, stamp: level.stamp)
            }
        }
        return DepthView(
            instrument: instrument, asks: levels(.ask), bids: levels(.bid), filter: prices)
    }
}
