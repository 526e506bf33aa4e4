import OutcryBytes
import OutcryKernel
import OutcrySimulation
import Testing

/// Secret streams in simulation: the events of live ones, without cryptography.
@Suite struct TLSTests {
    /// Sends back what comes, and notes what happens to its listener.
    final class Server: Session {
        let options: TLSServerOptions?
        var notes: [String] = []
        init(_ options: TLSServerOptions?) { self.options = options }

        static func handlers(_ on: inout Handlers<Server>) {
            on(.started) { me, _, my in
                _ = try my.listen(on: .loopback(port: 443), tls: me.options)
            }
            on(.streamAccepted) { me, news, _ in
                me.notes.append("accepted \(news.stream.tls?.applicationProtocol ?? "-")")
            }
            on(.streamRefused) { me, news, _ in
                guard case .insecure(let failure) = news.reason else {
                    return me.notes.append("refused \(news.reason)")
                }
                me.notes.append("refused \(failure.check)")
            }
            on(.streamReceived) { _, stream, _ in
                stream.inbound.withUnread { _ = stream.put($0) }
                stream.inbound.removeAll()
            }
            on(.streamEnded) { _, stream, _ in stream.close() }
        }
    }

    /// Sends a hello, and notes what comes of it.
    final class Client: Session {
        let options: TLSClientOptions?
        var notes: [String] = []
        init(_ options: TLSClientOptions?) { self.options = options }

        static func handlers(_ on: inout Handlers<Client>) {
            on(.started) { me, _, my in
                my.connect(to: .host("localhost", port: 443), tls: me.options).put(
                    "hello".utf8.span)
            }
            on(.streamOpened) { me, stream, _ in
                me.notes.append("opened \(stream.tls?.applicationProtocol ?? "-")")
                stream.endWriting()
            }
            on(.streamReceived) { me, stream, _ in
                let text = stream.inbound.withUnread { bytes in
                    String(decoding: (0..<bytes.count).map { bytes[$0] }, as: UTF8.self)
                }
                stream.inbound.removeAll()
                me.notes.append(text)
            }
            on(.streamClosed) { me, news, _ in
                if case .insecure(let failure) = news.reason {
                    me.notes.append("insecure \(failure.check)")
                } else {
                    me.notes.append("\(news.reason)")
                }
            }
        }
    }

    static let identity = TLSIdentity(chain: .text("-"), key: .text("-"))
    static let server = TLSServerOptions(identity: identity, protocols: ["b", "a"])
    static let client = TLSClientOptions(protocols: ["a", "b"])

    /// What both note, in two kernels of one world.
    private func notes(
        _ client: TLSClientOptions?, _ server: TLSServerOptions?, seed: UInt64 = 1,
        _ faults: NetworkFaults = NetworkFaults()
    ) -> (client: [String], server: [String]) {
        let world = SimulatedWorld(seed: seed)
        world.faults = faults
        let kernels = [
            Kernel(driver: Simulation(in: world)), Kernel(driver: Simulation(in: world)),
        ]
        for kernel in kernels { kernel.onLog = { _ in } }
        let there = Server(server)
        let here = Client(client)
        kernels[0].start(there)
        kernels[1].start(here)
        world.advance(by: .seconds(30))
        return (here.notes, there.notes)
    }

    @Test(arguments: 1...20) func agrees(_ seed: Int) {
        for faults in [NetworkFaults(), .rough()] {
            let (client, server) = notes(Self.client, Self.server, seed: UInt64(seed), faults)
            #expect(client.first == "opened b" && client.last == "ended by the other side")
            #expect(client.dropFirst().dropLast().joined() == "hello", "seed \(seed)")
            #expect(server == ["accepted b"])
        }
    }

    @Test func disagrees() {
        var other = Self.client
        other.protocols = ["c"]
        #expect(notes(other, Self.server) == (["insecure protocols"], ["refused protocols"]))
        var strict = Self.server
        strict.clientTrust = .system
        #expect(
            notes(Self.client, strict)
                == (["insecure missingCertificate"], ["refused missingCertificate"]))
        other = Self.client
        other.identity = Self.identity
        #expect(notes(other, strict).server == ["accepted b"])
    }

    @Test func failures() {
        var faults = NetworkFaults()
        faults.handshakesFailOneIn = 1
        #expect(
            notes(Self.client, Self.server, seed: 1, faults) == (
                ["insecure alert"], ["refused alert"]
            ))
        // Nobody answers a plain listener's silence: the deadline does.
        #expect(notes(Self.client, nil).client == ["insecure time"])
        #expect(notes(nil, Self.server).server == ["refused notTLS"])
    }

    @Test func aTestsPeerAgrees() throws {
        let world = SimulatedWorld(seed: 3)
        let door = try world.listen(on: .loopback(port: 443))
        let kernel = Kernel(driver: Simulation(in: world))
        let client = Client(Self.client)
        kernel.start(client)
        var peer: SimulatedPeer?
        #expect(
            world.run(within: .seconds(1)) {
                if peer == nil { peer = door.accept() }
                return peer?.text == "hello"
            })
        #expect(client.notes == ["opened a"])
    }
}
