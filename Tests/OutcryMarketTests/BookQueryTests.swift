import OutcryMarket
import Testing

@Suite struct BookQueryTests {
    @Test func theMiddleIsExact() {
        let book = Book(.btcusd)
        book.set(side: .bid, priceUnits: 3, quantityUnits: 1)
        book.set(side: .ask, priceUnits: 6, quantityUnits: 1)
        #expect(book.mid == "0.000045" && book.mid?.scale == 6)
        book.set(side: .ask, priceUnits: 5, quantityUnits: 1)
        #expect(book.mid == "0.00004" && book.mid?.scale == 5)
        book.removeAll()
        book.set(side: .bid, priceUnits: .max - 1, quantityUnits: 1)
        book.set(side: .ask, priceUnits: .max, quantityUnits: 1)
        #expect(book.mid == .invalid)
    }

    @Test func aCrossedBookHasANegativeSpread() {
        let book = Book(.btcusd)
        book.set(side: .bid, priceUnits: 500, quantityUnits: 1)
        book.set(side: .ask, priceUnits: 500, quantityUnits: 1)
        #expect(book.isCrossed && book.spread == "0")
        book.set(side: .ask, priceUnits: 400, quantityUnits: 1)
        #expect(book.isCrossed && book.spread == "-0.001")
    }

    @Test func whatItCostsToBuy() {
        let book = BookTests.small()
        let one = book.costToBuy("1")
        #expect(one.money == Money("11", .usd) && one.worst == "11" && one.filled == "1")
        let four = book.costToBuy("4")
        #expect(four.money == Money("45", .usd) && four.worst == "12" && four.filled == "4")
        let all = book.costToBuy("100")
        #expect(all.money == Money("81", .usd) && all.filled == "7" && all.worst == "12")
        #expect(book.costToBuy("99999999999999999").filled == "7")
        #expect(book.costToBuy("3").worst == "11" && book.costToBuy("3.00000001").worst == "12")
        #expect(book.costToBuy("0").worst == nil && book.costToBuy("0").money.isZero)
    }

    @Test func whatSellingBrings() {
        let book = BookTests.small()
        let two = book.proceedsOfSelling("2")
        #expect(two.money == Money("19.5", .usd) && two.worst == "9.5" && two.filled == "2")
        #expect(book.proceedsOfSelling("9").filled == "3")
    }

    @Test func aSumIsRoundedOnceAsNamed() {
        let book = Book(.btcusd)
        // Two levels of a third of a unit each: 0.66 units together.
        book.set(side: .ask, priceUnits: 1, quantityUnits: 33_000_000)
        book.set(side: .ask, priceUnits: 2, quantityUnits: 16_500_000)
        #expect(book.costToBuy("1").money.units == 1)
        #expect(book.costToBuy("1", rounding: .down).money.units == 0)
        #expect(book.costToBuy("1", rounding: .nearestHalfUp).money.units == 1)
        #expect(!book.costToBuy("1", rounding: .exact).money.isValid)
    }

    @Test(arguments: ["-1", "0.000000001", .invalid] as [Quantity])
    func aQuantityThatIsNoneHasNoAnswer(_ quantity: Quantity) {
        let cost = BookTests.small().costToBuy(quantity)
        #expect(!cost.money.isValid && !cost.filled.isValid && cost.worst == nil)
    }

    @Test func aSumThatDoesNotFitIsInvalid() {
        let book = Book(.btcusd)
        for price in 0..<4 {
            book.set(side: .bid, priceUnits: .max - Int64(price), quantityUnits: .max)
        }
        book.set(side: .ask, priceUnits: .max, quantityUnits: 1)
        let all = book.proceedsOfSelling(Quantity(units: .max, scale: 8))
        #expect(!all.money.isValid && all.filled.units == .max && all.worst?.units == .max)
        let depth = book.depth(.bid, withinBasisPoints: 1)
        #expect(depth?.levels == 4 && depth?.quantity == .invalid)
        #expect(depth?.value == .invalid(.usd))
        #expect(book.imbalance(levels: 4) == 9_999)
    }

    @Test func depthWithinADistanceOfTheMiddle() {
        let book = Book(.btcusd)
        for price in [99, 98, 90] as [Int64] {
            book.set(side: .bid, priceUnits: price * 100_000, quantityUnits: 100_000_000)
        }
        for price in [101, 102, 110] as [Int64] {
            book.set(side: .ask, priceUnits: price * 100_000, quantityUnits: 200_000_000)
        }
        let bids = book.depth(.bid, withinPercent: 2)
        #expect(bids?.quantity == "2" && bids?.levels == 2 && bids?.value == Money("197", .usd))
        let asks = book.depth(.ask, withinBasisPoints: 199)
        #expect(asks?.quantity == "2" && asks?.levels == 1 && asks?.value == Money("202", .usd))
        #expect(book.depth(.ask, withinPercent: 10)?.levels == 3)
        #expect(book.depth(.ask, withinBasisPoints: 0)?.levels == 0)
        #expect(book.depth(.bid, withinPercent: 10_000_000)?.levels == 3)
    }

    @Test func imbalanceOfTheBestLevels() {
        let book = BookTests.small()
        #expect(book.imbalance() == -5_000)
        #expect(book.imbalance(levels: 2) == -4_000)
        #expect(book.imbalance(levels: 50) == -4_000)
        book.removeAll(.ask)
        #expect(book.imbalance() == 10_000)
    }

    @Test func crossedLevelsAreDroppedAndReturned() {
        let book = BookTests.small()
        #expect(book.removeCrossed(byBid: "10.99999").isEmpty && book.count == 4)
        #expect(
            book.removeCrossed(byBid: "11") == [BookLevel(price: "11", quantity: "3", stamp: 3)])
        #expect(book.bestAsk?.price == "12")
        #expect(book.removeCrossed(byAsk: "9.500000001").map { $0.price } == ["10"])
        #expect(book.removeCrossed(by: .ask, priceUnits: 1).map { $0.price } == ["9.5"])
        #expect(book.removeCrossed(byBid: .invalid).isEmpty)
        #expect(book.removeCrossed(by: .bid, priceUnits: .max).count == 1 && book.isEmpty)
    }

    @Test func theFirstDifferenceIsDescribed() {
        let (a, b) = (BookTests.small(), BookTests.small())
        #expect(a.hasSameLevels(as: b) && a.firstDifference(from: b) == nil)
        b.set(side: .ask, priceUnits: 1_200_000, quantityUnits: 400_000_000, stamp: 5)
        #expect(a.hasSameLevels(as: b))
        #expect(a.firstDifference(from: b, comparingStamps: true)?.rank == 1)
        b.set(side: .ask, priceUnits: 1_300_000, quantityUnits: 1)
        let missing = a.firstDifference(from: b)
        #expect(missing?.side == .ask && missing?.rank == 2 && missing?.here == nil)
        #expect(
            missing?.description == "ask 2: none here, 0.00000001 at 13.00000 there")
        b.set(side: .bid, priceUnits: 1_000_000, quantityUnits: 1, stamp: 1)
        let changed = a.firstDifference(from: b)
        #expect(changed?.side == .bid && changed?.rank == 0)
        #expect(
            changed?.description == "bid 0: 1.00000000 at 10.00000 (stamp 1) here, "
                + "0.00000001 at 10.00000 (stamp 1) there")
        #expect(b.firstDifference(from: a)?.here?.quantity.units == 1)
    }
}
