import Foundation
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryVenues
import OutcryWire
import Testing

@testable import OutcrySandbox

/// A whole sandbox on a journal, ended without a word and begun again.
@Suite struct SandboxJournalTests {
    private static func inFolder(_ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "outcry-sandbox-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path + "/journal.sqlite")
    }

    /// A client that ends its half behind its request is answered, and then let go.
    @Test(arguments: [false, true]) func aHalfClosedClientIsAnswered(isKept: Bool) throws {
        try Self.inFolder { path in
            let house = try TradingHouse(journal: isKept ? try Journal(path: path) : nil)
            let alice = try house.person("alice")
            let (target, body, fields) = alice.request(
                "/api/1/BTCUSD/order/add",
                [("type", "bid"), ("amount_int", "1000000"), ("price_int", "1000")])
            let client = HTTPPeer(house.house)
            client.send(target, fields, method: "POST")
            client.peer.send(body)
            client.peer.end()
            house.house.run(.milliseconds(50))
            #expect(house.house.exchange.state.orders.count == 1)
            #expect(try client.next()?.head.status == 200)
            #expect(client.peer.hasEnded)
        }
    }

    /// The recorded market at 600 times its speed, two people in it, ended after some seconds.
    @Test(arguments: [1, 2, 3] as [UInt64]) func itGoesOnWhereItEnded(seed: UInt64) throws {
        try Self.inFolder { path in
            var random = SeededGenerator(seed: seed)
            var hash: UInt64 = 0
            var orders: [String] = []
            var account: SandboxAccount?
            do {
                let house = try TradingHouse(seed: seed, journal: try Journal(path: path)) {
                    $0.speed = 600
                    $0.firstStep = .zero
                }
                let alice = try house.person("alice")
                account = alice.account
                for _ in 0..<Int.random(in: 5...40, using: &random) {
                    house.house.run(.milliseconds(Int64.random(in: 1...100, using: &random)))
                    let price = Int64.random(in: 1_000_000...2_600_000, using: &random)
                    let oid = try alice.call(
                        "BTCUSD/order/add",
                        [("type", "bid"), ("amount_int", "10000000"), ("price_int", "\(price)")]
                    ).text
                    if Bool.random(using: &random) {
                        _ = try? alice.call("BTCUSD/order/cancel", [("oid", oid)])
                    }
                }
                house.house.run(.milliseconds(50))
                orders = try alice.call("generic/orders").elements.map { $0["oid"].text }
                house.house.kernel.post(.sandboxStop, to: "sandbox", ())
                house.house.run(.seconds(1))
                #expect(house.house.exchange.commit.isSettled)
                #expect(house.house.exchange.commit.written > 20)
                hash = house.house.exchange.state.hash
            }
            let again = try TradingHouse(seed: seed + 100, journal: try Journal(path: path)) {
                $0.speed = 600
            }
            #expect(again.house.exchange.state.hash == hash, "seed \(seed)")
            let alice = try Trader(again, try #require(account))
            let refused = try alice.post("/api/1/generic/orders", nonce: 1_364_767_201_381_795)
            #expect(refused.status == 403, "the nonces of before are used")
            for _ in 0..<200 { _ = alice.nextNonce() }
            let left = try alice.call("generic/orders").elements.map { $0["oid"].text }
            #expect(left == orders)
        }
    }

    /// The fault that rests an order nobody is told of does not hide it from the journal.
    @Test func whatNobodyIsToldIsWritten() throws {
        try Self.inFolder { path in
            var hash: UInt64 = 0
            do {
                let house = try TradingHouse(journal: try Journal(path: path)) {
                    $0.faults.dropsLastDepth = true
                }
                let orders = house.house.exchange.engine.openOrderCount
                house.house.kernel.post(.sandboxStop, to: "sandbox", ())
                house.house.run(.milliseconds(50))
                #expect(house.house.exchange.engine.openOrderCount == orders + 1)
                #expect(house.house.exchange.counters.dropped == 1)
                hash = house.house.exchange.state.hash
            }
            let again = try TradingHouse(journal: try Journal(path: path))
            #expect(again.house.exchange.state.hash == hash)
        }
    }

    /// A batch is on its way, by hand: until it is written nobody hears anything; then all of it, in its
    /// order.
    @Test func nothingIsSaidBeforeItIsWritten() throws {
        try Self.inFolder { path in
            let house = try TradingHouse(journal: try Journal(path: path))
            let alice = try house.person("alice")
            let exchange = house.house.exchange
            let heard = try alice.listen()
            let watching = try house.house.stream("/mtgox")
            _ = try watching.messages()
            exchange.commit.add([JournalRecord("step", at: 0)])
            _ = exchange.commit.next()
            let client = HTTPPeer(house.house)
            let (target, body, fields) = alice.request(
                "/api/1/BTCUSD/order/add",
                [("type", "ask"), ("amount_int", "1000000"), ("price_int", "2640001")])
            client.send(target, fields, method: "POST")
            client.peer.send(body)
            house.house.run(.seconds(1))
            #expect(exchange.state.orders.count == 1, "it is in the engine")
            #expect(try client.next() == nil)
            #expect(try heard.messages().isEmpty)
            #expect(try watching.messages().isEmpty)
            // Somebody who comes now hears nothing of before.
            let late = try house.house.stream("/mtgox")
            #expect(try late.messages().isEmpty)
            house.house.kernel.post(.sandboxWritten, to: "sandbox", .success(()))
            house.house.run(.milliseconds(50))
            #expect(try client.next()?.head.status == 200)
            #expect(try heard.messages().count == 4)
            #expect(
                try watching.messages().map { $0["channel_name"].text } == [
                    "depth.BTCUSD", "ticker.BTCUSD",
                ])
            #expect(try late.messages().first?["op"].text == "remark")
            #expect(exchange.held.isEmpty)
            #expect(exchange.heldBytes == 0)
            #expect(exchange.commit.isSettled)
        }
    }

    @Test func anotherMarketIsRefused() throws {
        try Self.inFolder { path in
            do { _ = try TradingHouse(journal: try Journal(path: path)) }
            let house = try SandboxHouse(journal: try Journal(path: path)) {
                $0.market = .february2012
            }
            house.run(.milliseconds(10))
            #expect(house.kernel.find("sandbox") == nil, "it has failed")
        }
    }
}
