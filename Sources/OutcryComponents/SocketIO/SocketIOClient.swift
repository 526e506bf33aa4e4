import OutcryBytes
public import OutcryKernel
public import OutcryWire

/// Who holds a ``SocketIOClient``: the session to which its streams belong.
public protocol SocketIOClientOwner: AnyObject {
    /// The endpoint is joined.
    func socketIOUp(_ client: SocketIOClient, _ my: Context)
    /// A message, JSON value, event or ack of the endpoint came, or an error told to it.
    func socketIO(_ packet: SocketIOPacket, _ bytes: Span<UInt8>, _ my: Context)
    /// A packet went one way or the other; told only while somebody listens.
    func socketIO(_ direction: Frame.Direction, _ packet: Span<UInt8>, _ my: Context)
    /// The session is over, and its streams are closed.
    func socketIOOver(_ client: SocketIOClient, _ end: SocketIOClientEnd, _ my: Context)
}

extension SocketIOClientOwner {
    /// Those who record nothing are told nothing.
    public func socketIO(
        _ direction: Frame.Direction, _ packet: Span<UInt8>, _ my: Context
    ) {}
}

/// One Socket.IO session as a client has it: handshake, transport and joining by its URL, on streams of one
/// kernel session.
///
/// The owner hands it the events of its streams, ``tick(_:)`` at `socketIOClientTick`, and
/// makes a new one for the next session: no session comes back.
public final class SocketIOClient {
    /// The bytes with which a JSON message to the endpoint begins: `4::/mtgox:`.
    private let prefix: [UInt8]
    /// Each packet is told to the owner.
    var isTapped = false
    private let url: VenueURL
    private let trust: TLSTrust
    private let origin: String?
    private let query: String
    private unowned let owner: any SocketIOClientOwner
    @safe @exclusivity(unchecked) @usableFromInline var machine: SocketIOClientMachine
    /// The handshake's stream, then the WebSocket's or that of the polls.
    @safe @exclusivity(unchecked) private var main: StreamWheel?
    /// The stream of the POSTs.
    private var side: StreamWheel?
    private var mainReader = HTTPReplyReader()
    private var sideReader = HTTPReplyReader()
    private var session = ""
    private var task = Errand.handshake
    private var isAsked = false
    private var posts: [UInt8]?
    private var isPostOut = false
    private var isSideFresh = true
    private var upgrade: WebSocketClientHandshake?
    @safe @exclusivity(unchecked) @usableFromInline var decoder = WebSocketFrameDecoder(
        role: .client)

    /// What the main stream is for.
    private enum Errand { case handshake, webSocket, frames, poll }

    /// The endpoint, such as `/mtgox`; empty: the session itself.
    public let endpoint: String
    /// The name of its alarm: two clients of one session have two.
    var alarm = "socketio"

    /// Makes a client for a URL such as `socketio+http://127.0.0.1:8080/mtgox?Channel=ticker.BTCUSD`: the path
    /// is the endpoint, the query goes with every request.
    public init(
        _ url: VenueURL, owner: any SocketIOClientOwner,
        transports: [SocketIOTransport] = [.websocket, .xhrPolling], origin: String? = nil,
        trust: TLSTrust = .system,
        patience: SocketIOClientMachine.Patience = SocketIOClientMachine.Patience()
    ) {
        precondition(
            transports.allSatisfy { $0 == .websocket || $0 == .xhrPolling },
            "a client speaks websocket and xhr-polling")
        self.url = url
        self.owner = owner
        self.trust = trust
        self.origin = origin
        query = url.query.map { "?" + $0 } ?? ""
        endpoint = url.path == "/" ? "" : url.path
        prefix = SocketIOPacket.encoded(.json, endpoint: endpoint, data: [])
        machine = SocketIOClientMachine(
            endpoint: endpoint, transports: transports, patience: patience)
    }

    /// The endpoint is joined.
    public var isUp: Bool { machine.isUp }
    /// The transport that carries the session, once that is chosen.
    public var transport: SocketIOTransport? { machine.transport }

    /// Begins.
    public func start(_ my: Context) {
        machine.start(at: my.now)
        settle(my)
    }

    /// Sends a packet to the endpoint; false when that is not joined.
    public func send(_ packet: [UInt8], _ my: Context) -> Bool {
        let isSent = machine.send(packet, at: my.now)
        settle(my)
        return isSent
    }

    /// Leaves.
    public func leave(_ my: Context) {
        machine.leave(at: my.now)
        settle(my)
    }

    /// Gives the session up: the owner's reason.
    public func drop(_ why: String, _ my: Context) {
        machine.failed(.lost(why))
        settle(my)
    }

    /// Does what is due; on ``OutcryKernel/Event/socketIOClientTick``.
    public func tick(_ my: Context) {
        machine.tick(at: my.now)
        settle(my)
        arm(my)
    }

    private func arm(_ my: Context) {
        guard let deadline = machine.deadline else {
            my.cancel(named: alarm)
            return
        }
        my.at(deadline, .socketIOClientTick, named: alarm)
    }

    // MARK: What has to be done

    /// Does what the machine asks for.
    func settle(_ my: Context) {
        while true {
            let outputs = machine.takeOutputs()
            if outputs.isEmpty { return }
            for output in outputs { act(output, my) }
        }
    }

    private func act(_ output: SocketIOClientMachine.Output, _ my: Context) {
        switch output {
        case .handshake:
            dial(.handshake, my)
            arm(my)
        case .open(let transport, let name):
            session = name
            arm(my)
            if transport.isWebSocket { go(.webSocket, my) }
        case .poll: go(.poll, my)
        case .send(let packet):
            if isTapped { owner.socketIO(.sent, packet.span, my) }
            write(packet.span, my)
        case .post(let packets):
            if isTapped { for packet in packets { owner.socketIO(.sent, packet.span, my) } }
            post(SocketIOPayload.encoded(packets), my)
            arm(my)
        case .up:
            arm(my)
            owner.socketIOUp(self, my)
        case .over(let end):
            my.cancel(named: alarm)
            let streams = [main, side]
            main = nil
            side = nil
            for case .some(let stream) in streams {
                if end == .left { stream.close() } else { stream.abort() }
            }
            owner.socketIOOver(self, end, my)
        }
    }

    private func target(_ rest: String) -> String { "/socket.io/1/\(rest)\(query)" }

    private func dial(_ errand: Errand, _ my: Context) {
        task = errand
        isAsked = false
        mainReader = HTTPReplyReader()
        main = my.connect(to: url.endpoint, tls: url.tls(trust))
    }

    /// Uses the main stream for something, the one that is there if it is.
    private func go(_ errand: Errand, _ my: Context) {
        task = errand
        if let main, main.isOpen { ask(main, my) } else { dial(errand, my) }
    }

    /// Sends the request that the main stream is for.
    private func ask(_ stream: StreamWheel, _ my: Context) {
        isAsked = true
        var request: HTTPRequestHead
        switch task {
        case .handshake: request = HTTPRequestHead(target: target(""))
        case .poll: request = HTTPRequestHead(target: target("xhr-polling/\(session)"))
        case .frames: return
        case .webSocket:
            var place = url
            place.target = target("websocket/\(session)")
            let words = [my.random(UInt64.self), my.random(UInt64.self)]
            let key = words.flatMap { word in
                (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
            }
            let handshake = WebSocketClientHandshake(
                url: place, key: WebSocketKey(bytes: key), origin: origin)
            upgrade = handshake
            return put(stream, my) { (queue) throws(CodecError) in
                try handshake.write(to: queue)
            }
        }
        addFields(to: &request)
        put(stream, my) { (queue) throws(CodecError) in try request.write(to: queue) }
    }

    private func addFields(to request: inout HTTPRequestHead) {
        request.fields.append("Host", url.hostField)
        request.fields.append("User-Agent", "outcry")
        if let origin { request.fields.append("Origin", origin) }
    }

    private func put(
        _ stream: StreamWheel, _ my: Context, _ body: (ByteQueue) throws(CodecError) -> Void
    ) {
        do throws(CodecError) {
            _ = try stream.write(body)
        } catch { fail("cannot send: \(error)", my) }
    }

    private func write(_ packet: Span<UInt8>, _ my: Context) {
        guard let main, task == .frames else { return }
        let key = my.random(UInt32.self)
        do throws(CodecError) {
            _ = try main.write { (queue) throws(CodecError) in
                try WebSocketFrameEncoder(role: .client).write(
                    .text, packet, maskKey: key, to: queue)
            }
        } catch { fail("cannot send: \(error)", my) }
    }

    private func fail(_ why: String, _ my: Context) {
        machine.failed(.lost(why))
        settle(my)
    }

    // MARK: POST

    private func post(_ body: [UInt8], _ my: Context) {
        posts = body
        if let side, side.isOpen {
            isSideFresh = false
            putPost(side, my)
        } else {
            isSideFresh = true
            sideReader = HTTPReplyReader()
            side = my.connect(to: url.endpoint, tls: url.tls(trust))
        }
    }

    private func putPost(_ stream: StreamWheel, _ my: Context) {
        guard let body = posts else { return }
        posts = nil
        isPostOut = true
        var request = HTTPRequestHead(
            method: "POST", target: target("xhr-polling/\(session)"),
            fields: [HTTPField("Content-Type", "text/plain;charset=UTF-8")])
        addFields(to: &request)
        request.fields.append("Content-Length", "\(body.count)")
        put(stream, my) { (queue) throws(CodecError) in
            try request.write(to: queue)
            do throws(ByteQueueFull) {
                try queue.append(body)
            } catch { throw CodecError(error) }
        }
    }

    private func readSide(_ stream: StreamWheel, _ my: Context) {
        do throws(CodecError) {
            guard let reply = try sideReader.next(stream, method: "POST") else { return }
            takePost(reply, my)
        } catch { fail("POST: \(error)", my) }
    }

    private func takePost(_ reply: HTTPReply, _ my: Context) {
        guard isPostOut, reply.head.status == 200 else {
            return fail("POST: status \(reply.head.status)", my)
        }
        isPostOut = false
        if !reply.head.keepsAlive {
            side?.close()
            side = nil
        }
        // No sign of life: a server says the same for a session that it does not know.
        machine.posted(at: my.now)
        settle(my)
    }

    // MARK: Streams

    /// Whether a stream is one of its own.
    func owns(_ stream: StreamWheel) -> Bool { stream === main || stream === side }

    /// Whether what comes on a stream is of the session, and shows that the server knows it.
    func bringsPackets(_ stream: StreamWheel) -> Bool { stream === main }

    /// A stream is there.
    public func opened(_ stream: StreamWheel, _ my: Context) {
        if stream === main { ask(stream, my) } else if stream === side { putPost(stream, my) }
    }

    /// Reads the HTTP on its streams.
    ///
    /// - Returns: True when the stream carries frames from here on: the owner reads those.
    public func received(_ stream: StreamWheel, _ my: Context) -> Bool {
        if stream === side {
            readSide(stream, my)
            return false
        }
        guard stream === main else { return false }
        switch task {
        case .frames: return true
        case .webSocket: return takesUpgrade(stream, my)
        case .handshake, .poll:
            do throws(CodecError) {
                if let reply = try mainReader.next(stream, method: "GET") { take(reply, my) }
            } catch {
                if task == .handshake {
                    machine.failed(.malformed("\(error)"))
                    settle(my)
                } else {
                    fail("poll: \(error)", my)
                }
            }
            return false
        }
    }

    private func takesUpgrade(_ stream: StreamWheel, _ my: Context) -> Bool {
        guard var handshake = upgrade else { return false }
        do throws(WebSocketHandshakeError) {
            let agreement = try stream.inbound.consume {
                (bytes, position) throws(WebSocketHandshakeError) in
                try handshake.next(bytes.span, at: &position)
            }
            upgrade = agreement == nil ? handshake : nil
            guard agreement != nil else { return false }
        } catch {
            fail("\(error)", my)
            return false
        }
        task = .frames
        return true
    }

    private func take(_ reply: HTTPReply, _ my: Context) {
        isAsked = false
        let keepsAlive = reply.head.keepsAlive
        if !keepsAlive {
            main?.close()
            main = nil
        }
        if task == .handshake {
            takeHandshake(reply, my)
        } else {
            guard reply.head.status == 200 else {
                return fail("poll: status \(reply.head.status)", my)
            }
            machine.heard(at: my.now)
            var reader = SocketIOPayloadReader()
            while machine.transport != nil, let place = reader.next(reply.body.span) {
                receive(reply.body.span, place, my)
                // What a packet asks for is done before the next one is looked at.
                if machine.hasOutputs { settle(my) }
            }
            machine.polled()
        }
        settle(my)
    }

    private func takeHandshake(_ reply: HTTPReply, _ my: Context) {
        let body = String(decoding: reply.body, as: UTF8.self)
        guard reply.head.status == 200 else {
            return machine.failed(
                .refused(status: reply.head.status, body: String(body.prefix(200))))
        }
        do throws(CodecError) {
            machine.handshaken(try SocketIOHandshake(body), at: my.now)
        } catch { machine.failed(.malformed("\(error)")) }
    }

    /// The other side ended its half of a stream.
    public func ended(_ stream: StreamWheel, _ my: Context) {
        if stream === main, task == .handshake || task == .poll,
            let reply = try? mainReader.finish()
        {
            take(reply, my)
        }
        stream.close()
    }

    /// A stream is over.
    public func closed(_ stream: StreamWheel, _ why: String, _ my: Context) {
        if stream === side {
            side = nil
            if isPostOut || posts != nil { fail("POST: \(why)", my) }
        } else if stream === main {
            main = nil
            // Between two polls a server may close; while one is out, what it brought is lost.
            let reason = upgrade.map { "\($0.finish())" } ?? why
            if task == .frames || isAsked || task == .handshake || task == .webSocket {
                fail(reason, my)
            } else if machine.transport != nil {
                dial(.poll, my)
            }
        }
    }

    // MARK: Packets

    /// The place of the JSON in a packet that is one for the endpoint; nil for anything else.
    @usableFromInline
    func json(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int>? {
        guard range.count > prefix.count, machine.isUp, !isTapped else { return nil }
        var index = range.lowerBound
        for byte in prefix {
            guard bytes[index] == byte else { return nil }
            index &+= 1
        }
        return index..<range.upperBound
    }

    /// Takes the packets of one WebSocket message: one, or some in a payload. What they ask for is done by
    /// ``settle(_:)``.
    @usableFromInline @inline(never)
    func receive(message bytes: Span<UInt8>, _ range: Range<Int>, _ my: Context) {
        let message = bytes.extracting(range)
        var reader = SocketIOPayloadReader()
        while let place = reader.next(message) { receive(message, place, my) }
    }

    private func receive(_ bytes: Span<UInt8>, _ range: Range<Int>, _ my: Context) {
        if isTapped { owner.socketIO(.received, bytes.extracting(range), my) }
        guard let packet = SocketIOPacket(bytes, in: range) else {
            return machine.heard(at: my.now)
        }
        if machine.receive(packet, bytes, at: my.now) { owner.socketIO(packet, bytes, my) }
    }

    /// Takes all messages of the WebSocket that are there, without a feed.
    ///
    /// - Returns: False when there may be more: the budget is used up.
    public func drain(_ stream: StreamWheel, _ budget: Int, _ my: Context) -> Bool {
        var isDrained = true
        do throws(CodecError) {
            isDrained = try stream.inbound.consume { (bytes, position) throws(CodecError) in
                for _ in 0..<budget {
                    switch try decoder.next(&bytes, at: &position) {
                    case .text(let range): receive(message: bytes.span, range, my)
                    case .assembledText:
                        decoder.withAssembled { receive(message: $0, 0..<$0.count, my) }
                    case .needMore: return true
                    case .close(let code, let range):
                        let said = WebSocketGoodbye(code, reason: bytes.span.extracting(range))
                        machine.failed(.lost("closed by the server: \(said)"))
                        return true
                    case .ping, .pong, .binary, .assembledBinary: machine.heard(at: my.now)
                    }
                }
                return false
            }
        } catch { machine.failed(.lost("protocol error: \(error)")) }
        settle(my)
        return isDrained
    }
}

extension Event where Payload == Void {
    /// Something is due at a ``SocketIOClient`` of this session.
    public static let socketIOClientTick = Self("socketio.clientTick")
}
