import OutcryKernel
import OutcryMarket
import OutcrySandbox
import OutcrySimulation
import OutcryVenues
import OutcryWire
import Testing

@testable import OutcrySafetyNet

/// Signed calls, calls over the stream and private channels go through as they are.
@Suite struct SignedTests {
    @Test func signedCallsGoThrough() throws {
        let house = try NetHouse { $0.speed = 1 }
        try house.settle()
        house.stopMarket()
        let alice = try Person("alice", house)
        for target in [
            "/api/1/generic/info", "/api/1/generic/orders", "/api/2/money/info",
            "/api/0/getFunds.php",
        ] {
            let ours = try alice.post(target)
            let theirs = try alice.post(target, port: NetHouse.exchangePort)
            #expect(ours.status == 200, "\(target): \(ours.text)")
            #expect(ours.text == theirs.text, "\(target)")
            #expect(ours["Age"] == nil)
        }
        let order = try alice.post(
            "/api/1/BTCUSD/order/add",
            [("type", "bid"), ("amount_int", "1000000"), ("price_int", "1000")])
        #expect(order.status == 200, "\(order.text)")
        let orders = try alice.post("/api/1/generic/orders").text
        #expect(orders.contains("\"value_int\":\"1000\""), "\(orders)")
        // The venue's own refusals come back, and what is not known is asked upstream.
        let old = try alice.post("/api/1/generic/orders", nonce: 5)
        #expect(old.status == 403)
        #expect(old.text.contains("login_error_invalid_nonce"))
        let unknown = try alice.post("/api/1/generic/private/dance")
        #expect(unknown.status == 404)
        #expect(house.net.counters.signed == 8)
        // Without a key nothing goes upstream.
        let none = try house.get("/api/1/generic/orders", method: "POST")
        #expect(none.status == 403)
        #expect(none.text.contains("login_error_missing_rest_key"))
        #expect(
            try house.get("/api/0/getFunds.php", method: "POST").text
                == #"{"error":"Not logged in."}"#)
        #expect(house.net.counters.signed == 8)
    }

    /// Nonces of one key arrive in the order in which the calls came, though all came at once.
    @Test func callsOfAKeyKeepTheirOrder() throws {
        let house = try NetHouse { $0.speed = 1 }
        try house.settle()
        let people = [try Person("alice", house), try Person("bob", house)]
        var peers: [HTTPPeer] = []
        for _ in 0..<12 {
            for person in people {
                let (body, fields) = person.request("/api/1/generic/orders")
                let peer = HTTPPeer(house)
                peer.send("/api/1/generic/orders", fields, method: "POST", body: body)
                peers.append(peer)
            }
        }
        house.run(.seconds(5))
        let replies = try peers.map { try $0.next()?.status }
        #expect(replies == Array(repeating: 200, count: 24))
    }

    /// Calls over the stream stand in line with the HTTP calls of their key: all came at once, each with a
    /// greater nonce than the one before, and the exchange takes all.
    @Test func callsOverTheStreamKeepTheOrderToo() throws {
        let house = try NetHouse { $0.speed = 1 }
        try house.settle()
        let alice = try Person("alice", house)
        let streams = [try house.stream("/"), try house.stream("/")]
        var peers: [HTTPPeer] = []
        for round in 0..<6 {
            let (body, fields) = alice.request("/api/1/generic/orders")
            let peer = HTTPPeer(house)
            peer.send("/api/1/generic/orders", fields, method: "POST", body: body)
            peers.append(peer)
            house.run(.microseconds(1_500))
            streams[round % 2].send(alice.sealed("private/info", id: "call\(round)"))
            house.run(.microseconds(1_500))
        }
        house.run(.seconds(5))
        #expect(try peers.map { try $0.next()?.status } == Array(repeating: 200, count: 6))
        let told = try streams.map { try $0.take().filter { $0.contains("\"op\":\"result\"") } }
        #expect(told.map(\.count) == [3, 3])
        #expect(house.net.signed.busy == 0)
        // One whose answer never comes holds the others of its key up for a minute, and no longer.
        house.exchangeKernel.post(.sandboxRestart, to: "exchange", .seconds(100))
        house.run(.seconds(90))
        #expect(house.net.signed.busy == 0)
    }

    /// What was asked over the stream before the end is answered before the goodbye; what comes later is refused.
    @Test func callsOverTheStreamAreAnsweredBeforeTheGoodbye() throws {
        let house = try NetHouse { $0.speed = 1 }
        try house.settle()
        let alice = try Person("alice", house)
        let peer = try house.stream("/mtgox")
        let other = try house.stream("/mtgox")
        peer.send(alice.sealed("private/info", id: "before"))
        let isAsked = house.world.run(within: .seconds(1)) { house.net.signed.busy == 1 }
        #expect(isAsked)
        house.kernel.post(.safetyNetDrain, to: "net", .seconds(10))
        peer.send(alice.sealed("private/info", id: "behind"))
        house.run(.seconds(5))
        let told = try peer.take()
        #expect(told.contains { $0.contains("\"op\":\"result\"") && $0.contains("before") })
        #expect(told.contains { $0.contains("The SafetyNet ends") && $0.contains("behind") })
        #expect(peer.closed == .goingAway)
        _ = try other.take()
        #expect(other.closed == .goingAway)
    }

    /// Orders over the stream count as the venue counts them, with those over HTTP.
    @Test func ordersOverTheStreamAreCounted() throws {
        let house = try NetHouse { $0.speed = 1 }
        try house.settle()
        house.run(.seconds(30))
        let alice = try Person("alice", house)
        let peer = try house.stream("/")
        let order = [
            MtGoxParameter("type", "bid"), MtGoxParameter("amount_int", "1000000"),
            MtGoxParameter("price_int", "1000"),
        ]
        for number in 0..<8 { peer.send(alice.sealed("order/add", order, id: "o\(number)")) }
        house.run(.seconds(2))
        let told = try peer.take()
        #expect(told.filter { $0.contains("\"op\":\"result\"") }.count == 5)
        let refused = told.filter { $0.contains("Too many orders placed") }
        #expect(refused.count == 3 && refused[0].contains("\"id\":\"o5\""), "\(refused)")
        let http = try alice.post(
            "/api/1/BTCUSD/order/add",
            [("type", "bid"), ("amount_int", "1000000"), ("price_int", "1000")])
        #expect(http.status == 403 && http.text.contains("Too many orders placed"))
        house.run(.seconds(7))
        peer.send(alice.sealed("order/add", order, id: "later"))
        house.run(.seconds(1))
        #expect(try peer.take().contains { $0.contains("\"id\":\"later\"") })
        #expect(house.net.signed.busy == 0)
    }

    /// What is over the budget is refused at once, and the next of the same key goes when it may.
    @Test func overTheBudgetIsRefusedAtOnce() throws {
        let house = try NetHouse { $0.speed = 1 }
        try house.settle()
        house.run(.seconds(60))
        let alice = try Person("alice", house)
        var statuses: [Int] = []
        for _ in 0..<60 {
            statuses.append(try alice.post("/api/1/generic/orders").status)
        }
        let taken = statuses.prefix { $0 == 200 }.count
        #expect(taken > 20 && taken <= 40, "\(taken) of a budget of 40")
        let refused = try alice.post("/api/1/generic/orders")
        #expect(refused.status == 429)
        #expect(refused.text.contains("Too many requests"))
        #expect(refused["Retry-After"] != nil)
        house.run(.seconds(21))
        #expect(try alice.post("/api/1/generic/orders").status == 200)
    }

    /// Nothing of a signed call is in the log at its most talkative, or kept.
    @Test func nothingOfItIsLoggedOrKept() throws {
        let house = try NetHouse { $0.speed = 1 }
        final class Lines { var all: [String] = [] }
        let lines = Lines()
        house.kernel.logLevel = .debug
        house.kernel.onLog = { lines.all.append("\($0)") }
        try house.settle()
        let alice = try Person("alice", house)
        let (body, fields) = alice.request("/api/1/generic/info")
        let reply = try house.get("/api/1/generic/info", fields, method: "POST", body: body)
        #expect(reply.text.contains("alice"))
        _ = try alice.post("/api/1/generic/orders", nonce: 1)
        let peer = try house.stream("/")
        let sealed = alice.sealed("private/info", id: "a1")
        peer.send(sealed)
        house.run(.seconds(2))
        house.exchangeKernel.post(.sandboxRestart, to: "exchange", .seconds(1))
        house.run(.seconds(5))
        #expect(lines.all.count > 5)
        let secrets =
            [alice.account.key, String(decoding: body, as: UTF8.self), "alice", "private/info"]
            + fields.filter { $0.hasPrefix("Rest-") }.compactMap {
                $0.split(separator: " ").last.map(String.init)
            }
        for secret in secrets {
            #expect(!lines.all.contains { $0.contains(secret) }, "\(secret.prefix(8))…")
        }
        let kept = house.net.shelf.bytes
        #expect(kept == 0, "no answer of a signed call is on the shelf")
    }

    /// Where no more lines may be made a call is refused, and who wants news of an account is let go.
    @Test func linesAreBounded() throws {
        let house = try NetHouse({ $0.speed = 1 }, net: { $0.access.ownLinesPerMinute = 1 })
        try house.settle()
        let alice = try Person("alice", house)
        let first = try house.stream("/")
        first.send(alice.sealed("private/info", id: "a1"))
        house.run(.seconds(1))
        #expect(try first.take().contains { $0.contains("\"id\":\"a1\"") })
        let second = try house.stream("/")
        #expect(
            try second.ask(alice.sealed("private/info", id: "a2"))
                .contains { $0.contains("Too many private connections") })
        #expect(second.closed == nil)
        _ = try second.ask(#"{"op":"mtgox.subscribe","key":"abc"}"#)
        #expect(second.closed == .goingAway)
        house.run(.seconds(70))
        let third = try house.stream("/")
        third.send(alice.sealed("private/info", id: "a3"))
        house.run(.seconds(1))
        #expect(try third.take().contains { $0.contains("\"id\":\"a3\"") })
        #expect(house.net.counters.linesOpened == 2)
    }

    @Test func callsOverTheStreamHaveALineOfTheirOwn() throws {
        let house = try NetHouse { $0.speed = 60 }
        try house.settle()
        let alice = try Person("alice", house)
        let ours = try house.stream("/mtgox")
        let other = try house.stream("/mtgox")
        ours.send(alice.sealed("private/info", id: "a1"))
        house.run(.seconds(3))
        let told = try ours.take()
        let result = told.filter { $0.contains("\"op\":\"result\"") }
        #expect(result.count == 1)
        #expect(result.first?.contains("\"id\":\"a1\"") == true)
        #expect(result.first?.contains("alice") == true)
        // Nothing public comes twice, nothing private goes to others.
        #expect(told.filter { $0.contains("Now online") }.count == 1)
        let rest = told.filter { !$0.contains("\"op\":\"result\"") }
        #expect(try other.take() == rest)
        // The account's channel.
        let key = try JSONTree(Array(try alice.post("/api/1/generic/idkey").text.utf8))["return"]
        ours.send(#"{"op":"mtgox.subscribe","key":"\#(key.text)"}"#)
        house.run(.seconds(1))
        _ = try alice.post(
            "/api/1/BTCUSD/order/add",
            [("type", "bid"), ("amount_int", "1000000"), ("price_int", "1000")])
        house.run(.seconds(1))
        #expect(try ours.take().contains { $0.contains("user_order") })
        #expect(try !other.take().contains { $0.contains("user_order") })
        #expect(house.net.lines.count == 1)
        // When it is lost the client is let go: what was on its way is not known.
        house.exchangeKernel.post(.sandboxRestart, to: "exchange", .seconds(1))
        house.run(.seconds(5))
        _ = try ours.take()
        #expect(ours.closed == .goingAway)
        #expect(other.closed == nil)
        #expect(house.net.lines.isEmpty)
        house.run(.seconds(10))
        #expect(house.net.webSocketClients.count == 1)
    }
}
