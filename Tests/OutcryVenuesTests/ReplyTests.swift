import OutcryComponents
import OutcryMarket
import OutcryWire
import Testing

@testable import OutcryVenues

/// What the recorded public replies say, checked against the files by hand, and the facts that were
/// computed from them.
@Suite struct ReplyTests {
    @Test func fullDepthOf2012() throws {
        let bytes = try Recording.bytes("http-v1/fulldepth-2012-02.json")
        let reply = HTTPReply(head: HTTPResponseHead(status: 200), body: bytes)
        let book = try MtGoxVenue([.btcusd]).snapshot(.btcusd, from: reply)
        #expect(book.instrument == .btcusd)
        #expect(book.asks.count == 4_407)
        #expect(book.bids.count == 3_684)
        #expect(
            book.asks.first
                == BookLevel(
                    .btcusd, priceUnits: 568_089, quantityUnits: 727_610_000,
                    stamp: 1_328_644_616_188_590))
        #expect(book.asks.last?.price == .usd("179330000000"))
        #expect(book.bids.first?.price == .usd("0.00001"))
        #expect(book.bids.last?.price == .usd("5.68"))
        for side in [book.asks, book.bids] {
            #expect(zip(side, side.dropFirst()).allSatisfy { $0.price < $1.price })
        }
        #expect(book.newestStamp == (book.asks + book.bids).map(\.stamp).max())
        #expect(book.newestStamp == 1_328_644_779_083_327)
        // The one amount that the server itself computed inexactly: the `_int` text is what counts.
        #expect(book.bids.contains { $0.quantity.units == 2_556_052_902_999_996 })
        // A book takes it as it is.
        let loaded = Book(.btcusd)
        try loaded.load(bids: book.bids, asks: book.asks)
        #expect(loaded.bestAsk?.price == .usd("5.68089"))
        #expect(loaded.bestBid?.price == .usd("5.68"))
        #expect(loaded.count == 8_091)
    }

    @Test func depthOf2013() throws {
        let bytes = try Recording.bytes("http-v1/depth.json")
        let depth = try MtGoxReply.depth(bytes.span, of: .btcusd)
        #expect(depth.asks.count == 453)
        #expect(depth.bids.count == 513)
        #expect(depth.lowest == Money("102.6", .usd))
        #expect(depth.highest == Money("125.4", .usd))
        #expect(
            depth.asks.first
                == BookLevel(
                    .btcusd, priceUnits: 11_400_000, quantityUnits: 43_936_758,
                    stamp: 1_365_861_677_937_206))
        #expect(depth.bids.last?.price == .usd("113"))
        #expect(depth.bids.last?.quantity == .btc("124.69802063"))
        #expect(depth.bids.last?.stamp == 1_365_861_666_463_212)
        let levels = depth.asks + depth.bids
        #expect(levels.allSatisfy { $0.price >= .usd("102.6") && $0.price <= .usd("125.4") })
    }

    @Test func depthOf2011() throws {
        let june = try Recording.bytes("http-v0/depth-2011-06.json")
        let first = try MtGoxReply.depth(june.span, of: .btcusd)
        #expect(first.asks.count == 184)
        #expect(first.bids.count == 171)
        #expect(first.asks[0].price == .usd("26.6099"))
        #expect(first.asks[0].quantity == .btc("2.752"))
        // Bids descended then.
        #expect(first.bids[0].price > first.bids[1].price)
        #expect(first.newestStamp == 0)
        let later = try Recording.bytes("http-v0/depth.json")
        let second = try MtGoxReply.depth(later.span, of: .btcusd)
        #expect(second.asks[0].price == .usd("17.00009"))
        #expect(second.asks[0].quantity == .btc("36.22894353"))
        #expect(second.bids[0].price < second.bids[1].price)
    }

    @Test func tradesBeforeTheHack() throws {
        let bytes = try Recording.bytes("dumps/trades-2011-06-06.json")
        let trades = try MtGoxReply.trades(bytes.span, of: .btcusd)
        #expect(trades.count == 11_214)
        #expect(
            trades[0]
                == Trade(
                    venue: .mtgox, instrument: .btcusd, id: 118_393, priceUnits: 1_769_850,
                    quantityUnits: 101_000_000, aggressor: nil, stamp: 1_307_353_946_000_000))
        #expect(trades.last?.stamp == 1_307_526_717_000_000)
        #expect(zip(trades, trades.dropFirst()).filter { $0.id > $1.id }.count == 19)
        #expect(zip(trades, trades.dropFirst()).allSatisfy { $0.stamp <= $1.stamp })
        #expect(Set(trades.map(\.id)).count == 11_214)
    }

    @Test func tradesAfterTheHack() throws {
        let bytes = try Recording.bytes("dumps/trades-2011-06-26.json")
        let trades = try MtGoxReply.trades(bytes.span, of: .btcusd)
        #expect(trades.count == 6_560)
        #expect(
            trades[0]
                == Trade(
                    venue: .mtgox, instrument: .btcusd, id: 1_309_112_950_612_567,
                    priceUnits: 1_500_000, quantityUnits: 10_900_000, aggressor: nil,
                    stamp: 1_309_112_950_612_567))
        #expect(trades.last.map { $0.stamp / 1_000_000 } == 1_309_199_288)
        #expect(zip(trades, trades.dropFirst()).allSatisfy { $0.id < $1.id })
    }

    @Test func tradesOf2013() throws {
        let bytes = try Recording.bytes("http-v1/trades-2013-04-raw.json")
        let trades = try MtGoxReply.trades(bytes.span, of: .btcusd)
        #expect(trades.count == 30)
        #expect(trades.filter(\.isPrimary).count == 29)
        #expect(trades.filter { !$0.isMarketOrder && !$0.isMixedCurrency }.count == 22)
        #expect(trades.filter { $0.isMarketOrder && !$0.isMixedCurrency }.count == 7)
        #expect(trades.filter { $0.isMarketOrder && $0.isMixedCurrency }.count == 1)
        #expect(
            trades[0]
                == Trade(
                    venue: .mtgox, instrument: .btcusd, id: 1_365_499_103_363_494,
                    priceUnits: 19_399_989, quantityUnits: 1_985_186, aggressor: .buy,
                    stamp: 1_365_499_103_363_494))
        let wrapped = try Recording.bytes("http-v1/trades.json")
        let four = try MtGoxReply.trades(wrapped.span, of: .btcusd)
        #expect(four.count == 4)
        #expect(four[0].isMixedCurrency && !four[0].isPrimary && !four[0].isMarketOrder)
        #expect(four[0].quantity == .btc("0.1065"))
        let second = try Recording.bytes("http-v2/trades-fetch-since.json")
        let since = try MtGoxReply.trades(second.span, of: .btcusd)
        #expect(since[0].price == .usd("92.65"))
        #expect(since[0].quantity == .btc("0.47909825"))
        #expect(since.allSatisfy { $0.id > 1_364_767_190_000_000 })
    }

    @Test func tradesInZloty() throws {
        let bytes = try Recording.bytes("http-v1/trades-PLN-2012-04.json")
        let trades = try MtGoxReply.trades(bytes.span, of: .btcusd)
        #expect(trades.count == 90)
        #expect(trades.allSatisfy { $0.instrument == Instrument(base: .btc, quote: .pln) })
        let copies = trades.filter { !$0.isPrimary }
        #expect(copies.count == 65)
        #expect(copies.filter { !$0.isMarketOrder }.count == 59)
        #expect(copies.filter(\.isMarketOrder).count == 6)
        #expect(trades.filter { $0.isPrimary && $0.isMarketOrder }.count == 5)
        #expect(trades.allSatisfy { $0.isPrimary != $0.isMixedCurrency })
    }

    @Test func tickers() throws {
        func ticker(_ name: String) throws -> MtGoxTicker {
            let bytes = try Recording.bytes("http-v1/ticker\(name).json")
            return try MtGoxReply.ticker(bytes.span)
        }
        let wiki = try ticker("")
        #expect(wiki.summary.averageUnits == 556_112)
        #expect(wiki.summary.volumeUnits == 5_582_958_960_346)
        #expect(wiki.summary.bestBid == .usd("5.53587"))
        #expect(wiki.lastAll == .usd("5.5594"))
        let february = try ticker("-2012-02")
        #expect(february.summary.bestAskUnits == 578_999)
        let april = try ticker("-2012-04-raw")
        #expect(april.summary.highUnits == 498_000)
        #expect(april.summary.volumeUnits == 5_775_966_891_627)
        let march = try ticker("-2013-03-raw")
        #expect(march.summary.lastUnits == 9_146_000)
        #expect(march.summary.stamp > 1_364_000_000_000_000)
        let euro = try ticker("-EUR-2012-01")
        #expect(euro.summary.instrument == .btceur)
        #expect(euro.summary.last == .eur("5.34"))
        #expect(euro.lastLocal == .eur("5.34"))
        #expect(euro.lastAll == .eur("5.24904"))
        #expect(euro.lastOriginal == Money("6.65001", .usd))
        #expect(euro.summary.volume == .btc("1277.6885715"))
    }

    @Test func fastTicker() throws {
        let price = "{\"value_int\":\"511000\",\"currency\":\"USD\"}"
        let text = "{\"result\":\"success\",\"return\":{\"last\":\(price),\"buy\":\(price)}}"
        let ticker = try MtGoxReply.ticker(text.utf8.span, of: .btcusd)
        #expect(ticker.summary.last == .usd("5.11"))
        #expect(ticker.summary.bestBid == .usd("5.11"))
        #expect(ticker.summary.bestAsk == nil)
        #expect(ticker.summary.volume == nil)
        #expect(ticker.lastLocal == nil && ticker.lastOriginal == nil)
    }

    @Test func oldTickers() throws {
        func ticker(_ name: String) throws -> MtGoxOldTicker {
            let bytes = try Recording.bytes("http-v0/ticker\(name).json")
            return try MtGoxReply.oldTicker(bytes.span)
        }
        let june = try ticker("-2011-06")
        #expect(june.high == "28.678" && june.low == "18.4" && june.volume == "80531")
        #expect(june.bestBid == "26.4" && june.bestAsk == "26.6099" && june.last == "26.5")
        #expect(june.average == nil && june.vwap == nil && june.lastAll == nil)
        let january = try ticker("")
        #expect(january.average == "6.691234882" && january.vwap == "6.668617425")
        #expect(january.lastAll == "6.69" && january.bestAsk == "6.69803")
        #expect(try ticker("1").last == "6.70")
        // Doubles of the server, exactly as written.
        let later = try ticker("-2013-01")
        #expect(later.average == "16.369430127000001" && later.last == "16.800000000000001")
        #expect(later.lastLocal == "16.800000000000001" && later.volume == "60418")
    }

    @Test func otherPublicReplies() throws {
        let currency = try Recording.bytes("http-v2/currency-USD.json")
        let usd = try MtGoxReply.currency(currency.span)
        #expect(usd.currency == .usd && usd.name == "Dollar" && usd.symbol == "$")
        #expect(usd.displayDecimals == 2 && usd.isSymbolBefore && !usd.isVirtual)
        #expect(usd.tickerChannel == "abc123-def456" && usd.depthChannel == "abc123-def456")
        func lag(_ name: String) throws -> MtGoxLag {
            let bytes = try Recording.bytes(name)
            return try MtGoxReply.lag(bytes.span)
        }
        let first = try lag("http-v1/lag.json")
        #expect(first.age == .microseconds(535_998) && first.seconds == "0.535998")
        #expect(first.text == "0.535998 seconds" && first.length == 3)
        #expect(try lag("http-v2/lag-raw.json").age == .microseconds(940_304))
        let third = try lag("http-v2/order-lag.json")
        #expect(third.age == .microseconds(2_319_790) && third.length == nil)
        let quote = try Recording.bytes("http-v2/order-quote.json")
        #expect(try MtGoxReply.quote(quote.span).units == "9197999")
        let part = "{\"result\":\"success\",\"data\":{\"amount\":2179142.24937}}"
        let odd = try MtGoxReply.quote(part.utf8.span)
        #expect(odd.units == "2179142.24937")
        #expect(odd.money(.usd, rounding: .up) == Money("21.79143", .usd))
        let cancelled = try Recording.bytes("http-v1/cancelledtrades.json")
        #expect(try MtGoxReply.cancelledTrades(cancelled.span) == [])
        let some = "[{\"a\":1}, 2]"
        #expect(try MtGoxReply.cancelledTrades(some.utf8.span).map(\.count) == [7, 1])
    }
}
