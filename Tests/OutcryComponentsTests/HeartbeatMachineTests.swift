import OutcryKernel
import Testing

@testable import OutcryComponents

@Suite struct HeartbeatMachineTests {
    static let channel = Channel("depth")
    static let other = Channel("ticker")

    func reading(_ ups: Int, _ depth: Int, _ ticker: Int = 0, other: Int = 0) -> PulseReading {
        PulseReading(
            isUp: ups > 0, answersPings: true, ups: ups, total: depth + ticker + other,
            channels: [(Self.channel, depth), (Self.other, ticker)])
    }

    @Test func downFindsNothing() {
        var machine = HeartbeatMachine(silence: .seconds(10))
        #expect(machine.look(reading(0, 0), at: at(0)) == [])
        #expect(machine.look(reading(0, 0), at: at(100_000)) == [])
    }

    @Test func silenceAsksThenTells() {
        var machine = HeartbeatMachine(silence: .seconds(10))
        #expect(machine.look(reading(1, 0), at: at(0)) == [])
        #expect(machine.look(reading(1, 5), at: at(2000)) == [])
        #expect(machine.look(reading(1, 5), at: at(4000)) == [.ping])
        #expect(machine.look(reading(1, 5), at: at(6999)) == [.ping])
        #expect(machine.look(reading(1, 5), at: at(7000)) == [.late(silent: .seconds(5)), .ping])
        #expect(machine.look(reading(1, 5), at: at(11_999)) == [.ping], "told once")
        #expect(machine.look(reading(1, 5), at: at(12_000)) == [.connection(silent: .seconds(10))])
    }

    @Test func aPongIsASignOfLife() {
        var machine = HeartbeatMachine(silence: .seconds(10))
        _ = machine.look(reading(1, 0), at: at(0))
        #expect(machine.look(reading(1, 0), at: at(4000)) == [.ping])
        #expect(machine.look(reading(1, 0, other: 1), at: at(9000)) == [])
        #expect(machine.look(reading(1, 0, other: 1), at: at(13_000)) == [.ping])
    }

    @Test func aNewConnectionBeginsAnew() {
        var machine = HeartbeatMachine(silence: .seconds(10))
        _ = machine.look(reading(1, 50), at: at(0))
        #expect(machine.look(reading(2, 50), at: at(20_000)) == [])
        #expect(machine.look(reading(2, 50), at: at(21_000)) == [.ping])
        // Down in between, and up under the same number, as after a restart of the session.
        #expect(machine.look(reading(0, 50), at: at(22_000)) == [])
        #expect(machine.look(reading(2, 50), at: at(60_000)) == [])
    }

    /// Speaks `pace` apart until `count` messages have come, then only the other channel does.
    func quiet(count: Int, pace: Int) -> (HeartbeatMachine, Int) {
        var machine = HeartbeatMachine(
            silence: .seconds(1000), leastChannelSilence: .seconds(30), patience: 20)
        _ = machine.look(reading(1, 0), at: at(0))
        for i in 1...count { #expect(machine.look(reading(1, i), at: at(i * pace)) == []) }
        return (machine, count * pace)
    }

    @Test func aFastChannelIsStaleAfterTheLeastSilence() {
        var (machine, last) = quiet(count: 100, pace: 100)
        #expect(machine.look(reading(1, 100, 1), at: at(last + 29_999)) == [])
        #expect(
            machine.look(reading(1, 100, 2), at: at(last + 30_000))
                == [.channel(Self.channel, silent: .seconds(30))])
        #expect(machine.look(reading(1, 100, 3), at: at(last + 90_000)) == [], "told once")
        #expect(machine.look(reading(1, 101, 4), at: at(last + 91_000)) == [])
        #expect(
            machine.look(reading(1, 101, 5), at: at(last + 131_000))
                == [.channel(Self.channel, silent: .seconds(40))], "and again after it spoke")
    }

    @Test func aSlowChannelHasMorePatience() {
        var (machine, last) = quiet(count: 30, pace: 5000)
        #expect(machine.look(reading(1, 30, 1), at: at(last + 99_999)) == [], "20 times its pace")
        #expect(
            machine.look(reading(1, 30, 2), at: at(last + 100_000))
                == [.channel(Self.channel, silent: .seconds(100))])
    }

    @Test func aChannelThatIsNotKnownIsJudgedByTheOthers() {
        var (machine, last) = quiet(count: 19, pace: 10)
        #expect(machine.look(reading(1, 19, 99), at: at(last + 100_000)) == [])
        #expect(
            machine.look(reading(1, 19, 120), at: at(last + 100_001)) == [
                .channel(Self.channel, silent: .milliseconds(100_001))
            ])
        #expect(machine.look(reading(1, 19, 300), at: at(last + 200_000)) == [], "told once")
        (machine, last) = quiet(count: 19, pace: 10)
        #expect(machine.look(reading(1, 19, 500), at: at(last + 59_999)) == [], "too soon")
    }

    /// A channel that is slow and not lost has more time each time that it was suspected.
    @Test func aSlowChannelIsSuspectedLessAndLess() {
        var (machine, last) = quiet(count: 2, pace: 10)
        for (round, limit) in [60, 120, 240].enumerated() {
            let (depth, others) = (2 + round, 1000 * (round + 1))
            #expect(machine.look(reading(1, depth, others), at: at(last)) == [])
            let end = last + limit * 1000
            #expect(machine.look(reading(1, depth, others + 500), at: at(end - 1)) == [])
            #expect(
                machine.look(reading(1, depth, others + 501), at: at(end)) == [
                    .channel(Self.channel, silent: .seconds(limit))
                ])
            last = end + 1
        }
    }

    @Test func aRareChannelIsNotJudgedByTheOthers() {
        var machine = HeartbeatMachine(silence: .seconds(1000), rareChannels: [Self.channel])
        _ = machine.look(reading(1, 0), at: at(0))
        #expect(machine.look(reading(1, 3), at: at(10)) == [])
        #expect(machine.look(reading(1, 3, 5000), at: at(900_000)) == [])
    }

    @Test func aChannelThatIsNotKnownIsNotJudged() {
        var (machine, last) = quiet(count: 19, pace: 10)
        #expect(machine.look(reading(1, 19, 1), at: at(last + 500_000)) == [])
    }
}
