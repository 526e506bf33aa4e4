import OutcryBytes
import OutcryKernel
import OutcrySandbox
import OutcrySimulation
import OutcryWire

/// A sandbox in a simulated world, and clients that are nothing but bytes.
final class SandboxHouse {
    let world: SimulatedWorld
    let kernel: Kernel
    let exchange: SandboxExchange
    let simulation: Simulation

    init(
        seed: UInt64 = 1, journal: Journal? = nil,
        _ change: (inout SandboxConfiguration) -> Void = { _ in }
    ) throws {
        world = SimulatedWorld(seed: seed)
        simulation = Simulation(in: world)
        kernel = Kernel(driver: simulation)
        kernel.logLevel = .warning
        var configuration = SandboxConfiguration()
        configuration.speed = 60
        change(&configuration)
        exchange = try SandboxExchange(configuration, journal: journal)
        kernel.start(exchange, alias: "sandbox")
    }

    func run(_ duration: Duration) { world.advance(by: duration) }

    /// Sends one request on a connection of its own and gives status, fields and body.
    func get(
        _ target: String, _ fields: [String] = [], method: String = "GET",
        host: String = "localhost", door: Int = 0
    ) throws -> (status: Int, head: HTTPResponseHead, body: [UInt8]) {
        let client = HTTPPeer(self, door: door)
        client.send(target, fields, method: method, host: host)
        run(.milliseconds(5))
        guard let reply = try client.next() else { throw Missing(what: "a reply to \(target)") }
        return (reply.head.status, reply.head, reply.body)
    }

    func json(_ target: String, _ fields: [String] = []) throws -> JSONTree {
        try JSONTree(try get(target, fields).body)
    }

    /// A client of the stream, connected.
    func stream(
        _ target: String = "/mtgox", origin: String? = "http://localhost",
        extensions: String? = nil, host: String = "localhost"
    ) throws -> StreamPeer {
        let peer = StreamPeer(self, target, origin, extensions, host: host)
        run(.milliseconds(1))
        try peer.open()
        return peer
    }
}

struct Missing: Error { let what: String }

/// A client of HTTP.
final class HTTPPeer {
    let peer: SimulatedPeer
    private var bytes: [UInt8] = []
    private var parser = HTTPResponseParser()

    init(_ house: SandboxHouse, door: Int = 0) {
        let addresses = house.exchange.addresses
        peer = house.world.connect(
            to: door < addresses.count ? addresses[door] : .loopback(port: 1))
    }

    init(_ house: SandboxHouse, at address: SocketAddress) {
        peer = house.world.connect(to: address)
    }

    func send(
        _ target: String, _ fields: [String] = [], method: String = "GET",
        host: String = "localhost"
    ) {
        peer.send(
            (["\(method) \(target) HTTP/1.1", "Host: \(host)"] + fields + ["", ""])
                .joined(separator: "\r\n"))
    }

    /// The next reply, if it has arrived.
    func next() throws -> (head: HTTPResponseHead, body: [UInt8])? {
        let all = bytes + peer.take()
        bytes = all
        var position = 0
        guard let head = try parser.next(all.span, at: &position) else {
            bytes.removeFirst(position)
            return nil
        }
        var decoder = HTTPBodyDecoder(try HTTPBodyFraming(of: head, toMethod: "GET"))
        var body: [UInt8] = []
        while true {
            switch try decoder.next(all.span, at: &position) {
            case .data(let range): body += bytes[range]
            case .end:
                bytes.removeFirst(position)
                return (head, body)
            case .needMore: throw Missing(what: "the end of a body")
            }
        }
    }
}

/// A client of the stream.
final class StreamPeer {
    let peer: SimulatedPeer
    private let house: SandboxHouse
    private var bytes: [UInt8] = []
    private var decoder = WebSocketFrameDecoder(role: .client)
    private let encoder = WebSocketFrameEncoder(role: .client)
    private(set) var closed: WebSocketCloseCode?
    private(set) var pongs: [[UInt8]] = []

    /// What the exchange grants of the extensions that were offered.
    private(set) var granted: String?
    private(set) var pings = 0
    /// Bytes that have come behind the handshake.
    private(set) var bytesRead = 0

    init(
        _ house: SandboxHouse, _ target: String, _ origin: String?, _ extensions: String? = nil,
        host: String = "localhost"
    ) {
        self.house = house
        peer = house.world.connect(to: house.exchange.address ?? .loopback(port: 1))
        var lines = [
            "GET \(target) HTTP/1.1", "Host: \(host)", "Upgrade: websocket",
            "Connection: Upgrade", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ]
        if let origin { lines.append("Origin: \(origin)") }
        if let extensions { lines.append("Sec-WebSocket-Extensions: \(extensions)") }
        peer.send((lines + ["", ""]).joined(separator: "\r\n"))
    }

    /// Reads the answer to the handshake.
    func open() throws {
        var parser = HTTPResponseParser()
        let all = peer.take()
        bytes = all
        var position = 0
        guard let head = try parser.next(all.span, at: &position) else {
            throw Missing(what: "an answer to the handshake")
        }
        bytes.removeFirst(position)
        guard head.status == 101 else { throw Missing(what: "status 101, found \(head.status)") }
        guard head.fields["Sec-WebSocket-Accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" else {
            throw Missing(what: "the right accept")
        }
        granted = head.fields["Sec-WebSocket-Extensions"]
        if let granted {
            decoder = WebSocketFrameDecoder(
                role: .client, deflate: DeflateOptions().grant([granted]))
        }
    }

    /// Everything that has arrived, as text messages.
    func raw() throws -> [[UInt8]] {
        let news = peer.take()
        bytesRead += news.count
        var all = bytes + news
        bytes = []
        var messages: [[UInt8]] = []
        var position = 0
        var span = all.mutableSpan
        reading: while true {
            switch try decoder.next(&span, at: &position) {
            case .needMore: break reading
            case .text(let range): messages.append(copy(span.span, range))
            case .assembledText:
                messages.append(decoder.withAssembled { copy($0, 0..<$0.count) })
            case .ping: pings += 1
            case .pong(let range): pongs.append(copy(span.span, range))
            case .close(let code, _):
                closed = code
                break reading
            default: throw Missing(what: "text")
            }
        }
        bytes = Array(all[position...])
        return messages
    }

    private func copy(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
        range.map { bytes[$0] }
    }

    func messages() throws -> [JSONTree] { try raw().map { try JSONTree($0) } }

    func send(_ text: String) {
        peer.send(encoder.frame(.text, Array(text.utf8).span, maskKey: 0x0102_0304))
    }

    /// As ``ask(_:)``, compressed.
    func askCompressed(_ text: String) throws -> [JSONTree] {
        guard let agreement = granted.flatMap({ DeflateOptions().grant([$0]) }) else {
            throw Missing(what: "an extension")
        }
        let content = try MessageDeflater(agreement, role: .client).deflate(text.utf8.span)
        peer.send(encoder.frame(.text, deflated: content.span, maskKey: 9))
        house.run(.milliseconds(1))
        return try messages()
    }

    func ping(_ text: String) {
        peer.send(encoder.frame(.ping, Array(text.utf8).span, maskKey: 5))
    }

    /// Sends, lets a moment pass and gives what has come.
    func ask(_ text: String) throws -> [JSONTree] {
        send(text)
        house.run(.milliseconds(1))
        return try messages()
    }
}
