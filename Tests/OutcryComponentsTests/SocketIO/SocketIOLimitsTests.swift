import OutcryKernel
import OutcrySimulation
import OutcryWire
import Testing

@testable import OutcryComponents

@Suite struct SocketIOLimitsTests {
    /// Nothing but a session that holds a server, and a way to speak to it by bytes.
    private final class Crowd {
        let world = SimulatedWorld(seed: 1)
        let station: Station
        let kernel: Kernel

        init(_ change: (inout SocketIORules) -> Void) {
            station = Station(change)
            kernel = Kernel(driver: Simulation(in: world))
            kernel.onLog = { _ in }
            kernel.start(station)
            world.advance(by: .milliseconds(1))
        }

        /// One request on a connection of its own, and what comes within a moment.
        func ask(_ method: String, _ target: String, _ body: String = "") -> String {
            let peer = world.connect(to: .loopback(port: 80))
            peer.send(
                "\(method) /socket.io/1/\(target) HTTP/1.1\r\nHost: x\r\n"
                    + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)")
            world.advance(by: .milliseconds(2))
            return String(decoding: peer.take(), as: UTF8.self)
        }

        func session() throws -> String {
            let answer = ask("GET", "")
            let body = try #require(answer.split(separator: "\r\n\r\n").last)
            return try SocketIOHandshake(String(body)).session
        }
    }

    @Test func aLineIsAQueue() {
        var line = Line<Int>()
        var model: [Int] = []
        var random = SeededGenerator(seed: 7)
        for step in 0..<20_000 {
            if Int.random(in: 0..<5, using: &random) < (step / 2_000 % 2 == 0 ? 4 : 1) {
                line.append(step)
                model.append(step)
            } else {
                #expect(line.first == model.first)
                #expect(line.next() == (model.isEmpty ? nil : model.removeFirst()))
            }
            #expect(line.isEmpty == model.isEmpty)
        }
    }

    /// Sessions that joined and do not poll: those with more than their share go, not everybody.
    @Test func allTogetherHaveALimit() throws {
        let crowd = Crowd { $0.allWaitingBytes = 20_000 }
        var names: [String] = []
        for _ in 0..<10 {
            let name = try crowd.session()
            names.append(name)
            _ = crowd.ask("GET", "xhr-polling/\(name)")
            _ = crowd.ask("POST", "xhr-polling/\(name)", "1::/count")
        }
        for _ in 0..<300 {
            crowd.world.advance(by: .milliseconds(100))
            #expect(crowd.station.server.heldBytes <= 20_000 + 100)
        }
        #expect(crowd.station.ends.contains("too much waited for it"))
        #expect(crowd.station.ends.allSatisfy { $0 == "too much waited for it" })
        crowd.world.advance(by: .seconds(120))
        #expect(crowd.station.server.heldBytes == 0, "counted off again")
        #expect(crowd.station.server.count == 0)
    }

    /// A WebSocket whose client does not read: cut off when too much waits, and said to be so.
    @Test func aStreamThatDoesNotRead() throws {
        let crowd = Crowd { $0.waitingBytes = 3_000 }
        let name = try crowd.session()
        let peer = crowd.world.connect(to: .loopback(port: 80))
        peer.send(
            "GET /socket.io/1/websocket/\(name) HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        crowd.world.advance(by: .milliseconds(2))
        let encoder = WebSocketFrameEncoder(role: .client)
        peer.send(encoder.frame(.text, Array("1::/count".utf8).span, maskKey: 1))
        crowd.world.advance(by: .milliseconds(2))
        crowd.world.faults.window = 64
        crowd.world.faults.isStalled = true
        for _ in 0..<600 where crowd.station.ends.isEmpty {
            crowd.world.advance(by: .milliseconds(100))
        }
        #expect(crowd.station.ends == ["too much waited for it"])
        #expect(crowd.station.server.count == 0)
    }

    /// A handshake and its end, again and again: nothing is kept of sessions that are over.
    @Test func endedSessionsAreForgotten() throws {
        let crowd = Crowd { $0.sessions = 3 }
        weak var kept: SocketIOSession?
        for _ in 0..<50 {
            let name = try crowd.session()
            kept = crowd.station.server.sessions[name]
            #expect(kept != nil)
            _ = crowd.ask("GET", "xhr-polling/\(name)?disconnect=1")
            #expect(crowd.station.server.count == 0)
            #expect(kept == nil)
        }
    }

    /// Bodies for sessions that are not there are read, answered and gone.
    @Test func postsToNobody() throws {
        let crowd = Crowd { _ in }
        for _ in 0..<20 {
            let answer = crowd.ask(
                "POST", "xhr-polling/NOPE", String(repeating: "3:::x", count: 10_000))
            #expect(answer.hasPrefix("HTTP/1.1 200 ") && answer.hasSuffix("\r\n\r\n1"))
        }
        #expect(crowd.station.server.count == 0 && crowd.station.server.heldBytes == 0)
        let answer = crowd.ask("POST", "xhr-polling/NOPE", String(repeating: "x", count: 70_000))
        #expect(!answer.hasPrefix("HTTP/1.1 200 "), "larger than a body may be")
    }

    /// As many packets as a body holds, and the news of all of them.
    @Test func aFloodIsTakenInOrder() throws {
        let crowd = Crowd { _ in }
        let name = try crowd.session()
        _ = crowd.ask("GET", "xhr-polling/\(name)")
        let packets = (1...3_000).map { Array("4:::\($0)".utf8) }
        let body = String(decoding: SocketIOPayload.encoded(packets), as: UTF8.self)
        _ = crowd.ask("POST", "xhr-polling/\(name)", body)
        #expect(crowd.station.wrong == [], "the station counts what it hears")
        #expect(crowd.station.heardCount == 3_000)
    }
}
