import OutcryBytes
public import OutcryKernel
public import OutcryWire

/// Holds one connection to a venue: makes it, makes it again, feeds what comes to the venue's parser, sends
/// what is posted to it. The URL's scheme says what carries the messages:
///
/// | scheme | carrier |
/// |---|---|
/// | `ws`, `wss` | a WebSocket at the URL's path |
/// | `socketio+http`, `socketio+https` | Socket.IO 0.9: the path is the endpoint; WebSocket, else xhr-polling |
///
/// Publishes `connected` and `disconnected`, and under its own alias whatever the parser finds.
public final class Connection: Session {
    let url: VenueURL
    let venue: any Venue
    private let link: Link
    @safe @exclusivity(unchecked) var machine: ConnectionMachine
    @safe @exclusivity(unchecked) var stream: StreamWheel?
    @safe @exclusivity(unchecked) private var handshake: WebSocketClientHandshake?
    @safe @exclusivity(unchecked) var decoder = WebSocketFrameDecoder(role: .client)
    @safe @exclusivity(unchecked) var feed: (any Feed)?
    /// The session, where the carrier is Socket.IO; the stream is its own then.
    @safe @exclusivity(unchecked) var client: SocketIOClient?
    private var carriers = SocketIOFallback()
    /// Somebody listens to the frames.
    @safe @exclusivity(unchecked) private var isTapped = false
    var reason: String?
    var goodbye: WebSocketGoodbye?
    /// Another connection in the making.
    @safe @exclusivity(unchecked) var successor: Successor?
    var isRetryDue = false
    private var deflater: MessageDeflater?
    private let isRestarted: Bool
    /// Who may vouch for the venue, where the URL is secret.
    let trust: TLSTrust
    /// Messages taken from the stream before other sessions get their turn.
    private let budget = 256
    /// The time that a handshake may take.
    let handshakeTimeout = Duration.seconds(10)

    /// Makes the connection of `link` to `url`, which is one of a stream.
    ///
    /// - Parameters:
    ///   - trust: Who may vouch for the venue's certificate, for a secret scheme.
    ///   - isRestarted: It takes the place of one that failed, and says first that the link is down: the
    ///     other could not.
    public init(
        _ link: Link, _ venue: any Venue, url: VenueURL, trust: TLSTrust = .system,
        isRestarted: Bool = false
    ) {
        self.isRestarted = isRestarted
        self.trust = trust
        self.link = link
        self.venue = venue
        self.url = url
        machine = ConnectionMachine(venue.rules.reconnect)
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<Connection>) {
        on(.started) { me, _, my in
            my.register(me.link.connectionStale)
            if me.isRestarted { me.announceRestart(my) }
            me.act(me.machine.start(at: my.now), my)
        }
        on(.connectionRetry) { me, _, my in
            // Lost while another was in the making: that one is the next try, until it fails.
            me.isRetryDue = me.successor != nil
            if me.successor == nil { me.act(me.machine.start(at: my.now), my) }
        }
        on(.streamOpened) { me, stream, my in
            me.isTapped = my.hasListeners(.frame) || my.kernel.isExplained
            if me.successor?.owns(stream) == true { return me.successorOpened(stream, my) }
            if let client = me.client {
                client.isTapped = me.isTapped
                return client.opened(stream, my)
            }
            me.act(me.machine.opened(), my)
        }
        on(.streamReceived) { me, stream, my in
            if me.successor?.owns(stream) == true { return me.successorReceived(stream, my) }
            me.read(stream, my)
        }
        on(.streamEnded) { me, stream, my in
            if me.successor?.owns(stream) == true { return me.successorEnded(stream, my) }
            me.ended(stream, my)
        }
        on(.streamClosed) { me, end, my in
            let reason = "\(end.reason)"
            if me.successor?.owns(end.stream) == true {
                return me.successorClosed(end.stream, reason, my)
            }
            me.closed(end.stream, reason, my)
        }
        on(.socketIOClientTick) { me, _, my in
            me.client?.tick(my)
            if case .socketIO(let next) = me.successor?.carrier { next.tick(my) }
        }
        on(.renewConnection) { me, _, my in me.renew(my) }
        on(.successorLate) { me, _, my in
            me.giveUpSuccessor("not up within \(me.handshakeTimeout)", my)
        }
        on(.handshakeLate) { me, _, my in
            guard me.machine.phase != .up else { return }
            me.drop(me.refusal ?? "no handshake within \(me.handshakeTimeout)", my)
        }
        on(.connectionStale) { me, silence, my in
            // News of the last connection's silence is not about the one that is being made.
            if me.machine.phase == .up { me.drop("silent for \(silence)", my) }
        }
        on(.send) { me, text, my in me.send(text.span, my) }
        on(.ping) { me, _, my in me.ping(my) }
        on(.pulse) { me, ask, my in my.answer(ask, me.reading) }
        on(.stopped) { me, _, my in
            me.sayGoodbye(WebSocketGoodbye(.goingAway), my)
            me.machine.stop()
            me.giveUpSuccessor("the connection is stopped", my)
            me.stream?.close()
            me.client?.leave(my)
        }
    }

    /// Says where it leads, whether it is up, and what came by it.
    public func inspect(_ sheet: inout InspectionSheet) {
        let reading = reading
        sheet.add(
            "connection",
            [
                "to": .text("\(url.shown)"), "state": .text("\(machine.phase)"),
                "times up": .number(Int64(reading.ups)), "messages": .number(Int64(reading.total)),
            ])
    }

    func act(_ action: ConnectionMachine.Action, _ my: Context) {
        switch action {
        case .none: return
        case .dial where url.scheme.isSocketIO: begin(my)
        case .dial:
            stream = my.connect(to: url.endpoint, tls: url.tls(trust))
            my.after(handshakeTimeout, .handshakeLate, named: "handshake")
        case .upgrade: upgrade(my)
        case .announceUp(let count):
            my.cancel(named: "handshake")
            my.log.info("connected", url.shown)
            my.publish(.connected, LinkUp(venue: venue.id, count: count))
        case .announceDown(let pause):
            my.cancel(named: "handshake")
            let reason = reason ?? "closed"
            let goodbye = goodbye
            self.reason = nil
            self.goodbye = nil
            my.log.info("disconnected", reason, "retry in \(pause)")
            my.publish(
                .disconnected,
                LinkDown(venue: venue.id, reason: reason, retryIn: pause, goodbye: goodbye))
            my.after(pause, .connectionRetry, named: "retry")
        }
    }

    private func announceRestart(_ my: Context) {
        let reason = "the connection's session failed and was started anew"
        my.publish(.disconnected, LinkDown(venue: venue.id, reason: reason, retryIn: .zero))
    }

    // MARK: Handshake

    private func upgrade(_ my: Context) {
        guard let stream else { return }
        let handshake = makeHandshake(my)
        self.handshake = handshake
        do {
            try stream.write { (queue) throws(CodecError) in try handshake.write(to: queue) }
        } catch { drop("handshake: \(error)", my) }
    }

    func makeHandshake(_ my: Context) -> WebSocketClientHandshake {
        let words = [my.random(UInt64.self), my.random(UInt64.self)]
        let bytes = words.flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
        }
        let rules = venue.rules
        return WebSocketClientHandshake(
            url: url, key: WebSocketKey(bytes: bytes), origin: rules.origin,
            subprotocols: rules.subprotocols, deflate: rules.compression, fields: rules.fields)
    }

    /// Frames come from here on, as both ends have agreed.
    func take(_ agreement: WebSocketClientHandshake.Agreement) {
        decoder = WebSocketFrameDecoder(role: .client, deflate: agreement.deflate)
        deflater = agreement.deflate.map { MessageDeflater($0, role: .client) }
        feed = venue.makeFeed()
    }

    private func isUpgraded(_ stream: StreamWheel, _ my: Context) -> Bool {
        machine.phase == .up || takesAnswer(stream, my)
    }

    /// Takes the venue's answer to the handshake; false while it is not whole, or not welcome.
    @inline(never)
    private func takesAnswer(_ stream: StreamWheel, _ my: Context) -> Bool {
        guard var handshake else { return false }
        do throws(WebSocketHandshakeError) {
            let agreement = try stream.inbound.consume {
                (bytes, position) throws(WebSocketHandshakeError) in
                try handshake.next(bytes.span, at: &position)
            }
            self.handshake = agreement == nil ? handshake : nil
            guard let agreement else { return false }
            take(agreement)
        } catch {
            drop("handshake: \(error)", my)
            return false
        }
        act(machine.upgraded(at: my.now), my)
        return true
    }

    // MARK: Messages

    /// The venue's refusal of the handshake, when nothing more of it will come.
    private var refusal: String? {
        guard let error = handshake?.finish(), case .refused = error else { return nil }
        return "handshake: \(error)"
    }

    func read(_ stream: StreamWheel, _ my: Context) { read(stream, budget, my) }

    private func read(_ stream: StreamWheel, _ budget: Int, _ my: Context) {
        if let client { return read(stream, client, budget, my) }
        guard stream === self.stream, isUpgraded(stream, my), let feed else { return }
        let end =
            isTapped ? tap(stream, feed, budget, my) : feed.drain(stream, &decoder, budget, my)
        switch end {
        case .drained: return
        case .more: stream.continueReading()
        case .closed(let said):
            reason = "closed by the venue: \(said)"
            goodbye = said
            sayGoodbye(WebSocketGoodbye(said.answer), my)
            stream.close()
        case .failed(let error):
            reason = "protocol error: \(error)"
            sayGoodbye(WebSocketGoodbye(error.closeCode, reason: error.expected), my)
            stream.close()
        }
    }

    private func send(_ text: Span<UInt8>, _ my: Context) {
        if let client, machine.phase == .up {
            send(text, client, my)
        } else if machine.phase == .up {
            write(.text, text, my)
        } else {
            my.log.warning("not connected: message not sent", "\(text.count) bytes")
        }
    }

    private func ping(_ my: Context) {
        // No ping of WebSocket here: the original server answers it with what is no frame.
        if let client {
            _ = client.send(SocketIOPacket.encoded(.heartbeat), my)
            return
        }
        let nothing: [UInt8] = []
        write(.ping, nothing.span, my)
    }

    private func write(
        _ kind: WebSocketFrameEncoder.Kind, _ payload: Span<UInt8>, _ my: Context
    ) {
        guard machine.phase == .up, let stream else { return }
        let key = my.random(UInt32.self)
        do {
            try stream.write { (queue) throws(CodecError) in
                let encoder = WebSocketFrameEncoder(role: .client)
                if let deflater, kind == .text {
                    try encoder.write(kind, payload, by: deflater, maskKey: key, to: queue)
                } else {
                    try encoder.write(kind, payload, maskKey: key, to: queue)
                }
            }
        } catch { return drop("cannot send: \(error)", my) }
        if isTapped { tell(.sent, Frame.Kind(kind), payload, my) }
    }

    func sayGoodbye(_ goodbye: WebSocketGoodbye, _ my: Context) {
        guard machine.phase == .up, let stream else { return }
        let key = my.random(UInt32.self)
        _ = try? stream.write { (queue) throws(CodecError) in
            try WebSocketFrameEncoder(role: .client).writeClose(
                goodbye.code, reason: goodbye.reason, maskKey: key, to: queue)
        }
        if isTapped { tell(.sent, .close, Array("\(goodbye.code)".utf8), my) }
    }

    // MARK: End

    /// The venue has ended its half: what it said before counts to the last message.
    private func ended(_ stream: StreamWheel, _ my: Context) {
        read(stream, .max, my)
        if let client { return client.ended(stream, my) }
        guard stream === self.stream, stream.isOpen else { return }
        reason = refusal ?? handshake.map { "handshake: \($0.finish())" } ?? "ended by the venue"
        stream.close()
    }

    private func drop(_ why: String, _ my: Context) {
        if let client { return client.drop(why, my) }
        guard let stream else { return }
        reason = why
        stream.abort()
    }

    private func closed(_ stream: StreamWheel, _ why: String, _ my: Context) {
        if let client { return client.closed(stream, why, my) }
        guard stream === self.stream else { return }
        self.stream = nil
        handshake = nil
        reason = reason ?? why
        act(machine.lost(at: my.now, using: &my.kernel.random), my)
    }

    // MARK: Socket.IO

    func makeClient() -> SocketIOClient {
        SocketIOClient(
            url, owner: self, transports: carriers.transports, origin: venue.rules.origin,
            trust: trust)
    }

    /// Begins a session; its transport is the next one where the last could not be opened.
    private func begin(_ my: Context) {
        feed = venue.makeFeed()
        let client = makeClient()
        self.client = client
        client.start(my)
    }

    private func read(
        _ stream: StreamWheel, _ client: SocketIOClient, _ budget: Int, _ my: Context
    ) {
        let isSign = client.bringsPackets(stream)
        guard client.received(stream, my) else {
            // Answers to polls, a noop too, show that the venue is there.
            if isSign { feed?.pulse.noteOther() }
            return
        }
        guard let feed else { return }
        var end: DrainEnd
        var isInterrupted: Bool
        repeat {
            end = feed.drain(stream, client, budget, my)
            // What a packet asks for is done before the next one is looked at.
            isInterrupted = client.machine.hasOutputs
            client.settle(my)
            guard self.client === client else { return }
        } while isInterrupted
        switch end {
        case .drained: return
        case .more: stream.continueReading()
        case .closed(let said):
            goodbye = said
            client.drop("closed by the venue: \(said)", my)
        case .failed(let error): client.drop("protocol error: \(error)", my)
        }
    }

    private func send(_ text: Span<UInt8>, _ client: SocketIOClient, _ my: Context) {
        // Mt. Gox's messages are JSON; text goes as text.
        let isJSON = text.count > 0 && (text[0] == 0x7B || text[0] == 0x5B)
        var packet: [UInt8] = []
        SocketIOPacket.append(
            isJSON ? .json : .message, endpoint: client.endpoint, data: text, to: &packet)
        _ = client.send(packet, my)
    }

    private var reading: PulseReading {
        PulseReading(
            isUp: machine.phase == .up, answersPings: client == nil, ups: machine.ups,
            total: feed?.pulse.total ?? 0,
            channels: feed.map { Array(zip($0.pulse.channels, $0.pulse.counts)) } ?? [])
    }
}

extension Connection: SocketIOClientOwner {
    /// The endpoint is joined.
    public func socketIOUp(_ client: SocketIOClient, _ my: Context) {
        carriers.worked()
        guard client === self.client else { return promote(client, my) }
        _ = machine.opened()
        act(machine.upgraded(at: my.now), my)
    }

    /// A packet that the fast way did not take.
    public func socketIO(_ packet: SocketIOPacket, _ bytes: Span<UInt8>, _ my: Context) {
        guard let data = packet.data, packet.kind == .json || packet.kind == .message else {
            return
        }
        feed?.message(bytes.extracting(data), my)
    }

    /// A packet went one way or the other.
    public func socketIO(
        _ direction: Frame.Direction, _ packet: Span<UInt8>, _ my: Context
    ) { tell(direction, .packet, packet, my) }

    /// The session is over; the next one begins after a pause.
    public func socketIOOver(
        _ client: SocketIOClient, _ end: SocketIOClientEnd, _ my: Context
    ) {
        if case .transportFailed(let transport, _) = end { carriers.failed(transport) }
        guard client === self.client else {
            // One that was replaced, or that did not come up.
            if case .socketIO(let next) = successor?.carrier, next === client {
                giveUpSuccessor("\(end)", my)
            }
            return
        }
        self.client = nil
        reason = "\(end)"
        act(machine.lost(at: my.now, using: &my.kernel.random), my)
    }
}

/// Which transports a connection tries: a WebSocket first, polls where that could not be opened; and a
/// WebSocket again after the polls have worked, or could not be opened either.
struct SocketIOFallback {
    private(set) var transports: [SocketIOTransport] = [.websocket, .xhrPolling]

    mutating func failed(_ transport: SocketIOTransport) {
        transports =
            transport == .websocket ? [.xhrPolling, .websocket] : [.websocket, .xhrPolling]
    }

    mutating func worked() { transports = [.websocket, .xhrPolling] }
}

/// What a connection has seen: the heartbeat looks at it now and then.
public struct PulseReading: Sendable {
    /// The connection is up.
    public let isUp: Bool
    /// The venue answers pings: a silence is not the market's then.
    public let answersPings: Bool
    /// How many times it came up: another number means that the counts began anew.
    public let ups: Int
    /// Messages of all kinds since it came up.
    public let total: Int
    /// Messages by channel since it came up.
    public let channels: [(Channel, Int)]
}

extension Event where Payload == Void {
    static let connectionRetry = Self("connection.retry")
    static let handshakeLate = Self("connection.handshakeLate")
    /// Sends a ping, so that a living venue answers.
    static let ping = Self("connection.ping")
}

extension Event where Payload == Ask<Void, PulseReading> {
    /// Asks a connection what it has seen.
    public static let pulse = Self("connection.pulse")
}

extension Frame.Kind {
    fileprivate init(_ kind: WebSocketFrameEncoder.Kind) {
        switch kind {
        case .text: self = .text
        case .binary: self = .binary
        case .ping: self = .ping
        case .pong: self = .pong
        }
    }
}
