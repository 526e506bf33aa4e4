import OutcryComponents
import OutcryMarket
import Testing

@Suite struct BookChangeTests {
    /// One goes through the kernel with each change of a book: it is copied, and takes seven units of a record.
    @Test func itSaysWhoseItIsAndStaysSmall() {
        #expect(MemoryLayout<BookChange>.size <= 112)
        let book = Book(.btcusd, capacity: 16)
        let change = DepthChange(
            venue: "mtgox", instrument: .btcusd, side: .ask, priceUnits: 7, quantityUnits: 9)
        _ = book.set(change)
        let news = BookChange(
            venue: "mtgox", book: book, change: change, bestChanged: true, evidence: .unproven)
        #expect(news.venue == "mtgox")
        #expect(news.instrument == .btcusd)
        #expect(news.change == change)
        #expect(news.bestPriceUnits(.ask) == 7)
        #expect(news.bestPriceUnits(.bid) == nil)
        let load = BookChange(
            venue: "mtgox", book: book, change: nil, bestChanged: true, evidence: .unproven)
        #expect(load.change == nil)
        #expect(load.venue == "mtgox")
    }
}
