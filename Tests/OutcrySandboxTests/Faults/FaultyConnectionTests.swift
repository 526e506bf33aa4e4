import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryWire
import Testing

@testable import OutcrySandbox

/// Connections that are slow, silent, cut, or not let in.
@Suite struct FaultyConnectionTests {
    private let ticker = "/api/1/BTCUSD/ticker"

    @Test func socketsAreSlow() throws {
        let house = try SandboxHouse { $0.speed = 600 }
        let peer = try house.stream()
        _ = try peer.raw()
        try house.fault(["slow-sockets": "1000"])
        let before = peer.bytesRead
        house.run(.seconds(20))
        _ = try peer.raw()
        let read = peer.bytesRead - before
        #expect(
            (15_000...20_200).contains(read), "1000 bytes a second of more than there is to say")
        #expect(house.count(.slowSockets) > 100)
        try house.fault(["slow-sockets": "off", "drop-depth": "off"])
        house.kernel.post(.sandboxStop, to: "sandbox", ())
        house.run(.seconds(1))
        _ = try peer.raw()
        #expect(peer.bytesRead - before > 2 * read, "what waited has come")
        #expect(house.exchange.connectionsInOrder.allSatisfy { $0.stream.unwritten == 0 })
    }

    @Test func aSlowOneIsCutAtItsBound() throws {
        let house = try SandboxHouse {
            $0.speed = 600
            $0.slowClientLimit = 20_000
            $0.faults[.slowSockets] = 100
        }
        let peer = house.world.connect(to: .loopback(port: 8080))
        peer.send(
            "GET /mtgox HTTP/1.1\r\nHost: a\r\nOrigin: b\r\nUpgrade: websocket\r\n"
                + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        house.run(.seconds(60))
        #expect(house.exchange.counters.cutOff == 1)
        #expect(peer.hasEnded || peer.error != nil)
    }

    @Test func theExchangeGoesSilent() throws {
        let house = try SandboxHouse { $0.speed = 600 }
        let silent = try house.stream()
        _ = try silent.raw()
        try house.fault(["half-open": "on"])
        house.run(.seconds(20))
        #expect(try silent.raw().isEmpty)
        #expect(!silent.peer.hasEnded)
        silent.send(#"{"op":"mtgox.subscribe","type":"lag"}"#)
        let sent = house.exchange.counters.sent
        house.kernel.post(.sandboxStop, to: "sandbox", ())
        house.run(.milliseconds(20))
        #expect(house.exchange.counters.sent <= sent + 3, "the question is not read")
        // New ones, too.
        let client = HTTPPeer(house)
        client.send(ticker)
        house.run(.seconds(200))
        #expect(client.peer.take().isEmpty)
        #expect(!client.peer.hasEnded, "not even its deadline")
        #expect(house.count(.halfOpen) == 2)
        try house.fault(["half-open": "off"])
        house.run(.milliseconds(20))
        #expect(try silent.messages().contains { $0["op"].text == "subscribe" })
        #expect(try client.next()?.head.status == 200)
    }

    @Test func sessionsExpire() throws {
        let house = try SandboxHouse { $0.speed = 600 }
        let body = String(decoding: try house.get("/socket.io/1/").body, as: UTF8.self)
        let sid = try SocketIOHandshake(body).session
        let target = "/socket.io/1/xhr-polling/\(sid)?t=1"
        func post(_ packet: String) throws -> Int {
            let client = HTTPPeer(house)
            client.send(target, ["Content-Length: \(packet.utf8.count)"], method: "POST")
            client.peer.send(packet)
            house.run(.milliseconds(5))
            return try client.next()?.head.status ?? 0
        }
        #expect(try house.get(target).status == 200)
        #expect(try post("1::/mtgox") == 200)
        #expect(house.exchange.counters.socketIO == 1)
        try house.fault(["expire-sessions": "on"])
        #expect(house.count(.expireSessions) == 1)
        #expect(house.exchange.counters.socketIO == 0)
        let gone = try house.get(target)
        #expect(String(decoding: gone.body, as: UTF8.self) == "7:::1+0", "not handshaken")
        #expect(try house.fault([:]).allSatisfy { $0.value == "off" }, "it is done once")
        #expect(try house.get("/socket.io/1/").status == 200)
    }

    @Test func connectionsAreCutAndRefused() throws {
        let house = try SandboxHouse { $0.speed = 600 }
        let peers = try (0..<20).map { _ in try house.stream() }
        func ended() -> Int { peers.count { $0.peer.hasEnded || $0.peer.error != nil } }
        try house.fault(["disconnect": "500"])
        house.run(.milliseconds(5))
        let half = ended()
        #expect((3...17).contains(half))
        #expect(house.count(.disconnect) == half)
        #expect(house.exchange.counters.webSockets == 20 - half)
        try house.fault(["disconnect": "on", "refuse": "30s"])
        house.run(.seconds(10))
        #expect(ended() == 20)
        #expect(house.exchange.counters.open == 0)
        let client = HTTPPeer(house)
        client.send(ticker)
        house.run(.seconds(1))
        #expect(client.peer.hasEnded || client.peer.error != nil)
        #expect(client.peer.take().isEmpty)
        #expect(house.count(.refuse) == 1)
        house.run(.seconds(20))
        #expect(try house.get(ticker).status == 200)
        _ = try house.stream()
    }

    @Test func theExchangeRestarts() throws {
        let house = try SandboxHouse()
        let peer = try house.stream()
        try house.fault(["restart": "3s"])
        house.run(.milliseconds(5))
        #expect(peer.peer.hasEnded || peer.peer.error != nil)
        #expect(house.count(.restart) == 1)
        #expect(house.exchange.counters.restarts == 1)
        #expect(throws: Missing.self) { try house.get(ticker) }
        house.run(.seconds(3))
        #expect(try house.get(ticker).status == 200)
    }
}
