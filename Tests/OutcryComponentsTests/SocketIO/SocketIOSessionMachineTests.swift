import OutcryComponents
import OutcryKernel
import OutcryWire
import Testing

@Suite struct SocketIOSessionMachineTests {
    typealias Output = SocketIOSessionMachine.Output

    static func rules(_ change: (inout SocketIORules) -> Void = { _ in }) -> SocketIORules {
        var rules = SocketIORules()
        rules.endpoints = ["/mtgox"]
        rules.refusals = [("/private", SocketIORefusal(.unauthorized))]
        change(&rules)
        return rules
    }

    /// Outputs as words, one each.
    static func words(_ machine: inout SocketIOSessionMachine) -> [String] {
        func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
        return machine.takeOutputs().map { output in
            switch output {
            case .send(let carrier, let packet): "send \(carrier) \(text(packet))"
            case .answer(let carrier, let packets):
                "answer \(carrier) " + packets.map(text).joined(separator: " | ")
            case .close(let carrier): "close \(carrier)"
            case .joined(let endpoint, let query): "joined \(endpoint) \(query)"
            case .left(let endpoint): "left \(endpoint)"
            case .received(let received):
                switch received.content {
                case .text(let bytes): "text \(text(bytes)) \(received.wantedAck ?? "-")"
                case .json(let bytes): "json \(text(bytes)) \(received.wantedAck ?? "-")"
                case .event(let name, let list):
                    "event \(name) \(list.map(text) ?? "-") \(received.wantedAck ?? "-")"
                }
            case .acknowledged(_, let id, let list): "acked \(id) \(list.map(text) ?? "-")"
            case .over(let end): "over: \(end)"
            }
        }
    }

    static func receive(
        _ machine: inout SocketIOSessionMachine, _ text: String, at time: Int = 0
    ) -> [String] {
        let bytes = Array(text.utf8)
        machine.receive(bytes.span, in: 0..<bytes.count, at: at(time))
        return words(&machine)
    }

    static func webSocket() -> SocketIOSessionMachine {
        var machine = SocketIOSessionMachine(rules(), at: at(0))
        machine.attach(1, at: at(0))
        _ = machine.takeOutputs()
        return machine
    }

    /// Packets and what the original server did with them (the recorded edge cases).
    @Test(arguments: [
        ("", []), ("9:::x", []), ("3:", []), ("4:::{bad", []), ("4:::", []), ("5:::{}", []),
        ("5:::{\"name\":5}", []), ("6:::", []), ("7:::", []), ("8::", []), ("2:::", []),
        ("1::", ["send 1 1::"]), ("3:::a:b:c", ["text a:b:c -"]),
        ("3:01:::id01", ["send 1 6:::01", "text :id01 -"]), ("3:+::x", ["text x -"]),
        ("1::/private", ["send 1 7::/private:2"]), ("1::/nope", []), ("3:7:/nope:x", []),
        ("3:5:/mtgox:early", ["send 1 6::/mtgox:5", "text early -"]),
        ("1::/mtgox:", ["send 1 1::/mtgox", "joined /mtgox "]),
        ("1::/mtgox:?test=1", ["send 1 1::/mtgox", "joined /mtgox ?test=1"]),
        ("1::/mtgox?test=1", ["send 1 1::/mtgox", "joined /mtgox ?test=1"]),
        ("0::", ["send 1 0::", "close 1", "over: the client left"]),
        ("5:2+:/mtgox:{\"name\":\"hello\",\"args\":[1]}", ["event hello [1] 2"]),
        ("6::/mtgox:7+[\"x\"]", ["acked 7 [\"x\"]"]), ("6::/mtgox:1+", ["acked 1 -"]),
        ("0::/mtgox", []),
    ] as [(String, [String])])
    func packets(_ text: String, _ expected: [String]) {
        var machine = Self.webSocket()
        #expect(Self.receive(&machine, text) == expected)
    }

    @Test func joinsAgainAndLeaves() {
        var machine = Self.webSocket()
        _ = Self.receive(&machine, "1::/mtgox")
        let again = Self.receive(&machine, "1::/mtgox")
        #expect(again == ["send 1 1::/mtgox", "joined /mtgox "])
        #expect(machine.endpoints == ["/mtgox"])
        #expect(Self.receive(&machine, "0::/mtgox") == ["left /mtgox"])
        #expect(Self.receive(&machine, "0::/mtgox") == [])
    }

    /// The recorded times: a heartbeat after the interval, the end after the timeout, without a word.
    @Test func heartbeats() {
        var machine = SocketIOSessionMachine(
            Self.rules {
                $0.heartbeatInterval = .seconds(1)
                $0.heartbeatTimeout = .seconds(2)
            }, at: at(0))
        machine.attach(1, at: at(0))
        _ = machine.takeOutputs()
        machine.tick(at: at(999))
        #expect(Self.words(&machine) == [])
        machine.tick(at: at(1000))
        #expect(Self.words(&machine) == ["send 1 2::"])
        #expect(machine.deadline == at(3000))
        // Answered: the next comes an interval after the answer.
        #expect(Self.receive(&machine, "2::", at: 1400) == [])
        #expect(machine.deadline == at(2400))
        machine.tick(at: at(2400))
        #expect(Self.words(&machine) == ["send 1 2::"])
        machine.tick(at: at(4400))
        #expect(Self.words(&machine) == ["close 1", "over: no answer to a heartbeat"])
        #expect(machine.deadline == nil)
    }

    @Test func anUnusedSessionExpires() {
        var machine = SocketIOSessionMachine(Self.rules(), at: at(0))
        #expect(machine.deadline == at(30_000))
        machine.tick(at: at(29_999))
        #expect(!machine.isOver)
        machine.tick(at: at(30_000))
        #expect(Self.words(&machine) == ["over: never used"])
    }

    @Test func polls() {
        var machine = SocketIOSessionMachine(Self.rules(), at: at(0))
        machine.poll(1, at: at(10))
        #expect(Self.words(&machine) == ["answer 1 1::"])
        machine.send(Array("a".utf8))
        machine.send(Array("b".utf8))
        #expect(Self.words(&machine) == [])
        machine.poll(1, at: at(20))
        #expect(Self.words(&machine) == ["answer 1 a | b"])
        machine.poll(1, at: at(30))
        #expect(Self.words(&machine) == [])
        machine.send(Array("c".utf8))
        machine.flush(at: at(40))
        #expect(Self.words(&machine) == ["answer 1 c"])
        machine.poll(1, at: at(50))
        machine.tick(at: at(20_050))
        #expect(Self.words(&machine) == ["answer 1 8::"])
        // Nobody polls for the close timeout.
        #expect(machine.deadline == at(80_050))
        machine.tick(at: at(80_050))
        #expect(Self.words(&machine) == ["over: nobody polled"])
    }

    @Test func twoPollsOpen() {
        var machine = SocketIOSessionMachine(Self.rules(), at: at(0))
        machine.poll(1, at: at(0))
        machine.poll(1, at: at(0))
        _ = machine.takeOutputs()
        machine.poll(2, at: at(1))
        #expect(Self.words(&machine) == ["answer 1 8::"])
        machine.send([0x61])
        machine.flush(at: at(2))
        #expect(Self.words(&machine) == ["answer 2 a"])
    }

    /// The bug of the original: what is written to a poll that the client dropped is gone.
    @Test(arguments: [true, false])
    func aDroppedPollLosesNothing(isReset: Bool) {
        var machine = SocketIOSessionMachine(Self.rules(), at: at(0))
        machine.poll(1, at: at(0))
        machine.poll(1, at: at(0))
        _ = machine.takeOutputs()
        if isReset {
            // Answered, and then the news that the answer never arrived.
            machine.send([0x61])
            machine.flush(at: at(1))
            #expect(Self.words(&machine) == ["answer 1 a"])
            #expect(machine.awaitsConfirmation(on: 1))
            machine.send([0x62])
            machine.ended(1, isLost: true, at: at(2))
        } else {
            machine.ended(1, isLost: false, at: at(1))
            machine.send([0x61])
            machine.send([0x62])
        }
        machine.poll(2, at: at(3))
        #expect(Self.words(&machine) == ["answer 2 a | b"])
        // Another request on the same connection: it has arrived.
        machine.heard(on: 2)
        machine.ended(2, isLost: true, at: at(4))
        machine.poll(3, at: at(5))
        #expect(Self.words(&machine) == [])
    }

    @Test func whatWaitsIsLimited() {
        var machine = SocketIOSessionMachine(Self.rules { $0.waitingBytes = 10 }, at: at(0))
        machine.poll(1, at: at(0))
        _ = machine.takeOutputs()
        for _ in 0..<3 { machine.send([1, 2, 3]) }
        #expect(!machine.isOver)
        machine.send([1, 2, 3])
        #expect(Self.words(&machine) == ["over: too much waited for it"])
    }

    @Test func forcedDisconnectAndDismissal() {
        for isForced in [true, false] {
            var machine = SocketIOSessionMachine(Self.rules(), at: at(0))
            machine.poll(1, at: at(0))
            machine.poll(1, at: at(0))
            _ = machine.takeOutputs()
            machine.send([0x61])
            if isForced { machine.leave() } else { machine.dismiss() }
            let end = isForced ? "the client left" : "dismissed"
            #expect(Self.words(&machine) == ["answer 1 a | 0::", "over: \(end)"])
            machine.poll(2, at: at(1))
            machine.send([0x61])
            machine.tick(at: at(1_000_000))
            #expect(Self.words(&machine) == [])
        }
    }

    @Test func transportsFollowEachOther() {
        var machine = SocketIOSessionMachine(Self.rules(), at: at(0))
        machine.poll(1, at: at(0))
        machine.poll(1, at: at(0))
        _ = machine.takeOutputs()
        machine.send([0x61])
        machine.attach(2, at: at(1))
        #expect(Self.words(&machine) == ["answer 1 8::", "send 2 1::", "send 2 a"])
        machine.attach(3, at: at(2))
        #expect(Self.words(&machine) == ["close 2", "send 3 1::"])
        machine.ended(2, isLost: false, at: at(3))
        #expect(!machine.isOver)
        machine.ended(3, isLost: false, at: at(4))
        #expect(Self.words(&machine) == ["close 3", "over: the connection ended"])
    }
}
