import OutcryMarket
import Testing

@Suite struct BookTests {
    /// Bids 10 and 9.5, asks 11 and 12, of one to four bitcoin.
    static func small() -> Book {
        let book = Book(.btcusd)
        book.set(side: .bid, priceUnits: 950_000, quantityUnits: 200_000_000, stamp: 2)
        book.set(side: .bid, priceUnits: 1_000_000, quantityUnits: 100_000_000, stamp: 1)
        book.set(side: .ask, priceUnits: 1_200_000, quantityUnits: 400_000_000, stamp: 4)
        book.set(side: .ask, priceUnits: 1_100_000, quantityUnits: 300_000_000, stamp: 3)
        return book
    }

    @Test func anEmptyBookAnswersEverything() {
        let book = Book(.btcusd)
        #expect(book.isEmpty && book.count == 0 && !book.isCrossed)
        #expect(book.bestBid == nil && book.bestAsk == nil && book.mid == nil)
        #expect(book.spread == nil && book.imbalance() == nil)
        #expect(book.depth(.bid, withinPercent: 5) == nil)
        #expect(book.bestPriceUnits(.ask) == nil && book.level(.ask, at: "1") == nil)
        #expect(book.quantity(.bid, at: "1").isZero)
        #expect(book.costToBuy("1").filled.isZero && book.costToBuy("1").worst == nil)
        #expect(Array(book.levels(.bid)).isEmpty && Array(book.ascending(.ask)).isEmpty)
        #expect(book.removeCrossed(byBid: "1").isEmpty)
        #expect(book.description == "BTCUSD bid none (0 levels), ask none (0 levels)")
    }

    @Test func theBestLevelsAndWhatFollowsFromThem() {
        let book = Self.small()
        #expect(book.bestBid == BookLevel(price: "10", quantity: "1", stamp: 1))
        #expect(book.bestAsk == BookLevel(price: "11", quantity: "3", stamp: 3))
        #expect(book.mid == "10.5" && book.spread == "1" && !book.isCrossed)
        #expect(book.bestPriceUnits(.bid) == 1_000_000)
        #expect(book.count(of: .bid) == 2 && book.count == 4)
        #expect(book.level(.bid, rank: 1).price == "9.5")
        #expect(book.rank(.ask, priceUnits: 1_200_000) == 1)
        #expect(book.rank(.ask, priceUnits: 1_200_001) == nil)
        #expect(book.quantity(.ask, at: "12") == "4" && book.quantity(.ask, at: "12.1").isZero)
        #expect(book.quantity(.ask, at: "12.0000000001").isZero)
        #expect(
            book.description
                == "BTCUSD bid 1.00000000 at 10.00000 (2 levels), "
                + "ask 3.00000000 at 11.00000 (2 levels)")
    }

    @Test func anEditTellsWhatChanged() {
        let book = Book(.btcusd)
        func set(_ price: Int64, _ total: Int64, _ side: Side = .bid) -> BookEdit {
            book.set(side: side, priceUnits: price, quantityUnits: total)
        }
        let first = set(100, 5)
        #expect(first.kind == .inserted && first.bestPriceChanged && first.bestChanged)
        #expect(first.previousUnits == 0)
        let behind = set(90, 5)
        #expect(behind.kind == .inserted && !behind.bestPriceChanged && !behind.bestChanged)
        let more = set(100, 7)
        #expect(more.kind == .updated && !more.bestPriceChanged && more.bestChanged)
        #expect(more.previousUnits == 5)
        let same = set(100, 7)
        #expect(same.kind == .nothing && !same.bestChanged && !same.didChange)
        #expect(same.previousUnits == 7)
        let absent = set(95, 0)
        #expect(absent.kind == .nothing && !absent.didChange && absent.previousUnits == 0)
        let other = set(90, 6)
        #expect(other.kind == .updated && !other.bestChanged && other.didChange)
        let gone = set(100, 0)
        #expect(gone.kind == .removed && gone.bestPriceChanged && gone.previousUnits == 7)
        #expect(set(90, 0).bestPriceChanged && book.isEmpty)
        #expect(set(100, 1, .ask).bestPriceChanged && set(90, 1, .ask).bestPriceChanged)
        #expect(!set(95, 1, .ask).bestChanged && book.bestPriceUnits(.ask) == 90)
        #expect(first.description == "inserted (best)" && other.description == "updated")
    }

    @Test func aStampAloneIsStoredButNoChange() {
        let book = Self.small()
        let edit = book.set(
            side: .bid, priceUnits: 1_000_000, quantityUnits: 100_000_000, stamp: 99)
        #expect(edit.kind == .nothing && book.bestBid?.stamp == 99)
    }

    @Test func whatIsRefusedChangesNothing() throws {
        let book = Self.small()
        let before = Book(.btcusd)
        before.copyLevels(from: book)
        let negative = book.set(side: .bid, priceUnits: 1_000_000, quantityUnits: -1)
        #expect(negative.kind == .refused && !negative.didChange && !negative.bestChanged)
        #expect(negative.error == .negativeTotal(found: -1, index: nil))
        #expect(throws: MarketError.negativeTotal(found: -1, index: nil)) { try negative.get() }
        let invalid = book.set(side: .ask, priceUnits: .min, quantityUnits: 1)
        #expect(invalid.error == .invalidPrice(index: nil))
        #expect(negative.error?.description == "expected a total of zero or more, found -1")
        #expect(book.firstDifference(from: before, comparingStamps: true) == nil)
        let taken = book.set(side: .bid, priceUnits: 1, quantityUnits: 1)
        #expect(taken.error == nil)
        #expect(try taken.get() == taken)
    }

    @Test func aDepthChangeIsSetByItsTotal() async {
        let book = Book(.btcusd)
        let change = DepthChange(
            venue: "mtgox", instrument: .btcusd, side: .ask, priceUnits: 6_600_000,
            quantityUnits: 5, deltaUnits: -3, stamp: 7)
        #expect(book.set(change).kind == .inserted)
        #expect(book.set(change).kind == .nothing)
        #expect(
            book.bestAsk == BookLevel(.btcusd, priceUnits: 6_600_000, quantityUnits: 5, stamp: 7))
        await #expect(processExitsWith: .failure) {
            let foreign = DepthChange(
                venue: "mtgox", instrument: .btceur, side: .ask, priceUnits: 1, quantityUnits: 1)
            Book(.btcusd).set(foreign)
        }
    }

    @Test func theExtremePricesAreLevelsLikeOthers() {
        for side in Side.allCases {
            let book = Book(.btcusd, capacity: 1)
            let prices: [Int64] = [.max, 0, -.max, 17_933_000_000_000_000, 1, -1, .max - 1]
            for price in prices { book.set(side: side, priceUnits: price, quantityUnits: .max) }
            #expect(book.ascending(side).map { $0.price.units } == prices.sorted())
            #expect(book.best(side)?.price.units == (side == .bid ? .max : -.max))
            for price in prices {
                #expect(book.level(side, priceUnits: price)?.quantity.units == .max)
                #expect(book.set(side: side, priceUnits: price, quantityUnits: 0).kind == .removed)
            }
            #expect(book.isEmpty)
        }
    }

    @Test func theInvalidPriceIsNeverFound() {
        for book in [Book(.btcusd), Self.small()] {
            for side in Side.allCases {
                #expect(book.level(side, priceUnits: .min) == nil)
                #expect(book.rank(side, priceUnits: .min) == nil)
                #expect(book.level(side, at: .invalid) == nil)
                #expect(book.quantity(side, at: .invalid).isZero)
            }
        }
    }

    @Test func bothOrdersOfEachSide() {
        let book = Self.small()
        #expect(book.levels(.bid).map { $0.price } == ["10", "9.5"])
        #expect(book.ascending(.bid).map { $0.price } == ["9.5", "10"])
        #expect(book.levels(.ask).map { $0.price } == ["11", "12"])
        #expect(book.ascending(.ask).map { $0.price } == ["11", "12"])
        #expect(book.levels(.ask).reversed().map { $0.price } == ["12", "11"])
        #expect(book.levels(.bid).prefix(1).first?.quantity == "1")
    }

    /// The lines that the measuring bench hashes: asks ascending, then bids ascending.
    @Test func theChecksumLinesComeFromIteration() {
        let book = Self.small()
        var text = ""
        for side in [Side.ask, .bid] {
            for level in book.ascending(side) {
                text += "\(side),\(level.price.units),\(level.quantity.units)\n"
            }
        }
        #expect(
            text == "ask,1100000,300000000\nask,1200000,400000000\n"
                + "bid,950000,200000000\nbid,1000000,100000000\n")
    }

    @Test func removingAllKeepsTheBookUsable() {
        let book = Self.small()
        book.removeAll(.bid)
        #expect(book.count(of: .bid) == 0 && book.count(of: .ask) == 2)
        book.removeAll()
        #expect(book.isEmpty)
        #expect(book.set(side: .bid, priceUnits: 1, quantityUnits: 1).bestPriceChanged)
    }

    @Test func aRankPastTheEndIsAProgrammersMistake() async {
        await #expect(processExitsWith: .failure) { _ = Book(.btcusd).level(.bid, rank: 0) }
        await #expect(processExitsWith: .failure) { _ = BookTests.small().levels(.ask)[2] }
        await #expect(processExitsWith: .failure) { _ = BookTests.small().ascending(.bid)[-1] }
    }
}
