import OutcryBytes
import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcrySimulation
import OutcryWire

@testable import OutcrySafetyNet

extension Event where Payload == Void {
    static let fanOutTick = Self("test.fanOutTick")
}

/// A server of nothing but a fan-out: on WebSockets at `/`, or over Socket.IO.
final class FanOutHost: Session {
    let fan: FanOut
    let socketIO: SocketIOServer
    private let rules: ServerRules
    private let limits: FanOutLimits
    private(set) var connections: [UInt64: ServerConnection] = [:]
    private var clients: [UInt64: FanOutClient] = [:]
    private var sessions: [UInt64: FanOutClient] = [:]
    /// In the order of arrival.
    private(set) var all: [FanOutClient] = []
    private(set) var cuts: [String] = []
    static let channels = ["depth.BTCUSD", "trade.BTC", "ticker.BTCUSD"].map {
        PublicChannel.find($0)!.index
    }

    init(_ limits: FanOutLimits, _ rules: ServerRules) {
        self.limits = limits
        self.rules = rules
        var numbers = SocketIORules()
        numbers.endpoints = ["/mtgox"]
        socketIO = SocketIOServer(numbers)
        fan = FanOut(limits, rules, socketIO, endpoint: "/mtgox")
        fan.onCut = { [unowned self] _, end in cuts.append("\(end)") }
    }

    static func handlers(_ on: inout Handlers<FanOutHost>) {
        on(.started) { me, _, my in
            var options = StreamOptions()
            me.limits.apply(to: &options)
            _ = try my.listen(on: .loopback(port: 80), options: options)
            my.every(.seconds(1), .fanOutTick)
        }
        on(.fanOutTick) { me, _, my in me.fan.tick(my) }
        on(.streamAccepted) { me, new, _ in
            me.connections[new.stream.number] = ServerConnection(new.stream, rules: me.rules)
        }
        on(.streamReceived) { me, stream, my in
            guard let connection = me.connections[stream.number] else { return }
            while let incoming = connection.next() { me.take(incoming, connection, my) }
            me.hearNews(my)
        }
        on(.streamPressure) { me, pressure, my in
            guard let connection = me.connections[pressure.stream.number] else { return }
            if !me.fan.feel(pressure, of: connection, my) { connection.feel(pressure) }
        }
        on(.streamOverdue) { me, stream, _ in me.connections[stream.number]?.overdue() }
        on(.streamClosed) { me, closed, my in
            me.connections.removeValue(forKey: closed.stream.number)?.bearer = nil
            if let client = me.clients.removeValue(forKey: closed.stream.number) {
                me.fan.remove(client)
            }
            me.socketIO.closed(closed, my)
            me.hearNews(my)
        }
        on(.socketIOTick) { me, _, my in
            me.socketIO.tick(my)
            me.hearNews(my)
        }
        on(.socketIOFlush) { me, _, my in
            me.socketIO.flush(my)
            me.hearNews(my)
        }
    }

    private func take(
        _ incoming: ServerConnection.Incoming, _ connection: ServerConnection, _ my: Context
    ) {
        switch incoming {
        case .request(let head, let body):
            if socketIO.serve(head, body: body, on: connection, my) { return }
            guard let handshake = try? WebSocketServerHandshake(head) else {
                return connection.finish()
            }
            connection.upgrade(handshake)
            let client = FanOutClient(.webSocket(connection))
            clients[connection.number] = client
            enter(client, my)
        case .text(let bytes): _ = socketIO.hear(bytes, on: connection, my)
        case .close(let goodbye): connection.close(goodbye.answer)
        default: break
        }
    }

    private func enter(_ client: FanOutClient, _ my: Context) {
        all.append(client)
        fan.add(client)
        for channel in Self.channels { fan.subscribe(client, to: channel, my) }
    }

    private func hearNews(_ my: Context) {
        while let news = socketIO.nextNews() {
            switch news {
            case .joined(let session, _, _):
                guard sessions[session.number] == nil else { continue }
                let client = FanOutClient(.socketIO(session))
                sessions[session.number] = client
                enter(client, my)
            case .left(let session, _), .over(let session, _):
                if let client = sessions.removeValue(forKey: session.number) { fan.remove(client) }
            default: continue
            }
        }
        fan.tellPolled(my)
    }
}

/// A market of one book in a simulated world, its host, and peers that are nothing but bytes.
final class FanOutHall {
    let world: SimulatedWorld
    let kernel: Kernel
    let host: FanOutHost
    private var text = MessageText(.btcusd)
    private var random = SeededGenerator(seed: 5)
    private var book: [Int64: Int64] = [:]
    private var clock: Int64 = 1_370_548_667_000_000
    private(set) var trades = 0
    /// What each level holds.
    var levels: [Int64: Int64] { book.filter { $0.value != 0 } }

    init(
        _ limits: FanOutLimits = FanOutLimits(), rules: ServerRules = .standard,
        window: Int = 4096
    ) {
        world = SimulatedWorld(seed: 1)
        world.faults.window = window
        kernel = Kernel(driver: Simulation(in: world))
        kernel.onLog = { _ in }
        host = FanOutHost(limits, rules)
        kernel.start(host, alias: "host")
        world.advance(by: .milliseconds(1))
    }

    /// Says so many messages of depth and trades, some a turn.
    func say(_ count: Int) {
        let speaker = Speaker { [self] my in for _ in 0..<count { sayOne(my) } }
        kernel.start(speaker)
        world.advance(by: .milliseconds(1))
    }

    private func sayOne(_ my: Context) {
        clock += 1
        let kind = Int.random(in: 0..<10, using: &random)
        if kind < 7 {
            let price = Int64.random(in: 1...40, using: &random)
            let total = Int64.random(in: 0...4, using: &random)
            let change = DepthChangeView(
                side: price <= 20 ? .buy : .sell, price: price, delta: total - (book[price] ?? 0),
                total: total, stamp: clock)
            book[price] = total
            text.setDepth(change)
            host.fan.tell(Self.depth, text.bytes, .depth(.btcusd, change), my)
        } else if kind < 9 {
            trades += 1
            host.fan.tell(Self.trade, Array("{\"trade\":\(trades)}".utf8), .trade, my)
        } else {
            host.fan.tell(Self.ticker, Array("{\"ticker\":\(clock)}".utf8), .latest, my)
        }
    }

    /// A client on a WebSocket of its own.
    func webSocket(_ options: DeflateOptions? = nil) throws -> FanOutPeer {
        let peer = try FanOutPeer(self, path: "/", options)
        world.advance(by: .milliseconds(1))
        return peer
    }

    /// A client of Socket.IO over a WebSocket.
    func socketIO() throws -> FanOutPeer { try socketIO(session()) }

    /// The name of a new session of Socket.IO's.
    func session() throws -> String {
        let asking = world.connect(to: .loopback(port: 80))
        asking.send("GET /socket.io/1/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        world.advance(by: .milliseconds(1))
        let answer = asking.text
        asking.close()
        // `NAME:60:60:websocket,…`, in a chunk.
        guard let body = answer.split(separator: "\r\n").last(where: { $0.contains("websocket") }),
            let name = body.split(separator: ":").first
        else { throw HallError(text: answer) }
        return String(name)
    }

    /// A session of Socket.IO's over a WebSocket.
    func socketIO(_ name: String) throws -> FanOutPeer {
        let peer = try FanOutPeer(self, path: "/socket.io/1/websocket/\(name)", nil)
        try peer.say("1::/mtgox")
        world.advance(by: .milliseconds(2))
        return peer
    }

    private static let depth = FanOutHost.channels[0]
    private static let trade = FanOutHost.channels[1]
    private static let ticker = FanOutHost.channels[2]
}

struct HallError: Error { let text: String }

/// Runs something once as a session.
private final class Speaker: Session {
    private let body: (Context) -> Void
    init(_ body: @escaping (Context) -> Void) { self.body = body }
    static func handlers(_ on: inout Handlers<Speaker>) {
        on(.started) { me, _, my in me.body(my) }
    }
}

/// A client that believes what it is told.
final class FanOutPeer {
    private let hall: FanOutHall
    let peer: SimulatedPeer
    private var decoder: WebSocketFrameDecoder
    private let encoder = WebSocketFrameEncoder(role: .client)
    private var bytes: [UInt8] = []
    /// What each level holds, by totals; and by sums of changes.
    private(set) var levels: [Int64: Int64] = [:]
    private(set) var sums: [Int64: Int64] = [:]
    private(set) var trades: [Int] = []
    private(set) var messages = 0
    private(set) var closes: [String] = []
    private(set) var packets: [String] = []

    init(_ hall: FanOutHall, path: String, _ options: DeflateOptions?) throws {
        self.hall = hall
        peer = hall.world.connect(to: .loopback(port: 80))
        var handshake = WebSocketClientHandshake(
            url: try VenueURL("ws://localhost\(path)"),
            key: WebSocketKey(bytes: [UInt8](repeating: 7, count: 16)), deflate: options)
        let queue = ByteQueue()
        try handshake.write(to: queue)
        peer.send(queue.withUnread { bytes in bytes.indices.map { bytes[$0] } })
        hall.world.advance(by: .milliseconds(1))
        var position = 0
        let answer = peer.take()
        guard let granted = try handshake.next(answer.span, at: &position) else {
            throw HallError(text: "expected an answer to the handshake")
        }
        decoder = WebSocketFrameDecoder(role: .client, deflate: granted.deflate)
        bytes = Array(answer[position...])
    }

    func say(_ text: String) throws {
        peer.send(encoder.frame(.text, text.utf8.span, maskKey: 77))
    }

    /// Takes in what has come.
    func hear() throws {
        var all = bytes + peer.take()
        var position = 0
        var span = all.mutableSpan
        reading: while true {
            switch try decoder.next(&span, at: &position) {
            case .text(let range): try take(Self.text(span.span.extracting(range)))
            case .assembledText: try take(decoder.withAssembled { Self.text($0) })
            case .close(let code, let reason):
                closes.append("\(WebSocketGoodbye(code, reason: span.span.extracting(reason)))")
            case .needMore: break reading
            default: continue
            }
        }
        bytes = Array(all[position...])
    }

    /// Takes in everything that is on its way or kept.
    func hearAll() throws {
        for _ in 0..<400 {
            let before = messages
            hall.world.advance(by: .milliseconds(2))
            try hear()
            if messages == before { return }
        }
    }

    private static func text(_ bytes: Span<UInt8>) -> String {
        String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }

    private func take(_ message: String) throws {
        var text = message[...]
        if message.first == "4" { text = message.dropFirst("4::/mtgox:".count) }
        messages += 1
        if text.hasPrefix("{\"trade\":") {
            trades.append(Int(text.dropFirst(9).dropLast()) ?? 0)
        } else if text.hasPrefix("{\"channel\"") {
            let price = try number("price_int", text)
            let total = try number("total_volume_int", text)
            levels[price] = total == 0 ? nil : total
            let sum = (sums[price] ?? 0) + (try number("volume_int", text))
            sums[price] = sum == 0 ? nil : sum
        } else if !text.hasPrefix("{") {
            packets.append(message)
        }
    }

    private func number(_ key: String, _ text: Substring) throws -> Int64 {
        let parts = text.split(separator: "\"\(key)\":\"", maxSplits: 1)
        guard parts.count == 2, let value = Int64(parts[1].prefix { $0 != "\"" }) else {
            throw HallError(text: "expected \(key) in \(text)")
        }
        return value
    }
}
