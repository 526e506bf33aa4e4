import Dispatch
import Glibc
import OutcryKernel
import Synchronization
import Testing

@testable import OutcryReactor

/// Handles a signal.
final class SignalProbe: Session {
    var heard: [String] = []
    static func handlers(_ on: inout Handlers<SignalProbe>) {
        on(.started) { _, _, my in
            my.after(.milliseconds(1), .probeAlarm)
            _ = my.listenForever()
        }
        on(.probeAlarm) { _, _, _ in
            raise(SIGHUP)
            raise(SIGINT)
            raise(SIGTERM)
        }
        on(.interrupt) { me, _, _ in me.heard.append("interrupt") }
        on(.hangup) { me, _, _ in me.heard.append("hangup") }
        on(.terminate) { me, _, my in
            me.heard.append("terminate")
            my.kernel.stop()
        }
    }
}

extension Context {
    /// Something that keeps the kernel running and never happens.
    func listenForever() -> AlarmID { after(.seconds(3600), .guardRang) }
}

extension ReactorTests {
    @Test func anIdleReactorMakesNoTurns() throws {
        let bench = try Bench()
        var before: UInt64 = 0
        var after: UInt64 = 0
        var wasLate = Duration.zero
        var due = KernelTime.zero
        var opened = 0
        bench.server.started = { my in
            let listener = try my.listen(on: .loopback(port: 0))
            bench.client.started = { my in
                for _ in 0..<2 {
                    bench.client.streams.append(my.connect(to: .address(listener.address)))
                }
            }
        }
        bench.client.opened = { _, my in
            opened += 1
            guard opened == 2 else { return }
            // One silent stream, one of which the other side has ended its half; and the waker was used.
            bench.client.streams[0].endWriting()
            my.offload({ 1 }, then: .probeMail)
        }
        bench.server.ended = { _, _ in }
        bench.client.mail = { _, my in
            before = my.kernel.snapshot().polls
            due = my.now + .milliseconds(200)
            my.after(.milliseconds(200), .probeAlarm)
        }
        bench.client.alarm = { my in
            after = my.kernel.snapshot().polls
            wasLate = my.now - due
            my.kernel.stop()
        }
        try bench.run()
        #expect(after - before <= 4)
        #expect(wasLate >= .zero)
    }

    @Test func aDeadlineAtTheEndOfTimeIsWaitedFor() throws {
        let bench = try Bench()
        let mailbox = bench.kernel.mailbox(.probeMail, to: "server")
        var polls: UInt64 = 0
        bench.server.started = { my in
            my.at(KernelTime(nanoseconds: .max), .probeAlarm)
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(50)) {
                mailbox.send(1)
            }
        }
        bench.server.mail = { _, my in
            polls = my.kernel.snapshot().polls
            my.kernel.stop()
        }
        // No guard here: its alarm would be the nearer one.
        bench.kernel.start(bench.server, alias: "server")
        try bench.kernel.run()
        #expect(polls <= 3)
    }

    @Test func signalsAreEvents() throws {
        let kernel = Kernel(driver: try Reactor())
        let probe = SignalProbe()
        kernel.start(Guard())
        kernel.start(probe)
        try kernel.run()
        #expect(probe.heard.sorted() == ["hangup", "interrupt", "terminate"])
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func aSignalWithoutHandlerEndsTheRun(_ signal: Int32) throws {
        let bench = try Bench()
        var sawIt = false
        bench.kernel.onInput = { input in if case .signal = input { sawIt = true } }
        bench.server.started = { my in
            _ = my.listenForever()
            my.after(.milliseconds(1), .probeAlarm)
        }
        bench.server.alarm = { _ in raise(signal) }
        try bench.run()
        #expect(sawIt)
    }

    @Test func mailWakesTheSleepingLoop() throws {
        let bench = try Bench()
        let mailbox = bench.kernel.mailbox(.probeMail, to: "server")
        let answered = DispatchSemaphore(value: 0)
        var heard: [Int] = []
        bench.server.started = { my in
            _ = my.listenForever()
            // Each is sent when the one before was answered: the loop has nothing to do in between.
            DispatchQueue.global().async {
                for i in 0..<200 {
                    mailbox.send(i)
                    answered.wait()
                }
            }
        }
        bench.server.mail = { value, my in
            heard.append(value)
            answered.signal()
            if value == 199 { my.kernel.stop() }
        }
        try bench.run()
        #expect(heard == Array(0..<200))
    }

    @Test func mailOfManyThreads() throws {
        let bench = try Bench()
        let mailbox = bench.kernel.mailbox(.probeMail, to: "server")
        var sum = 0
        var count = 0
        bench.server.started = { my in
            _ = my.listenForever()
            for lane in 0..<4 {
                DispatchQueue.global().async {
                    for i in 0..<500 { mailbox.send(lane * 1000 + i) }
                }
            }
        }
        bench.server.mail = { value, my in
            sum += value
            count += 1
            if count == 2000 { my.kernel.stop() }
        }
        try bench.run()
        #expect(sum == 500 * 6000 + 4 * (499 * 500 / 2))
    }

    @Test func offloadedWorkRunsElsewhere() throws {
        let bench = try Bench()
        let here = UInt(pthread_self())
        let elsewhere = Atomic<UInt>(0)
        var value = 0
        bench.server.started = { my in
            my.offload(
                {
                    elsewhere.store(UInt(pthread_self()), ordering: .relaxed)
                    return 42
                }, then: .probeMail)
        }
        bench.server.mail = { result, my in
            value = result
            #expect(UInt(pthread_self()) == here)
            my.kernel.stop()
        }
        try bench.run()
        #expect(value == 42)
        #expect(elsewhere.load(ordering: .relaxed) != here)
    }

    @Test func workflowsStayOnTheKernelsThread() throws {
        let bench = try Bench()
        let here = UInt(pthread_self())
        var threads: [UInt] = []
        var sum = 0
        bench.server.started = { my in
            my.task { my in
                threads.append(UInt(pthread_self()))
                for i in 0..<20 {
                    try await my.sleep(.microseconds(200))
                    threads.append(UInt(pthread_self()))
                    sum += await Task.detached { i * 2 }.value
                    threads.append(UInt(pthread_self()))
                }
                my.kernel.stop()
            }
        }
        try bench.run()
        #expect(threads.count == 41)
        #expect(threads.allSatisfy { $0 == here })
        #expect(sum == 380)
    }

    @Test func busyPollingHearsEverything() throws {
        var options = ReactorOptions()
        options.busyPoll = .milliseconds(2)
        let bench = try Bench(options)
        let mailbox = bench.kernel.mailbox(.probeMail, to: "server")
        var log: [String] = []
        bench.server.started = { my in
            let listener = try my.listen(on: .loopback(port: 0))
            bench.client.started = { my in _ = my.connect(to: .address(listener.address)) }
        }
        bench.client.opened = { stream, _ in stream.put("x") }
        bench.server.received = { stream, my in
            log.append(stream.takeText())
            DispatchQueue.global().async { mailbox.send(1) }
        }
        bench.server.mail = { _, my in
            log.append("mail")
            my.after(.milliseconds(10), .probeAlarm)
        }
        bench.server.alarm = { my in
            log.append("alarm")
            my.kernel.stop()
        }
        try bench.run()
        #expect(log == ["x", "mail", "alarm"])
    }

    /// Bytes, the end and a reset, found by looking at the stream itself: epoll is made deaf to it.
    @Test(arguments: [true, false])
    func busyPollingSeesTheEndOfAStream(_ hard: Bool) throws {
        var options = ReactorOptions()
        options.busyPoll = .seconds(10)
        let bench = try Bench(options)
        let next = DispatchSemaphore(value: 0)
        var heard = 0
        var reason = ""
        bench.server.started = { my in
            let port = try my.listen(on: .loopback(port: 0)).address.port
            DispatchQueue.global().async {
                guard let peer = try? RawPeer(connectedTo: port) else { return }
                for _ in 0..<50 {
                    _ = peer.send([1, 2, 3])
                    next.wait()
                }
                if hard { peer.reset() } else { peer.close() }
            }
        }
        var id: TransportID?
        bench.kernel.onInput = { input in
            if case .accepted(_, let new, _) = input { id = new }
        }
        bench.server.received = { stream, _ in
            heard += stream.take().count
            if let socket = id.flatMap({ bench.reactor.socket($0) }) {
                bench.reactor.epoll.change(socket.descriptor.number, 0, socket.id.number)
            }
            if heard % 3 == 0 { next.signal() }
        }
        bench.server.ended = { stream, _ in
            reason = "end"
            stream.close()
        }
        bench.server.closed = { news, my in
            if reason.isEmpty { reason = "\(news.reason)" }
            my.kernel.stop()
        }
        try bench.run()
        #expect(heard == 150)
        #expect(reason == (hard ? "recv: Connection reset by peer (104)" : "end"))
    }

    @Test func withoutNanosecondsNothingWakesEarly() throws {
        let bench = try Bench()
        bench.reactor.epoll.hasNanoseconds = false
        var times: [KernelTime] = []
        bench.server.started = { my in
            times.append(my.now)
            my.after(.microseconds(1500), .probeAlarm)
        }
        bench.server.alarm = { my in
            times.append(my.now)
            my.kernel.stop()
        }
        try bench.run()
        #expect(times.count == 2 && times[1] - times[0] >= .microseconds(1500))
        #expect(bench.kernel.snapshot().polls <= 4)
        #expect(Epoll.milliseconds(-1) == -1)
        #expect(Epoll.milliseconds(0) == 0)
        #expect(Epoll.milliseconds(1) == 1)
        #expect(Epoll.milliseconds(1_000_000) == 1)
        #expect(Epoll.milliseconds(.max) == .max)
    }

    @Test func aReactorEndsWithItsKernel() throws {
        weak var reactor: Reactor?
        let waker: @Sendable () -> Void
        do {
            let kept = try Reactor()
            reactor = kept
            waker = kept.waker
            let kernel = Kernel(driver: kept)
            kernel.start(Guard())
            _ = try kept.listen(on: .loopback(port: 0))
            #expect(kernel.runOnce() == false)
            kernel.stop()
            try kernel.run()
        }
        #expect(reactor == nil)
        // Its descriptor lives as long as somebody could call it.
        waker()
    }

    @Test func theCalendarTellsItsSteps() throws {
        var calendar = try CalendarOffset()
        #expect(calendar.takeStep() == nil)
        calendar.adopt(5_000_000, wasSet: false)
        #expect(calendar.takeStep() == nil)
        calendar.adopt(3_605_000_000, wasSet: true)
        #expect(calendar.takeStep() == 3_600_000)
        #expect(calendar.takeStep() == nil)
    }

    /// An alarm for tomorrow rings when the calendar is set to the day after.
    @Test func theCalendarsStepsMoveAlarms() throws {
        let bench = try Bench()
        var rang: WallTime?
        var due = WallTime(microseconds: 0)
        bench.server.started = { my in
            due = my.wallNow + .seconds(86_400)
            my.at(wall: due, .probeMail, 1)
            my.after(.milliseconds(1), .probeAlarm)
        }
        var isSet = false
        bench.server.alarm = { my in
            guard !isSet else { return }
            isSet = true
            // As when the system says that the clock was set; that would end the wait, too.
            my.after(.milliseconds(1), .probeAlarm)
            let offset = my.wallNow.microseconds * 1000 - my.now.nanoseconds - bench.reactor.origin
            bench.reactor.calendar.adopt(offset + 90_000_000_000_000, wasSet: true)
        }
        bench.server.mail = { _, my in
            rang = my.wallNow
            my.kernel.stop()
        }
        try bench.run()
        #expect(rang.map { $0 >= due && $0 - due < .seconds(7200) } == true)
    }

    @Test func theClocksAreTheSystems() throws {
        let reactor = try Reactor()
        let one = reactor.time()
        let two = reactor.time()
        #expect(two.now >= one.now)
        #expect(one.now.nanoseconds < 10_000_000_000)
        var now = timeval()
        unsafe gettimeofday(&now, nil)
        let wall = Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_usec)
        #expect(abs(wall - two.wall.microseconds) < 5_000_000)
        #expect(reactor.entropy() != reactor.entropy())
    }
}
