import OutcryComponents
import OutcryMarket
import OutcryWire
import Testing

@testable import OutcryVenues

/// What the recorded messages of the stream say, checked against the files by hand.
@Suite struct StreamTests {
    static func parse(_ name: String) throws -> MtGoxMessage {
        let bytes = try Recording.message(name)
        return try MtGoxParser.parse(bytes.span)
    }

    static func depth(_ name: String) throws -> DepthChange {
        guard case .depth(let change) = try parse(name) else { throw Recording.Missing(path: name) }
        return change
    }

    static func ticker(_ name: String) throws -> MtGoxTicker {
        guard case .ticker(let ticker) = try parse(name) else {
            throw Recording.Missing(path: name)
        }
        return ticker
    }

    @Test func depthOf2012() throws {
        let change = try Self.depth("stream/arvicco-depth-2012-01.json")
        #expect(
            change
                == DepthChange(
                    venue: .mtgox, instrument: .btcusd, side: .bid, priceUnits: 677_763,
                    quantityUnits: 5_331_620, deltaUnits: 5_331_620, stamp: 1_326_807_285_171_878))
    }

    @Test func depthOf2013() throws {
        let change = try Self.depth("stream/xchange-depth.json")
        #expect(
            change
                == DepthChange(
                    venue: .mtgox, instrument: .btcusd, side: .bid, priceUnits: 6_250_000,
                    quantityUnits: 32_402_839_775, deltaUnits: 497_732_719,
                    stamp: 1_364_643_714_372_176))
        #expect("\(change.price)" == "62.50000")
        #expect("\(change.quantity)" == "324.02839775")
    }

    @Test func depthWithoutDelta() throws {
        let change = try Self.depth("stream/orderbook-depth-zero-delta-2013-04-22.json")
        #expect(change.deltaUnits == 0)
        #expect(change.priceUnits == 11_692_000)
        #expect(change.quantityUnits == 199_613_915)
        #expect(change.stamp == 1_366_664_736_649_566)
    }

    @Test func depthPayloads() throws {
        let less = try Self.depth("stream/scalatest-depth-payload-2013-04-21.json")
        #expect(less.deltaUnits == -160_000_000)
        #expect(less.quantityUnits == 100_000_000)
        #expect(less.priceUnits == 11_687_727)
        #expect(less.stamp == 1_366_502_759_221_601)
        let more = try Self.depth("stream/stackexchange-depth-add-2013-06-06.json")
        #expect(more.deltaUnits == 666_000_000)
        #expect(more.quantityUnits == 37_301_280_846)
        #expect(more.priceUnits == 6_600_000)
        let none = try Self.depth("stream/xchange-depth-level-removed-payload.json")
        #expect(none.deltaUnits == -2_874_849_577)
        #expect(none.quantityUnits == 0)
        #expect(none.priceUnits == 2_067_345)
        #expect([less, more, none].allSatisfy { $0.side == .bid && $0.instrument == .btcusd })
    }

    @Test func depthOfTheDocuments() throws {
        let change = try Self.depth("documented/depth-wiki-2011-12.json")
        #expect(change.side == .ask)
        #expect(change.priceUnits == 1_443_000)
        #expect(change.quantityUnits == 849_766_000)
        #expect(change.deltaUnits == -271_000_000)
        #expect(change.stamp == 1_323_644_358_437_819)
    }

    @Test func trade() throws {
        guard case .trade(let trade) = try Self.parse("stream/xchange-trade.json") else {
            Issue.record("no trade")
            return
        }
        #expect(
            trade
                == Trade(
                    venue: .mtgox, instrument: .btcusd, id: 1_364_652_424_875_559,
                    priceUnits: 9_079_995, quantityUnits: 1_851_242, aggressor: .sell,
                    stamp: 1_364_652_424_875_559))
        #expect("\(trade.price)" == "90.79995")
    }

    @Test func tradeOfTheDocuments() throws {
        guard case .trade(let trade) = try Self.parse("documented/trade-wiki-2011-07.json") else {
            Issue.record("no trade")
            return
        }
        #expect(trade.aggressor == .buy)
        #expect(trade.priceUnits == 1_443_000)
        #expect(trade.quantityUnits == 271_000_000)
        #expect(trade.isMixedCurrency && !trade.isMarketOrder && trade.isPrimary)
    }

    @Test func tickerOf2013() throws {
        let ticker = try Self.ticker("stream/xchange-ticker.json")
        #expect(
            ticker.summary
                == Ticker(
                    venue: .mtgox, instrument: .btcusd, bestBidUnits: 9_078_469,
                    bestAskUnits: 9_100_000, lastUnits: 9_100_000, highUnits: 9_498_000,
                    lowUnits: 8_550_000, averageUnits: 9_043_573, vwapUnits: 9_071_698,
                    volumeUnits: 4_969_283_815_274, stamp: 1_364_667_533_416_136))
        #expect(ticker.lastLocal == .usd("91"))
        #expect(ticker.lastAll == .usd("91"))
        #expect(ticker.lastOriginal == Money("91", .usd))
    }

    @Test func olderTickers() throws {
        let may = try Self.ticker("stream/xchange-ticker-2012-05.json")
        #expect(may.summary.stamp == 0)
        #expect(may.summary.bestBidUnits == 510_991)
        #expect(may.summary.bestAskUnits == 511_000)
        #expect(may.summary.volumeUnits == 1_547_500_497_509)
        let january = try Self.ticker("stream/arvicco-ticker-2012-01.json")
        #expect(january.summary.lastUnits == 678_799)
        #expect(january.summary.highUnits == 709_000)
        #expect(january.summary.lowUnits == 651_100)
        #expect(january.summary.volumeUnits == 10_779_884_280_561)
        // The price to buy at is above the price to sell at: as recorded.
        let april = try Self.ticker("stream/scalatest-ticker-payload-2013-04-21.json")
        #expect(april.summary.bestBidUnits == 12_810_001)
        #expect(april.summary.bestAskUnits == 12_939_999)
        #expect(april.summary.vwapUnits == 12_455_160)
        #expect(april.summary.stamp == 1_366_505_062_575_767)
    }

    @Test func lag() throws {
        guard case .lag(let lag) = try Self.parse("stream/orderbook-lag-2013-04-22.json") else {
            Issue.record("no lag")
            return
        }
        #expect(lag.age == .microseconds(1_170_860))
        #expect(lag.stamp == 1_366_665_922_761_866)
    }

    @Test func confirmationAndRemark() throws {
        let bytes = try Recording.bytes("stream/orderbook-subscribe.json")
        guard case .subscribed(let place) = try MtGoxParser.parse(bytes.span) else {
            Issue.record("no confirmation")
            return
        }
        #expect(bytes.span.words(place) == "dbf1dee9-4f2e-4a08-8cb7-748919a71b21")
        let remark = try Recording.bytes("stream/remark-order-not-found.json")
        guard case .remark(let parts) = try MtGoxParser.parse(remark.span) else {
            Issue.record("no remark")
            return
        }
        #expect(!parts.isSuccess)
        #expect(parts.message.map { remark.span.words($0) } == "Order not found")
        #expect(
            parts.id.map { remark.span.words($0) }
                == "order_cancel:c8fa912b-d929-4cc5-98e6-3ea23667cfa5")
    }

    @Test func news() throws {
        let removed = try Recording.bytes("documented/user_order-removed.json")
        guard case .account(.order, let body) = try MtGoxParser.parse(removed.span) else {
            Issue.record("no order")
            return
        }
        #expect(removed.span.words(body).contains("\"reason\": \"requested\""))
        let wallet = try Recording.bytes("documented/wallet-wiki.json")
        guard case .account(.wallet, let entry) = try MtGoxParser.parse(wallet.span) else {
            Issue.record("no wallet")
            return
        }
        #expect(wallet.span.words(entry).contains("tid:1373975198892772"))
    }
}
