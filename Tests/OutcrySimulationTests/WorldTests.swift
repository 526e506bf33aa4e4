import OutcryBytes
import OutcryKernel
import Testing

@testable import OutcrySimulation

@Suite struct WorldTests {
    static func echoWorld(_ seed: UInt64 = 5) -> (SimulatedWorld, Kernel) {
        let world = SimulatedWorld(seed: seed)
        let kernel = Kernel(driver: Simulation(in: world))
        kernel.start(EchoServer(.loopback(port: 7000)), alias: "echo")
        return (world, kernel)
    }

    @Test func advanceFiresWhatIsDueAndNoMore() {
        let simulation = Simulation(seed: 1)
        let kernel = Kernel(driver: simulation)
        var times: [Int64] = []
        let writer = Writer { my in
            for second in [1, 2, 3, 5] { my.after(.seconds(second), .beat) }
        }
        kernel.start(writer, alias: "w")
        kernel.onTrace = { times.append($0.time.nanoseconds / 1_000_000_000) }
        simulation.advance(by: .seconds(3))
        #expect(times == [1, 2, 3])
        #expect(simulation.world.now == KernelTime(nanoseconds: 3_000_000_000))
        #expect(kernel.now == simulation.world.now)
        simulation.advance(by: .seconds(10))
        #expect(times == [1, 2, 3, 5])
        #expect(kernel.wallNow.description == "2013-01-01T00:00:13.000000Z")
    }

    @Test func latencyIsInItsRange() {
        let (world, kernel) = Self.echoWorld()
        world.faults = NetworkFaults(latency: .milliseconds(10) ... .milliseconds(20))
        let peer = world.connect(to: .loopback(port: 7000))
        #expect(world.run { peer.isConnected })
        let start = world.now
        peer.send("x")
        #expect(world.run { peer.text == "x" })
        let time = world.now - start
        #expect(time >= .milliseconds(20) && time <= .milliseconds(40))
        _ = kernel
    }

    @Test func stallHoldsAndLetsGo() {
        let (world, kernel) = Self.echoWorld()
        let peer = world.connect(to: .loopback(port: 7000))
        #expect(world.run { peer.isConnected })
        world.faults.isStalled = true
        peer.send("held")
        world.advance(by: .seconds(60))
        #expect(peer.text.isEmpty)
        world.faults.isStalled = false
        world.advance(by: .seconds(1))
        #expect(peer.text == "held" && !peer.hasEnded)
        _ = kernel
    }

    @Test func halfOpenSaysNothing() {
        let (world, kernel) = Self.echoWorld()
        let peer = world.connect(to: .loopback(port: 7000))
        #expect(world.run { peer.isConnected })
        world.setFaults(
            {
                var f = NetworkFaults(); f.isHalfOpen = true; return f
            }(), for: .loopback(port: 7000))
        peer.send("lost")
        kernel.stop(kernel.find("echo")!)
        world.advance(by: .seconds(3600))
        #expect(peer.text.isEmpty && !peer.hasEnded && peer.error == nil)
        let late = world.connect(to: .loopback(port: 7000))
        world.advance(by: .seconds(3600))
        #expect(!late.isConnected && late.error == nil)
    }

    @Test func resets() {
        let (world, kernel) = Self.echoWorld()
        let peer = world.connect(to: .loopback(port: 7000))
        #expect(world.run { peer.isConnected })
        world.resetConnections(to: .loopback(port: 7000))
        world.advance(by: .seconds(1))
        #expect(peer.error?.code == 104)
        #expect(kernel.snapshot().sessions[0].whyAlive.count == 2)  // alias and listener: no stream
        world.faults.resetsOneIn = 1
        let other = world.connect(to: .loopback(port: 7000))
        #expect(world.run { other.isConnected })
        other.send("x")
        world.advance(by: .seconds(1))
        #expect(other.error?.code == 104)
        world.faults.refusesOneIn = 1
        let refused = world.connect(to: .loopback(port: 7000))
        world.advance(by: .seconds(1))
        #expect(refused.error?.code == 111)
    }

    /// What was on its way when the connection broke is lost with it.
    @Test func resetWhilePacketsAreOnTheirWay() {
        let (world, kernel) = Self.echoWorld()
        let peer = world.connect(to: .loopback(port: 7000))
        #expect(world.run { peer.isConnected })
        peer.send("lost")
        world.resetConnections(to: .loopback(port: 7000))
        world.advance(by: .seconds(1))
        #expect(peer.error?.code == 104 && peer.text.isEmpty)
        let other = world.connect(to: .loopback(port: 7000))
        other.send("x")
        #expect(world.run { other.text == "x" })
        _ = kernel
    }

    /// Dropped packets are sent again: everything arrives, in order, and later.
    @Test(arguments: [1, 2, 3] as [UInt64]) func drops(seed: UInt64) {
        func time(oneIn count: Int) -> Duration {
            let (world, kernel) = Self.echoWorld(seed)
            world.faults.largestPiece = 500
            world.faults.dropsOneIn = count
            let peer = world.connect(to: .loopback(port: 7000))
            let text = EchoTests.text(20_000)
            peer.send(text)
            #expect(world.run { peer.received.count == text.count })
            #expect(peer.received == text)
            _ = kernel
            return world.now - .zero
        }
        let clean = time(oneIn: 0)
        let dropped = time(oneIn: 5)
        #expect(clean < .milliseconds(100))
        #expect(dropped > .milliseconds(200))
        #expect(time(oneIn: 5) == dropped)
    }

    @Test func aTryToConnectThatIsDroppedIsMadeAgain() {
        let (world, kernel) = Self.echoWorld()
        world.faults.dropsOneIn = 1
        let peer = world.connect(to: .loopback(port: 7000))
        world.advance(by: .milliseconds(900))
        world.faults.dropsOneIn = 0
        #expect(!peer.isConnected)
        #expect(world.run { peer.isConnected })
        #expect(world.now >= KernelTime(nanoseconds: 1_000_000_000))
        _ = kernel
    }

    @Test func aDoorThatIsShutInABatchTakesNobodyMore() throws {
        final class Doorman: Session {
            var listener: ListenerWheel?
            var count = 0
            static func handlers(_ on: inout Handlers<Doorman>) {
                on(.started) { me, _, my in
                    me.listener = try my.listen(on: .loopback(port: 7000))
                }
                on(.streamAccepted) { me, _, my in
                    me.count += 1
                    if me.count == 2 { me.listener?.setAccepting(false) }
                }
            }
        }
        let world = SimulatedWorld(seed: 1)
        let kernel = Kernel(driver: Simulation(in: world))
        let doorman = Doorman()
        kernel.start(doorman, alias: "doorman")
        let peers = (0..<5).map { _ in world.connect(to: .loopback(port: 7000)) }
        world.advance(by: .seconds(1))
        #expect(doorman.count == 2)
        doorman.listener?.setAccepting(true)
        world.advance(by: .seconds(1))
        #expect(doorman.count == 5 && peers.allSatisfy(\.isConnected))
    }

    /// Who does not wait for a name any more does not keep the program for it.
    @Test func anAbandonedLookUpKeepsNobody() throws {
        let simulation = Simulation(seed: 1)
        simulation.faults.latency = .seconds(60) ... .seconds(60)
        simulation.world.setName("slow.test", to: [.loopback(port: 0)])
        let kernel = Kernel(driver: simulation)
        let writer = Writer { my in my.connect(to: .host("slow.test", port: 1)).abort() }
        kernel.start(writer)
        try kernel.run()
        #expect(kernel.now < KernelTime(nanoseconds: 1_000_000_000))
    }

    @Test func theCalendarIsSet() {
        let simulation = Simulation(seed: 1)
        let kernel = Kernel(driver: simulation)
        var beats: [String] = []
        let writer = Writer { my in
            my.at(wall: WallTime(microseconds: 1_357_002_000_000_000), .beat)  // 01:00
            my.after(.seconds(1800), .beat)
        }
        kernel.start(writer, alias: "w")
        kernel.onTrace = { [unowned kernel] _ in beats.append("\(kernel.wallNow)") }
        simulation.advance(by: .seconds(600))
        simulation.world.stepWallClock(by: .seconds(-7200))  // 22:10 of the day before
        simulation.advance(by: .seconds(3600))
        #expect(beats == ["2012-12-31T22:30:00.000000Z"])
        simulation.world.stepWallClock(by: .seconds(6000))  // 23:10 to 00:50
        simulation.advance(by: .seconds(3600))
        #expect(beats.dropFirst() == ["2013-01-01T01:00:00.000000Z"])
    }

    /// One of two machines has another calendar: its kernel alone is told.
    @Test func aMachineHasItsOwnCalendar() {
        let world = SimulatedWorld(seed: 1)
        let machines = [Simulation(in: world), Simulation(in: world)]
        machines[0].wallOffset = .seconds(60)
        let kernels = machines.map { Kernel(driver: $0) }
        var steps: [Int64] = []
        for kernel in kernels {
            kernel.onInput = { if case .clockStep(let step) = $0 { steps.append(step) } }
        }
        world.advance(by: .seconds(1))
        #expect(
            kernels.map { "\($0.wallNow)" } == [
                "2013-01-01T00:01:01.000000Z", "2013-01-01T00:00:01.000000Z",
            ])
        machines[0].wallOffset = .seconds(-1)
        world.advance(by: .seconds(1))
        #expect(
            kernels.map { "\($0.wallNow)" } == [
                "2013-01-01T00:00:01.000000Z", "2013-01-01T00:00:02.000000Z",
            ])
        #expect(steps == [-61_000_000])
    }

    @Test func whatIsPutInATurnLeavesInOneWrite() throws {
        var writes: [Int] = []
        let kernel = Kernel(driver: Simulation(seed: 1))
        kernel.start(EchoServer(.loopback(port: 7000)), alias: "echo")
        let text = EchoTests.text(10)
        let writer = Writer { my in
            let stream = my.connect(to: .address(.loopback(port: 7000)))
            for _ in 0..<10 { stream.put(text.span) }
            stream.endWriting()
        }
        kernel.onInput = { if case .wrote(_, let count) = $0 { writes.append(count) } }
        kernel.start(writer, alias: "w")
        _ = kernel.run { writes.count == 2 }
        #expect(writes == [100, 100])  // there, and back
    }

    @Test func aReaderThatDoesNotReadHoldsTheWriterBack() {
        let (world, kernel) = Self.echoWorld()
        world.faults.window = 1000
        let peer = world.connect(to: .loopback(port: 7000))
        peer.isReading = false
        let text = EchoTests.text(10_000)
        peer.send(text)
        world.advance(by: .seconds(1))
        #expect(peer.received.isEmpty)
        peer.isReading = true
        #expect(world.run { peer.received.count == 10_000 })
        #expect(peer.received == text)
        _ = kernel
    }

    @Test func bandwidth() {
        let (world, kernel) = Self.echoWorld()
        world.faults.bandwidth = 10_000
        let peer = world.connect(to: .loopback(port: 7000))
        #expect(world.run { peer.isConnected })
        let start = world.now
        peer.send(EchoTests.text(5000))
        #expect(world.run { peer.received.count == 5000 })
        #expect(world.now - start >= .milliseconds(1000))
        _ = kernel
    }

    @Test func names() {
        let simulation = Simulation(seed: 1)
        let kernel = Kernel(driver: simulation)
        simulation.world.setName("exchange.test", to: [.ipv4(0x0a00_0001, port: 0)])
        kernel.start(EchoServer(.ipv4(0x0a00_0001, port: 80)), alias: "echo")
        let known = EchoClient(.host("exchange.test", port: 80), Array("hi".utf8))
        let unknown = EchoClient(.host("nowhere.test", port: 80), [])
        let numeric = EchoClient(.host("10.0.0.1", port: 80), [])
        for client in [known, unknown, numeric] {
            client.stops = false
            kernel.start(client)
        }
        #expect(simulation.run { known.end != nil && unknown.end != nil && numeric.end != nil })
        #expect(known.got == Array("hi".utf8))
        #expect(unknown.end == "getaddrinfo: Name or service not known (-2)")
        #expect(numeric.end == "ended by the other side")
    }

    /// A silent address gives the next one its turn after the head start; a silent name server nobody.
    @Test func happyEyeballsAndDeadlines() {
        let simulation = Simulation(seed: 1)
        let world = simulation.world
        let kernel = Kernel(driver: simulation)
        let silent = SocketAddress.ipv6(0x2001_0db8 << 32, 1, scope: 0, port: 80)
        let other = SocketAddress.ipv4(0x0a00_0001, port: 80)
        var faults = NetworkFaults()
        faults.isHalfOpen = true
        world.setFaults(faults, for: silent)
        world.setName("two.test", to: [silent, other])
        kernel.start(EchoServer(other), alias: "echo")
        let client = EchoClient(.host("two.test", port: 80), Array("hi".utf8))
        client.stops = false
        kernel.start(client)
        #expect(world.run { client.end != nil })
        #expect(client.got == Array("hi".utf8))
        let time = world.now - .zero
        #expect(time > .milliseconds(250) && time < .milliseconds(260), "\(time)")
        // Nobody but the listener is left of it.
        #expect(world.sockets.count == 1)

        world.setName("none.test", to: [silent])
        let start = world.now
        let late = EchoClient(.host("none.test", port: 80), [])
        late.stops = false
        kernel.start(late)
        #expect(world.run { late.end != nil })
        #expect(late.end == "no connection within 10.0 seconds")
        #expect(world.now - start == .seconds(10))

        world.faults.latency = .seconds(60) ... .seconds(60)
        let unnamed = EchoClient(.host("two.test", port: 80), [])
        unnamed.stops = false
        kernel.start(unnamed)
        #expect(world.run { unnamed.end != nil })
        #expect(unnamed.end == "no connection within 10.0 seconds")
        #expect(world.now - start == .seconds(20))
    }

    @Test func dryRunsEndAndSayWhy() throws {
        let simulation = Simulation(seed: 1)
        let kernel = Kernel(driver: simulation)
        kernel.start(EchoServer(.loopback(port: 7000)), alias: "echo")
        try kernel.run()
        #expect(simulation.ranDry)
        #expect(simulation.lines.last == "simulation: echo: alias echo, listener 1 127.0.0.1:7000")
        #expect(!simulation.run { false })
    }

    @Test func signals() {
        let simulation = Simulation(seed: 1)
        let kernel = Kernel(driver: simulation)
        kernel.start(EchoServer(.loopback(port: 7000)), alias: "echo")
        simulation.advance(by: .seconds(1))
        #expect(kernel.find("echo") != nil)
        simulation.signal(.interrupt)
        simulation.advance(by: .zero)
        #expect(kernel.find("echo") == nil)
    }

    @Test func aCrashedProcessResetsItsConnections() {
        let world = SimulatedWorld(seed: 1)
        let simulation = Simulation(in: world)
        let kernel = Kernel(driver: simulation)
        kernel.start(EchoServer(.loopback(port: 7000)), alias: "echo")
        let peer = world.connect(to: .loopback(port: 7000))
        #expect(world.run { peer.isConnected })
        simulation.crash()
        world.advance(by: .seconds(1))
        #expect(peer.error?.code == 104)
        let next = world.connect(to: .loopback(port: 7000))
        world.advance(by: .seconds(1))
        #expect(next.error?.code == 111)
    }
}
