import OutcryJournal
import OutcryKernel
import OutcrySimulation
import Testing

@Suite struct ReplayTests {
    @Test(arguments: [1, 2, 3] as [UInt64]) func sameEventsAndSameHash(seed: UInt64) throws {
        for isRough in [false, true] {
            let run = try BusyRun(seed: seed, rough: isRough)
            #expect(run.seen.count > 60)
            let (replay, busy) = try BusyRun.replay(run.journal)
            #expect(replay.end == .identical)
            #expect(replay.events == run.events)
            #expect(replay.dispatchHash == run.hash)
            #expect(busy.seen == run.seen)
        }
    }

    @Test func hashTellsRunsApart() throws {
        let hashes = try [18, 19, 20].map { try BusyRun(rounds: $0).hash }
        #expect(Set(hashes).count == 3)
        #expect(try BusyRun(rounds: 20).hash == hashes[2])
    }

    /// Each planted change is stopped where it shows, with both sides.
    @Test(arguments: Planted.allCases) func stopsAtTheFirstDifference(planted: Planted) throws {
        let run = try BusyRun()
        let (replay, _) = try BusyRun.replay(run.journal, planted)
        let (recorded, replayed) =
            switch planted {
            case .nothing: ("", "")
            case .otherEvent: ("busy.note from busy to busy", "busy.other from busy to busy")
            case .oneByte, .oneWriteMore: ("written to transport", "written to transport")
            case .otherAddress: ("look up localhost, port 7000", "look up localhost, port 7001")
            case .otherFile: ("append 2 bytes", "to else.log")
            case .otherAlarm: ("busy.beat", "no event")
            case .noOffload: ("work offloaded", "written to transport")
            case .otherEnd: ("", "")
            case .otherPayload: ("busy.work from outside to busy, its payload ", "its payload ")
            }
        if planted == .nothing { return #expect(replay.end == .identical) }
        guard case .different(let difference) = replay.end else {
            Issue.record(
                "\(planted): expected a difference, found \(String(describing: replay.end))")
            return
        }
        #expect(difference.recorded.contains(recorded), "\(difference)")
        #expect(difference.replayed.contains(replayed), "\(difference)")
        #expect(difference.recorded != difference.replayed, "\(difference)")
        #expect(difference.event < run.events)
    }

    @Test func lengthsAloneAreComparedWhereThatIsSaid() throws {
        let run = try BusyRun()
        var options = ReplayOptions()
        options.comparesBytes = false
        // What comes back was recorded: the other byte is never seen.
        let (replay, busy) = try BusyRun.replay(run.journal, .oneByte, options)
        #expect(replay.end == .identical)
        #expect(busy.seen == run.seen)
    }

    /// Where one of the two programs does not say what of a payload is compared, it is not: journals of before it could be
    /// said are replayed as ever.
    @Test(arguments: [(true, false), (false, true), (false, false)])
    func aPayloadIsComparedWhereBothSaySo(recorded: Bool, replayed: Bool) throws {
        let run = try BusyRun(compares: recorded)
        let (replay, _) = try BusyRun.replay(run.journal, .otherPayload, compares: replayed)
        #expect(replay.end == .identical)
        #expect(replay.dispatchHash == run.hash)
        #expect(try BusyRun(compares: !recorded).hash == run.hash, "the hash is the events' alone")
    }

    @Test func stopsAtATime() throws {
        let run = try BusyRun()
        var options = ReplayOptions()
        options.until = .milliseconds(95)
        let (replay, busy) = try BusyRun.replay(run.journal, .nothing, options)
        guard case .reached(let time) = replay.end else {
            Issue.record("expected a time, found \(String(describing: replay.end))")
            return
        }
        #expect(time > .zero + .milliseconds(80) && time <= .zero + .milliseconds(95))
        #expect(busy.seen.count < run.seen.count)
        #expect(Array(run.seen.prefix(busy.seen.count - 1)) == Array(busy.seen.dropLast()))
    }

    @Test func goesStepByStep() throws {
        let run = try BusyRun()
        let lines = Lines()
        var options = ReplayOptions()
        options.step = { lines.add($0, most: 10) }
        let (replay, _) = try BusyRun.replay(run.journal, .nothing, options)
        #expect(lines.all.count == 11)
        #expect(lines.all.first?.hasPrefix("input ") == true)
        guard case .reached = replay.end else {
            Issue.record("expected an end, found \(String(describing: replay.end))")
            return
        }
    }

    /// Runs in pieces: what a test or a client that waits for its replies does.
    @Test func aRunInPieces() throws {
        func run(_ driver: any Driver) throws -> [String] {
            let kernel = Kernel(driver: driver)
            kernel.logLevel = .error
            let busy = Busy()
            kernel.start(busy, alias: "busy")
            for count in [3, 30, 50] { _ = kernel.run(until: { busy.seen.count >= count }) }
            try kernel.finish()
            return busy.seen
        }
        let journal = JournalMemory(blockSize: 4096)
        let recorded = try run(Recorder(Simulation(seed: 4), into: journal))
        let replay = Replay(journal)
        #expect(try run(replay) == recorded)
        #expect(replay.end == .identical)
    }
}

/// Lines that a replay showed.
final class Lines: Sendable {
    private let lines = Lock<[String]>([])
    var all: [String] { lines.with { $0 } }
    func add(_ line: String, most: Int) -> Bool {
        lines.with { lines in
            lines.append(line)
            return lines.count <= most
        }
    }
}
