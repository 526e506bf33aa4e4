import OutcryComponents
import OutcryKernel
import Testing

@testable import OutcryVenues

@Suite struct SignerMachineTests {
    typealias Machine = MtGoxSignerMachine

    /// A machine, its clock and its marks: what a session does for it, without a kernel.
    struct Bench {
        var machine: Machine
        var moment = Machine.Moment(
            wall: WallTime(microseconds: 1_364_767_200_000_000), now: .zero)
        var marks: [String: UInt64] = [:]
        var stamps: [UInt64] = []
        /// Every other action, in words.
        var notes: [String] = []
        /// Files answer when they are told to.
        var isSlow = false
        var open: [(mark: String, floor: UInt64, count: UInt64)] = []

        init(_ stamps: MtGoxSignerOptions.Stamps, hasLock: Bool = false) {
            machine = Machine(stamps, hasLock: hasLock)
        }

        static func job(_ number: UInt64) -> MtGoxSealJob {
            MtGoxSealJob(
                number: number, call: MtGoxRawCall(endpoint: "info"),
                carrier: .stream(id: .text("\(number)")))
        }

        mutating func pass(_ time: Duration) {
            moment.wall = moment.wall + time
            moment.now = moment.now + time
        }

        mutating func ask(_ number: UInt64) {
            if let stamp = machine.stampAtOnce(moment) {
                stamps.append(stamp.value)
                if machine.needsLook(moment) { perform(machine.look(moment)) }
            } else {
                perform(machine.add(Self.job(number), moment))
            }
        }

        mutating func answerFiles() {
            while !open.isEmpty {
                let (mark, floor, count) = open.removeFirst()
                let first = max(floor, (marks[mark] ?? 0) + 1)
                marks[mark] = first + count - 1
                perform(machine.marked(.success(first), moment))
            }
        }

        mutating func perform(_ actions: [Machine.Action]) {
            for action in actions {
                switch action {
                case .seal(let job, let stamp):
                    stamps.append(stamp.value)
                    notes.append("\(job.number)")
                case .refuse(let number, let reason): notes.append("\(number): \(reason)")
                case .take(let mark, let floor, let count):
                    open.append((mark, floor, count))
                    if !isSlow { answerFiles() }
                case .lock: notes.append("lock")
                case .unlock: notes.append("unlock")
                case .await(let number): notes.append("await \(number)")
                case .rest: notes.append("rest")
                case .look(let after): notes.append("look \(after)")
                case .waits: notes.append("waits \(machine.counters.clockWait)")
                case .skew(let offset): notes.append("skew \(offset)")
                }
            }
        }

        mutating func hear(_ offset: Duration, age: Duration?) {
            let venue = (moment.wall + offset).microseconds
            perform(
                machine.take(
                    MtGoxClockReading(
                        venueMicroseconds: venue, resolution: .seconds(1), age: age), moment))
        }
    }

    @Test func tonces() {
        var bench = Bench(.tonce)
        for number in 0..<10_000 as Range<UInt64> { bench.ask(number) }
        #expect(Set(bench.stamps).count == 10_000)
        let now = UInt64(bench.moment.wall.microseconds)
        #expect(bench.stamps.allSatisfy { $0 > now && $0 < now + 100_000 })
        #expect(bench.machine.counters.signed == 10_000)
        #expect(bench.machine.counters.waiting == 0)
    }

    /// A call after a pause finds a fresh block, and an old one is not used.
    @Test func aBlockIsAlwaysAtHand() {
        var bench = Bench(.tonce)
        bench.perform(bench.machine.look(bench.moment))
        for number in 0..<200 as Range<UInt64> {
            for _ in 0..<4 {
                bench.pass(.milliseconds(750))
                bench.perform(bench.machine.look(bench.moment))
            }
            bench.isSlow = true
            #expect(bench.machine.stampAtOnce(bench.moment) != nil, "call \(number)")
            bench.isSlow = false
        }
        // Nobody looked for a while: what is there is of no use, and a call waits for the file.
        bench.isSlow = true
        bench.pass(.seconds(5))
        bench.ask(1)
        #expect(bench.stamps.isEmpty)
        #expect(bench.machine.counters.waiting == 1)
        bench.answerFiles()
        let age = bench.moment.wall.microseconds - Int64(bench.stamps[0])
        #expect(age.magnitude < 10_000)
    }

    /// Thousands of calls while the file is slow: bigger blocks, in order, none twice.
    @Test func manyCallsWaitForASlowFile() {
        var bench = Bench(.tonce)
        bench.isSlow = true
        for number in 0..<5000 as Range<UInt64> { bench.ask(number) }
        #expect(bench.machine.counters.waiting == 5000)
        var rounds = 0
        while bench.machine.counters.waiting > 0 {
            bench.answerFilesOnce()
            rounds += 1
        }
        #expect(rounds <= 3)
        #expect(bench.notes == (0..<5000).map { "\($0)" })
        #expect(Set(bench.stamps).count == 5000)
    }

    @Test func whatIsWithdrawnIsNotSigned() {
        var bench = Bench(.tonce)
        bench.isSlow = true
        for number in 1...3 as ClosedRange<UInt64> { bench.ask(number) }
        bench.perform(bench.machine.done(2, bench.moment))
        bench.answerFiles()
        #expect(bench.notes == ["1", "3"])
    }

    @Test func aFileThatFails() {
        var bench = Bench(.tonce)
        bench.isSlow = true
        bench.ask(1)
        bench.ask(2)
        bench.open.removeAll()
        let error = SystemError(call: "advance x", code: 22, message: "expected a digit")
        bench.perform(bench.machine.marked(.failure(error), bench.moment))
        #expect(
            bench.notes == [
                "1: no tonce: advance x: expected a digit (22)",
                "2: no tonce: advance x: expected a digit (22)",
            ])
        #expect(bench.machine.counters.refused == 2 && bench.machine.counters.waiting == 0)
        bench.isSlow = false
        bench.ask(3)
        #expect(bench.stamps.count == 1)
    }

    /// This machine's clock is wrong by an hour, either way: after one reply tonces are of the venue's time.
    @Test(arguments: [-3600, -600, 600, 3600])
    func aWrongClock(seconds: Int64) {
        var bench = Bench(.tonce)
        bench.ask(1)
        bench.hear(.seconds(seconds), age: .milliseconds(300))
        bench.ask(2)
        let venue = bench.moment.wall.microseconds + seconds * 1_000_000
        #expect(abs(Int64(bench.stamps[1]) - venue) < 1_000_000)
        #expect(bench.notes[1] == "skew \(seconds * 1_000_000 + 650_000)")
        // Another process, which knows nothing yet, and its successor, which knows.
        var other = Bench(.tonce)
        other.marks = bench.marks
        other.ask(1)
        #expect(!bench.stamps.contains(other.stamps[0]))
        bench.marks = other.marks
        for number in 0..<1000 as Range<UInt64> { bench.ask(number) }
        #expect(Set(bench.stamps + other.stamps).count == 1003)
        #expect(bench.stamps.dropFirst().allSatisfy { abs(Int64($0) - venue) < 5_000_000 })
    }

    /// Every lane is ahead of the time: calls wait, and are signed as soon as it may be.
    @Test func tomorrowIsUsedUp() {
        var bench = Bench(.tonce)
        let now = UInt64(bench.moment.wall.microseconds)
        for lane in 0..<4 as Range<UInt64> {
            bench.marks["tonce.\(lane)"] = (now + (20 + lane) * 1_000_000) / 4
        }
        bench.ask(1)
        bench.ask(2)
        #expect(bench.stamps.isEmpty)
        #expect(bench.machine.counters.waiting == 2)
        #expect(bench.machine.counters.clockWait > .seconds(14))
        #expect(bench.notes.contains { $0.hasPrefix("waits 15.0000") })
        bench.pass(.seconds(14))
        bench.perform(bench.machine.look(bench.moment))
        #expect(bench.stamps.isEmpty)
        bench.pass(.seconds(1) + .microseconds(10))
        bench.perform(bench.machine.look(bench.moment))
        #expect(bench.stamps.count == 2)
        #expect(bench.notes.contains("waits 0.0 seconds"))
        let wall = bench.moment.wall.microseconds
        #expect(bench.stamps.allSatisfy { Int64($0) <= wall + 5_000_000 })
    }

    @Test func noncesTakeTurns() {
        var bench = Bench(.nonce, hasLock: true)
        for number in 1...3 as ClosedRange<UInt64> { bench.ask(number) }
        bench.perform(bench.machine.locked(nil, bench.moment))
        #expect(bench.notes == ["lock", "1", "await 1"])
        // Only the one whose turn it is ends it.
        bench.perform(bench.machine.done(7, bench.moment))
        #expect(bench.notes.count == 3)
        bench.perform(bench.machine.done(1, bench.moment))
        #expect(bench.notes.suffix(3) == ["rest", "unlock", "lock"])
        bench.perform(bench.machine.locked(nil, bench.moment))
        bench.pass(.seconds(30))
        bench.perform(bench.machine.late(1, bench.moment))
        bench.perform(bench.machine.late(2, bench.moment))
        // The third was withdrawn while it waited for the lock.
        bench.perform(bench.machine.done(3, bench.moment))
        bench.perform(bench.machine.locked(nil, bench.moment))
        #expect(
            bench.notes.dropFirst(6) == ["2", "await 2", "rest", "unlock", "lock", "unlock"])
        #expect(bench.stamps.count == 2 && bench.stamps[0] < bench.stamps[1])
        #expect(bench.machine.counters.overdue == 1)
        let error = SystemError(call: "flock x", code: 13, message: "Permission denied")
        bench.ask(4)
        bench.perform(bench.machine.locked(error, bench.moment))
        #expect(bench.notes.last == "4: no turn: flock x: Permission denied (13)")
    }

    /// Nonces grow though the clock goes back, and end at what the venue takes.
    @Test func noncesGrow() {
        var bench = Bench(.nonce)
        bench.ask(1)
        bench.perform(bench.machine.done(1, bench.moment))
        bench.moment.wall = bench.moment.wall + .seconds(-7200)
        bench.ask(2)
        #expect(bench.stamps[1] == bench.stamps[0] + 1)
        bench.perform(bench.machine.done(2, bench.moment))
        bench.marks["nonce"] = 1 << 63
        bench.ask(3)
        #expect(bench.notes.contains { $0.hasPrefix("3: no nonce: 9223372036854775809 is beyond") })
        #expect(bench.stamps.count == 2)
    }
}

extension SignerMachineTests.Bench {
    /// Answers what is open now, not what is asked meanwhile.
    mutating func answerFilesOnce() {
        guard !open.isEmpty else { return }
        let rest = Array(open.dropFirst())
        open = [open[0]]
        let (mark, floor, count) = open.removeFirst()
        let first = max(floor, (marks[mark] ?? 0) + 1)
        marks[mark] = first + count - 1
        open = rest
        perform(machine.marked(.success(first), moment))
    }
}
