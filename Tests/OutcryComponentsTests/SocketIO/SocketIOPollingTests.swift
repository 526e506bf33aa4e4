import OutcryKernel
import Testing

@testable import OutcryComponents

@Suite struct SocketIOPollingTests {
    @Test func theFirstPollIsAnsweredAtOnce() {
        var it = SessionProbe()
        #expect(it.poll(1, 10) == ["answer 1 1::"])
        #expect(it.poll(1, 20) == [])
        #expect(it.due == 20_020, "held for the polling duration")
        #expect(it.send("3:::a", "3:::b", at: 30) == ["answer 1 3:::a 3:::b"])
    }

    @Test func whatComesBetweenPollsWaits() {
        var it = SessionProbe()
        _ = it.poll(1, 0)
        #expect(it.send("3:::a", at: 10) == [])
        #expect(it.send("3:::b", at: 20) == [])
        #expect(it.poll(1, 30) == ["answer 1 3:::a 3:::b"])
    }

    @Test func anIdlePollEndsWithANoop() {
        var it = SessionProbe()
        _ = it.poll(1, 0)
        _ = it.poll(1, 100)
        #expect(it.tick(20_099) == [])
        #expect(it.tick(20_100) == ["answer 1 8::"])
        #expect(it.due == 80_100)
    }

    /// The original abandons the older poll, which then never ends.
    @Test func ofTwoPollsTheOlderEnds() {
        var it = SessionProbe()
        _ = it.poll(1, 0)
        _ = it.poll(1, 10)
        #expect(it.poll(2, 20) == ["answer 1 8::"])
        #expect(it.send("3:::a", at: 30) == ["answer 2 3:::a"])
    }

    @Test func nobodyPolls() {
        var it = SessionProbe()
        _ = it.poll(1, 0)
        #expect(it.tick(59_999) == [])
        #expect(it.tick(60_000) == ["over: nobody polled"])
        #expect(it.machine.deadline == nil)
        #expect(it.poll(2, 60_001) == [])
    }

    @Test func neverUsed() {
        var it = SessionProbe(at: 5)
        #expect(it.tick(30_004) == [])
        #expect(it.tick(30_005) == ["over: never used"])
        var used = SessionProbe(at: 5)
        _ = used.poll(1, 30_000)
        #expect(used.tick(30_005) == [])
    }

    // MARK: Dropped polls

    /// The client goes while its poll is open; the original writes the next packets into nothing.
    @Test func anOpenPollIsDropped() {
        var it = SessionProbe()
        _ = it.poll(1, 0)
        _ = it.poll(1, 10)
        #expect(it.ended(1, lost: false, 20) == [])
        #expect(it.send("3:::a", at: 30) == [])
        #expect(it.poll(2, 40) == ["answer 2 3:::a"])
    }

    /// The answer was on its way when the client went: it is said again, in front of what is newer.
    @Test func anAnswerIsLost() {
        var it = SessionProbe()
        _ = it.poll(1, 0)
        _ = it.poll(1, 10)
        #expect(it.send("3:::a", at: 20) == ["answer 1 3:::a"])
        _ = it.send("3:::b", at: 25)
        #expect(it.ended(1, lost: true, 30) == [])
        #expect(it.poll(2, 40) == ["answer 2 3:::a 3:::b"])
    }

    /// The same, while the next poll is already open.
    @Test func anAnswerIsLostBehindTheNextPoll() {
        var it = SessionProbe()
        _ = it.poll(1, 0)
        _ = it.poll(1, 10)
        _ = it.send("3:::a", at: 20)
        let waits = it.machine.halfEnded(1, at: at(21))
        #expect(waits)
        _ = it.send("3:::b", at: 22)
        #expect(it.poll(2, 25) == [], "nothing newer while it is in doubt")
        #expect(it.ended(1, lost: true, 30) == ["answer 2 3:::a 3:::b"])
        #expect(it.poll(2, 40) == [])
        #expect(it.ended(2, lost: false, 50) == [], "nothing twice")
    }

    @Test func doubtEndsByTimeAndNothingComesTwice() {
        var it = SessionProbe()
        _ = it.poll(1, 0)
        _ = it.poll(1, 10)
        _ = it.send("3:::a", at: 20)
        let waits = it.machine.halfEnded(1, at: at(21))
        #expect(waits)
        _ = it.poll(2, 25)
        #expect(it.send("3:::b", at: 30) == [])
        #expect(it.due == 221)
        #expect(it.tick(221) == ["answer 2 3:::b"])
        #expect(it.ended(1, lost: true, 230) == [])
        #expect(it.poll(2, 240) == [])
    }

    @Test func doubtEndsWithTheConnection() {
        var it = SessionProbe()
        _ = it.poll(1, 0)
        _ = it.poll(1, 10)
        _ = it.send("3:::a", at: 20)
        let waits = it.machine.halfEnded(1, at: at(21))
        #expect(waits)
        _ = it.poll(2, 25)
        _ = it.send("3:::b", at: 30)
        #expect(it.ended(1, lost: false, 40) == ["answer 2 3:::b"], "and not 3:::a again")
    }

    /// Another request on the connection shows that the answer was read.
    @Test func anAnswerIsConfirmedByTheNextRequest() {
        var it = SessionProbe()
        _ = it.poll(1, 0)
        _ = it.poll(1, 10)
        _ = it.send("3:::a", at: 20)
        it.machine.heard(on: 1)
        let waits = it.machine.halfEnded(1, at: at(21))
        #expect(!waits)
        #expect(it.ended(1, lost: true, 30) == [])
        #expect(it.poll(2, 40) == [])
    }

    // MARK: Ends

    @Test func theClientSaysSo() {
        var it = SessionProbe()
        _ = it.poll(1, 0)
        _ = it.poll(1, 10)
        #expect(it.receive("0::", at: 20) == ["answer 1 0::", "over: the client left"])
        #expect(it.receive("3:::x", at: 30) == [])
        #expect(it.send("3:::x", at: 30) == [])
    }

    @Test func forced() {
        var it = SessionProbe()
        _ = it.poll(1, 0)
        _ = it.poll(1, 10)
        it.machine.leave()
        #expect(it.lines() == ["answer 1 0::", "over: the client left"])
    }

    @Test func thisEndSaysSo() {
        var it = SessionProbe()
        _ = it.poll(1, 0)
        _ = it.poll(1, 10)
        it.machine.send(Array("3:::last".utf8))
        it.machine.dismiss()
        #expect(it.lines() == ["answer 1 3:::last 0::", "over: dismissed"])
    }

    @Test func aFormThatCannotBeRead() {
        var it = SessionProbe()
        _ = it.poll(1, 0)
        _ = it.poll(1, 10)
        it.machine.giveUp()
        #expect(it.lines() == ["answer 1 7:::+0", "over: what came cannot be read"])
    }

    /// A packet counts 32 bytes more than it has.
    @Test func tooMuchWaits() {
        var it = SessionProbe { $0.waitingBytes = 20 + 2 * 32 }
        _ = it.poll(1, 0)
        #expect(it.send("3:::12345", "3:::1234567", at: 10) == [], "20 bytes are not too many")
        #expect(it.machine.heldBytes == 84 + 35, "the answer may yet be lost")
        #expect(it.send("8::", at: 20) == ["over: too much waited for it"])
        #expect(it.machine.heldBytes == 0)
    }

    /// Small packets cost memory, too: a client that asks and never polls cannot pile them up.
    @Test func manySmallPackets() {
        var it = SessionProbe { $0.waitingBytes = 1 << 20 }
        _ = it.poll(1, 0)
        var joins = 0
        while !it.machine.isOver, joins < 100_000 {
            _ = it.receive("1::", at: 10)
            joins += 1
        }
        #expect(joins == (1 << 20) / 35 + 1)
    }

    @Test func leftBehindWithAnOpenPoll() {
        var it = SessionProbe()
        _ = it.poll(1, 0)
        _ = it.poll(1, 10)
        it.machine.send(Array("3:::a".utf8))
        it.machine.leaveBehind()
        #expect(it.lines() == ["answer 1 3:::a", "over: too much waited for it"])
    }

    /// A poll by another transport's session ends that transport.
    @Test func fromAStreamToPolls() {
        var it = SessionProbe()
        #expect(it.attach(1, 0) == ["send 1 1::"])
        #expect(it.poll(2, 10) == ["close 1"])
        #expect(it.ended(1, lost: false, 20) == [], "the session goes on")
        #expect(it.send("3:::a", at: 30) == ["answer 2 3:::a"])
    }

    @Test func fromPollsToAStream() {
        var it = SessionProbe()
        _ = it.poll(1, 0)
        _ = it.send("3:::a", at: 5)
        #expect(it.attach(2, 10) == ["send 2 1::", "send 2 3:::a"])
        #expect(it.send("3:::b", at: 20) == ["send 2 3:::b"])
    }
}
