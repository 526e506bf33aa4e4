import Glibc
import OutcryComponents
import OutcryKernel
import OutcrySimulation
import OutcryWire
import Testing

/// Client and server in a world that tears, delays and resets: every call is answered once and rightly, no
/// order is taken twice, nothing stays behind.
@Suite struct HTTPSimulationTests {
    @Test(arguments: 0..<10) func storms(part: UInt64) throws {
        for seed in part * 100..<part * 100 + Self.seedsOfAPart { try storm(seed) }
    }

    /// A fifth of them under a sanitizer (`OUTCRY_LIGHT`), where each takes ten times as long.
    private static let seedsOfAPart: UInt64 = unsafe getenv("OUTCRY_LIGHT") == nil ? 100 : 20

    private func storm(_ seed: UInt64) throws {
        let world = SimulatedWorld(seed: seed)
        world.faults = .rough(piece: 200, window: 2000)
        let kernel = Kernel(driver: Simulation(in: world))
        kernel.onLog = { _ in }
        let host = EchoHost()
        let caller = HTTPCaller()
        var options = HTTPClientOptions()
        options.connectionsPerHost = 3
        kernel.start(host, alias: "host")
        kernel.start(HTTPClient(options), alias: "http")
        kernel.start(caller, alias: "caller")
        let url = try VenueURL("http://127.0.0.1/")
        var state = seed
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let calls = 30
        for number in 0..<calls {
            let isOrder = random(3) == 0
            let method = isOrder ? "POST" : "GET"
            let body = [UInt8](repeating: 0x78, count: isOrder ? random(3000) : 0)
            let head = HTTPRequestHead(method: method, target: "/\(number)")
            let call = HTTPCall(url: url, request: head, body: body)
            kernel.post(.makeCall, to: "caller", NumberedCall(number: number, call: call))
            world.advance(by: .milliseconds(random(30)))
            if random(8) == 0 { world.resetConnections(to: .loopback(port: 80)) }
        }
        world.advance(by: .seconds(25))
        #expect(caller.order.count == calls, "seed \(seed)")
        #expect(Set(caller.order).count == calls, "seed \(seed)")
        for number in 0..<calls {
            let times = host.seen.count { $0 == "POST /\(number)" }
            #expect(times <= 1, "seed \(seed)")
            if case .success(let reply) = caller.results[number] {
                let text = String(decoding: reply.body, as: UTF8.self)
                #expect(text.contains(" /\(number) "), "seed \(seed)")
            }
        }
        #expect(host.connections.count <= 3, "seed \(seed)")
        world.advance(by: .seconds(100))
        #expect(host.connections.isEmpty, "seed \(seed)")
    }
}
