import OutcryMarket
import Testing

/// `Book` against `NaiveBook`: the same long random sequences, every answer compared.
@Suite struct BookPropertyTests {
    /// How a sequence chooses its prices.
    enum Prices: CaseIterable {
        /// Few prices, so that changes hit levels often.
        case crowded
        /// Many levels, most changes near the best.
        case wide
        /// The largest and smallest prices there are, and totals to match.
        case extreme
    }

    @Test(arguments: Prices.allCases, [1, 20_111_211, 987_654_321] as [UInt64])
    func theFastBookAgreesWithTheNaiveOne(prices: Prices, seed: UInt64) {
        print("seed \(seed) \(prices)")
        var random = SeededGenerator(seed: seed)
        let book = Book(.btcusd, capacity: 1)
        var naive = NaiveBook(.btcusd)
        var kinds: [BookEdit.Kind: Int] = [:]
        for step in 0..<2_500 {
            let side: Side = Bool.random(using: &random) ? .bid : .ask
            let price = Self.price(prices, side, naive, &random)
            let total = Self.total(prices, &random)
            let edit = book.set(
                side: side, priceUnits: price, quantityUnits: total, stamp: Int64(step))
            let expected = naive.set(
                side: side, priceUnits: price, quantityUnits: total, stamp: Int64(step))
            kinds[edit.kind, default: 0] += 1
            #expect(edit == expected, "step \(step): \(side) \(price) \(total)")
            #expect(edit.bestChanged == expected.bestChanged)
            if step % 60 == 0 {
                let newer: Side = Bool.random(using: &random) ? .bid : .ask
                let bound = Self.price(prices, newer, naive, &random)
                let dropped = book.removeCrossed(by: newer, priceUnits: bound)
                #expect(dropped == naive.removeCrossed(by: newer, priceUnits: bound))
            }
            if step % 25 == 0 { Self.compare(book, naive, &random) }
            if step % 700 == 699 {
                book.removeAll()
                naive.removeAll()
            }
        }
        // A sequence that never did one of these proves little.
        for kind in BookEdit.Kind.allCases { #expect((kinds[kind] ?? 0) > 0, "no \(kind)") }
    }

    /// More levels than one near search covers several times over; changes at every distance.
    @Test(arguments: [41, 42] as [UInt64])
    func searchesFindTheirPlaceAtEveryDistance(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for count in [1, 2, 62, 63, 64, 65, 66, 127, 128, 129, 191, 192, 193, 300, 1_000] {
            let book = Book(.btcusd)
            let levels = (0..<count).map {
                BookLevel(.btcusd, priceUnits: Int64($0) * 10, quantityUnits: Int64($0) + 1)
            }
            try book.load(bids: levels.shuffled(using: &random), asks: levels)
            for side in Side.allCases {
                for index in 0..<count {
                    let price = Int64(index) * 10
                    let rank = side == .ask ? index : count - 1 - index
                    #expect(book.rank(side, priceUnits: price) == rank)
                    #expect(book.rank(side, priceUnits: price + 5) == nil)
                    #expect(book.rank(side, priceUnits: price - 5) == nil)
                    #expect(book.level(side, priceUnits: price)?.quantity.units == Int64(index) + 1)
                }
            }
            let between = Int64.random(in: 0..<Int64(count), using: &random) * 10 + 5
            for side in Side.allCases {
                #expect(
                    book.set(side: side, priceUnits: between, quantityUnits: 7).kind == .inserted)
                let prices = book.ascending(side).map { $0.price.units }
                #expect(prices == (levels.map { $0.price.units } + [between]).sorted())
            }
        }
    }

    static func price(
        _ prices: Prices, _ side: Side, _ naive: NaiveBook, _ random: inout SeededGenerator
    ) -> Int64 {
        switch prices {
        case .crowded: return Int64.random(in: 90...110, using: &random)
        case .wide:
            let best = naive.best(side)?.price.units ?? 1_443_000
            let away = Int64.random(
                in: 0...1 << Int64.random(in: 0...9, using: &random), using: &random)
            // Rarely a price that is none.
            if Int.random(in: 0..<200, using: &random) == 0 { return .min }
            return side == .bid ? best + 4 - away : best - 4 + away
        case .extreme:
            let extremes: [Int64] = [
                .max, .max - 1, -.max, -.max + 1, .min, 0, 1, -1, 17_933_000_000_000_000,
            ]
            return extremes[Int.random(in: 0..<extremes.count, using: &random)]
        }
    }

    static func total(_ prices: Prices, _ random: inout SeededGenerator) -> Int64 {
        switch Int.random(in: 0..<20, using: &random) {
        case 0: return -Int64.random(in: 1...9, using: &random)
        case 1: return .min
        case 2...6: return 0
        case 7 where prices == .extreme: return .max
        default: return Int64.random(in: 1...5, using: &random) * 123_456_789
        }
    }

    static func compare(_ book: Book, _ naive: NaiveBook, _ random: inout SeededGenerator) {
        for side in Side.allCases {
            #expect(Array(book.levels(side)) == naive.levels(side))
            #expect(Array(book.ascending(side)) == naive.ascending(side))
            #expect(book.count(of: side) == naive.count(of: side))
            #expect(book.best(side) == naive.best(side))
            for level in naive.levels(side).prefix(3) {
                let above = level.price + "0.00001"
                #expect(book.level(side, at: level.price) == level)
                #expect(book.quantity(side, at: above) == naive.quantity(side, at: above))
            }
            let points = Int.random(in: 0...30_000, using: &random)
            #expect(
                book.depth(side, withinBasisPoints: points)
                    == naive.depth(side, withinBasisPoints: points))
        }
        #expect(book.bestBid == naive.bestBid && book.bestAsk == naive.bestAsk)
        #expect(book.mid == naive.mid && book.mid?.description == naive.mid?.description)
        #expect(book.spread == naive.spread && book.isCrossed == naive.isCrossed)
        let number = Int.random(in: 1...40, using: &random)
        #expect(book.imbalance(levels: number) == naive.imbalance(levels: number))
        let quantity = Quantity(
            units: Int64.random(in: -1...40, using: &random) * 61_728_394,
            scale: Int.random(in: 0...9, using: &random))
        let rounding = Rounding.allCases.randomElement(using: &random) ?? .exact
        #expect(
            book.costToBuy(quantity, rounding: rounding)
                == naive.costToBuy(quantity, rounding: rounding), "\(quantity)")
        #expect(
            book.proceedsOfSelling(quantity, rounding: rounding)
                == naive.proceedsOfSelling(quantity, rounding: rounding), "\(quantity)")
    }
}
