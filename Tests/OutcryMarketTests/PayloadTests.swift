import OutcryMarket
import Testing

@Suite struct PayloadTests {
    func isTrivial<T: BitwiseCopyable & Sendable>(_: T.Type) -> Bool { true }

    @Test func payloadsAreSmallAndMadeOfWords() {
        #expect(MemoryLayout<DepthChange>.size == 64 && MemoryLayout<DepthChange>.stride == 64)
        #expect(MemoryLayout<Trade>.size == 64 && MemoryLayout<Trade>.alignment == 8)
        #expect(MemoryLayout<Ticker>.size == 96 && MemoryLayout<Ticker>.alignment == 8)
        #expect(isTrivial(DepthChange.self) && isTrivial(Trade.self) && isTrivial(Ticker.self))
    }

    /// The recorded depth message of 2013-06-06: a bid of 6.66 less at 66.
    @Test func aDepthChangeGivesItsNumbersInTheInstrumentsUnits() {
        let change = DepthChange(
            venue: "mtgox", instrument: .btcusd, side: .bid, priceUnits: 6_600_000,
            quantityUnits: 36_635_280_846, deltaUnits: -666_000_000,
            stamp: 1_370_548_667_379_328)
        #expect(change.side == .bid)
        #expect(change.price == "66" && change.price.scale == 5)
        #expect(change.quantity == "366.35280846" && change.delta == "-6.66")
        #expect(change.stamp == 1_370_548_667_379_328)
        #expect(change.description == "mtgox BTCUSD bid 66.00000: 366.35280846")
        let same = DepthChange(
            venue: "mtgox", instrument: .btcusd, side: .bid, price: "66",
            quantity: "366.35280846", delta: "-6.66", stamp: 1_370_548_667_379_328)
        #expect(same == change)
    }

    @Test func aDepthChangeMayHaveNoDelta() {
        let change = DepthChange(
            venue: "mtgox", instrument: .btcjpy, side: .ask, priceUnits: 1, quantityUnits: 0)
        #expect(change.side == .ask && !change.delta.isValid && change.stamp == 0)
        #expect(change.price.description == "0.001")
    }

    @Test func finerNumbersMakeNoPayload() {
        #expect(
            DepthChange(
                venue: "mtgox", instrument: .btcjpy, side: .ask, price: "0.0001", quantity: "1")
                == nil)
        #expect(
            DepthChange(
                venue: "mtgox", instrument: .btcusd, side: .ask, price: "1",
                quantity: "0.000000001") == nil)
        #expect(
            DepthChange(
                venue: "mtgox", instrument: .btcusd, side: .ask, price: "1", quantity: "1",
                delta: "0.000000001") == nil)
        #expect(
            Trade(
                venue: "mtgox", instrument: .btcusd, id: 1, price: "0.000001", quantity: "1",
                aggressor: nil, stamp: 0) == nil)
    }

    @Test func aTradeKeepsEveryFlag() {
        for aggressor in [nil, OrderSide.buy, .sell] {
            for bits in 0..<8 {
                let trade = Trade(
                    venue: "mtgox", instrument: .btceur, id: 1_364_566_666_210_329,
                    priceUnits: 7_106_028, quantityUnits: 100_050_000, aggressor: aggressor,
                    stamp: 1_364_566_666_000_000, isPrimary: bits & 1 != 0,
                    isMarketOrder: bits & 2 != 0, isMixedCurrency: bits & 4 != 0)
                #expect(trade.aggressor == aggressor)
                #expect(trade.isPrimary == (bits & 1 != 0))
                #expect(trade.isMarketOrder == (bits & 2 != 0))
                #expect(trade.isMixedCurrency == (bits & 4 != 0))
                #expect(trade.price == "71.06028" && trade.quantity == "1.0005")
            }
        }
    }

    @Test func aTradeIsDescribed() {
        let trade = Trade(
            venue: "mtgox", instrument: .btcusd, id: 118_393, price: "17.6985", quantity: "1.01",
            aggressor: .buy, stamp: 1_307_353_946_000_000)
        #expect(trade?.description == "mtgox BTCUSD #118393 buy 1.01000000 at 17.69850")
        #expect(trade?.isPrimary == true && trade?.isMarketOrder == false)
    }

    @Test func aTickerMayLackAnyPrice() {
        var ticker = Ticker(venue: "mtgox", instrument: .btcusd)
        #expect(ticker.bestBid == nil && ticker.bestAsk == nil && ticker.last == nil)
        #expect(ticker.high == nil && ticker.low == nil && ticker.average == nil)
        #expect(ticker.vwap == nil && ticker.volume == nil)
        #expect(ticker.description == "mtgox BTCUSD bid - ask - last -")
        ticker.lastUnits = 1_443_000
        #expect(ticker.last == "14.43")
        let full = Ticker(
            venue: "mtgox", instrument: .btcusd, bestBidUnits: 1, bestAskUnits: 2, lastUnits: 3,
            highUnits: 4, lowUnits: 5, averageUnits: 6, vwapUnits: 7, volumeUnits: 8, stamp: 9)
        #expect(full.bestBid == "0.00001" && full.bestAsk == "0.00002" && full.last == "0.00003")
        #expect(full.high == "0.00004" && full.low == "0.00005" && full.average == "0.00006")
        #expect(full.vwap == "0.00007" && full.volume == "0.00000008" && full.stamp == 9)
    }
}
