import OutcryComponents
import OutcryKernel
import OutcryServing
import OutcryVenues
import OutcryWire

// HTTP: the calls of versions 0, 1 and 2, and the door to the stream.

extension SandboxExchange {
    /// Answers one request that is none of Socket.IO's.
    func serve(
        _ head: HTTPRequestHead, body: [UInt8], from host: VenueHost,
        _ connection: ServerConnection, _ my: Context
    ) {
        let version = APIVersion(path: head.path)
        do throws(CallRefusal) {
            let isUpgrade = WebSocketServerHandshake.isAsked(in: head)
            guard host.serves(isUpgrade ? .webSocket : .calls) else {
                throw .unknown(String(head.path))
            }
            if isUpgrade {
                try upgrade(head, connection, my)
            } else {
                try together(my) { () throws(CallRefusal) in
                    try answer(head, body, connection, my)
                }
            }
        } catch {
            counters.refused += 1
            text.setRefusal(version, error)
            let fields = HTTPFields(Array(Self.json) + Array(error.fields))
            reply(error.status, fields, text.bytes, on: connection, my)
        }
    }

    private func answer(
        _ head: HTTPRequestHead, _ body: [UInt8], _ connection: ServerConnection, _ my: Context
    ) throws(CallRefusal) {
        if configuration.requiresUserAgent, head.fields["User-Agent"] == nil {
            throw .noUserAgent
        }
        let address = connection.stream.peer.withoutPort
        if let wait = requestRate.wait(address, at: my.now) { throw .tooManyRequests(wait: wait) }
        if faults.inReplies, let page = drawPage() {
            guard faults.settings[.errorsAfter] != 0 else {
                return reply(page.status, page.fields, page.body, on: connection, my)
            }
            faults.page = page
        }
        defer { faults.page = nil }
        let route = try CallRoute(head, markets: configuration.instruments)
        var grant: AccessGrant?
        if case .key(let rights) = route.endpoint.access {
            do throws(AccessRefusal) {
                let given = try admit(head, body, my)
                try given.require(anyOf: rights)
                grant = given
            } catch {
                counters.refused += 1
                my.log.debug("not let in", connection.stream.peer, error)
                text.setRefusal(route.version, error)
                return reply(error.status, Self.json, text.bytes, on: connection, my)
            }
        }
        let call = try route.call(head, body: body, markets: configuration.instruments)
        if case .fullDepth = call { try countFullDepth(connection.stream.peer, my) }
        let question = ReplyCache.Question(
            version: route.version, call: call, isRaw: route.isRaw)
        if grant == nil, let body = replyCache.reply(question, at: my.now) {
            counters.cached += 1
            return deliver(Self.json, body, head, connection, my)
        }
        let isHeldBack = holdsBack(call)
        defer { if isHeldBack { tellHeldBack(my) } }
        try write(call, route.version, grant, my)
        if case .historyFile = call {
            return deliver(Self.csv, part.bytes, head, connection, my)
        }
        text.setReply(route.version, isRaw: route.isRaw) { [part] in $0.add(part.bytes) }
        if grant == nil { replyCache.keep(text.bytes, for: question, at: my.now) }
        deliver(Self.json, text.bytes, head, connection, my)
    }

    /// Verifies a signed request, and keeps what makes it new.
    private func admit(
        _ head: HTTPRequestHead, _ body: [UInt8], _ my: Context
    ) throws(AccessRefusal) -> AccessGrant {
        let now = my.wallNow.microseconds
        let grant = try state.access.verify(head.target, head.fields, body: body, now: now)
        note(grant, at: now, my)
        if faults.inReplies, hits(.invalidNonce) { throw grant.falselyOld }
        return grant
    }

    /// Keeps that a key has signed something new.
    func note(_ grant: AccessGrant, at now: Int64, _ my: Context) {
        state.noteLogin(grant.owner, at: now)
        keep(
            .stamp(
                key: "\(grant.key)", name: grant.stamp.name, value: grant.stamp.value),
            at: now, my)
    }

    private func deliver(
        _ fields: HTTPFields, _ body: [UInt8], _ head: HTTPRequestHead,
        _ connection: ServerConnection, _ my: Context
    ) {
        counters.replies += 1
        var fields = fields
        var body = body
        if head.fields.contains("gzip", in: "Accept-Encoding"),
            let packed = try? Gzip.compress(body.span, level: 1)
        {
            fields.append("Content-Encoding", "gzip")
            body = faults.inReplies && hits(.brokenGzip) ? Self.broken(packed) : packed
        }
        reply(200, fields, body, on: connection, my)
    }

    /// Five an hour and address, as at the venue.
    func countFullDepth(_ peer: String, _ my: Context) throws(CallRefusal) {
        guard let limit = configuration.fullDepthPerHour else { return }
        let address = peer.withoutPort
        let begin = my.now + .seconds(-3600)
        var calls = (fullDepthCalls[address] ?? []).filter { $0 > begin }
        guard calls.count < limit else { throw .tooMany(limit) }
        calls.append(my.now)
        fullDepthCalls[address] = calls
        if fullDepthCalls.count > 10_000 {
            fullDepthCalls = fullDepthCalls.filter { ($0.value.last ?? begin) > begin }
        }
    }

    // MARK: The door to the stream

    /// Makes a client of who asks for the stream.
    private func upgrade(
        _ head: HTTPRequestHead, _ connection: ServerConnection, _ my: Context
    ) throws(CallRefusal) {
        try connection.upgradeToStream(head)
        let client = SandboxClient(.webSocket(connection))
        clients[connection.number] = client
        counters.webSockets += 1
        let query = (head.query.flatMap { try? PercentEncoding.items($0) }) ?? []
        welcome(client, query, isBare: head.path == "/", my)
    }

    static let json: HTTPFields = [HTTPField("Content-Type", "application/json")]
    private static let csv: HTTPFields = [HTTPField("Content-Type", "text/csv; charset=utf-8")]
}
