import OutcryKernel
import OutcrySimulation
import Testing

@Suite struct KernelTests {
    /// Event names and aliases are the process's; everything else is each kernel's own.
    @Test func twoKernelsOnTwoThreads() async {
        async let first = onOwnThread { Self.chat(seed: 1) }
        async let second = onOwnThread { Self.chat(seed: 2) }
        let both = await [first, second]
        let alone = [Self.chat(seed: 1), Self.chat(seed: 2)]
        #expect(both == alone)
        #expect(both[0] != both[1])
    }

    static func chat(seed: UInt64) -> UInt64 {
        let kernel = Kernel(driver: Simulation(seed: seed))
        let hash = DispatchHash(kernel)
        kernel.start(Chatter("b"), alias: "a")
        kernel.start(Chatter("a"), alias: "b")
        do { try kernel.run() } catch { return 0 }
        return hash.value
    }

    /// Mail of many threads arrives, each thread's in its order.
    @Test func mailFromThreads() async {
        let wrong = await onOwnThread { () -> Int in
            let simulation = Simulation(seed: 1)
            simulation.waitsForThreads = true
            let kernel = Kernel(driver: simulation)
            let counter = Counter()
            kernel.start(counter, alias: "counter")
            let mailbox = kernel.mailbox(.number, to: "counter")
            for sender in 0..<3 {
                Task.detached { for i in 0..<1000 { mailbox.send(sender * 1000 + i) } }
            }
            _ = kernel.run { counter.count == 3000 }
            counter.lease = nil
            return counter.wrong
        }
        #expect(wrong == 0)
    }

    final class Counter: Session {
        var count = 0
        var wrong = 0
        var last = [-1, 999, 1999]
        var lease: Lease?
        static func handlers(_ on: inout Handlers<Counter>) {
            on(.started) { me, _, my in me.lease = my.lease("mail") }
            on(.number) { me, number, _ in
                me.count += 1
                if number != me.last[number / 1000] + 1 { me.wrong += 1 }
                me.last[number / 1000] = number
            }
        }
    }

    final class Taker: Session {
        static func handlers(_ on: inout Handlers<Taker>) {
            on(taking: .line) { _, _, _ in }
            on(.started) { _, _, my in my.register(Topic(.line, from: "source")) }
        }
    }

    @Test func aTakingHandlerCannotListen() async {
        await #expect(processExitsWith: .failure) {
            Kernel(driver: Simulation(seed: 1)).start(Taker())
        }
    }

    @Test func oneNameHasOnePayload() async {
        await #expect(processExitsWith: .failure) {
            _ = Event<Int>("test.twice")
            _ = Event<String>("test.twice")
        }
    }

    @Test func anAliasHasOneBearer() async {
        await #expect(processExitsWith: .failure) {
            let kernel = Kernel(driver: Simulation(seed: 1))
            kernel.start(End(), alias: "twice")
            kernel.start(End(), alias: "twice")
        }
    }

    @Test func noSessionIsGivenToItsDescendant() async {
        await #expect(processExitsWith: .failure) {
            let kernel = Kernel(driver: Simulation(seed: 1))
            let parent = Player("parent", ScenarioLog())
            parent.script["started"] = { _, my in
                let kid = my.start(Player("kid", ScenarioLog()))
                my.give(my.id, to: kid)
            }
            kernel.start(parent)
        }
    }

    /// Everything that is queued when a kernel goes is destroyed, once.
    @Test func nothingLeaks() throws {
        let log = ScenarioLog()
        do {
            let kernel = Kernel(driver: Simulation(seed: 1))
            kernel.start(Small(log), alias: "small")
            kernel.post(.trade, to: "small", Quote("t", 1, Counted("t", log)))
            kernel.stop()
            try kernel.run()
        }
        #expect(log.lines == ["t freed"])
    }
}
