import OutcryBytes
import OutcryJournal
import OutcryKernel
import OutcrySimulation

/// What a test may plant, so that a replay is not the same.
enum Planted: CaseIterable {
    case nothing, otherEvent, oneByte, oneWriteMore, otherAddress, otherFile, otherAlarm, noOffload
    case otherEnd, otherPayload
}

/// Uses everything that a driver has: streams both ways, files, marks, locks, work elsewhere, letters,
/// chance, alarms, workflows.
final class Busy: Session {
    let planted: Planted
    let rounds: Int
    /// Whether it says what of its payloads is compared.
    let compares: Bool
    private var round = 0
    private var total = 0
    private(set) var stream: StreamWheel?
    private var letters: Mailbox<Int>?
    private(set) var seen: [String] = []

    init(_ planted: Planted = .nothing, rounds: Int = 20, compares: Bool = true) {
        self.planted = planted
        self.rounds = rounds
        self.compares = compares
    }

    static func handlers(_ on: inout Handlers<Busy>) {
        on(.started) { me, _, my in me.begin(my) }
        on(.streamAccepted) { _, accepted, _ in _ = accepted.stream.put([1, 2, 3].span) }
        on(.streamReceived) { me, stream, my in me.received(stream, my) }
        on(.streamOpened) { me, stream, my in
            me.stream = stream
            me.say(my)
        }
        on(.streamClosed) { me, closed, _ in me.seen.append("closed \(closed.reason)") }
        on(.busyBeat) { me, _, my in me.beat(my) }
        on(.busyFile) { me, outcome, _ in me.seen.append("\(outcome.path) \(outcome.result)") }
        on(.busyWork) { me, sum, my in
            me.seen.append("work \(sum)")
            if me.planted == .otherEvent, me.round == 5 {
                my.yield(.busyOther)
            } else {
                my.yield(.busyNote)
            }
        }
        on(.busyNote) { me, _, _ in me.seen.append("note") }
        on(.busyOther) { me, _, _ in me.seen.append("other") }
        on(.busyLetter) { me, number, _ in me.seen.append("letter \(number)") }
    }

    private func begin(_ my: Context) {
        if compares {
            my.kernel.compare(.busyWork) { sum, digest in digest.add(Int64(sum)) }
            my.kernel.compare(.busyFile) { outcome, digest in digest.add(outcome.path) }
        }
        // Of another number in every run, and in every process.
        let secret = my.kernel.outside("busy.secret") {
            [UInt8.random(in: 0...255), UInt8.random(in: 0...255), UInt8.random(in: 0...255)]
        }
        seen.append("secret \(secret ?? [])")
        let none = my.kernel.outside("busy.none") { nil }
        seen.append("none \(none?.count ?? -1)")
        letters = my.kernel.mailbox(.busyLetter, to: "busy")
        do { _ = try my.listen(on: .loopback(port: 7000)) } catch { seen.append("\(error)") }
        let port: UInt16 = planted == .otherAddress ? 7001 : 7000
        _ = my.connect(to: .host("localhost", port: port))
        my.every(.milliseconds(planted == .otherAlarm ? 11 : 10), .busyBeat)
        my.lockFile("busy.lock", waits: true, then: .busyFile)
        my.task { my in
            for _ in 0..<5 {
                try await my.sleep(.milliseconds(7))
                my.yield(.busyNote)
            }
        }
    }

    private func received(_ stream: StreamWheel, _ my: Context) {
        stream.inbound.withUnread { bytes in
            for place in bytes.indices { total &+= Int(bytes[place]) &* (place + 1) }
        }
        stream.inbound.removeAll()
        seen.append("\(total)")
    }

    private func say(_ my: Context) {
        guard let stream else { return }
        var bytes: [UInt8] = []
        for _ in 0..<(round * 700 + 3) { bytes.append(my.random(UInt8.self)) }
        if planted == .oneByte, round == 7 { bytes[2] ^= 1 }
        stream.put(bytes.span)
        if planted == .oneWriteMore, round == 9 { stream.put([0].span) }
    }

    private func beat(_ my: Context) {
        round += 1
        say(my)
        letters?.send(round)
        let name = planted == .otherFile && round == 6 ? "else.log" : "busy.log"
        my.appendFile(name, Array("\(round)\n".utf8), then: .busyFile)
        if round % 3 == 0 { my.readFile("busy.log", then: .busyFile) }
        if round % 4 == 0 { my.advanceMark("busy.mark", past: 5, by: 2, then: .busyFile) }
        let number = round
        if planted != .noOffload || round != 8 {
            let more = planted == .otherPayload && round == 8 ? 1 : 0
            my.offload({ number * number + more }, then: .busyWork)
        }
        let last = planted == .otherEnd ? rounds - 1 : rounds
        if round == last { my.kernel.stop() }
    }
}

extension Event where Payload == Void {
    static let busyBeat = Self("busy.beat")
    static let busyNote = Self("busy.note")
    static let busyOther = Self("busy.other")
}

extension Event where Payload == Int {
    static let busyWork = Self("busy.work")
    static let busyLetter = Self("busy.letter")
}

extension Event where Payload == StorageOutcome {
    static let busyFile = Self("busy.file")
}

/// One run of ``Busy`` on a simulation, recorded.
struct BusyRun {
    let journal: JournalMemory
    let seen: [String]
    let events: UInt64
    let hash: UInt64

    init(
        seed: UInt64 = 1, blockSize: Int = 4096, rounds: Int = 20, rough: Bool = false,
        compares: Bool = true
    ) throws {
        let simulation = Simulation(seed: seed)
        if rough { simulation.faults = .rough() }
        journal = JournalMemory(blockSize: blockSize)
        let recorder = Recorder(simulation, into: journal)
        let kernel = Kernel(driver: recorder)
        kernel.logLevel = .error
        let busy = Busy(rounds: rounds, compares: compares)
        kernel.start(busy, alias: "busy")
        try kernel.run()
        seen = busy.seen
        events = recorder.events
        hash = recorder.dispatchHash
    }

    /// Plays a journal back.
    static func replay(
        _ journal: JournalMemory, _ planted: Planted = .nothing, rounds: Int = 20,
        _ options: ReplayOptions = ReplayOptions(), compares: Bool = true
    ) throws -> (replay: Replay, busy: Busy) {
        let replay = Replay(journal, options)
        let kernel = Kernel(driver: replay)
        kernel.logLevel = .error
        let busy = Busy(planted, rounds: rounds, compares: compares)
        kernel.start(busy, alias: "busy")
        try kernel.run()
        return (replay, busy)
    }
}
