import Foundation
import OutcryComponents
import OutcryCrypto
import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcrySimulation
import OutcryVenues
import OutcryWire
import Testing

@testable import OutcrySandbox

/// Everything that somebody may send to break an exchange: a clear refusal each, and nobody else is
/// disturbed.
@Suite struct HostileExchangeTests {
    private static let injection = "x'; DROP TABLE record; -- \" OR 1=1 \u{0}\\"

    // MARK: Signed calls

    @Test(arguments: HostileCarrier.allCases) func forgedCalls(carrier: HostileCarrier) throws {
        let hostile = try HostileHouse()
        let mallory = try hostile.trading.person("mallory")
        let stranger = try MtGoxCredentials(
            key: "fda8917a-63d3-4415-b827-758408013690",
            secret: Base64.encode([UInt8](repeating: 7, count: 64)))
        let liar = try MtGoxCredentials(
            key: mallory.account.key, secret: Base64.encode([UInt8](repeating: 9, count: 64)))
        let stream = try hostile.client(carrier)
        func sealed(_ credentials: MtGoxCredentials, _ body: [UInt8]) -> String {
            String(
                decoding: MtGoxSealedCall(body, credentials: credentials).message(id: "7"),
                as: UTF8.self)
        }
        func body(_ stamp: MtGoxCallStamp) -> [UInt8] {
            MtGoxCallBody(id: "7", call: "private/info", stamp: stamp, parameters: []).json
        }
        func call(_ text: String) -> String {
            #"{"op":"call","id":"7","call":"\#(text)","context":"mtgox.com"}"#
        }
        let good = mallory.sealed("private/info", id: "7")
        #expect(try stream.ask(good).map { $0["op"].text } == ["result"])
        let bad: [(String, String)] = [
            ("no base64", call("!!!!")), ("a bit of base64", call("A")), ("nothing", call("")),
            ("short", call("AAAA")),
            ("79 bytes", call(Base64.encode([UInt8](repeating: 1, count: 79)))),
            ("an empty call", call(Base64.encode([UInt8](repeating: 1, count: 80)))),
            ("no call", #"{"op":"call","id":"7"}"#),
            ("a number", #"{"op":"call","id":"7","call":5}"#),
            ("a nobody's key", sealed(stranger, body(.nonce(.max)))),
            ("a wrong secret", sealed(liar, body(.nonce(.max)))),
            ("a replay", good),
            ("an old nonce", sealed(mallory.credentials, body(.nonce(1)))),
            ("an old tonce", sealed(mallory.credentials, body(.tonce(1)))),
            ("no JSON", sealed(mallory.credentials, Array("{".utf8))),
            ("JSON of another kind", sealed(mallory.credentials, Array("[1,2]".utf8))),
            (
                "a nonce below zero",
                sealed(
                    mallory.credentials, Array(#"{"id":"7","call":"private/info","nonce":-1}"#.utf8)
                )
            ),
            (
                "a nonce beyond all",
                sealed(
                    mallory.credentials,
                    Array(
                        #"{"id":"7","call":"private/info","nonce":"99999999999999999999999"}"#.utf8)
                )
            ),
            (
                "no nonce",
                sealed(mallory.credentials, Array(#"{"id":"7","call":"private/info"}"#.utf8))
            ),
        ]
        for (what, text) in bad {
            let refused = hostile.house.exchange.counters.refused
            let answer = try stream.ask(text)
            #expect(answer.map { $0["op"].text } == ["remark"], "\(what): \(answer)")
            #expect(answer.map { $0["message"].text } == ["Invalid call"], "\(what): \(answer)")
            #expect(answer.first?["id"].text == "7", "\(what)")
            #expect(answer.first?["success"] == .bool(false), "\(what)")
            #expect(hostile.house.exchange.counters.refused == refused + 1, "\(what)")
            #expect(try hostile.trade() == "", "\(what)")
        }
        #expect(try mallory.call("generic/info")["Login"].text == "mallory", "the key is as it was")
    }

    @Test func forgedRequests() throws {
        let hostile = try HostileHouse()
        let mallory = try hostile.trading.person("mallory")
        let target = "/api/1/generic/info"
        func post(_ fields: [String], _ body: String) throws -> (Int, JSONTree) {
            let client = HTTPPeer(hostile.house)
            client.send(target, fields + ["Content-Length: \(body.utf8.count)"], method: "POST")
            client.peer.send(body)
            hostile.house.run(.milliseconds(5))
            guard let reply = try client.next() else { throw Missing(what: "a reply") }
            return (reply.head.status, try JSONTree(reply.body))
        }
        let form = "nonce=1364767201381999"
        let signed = mallory.credentials.fields(target, body: form.utf8.span)
            .map { "\($0.name): \($0.value)" }
        #expect(try post(signed, form).0 == 200)
        let key = "Rest-Key: \(mallory.account.key)"
        let bad: [(String, [String], String)] = [
            ("a replay", signed, form), ("another body", signed, form + "0"),
            ("no fields", [], form),
            ("no key", ["Rest-Sign: AAAA"], form), ("no signature", [key], form),
            ("no base64", [key, "Rest-Sign: !!"], form),
            ("a short one", [key, "Rest-Sign: AAAA"], form),
            (
                "a nobody's key",
                ["Rest-Key: fda8917a-63d3-4415-b827-758408013690", "Rest-Sign: AAAA"], form
            ),
            ("SQL for a key", ["Rest-Key: ' OR 1=1 --", "Rest-Sign: ' OR 1=1 --"], form),
            (
                "a long key",
                ["Rest-Key: " + String(repeating: "A", count: 4_000), "Rest-Sign: A"], form
            ),
        ]
        for (what, fields, body) in bad {
            let (status, reply) = try post(fields, body)
            #expect(status == 403, "\(what)")
            #expect(reply["result"].text == "error", "\(what)")
            #expect(reply["token"].text.hasPrefix("login_error_"), "\(what): \(reply)")
            #expect(try hostile.trade() == "", "\(what)")
        }
    }

    // MARK: Amounts and texts

    private static let amounts: [(String, String)] = [
        ("amount_int", "-1"), ("amount_int", "-100000000"), ("amount_int", "0"),
        ("amount_int", "9223372036854775808"), ("amount_int", "18446744073709551617"),
        ("amount_int", "1e40"), ("amount_int", "NaN"), ("amount_int", ""), ("amount_int", "0x10"),
        ("amount", "-1"), ("amount", "92233720368.54775808"), ("amount", "1e400"),
    ]
    private static let prices: [(String, String)] = [
        ("price_int", "-1"), ("price_int", "0"), ("price_int", "9223372036854775808"),
        ("price_int", "1e40"), ("price", "-0.00001"), ("price", "99999999999999999999"),
    ]

    @Test(arguments: HostileCarrier.allCases) func hostileAmounts(carrier: HostileCarrier) throws {
        let hostile = try HostileHouse()
        let mallory = try hostile.trading.person("mallory")
        let stream = try hostile.client(carrier)
        let money = try mallory.call("generic/info")["Wallets"]
        var forms: [[(String, String)]] = Self.amounts.map { [$0, ("price_int", "100")] }
        forms += Self.prices.map { [("amount_int", "100000000"), $0] }
        for form in forms {
            for side in ["bid", "ask"] {
                let all = [("type", side)] + form
                let reply = try mallory.post("/api/1/BTCUSD/order/add", all)
                #expect(reply.status == 400, "\(all): \(reply.body)")
                #expect(!reply.body["error"].text.isEmpty)
                let answer = try stream.ask(
                    mallory.sealed(
                        "order/add", all.map { MtGoxParameter($0.0, $0.1) }, id: "1"))
                #expect(answer.map { $0["op"].text } == ["remark"], "\(all): \(answer)")
                #expect(answer.first?["message"].text.isEmpty == false)
            }
            #expect(try hostile.trade() == "", "\(form)")
        }
        // What is a number and more than anybody has: taken, and never filled.
        for form in [
            [
                ("type", "bid"), ("amount_int", "9223372036854775807"),
                ("price_int", "9223372036854775807"),
            ],
            [
                ("type", "ask"), ("amount_int", "9223372036854775807"),
                ("price_int", "9223372036854775807"),
            ],
            [("type", "ask"), ("amount_int", "9223372036854775807")],
        ] {
            let reply = try mallory.post("/api/1/BTCUSD/order/add", form)
            #expect(reply.status == 200 || reply.status == 400, "\(form): \(reply.body)")
            #expect(try hostile.trade() == "", "\(form)")
        }
        for order in try mallory.call("generic/orders").elements {
            _ = try mallory.call("BTCUSD/order/cancel", [("oid", order["oid"].text)])
        }
        let address = ("address", "16UwLL9Risc3QfPqBUvKofHmBQ7wMtjvM")
        for (path, form) in [
            ("bitcoin/send_simple", [("address", "1"), ("amount_int", "1")]),
            ("bitcoin/send_simple", [address, ("amount_int", "-1")]),
            ("bitcoin/send_simple", [address, ("amount_int", "9223372036854775807")]),
            (
                "bitcoin/send_simple",
                [address, ("amount_int", "1"), ("fee_int", "9223372036854775807")]
            ),
            ("wallet/history", [("currency", "USD"), ("page", "9223372036854775808")]),
        ] {
            #expect(
                try mallory.post("/api/1/generic/\(path)", form).status == 400, "\(path) \(form)")
        }
        let sold = try mallory.call("generic/info")["Wallets"]
        #expect(sold["EUR"] == money["EUR"])
        #expect(
            sold["USD"]["Balance"]["value_int"].integer
                >= money["USD"]["Balance"]["value_int"].integer)
    }

    /// SQL in every string, with everything that is told kept in SQLite: nothing is refused for it that
    /// would not be anyhow, and what was kept makes the same exchange again.
    @Test func injections() throws {
        let folder = NSTemporaryDirectory() + "outcry-hostile-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let hash: UInt64
        do {
            let hostile = try HostileHouse(journal: try Journal(path: folder + "/j"))
            #expect(throws: Missing.self, "no name has control characters") {
                try hostile.trading.person(Self.injection)
            }
            let name = String(Self.injection.filter { $0 != "\0" })
            let mallory = try hostile.trading.person(name)
            let names = [
                "type", "amount_int", "price_int", "oid", "order", "currency", "page", "trade_id",
                "address", "description", "code", "group1", "amount", "btca",
            ]
            for path in [
                "/api/1/BTCUSD/order/add", "/api/1/generic/order/cancel",
                "/api/1/generic/order/result",
                "/api/1/generic/wallet/history", "/api/1/generic/bitcoin/send_simple",
                "/api/1/generic/bitcoin/address", "/api/0/withdraw.php", "/api/0/redeemCode.php",
                "/api/0/buyBTC.php", "/api/1/generic/idkey", "/api/2/money/info",
            ] {
                let reply = try mallory.raw(path, names.map { ($0, Self.injection) })
                #expect([200, 400, 404].contains(reply.status), "\(path) \(reply.status)")
                _ = try JSONTree(reply.body)
                #expect(try hostile.trade() == "", "\(path)")
            }
            let escaped = PercentEncoding.query([HTTPQueryItem("since", Self.injection)])
            #expect(try hostile.house.get("/api/1/BTCUSD/trades?" + escaped).status == 400)
            #expect(try hostile.house.get("/api/1/'%20OR%201=1/ticker").status == 404)
            for carrier in HostileCarrier.allCases {
                let stream = try hostile.client(carrier)
                var text = ""
                for key in ["op", "channel", "type", "key", "id", "call"] {
                    var writer = JSONWriter()
                    writer.object { object in
                        object.field(
                            "op",
                            key == "op"
                                ? Self.injection : key == "call" ? "call" : "mtgox.subscribe")
                        if key != "op" { object.field(key, Self.injection) }
                    }
                    text = String(decoding: writer.bytes, as: UTF8.self)
                    let answer = try stream.ask(text)
                    #expect(answer.map { $0["op"].text } == ["remark"], "\(text): \(answer)")
                }
                let answer = try stream.ask(
                    mallory.sealed(
                        "order/add", names.map { MtGoxParameter($0, Self.injection) },
                        id: Self.injection))
                #expect(answer.map { $0["op"].text } == ["remark"])
                #expect(answer.first?["id"].text == Self.injection)
                #expect(try hostile.trade() == "", "\(carrier)")
            }
            hostile.house.run(.seconds(1))
            #expect(try mallory.call("generic/info")["Login"].text == name)
            hash = hostile.house.exchange.state.hash
        }
        let journal = try Journal(path: folder + "/j")
        let again = try SandboxHouse(journal: journal) {
            $0.speed = 1
            $0.firstStep = .seconds(1_000_000)
        }
        again.run(.milliseconds(10))
        #expect(again.exchange.state.hash == hash)
    }

    // MARK: Size

    @Test(arguments: HostileCarrier.allCases) func hugeMessages(carrier: HostileCarrier) throws {
        let hostile = try HostileHouse()
        let mallory = try hostile.trading.person("mallory")
        let stream = try hostile.client(carrier)
        let deep = String(repeating: "[", count: 30_000)
        let wide = "[" + String(repeating: "{\"a\":1},", count: 5_000) + "0]"
        for (what, text, words) in [
            ("deep", #"{"op":"subscribe","x":"# + deep + "}", "Invalid message"),
            ("wide", #"{"op":"hello","x":"# + wide + "}", "Unknown operation"),
            (
                "a long number",
                #"{"op":"hello","x":"# + String(repeating: "9", count: 50_000) + "}",
                "Unknown operation"
            ),
            (
                "a long id",
                #"{"op":"call","call":"AAAA","id":""# + String(repeating: "i", count: 50_000)
                    + "\"}", "Invalid call"
            ),
            (
                "a long channel",
                #"{"op":"subscribe","channel":""# + String(repeating: "c", count: 50_000) + "\"}",
                "Unknown channel"
            ),
            (
                "a long key",
                #"{"op":"mtgox.subscribe","key":""# + String(repeating: "k", count: 50_000) + "\"}",
                "Invalid key"
            ),
            (
                "a long call",
                #"{"op":"call","id":"1","call":""# + String(repeating: "A", count: 50_000) + "\"}",
                "Invalid call"
            ),
        ] {
            let answer = try stream.ask(text)
            // What is no JSON is not even a message of Socket.IO's: it is passed over there.
            if what == "deep", carrier == .socketIO {
                #expect(answer.count <= 1)
            } else {
                #expect(answer.map { $0["message"].text } == [words], "\(what)")
            }
            #expect(try hostile.trade() == "", "\(what)")
        }
        let parameters = [MtGoxParameter("type", String(repeating: "x", count: 30_000))]
        let answer = try stream.ask(mallory.sealed("order/add", parameters, id: "1"))
        #expect(answer.map { $0["op"].text } == ["remark"])
        // Beyond the limit of a message its connection ends, and no other.
        stream.send(#"{"op":"hello","x":""# + String(repeating: "x", count: 70_000) + "\"}")
        hostile.house.run(.milliseconds(5))
        _ = try stream.messages()
        #expect(stream.peer.closed == .tooBig)
        #expect(try hostile.trade() == "")
        let body = String(repeating: "a", count: 100_000)
        let client = HTTPPeer(hostile.house)
        client.send("/api/1/generic/info", ["Content-Length: 100000"], method: "POST")
        client.peer.send(body)
        hostile.house.run(.milliseconds(5))
        #expect(try client.next()?.head.status == 413)
        #expect(try hostile.trade() == "")
    }

    // MARK: Many

    @Test(arguments: HostileCarrier.allCases)
    func aHundredThousandSubscriptions(carrier: HostileCarrier) throws {
        let hostile = try HostileHouse { $0.connections = ServerRules() }
        let stream = try hostile.client(carrier)
        let channels = PublicChannel.all.map(\.name) + ["depth.BTCXYZ", "trade.BTC; DROP TABLE x"]
        var answers: [String: Int] = [:]
        // A tenth under a sanitizer, where each takes ten times as long.
        let chunks = unsafe getenv("OUTCRY_LIGHT") == nil ? 100 : 10
        for chunk in 0..<chunks {
            for place in 0..<1_000 {
                let name = channels[(chunk * 1_000 + place) % channels.count]
                stream.send(#"{"op":"mtgox.subscribe","channel":"\#(name)"}"#)
            }
            hostile.house.run(.milliseconds(2))
            if chunk % 10 == 0 { #expect(try hostile.trade() == "", "chunk \(chunk)") }
            for message in try stream.messages() { answers[message["op"].text, default: 0] += 1 }
        }
        hostile.house.run(.milliseconds(100))
        for message in try stream.messages() { answers[message["op"].text, default: 0] += 1 }
        let unknown = (0..<chunks * 1_000).count { $0 % channels.count >= PublicChannel.all.count }
        #expect(answers["remark"] == unknown)
        #expect(answers["subscribe"] == chunks * 1_000 - unknown)
        #expect(
            hostile.house.exchange.subscribers.allSatisfy { $0.count <= 1 }, "each is kept once")
        #expect(try hostile.trade() == "")
    }

    /// The same from one who does not read: cut at the bound.
    @Test(arguments: HostileCarrier.allCases) func subscriptionsOfADeafOne(carrier: HostileCarrier)
        throws
    {
        let hostile = try HostileHouse {
            $0.connections = ServerRules()
            $0.slowClientLimit = 1 << 20
            $0.socketIO.waitingBytes = 1 << 20
        }
        let stream = try hostile.client(carrier)
        stream.peer.peer.isReading = false
        func sockets() -> Int {
            hostile.house.exchange.connections.values.count { $0.isWebSocket }
        }
        let before = sockets()
        for chunk in 0..<100 {
            for _ in 0..<1_000 {
                stream.send(#"{"op":"mtgox.subscribe","channel":"no such channel"}"#)
            }
            hostile.house.run(.milliseconds(2))
            if chunk % 10 == 0 { #expect(try hostile.trade() == "", "chunk \(chunk)") }
        }
        #expect(sockets() == before - 1, "cut off")
        if carrier == .webSocket { #expect(hostile.house.exchange.counters.cutOff == 1) }
        #expect(try hostile.trade() == "")
    }
}
