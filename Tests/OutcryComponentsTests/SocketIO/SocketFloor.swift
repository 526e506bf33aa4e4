import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryWire
import Testing

/// The fake venue at the endpoint `/stream` of a Socket.IO server, with its books over HTTP on one port.
final class SocketExchange: Session {
    let market: FakeMarket
    let server: SocketIOServer
    /// Hangs up on whoever asks for a WebSocket, as some proxies do.
    var refusesWebSockets = false
    var answersPolls = true
    var said: [String] = []
    var requests: [String] = []
    /// The stream on which each request came.
    var streams: [UInt64] = []
    var ends: [String] = []
    private var connections: [UInt64: ServerConnection] = [:]
    private(set) var joined: [SocketIOSession] = []
    private var subscribers: [SocketIOSession] = []

    init(_ market: FakeMarket, _ rules: SocketIORules) {
        self.market = market
        var rules = rules
        rules.endpoints = ["/stream"]
        server = SocketIOServer(rules)
    }

    static func handlers(_ on: inout Handlers<SocketExchange>) {
        on(.started) { _, _, my in _ = try my.listen(on: .loopback(port: 80)) }
        on(.streamAccepted) { me, news, _ in
            me.connections[news.stream.number] = ServerConnection(news.stream)
        }
        on(.streamReceived) { me, stream, my in me.read(stream, my) }
        on(.streamEnded) { me, stream, my in
            if !me.server.ended(stream, my) { stream.close() }
        }
        on(.streamClosed) { me, end, my in
            me.connections[end.stream.number] = nil
            me.server.closed(end, my)
            me.hear(my)
        }
        on(.socketIOTick) { me, _, my in
            me.server.tick(my)
            me.hear(my)
        }
        on(.socketIOFlush) { me, _, my in
            me.server.flush(my)
            me.hear(my)
        }
        on(.fakeChange) { me, line, my in
            for session in me.subscribers { me.send(line, to: session, my) }
        }
        on(.fakeDismissal) { me, _, my in
            for session in me.joined { me.server.dismiss(session, my) }
            me.hear(my)
        }
    }

    private func send(_ line: String, to session: SocketIOSession, _ my: Context) {
        // By the fast way of the client, which does not look into the JSON.
        server.send(
            SocketIOPacket.encoded(.json, endpoint: "/stream", data: line.utf8), to: session, my)
    }

    private func read(_ stream: StreamWheel, _ my: Context) {
        guard let connection = connections[stream.number] else { return }
        while let incoming = connection.next() {
            switch incoming {
            case .request(let head, let body): serve(head, body, connection, my)
            case .text(let bytes): _ = server.hear(bytes, on: connection, my)
            case .ping, .pong: said.append("a ping, which the original answers with garbage")
            case .close(let goodbye): connection.close(goodbye.answer)
            case .broken(let error):
                said.append("error \(error)")
                stream.abort()
            }
            hear(my)
        }
    }

    private func serve(
        _ head: HTTPRequestHead, _ body: [UInt8], _ connection: ServerConnection, _ my: Context
    ) {
        requests.append("\(head.method) \(head.path)")
        streams.append(connection.number)
        if head.path.contains("/websocket/"), refusesWebSockets { return connection.finish() }
        if head.path.contains("/xhr-polling/"), head.method == "GET", !answersPolls { return }
        guard !server.serve(head, body: body, on: connection, my) else { return }
        connection.reply(200, [], market.served.utf8.span)
    }

    private func hear(_ my: Context) {
        while let news = server.nextNews() {
            switch news {
            case .joined(let session, _, _): joined.append(session)
            case .left(let session, _): forget(session)
            case .over(let session, let end):
                ends.append("\(end)")
                forget(session)
            case .received(let session, let received):
                guard case .text(let bytes) = received.content else { continue }
                hear(String(decoding: bytes, as: UTF8.self), session, my)
            case .acknowledged: continue
            }
        }
    }

    private func forget(_ session: SocketIOSession) {
        joined.removeAll { $0 === session }
        subscribers.removeAll { $0 === session }
    }

    private func hear(_ text: String, _ session: SocketIOSession, _ my: Context) {
        said.append(text)
        guard text.hasPrefix("sub ") else { return }
        subscribers.append(session)
        send("ok \(text.dropFirst(4))", to: session, my)
    }
}

extension Event where Payload == String {
    static let fakeChange = Self("fake.change")
}
extension Event where Payload == Void {
    static let fakeDismissal = Self("fake.dismissal")
}

/// A world with a Socket.IO exchange and a link to it, each in a kernel of its own.
final class SocketFloor {
    let world: SimulatedWorld
    let market = FakeMarket()
    let rules: SocketIORules
    private(set) var there: Simulation
    private(set) var server: Kernel
    private(set) var exchange: SocketExchange
    let kernel: Kernel
    let link: Link
    let witness: Witness

    init(
        seed: UInt64 = 1, transports: [SocketIOTransport] = [.websocket, .xhrPolling],
        _ venue: FakeVenue = FakeVenue(rules: VenueRules(silence: .seconds(30)))
    ) throws {
        world = SimulatedWorld(seed: seed)
        there = Simulation(in: world)
        server = Kernel(driver: there)
        var rules = SocketIORules()
        rules.transports = transports
        self.rules = rules
        exchange = SocketExchange(market, rules)
        kernel = Kernel(driver: Simulation(in: world))
        link = try Link.open(
            venue, on: kernel, url: "socketio+http://localhost:80/stream?Channel=x",
            instruments: [.btcusd])
        witness = Witness(link, market)
        server.onLog = { _ in }
        kernel.onLog = { _ in }
        kernel.start(witness, alias: "witness")
        server.start(exchange, alias: "exchange")
    }

    /// Kills the exchange's process and, `pause` later, starts it anew; the market is as it was.
    func restartExchange(after pause: Duration) {
        there.crash()
        world.advance(by: pause)
        there = Simulation(in: world)
        server = Kernel(driver: there)
        server.onLog = { _ in }
        exchange = SocketExchange(market, rules)
        server.start(exchange, alias: "exchange")
    }

    func change(_ side: Side, _ price: Int64, _ quantity: Int64) {
        server.post(.fakeChange, to: "exchange", market.change(side, price, quantity))
    }

    func advance(_ milliseconds: Int) { world.advance(by: .milliseconds(milliseconds)) }

    func run(
        within seconds: Int, until condition: () -> Bool,
        at place: SourceLocation = #_sourceLocation
    ) {
        if !world.run(within: .seconds(Int64(seconds)), until: condition) {
            Issue.record(
                "not within \(seconds) s; seen: \(witness.lines.suffix(30))", sourceLocation: place)
        }
    }

    /// The book is good, and the witness's is the market's.
    var isTrue: Bool {
        witness.evidence.isTrusted && witness.book.map { text($0) } == text(market.truth)
    }
}
