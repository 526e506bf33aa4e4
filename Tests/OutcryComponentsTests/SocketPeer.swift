import OutcryBytes
import OutcryComponents
import OutcryKernel
import OutcrySimulation
import OutcryWire

/// An ``EchoHost`` in a simulated world.
final class SocketHouse {
    let world: SimulatedWorld
    let kernel: Kernel
    let host: EchoHost

    init(_ rules: ServerRules = .standard) {
        world = SimulatedWorld(seed: 1)
        kernel = Kernel(driver: Simulation(in: world))
        kernel.onLog = { _ in }
        host = EchoHost(rules)
        kernel.start(host, alias: "host")
        world.advance(by: .milliseconds(1))
    }

    func run(_ duration: Duration) { world.advance(by: duration) }

    /// A client that is nothing but bytes, connected.
    func peer(_ options: DeflateOptions? = nil) throws -> SocketPeer {
        try SocketPeer(self, options)
    }
}

/// A WebSocket client in the hands of a test.
final class SocketPeer {
    private let house: SocketHouse
    let peer: SimulatedPeer
    let agreement: DeflateAgreement?
    private var decoder: WebSocketFrameDecoder
    private let deflater: MessageDeflater?
    private let encoder = WebSocketFrameEncoder(role: .client)
    private var bytes: [UInt8] = []
    var answersPings = true
    private(set) var pings = 0
    private(set) var closes: [String] = []

    init(_ house: SocketHouse, _ options: DeflateOptions?) throws {
        self.house = house
        peer = house.world.connect(to: .loopback(port: 80))
        var handshake = WebSocketClientHandshake(
            url: try VenueURL("ws://localhost/"),
            key: WebSocketKey(bytes: [UInt8](repeating: 7, count: 16)), deflate: options)
        let queue = ByteQueue()
        try handshake.write(to: queue)
        peer.send(queue.withUnread { bytes in bytes.indices.map { bytes[$0] } })
        house.run(.milliseconds(1))
        var position = 0
        let answer = peer.take()
        guard let granted = try handshake.next(answer.span, at: &position) else {
            throw FakeError(text: "expected an answer to the handshake")
        }
        agreement = granted.deflate
        decoder = WebSocketFrameDecoder(role: .client, deflate: agreement)
        deflater = agreement.map { MessageDeflater($0, role: .client) }
        bytes = Array(answer[position...])
    }

    /// Sends a message, compressed where that was agreed on.
    func say(_ text: String) throws {
        if let deflater {
            let content = try deflater.deflate(text.utf8.span)
            peer.send(encoder.frame(.text, deflated: content.span, maskKey: 77))
        } else {
            peer.send(encoder.frame(.text, text.utf8.span, maskKey: 77))
        }
    }

    func close(_ code: WebSocketCloseCode, _ reason: String = "") throws {
        let queue = ByteQueue()
        try encoder.writeClose(code, reason: reason, maskKey: 77, to: queue)
        peer.send(queue.withUnread { bytes in bytes.indices.map { bytes[$0] } })
    }

    /// Lets time pass, a second at a time, answers pings, and gives the texts that have come.
    func hear(for duration: Duration = .milliseconds(10)) throws -> [String] {
        var texts: [String] = []
        var left = duration
        while left > .zero {
            house.run(min(left, .seconds(1)))
            left -= .seconds(1)
            try read(&texts)
        }
        return texts
    }

    private func read(_ texts: inout [String]) throws {
        var all = bytes + peer.take()
        var position = 0
        var span = all.mutableSpan
        reading: while true {
            switch try decoder.next(&span, at: &position) {
            case .text(let range): texts.append(String(copying: span.span.extracting(range)))
            case .assembledText: texts.append(decoder.withAssembled { String(copying: $0) })
            case .ping(let range):
                pings += 1
                guard answersPings else { continue }
                peer.send(encoder.frame(.pong, span.span.extracting(range), maskKey: 77))
            case .close(let code, let reason):
                closes.append("\(WebSocketGoodbye(code, reason: span.span.extracting(reason)))")
            case .needMore: break reading
            default: throw FakeError(text: "expected text")
            }
        }
        bytes = Array(all[position...])
    }
}

extension String {
    init(copying bytes: Span<UInt8>) {
        self.init(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }
}
