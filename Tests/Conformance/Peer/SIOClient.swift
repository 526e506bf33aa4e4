import Outcry

/// `outcry-peer sio-client URL TRANSPORT`: does what the suite's `sio_client.py` does, and prints its
/// `RESULT` line.
enum SIOClient {
    static func run(_ words: inout PeerWords) throws {
        let text = try words.next("URL, such as socketio+http://127.0.0.1:9000/mtgox")
        let name = try words.next("TRANSPORT")
        try words.finish()
        guard let transport = SocketIOTransport(rawValue: name),
            transport == .websocket || transport == .xhrPolling
        else {
            throw UsageError("expected TRANSPORT websocket or xhr-polling, found \"\(name)\"")
        }
        let url = try VenueURL(text)
        guard url.scheme.isSocketIO else {
            throw UsageError("expected a URL of socketio+http, found \"\(text)\"")
        }
        let session = SIOClientSession(url, transport)
        let kernel = Kernel(driver: try Reactor())
        kernel.start(session)
        try kernel.run()
        if let failure = session.failure { throw PeerError(failure) }
    }
}

/// Goes through the steps, one or two seconds each.
final class SIOClientSession: Session, SocketIOClientOwner {
    private let url: VenueURL
    private let transport: SocketIOTransport
    private var client: SocketIOClient?
    private var step = 0
    private var messages = 0
    private var acks = 0
    private var events: [String] = []
    private var waiting: [String: Int] = [:]
    private var ids = 0
    private(set) var failure: String?

    init(_ url: VenueURL, _ transport: SocketIOTransport) {
        self.url = url
        self.transport = transport
    }

    static func handlers(_ on: inout Handlers<SIOClientSession>) {
        on(.started) { me, _, my in
            let client = SocketIOClient(me.url, owner: me, transports: [me.transport])
            me.client = client
            client.start(my)
        }
        on(.streamOpened) { me, stream, my in me.client?.opened(stream, my) }
        on(.streamReceived) { me, stream, my in
            guard let client = me.client, client.received(stream, my) else { return }
            if !client.drain(stream, 256, my) { stream.continueReading() }
        }
        on(.streamEnded) { me, stream, my in me.client?.ended(stream, my) }
        on(.streamClosed) { me, end, my in me.client?.closed(end.stream, "\(end.reason)", my) }
        on(.socketIOClientTick) { me, _, my in me.client?.tick(my) }
        on(.sioStep) { me, _, my in me.go(my) }
        on(.interrupt) { _, _, my in my.kernel.stop() }
    }

    func socketIOUp(_ client: SocketIOClient, _ my: Context) {
        Output.line("EV connect")
        events.append("connect")
        my.after(.seconds(1), .sioStep)
    }

    func socketIOOver(
        _ client: SocketIOClient, _ end: SocketIOClientEnd, _ my: Context
    ) {
        guard end != .left else { return }
        failure = "\(end)"
        my.kernel.stop()
    }

    // MARK: Steps

    private func go(_ my: Context) {
        step += 1
        switch step {
        case 1:
            put(.json, "{\"op\":\"mtgox.subscribe\",\"type\":\"ticker\"}", my)
            put(.message, "plain text: with colons", id: newID(), my)
            put(
                .event, "{\"name\":\"hello\",\"args\":[1,{\"two\":2}]}", id: newID(),
                wantsData: true, my)
            put(
                .json,
                "{\"op\":\"call\",\"id\":\"abc\",\"call\":\"QUJD\",\"context\":\"mtgox.com\"}",
                my)
            my.after(.seconds(2), .sioStep)
        case 2:
            put(.event, "{\"name\":\"ackme\"}", my)
            my.after(.seconds(1), .sioStep)
        case 3:
            put(.event, "{\"name\":\"burst\",\"args\":[5]}", my)
            my.after(.seconds(1), .sioStep)
        default:
            client?.leave(my)
            let names = events.map { "'\($0)'" }.joined(separator: ", ")
            Output.line(
                "RESULT \(transport.rawValue) msgs \(messages) acks \(acks) events [\(names)]")
            my.kernel.stop()
        }
    }

    private func newID() -> Int {
        ids += 1
        waiting["\(ids)"] = ids
        return ids
    }

    private func put(
        _ kind: SocketIOPacket.Kind, _ data: String, id: Int? = nil, wantsData: Bool = false,
        _ my: Context
    ) {
        guard let client else { return }
        let packet = SocketIOPacket.encoded(
            kind, id: id, wantsData: wantsData, endpoint: client.endpoint, data: data.utf8)
        _ = client.send(packet, my)
    }

    // MARK: What comes

    func socketIO(_ packet: SocketIOPacket, _ bytes: Span<UInt8>, _ my: Context) {
        let data = packet.data ?? 0..<0
        switch packet.kind {
        case .message, .json:
            messages += 1
            Output.line("MSG \(String(copying: bytes.extracting(data)))")
            acknowledge(packet, bytes, nil, my)
        case .event:
            guard let event = SocketIOEvent(bytes, in: data) else { return }
            events.append(event.name)
            Output.line("EV \(event.name)")
            acknowledge(packet, bytes, "[\"pong\",{\"k\":1}]", my)
        case .ack:
            guard let ack = SocketIOAck(bytes, in: data),
                waiting.removeValue(forKey: String(copying: bytes.extracting(ack.id))) != nil
            else { return }
            acks += 1
            Output.line("ACK \(ack.arguments.map { String(copying: bytes.extracting($0)) } ?? "")")
        default: return
        }
    }

    private func acknowledge(
        _ packet: SocketIOPacket, _ bytes: Span<UInt8>, _ arguments: String?, _ my: Context
    ) {
        guard packet.wantsData, let id = packet.id, let client else { return }
        let digits = String(copying: bytes.extracting(id))
        let data = SocketIOAck.data(digits.utf8, arguments: arguments?.utf8)
        _ = client.send(
            SocketIOPacket.encoded(.ack, endpoint: client.endpoint, data: data), my)
    }
}

extension Event where Payload == Void {
    static let sioStep = Self("sio.step")
}
