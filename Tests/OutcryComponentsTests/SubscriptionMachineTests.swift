import OutcryKernel
import Testing

@testable import OutcryComponents

@Suite struct SubscriptionMachineTests {
    static let names = ["a", "b", "c"].map { Channel($0) }

    func machine(pace: Int = 20) -> SubscriptionMachine {
        SubscriptionMachine(
            Self.names, pace: .milliseconds(pace), timeout: .seconds(5), tries: 3)
    }

    /// Runs the machine as the manager does: looks again when it says so.
    func run(
        _ machine: inout SubscriptionMachine, from start: Int, to end: Int
    ) -> (asked: [String], refused: [String]) {
        var now = at(start)
        var asked: [String] = []
        var refused: [String] = []
        while now <= at(end) {
            let step = machine.step(at: now)
            if let ask = step.ask { asked.append("\(ask)@\(now.nanoseconds / 1_000_000)") }
            refused += step.refused.map { "\($0)@\(now.nanoseconds / 1_000_000)" }
            guard let next = step.next else { break }
            #expect(next > now)
            now = next
        }
        return (asked, refused)
    }

    @Test func asksInOrderAndPaced() {
        var machine = machine()
        #expect(machine.step(at: at(0)) == SubscriptionMachine.Step(), "down")
        machine.up(at: at(0))
        #expect(run(&machine, from: 0, to: 1000).asked == ["a@20", "b@40", "c@60"])
    }

    @Test func whatIsConfirmedByItselfIsNotAskedFor() {
        var machine = machine()
        machine.up(at: at(0))
        machine.confirm(Channel("b"))
        machine.confirm(Channel("unknown"))
        #expect(run(&machine, from: 0, to: 1000).asked == ["a@20", "c@40"])
        #expect(machine.confirmed == [Channel("b")])
    }

    @Test func asksThreeTimesThenRefuses() {
        var machine = SubscriptionMachine(
            [Channel("a")], pace: .milliseconds(20), timeout: .seconds(5))
        machine.up(at: at(0))
        let (asked, refused) = run(&machine, from: 0, to: 100_000)
        #expect(asked == ["a@20", "a@5020", "a@10020"])
        #expect(refused == ["a@15020"])
        #expect(machine.step(at: at(100_000)) == SubscriptionMachine.Step(), "it rests")
        machine.want(Channel("a"))
        #expect(run(&machine, from: 100_000, to: 104_000).asked == ["a@100000"], "wanted anew")
        machine.confirm(Channel("a"))
        #expect(machine.confirmed == [Channel("a")])
    }

    @Test func aLateConfirmationCounts() {
        var machine = machine()
        machine.up(at: at(0))
        #expect(run(&machine, from: 0, to: 20_000).refused.count == 3)
        machine.confirm(Channel("b"))
        #expect(machine.confirmed == [Channel("b")])
    }

    @Test func reconnectBeginsAnew() {
        var machine = machine()
        machine.up(at: at(0))
        for name in Self.names { machine.confirm(name) }
        #expect(machine.step(at: at(100)) == SubscriptionMachine.Step())
        machine.down()
        #expect(machine.confirmed == [], "who asks now must not take them for live")
        #expect(machine.step(at: at(200)) == SubscriptionMachine.Step())
        machine.up(at: at(1000))
        #expect(machine.confirmed == [])
        #expect(run(&machine, from: 1000, to: 2000).asked == ["a@1020", "b@1040", "c@1060"])
    }

    @Test func aLostChannelIsAskedForAtOnceButNotInALoop() {
        var machine = SubscriptionMachine(
            [Channel("a")], pace: .milliseconds(20), timeout: .seconds(5))
        machine.up(at: at(0))
        var asked = 0
        // The venue confirms and ends the channel again and again.
        for ms in stride(from: 0, to: 60_000, by: 10) {
            if machine.step(at: at(ms)).ask != nil {
                asked += 1
                machine.confirm(Channel("a"))
                machine.lose(Channel("a"))
            }
        }
        #expect(asked == 12, "once a timeout")
        machine.confirm(Channel("a"))
        machine.lose(Channel("unknown"))
        #expect(machine.step(at: at(70_000)).ask == nil)
        machine.lose(Channel("a"))
        #expect(machine.confirmed == [])
        #expect(machine.step(at: at(70_000)).ask == Channel("a"))
    }

    @Test func wantsOfManyArePacedToo() {
        var machine = SubscriptionMachine([], pace: .milliseconds(20), timeout: .seconds(5))
        machine.up(at: at(0))
        #expect(machine.step(at: at(500)) == SubscriptionMachine.Step())
        var asked = 0
        for i in 0..<50 {
            machine.want(Channel("c\(i)"))
            machine.want(Channel("c\(i)"))
            if machine.step(at: at(1000)).ask != nil { asked += 1 }
        }
        #expect(asked == 1, "one request a pace, however often it is looked at")
        #expect(run(&machine, from: 1000, to: 2500).asked.count == 49)
    }

    @Test func noPaceStillAsksForEach() {
        var machine = machine(pace: 0)
        machine.up(at: at(0))
        #expect(machine.step(at: at(0)).ask == Channel("a"))
        #expect(machine.step(at: at(0)).ask == Channel("b"))
        #expect(machine.step(at: at(0)).ask == Channel("c"))
        #expect(machine.step(at: at(0)).ask == nil)
    }

    @Test func dropTellsWhetherTheVenueHasToBeTold() {
        var machine = machine()
        #expect(machine.drop(Channel("c")) == false, "down: nothing to be told")
        machine.up(at: at(0))
        #expect(machine.drop(Channel("unknown")) == false)
        _ = machine.step(at: at(20))
        #expect(machine.drop(Channel("a")) == true, "asked for")
        #expect(machine.drop(Channel("a")) == false, "not wanted any more")
        #expect(machine.drop(Channel("b")) == false, "never asked for")
        #expect(machine.step(at: at(1000)) == SubscriptionMachine.Step())
        machine.confirm(Channel("a"))
        #expect(machine.confirmed == [])
    }
}
