public import OutcryKernel
public import OutcryWire

// What comes over HTTP and WebSocket, and how packets go back.

extension SocketIOServer {
    /// Answers a request, perhaps later, or makes a WebSocket of its connection.
    ///
    /// - Returns: False when the request is not for Socket.IO: the owner answers it.
    public func serve(
        _ head: HTTPRequestHead, body: [UInt8], on connection: ServerConnection, _ my: Context
    ) -> Bool {
        if let carrier = carriers[connection.number] {
            carrier.session.machine.heard(on: connection.number)
        }
        guard let route = SocketIORoute(head) else { return false }
        switch route {
        case .welcome: reply(connection, 200, "", "Welcome to socket.io.")
        case .script: serveScript(connection)
        case .handshake: handshake(head, connection, my)
        case .transport(let name, let session):
            transport(name, session, head, body, connection, my)
        case .otherVersion:
            reply(connection, 500, "", "Protocol version not supported.")
        case .unknown: reply(connection, 404, "text/plain", "Not found.")
        }
        return true
    }

    private func reply(
        _ connection: ServerConnection, _ status: Int, _ type: String, _ text: String,
        _ more: HTTPFields = []
    ) {
        var fields: HTTPFields = []
        if !type.isEmpty { fields.append("Content-Type", type) }
        for field in more { fields.append(field.name, field.value) }
        connection.reply(status, fields, text.utf8.span, isChunked: true)
    }

    private func serveScript(_ connection: ServerConnection) {
        let fields: HTTPFields = [
            HTTPField("Content-Type", "application/javascript"),
            HTTPField("Cache-Control", "max-age=3600"),
        ]
        connection.reply(200, fields, SocketIOBrowserClient.script.utf8.span)
    }

    /// What a browser of another origin wants to see. The original's client asks with credentials always, so
    /// they are allowed where there are none; what a browser adds by itself (`Authorization`) is no word of a
    /// page, and lets it read nothing unless the rules trust it.
    private func crossOrigin(_ head: HTTPRequestHead) -> HTTPFields {
        guard let origin = head.fields["Origin"], origin.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return [] }
        var fields: HTTPFields = [HTTPField("Access-Control-Allow-Origin", origin)]
        if head.fields["Authorization"] == nil || rules.trusts(origin, head.fields["Host"]) {
            fields.append("Access-Control-Allow-Credentials", "true")
        }
        return fields
    }

    private static func item(_ name: String, _ head: HTTPRequestHead) -> String? {
        let items = (head.query.flatMap { try? PercentEncoding.items($0) }) ?? []
        return items.last { $0.name == name }?.value
    }

    // MARK: Handshake

    private func handshake(
        _ head: HTTPRequestHead, _ connection: ServerConnection, _ my: Context
    ) {
        let origin = crossOrigin(head)
        guard head.method == "GET" || head.method == "POST" else {
            let fields = [HTTPField("Allow", "GET, POST")] + origin
            return reply(
                connection, 405, "text/plain", "Expected GET or POST.", HTTPFields(fields))
        }
        let jsonp = Self.item("jsonp", head).flatMap { text in
            !text.isEmpty && text.utf8.allSatisfy { $0 &- 0x30 < 10 } ? text : nil
        }
        switch authorize?(head) ?? .granted {
        case .granted: break
        case .unauthorized: return refuse(connection, 403, "handshake unauthorized", jsonp, origin)
        case .failed: return refuse(connection, 500, "handshake error", jsonp, origin)
        case .badOrigin: return refuse(connection, 403, "handshake bad origin", jsonp, origin)
        }
        guard let session = makeSession(head, connection.stream.peer, my) else {
            return refuse(connection, 503, "too many sessions", jsonp, origin)
        }
        let body = SocketIOHandshake(
            session: session.id, heartbeatTimeout: rules.heartbeatTimeout.wholeSeconds,
            closeTimeout: rules.closeTimeout.wholeSeconds, transports: rules.transports
        ).body
        if let jsonp {
            let script = SocketIOScript.jsonp(body.utf8.span, index: jsonp)
            let text = String(decoding: script, as: UTF8.self)
            reply(connection, 200, "application/javascript", text, origin)
        } else {
            reply(connection, 200, "text/plain", body, origin)
        }
    }

    /// Refuses a handshake; scripts come with the status 200, as no other would be run.
    private func refuse(
        _ connection: ServerConnection, _ status: Int, _ message: String, _ jsonp: String?,
        _ origin: HTTPFields
    ) {
        guard let jsonp else { return reply(connection, status, "text/plain", message, origin) }
        let script = SocketIOScript.jsonpFailure(message, index: jsonp)
        let text = String(decoding: script, as: UTF8.self)
        reply(connection, 200, "application/javascript", text, origin)
    }

    // MARK: Transports

    private func transport(
        _ name: String, _ id: String, _ head: HTTPRequestHead, _ body: [UInt8],
        _ connection: ServerConnection, _ my: Context
    ) {
        if Self.item("disconnect", head) != nil {
            if let session = sessions[id] {
                session.machine.leave()
                settle(session, my)
            }
            return reply(connection, 200, "", "")
        }
        guard let kind = SocketIOTransport(rawValue: name),
            rules.transports.contains(kind == .flashsocket ? .websocket : kind)
        else { return connection.finish() }
        switch kind {
        case .websocket, .flashsocket: webSocket(id, head, connection, my)
        case .htmlfile where head.method == "GET": page(id, head, connection, my)
        case .xhrPolling where head.method == "GET":
            poll(id, .body, head, connection, my)
        case .jsonpPolling where head.method == "GET":
            poll(id, .script(index: Self.item("i", head)), head, connection, my)
        case .htmlfile, .xhrPolling, .jsonpPolling:
            guard head.method == "POST" else { return connection.finish() }
            // The answer comes before the packets are looked at, also for a session that is not there.
            var fields: HTTPFields = [HTTPField("Content-Type", "text/plain; charset=UTF-8")]
            for field in crossOrigin(head) { fields.append(field.name, field.value) }
            connection.reply(200, fields, Self.taken.span)
            post(id, kind, body, my)
        }
    }

    private func webSocket(
        _ id: String, _ head: HTTPRequestHead, _ connection: ServerConnection, _ my: Context
    ) {
        guard WebSocketServerHandshake.isAsked(in: head) else { return connection.finish() }
        let handshake: WebSocketServerHandshake
        do {
            handshake = try WebSocketServerHandshake(head)
        } catch {
            let text = "\(error)"
            var fields = error.fields
            fields.append("Content-Type", "text/plain")
            return connection.reply(error.status, fields, text.utf8.span, keepsAlive: false)
        }
        connection.upgrade(handshake.response())
        guard let session = sessions[id] else {
            connection.send(Self.unknown.span)
            return connection.finish()
        }
        carriers[connection.number] = Carrier(
            connection: connection, session: session, wrapping: .frames, origin: [])
        session.webSocket = connection
        session.machine.attach(connection.number, at: my.now)
        settle(session, my)
    }

    private func page(
        _ id: String, _ head: HTTPRequestHead, _ connection: ServerConnection, _ my: Context
    ) {
        guard head.version == .http11 else { return connection.finish() }
        connection.beginChunks(200, [HTTPField("Content-Type", "text/html; charset=UTF-8")])
        let start = SocketIOScript.pageStart
        connection.chunk(start.span)
        guard let session = sessions[id] else {
            connection.chunk(SocketIOScript.pageScript(Self.unknown.span).span)
            return connection.finish()
        }
        carriers[connection.number] = Carrier(
            connection: connection, session: session, wrapping: .page, origin: [])
        session.page = connection
        session.machine.attach(connection.number, at: my.now)
        settle(session, my)
    }

    private func poll(
        _ id: String, _ wrapping: Wrapping, _ head: HTTPRequestHead,
        _ connection: ServerConnection, _ my: Context
    ) {
        let origin = crossOrigin(head)
        guard let session = sessions[id] else {
            return Self.answer([Self.unknown], connection, wrapping, origin, isLate: false)
        }
        carriers[connection.number] = Carrier(
            connection: connection, session: session, wrapping: wrapping, origin: origin)
        session.machine.poll(connection.number, at: my.now)
        settle(session, my)
    }

    private func post(
        _ id: String, _ kind: SocketIOTransport, _ body: [UInt8], _ my: Context
    ) {
        guard let session = sessions[id] else { return }
        var payload = body
        if kind == .jsonpPolling {
            guard let text = SocketIOScript.payload(form: body) else {
                session.machine.giveUp()
                return settle(session, my)
            }
            payload = text
        }
        // What is no UTF-8 is repaired, as node does it: a WebSocket could not carry it on.
        receive(Array(String(decoding: payload, as: UTF8.self).utf8), session, my)
    }

    private func receive(_ payload: [UInt8], _ session: SocketIOSession, _ my: Context) {
        var reader = SocketIOPayloadReader()
        while let place = reader.next(payload.span) {
            session.machine.receive(payload.span, in: place, at: my.now)
        }
        settle(session, my)
    }

    // MARK: WebSocket

    /// Takes a WebSocket message.
    ///
    /// - Returns: False when the connection is not one of a Socket.IO session: the owner takes it.
    public func hear(_ text: [UInt8], on connection: ServerConnection, _ my: Context) -> Bool {
        guard let carrier = carriers[connection.number] else { return false }
        receive(text, carrier.session, my)
        return true
    }

    /// Whether a connection belongs to a Socket.IO session.
    public func carries(_ connection: ServerConnection) -> Bool {
        carriers[connection.number] != nil
    }

    /// The session that a connection carries as a WebSocket.
    public func session(on connection: ServerConnection) -> SocketIOSession? {
        carriers[connection.number]?.session
    }

    // MARK: Out

    func put(_ packet: [UInt8], _ number: UInt64) {
        guard let carrier = carriers[number] else { return }
        switch carrier.wrapping {
        case .frames: carrier.connection.send(packet.span)
        case .page: carrier.connection.chunk(SocketIOScript.pageScript(packet.span).span)
        case .body, .script:
            preconditionFailure("only a stream is sent to; a poll is answered")
        }
    }

    func answer(_ packets: [[UInt8]], _ number: UInt64) {
        guard let carrier = carriers[number] else { return }
        Self.answer(
            packets, carrier.connection, carrier.wrapping, carrier.origin, isLate: true)
    }

    private static func answer(
        _ packets: [[UInt8]], _ connection: ServerConnection, _ wrapping: Wrapping,
        _ origin: HTTPFields, isLate: Bool
    ) {
        var body = SocketIOPayload.encoded(packets)
        var fields: HTTPFields
        if case .script(let index) = wrapping {
            body = SocketIOScript.jsonp(body.span, index: index)
            fields = [
                HTTPField("Content-Type", "text/javascript; charset=UTF-8"),
                HTTPField("X-XSS-Protection", "0"),
            ]
        } else {
            fields = [HTTPField("Content-Type", "text/plain; charset=UTF-8")]
        }
        for field in origin { fields.append(field.name, field.value) }
        connection.reply(200, fields, body.span, isLate: isLate)
    }

    private static let taken: [UInt8] = [0x31]
    private static let unknown = SocketIOPacket.encoded(
        .error, data: SocketIORefusal(.notHandshaken, isReconnectAdvised: true).data)
}

extension Duration {
    fileprivate var wholeSeconds: Int { Int(components.seconds) }
}
