import OutcryBytes
import OutcryKernel
import OutcrySimulation
import Testing

/// Sends back what comes, to the end.
final class EchoServer: Session {
    let address: SocketAddress
    init(_ address: SocketAddress) { self.address = address }

    static func handlers(_ on: inout Handlers<EchoServer>) {
        on(.started) { me, _, my in _ = try my.listen(on: me.address) }
        on(.streamReceived) { _, stream, _ in
            let queue = stream.inbound
            queue.withUnread { _ = stream.put($0) }
            queue.removeAll()
        }
        on(.streamEnded) { _, stream, _ in stream.close() }
    }
}

/// Sends `text`, and keeps what comes back.
final class EchoClient: Session {
    let endpoint: Endpoint
    let text: [UInt8]
    var got: [UInt8] = []
    var end: String?
    /// Stops the kernel when the stream is over.
    var stops = true
    init(_ endpoint: Endpoint, _ text: [UInt8]) {
        self.endpoint = endpoint
        self.text = text
    }

    static func handlers(_ on: inout Handlers<EchoClient>) {
        on(.started) { me, _, my in
            let text = me.text
            my.connect(to: me.endpoint).put(text.span)
        }
        on(.streamOpened) { _, stream, _ in stream.endWriting() }
        on(.streamReceived) { me, stream, _ in
            stream.inbound.withUnread { bytes in
                for i in bytes.indices { me.got.append(bytes[i]) }
            }
            stream.inbound.removeAll()
        }
        on(.streamClosed) { me, closed, my in
            me.end = "\(closed.reason)"
            if me.stops { my.kernel.stop() }
        }
    }
}

@Suite struct EchoTests {
    static func text(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0 % 251) } }

    @Test func oneKernel() throws {
        let kernel = Kernel(driver: Simulation(seed: 7))
        let text = Self.text(100_000)
        let client = EchoClient(.host("localhost", port: 7000), text)
        kernel.start(EchoServer(.loopback(port: 7000)), alias: "echo")
        kernel.start(client)
        try kernel.run()
        #expect(client.got == text)
        #expect(client.end == "ended by the other side")
        #expect(kernel.now > .zero)
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64]) func twoKernelsRough(seed: UInt64) {
        let world = SimulatedWorld(seed: seed)
        world.faults = .rough()
        let there = Simulation(in: world)
        let here = Simulation(in: world)
        let server = Kernel(driver: there)
        let kernel = Kernel(driver: here)
        let text = Self.text(20_000)
        let client = EchoClient(.address(.loopback(port: 7000)), text)
        server.start(EchoServer(.loopback(port: 7000)), alias: "echo")
        kernel.start(client)
        #expect(world.run { client.end != nil })
        #expect(client.got == text)
        #expect(client.end == "ended by the other side")
        #expect(server.snapshot().sessions.count == 1)
    }
}
