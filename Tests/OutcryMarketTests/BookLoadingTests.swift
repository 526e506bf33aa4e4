import OutcryMarket
import Testing

@Suite struct BookLoadingTests {
    func level(_ price: Price, _ quantity: Quantity, _ stamp: Int64 = 0) -> BookLevel {
        BookLevel(price: price, quantity: quantity, stamp: stamp)
    }

    @Test func aLoadReplacesTheBookInAnyOrder() throws {
        let book = BookTests.small()
        try book.load(
            bids: [level("5", "1", 10), level("7", "2", 11), level("6", "3", 12)],
            asks: [level("9", "1"), level("8", "2")])
        #expect(book.ascending(.bid).map { $0.price } == ["5", "6", "7"])
        #expect(book.levels(.ask).map { $0.quantity } == ["2", "1"])
        #expect(book.bestBid?.stamp == 11 && book.bestBid?.quantity.scale == 8)
    }

    @Test func theLastOfEqualPricesCountsAndZeroIsNoLevel() throws {
        let book = Book(.btcusd)
        try book.load(
            bids: [level("5", "1"), level("6", "1"), level("5", "2"), level("5.0", "3")],
            asks: [level("7", "1"), level("8", "0"), level("7", "0")])
        #expect(book.levels(.bid).map { $0.quantity } == ["1", "3"])
        #expect(book.count(of: .ask) == 0)
        try book.load(bids: [], asks: [])
        #expect(book.isEmpty)
    }

    @Test func aRefusedLoadLeavesTheBookAsItWas() {
        let book = BookTests.small()
        func error(_ bids: [BookLevel], _ asks: [BookLevel]) -> MarketError? {
            do {
                try book.load(bids: bids, asks: asks)
                return nil
            } catch {
                return error
            }
        }
        let good = level("5", "1")
        #expect(
            error([good], [good, level("6", "-1")])
                == .negativeTotal(found: -100_000_000, index: 1))
        #expect(error([level(.invalid, "1")], []) == .invalidPrice(index: 0))
        #expect(
            error([good, good, level("0.000001", "1")], [])
                == .finerThanUnit(decimals: 5, found: 6, index: 2))
        #expect(
            error([level("1", .invalid)], [])
                == .finerThanUnit(decimals: 8, found: 0, index: 0))
        #expect(
            MarketError.finerThanUnit(decimals: 5, found: 6, index: 2).description
                == "expected a number of 5 decimals that fits, found 6 decimals at level 2")
        #expect(book.hasSameLevels(as: BookTests.small()))
    }

    @Test func aCopyIsIndependent() {
        let (book, copy) = (BookTests.small(), Book(.btcusd, capacity: 1))
        copy.copyLevels(from: book)
        #expect(copy.firstDifference(from: book, comparingStamps: true) == nil)
        book.removeAll()
        #expect(copy.count == 4)
    }

    @Test(arguments: [31, 32, 33] as [UInt64])
    func aLoadIsTheSameAsSettingEachInTurn(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for count in [0, 1, 2, 63, 64, 65, 400] {
            var levels: [Side: [BookLevel]] = [:]
            for side in Side.allCases {
                levels[side] = (0..<count).map { index in
                    BookLevel(
                        .btcusd, priceUnits: Int64.random(in: -300...300, using: &random),
                        quantityUnits: max(0, Int64.random(in: -2...9, using: &random)),
                        stamp: Int64(index))
                }
            }
            let (bids, asks) = (levels[.bid] ?? [], levels[.ask] ?? [])
            let book = Book(.btcusd, capacity: 1)
            try book.load(bids: bids, asks: asks)
            var naive = NaiveBook(.btcusd)
            naive.load(bids: bids, asks: asks)
            #expect(Array(book.ascending(.bid)) == naive.bids)
            #expect(Array(book.levels(.ask)) == naive.asks)
        }
    }
}
