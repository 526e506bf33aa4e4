import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryWire
import Testing

/// A link against the house's own server, compressed or not.
@Suite struct CompressedLinkTests {
    private func open(
        _ server: DeflateOptions?, _ client: DeflateOptions?
    ) throws -> (SocketHouse, Kernel, Witness) {
        let house = SocketHouse(ServerRules(compression: server))
        var venue = FakeVenue()
        venue.rules.compression = client
        let kernel = Kernel(driver: Simulation(in: house.world))
        kernel.onLog = { _ in }
        let link = try Link.open(
            venue, on: kernel, url: "ws://localhost:80/stream", instruments: [.btcusd])
        let witness = Witness(link, FakeMarket())
        kernel.start(witness, alias: "witness")
        house.run(.seconds(1))
        return (house, kernel, witness)
    }

    private func malformed(_ witness: Witness) -> [String] {
        witness.events.filter { $0.hasPrefix("malformed word") }
    }

    @Test func messagesAreTheSameWithAndWithout() throws {
        var seen: [[String]] = []
        var bytes: [Int] = []
        for (server, client) in [
            (nil, nil), (DeflateOptions(), nil), (nil, DeflateOptions()),
            (.shared, DeflateOptions()), (DeflateOptions(), DeflateOptions()), (.shared, .shared),
        ] as [(DeflateOptions?, DeflateOptions?)] {
            let (house, kernel, witness) = try open(server, client)
            let socket = try #require(house.host.sockets.first)
            #expect((socket.compression != nil) == (server != nil && client != nil))
            let before = socket.stream.bytesOut
            for i in 0..<200 {
                try house.host.broadcast("word \(i) " + String(repeating: "abc ", count: i % 40))
            }
            // What the link says comes back: the other way is the same too.
            kernel.post(.send, to: witness.link.connection, Array("word of the link".utf8))
            house.run(.milliseconds(100))
            seen.append(malformed(witness))
            bytes.append(socket.stream.bytesOut - before)
            #expect(witness.count("disconnected") == 0)
        }
        #expect(seen[0].count == 201)
        #expect(seen[0].last == "malformed word of the link")
        for other in seen { #expect(other == seen[0]) }
        #expect(bytes[0] == bytes[1] && bytes[0] == bytes[2])
        #expect(bytes[3] * 2 < bytes[0] && bytes[4] < bytes[3], "\(bytes)")
        #expect(bytes[5] == bytes[3])
    }

    @Test func aBombOfTheVenueIsRefused() throws {
        let (house, kernel, witness) = try open(.shared, DeflateOptions())
        let bomb = [UInt8](repeating: 0x30, count: 17 << 20)
        house.host.sockets[0].send(bomb.span)
        withExtendedLifetime(kernel) { house.run(.milliseconds(100)) }
        #expect(
            witness.count("disconnected: protocol error: tooLarge") == 1, "\(witness.events)")
        #expect(
            house.host.endings
                == ["closed by the client: 1009 a message of at most 16777216 bytes"])
    }
}
