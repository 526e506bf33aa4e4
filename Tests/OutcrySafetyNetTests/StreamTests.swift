import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryVenues
import Testing

@testable import OutcrySafetyNet
@testable import OutcrySandbox

/// The stream: the room hears what the exchange says.
@Suite struct StreamTests {
    @Test func theMessagesAreTheExchangesOwn() throws {
        let house = try NetHouse()
        try house.settle()
        let theirs = try house.stream("/mtgox", port: NetHouse.exchangePort)
        let ours = try house.stream("/mtgox")
        house.run(.seconds(20))
        house.stopMarket()
        let expected = try theirs.take()
        let found = try ours.take()
        let market = expected.filter { $0.contains("\"origin\":\"broadcast\"") }
        #expect(market.count > 50)
        #expect(found.filter { $0.contains("\"origin\":\"broadcast\"") } == market)
        #expect(found[0].contains("Now online"))
        // The same confirmations in the same order.
        let confirmed = expected.filter { $0.contains("\"op\":\"subscribe\"") }
        #expect(confirmed.count == 3)
        #expect(found.filter { $0.contains("\"op\":\"subscribe\"") } == confirmed)
    }

    @Test func wordsAreAnsweredAsTheExchangeAnswersThem() throws {
        let house = try NetHouse { $0.speed = 1 }
        try house.settle()
        house.stopMarket()
        for target in ["/", "/mtgox?Currency=EUR", "/?Channel=ticker,depth&Currency=USD,EUR"] {
            let theirs = try house.stream(target, port: NetHouse.exchangePort)
            let ours = try house.stream(target)
            #expect(try ours.take().dropFirst() == theirs.take().dropFirst(), "\(target)")
            for word in [
                #"{"op":"mtgox.subscribe","type":"ticker"}"#,
                #"{"op":"mtgox.subscribe","channel":"depth.BTCUSD"}"#,
                #"{"op":"subscribe","channel":"nothing","id":"7"}"#, "{", "[]",
                #"{"op":"dance","id":"x"}"#,
                #"{"op":"unsubscribe","channel":"24e67e0d-1cad-4cc0-9e7a-f8523ef460fe"}"#,
            ] {
                #expect(try ours.ask(word) == theirs.ask(word), "\(target) \(word)")
            }
        }
    }

    /// A snapshot and what comes after it make the exchange's book, whenever it was asked for.
    @Test func aSnapshotJoinsTheStream() throws {
        let house = try NetHouse { $0.speed = 600 }
        try house.settle()
        for _ in 0..<5 {
            let peer = try house.stream("/")
            house.run(.milliseconds(137))
            peer.send(#"{"op":"snapshot","channel":"depth.BTCUSD"}"#)
            house.run(.seconds(3))
            house.exchangeKernel.post(.sandboxStop, to: "exchange", ())
            house.run(.seconds(1))
            var book: [String: Int64] = [:]
            var (hasSnapshot, changes) = (false, 0)
            for text in try peer.take() {
                let json = try JSONTree(Array(text.utf8))
                if json["op"].text == "snapshot" {
                    #expect(json["channel_name"].text == "depth.BTCUSD")
                    hasSnapshot = true
                    for (side, name) in [("ask", "asks"), ("bid", "bids")] {
                        for level in json["snapshot"][name].elements {
                            book[side + level["price_int"].text] = Int64(level["amount_int"].text)
                        }
                    }
                } else if json["private"].text == "depth" {
                    #expect(hasSnapshot, "nothing comes before the snapshot")
                    let depth = json["depth"]
                    let level = depth["type_str"].text + depth["price_int"].text
                    let total = Int64(depth["total_volume_int"].text) ?? -1
                    // Nothing is missing and nothing comes twice: each change is the difference.
                    #expect(
                        total - (book[level] ?? 0) == Int64(depth["volume_int"].text), "\(text)")
                    book[level] = total == 0 ? nil : total
                    changes += 1
                }
            }
            #expect(hasSnapshot && changes > 10)
            #expect(book == house.exchanged)
            house.exchangeKernel.post(.sandboxGo, to: "exchange", ())
        }
        let peer = try house.stream("/")
        #expect(
            try peer.ask(#"{"op":"snapshot","channel":"trade.BTC","id":"1"}"#)
                .contains { $0.contains("Unknown channel") && $0.contains("\"id\":\"1\"") })
    }

    /// After a loss of the upstream everybody is told what differs, and has the exchange's book.
    @Test func aLossIsPutRight() throws {
        let house = try NetHouse { $0.speed = 200 }
        try house.settle()
        let peer = try house.stream("/?Channel=depth.BTCUSD")
        peer.send(#"{"op":"snapshot","channel":"depth.BTCUSD"}"#)
        for _ in 0..<4 {
            house.run(.seconds(3))
            house.exchangeKernel.post(.sandboxRestart, to: "exchange", .seconds(2))
            house.run(.seconds(20))
            try house.settle()
        }
        house.stopMarket()
        try house.settle()
        var book: [String: Int64] = [:]
        var lost = 0
        for text in try peer.take() {
            let json = try JSONTree(Array(text.utf8))
            if json["op"].text == "remark", text.contains("Upstream lost") { lost += 1 }
            if json["op"].text == "snapshot" {
                for (side, name) in [("ask", "asks"), ("bid", "bids")] {
                    for level in json["snapshot"][name].elements {
                        book[side + level["price_int"].text] = Int64(level["amount_int"].text)
                    }
                }
            } else if json["private"].text == "depth" {
                let depth = json["depth"]
                let level = depth["type_str"].text + depth["price_int"].text
                let total = Int64(depth["total_volume_int"].text) ?? -1
                book[level] = total == 0 ? nil : total
            }
        }
        #expect(lost == 4)
        #expect(house.net.counters.repairs >= 1)
        #expect(book == house.exchanged)
    }

    /// Channels that are not of the kept markets are asked for upstream when somebody wants them.
    @Test func otherChannelsAreFetched() throws {
        let house = try NetHouse(net: { $0.instruments = [.btcusd] })
        try house.settle()
        let peer = try house.stream("/")
        _ = try peer.ask(#"{"op":"mtgox.subscribe","type":"lag"}"#)
        _ = try peer.ask(#"{"op":"mtgox.subscribe","channel":"ticker.BTCEUR"}"#)
        house.run(.seconds(10))
        #expect(try peer.take().contains { $0.contains("\"trade.lag\"") })
    }
}
