import OutcryBytes
public import OutcryKernel
public import OutcryWire

/// Holds one WebSocket connection to a venue: makes it, makes it again, feeds what comes to the venue's
/// parser, sends what is posted to it.
///
/// Publishes `connected` and `disconnected`, and under its own alias whatever the parser finds.
public final class Connection: Session {
    private let url: VenueURL
    private let venue: any Venue
    private let link: Link
    @safe @exclusivity(unchecked) private var machine: ConnectionMachine
    @safe @exclusivity(unchecked) private var stream: StreamWheel?
    @safe @exclusivity(unchecked) private var handshake: WebSocketClientHandshake?
    @safe @exclusivity(unchecked) private var decoder = WebSocketFrameDecoder(role: .client)
    @safe @exclusivity(unchecked) private var feed: (any Feed)?
    private var reason: String?
    private let isRestarted: Bool
    /// Who may vouch for the venue, where the URL is secret.
    private let trust: TLSTrust
    /// Messages taken from the stream before other sessions get their turn.
    private let budget = 256
    /// The time that a handshake may take.
    private let handshakeTimeout = Duration.seconds(10)

    /// Makes the connection of `link` to `url`, which has the scheme `ws` or `wss`.
    ///
    /// - Parameters:
    ///   - trust: Who may vouch for the venue's certificate, for `wss`.
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
        on(.connectionRetry) { me, _, my in me.act(me.machine.start(at: my.now), my) }
        on(.streamOpened) { me, _, my in me.act(me.machine.opened(), my) }
        on(.streamReceived) { me, stream, my in me.read(stream, me.budget, my) }
        on(.streamEnded) { me, stream, my in me.ended(stream, my) }
        on(.streamClosed) { me, end, my in me.closed(end.stream, "\(end.reason)", my) }
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
            me.sayGoodbye(.goingAway, my)
            me.machine.stop()
            me.stream?.close()
        }
    }

    private func act(_ action: ConnectionMachine.Action, _ my: Context) {
        switch action {
        case .none: return
        case .dial:
            stream = my.connect(to: url.endpoint, tls: url.tls(trust))
            my.after(handshakeTimeout, .handshakeLate, named: "handshake")
        case .upgrade: upgrade(my)
        case .announceUp(let count):
            my.cancel(named: "handshake")
            my.log.info("connected", url)
            my.publish(.connected, LinkUp(venue: venue.id, count: count))
        case .announceDown(let pause):
            my.cancel(named: "handshake")
            let reason = reason ?? "closed"
            self.reason = nil
            my.log.info("disconnected", reason, "retry in \(pause)")
            my.publish(
                .disconnected, LinkDown(venue: venue.id, reason: reason, retryIn: pause))
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
        let words = [my.random(UInt64.self), my.random(UInt64.self)]
        let bytes = words.flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
        }
        let handshake = WebSocketClientHandshake(
            url: url, key: WebSocketKey(bytes: bytes), origin: venue.rules.origin)
        self.handshake = handshake
        decoder = WebSocketFrameDecoder(role: .client)
        feed = venue.makeFeed()
        do {
            try stream.write { (queue) throws(CodecError) in try handshake.write(to: queue) }
        } catch { drop("handshake: \(error)", my) }
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
            guard agreement != nil else { return false }
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

    private func read(_ stream: StreamWheel, _ budget: Int, _ my: Context) {
        guard stream === self.stream, isUpgraded(stream, my), let feed else { return }
        switch feed.drain(stream, &decoder, budget, my) {
        case .drained: return
        case .more: stream.continueReading()
        case .closed(let code):
            reason = "closed by the venue: \(code)"
            sayGoodbye(code.isAllowedOnWire ? code : .normal, my)
            stream.close()
        case .failed(let error):
            reason = "protocol error: \(error)"
            sayGoodbye(error.closeCode, my)
            stream.close()
        }
    }

    private func send(_ text: Span<UInt8>, _ my: Context) {
        if machine.phase == .up {
            write(.text, text, my)
        } else {
            my.log.warning("not connected: message not sent", "\(text.count) bytes")
        }
    }

    private func ping(_ my: Context) {
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
                try WebSocketFrameEncoder(role: .client).write(
                    kind, payload, maskKey: key, to: queue)
            }
        } catch { drop("cannot send: \(error)", my) }
    }

    private func sayGoodbye(_ code: WebSocketCloseCode, _ my: Context) {
        guard machine.phase == .up, let stream else { return }
        let key = my.random(UInt32.self)
        _ = try? stream.write { (queue) throws(CodecError) in
            try WebSocketFrameEncoder(role: .client).writeClose(code, maskKey: key, to: queue)
        }
    }

    // MARK: End

    /// The venue has ended its half: what it said before counts to the last message.
    private func ended(_ stream: StreamWheel, _ my: Context) {
        read(stream, .max, my)
        guard stream === self.stream, stream.isOpen else { return }
        reason = refusal ?? handshake.map { "handshake: \($0.finish())" } ?? "ended by the venue"
        stream.close()
    }

    private func drop(_ why: String, _ my: Context) {
        guard let stream else { return }
        reason = why
        stream.abort()
    }

    private func closed(_ stream: StreamWheel, _ why: String, _ my: Context) {
        guard stream === self.stream else { return }
        self.stream = nil
        handshake = nil
        reason = reason ?? why
        act(machine.lost(at: my.now, using: &my.kernel.random), my)
    }

    private var reading: PulseReading {
        PulseReading(
            isUp: machine.phase == .up, ups: machine.ups, total: feed?.pulse.total ?? 0,
            channels: feed.map { Array(zip($0.pulse.channels, $0.pulse.counts)) } ?? [])
    }
}

/// What a connection has seen: the heartbeat looks at it now and then.
public struct PulseReading: Sendable {
    /// The connection is up.
    public let isUp: Bool
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
