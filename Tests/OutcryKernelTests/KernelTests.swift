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

    /// What is sent need not be Sendable: the sender lets go of it.
    @Test func mailOfWhatHasOneOwner() async {
        final class Parcel {
            let text: String
            init(_ text: String) { self.text = text }
        }
        final class Receiver: Session {
            static let parcel = Event<Parcel>("test.parcel")
            var lease: Lease?
            var text = ""
            static func handlers(_ on: inout Handlers<Receiver>) {
                on(.started) { me, _, my in me.lease = my.lease("mail") }
                on(parcel) { me, parcel, my in
                    me.text = (copy parcel).text
                    my.stop()
                }
            }
        }
        let text = await onOwnThread { () -> String in
            let simulation = Simulation(seed: 1)
            simulation.waitsForThreads = true
            let kernel = Kernel(driver: simulation)
            let receiver = Receiver()
            kernel.start(receiver, alias: "receiver")
            let mailbox = kernel.mailbox(Receiver.parcel, to: "receiver")
            Task.detached { mailbox.send(Parcel("hello")) }
            _ = kernel.run { !receiver.text.isEmpty }
            return receiver.text
        }
        #expect(text == "hello")
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

    /// A kernel whose run was never ended gives its sessions back all the same.
    @Test func anAbandonedKernelKeepsNothing() {
        final class Keeper: Session {
            let counted: Counted
            var lease: Lease?
            init(_ counted: Counted) { self.counted = counted }
            static func handlers(_ on: inout Handlers<Keeper>) {
                on(.started) { me, _, my in me.lease = my.lease("for good") }
            }
        }
        let log = ScenarioLog()
        do {
            let kernel = Kernel(driver: Simulation(seed: 1))
            kernel.start(Keeper(Counted("k", log)))
            kernel.runOnce()
        }
        #expect(log.lines == ["k freed"])
    }

    final class Speaker: Session {
        static func handlers(_ on: inout Handlers<Speaker>) {
            on(.started) { _, _, my in
                my.log.debug("not said")
                my.log.info("said", 1, "two")
                my.log.warning("a warning")
                my.log.error("an error", Broken())
            }
        }
    }

    @Test func logging() {
        let simulation = Simulation(seed: 1)
        let kernel = Kernel(driver: simulation)
        kernel.start(Speaker(), alias: "speaker")
        #expect(
            simulation.lines == [
                "2013-01-01T00:00:00.000000Z info speaker: said 1 two",
                "2013-01-01T00:00:00.000000Z warning speaker: a warning",
                "2013-01-01T00:00:00.000000Z error speaker: an error broken",
            ])
        var records: [LogRecord] = []
        kernel.onLog = { records.append($0) }
        kernel.logLevel = .debug
        kernel.start(Speaker())
        #expect(records.map(\.level) == [.debug, .info, .warning, .error])
        #expect(records.allSatisfy { $0.session.hasPrefix("Speaker ") })
        #expect(records[1].what == "said" && records[1].values == ["1", "two"])
        #expect(simulation.lines.count == 3)
    }

    @Test func namesAreListed() {
        _ = (Event<Int>("test.listed"), Event<Void>.started)
        let names = Kernel.eventNames
        #expect(names.contains("test.listed") && names.contains("started"))
        #expect(names == names.sorted())
    }

    @Test func counters() throws {
        let kernel = Kernel(driver: Simulation(seed: 1))
        kernel.budget = 8
        let player = Player("p", ScenarioLog())
        player.isQuiet = true
        kernel.start(player, alias: "p")
        for _ in 0..<20 { kernel.post(.line, to: "p", "x") }
        try kernel.run()
        let facts = kernel.snapshot()
        #expect(facts.peakQueue == 20 && facts.fullTurns == 2 && facts.stalls == 0)
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
