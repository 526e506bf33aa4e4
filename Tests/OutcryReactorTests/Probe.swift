import OutcryBytes
import OutcryKernel
import OutcryReactor
import Testing

/// Everything with real sockets and signals runs one after the other.
@Suite(.serialized) struct ReactorTests {}

extension Event where Payload == Void {
    static let probeAlarm = Self("test.probeAlarm")
    static let guardRang = Self("test.guardRang")
}

extension Event where Payload == Int {
    static let probeMail = Self("test.probeMail")
}

extension Event where Payload == StorageOutcome {
    static let probeFile = Self("test.probeFile")
}

/// A session whose handlers are given by the test that uses it.
final class Probe: Session {
    var started: (Context) throws -> Void = { _ in }
    var accepted: (StreamWheel, Context) -> Void = { _, _ in }
    var refused: (StreamRefused, Context) -> Void = { _, _ in }
    var secured: (StreamWheel, Context) -> Void = { _, _ in }
    var opened: (StreamWheel, Context) -> Void = { _, _ in }
    var received: (StreamWheel, Context) -> Void = { _, _ in }
    var ended: (StreamWheel, Context) -> Void = { stream, _ in stream.close() }
    var pressure: (StreamPressure, Context) -> Void = { _, _ in }
    var closed: (StreamClosed, Context) -> Void = { _, _ in }
    var alarm: (Context) -> Void = { _ in }
    var mail: (Int, Context) -> Void = { _, _ in }
    var file: (StorageOutcome, Context) -> Void = { _, _ in }
    /// Streams that the test keeps.
    var streams: [StreamWheel] = []
    var listeners: [ListenerWheel] = []

    static func handlers(_ on: inout Handlers<Probe>) {
        on(.started) { me, _, my in try me.started(my) }
        on(.streamAccepted) { me, news, my in
            me.streams.append(news.stream)
            me.accepted(news.stream, my)
        }
        on(.streamRefused) { me, news, my in me.refused(news, my) }
        on(.streamSecured) { me, stream, my in me.secured(stream, my) }
        on(.streamOpened) { me, stream, my in me.opened(stream, my) }
        on(.streamReceived) { me, stream, my in me.received(stream, my) }
        on(.streamEnded) { me, stream, my in me.ended(stream, my) }
        on(.streamPressure) { me, news, my in me.pressure(news, my) }
        on(.streamClosed) { me, news, my in me.closed(news, my) }
        on(.probeAlarm) { me, _, my in me.alarm(my) }
        on(.probeMail) { me, value, my in me.mail(value, my) }
        on(.probeFile) { me, outcome, my in me.file(outcome, my) }
    }
}

/// Fails the test when it is still there after a while.
final class Guard: Session {
    static func handlers(_ on: inout Handlers<Guard>) {
        on(.started) { _, _, my in my.after(.seconds(20), .guardRang) }
        on(.guardRang) { _, _, my in
            Issue.record("the test did not end; \(my.kernel.snapshot().sessions.map(\.whyAlive))")
            my.kernel.stop()
        }
    }
}

/// A kernel on a reactor, and two probes.
struct Bench {
    let reactor: Reactor
    let kernel: Kernel
    let server = Probe()
    let client = Probe()

    init(_ options: ReactorOptions = ReactorOptions()) throws {
        reactor = try Reactor(options)
        kernel = Kernel(driver: reactor)
        kernel.onLog = { _ in }
    }

    /// Runs until somebody stops the kernel.
    func run() throws {
        kernel.start(Guard())
        kernel.start(server, alias: "server")
        kernel.start(client, alias: "client")
        try kernel.run()
    }
}

extension StreamWheel {
    /// Takes all unread bytes.
    func take() -> [UInt8] {
        let bytes = inbound.withUnread { span in
            var bytes: [UInt8] = []
            for i in span.indices { bytes.append(span[i]) }
            return bytes
        }
        inbound.drop(bytes.count)
        return bytes
    }

    func takeText() -> String { String(decoding: take(), as: UTF8.self) }

    @discardableResult func put(_ text: String) -> Bool { put(text.utf8.span) }
}
