import OutcryKernel
import OutcrySimulation
import Testing

/// Sends itself numbers at random times, and tells its neighbor now and then.
final class Chatter: Session {
    let neighbor: Alias
    var left = 200
    init(_ neighbor: Alias) { self.neighbor = neighbor }
    static func handlers(_ on: inout Handlers<Chatter>) {
        on(.started) { _, _, my in my.after(.milliseconds(1), .number, 0) }
        on(.number) { me, _, my in
            me.left -= 1
            guard me.left > 0 else { return }
            my.after(.microseconds(my.random(in: 1...5000)), .number, my.random(in: 0...9))
            if my.random(in: 0...2) == 0 { my.post(.line, to: me.neighbor, "hello") }
        }
        on(.line) { _, line, my in my.publish(.news, line) }
        on(.news) { _, _, _ in }
    }
}

/// Posts at random, to itself and others, at once, later and to all; each number says which run of a handler posted it.
private final class Branching: Session {
    final class Runs {
        /// Handlers that have run so far: the number of the event that is being handled.
        var count = 0
        /// What each event said of its poster, by its number less one.
        var told: [Int] = []
        var left = 3000
    }
    let runs: Runs
    let others: [Alias]
    init(_ runs: Runs, _ others: [Alias]) {
        self.runs = runs
        self.others = others
    }
    static func handlers(_ on: inout Handlers<Branching>) {
        on(.number) { me, poster, my in
            me.runs.count += 1
            me.runs.told.append(poster)
            let own = me.runs.count
            for _ in 0..<my.random(in: 0...3) where me.runs.left > 0 {
                me.runs.left -= 1
                switch my.random(in: 0...3) {
                case 0: my.after(.microseconds(my.random(in: 0...300)), .number, own)
                case 1: my.yield(.number, own)
                default: my.post(.number, to: me.others[my.random(in: 0...2)], own)
                }
            }
        }
    }
}

@Suite struct TraceTests {
    /// Of every event the trace says who posted it, however it came and however long it was in the queue.
    @Test(arguments: [1, 3, 256]) func causesAsToldByThePosters(budget: Int) throws {
        for seed in 1...5 as ClosedRange<UInt64> {
            let kernel = Kernel(driver: Simulation(seed: seed))
            kernel.budget = budget
            let runs = Branching.Runs()
            let names: [Alias] = ["a", "b", "c"]
            for name in names { kernel.start(Branching(runs, names), alias: name) }
            var causes: [Int] = []
            kernel.onTrace = { causes.append(Int($0.cause)) }
            for _ in 0..<400 {
                kernel.post(.number, to: "a", 0)
                kernel.runOnce()
            }
            try kernel.run()
            kernel.onTrace = nil
            #expect(causes == runs.told)
            #expect(runs.count > 2000 && Set(causes).count > 500)
        }
    }

    /// A cause stays known while what it posted is in the queue, and no longer than somebody wants to know.
    @Test func causesBeyondTheRing() throws {
        let kernel = Kernel(driver: Simulation(seed: 1))
        let player = Player("p", ScenarioLog())
        player.isQuiet = true
        player.script["many"] = { _, my in for _ in 0..<5000 { my.yield(.line, "x") } }
        kernel.start(player, alias: "p")
        var last: LastEvents? = LastEvents(kernel, capacity: 2)
        for _ in 0..<1000 { kernel.post(.line, to: "p", "noise") }
        kernel.post(.line, to: "p", "many")
        kernel.drain()
        #expect(last?.records.map(\.sequence) == [6000, 6001])
        #expect(last?.records.map(\.cause) == [1001, 1001])
        // Tombstones are not counted.
        let other = kernel.start(Player("q", ScenarioLog()))
        kernel.post(.line, to: "p", "to be kept")
        kernel.post(.line, to: other, "dropped")
        kernel.stop(other)
        kernel.drain()
        #expect(last?.records.map(\.cause) == [0, 0])
        #expect(last?.records.last?.destination == SessionID.none)
        last = nil
        kernel.post(.line, to: "p", "not kept")
        try kernel.run()
    }

    /// Who begins to trace in a handler sees what comes after it, and its causes.
    @Test func tracingBeginsInAHandler() throws {
        let kernel = Kernel(driver: Simulation(seed: 1))
        var records: [String] = []
        let player = Player("p", ScenarioLog())
        player.script["begin"] = { _, my in
            my.yield(.line, "before")
            my.kernel.onTrace = { records.append("\($0.sequence)<\($0.cause)") }
            my.yield(.line, "end")
        }
        player.script["end"] = { _, my in
            my.yield(.line, "unseen")
            my.kernel.onTrace = nil
        }
        kernel.start(player, alias: "p")
        kernel.post(.line, to: "p", "noise")
        kernel.post(.line, to: "p", "begin")
        try kernel.run()
        #expect(records == ["3<0", "4<2"])
    }

    static func hash(seed: UInt64) throws -> (UInt64, Int) {
        let kernel = Kernel(driver: Simulation(seed: seed))
        let hash = DispatchHash(kernel)
        kernel.start(Chatter("b"), alias: "a")
        kernel.start(Chatter("a"), alias: "b")
        try kernel.run()
        return (hash.value, hash.count)
    }

    @Test func equalSeedsEqualHashes() throws {
        let first = try Self.hash(seed: 1)
        let again = try Self.hash(seed: 1)
        let other = try Self.hash(seed: 2)
        #expect(first == again)
        #expect(first.0 != other.0)
        #expect(first.1 > 400)
    }

    @Test func causes() throws {
        let kernel = Kernel(driver: Simulation(seed: 1))
        let log = ScenarioLog()
        var records: [String] = []
        kernel.onTrace = { record in
            records.append(
                "\(record.sequence)<\(record.cause) \(kernel.traceName(record.event))")
        }
        let player = Player("p", log)
        player.script["first"] = { _, my in
            my.yield(.line, "second")
            my.after(.milliseconds(1), .line, "alarm")
            my.offload({ 7 }, then: .number)
            my.readFile("none", then: .stored)
        }
        player.script["alarm"] = { _, my in my.yield(.line, "last") }
        kernel.start(player, alias: "p")
        kernel.post(.beat, to: "p", ())
        kernel.post(.line, to: "p", "first")
        try kernel.run()
        #expect(
            records == [
                "1<0 test.beat", "2<0 test.line", "3<2 test.line", "4<2 test.number",
                "5<2 test.stored", "6<2 test.line", "7<6 test.line",
            ])
    }

    /// What a stream's handlers post is caused by what opened the stream, not by what came last.
    @Test func causeOfWheels() throws {
        let kernel = Kernel(driver: Simulation(seed: 1))
        var causes: [UInt64] = []
        kernel.onTrace = { record in
            if kernel.traceName(record.event) == "test.beat" { causes.append(record.cause) }
        }
        let end = End()
        let noise = Player("noise", ScenarioLog())
        end.opened = { stream, my in
            my.post(.beat, to: "noise")
            stream.abort()
        }
        end.beat = { my in
            guard let listener = end.listener else { return }
            _ = my.connect(to: .address(listener.address))
            for _ in 0..<5 { my.post(.line, to: "noise", "x") }
        }
        end.started = { me, my in me.listener = try my.listen(on: .loopback(port: 0)) }
        end.closed = { _, my in my.kernel.stop() }
        let id = kernel.start(end)
        kernel.start(noise, alias: "noise")
        kernel.post(.line, to: "noise", "first")
        kernel.post(.beat, to: id, ())
        try kernel.run()
        #expect(causes == [0, 2])
    }

    /// A record for an ended session is not shown as if its slot's next owner had got it.
    @Test func traceOfReusedSlots() throws {
        let kernel = Kernel(driver: Simulation(seed: 1))
        var destinations: [SessionID] = []
        kernel.onTrace = { destinations.append($0.destination) }
        let first = kernel.start(End())
        kernel.post(.beat, to: first, ())
        kernel.stop(first)
        let second = kernel.start(End(), alias: "second")
        kernel.post(.beat, to: second, ())
        try kernel.run()
        #expect(destinations == [.none, second])
    }

    @Test func lastEvents() throws {
        let kernel = Kernel(driver: Simulation(seed: 1))
        var seen = 0
        kernel.onTrace = { _ in seen += 1 }
        let last = LastEvents(kernel, capacity: 3)
        let player = Player("p", ScenarioLog())
        player.isQuiet = true
        let id = kernel.start(player, alias: "p")
        #expect(last.records.isEmpty)
        for i in 0..<5 { kernel.post(.line, to: "p", "\(i)") }
        kernel.drain()
        #expect(seen == 5)
        #expect(last.records.map(\.sequence) == [3, 4, 5])
        #expect(last.lines.last == "5<0 0.0 seconds test.line 0.0 to \(id)")
        for i in 0..<2 { kernel.post(.line, to: "p", "\(i)") }
        try kernel.run()
        #expect(last.records.map(\.sequence) == [5, 6, 7])
    }

    /// Who records inputs gets the bytes with them.
    @Test func receivedBytesCanBeRecorded() throws {
        let simulation = Simulation(seed: 1)
        simulation.faults.largestPiece = 3
        let kernel = Kernel(driver: simulation)
        var recorded: [UInt8] = []
        kernel.onInput = { [unowned kernel] input in
            guard case .received(let id, let count) = input else { return }
            let known: Void? = kernel.withReceived(id, count: count) { bytes in
                for i in bytes.indices { recorded.append(bytes[i]) }
            }
            #expect(known != nil)
            #expect(kernel.withReceived(id, count: 1 << 20) { _ in } == nil)
        }
        let server = End()
        server.started = { me, my in
            let listener = try my.listen(on: .loopback(port: 0))
            me.listener = listener
            let stream = my.connect(to: .address(listener.address))
            stream.put(text: "hello, recorder")
            stream.endWriting()
        }
        // Leaves all of it unread: the new bytes lie behind the old ones.
        server.received = { _, _ in }
        server.ended = { _, my in my.kernel.stop() }
        kernel.start(server)
        try kernel.run()
        #expect(recorded == Array("hello, recorder".utf8))
    }

    @Test func snapshot() throws {
        let kernel = Kernel(driver: Simulation(seed: 1))
        let parent = Player("p", ScenarioLog())
        parent.script["started"] = { _, my in
            my.start(Player("kid", ScenarioLog()), alias: "kid")
            my.after(.seconds(1), .line, "x")
        }
        let id = kernel.start(parent, alias: "p")
        kernel.post(.line, to: id, "one")
        kernel.post(.line, to: id, "two")
        kernel.post(.number, to: id, 1)
        let before = kernel.snapshot()
        #expect(before.sessions.map(\.type) == ["Player", "Player"])
        #expect(before.sessions.map(\.alias) == ["p", "kid"])
        #expect(before.sessions[1].parent == id)
        #expect(before.sessions[0].children == [before.sessions[1].id])
        #expect(before.sessions[0].pending == 3)
        #expect(
            before.sessions[0].whyAlive == ["3 undelivered", "alias p", "1 alarms", "child kid"])
        #expect(before.queue.map { "\($0.event) \($0.count)" } == ["test.line 2", "test.number 1"])
        #expect(before.alarms == 1 && before.started == 2 && before.stopped == 0)
        try kernel.run()
        let after = kernel.snapshot()
        #expect(after.sessions.isEmpty && after.stopped == 2 && after.dispatched == 4)
        #expect(after.alarmsFired == 1 && after.latestAlarm == .zero)
        #expect(after.deadLetters.map(\.event) == ["test.number"])
    }
}

extension Event where Payload == StorageOutcome { static let stored = Self("test.stored") }
