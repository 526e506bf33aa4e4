import OutcryComponents
import OutcryKernel
import OutcryWire

/// A server that counts up for everybody who joins, and checks that they count up, too.
final class Station: Session {
    let server: SocketIOServer
    private var connections: [UInt64: ServerConnection] = [:]
    private var joined: [SocketIOSession] = []
    private var sent: [UInt64: Int] = [:]
    private var heard: [UInt64: Int] = [:]
    private(set) var wrong: [String] = []
    private(set) var mostSessions = 0
    private(set) var ends: [String] = []

    init(_ change: (inout SocketIORules) -> Void = { _ in }) {
        var rules = SocketIORules()
        rules.endpoints = ["/count"]
        change(&rules)
        server = SocketIOServer(rules)
    }

    var joinedCount: Int { joined.count }
    var heardCount: Int { heard.values.reduce(0, +) }

    static func handlers(_ on: inout Handlers<Station>) {
        on(.started) { me, _, my in
            _ = try my.listen(on: .loopback(port: 80))
            my.every(.milliseconds(100), .stationCount)
        }
        on(.stationCount) { me, _, my in me.count(my) }
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
    }

    private func count(_ my: Context) {
        mostSessions = max(mostSessions, server.count)
        for session in joined { say(session, my) }
    }

    private func say(_ session: SocketIOSession, _ my: Context) {
        let number = (sent[session.number] ?? 0) + 1
        sent[session.number] = number
        server.send(
            SocketIOPacket.encoded(.json, endpoint: "/count", data: "\(number)".utf8),
            to: session, my)
    }

    private func read(_ stream: StreamWheel, _ my: Context) {
        guard let connection = connections[stream.number] else { return }
        let nothing: [UInt8] = []
        while let incoming = connection.next() {
            switch incoming {
            case .request(let head, let body):
                if !server.serve(head, body: body, on: connection, my) {
                    connection.reply(404, [], nothing.span)
                }
            case .text(let bytes): _ = server.hear(bytes, on: connection, my)
            case .ping, .pong: continue
            case .close, .broken: stream.abort()
            }
            hear(my)
        }
    }

    private func hear(_ my: Context) {
        while let news = server.nextNews() {
            switch news {
            case .joined(let session, _, _):
                if joined.contains(where: { $0 === session }) { wrong.append("joined twice") }
                joined.append(session)
            case .over(let session, let end):
                joined.removeAll { $0 === session }
                ends.append("\(end)")
            case .received(let session, let received):
                let last = heard[session.number] ?? 0
                if received.content != .json(Array("\(last + 1)".utf8)) {
                    wrong.append("server, behind \(last): \(received.content)")
                }
                heard[session.number] = last + 1
            case .left, .acknowledged: continue
            }
        }
    }
}

/// A client that joins, counts up, checks what comes, and comes again when a session is over.
final class Visitor: Session, SocketIOClientOwner {
    private let url: VenueURL
    private let transports: [SocketIOTransport]
    private var client: SocketIOClient?
    private var sent = 0
    private var last = 0
    private(set) var heard = 0
    private(set) var ups = 0
    private(set) var ends: [String] = []
    private(set) var wrong: [String] = []

    init(_ transports: [SocketIOTransport]) throws {
        url = try VenueURL("socketio+http://localhost/count?who=me")
        self.transports = transports
    }

    var isUp: Bool { client?.isUp == true }

    static func handlers(_ on: inout Handlers<Visitor>) {
        on(.started) { me, _, my in
            me.begin(my)
            my.every(.milliseconds(170), .stationCount)
        }
        on(.visitorRetry) { me, _, my in me.begin(my) }
        on(.stationCount) { me, _, my in
            guard let client = me.client, client.isUp else { return }
            me.sent += 1
            _ = client.send(
                SocketIOPacket.encoded(.json, endpoint: "/count", data: "\(me.sent)".utf8), my)
        }
        on(.streamOpened) { me, stream, my in me.client?.opened(stream, my) }
        on(.streamReceived) { me, stream, my in
            guard let client = me.client, client.received(stream, my) else { return }
            if !client.drain(stream, 16, my) { stream.continueReading() }
        }
        on(.streamEnded) { me, stream, my in
            if let client = me.client { client.ended(stream, my) } else { stream.close() }
        }
        on(.streamClosed) { me, end, my in me.client?.closed(end.stream, "\(end.reason)", my) }
        on(.socketIOClientTick) { me, _, my in me.client?.tick(my) }
    }

    private func begin(_ my: Context) {
        sent = 0
        last = 0
        let client = SocketIOClient(url, owner: self, transports: transports)
        self.client = client
        client.start(my)
    }

    func socketIOUp(_ client: SocketIOClient, _ my: Context) { ups += 1 }

    func socketIO(_ packet: SocketIOPacket, _ bytes: Span<UInt8>, _ my: Context) {
        let text = (packet.data ?? 0..<0).map { String(Unicode.Scalar(bytes[$0])) }.joined()
        heard += 1
        if packet.kind != .json || text != "\(last + 1)" {
            wrong.append("client, behind \(last): \(packet.kind) \(text)")
        }
        last += 1
    }

    func socketIOOver(
        _ client: SocketIOClient, _ end: SocketIOClientEnd, _ my: Context
    ) {
        self.client = nil
        ends.append("\(end)")
        my.after(.milliseconds(500), .visitorRetry)
    }
}

extension Event where Payload == Void {
    static let stationCount = Self("station.count")
    static let visitorRetry = Self("visitor.retry")
}
