import OutcryComponents
import OutcryKernel
import OutcryWire
import Testing

@testable import OutcrySandbox

@Suite struct SandboxCompressionTests {
    private let offer = "permessage-deflate; client_max_window_bits"

    private func house(_ rules: ServerRules) throws -> SandboxHouse {
        try SandboxHouse { $0.connections = rules }
    }

    @Test func theVenueGrantsNone() throws {
        let peer = try SandboxHouse().stream(extensions: offer)
        #expect(peer.granted == nil)
        #expect(try !peer.messages().isEmpty)
    }

    @Test func everyMessageIsTheSameCompressed() throws {
        let house = try house(ServerRules(compression: .shared))
        let plain = try house.stream()
        let peers = try [offer, offer, "permessage-deflate; server_max_window_bits=9"].map {
            try house.stream(extensions: $0)
        }
        #expect(plain.granted == nil)
        let shared = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        #expect(peers.map(\.granted) == [shared, shared, shared + "; server_max_window_bits=9"])
        let before = house.exchange.counters.sent
        house.run(.seconds(300))
        let messages = try plain.raw()
        #expect(messages.count > 100)
        for peer in peers { #expect(try peer.raw() == messages) }
        // For each message of the market two: windows of two sizes, whoever has them.
        let made = house.exchange.shared.compressions
        #expect(made * 2 == house.exchange.counters.sent - before, "4 clients, 2 compressions")
        let bytes = ([plain] + peers).map(\.bytesRead)
        #expect(bytes[1] == bytes[2])
        #expect(bytes[1] * 3 < bytes[0] * 2, "\(bytes): at most two thirds")
    }

    @Test func whatAClientSaysCompressedIsHeard() throws {
        let house = try house(ServerRules(compression: .shared))
        let peer = try house.stream("/", extensions: offer)
        _ = try peer.messages()
        let answer = try peer.askCompressed(#"{"op":"dance","id":"7"}"#)
        #expect(answer[0]["message"] == .string("Unknown operation"))
    }

    @Test func goodbyeWhenItEnds() throws {
        let house = try SandboxHouse()
        let peer = try house.stream()
        house.kernel.stop()
        house.run(.milliseconds(10))
        _ = try peer.raw()
        #expect(peer.closed == .goingAway)
    }

    @Test func aDeadClientIsFoundByPings() throws {
        let house = try house(ServerRules(pingInterval: .seconds(10), pongTimeout: .seconds(5)))
        let peer = try house.stream("/")
        house.run(.seconds(30))
        _ = try peer.raw()
        #expect(peer.pings == 1)
        #expect(house.exchange.counters.webSockets == 0)
    }
}
