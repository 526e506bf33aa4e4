import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryWire

@testable import OutcrySafetyNet
@testable import OutcrySandbox

struct Missing: Error { let what: String }

/// A sandbox, a SafetyNet before it and clients that are nothing but bytes, in one simulated world.
final class NetHouse {
    let world: SimulatedWorld
    let exchangeKernel: Kernel
    let exchange: SandboxExchange
    let kernel: Kernel
    private(set) var net: SafetyNet
    private let configuration: SafetyNetConfiguration
    static let exchangePort: UInt16 = 8080
    static let netPort: UInt16 = 8090

    init(
        seed: UInt64 = 1, store: TradeStore? = nil,
        _ exchangeWish: (inout SandboxConfiguration) -> Void = { _ in },
        net netWish: (inout SafetyNetConfiguration) -> Void = { _ in }
    ) throws {
        world = SimulatedWorld(seed: seed)
        exchangeKernel = Kernel(driver: Simulation(in: world))
        exchangeKernel.onLog = { _ in }
        var sandbox = SandboxConfiguration()
        sandbox.speed = 60
        sandbox.fullDepthPerHour = nil
        sandbox.address = .loopback(port: Self.exchangePort)
        sandbox.instruments = [.btcusd, .btceur]
        exchangeWish(&sandbox)
        exchange = try SandboxExchange(sandbox)
        exchangeKernel.start(exchange, alias: "exchange")
        kernel = Kernel(driver: Simulation(in: world))
        kernel.onLog = { _ in }
        var configuration = SafetyNetConfiguration([
            SafetyNetUpstream("ws://127.0.0.1:\(Self.exchangePort)/mtgox")
        ])
        configuration.instruments = [.btcusd, .btceur]
        configuration.doors = [SafetyNetDoor(.loopback(port: Self.netPort))]
        configuration.wholeBooksPerHour = 1_000
        netWish(&configuration)
        self.configuration = configuration
        net = try SafetyNet(configuration, store: store)
        kernel.start(net, alias: "net")
    }

    /// Lets go of a SafetyNet that has ended, and of its file: what it had.
    func forgetNet() throws -> (newest: Int64?, missing: Int64?)? {
        let history = net.histories[0]
        net = try SafetyNet(configuration)
        return (history.spans.newest, history.missingAfter)
    }

    /// Starts another one in its place.
    func startNet(store: TradeStore) throws -> SafetyNet {
        net = try SafetyNet(configuration, store: store)
        kernel.start(net, alias: "net")
        return net
    }

    func run(_ duration: Duration) { world.advance(by: duration) }

    /// The market stands still, and all that is on its way arrives.
    func stopMarket() {
        exchangeKernel.post(.sandboxStop, to: "exchange", ())
        run(.seconds(2))
    }

    /// Another exchange in the same world, at a port of its own.
    func startExchange(
        port: UInt16, _ wish: (inout SandboxConfiguration) -> Void = { _ in }
    ) throws -> (kernel: Kernel, exchange: SandboxExchange) {
        let kernel = Kernel(driver: Simulation(in: world))
        kernel.onLog = { _ in }
        var sandbox = SandboxConfiguration()
        sandbox.speed = 60
        sandbox.fullDepthPerHour = nil
        sandbox.address = .loopback(port: port)
        sandbox.instruments = [.btcusd, .btceur]
        wish(&sandbox)
        let exchange = try SandboxExchange(sandbox)
        kernel.start(exchange, alias: "exchange")
        return (kernel, exchange)
    }

    /// The SafetyNet has its books.
    func settle() throws {
        let isReady = world.run(within: .seconds(60)) { self.isTrusted }
        guard isReady else { throw Missing(what: "trusted books within a minute") }
    }

    var isTrusted: Bool { net.markets.allSatisfy { $0.trust == .live } }

    /// The book that listeners of the SafetyNet have: amounts by side and price.
    var mirrored: [String: Int64] {
        let book = net.markets[0].mirror.book
        return Self.levels(Array(book.levels(.bid)), Array(book.levels(.ask)))
    }

    /// The exchange's own.
    var exchanged: [String: Int64] {
        Self.levels(exchange.levels.bids, exchange.levels.asks)
    }

    static func levels(_ bids: [BookLevel], _ asks: [BookLevel]) -> [String: Int64] {
        var levels: [String: Int64] = [:]
        for (side, part) in [("bid", bids), ("ask", asks)] {
            for level in part { levels["\(side)\(level.price.units)"] = level.quantity.units }
        }
        return levels
    }

    /// Sends one request on a connection of its own and gives the reply.
    func get(
        _ target: String, _ fields: [String] = [], method: String = "GET", body: [UInt8] = [],
        port: UInt16 = netPort, within limit: Duration = .seconds(90)
    ) throws -> Reply {
        let client = HTTPPeer(self, port: port)
        client.send(target, fields, method: method, body: body)
        var reply: Reply?
        _ = world.run(within: limit) {
            reply = reply ?? (try? client.next())
            return reply != nil
        }
        client.peer.end()
        run(.milliseconds(1))
        guard let reply else { throw Missing(what: "a reply to \(target)") }
        return reply
    }

    /// A client of the stream, connected.
    func stream(_ target: String = "/mtgox", port: UInt16 = netPort) throws -> StreamPeer {
        let peer = StreamPeer(self, target, port: port)
        run(.milliseconds(2))
        try peer.open()
        return peer
    }
}

/// What a server answered.
struct Reply {
    let head: HTTPResponseHead
    let body: [UInt8]
    var status: Int { head.status }
    var text: String { String(decoding: body, as: UTF8.self) }
    subscript(field: String) -> String? { head.fields[field] }
}

/// A client of HTTP.
final class HTTPPeer {
    let peer: SimulatedPeer
    private var bytes: [UInt8] = []
    private var parser = HTTPResponseParser()

    init(_ house: NetHouse, port: UInt16 = NetHouse.netPort) {
        peer = house.world.connect(to: .loopback(port: port))
    }

    func send(
        _ target: String, _ fields: [String] = [], method: String = "GET", body: [UInt8] = []
    ) {
        var lines = ["\(method) \(target) HTTP/1.1", "Host: localhost"] + fields
        if method == "POST" { lines.append("Content-Length: \(body.count)") }
        peer.send((lines + ["", ""]).joined(separator: "\r\n"))
        if !body.isEmpty { peer.send(body) }
    }

    /// The next reply, if it has arrived.
    func next() throws -> Reply? {
        let all = bytes + peer.take()
        bytes = all
        var position = 0
        var parser = parser
        guard let head = try parser.next(all.span, at: &position) else { return nil }
        var decoder = HTTPBodyDecoder(try HTTPBodyFraming(of: head, toMethod: "GET"))
        var body: [UInt8] = []
        while true {
            switch try decoder.next(all.span, at: &position) {
            case .data(let range): body += bytes[range]
            case .end:
                bytes.removeFirst(position)
                return Reply(head: head, body: body)
            case .needMore: return nil
            }
        }
    }
}

/// A client of the stream.
final class StreamPeer {
    let peer: SimulatedPeer
    private let house: NetHouse
    private var bytes: [UInt8] = []
    private var decoder = WebSocketFrameDecoder(role: .client)
    private let encoder = WebSocketFrameEncoder(role: .client)
    private(set) var closed: WebSocketCloseCode?

    init(_ house: NetHouse, _ target: String, port: UInt16) {
        self.house = house
        peer = house.world.connect(to: .loopback(port: port))
        let lines = [
            "GET \(target) HTTP/1.1", "Host: localhost", "Upgrade: websocket",
            "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Origin: http://localhost",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ]
        peer.send((lines + ["", ""]).joined(separator: "\r\n"))
    }

    /// Reads the answer to the handshake.
    func open() throws {
        var parser = HTTPResponseParser()
        let all = peer.take()
        var position = 0
        guard let head = try parser.next(all.span, at: &position), head.status == 101 else {
            throw Missing(what: "status 101, found \(String(decoding: all, as: UTF8.self))")
        }
        bytes = Array(all[position...])
    }

    /// Everything that has arrived, as text messages.
    func take() throws -> [String] {
        var all = bytes + peer.take()
        bytes = []
        var messages: [String] = []
        var position = 0
        var span = all.mutableSpan
        reading: while true {
            switch try decoder.next(&span, at: &position) {
            case .needMore: break reading
            case .text(let range):
                messages.append(
                    String(decoding: range.map { span.span[$0] }, as: UTF8.self))
            case .assembledText:
                messages.append(
                    decoder.withAssembled { text in
                        String(decoding: text.indices.map { text[$0] }, as: UTF8.self)
                    })
            case .close(let code, _):
                closed = code
                break reading
            case .ping, .pong: continue
            default: throw Missing(what: "text")
            }
        }
        bytes = Array(all[position...])
        return messages
    }

    func send(_ text: String) {
        peer.send(encoder.frame(.text, Array(text.utf8).span, maskKey: 0x0102_0304))
    }

    /// Sends, lets a moment pass and gives what has come.
    func ask(_ text: String) throws -> [String] {
        send(text)
        house.run(.milliseconds(5))
        return try take()
    }
}
