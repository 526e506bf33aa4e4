import OutcryComponents
import OutcryKernel
import OutcryWire
import Testing

@Suite struct SocketIOClientMachineTests {
    static func words(_ machine: inout SocketIOClientMachine) -> [String] {
        func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
        return machine.takeOutputs().map { output in
            switch output {
            case .handshake: "handshake"
            case .open(let transport, let session): "open \(transport.rawValue) \(session)"
            case .send(let packet): "send \(text(packet))"
            case .post(let packets): "post " + packets.map(text).joined(separator: " | ")
            case .poll: "poll"
            case .up: "up"
            case .over(let end): "over: \(end)"
            }
        }
    }

    static func receive(
        _ machine: inout SocketIOClientMachine, _ text: String, at time: Int = 0
    ) -> [String] {
        let bytes = Array(text.utf8)
        guard let packet = SocketIOPacket(bytes.span) else { return ["no packet"] }
        let isOurs = machine.receive(packet, bytes.span, at: at(time))
        return words(&machine) + (isOurs ? ["ours"] : [])
    }

    static func answer(
        _ transports: [SocketIOTransport] = [.websocket, .xhrPolling], heartbeat: Int? = 60
    ) -> SocketIOHandshake {
        SocketIOHandshake(
            session: "SID", heartbeatTimeout: heartbeat, closeTimeout: 60, transports: transports)
    }

    static func machine(
        _ transport: SocketIOTransport, upTo phase: String = "up"
    ) -> SocketIOClientMachine {
        var machine = SocketIOClientMachine(endpoint: "/mtgox", transports: [transport])
        machine.start(at: at(0))
        machine.handshaken(answer(), at: at(0))
        if phase == "opening" { return machine }
        _ = receive(&machine, "1::")
        if phase == "joining" { return machine }
        _ = receive(&machine, "1::/mtgox")
        if transport == .xhrPolling { machine.posted() }
        _ = machine.takeOutputs()
        return machine
    }

    @Test func theUsualWay() {
        var machine = SocketIOClientMachine(
            endpoint: "/mtgox", transports: [.websocket, .xhrPolling])
        machine.start(at: at(0))
        #expect(Self.words(&machine) == ["handshake"])
        #expect(machine.deadline == at(10_000))
        machine.handshaken(Self.answer([.xhrPolling, .htmlfile, .websocket]), at: at(5))
        #expect(Self.words(&machine) == ["open websocket SID"])
        let isEarly = machine.send([0x61])
        #expect(!isEarly, "nothing goes before the endpoint is joined")
        #expect(Self.receive(&machine, "1::") == ["send 1::/mtgox"])
        #expect(machine.isUp == false)
        #expect(Self.receive(&machine, "1::/other") == [])
        #expect(Self.receive(&machine, "1::/mtgox") == ["up"])
        #expect(Self.receive(&machine, "1::/mtgox") == [])
        let isSent = machine.send([0x61])
        #expect(isSent)
        #expect(Self.words(&machine) == ["send a"])
        #expect(Self.receive(&machine, "4::/mtgox:{}") == ["ours"])
        #expect(Self.receive(&machine, "4::/other:{}") == [])
        #expect(Self.receive(&machine, "2::") == ["send 2::"])
        #expect(Self.receive(&machine, "3:7:/mtgox:x") == ["send 6::/mtgox:7", "ours"])
        #expect(Self.receive(&machine, "5:8+:/mtgox:{}") == ["ours"])
        #expect(Self.receive(&machine, "6::/mtgox:1") == ["ours"])
    }

    @Test func pollsAndPosts() {
        var machine = SocketIOClientMachine(endpoint: "/mtgox", transports: [.xhrPolling])
        machine.start(at: at(0))
        machine.handshaken(Self.answer(), at: at(0))
        #expect(Self.words(&machine) == ["handshake", "open xhr-polling SID", "poll"])
        #expect(Self.receive(&machine, "1::") == ["post 1::/mtgox"])
        machine.polled()
        #expect(Self.words(&machine) == ["poll"])
        // The echo may come before the POST is answered: what is sent then waits for that.
        #expect(Self.receive(&machine, "1::/mtgox") == ["up"])
        for byte in [0x61, 0x62] as [UInt8] {
            let isSent = machine.send([byte])
            #expect(isSent)
        }
        #expect(Self.words(&machine) == [])
        machine.posted()
        #expect(Self.words(&machine) == ["post a | b"])
        machine.posted()
        #expect(Self.words(&machine) == [])
        let isSent = machine.send([0x63])
        #expect(isSent)
        #expect(Self.words(&machine) == ["post c"])
    }

    @Test func theSessionItself() {
        var machine = SocketIOClientMachine(endpoint: "", transports: [.websocket])
        machine.start(at: at(0))
        machine.handshaken(Self.answer(), at: at(0))
        _ = machine.takeOutputs()
        #expect(Self.receive(&machine, "1::") == ["up"])
    }

    @Test(arguments: [
        ("0::", "over: ended by the server"), ("0::/mtgox", "over: ended by the server"),
        ("7:::1+0", "over: session refused: client not handshaken, reconnect"),
    ])
    func ends(_ packet: String, _ end: String) {
        var machine = Self.machine(.websocket)
        #expect(Self.receive(&machine, packet) == [end])
        #expect(Self.receive(&machine, "2::") == [])
        #expect(machine.deadline == nil)
        machine.failed(.lost("again"))
        #expect(Self.words(&machine) == [])
    }

    @Test func anErrorOfTheEndpointIsTheApplications() {
        var machine = Self.machine(.websocket)
        #expect(Self.receive(&machine, "7::/mtgox:oops") == ["ours"])
    }

    @Test func refusals() {
        var refused = Self.machine(.websocket, upTo: "joining")
        _ = refused.takeOutputs()
        let end = "over: endpoint refused: unauthorized"
        #expect(Self.receive(&refused, "7::/mtgox:2") == [end])
        var unknown = Self.machine(.websocket, upTo: "opening")
        _ = unknown.takeOutputs()
        #expect(
            Self.receive(&unknown, "7:::1")
                == ["over: session refused: client not handshaken"])
        var other = SocketIOClientMachine(endpoint: "", transports: [.websocket])
        other.start(at: at(0))
        other.handshaken(Self.answer([.htmlfile]), at: at(0))
        #expect(
            Self.words(&other) == ["handshake", "over: no common transport, offered: htmlfile"])
    }

    @Test func aTransportThatCannotBeOpenedIsNamed() {
        var machine = Self.machine(.websocket, upTo: "opening")
        _ = machine.takeOutputs()
        machine.failed(.lost("reset"))
        #expect(Self.words(&machine) == ["over: websocket failed: reset"])
    }

    @Test(arguments: [
        ("opening", 10_000, "over: websocket failed: nothing within 10.0 seconds"),
        ("joining", 10_000, "over: no answer from /mtgox within 10.0 seconds"),
        ("up", 60_000, "over: silent for 60.0 seconds"),
    ])
    func patience(_ phase: String, _ time: Int, _ end: String) {
        var machine = Self.machine(.websocket, upTo: phase)
        _ = machine.takeOutputs()
        machine.tick(at: at(time - 1))
        #expect(Self.words(&machine) == [])
        machine.tick(at: at(time))
        #expect(Self.words(&machine) == [end])
    }

    @Test func everyPacketIsASignOfLife() {
        var machine = Self.machine(.websocket)
        _ = Self.receive(&machine, "8::", at: 59_000)
        machine.tick(at: at(60_000))
        #expect(machine.isUp)
        #expect(machine.deadline == at(119_000))
        var silent = SocketIOClientMachine(endpoint: "", transports: [.websocket])
        silent.start(at: at(0))
        silent.handshaken(Self.answer(heartbeat: nil), at: at(0))
        _ = Self.receive(&silent, "1::")
        #expect(silent.deadline == nil, "no heartbeats, no limit")
    }

    @Test func leaving() {
        var machine = Self.machine(.websocket)
        machine.leave()
        #expect(Self.words(&machine) == ["send 0::", "over: left"])
        var polls = Self.machine(.xhrPolling)
        polls.leave()
        #expect(Self.words(&polls) == ["over: left"])
    }
}
