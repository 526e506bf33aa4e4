import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryWire
import Testing

/// A link by `wss`, whose HTTP calls go by `https`.
@Suite struct SecretLinkTests {
    @Test func everythingIsSecret() throws {
        let floor = try Floor(secret: true)
        floor.run(within: 10) { floor.isTrue }
        #expect(floor.witness.count("connected 1") == 1)
        #expect(floor.exchange.books.count == 1, "the snapshot came by https")
        #expect(
            floor.exchange.peers.allSatisfy { $0.stream.tls?.applicationProtocol == "http/1.1" })
        #expect(floor.exchange.peers.allSatisfy { $0.stream.tls?.serverName == "localhost" })
    }

    @Test func aFailedHandshakeIsTriedAgain() throws {
        let floor = try Floor(secret: true)
        floor.world.faults.handshakesFailOneIn = 1
        floor.run(within: 30) { floor.witness.count("disconnected") >= 2 }
        #expect(
            floor.witness.events.contains {
                $0.hasPrefix("disconnected: TLS with localhost (alert): expected a handshake")
            }, "\(floor.witness.events)")
        floor.world.faults.handshakesFailOneIn = 0
        floor.run(within: 120) { floor.isTrue }
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64]) func roughSeas(_ seed: UInt64) throws {
        let floor = try Floor(seed: seed, secret: true)
        floor.world.faults = .rough()
        floor.world.faults.handshakesFailOneIn = 3
        floor.run(within: 600) { floor.isTrue }
        #expect(floor.witness.wrong.isEmpty, "seed \(seed)")
    }

    /// Who dials a plain port by TLS hears of it, and so does a plain client of a secret port.
    @Test func plainAndSecretDoNotMix() throws {
        let floor = try Floor(secret: true)
        var results: [String] = []
        let plain = Simulation(in: floor.world)
        let kernel = Kernel(driver: plain)
        kernel.onLog = { _ in }
        kernel.start(HTTPClient(timeout: .seconds(20)), alias: "http")
        let url = try VenueURL("http://localhost:80/")
        kernel.start(
            Asker(HTTPCall(get: "/", at: url)) { results.append($0) })
        floor.run(within: 30) { !results.isEmpty }
        #expect(results == ["connection: recv: Connection reset by peer (104)"])
    }
}

/// Makes one call.
private final class Asker: Session {
    let call: HTTPCall
    let tell: (String) -> Void
    init(_ call: HTTPCall, _ tell: @escaping (String) -> Void) {
        self.call = call
        self.tell = tell
    }
    static func handlers(_ on: inout Handlers<Asker>) {
        on(.started) { me, _, my in
            let call = me.call
            my.task { my in
                switch try await my.ask(.httpCall, to: "http", call, timeout: .seconds(60)) {
                case .success(let reply): me.tell("\(reply.head.status)")
                case .failure(let failure): me.tell("\(failure)")
                }
            }
        }
    }
}
