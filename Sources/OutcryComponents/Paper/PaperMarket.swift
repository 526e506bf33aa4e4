import OutcryKernel
import OutcryMarket

/// An order of a simulated account that the exchange has.
struct PaperOrder: Equatable {
    /// Counts in the order of arrival.
    let number: Int
    /// The desk's name.
    let id: OrderID
    let venueID: OrderID
    let side: OrderSide
    /// In units of the quote; nil: a market order.
    let price: Int64?
    let quantity: Int64
    var remaining: Int64
    /// When it came, µs since 1970.
    let created: Int64
    /// What others have before it in the queue of its price, in units of the base.
    var ahead: Int64 = 0
    /// By how much that has shrunk by what may have been trades of which the news are still to come.
    var shrunk: Int64 = 0
}

/// One market as a simulation sees it: the feed's book, what the account has taken from it, and where its resting
/// orders stand in their queues.
///
/// A trade is told twice by a feed, by itself and as a smaller total of its level, in either order. What the first of
/// the two says is kept for ``pairing``, and not counted again.
struct PaperMarket {
    /// How long the two news of a trade may be apart.
    static let pairing = Duration.seconds(1)

    let instrument: Instrument
    let queue: PaperQueue
    /// The feed's book, without the account's orders.
    let book: Book
    /// The book is whole and trusted.
    var isKnown = false
    /// It has been so at least once.
    var wasKnown = false
    /// The account's resting orders by side: the best price first, of one price the oldest.
    private(set) var resting: [[PaperOrder]] = [[], []]
    /// Orders that came while the book was not known.
    var waiting: [PaperOrder] = []
    /// What the account took of levels that still stand in the feed's book, by side and price. Never iterated in
    /// an order that matters.
    private var taken: [[Int64: Int64]] = [[:], [:]]
    private var pairs: [Pair] = []

    /// News of a level with resting orders that still wait for their other half.
    private struct Pair {
        let side: Side
        let price: Int64
        /// Traded, and not yet seen as a smaller total.
        var traded: Int64 = 0
        /// Seen as a smaller total, and not as a trade.
        var shrunk: Int64 = 0
        var since: KernelTime
    }

    init(_ instrument: Instrument, _ queue: PaperQueue) {
        self.instrument = instrument
        self.queue = queue
        book = Book(instrument)
    }

    subscript(side: Side) -> [PaperOrder] { resting[Int(side.rawValue)] }

    /// What the account can still take of a level.
    func available(_ side: Side, _ price: Int64, of total: Int64) -> Int64 {
        max(0, total - (taken[Int(side.rawValue)][price] ?? 0))
    }

    /// Notes that the account has taken something of a level.
    mutating func take(_ quantity: Int64, _ side: Side, _ price: Int64) {
        taken[Int(side.rawValue)][price, default: 0] += quantity
    }

    /// The sum of best bid and best ask, in units: twice the middle. Nil while a side is empty, or they cross.
    var doubleMid: Int64? {
        guard isKnown, let bid = book.bestPriceUnits(.bid), let ask = book.bestPriceUnits(.ask),
            bid < ask
        else { return nil }
        let (sum, overflow) = bid.addingReportingOverflow(ask)
        return overflow ? nil : sum
    }

    // MARK: Resting orders

    /// Puts an order behind all of its price.
    mutating func rest(_ order: PaperOrder, at price: Int64) {
        let side = order.side.rests
        var order = order
        if queue != .touch {
            let total = book.level(side, priceUnits: price)?.quantity.units ?? 0
            order.ahead = available(side, price, of: total)
        }
        let all = resting[Int(side.rawValue)]
        let place =
            all.firstIndex {
                guard let other = $0.price else { return false }
                return side == .bid ? other < price : other > price
            } ?? all.count
        resting[Int(side.rawValue)].insert(order, at: place)
    }

    /// Takes so much off an order; one that has nothing left is no more.
    mutating func reduce(_ side: Side, _ place: Int, by quantity: Int64) {
        let index = Int(side.rawValue)
        resting[index][place].remaining -= quantity
        if resting[index][place].remaining == 0 { remove(side, place) }
    }

    private mutating func remove(_ side: Side, _ place: Int) {
        let order = resting[Int(side.rawValue)].remove(at: place)
        if let price = order.price, places(side, price).isEmpty {
            pairs.removeAll { $0.side == side && $0.price == price }
        }
    }

    /// Takes an order out.
    ///
    /// - Returns: Nil where there is none of the name.
    mutating func remove(_ venueID: OrderID) -> PaperOrder? {
        if let place = waiting.firstIndex(where: { $0.venueID == venueID }) {
            return waiting.remove(at: place)
        }
        for side in Side.allCases {
            guard let place = self[side].firstIndex(where: { $0.venueID == venueID }) else {
                continue
            }
            let order = self[side][place]
            remove(side, place)
            return order
        }
        return nil
    }

    /// The places of the resting orders at a price.
    private func places(_ side: Side, _ price: Int64) -> Range<Int> {
        let all = self[side]
        guard let first = all.firstIndex(where: { $0.price == price }) else { return 0..<0 }
        return first..<(all[first...].firstIndex { $0.price != price } ?? all.count)
    }

    // MARK: The feed's book

    /// Takes the whole book. Where orders stood is kept as far as it can still be so.
    mutating func load(_ other: Book) {
        book.copyLevels(from: other)
        isKnown = true
        wasKnown = true
        pairs.removeAll()
        for side in Side.allCases {
            let index = Int(side.rawValue)
            var kept: [Int64: Int64] = [:]
            for (price, quantity) in taken[index] {
                let total = book.level(side, priceUnits: price)?.quantity.units ?? 0
                if total > 0 { kept[price] = min(quantity, total) }
            }
            taken[index] = kept
            for place in self[side].indices {
                resting[index][place].shrunk = 0
                guard let price = self[side][place].price else { continue }
                let total = book.level(side, priceUnits: price)?.quantity.units ?? 0
                resting[index][place].ahead = min(self[side][place].ahead, total)
            }
        }
    }

    /// Takes a new total.
    mutating func apply(_ change: DepthChange, at now: KernelTime) {
        let side = change.side
        let index = Int(side.rawValue)
        let old = book.level(side, priceUnits: change.priceUnits)?.quantity.units ?? 0
        guard book.set(change).didChange else { return }
        let new = change.quantityUnits
        guard new < old else { return }
        if let gone = taken[index][change.priceUnits] {
            // What others took or took back is what the account had taken, as far as there is so much.
            let left = gone - (old - new)
            taken[index][change.priceUnits] = left > 0 && new > 0 ? left : nil
        }
        shrink(side, change.priceUnits, from: old, to: new, at: now)
    }

    /// A level has shrunk: what was not told as a trade is taken to be cancelled, until it is.
    private mutating func shrink(
        _ side: Side, _ price: Int64, from old: Int64, to new: Int64, at now: KernelTime
    ) {
        let places = places(side, price)
        guard queue != .touch, !places.isEmpty else { return }
        let index = Int(side.rawValue)
        let pair = pair(side, price, at: now)
        let explained = min(old - new, pairs[pair].traded)
        pairs[pair].traded -= explained
        let before = old - explained
        let cancelled = before - new
        guard cancelled > 0 else { return }
        pairs[pair].shrunk += cancelled
        for place in places {
            let ahead = resting[index][place].ahead
            var left = min(ahead, new)
            if queue == .proRata {
                let part = Int128(cancelled) * Int128(ahead) / Int128(before)
                left = min(left, ahead - Int64(part))
            }
            resting[index][place].ahead = left
            resting[index][place].shrunk += ahead - left
        }
    }

    /// Somebody has traded at a price with resting orders: what its level has shrunk by without a reason was this.
    mutating func noteTrade(_ quantity: Int64, _ side: Side, _ price: Int64, at now: KernelTime) {
        let places = places(side, price)
        guard queue != .touch, !places.isEmpty else { return }
        let index = Int(side.rawValue)
        let pair = pair(side, price, at: now)
        let known = min(quantity, pairs[pair].shrunk)
        if known > 0 {
            let whole = Int128(pairs[pair].shrunk)
            for place in places {
                let part = Int128(resting[index][place].shrunk) * Int128(known)
                let back = Int64((part + whole - 1) / whole)
                resting[index][place].shrunk -= back
                resting[index][place].ahead += back
            }
            pairs[pair].shrunk -= known
        }
        pairs[pair].traded += quantity - known
    }

    /// So much of what stands before an order, and before all behind it, was traded.
    mutating func eat(_ quantity: Int64, _ side: Side, from place: Int) {
        let index = Int(side.rawValue)
        guard let price = resting[index][place].price else { return }
        for other in place..<resting[index].count where resting[index][other].price == price {
            resting[index][other].ahead = max(0, resting[index][other].ahead - quantity)
        }
    }

    /// The place of what is known of a level; what is too old is forgotten.
    private mutating func pair(_ side: Side, _ price: Int64, at now: KernelTime) -> Int {
        guard let place = pairs.firstIndex(where: { $0.side == side && $0.price == price }) else {
            pairs.append(Pair(side: side, price: price, since: now))
            return pairs.count - 1
        }
        if now - pairs[place].since > Self.pairing {
            pairs[place].traded = 0
            pairs[place].shrunk = 0
            for order in places(side, price) { resting[Int(side.rawValue)][order].shrunk = 0 }
        }
        pairs[place].since = now
        return place
    }
}
