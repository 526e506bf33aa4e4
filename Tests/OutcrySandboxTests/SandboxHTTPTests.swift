import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryWire
import Testing

@testable import OutcrySandbox

@Suite struct SandboxHTTPTests {
    @Test(arguments: ["public/ticker", "ticker"])
    func tickerHasTheRecordedShape(path: String) throws {
        let house = try SandboxHouse()
        house.run(.seconds(60))
        let reply = try house.json("/api/1/BTCUSD/\(path)")
        #expect(reply["result"] == .string("success"))
        #expect(reply["return"].shape == (try JSONTree(Recorded.ticker)).shape)
        let last = try #require(
            try house.json("/api/1/BTCUSD/trades/fetch")["return"].elements.last)
        #expect(reply["return"]["last"]["value_int"] == last["price_int"])
        #expect(reply["return"]["buy"]["value_int"].integer == house.exchange.engine.best(.bid))
        #expect(reply["return"]["sell"]["value_int"].integer == house.exchange.engine.best(.ask))
    }

    @Test func tickerSumsTheTradesToTheUnit() throws {
        let house = try SandboxHouse { $0.speed = 300 }
        house.run(.seconds(40))
        let trades = try house.json("/api/1/BTCUSD/trades/fetch?since=0")["return"].elements
        let ticker = try house.json("/api/1/BTCUSD/ticker")["return"]
        #expect(trades.count > 100 && trades.count < 1_000)
        let prices = trades.map { $0["price_int"].integer }
        let amounts = trades.map { $0["amount_int"].integer }
        let turnover = zip(prices, amounts).reduce(0) { $0 + $1.0 * $1.1 }
        let volume = amounts.reduce(0, +)
        let count = Int64(trades.count)
        #expect(ticker["high"]["value_int"].integer == prices.max())
        #expect(ticker["low"]["value_int"].integer == prices.min())
        #expect(ticker["vol"]["value_int"].integer == volume)
        #expect(ticker["vwap"]["value_int"].integer == (turnover + volume / 2) / volume)
        let average = (prices.reduce(0, +) + count / 2) / count
        #expect(ticker["avg"]["value_int"].integer == average)
    }

    @Test(arguments: ["public/fulldepth", "depth/full"])
    func fullDepthIsTheWholeBook(path: String) throws {
        let house = try SandboxHouse { $0.market = .february2012 }
        let reply = try house.json("/api/1/BTCUSD/\(path)")["return"]
        #expect(reply.keys == ["asks", "bids"])
        let recorded = try RecordedBook.february2012()
        for (side, levels) in [("asks", recorded.asks), ("bids", recorded.bids)] {
            let served = reply[side].elements.map {
                RecordedLevel(
                    price: $0["price_int"].integer, amount: $0["amount_int"].integer,
                    stamp: $0["stamp"].integer)
            }
            #expect(served == levels)
            for level in reply[side].elements {
                let price = Price(units: level["price_int"].integer, of: .usd)
                #expect(Price(level["price"].text) == price)
                let amount = Quantity(units: level["amount_int"].integer, of: .btc)
                #expect(Quantity(level["amount"].text) == amount)
            }
        }
        let shape = try JSONTree(Recorded.depth)["return"]["asks"].shape
        #expect(reply["asks"].shape == shape)
    }

    @Test(arguments: ["public/depth", "depth/fetch"])
    func depthIsWithinTenPercent(path: String) throws {
        let house = try SandboxHouse()
        house.run(.seconds(30))
        let reply = try house.json("/api/1/BTCUSD/\(path)")
        #expect(reply.shape == (try JSONTree(Recorded.depth)).shape)
        let last = try house.json("/api/1/BTCUSD/ticker")["return"]["last"]["value_int"].integer
        let value = reply["return"]
        #expect(value["filter_min_price"]["value_int"].integer == last - last / 10)
        #expect(value["filter_max_price"]["value_int"].integer == last + last / 10)
        var expected: [[Int64]] = []
        for side in [Side.ask, .bid] {
            house.exchange.engine.forEachLevel(side, ascending: true) { price, total, _ in
                if abs(price - last) <= last / 10 { expected.append([price, total]) }
            }
        }
        let served = (value["asks"].elements + value["bids"].elements).map {
            [$0["price_int"].integer, $0["amount_int"].integer]
        }
        #expect(served == expected)
        let bids = value["bids"].elements.map { $0["price_int"].integer }
        #expect(bids == bids.sorted() && bids.count > 10)
    }

    @Test(arguments: ["public/trades", "trades/fetch"])
    func tradesSinceGivesTheRestOldestFirst(path: String) throws {
        let house = try SandboxHouse()
        house.run(.seconds(60))
        let all = try house.json("/api/1/BTCUSD/\(path)?raw").elements
        #expect(all.count > 10)
        #expect(all[0].shape == (try JSONTree(Recorded.trades))["return"].elements[0].shape)
        let middle = all[5]["tid"].text
        let rest = try house.json("/api/1/BTCUSD/\(path)?raw&since=\(middle)").elements
        #expect(rest == Array(all[6...]))
        let recorded = try RecordedTrade.june2011()
        for (trade, original) in zip(all, recorded) {
            #expect(trade["price_int"].integer == original.price)
            #expect(trade["amount_int"].integer == original.amount)
            #expect(trade["date"].integer == trade["tid"].integer / 1_000_000)
        }
        let none = try house.get("/api/1/BTCUSD/\(path)?raw&since=\(all.last?["tid"].text ?? "")")
        #expect(String(decoding: none.body, as: UTF8.self) == "[]")
    }

    @Test func aThousandTradesAtMost() throws {
        let house = try SandboxHouse { $0.speed = 100_000 }
        house.run(.seconds(3))
        #expect(house.exchange.counters.isMarketOver)
        let newest = try house.json("/api/1/BTCUSD/trades?raw").elements
        let oldest = try house.json("/api/1/BTCUSD/trades?raw&since=0").elements
        let recorded = try RecordedTrade.june2011()
        #expect(newest.map { $0["amount_int"].integer } == recorded.suffix(1_000).map(\.amount))
        #expect(oldest.map { $0["amount_int"].integer } == recorded.prefix(1_000).map(\.amount))
    }

    @Test func rawDropsTheEnvelope() throws {
        let house = try SandboxHouse()
        #expect(try house.json("/api/1/BTCUSD/ticker?raw").keys.first == "high")
        #expect(try house.json("/api/1/BTCUSD/ticker").keys == ["result", "return"])
    }

    @Test func gzipIsHonored() throws {
        let house = try SandboxHouse { $0.market = .february2012 }
        let plain = try house.get("/api/1/BTCUSD/depth/full")
        let packed = try house.get("/api/1/BTCUSD/depth/full", ["Accept-Encoding: gzip"])
        #expect(packed.head.fields["Content-Encoding"] == "gzip")
        #expect(packed.body.count < plain.body.count / 3)
        #expect(try Gzip.decompress(packed.body.span, limit: 2 << 20) == plain.body)
    }

    @Test func fullDepthIsRationed() throws {
        let house = try SandboxHouse()
        for _ in 0..<5 { #expect(try house.get("/api/1/BTCUSD/depth/full").status == 200) }
        let sixth = try house.get("/api/1/BTCUSD/depth/full")
        #expect(sixth.status == 429)
        #expect(try JSONTree(sixth.body)["result"] == .string("error"))
        #expect(try house.get("/api/1/BTCUSD/depth/fetch").status == 200)
        house.run(.seconds(3_600))
        #expect(try house.get("/api/1/BTCUSD/depth/full").status == 200)
        let free = try SandboxHouse { $0.fullDepthPerHour = nil }
        for _ in 0..<9 { #expect(try free.get("/api/1/BTCUSD/depth/full").status == 200) }
    }

    @Test func wrongRequestsGetTheVenuesEnvelope() throws {
        let house = try SandboxHouse { $0.requiresUserAgent = true }
        let agent = ["User-Agent: test"]
        for (target, method, status) in [
            ("/", "GET", 404), ("/api/1/BTCUSD/nothing", "GET", 404),
            ("/api/2/BTCUSD/money/nothing", "GET", 404), ("/api/1/BTCXXX/ticker", "GET", 404),
            ("/api/1/BTCUSD/ticker", "DELETE", 405),
            ("/api/1/BTCUSD/trades?since=yesterday", "GET", 400),
        ] {
            let reply = try house.get(target, agent, method: method)
            #expect(reply.status == status, "\(method) \(target)")
            let tree = try JSONTree(reply.body)
            #expect(tree.keys == ["result", "error", "token"])
            #expect(tree["result"] == .string("error"))
        }
        #expect(try house.get("/api/1/BTCUSD/ticker").status == 403)
        #expect(try house.get("/api/1/BTCUSD/ticker", agent).status == 200)
        #expect(house.exchange.counters.refused == 7)
    }

    @Test func oneConnectionServesManyCalls() throws {
        let house = try SandboxHouse()
        let client = HTTPPeer(house)
        for _ in 0..<40 { client.send("/api/1/BTCUSD/ticker?raw") }
        client.send("/api/1/BTCUSD/trades", ["Connection: close"])
        house.run(.milliseconds(5))
        for _ in 0..<40 { #expect(try client.next()?.head.status == 200) }
        #expect(try client.next()?.head.fields["Connection"] == "close")
        #expect(client.peer.hasEnded)
        #expect(house.exchange.counters.accepted == 1)
        // It has two seconds to read that.
        house.run(.seconds(3))
        #expect(house.exchange.counters.open == 0)
    }

    @Test func whatIsNoHTTPIsAnsweredAndClosed() throws {
        let house = try SandboxHouse()
        let client = HTTPPeer(house)
        client.peer.send("HELO exchange\r\n\r\n")
        house.run(.milliseconds(5))
        let reply = try #require(try client.next())
        #expect(reply.head.status == 400)
        #expect(try JSONTree(reply.body)["result"] == .string("error"))
        #expect(client.peer.hasEnded)
    }
}
