import Dispatch
import Glibc
import OutcryBytes
import OutcryKernel
import Testing

@testable import OutcryReactor

// What may not happen while nothing happens, and what may not be lost while much does.

extension ReactorTests {
    /// Both sides have ended their halves: epoll would tell the hang-up for ever.
    @Test func aStreamWithBothHalvesEndedDoesNotSpin() throws {
        let bench = try Bench()
        var polls: UInt64 = 0
        var turns: UInt64 = 0
        bench.server.started = { my in
            let listener = try my.listen(on: .loopback(port: 0))
            bench.client.started = { my in _ = my.connect(to: .address(listener.address)) }
        }
        bench.client.opened = { stream, _ in stream.endWriting() }
        bench.client.ended = { _, my in
            polls = my.kernel.snapshot().polls
            my.after(.milliseconds(100), .probeAlarm)
        }
        bench.server.ended = { stream, _ in stream.endWriting() }
        bench.client.alarm = { my in
            turns = my.kernel.snapshot().polls - polls
            my.kernel.stop()
        }
        try bench.run()
        #expect(turns >= 1 && turns <= 5)
    }

    @Test func whatIsPutInATurnLeavesInOneWrite() throws {
        let bench = try Bench()
        var writes: [Int] = []
        bench.kernel.onInput = { input in
            if case .wrote(_, let count) = input { writes.append(count) }
        }
        bench.server.started = { my in
            let listener = try my.listen(on: .loopback(port: 0))
            bench.client.started = { my in _ = my.connect(to: .address(listener.address)) }
        }
        bench.client.opened = { stream, my in
            bench.client.streams = [stream]
            for _ in 0..<10 { stream.put("abc") }
            for i in 0..<3 { my.yield(.probeMail, i) }
        }
        bench.client.mail = { i, my in
            bench.client.streams[0].put("de")
            // The turn's end has not come: nothing was written meanwhile.
            #expect(bench.client.streams[0].unwritten == 30 + 2 * (i + 1))
        }
        bench.server.received = { stream, my in
            if stream.inbound.count == 36 { my.kernel.stop() }
        }
        try bench.run()
        #expect(writes == [36])
    }

    /// The loop spins for a bounded time, then sleeps: a processor is not kept busy by an idle program.
    @Test func busyPollingIsBounded() throws {
        func used() -> Int64 {
            var time = timespec()
            _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        }
        var options = ReactorOptions()
        options.busyPoll = .milliseconds(20)
        let bench = try Bench(options)
        var spent: Int64 = 0
        bench.server.started = { my in my.after(.milliseconds(20), .probeAlarm) }
        bench.server.alarm = { my in
            guard spent == 0 else {
                spent = used() - spent
                return my.kernel.stop()
            }
            spent = used()
            my.after(.milliseconds(400), .probeAlarm)
        }
        try bench.run()
        #expect(spent < 200_000_000, "spun for \(spent) ns of 400 ms")
    }

    /// A signal handler interrupts whatever call the loop is in: nothing is lost, nothing fails.
    @Test func interruptedCallsGoOn() throws {
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { _ in }
        var old = sigaction()
        #expect(unsafe sigaction(SIGUSR2, &action, &old) == 0)  // without SA_RESTART
        defer { _ = unsafe sigaction(SIGUSR2, &old, nil) }
        let bench = try Bench()
        let total = 4 << 20
        var heard = 0
        var wrong = 0
        var isOver = false
        let thread = pthread_self()
        let stop = DispatchSemaphore(value: 0)
        let stopped = DispatchSemaphore(value: 0)
        DispatchQueue(label: "test.interrupter").async {
            while stop.wait(timeout: .now() + .microseconds(200)) == .timedOut {
                pthread_kill(thread, SIGUSR2)
            }
            stopped.signal()
        }
        bench.server.started = { my in
            let listener = try my.listen(on: .loopback(port: 0))
            bench.client.started = { my in _ = my.connect(to: .address(listener.address)) }
        }
        bench.client.opened = { stream, _ in
            let bytes = (0..<total).map(Self.pattern)
            stream.put(bytes.span)
            stream.endWriting()
        }
        bench.server.received = { stream, _ in
            for byte in stream.take() {
                if byte != Self.pattern(heard) { wrong += 1 }
                heard += 1
            }
        }
        bench.server.ended = { _, my in
            guard !isOver else { return }
            isOver = true
            my.after(.milliseconds(50), .probeAlarm)  // and asleep, too
        }
        bench.server.alarm = { my in my.kernel.stop() }
        try bench.run()
        stop.signal()
        stopped.wait()
        #expect(heard == total && wrong == 0)
    }

    /// A door that is shut in the middle of a batch takes nobody more until it is opened again.
    @Test func aBatchEndsWhereTheDoorIsShut() throws {
        let bench = try Bench()
        var log: [Int] = []
        var peers: [RawPeer] = []
        bench.server.started = { my in
            let listener = try my.listen(on: .loopback(port: 0))
            bench.server.listeners = [listener]
            peers = try (0..<5).map { _ in try RawPeer(connectedTo: listener.address.port) }
        }
        bench.server.accepted = { _, my in
            let count = bench.server.streams.count
            if count == 2 {
                bench.server.listeners[0].setAccepting(false)
                my.after(.milliseconds(20), .probeAlarm)
            }
            if count == 5 { my.kernel.stop() }
        }
        bench.server.alarm = { _ in
            log.append(bench.server.streams.count)
            bench.server.listeners[0].setAccepting(true)
        }
        try bench.run()
        #expect(log == [2])
        #expect(bench.server.streams.count == 5 && peers.count == 5)
    }

    @Test func whoHoldsUpTheLoopIsNamed() throws {
        let bench = try Bench()
        var lines: [String] = []
        bench.kernel.onLog = { lines.append("\($0.session): \($0.what) \($0.values[0])") }
        bench.kernel.stallLimit = .milliseconds(2)
        bench.kernel.measuresTurns = true
        func hold() {
            let start = bench.reactor.time().now
            while bench.reactor.time().now - start <= .milliseconds(3) {}
        }
        bench.server.started = { my in
            let listener = try my.listen(on: .loopback(port: 0))
            my.connect(to: .address(listener.address)).put("x")
        }
        bench.server.received = { stream, my in
            stream.inbound.removeAll()
            hold()
            my.yield(.probeMail, 1)
        }
        bench.server.mail = { _, my in
            hold()
            my.task { my in
                hold()
                my.kernel.stop()
            }
        }
        try bench.run()
        #expect(lines.contains("kernel: held up the loop bytes"))
        #expect(lines.contains("server: held up the loop test.probeMail"))
        #expect(lines.contains("kernel: held up the loop a workflow"))
        #expect(bench.kernel.snapshot().stalls >= 3)
        #expect(bench.kernel.snapshot().longestTurn > .milliseconds(3))
    }

    /// In a process of its own, where nobody else opens anything. Every way in which a transport ends is
    /// taken, a few times and then many times: no more descriptors are open then.
    @Test func descriptorsDoNotLeak() async {
        await #expect(processExitsWith: .success) {
            let bench = try Bench()
            let folder = try Folder()
            // Silent: what connects to it is ended by its deadline, or by the one that was faster.
            let silent = try RawPeer(listening: ())
            let crowd = try (0..<4).map { _ in try RawPeer(connectedTo: silent.port, waits: false) }
            var options = StreamOptions()
            options.connectTimeout = .milliseconds(20)
            var rounds = 0
            var before = 0
            var looks = 0
            bench.server.started = { my in
                for address in [SocketAddress.loopback(port: 0), .unix(folder.path + "/s")] {
                    bench.server.listeners.append(try my.listen(on: address))
                }
                my.yield(.probeMail, 0)
            }
            bench.server.mail = { _, my in
                rounds += 1
                // Everything has come to its end when this rings, or a little later on a slow machine.
                if rounds == 3 || rounds == 20 {
                    return _ = my.after(.milliseconds(100), .probeAlarm)
                }
                let port = bench.server.listeners[0].address.port
                for listener in bench.server.listeners {
                    my.connect(to: .address(listener.address)).put("x")
                    my.connect(to: .address(listener.address)).abort()
                    my.connect(to: .address(listener.address)).close()
                }
                _ = my.connect(to: .address(.loopback(port: silent.port)), options: options)
                my.connect(to: .host("localhost", port: port)).put("x")
                _ = my.connect(to: .host("localhost", port: 1), options: options)
                _ = my.connect(to: .unix(folder.path + "/nobody"))
                (try? RawPeer(connectedTo: port))?.reset()
                my.replaceFile(folder.path + "/file", [1, 2, 3], then: .probeFile)
                my.appendFile(folder.path + "/file", [4], then: .probeFile)
                my.readFile(folder.path + "/none", then: .probeFile)
                my.unlockFile(my.lockFile(folder.path + "/lock", then: .probeFile))
                my.after(.milliseconds(5), .probeMail, 0)
            }
            bench.server.accepted = { stream, _ in stream.put("y") }
            bench.server.received = { stream, _ in stream.close() }
            bench.server.alarm = { my in
                let open = (0..<1024).count { fcntl($0, F_GETFD) >= 0 }
                let sockets = bench.reactor.slots.count { $0.socket != nil }
                looks += 1
                guard looks >= 100 || sockets == 2 && (before == 0 || open <= before) else {
                    return _ = my.after(.milliseconds(100), .probeAlarm)
                }
                looks = 0
                precondition(sockets == 2, "\(sockets) transports, expected the two listeners")
                guard before > 0 else {
                    before = open
                    return _ = my.yield(.probeMail, 0)
                }
                precondition(open <= before, "\(open) descriptors, \(before) before")
                precondition(crowd.count == 4 && rounds == 20)
                exit(0)
            }
            try bench.run()
            exit(1)
        }
    }
}
