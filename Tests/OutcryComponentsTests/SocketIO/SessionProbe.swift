import OutcryComponents
import OutcryKernel
import OutcryWire

/// A server's session machine, its outputs as lines.
struct SessionProbe {
    var machine: SocketIOSessionMachine

    init(at milliseconds: Int = 0, _ change: (inout SocketIORules) -> Void = { _ in }) {
        var rules = SocketIORules()
        rules.endpoints = ["/mtgox"]
        rules.refusals = [("/private", SocketIORefusal(.unauthorized))]
        change(&rules)
        machine = SocketIOSessionMachine(rules, at: at(milliseconds))
    }

    /// What has to be done since the last time.
    mutating func lines() -> [String] { machine.takeOutputs().map(Self.line) }

    mutating func attach(_ carrier: UInt64, _ milliseconds: Int) -> [String] {
        machine.attach(carrier, at: at(milliseconds))
        return lines()
    }

    mutating func poll(_ carrier: UInt64, _ milliseconds: Int) -> [String] {
        machine.heard(on: carrier)
        machine.poll(carrier, at: at(milliseconds))
        return lines()
    }

    /// Sends packets and ends the turn.
    mutating func send(_ packets: String..., at milliseconds: Int) -> [String] {
        for packet in packets { machine.send(Array(packet.utf8)) }
        machine.flush(at: at(milliseconds))
        return lines()
    }

    mutating func receive(_ packets: String..., at milliseconds: Int) -> [String] {
        for packet in packets {
            let bytes = Array(packet.utf8)
            machine.receive(bytes.span, in: 0..<bytes.count, at: at(milliseconds))
        }
        machine.flush(at: at(milliseconds))
        return lines()
    }

    mutating func ended(_ carrier: UInt64, lost: Bool, _ milliseconds: Int) -> [String] {
        machine.ended(carrier, isLost: lost, at: at(milliseconds))
        return lines()
    }

    mutating func tick(_ milliseconds: Int) -> [String] {
        machine.tick(at: at(milliseconds))
        return lines()
    }

    /// The deadline in milliseconds.
    var due: Int? { machine.deadline.map { Int($0.nanoseconds / 1_000_000) } }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func line(_ output: SocketIOSessionMachine.Output) -> String {
        switch output {
        case .send(let carrier, let packet): "send \(carrier) \(text(packet))"
        case .answer(let carrier, let packets):
            "answer \(carrier) \(packets.map(text).joined(separator: " "))"
        case .close(let carrier): "close \(carrier)"
        case .joined(let endpoint, let query): "joined \(endpoint) \(query)"
        case .left(let endpoint): "left \(endpoint)"
        case .received(let what):
            "received \(what.endpoint) \(content(what.content)) \(what.wantedAck ?? "-")"
        case .acknowledged(let endpoint, let id, let arguments):
            "acknowledged \(endpoint) \(id) \(arguments.map(text) ?? "-")"
        case .over(let end): "over: \(end)"
        }
    }

    private static func content(_ content: SocketIOReceived.Content) -> String {
        switch content {
        case .text(let bytes): "text \(text(bytes))"
        case .json(let bytes): "json \(text(bytes))"
        case .event(let name, let arguments): "event \(name) \(arguments.map(text) ?? "-")"
        }
    }
}
