import OutcryKernel
import Testing

@testable import OutcryComponents

@Suite struct SocketIOStreamTests {
    /// An interval of 1 s and a timeout of 2 s, as in the recording: 2:: at 1.0 s, the end at 3.0 s.
    @Test func silenceEndsTheSession() {
        var it = SessionProbe {
            $0.heartbeatInterval = .seconds(1)
            $0.heartbeatTimeout = .seconds(2)
        }
        #expect(it.attach(1, 0) == ["send 1 1::"])
        #expect(it.tick(999) == [])
        #expect(it.tick(1000) == ["send 1 2::"])
        #expect(it.tick(2999) == [])
        #expect(it.tick(3000) == ["close 1", "over: no answer to a heartbeat"])
    }

    @Test func theNextHeartbeatIsTimedFromTheAnswer() {
        var it = SessionProbe()
        _ = it.attach(1, 0)
        #expect(it.tick(25_000) == ["send 1 2::"])
        #expect(it.receive("2::", at: 26_000) == [])
        #expect(it.due == 51_000)
        #expect(it.tick(51_000) == ["send 1 2::"])
    }

    /// Clients beat unasked; any packet shows that they live, one that makes no sense too.
    @Test(arguments: ["2::", "3:::x", "garbage"])
    func everySignOfLifeCounts(packet: String) {
        var it = SessionProbe()
        _ = it.attach(1, 0)
        _ = it.tick(25_000)
        _ = it.receive(packet, at: 80_000)
        #expect(it.due == 105_000)
        #expect(it.tick(85_000) == [])
    }

    /// A client that beats by itself every 15 s hears the server's heartbeats all the same.
    @Test func unaskedHeartbeatsDoNotPutTheNextOneOff() {
        var it = SessionProbe()
        _ = it.attach(1, 0)
        #expect(it.receive("2::", at: 15_000) == [])
        #expect(it.due == 25_000)
        #expect(it.tick(25_000) == ["send 1 2::"])
    }

    @Test func theConnectionEnds() {
        var it = SessionProbe()
        _ = it.attach(1, 0)
        #expect(it.ended(1, lost: true, 10) == ["close 1", "over: the connection ended"])
    }

    @Test func theClientSaysSo() {
        var it = SessionProbe()
        _ = it.attach(1, 0)
        #expect(it.receive("0::", at: 10) == ["send 1 0::", "close 1", "over: the client left"])
    }

    @Test func aSecondStreamTakesOver() {
        var it = SessionProbe()
        _ = it.attach(1, 0)
        #expect(it.attach(2, 10) == ["close 1", "send 2 1::"])
        #expect(it.ended(1, lost: false, 20) == [])
        #expect(it.send("3:::a", at: 30) == ["send 2 3:::a"])
    }

    @Test func joining() {
        var it = SessionProbe()
        _ = it.attach(1, 0)
        #expect(it.receive("1::/mtgox", at: 1) == ["send 1 1::/mtgox", "joined /mtgox "])
        #expect(it.machine.isJoined("/mtgox"))
        for form in ["1::/mtgox:?a=b", "1::/mtgox?a=b"] {
            #expect(
                it.receive(form, at: 2) == ["send 1 1::/mtgox", "joined /mtgox ?a=b"], "\(form)")
        }
        #expect(it.receive("1::/nope", at: 3) == [], "nobody is there to answer")
        #expect(it.receive("1::/private", at: 4) == ["send 1 7::/private:2"])
        #expect(it.receive("0::/mtgox", at: 5) == ["left /mtgox"])
        #expect(it.receive("0::/mtgox", at: 6) == [], "left once")
    }

    /// What the original answers to malformed packets, from the recording (false for bad JSON excepted).
    @Test(arguments: [
        ("", []), ("9:::x", []), ("x:::y", []), ("3", []), ("3:", []), ("::::", []),
        ("5:::notjson", []), ("4:::{bad", []), ("6:::", []), ("6:::99", ["acknowledged  99 -"]),
        ("6:::1+[bad", ["acknowledged  1 -"]), ("7:::", []), ("8::", []), ("2::", []), ("2:::", []),
        ("1::", ["send 1 1::"]), ("3:::a:b:c", ["received  text a:b:c -"]),
        ("3:01:::id01", ["send 1 6:::01", "received  text :id01 -"]), ("-1:::", []),
        ("3:+::x", ["received  text x -"]), ("4:::", []), ("5:::{}", []),
        ("5:::{\"name\":5}", []), ("5:::{\"name\":\"x\",\"args\":{}}", []),
        ("3:7:/nope:ackme", []),
    ])
    func garbage(packet: String, expected: [String]) {
        var it = SessionProbe()
        _ = it.attach(1, 0)
        #expect(it.receive(packet, at: 1) == expected)
        #expect(!it.machine.isOver)
    }

    @Test func acks() {
        var it = SessionProbe()
        _ = it.attach(1, 0)
        #expect(
            it.receive("3:1:/mtgox:want-ack", at: 1)
                == ["send 1 6::/mtgox:1", "received /mtgox text want-ack -"],
            "the library answers first, also for who did not join")
        #expect(
            it.receive("5:2+:/mtgox:{\"name\":\"hello\",\"args\":[1]}", at: 2)
                == ["received /mtgox event hello [1] 2"], "the application answers")
        #expect(
            it.receive("6::/mtgox:1+[\"pong\",{\"k\":1}]", at: 3)
                == ["acknowledged /mtgox 1 [\"pong\",{\"k\":1}]"])
        #expect(it.receive("6::/mtgox:1+", at: 4) == ["acknowledged /mtgox 1 -"])
    }

    /// Whatever comes, in whatever order: at most one poll is open, nothing is lost, nothing comes twice or
    /// out of order while the connections tell the truth.
    @Test func everyOrderOfThings() {
        for seed in 1...400 as ClosedRange<UInt64> {
            var random = SeededGenerator(seed: seed)
            var it = SessionProbe { $0.closeTimeout = .seconds(3600) }
            var now = 0
            var sent = 0
            var got: [String] = []
            var open: UInt64?
            var carrier: UInt64 = 0
            /// Of an answer: does it arrive?
            var doubtful: (carrier: UInt64, packets: [String])?
            func take(_ lines: [String]) {
                for line in lines where line.hasPrefix("answer") {
                    let parts = line.split(separator: " ").map(String.init)
                    #expect(parts[1] == open.map { "\($0)" }, "seed \(seed): no poll to answer")
                    let packets = parts.dropFirst(2).filter { $0.hasPrefix("3") }
                    if packets.isEmpty || Int.random(in: 0..<4, using: &random) > 0 {
                        got += packets
                    } else {
                        doubtful = (open ?? 0, Array(packets))
                    }
                    open = nil
                }
            }
            for _ in 0..<300 {
                now += Int.random(in: 0...50, using: &random)
                if let due = it.due, due <= now { take(it.tick(now)) }
                if let lost = doubtful {
                    // The client went before it came: the news of it is here first.
                    doubtful = nil
                    if Bool.random(using: &random) {
                        let waits = it.machine.halfEnded(lost.carrier, at: at(now))
                        #expect(waits, "seed \(seed)")
                        carrier += 1
                        open = carrier
                        take(it.poll(carrier, now))
                    }
                    take(it.ended(lost.carrier, lost: true, now))
                    continue
                }
                switch Int.random(in: 0..<4, using: &random) {
                case 0, 1:
                    sent += 1
                    take(it.send("3:::\(sent)", at: now))
                case 2 where open == nil:
                    carrier += 1
                    open = carrier
                    take(it.poll(carrier, now))
                case 3:
                    guard let poll = open else { continue }
                    open = nil
                    take(it.ended(poll, lost: false, now))
                default: continue
                }
            }
            while doubtful != nil || got.count < sent, carrier < 100_000 {
                if let lost = doubtful {
                    doubtful = nil
                    take(it.ended(lost.carrier, lost: true, now))
                } else if open == nil {
                    carrier += 1
                    open = carrier
                    take(it.poll(carrier, now))
                } else {
                    break
                }
            }
            #expect(got == (0..<sent).map { "3:::\($0 + 1)" }, "seed \(seed)")
        }
    }
}
