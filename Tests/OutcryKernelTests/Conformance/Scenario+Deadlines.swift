import OutcryKernel

/// A session with a stream to itself: one end waits, the other does what the test says.
private final class Waiter: Session {
    var opened: ((StreamWheel, Context) -> Void)?
    var overdue: ((StreamWheel, Context) -> Void)?
    let log: ScenarioLog

    init(_ log: ScenarioLog) { self.log = log }

    static func handlers(_ on: inout Handlers<Waiter>) {
        on(.streamOpened) { me, stream, my in me.opened?(stream, my) }
        on(.streamOverdue) { me, stream, my in
            me.log.note("overdue")
            me.overdue?(stream, my)
        }
        on(.streamClosed) { me, end, _ in me.log.note("closed: \(end.reason)") }
    }
}

/// Knows of no deadlines, and listens.
private final class Host: Session {
    var listener: ListenerWheel?
    var accepted: ((StreamWheel) -> Void)?
    var closed: (() -> Void)?

    static func handlers(_ on: inout Handlers<Host>) {
        on(.started) { me, _, my in me.listener = try my.listen(on: .loopback(port: 0)) }
        on(.streamAccepted) { me, news, _ in me.accepted?(news.stream) }
        on(.streamClosed) { me, _, _ in me.closed?() }
    }
}

extension Scenario {
    private static func play(
        _ kernel: Kernel, _ host: Host, _ waiter: Waiter
    ) throws {
        kernel.start(host, alias: "host")
        let id = kernel.start(waiter, alias: "waiter")
        guard let listener = host.listener else { return }
        kernel.start(Dialer(listener.address, for: id))
        try kernel.run()
    }

    static let deadlines = [
        Scenario(
            "a stream's deadline comes once, moves, and can be taken away",
            ["overdue", "again", "overdue", "closed: closed"]
        ) { kernel, log in
            let host = Host()
            let waiter = Waiter(log)
            var times = 0
            host.closed = { host.listener?.close() }
            waiter.opened = { stream, _ in
                stream.setDeadline(after: .seconds(3600))
                stream.setDeadline(after: .milliseconds(1))
            }
            waiter.overdue = { stream, _ in
                times += 1
                guard times == 1 else { return stream.close() }
                log.note("again")
                stream.setDeadline(after: .milliseconds(1))
                stream.clearDeadline()
                stream.setDeadline(after: .milliseconds(2))
            }
            try play(kernel, host, waiter)
        },
        Scenario(
            "a stream whose owner knows no deadlines is closed at its own",
            ["closed: ended by the other side"]
        ) { kernel, log in
            let host = Host()
            let waiter = Waiter(log)
            host.accepted = { stream in stream.setDeadline(after: .milliseconds(1)) }
            host.closed = { host.listener?.close() }
            try play(kernel, host, waiter)
        },
        Scenario(
            "the kernel does not go on for a stream in the background, nor for its deadline",
            ["over: true"]
        ) { kernel, log in
            let host = Host()
            let waiter = Waiter(log)
            waiter.opened = { stream, _ in
                stream.isBackground = true
                stream.setDeadline(after: .seconds(3600))
            }
            host.accepted = { stream in
                host.listener?.close()
                stream.isBackground = true
            }
            let start = kernel.now
            try play(kernel, host, waiter)
            log.note("over: \(kernel.now - start < .seconds(60))")
        },
    ]
}

/// Connects for another session.
private final class Dialer: Session {
    let address: SocketAddress
    let target: SessionID

    init(_ address: SocketAddress, for target: SessionID) {
        self.address = address
        self.target = target
    }

    static func handlers(_ on: inout Handlers<Dialer>) {
        on(.started) { me, _, my in
            my.connect(to: .address(me.address)).give(to: me.target)
        }
    }
}
