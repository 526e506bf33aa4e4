import OutcryComponents
import OutcryKernel
import OutcrySimulation
import OutcryWire
import Testing

@testable import OutcrySandbox

/// Several doors, and the venue's hosts behind each of them.
@Suite struct SandboxDoorTests {
    static let calls = ["mtgox.com", "www.mtgox.com", "data.mtgox.com", "data-beta.mtgox.com"]
    static let socketIO = ["socketio.mtgox.com", "socketio-beta.mtgox.com"]
    static let webSocket = ["websocket.mtgox.com", "websocket-beta.mtgox.com"]
    static let others = [
        "localhost", "127.0.0.1:8080", "[::1]:443", "mtgox.com.example.org", "xmtgox.com",
        "api.mtgox.com",
    ]

    private let ticker = "/api/1/BTCUSD/ticker"
    private let handshake = "/socket.io/1/?Currency=USD"

    /// The status of a WebSocket's handshake.
    private func upgrade(
        _ house: SandboxHouse, _ target: String, _ host: String
    ) throws -> Int {
        let fields = [
            "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Origin: *",
        ]
        let client = HTTPPeer(house)
        client.send(target, fields, host: host)
        house.run(.milliseconds(5))
        let text = String(decoding: client.peer.take(), as: UTF8.self)
        guard text.hasPrefix("HTTP/1.1 "), let status = Int(text.dropFirst(9).prefix(3)) else {
            throw Missing(what: "a status, found \(text)")
        }
        return status
    }

    private func statuses(_ host: String) throws -> [Int] {
        let house = try SandboxHouse()
        return [
            try house.get(ticker, host: host).status,
            try house.get(handshake, host: host).status,
            try upgrade(house, "/mtgox?Currency=USD", host),
            try upgrade(house, "/?Channel=ticker.BTCUSD", host),
        ]
    }

    @Test(arguments: calls + ["MtGox.com:443", "www.mtgox.com."])
    func callsAreServedWhereTheVenueHadThem(host: String) throws {
        #expect(try statuses(host) == [200, 404, 404, 404])
    }

    @Test(arguments: socketIO + ["SocketIO.MtGox.com:80"])
    func socketIOHasAHostOfItsOwn(host: String) throws {
        #expect(try statuses(host) == [404, 200, 404, 404])
    }

    @Test(arguments: webSocket + ["websocket.mtgox.com:443"])
    func webSocketsHaveAHostOfTheirOwn(host: String) throws {
        #expect(try statuses(host) == [404, 404, 101, 101])
    }

    @Test(arguments: others) func anyOtherHostHasEverything(host: String) throws {
        #expect(try statuses(host) == [200, 200, 101, 101])
    }

    @Test func everyHostIsTested() {
        #expect(
            SandboxExchange.hostNames.sorted()
                == (Self.calls + Self.socketIO + Self.webSocket).sorted())
    }

    @Test func aPathOfAnotherHostGetsTheVenuesError() throws {
        let house = try SandboxHouse()
        for (target, host) in [
            (handshake, "data.mtgox.com"), ("/socket.io/socket.io.js", "mtgox.com"),
            (ticker, "socketio.mtgox.com"), (ticker, "websocket.mtgox.com"),
            ("/", "websocket.mtgox.com"), ("/mtgox", "data.mtgox.com"),
        ] {
            let reply = try house.get(target, host: host)
            #expect(reply.status == 404)
            let tree = try JSONTree(reply.body)
            #expect(tree.keys == ["result", "error", "token"], "\(target) of \(host)")
            let path = target.prefix { $0 != "?" }
            #expect(tree["error"] == .string("Unknown path \"\(path)\""))
        }
        #expect(house.exchange.socketIO.count == 0)
        #expect(house.exchange.counters.refused == 6)
    }

    @Test func anAbsoluteTargetNamesTheHost() throws {
        let house = try SandboxHouse()
        let url = "http://socketio.mtgox.com\(ticker)"
        #expect(try house.get(url, host: "data.mtgox.com").status == 404)
        #expect(try house.get("http://data.mtgox.com\(ticker)", host: "x.org").status == 200)
    }

    @Test func aClientOfThePlainWebSocketsHostIsGreeted() throws {
        let house = try SandboxHouse()
        let peer = try house.stream(
            "/mtgox?Currency=USD", origin: "websocket.mtgox.com:443", host: "websocket.mtgox.com")
        let messages = try peer.messages()
        #expect(
            messages.map { $0["op"].text } == ["remark"] + Array(repeating: "subscribe", count: 3))
    }

    @Test func allDoorsLeadToTheSameExchange() throws {
        let house = try SandboxHouse {
            $0.doors = [
                SandboxDoor(.loopback(port: 80)), SandboxDoor(.loopback(port: 0)),
                SandboxDoor(.loopback(port: 443)),
            ]
        }
        let exchange = house.exchange
        #expect(exchange.addresses.count == 3)
        #expect(exchange.address == .loopback(port: 80))
        let chosen = exchange.addresses[1].port
        #expect(chosen != 0)
        house.run(.seconds(30))
        let answers = try (0..<3).map { try house.get("/api/1/BTCUSD/depth/full", door: $0).body }
        #expect(answers[0].count > 1_000)
        #expect(answers[1] == answers[0] && answers[2] == answers[0])
        // The limit is one for all doors, and a restart keeps the ports.
        for status in [200, 200, 429] {
            #expect(try house.get("/api/1/BTCUSD/depth/full", door: 2).status == status)
        }
        house.kernel.post(.sandboxRestart, to: "sandbox", .seconds(1))
        house.run(.milliseconds(500))
        #expect(exchange.addresses.isEmpty)
        house.run(.seconds(1))
        #expect(exchange.addresses.map(\.port) == [80, chosen, 443])
        #expect(try house.get(ticker, door: 1).status == 200)
    }

    /// Nobody is in an account's channel any more, whichever way he came.
    @Test func aRestartForgetsThoseAtSocketIO() throws {
        let trading = try TradingHouse()
        let house = trading.house
        let alice = try trading.person("alice")
        let query = PercentEncoding.query([
            HTTPQueryItem("IdKey", try alice.call("generic/idkey").text)
        ])
        let body = try house.get("/socket.io/1/?\(query)").body
        let sid = try SocketIOHandshake(String(decoding: body, as: UTF8.self)).session
        _ = try house.get("/socket.io/1/xhr-polling/\(sid)?t=1")
        let client = HTTPPeer(house)
        client.send(
            "/socket.io/1/xhr-polling/\(sid)?t=2", ["Content-Length: 9"], method: "POST")
        client.peer.send("1::/mtgox")
        house.run(.milliseconds(10))
        let exchange = house.exchange
        #expect(exchange.accountClients.count == 1)
        house.kernel.post(.sandboxRestart, to: "sandbox", .milliseconds(1))
        house.run(.milliseconds(100))
        #expect(exchange.accountClients.isEmpty)
        #expect(exchange.subscribers.allSatisfy { $0.isEmpty })
        let sent = exchange.counters.sent
        _ = try alice.call("BTCUSD/order/add", [("type", "bid"), ("amount_int", "1000000")])
        #expect(exchange.counters.sent == sent)
    }

    @Test func oneDoorThatIsTakenClosesTheOthers() throws {
        let first = try SandboxHouse { $0.doors = [SandboxDoor(.loopback(port: 443))] }
        #expect(first.exchange.doorError == nil)
        var configuration = SandboxConfiguration()
        configuration.doors = [
            SandboxDoor(.loopback(port: 80)), SandboxDoor(.loopback(port: 443)),
        ]
        let second = try SandboxExchange(configuration)
        first.kernel.start(second, alias: "second")
        first.run(.milliseconds(1))
        #expect(second.addresses.isEmpty)
        #expect(second.doorError?.door.address == .loopback(port: 443))
        let peer = first.world.connect(to: .loopback(port: 80))
        first.run(.milliseconds(5))
        #expect(peer.hasEnded)
    }
}
