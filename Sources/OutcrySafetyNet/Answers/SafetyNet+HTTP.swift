import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryVenues
import OutcryWire

// HTTP: public calls from memory, signed ones passed through, the door to the stream.

extension SafetyNet {
    static let json: HTTPFields = [HTTPField("Content-Type", "application/json")]

    /// Gives a request to the service that its host and path mean.
    func route(
        _ head: HTTPRequestHead, body: [UInt8], _ connection: ServerConnection, _ my: Context
    ) {
        do throws(CallRefusal) {
            if let question = targets.question(head), !isDraining {
                try admission.admit(head, from: connection.stream.peer, at: my.now)
                return answer(question, head, connection, my)
            }
            if let health = health(head, my) {
                return answer(health, head, on: connection)
            }
            try admission.admit(head, from: connection.stream.peer, at: my.now)
            if let service = service(head, my) {
                return answer(service, head, on: connection)
            }
            guard !isDraining else { throw .ending }
            let host = VenueHost(of: head)
            if host.serves(.socketIO), socketIO.serve(head, body: body, on: connection, my) {
                return
            }
            let isUpgrade = WebSocketServerHandshake.isAsked(in: head)
            guard host.serves(isUpgrade ? .webSocket : .calls) else {
                throw .unknown(String(head.path))
            }
            if isUpgrade {
                try upgrade(head, connection, my)
            } else {
                try serve(head, body, connection, my)
            }
        } catch { refuse(error, APIVersion(path: head.path), on: connection) }
    }

    func refuse(
        _ refusal: CallRefusal, _ version: APIVersion, on connection: ServerConnection,
        isLate: Bool = false
    ) {
        counters.refused += 1
        text.setRefusal(version, refusal)
        let fields = HTTPFields(Array(Self.json) + Array(refusal.fields))
        reply(refusal.status, fields, text.bytes, on: connection, isLate: isLate)
    }

    func reply(
        _ status: Int, _ fields: HTTPFields, _ body: [UInt8], on connection: ServerConnection,
        isLate: Bool = false
    ) { connection.reply(status, fields, body.span, isLate: isLate) }

    private func serve(
        _ head: HTTPRequestHead, _ body: [UInt8], _ connection: ServerConnection, _ my: Context
    ) throws(CallRefusal) {
        let route: CallRoute
        do throws(CallRefusal) {
            route = try CallRoute(head, markets: configuration.instruments)
        } catch {
            // What we do not know the upstream may, where somebody signs for it.
            guard head.method == "POST", head.fields["Rest-Key"] != nil else { throw error }
            return try passThrough(head, body, .unknown, connection, my)
        }
        guard route.endpoint.isPublic else {
            return try passThrough(head, body, SignedKind(route.endpoint), connection, my)
        }
        let call = try route.call(head, body: body, markets: configuration.instruments)
        let question = ReplyQuestion(version: route.version, call: call, isRaw: route.isRaw)
        targets.note(question, head)
        answer(question, head, connection, my)
    }

    /// Answers a question of the public.
    private func answer(
        _ question: ReplyQuestion, _ head: HTTPRequestHead, _ connection: ServerConnection,
        _ my: Context
    ) {
        counters.questions += 1
        let asker = WaitingReply(
            connection: connection,
            acceptsGzip: head.fields.contains("gzip", in: "Accept-Encoding"),
            ifNoneMatch: head.fields["If-None-Match"], version: question.version)
        if let made = shelf.reply(question, at: my.now), made.version == version(of: question.call)
        {
            counters.shelved += 1
            return deliver(made, to: asker, isLate: false, my)
        }
        if waiting[question] != nil {
            counters.joined += 1
            waiting[question]?.append(asker)
            return
        }
        waiting[question] = [asker]
        make(question, my)
    }

    /// Which state of the market an answer is of: an answer of an older one is told for
    /// ``SafetyNetConfiguration/replyAge`` at most, and only where it costs something to make.
    private func version(of call: ServedCall) -> Int {
        switch call {
        // Cheap to make: always the newest.
        case .ticker(let market), .fastTicker(let market):
            place(of: market).map { markets[$0].tickerVersion } ?? 0
        default: 0
        }
    }

    /// An answer is made: everybody who waits for it gets it.
    func finish(_ question: ReplyQuestion, _ made: MadeReply, isLate: Bool, _ my: Context) {
        shelf.keep(made, for: question, at: my.now)
        for asker in waiting.removeValue(forKey: question) ?? [] {
            deliver(made, to: asker, isLate: isLate, my)
        }
    }

    /// There is no answer.
    func fail(_ question: ReplyQuestion, _ refusal: CallRefusal, isLate: Bool) {
        for asker in waiting.removeValue(forKey: question) ?? [] {
            refuse(refusal, question.version, on: asker.connection, isLate: isLate)
        }
    }

    private func deliver(
        _ made: MadeReply, to asker: WaitingReply, isLate: Bool, _ my: Context
    ) {
        var fields = Self.json
        if let known = made.known {
            let age = max(.zero, my.now - known)
            let limit = configuration.staleness.limit + made.lasts
            let isStale = age > limit
            if isStale, configuration.staleness.policy == .refuse {
                counters.staleRefused += 1
                return refuse(
                    .stale(age, limit: limit), asker.version, on: asker.connection, isLate: isLate)
            }
            fields.append("Age", "\(age.components.seconds)")
            if isStale {
                counters.staleMarked += 1
                fields.append("Warning", "110 - \"Response is Stale\"")
            }
        }
        counters.replies += 1
        let tag = "\"\(made.tag)\""
        fields.append("ETag", tag)
        fields.append("Vary", "Accept-Encoding")
        if let match = asker.ifNoneMatch, Self.names(match, tag) {
            counters.notModified += 1
            return reply(304, fields, [], on: asker.connection, isLate: isLate)
        }
        var body = made.body
        if asker.acceptsGzip, let packed = made.packed {
            fields.append("Content-Encoding", "gzip")
            body = packed
        }
        reply(200, fields, body, on: asker.connection, isLate: isLate)
    }

    /// Whether `If-None-Match` names a tag: weak ones too, as RFC 9110 section 13.1.2 compares them.
    private static func names(_ field: String, _ tag: String) -> Bool {
        field.split(separator: ",").contains { part in
            let name = part.drop { $0 == " " }
            return name == "*" || name == tag || name.dropFirst(2) == tag && name.hasPrefix("W/")
        }
    }

    // MARK: The door to the stream

    /// Makes a client of who asks for the stream.
    private func upgrade(
        _ head: HTTPRequestHead, _ connection: ServerConnection, _ my: Context
    ) throws(CallRefusal) {
        try connection.upgradeToStream(head)
        let client = makeClient(.webSocket(connection))
        let query = (head.query.flatMap { try? PercentEncoding.items($0) }) ?? []
        welcome(client, query, isBare: head.path == "/", my)
    }
}

/// Somebody who waits for an answer.
struct WaitingReply {
    let connection: ServerConnection
    let acceptsGzip: Bool
    let ifNoneMatch: String?
    let version: APIVersion
}

extension CallRefusal {
    /// The data are too old.
    static func stale(_ age: Duration, limit: Duration) -> Self {
        Self(
            status: 503,
            message: "The data are \(age.components.seconds) s old, more than "
                + "\(limit.components.seconds) s",
            token: "safetynet_stale", fields: [HTTPField("Age", "\(age.components.seconds)")])
    }

    /// There are no data, and the upstream did not tell them.
    static func noData(_ reason: String) -> Self {
        Self(status: 503, message: "No data yet: \(reason)", token: "safetynet_no_data")
    }

    /// The server ends.
    static var ending: Self {
        Self(status: 503, message: "The SafetyNet ends", token: "safetynet_ending")
    }
}
