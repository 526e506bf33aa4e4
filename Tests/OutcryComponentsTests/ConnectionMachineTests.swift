import OutcryComponents
import OutcryKernel
import Testing

@Suite struct ConnectionMachineTests {
    static let plain = Backoff(
        first: .milliseconds(200), most: .seconds(5), isJittered: false, floor: .milliseconds(100),
        limit: 1000)

    func up(_ machine: inout ConnectionMachine, at now: KernelTime) {
        #expect(machine.start(at: now) == .dial)
        #expect(machine.opened() == .upgrade)
        guard case .announceUp = machine.upgraded(at: now) else {
            Issue.record("not up in \(machine.phase)")
            return
        }
    }

    func lose(_ machine: inout ConnectionMachine, at now: KernelTime) -> Duration? {
        var random = SeededGenerator(seed: 1)
        guard case .announceDown(let pause) = machine.lost(at: now, using: &random) else {
            return nil
        }
        return pause
    }

    @Test func goodLife() {
        var machine = ConnectionMachine(Self.plain)
        #expect(machine.phase == .idle)
        #expect(machine.start(at: at(0)) == .dial)
        #expect(machine.phase == .dialing)
        #expect(machine.opened() == .upgrade)
        #expect(machine.phase == .upgrading)
        #expect(machine.upgraded(at: at(5)) == .announceUp(1))
        #expect(machine.phase == .up)
        #expect(lose(&machine, at: at(10)) == .milliseconds(200))
        #expect(machine.phase == .waiting)
        up(&machine, at: at(300))
        #expect(machine.ups == 2)
    }

    @Test func whatDoesNotFitThePhaseDoesNothing() {
        var machine = ConnectionMachine(Self.plain)
        #expect(machine.opened() == .none)
        #expect(machine.upgraded(at: at(0)) == .none)
        #expect(lose(&machine, at: at(0)) == nil)
        #expect(machine.phase == .idle)
        _ = machine.start(at: at(0))
        #expect(machine.start(at: at(0)) == .none)
        #expect(machine.upgraded(at: at(0)) == .none)
        _ = machine.opened()
        #expect(machine.opened() == .none)
        #expect(machine.start(at: at(0)) == .none)
        _ = machine.upgraded(at: at(0))
        #expect(machine.start(at: at(0)) == .none)
        #expect(machine.opened() == .none)
        #expect(machine.upgraded(at: at(0)) == .none)
        #expect(lose(&machine, at: at(0)) != nil)
        #expect(lose(&machine, at: at(0)) == nil)
        #expect(machine.opened() == .none)
        #expect(machine.ups == 1)
    }

    @Test(arguments: 0..<4) func stopsInEveryPhase(phase: Int) {
        var machine = ConnectionMachine(Self.plain)
        if phase > 0 { _ = machine.start(at: at(0)) }
        if phase > 1 { _ = machine.opened() }
        if phase > 2 { _ = machine.upgraded(at: at(0)) }
        machine.stop()
        #expect(machine.phase == .stopped)
        #expect(lose(&machine, at: at(1)) == nil)
        #expect(machine.start(at: at(2)) == .none)
        #expect(machine.opened() == .none)
        #expect(machine.phase == .stopped)
    }

    @Test func pausesDoubleToTheMost() {
        var machine = ConnectionMachine(Self.plain)
        var now = at(0)
        var pauses: [Duration] = []
        for _ in 0..<7 {
            _ = machine.start(at: now)
            let pause = lose(&machine, at: now) ?? .zero
            pauses.append(pause)
            now = now + pause
        }
        #expect(
            pauses
                == [200, 400, 800, 1600, 3200, 5000, 5000].map { Duration.milliseconds($0) })
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>) func jitterStaysWithinBounds(seed: UInt64) {
        let backoff = Backoff(
            first: .milliseconds(250), most: .seconds(30), floor: .milliseconds(100), limit: 1000)
        var machine = ConnectionMachine(backoff)
        var random = SeededGenerator(seed: seed)
        var now = at(0)
        var longest = Duration.milliseconds(250)
        var distinct: Set<Duration> = []
        for _ in 0..<12 {
            _ = machine.start(at: now)
            guard case .announceDown(let pause) = machine.lost(at: now, using: &random) else {
                Issue.record("no pause")
                return
            }
            #expect(pause >= .milliseconds(100) && pause <= longest, "seed \(seed)")
            distinct.insert(pause)
            now = now + pause
            longest = min(longest * 2, .seconds(30))
        }
        #expect(distinct.count > 6, "seed \(seed)")
    }

    @Test func flappingKeepsBackingOffAndAHealthyPeriodResets() {
        var machine = ConnectionMachine(Self.plain)
        up(&machine, at: at(0))
        #expect(lose(&machine, at: at(1000)) == .milliseconds(200))
        up(&machine, at: at(2000))
        #expect(lose(&machine, at: at(3000)) == .milliseconds(400))
        up(&machine, at: at(4000))
        #expect(lose(&machine, at: at(63_999)) == .milliseconds(800), "one ms short of a period")
        up(&machine, at: at(70_000))
        #expect(lose(&machine, at: at(130_000)) == .milliseconds(200))
        #expect(machine.failures == 1)
    }

    @Test func neverMoreTriesInAPeriodThanTheLimit() {
        let backoff = Backoff(
            first: .milliseconds(10), most: .milliseconds(10), isJittered: false, limit: 5,
            period: .seconds(10))
        var machine = ConnectionMachine(backoff)
        var now = at(0)
        var tries: [KernelTime] = []
        for _ in 0..<23 {
            _ = machine.start(at: now)
            tries.append(now)
            now = now + (lose(&machine, at: now) ?? .zero)
        }
        for time in tries {
            #expect(tries.count { $0 >= time && $0 - time < .seconds(10) } <= 5)
        }
        #expect(tries[5] == at(10_000))
        #expect(tries[10] == at(20_000))
    }
}
