import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryWire

// Public HTTP API 1, and the door to the stream.

extension SandboxExchange {
    /// Answers one request that is none of Socket.IO's.
    func serve(
        _ head: HTTPRequestHead, from host: VenueHost, _ connection: ServerConnection,
        _ my: Context
    ) {
        do throws(PublicCallError) {
            let isUpgrade = WebSocketServerHandshake.isAsked(in: head)
            guard host.serves(isUpgrade ? .webSocket : .calls) else {
                throw .unknown(String(head.path))
            }
            if isUpgrade {
                try upgrade(head, connection, my)
            } else {
                try answer(head, connection, my)
            }
        } catch {
            counters.refused += 1
            let fields = HTTPFields(Array(Self.json) + Array(error.fields))
            connection.reply(error.status, fields, error.body.span)
        }
    }

    private func answer(
        _ head: HTTPRequestHead, _ connection: ServerConnection, _ my: Context
    ) throws(PublicCallError) {
        if configuration.requiresUserAgent, head.fields["User-Agent"] == nil {
            throw PublicCallError(status: 403, message: "Expected a User-Agent header, found none")
        }
        let call = try PublicCall(head, engine.instrument)
        if call == .fullDepth { try countFullDepth(connection.stream.peer, my) }
        let summary = summary(my)
        text.setReply(isRaw: head.asksRaw) { [engine, history] text in
            switch call {
            case .ticker: text.addTicker(summary, isShort: true)
            case .depth: text.addDepth(engine, last: summary.last)
            case .fullDepth: text.addFullDepth(engine)
            case .trades(let since):
                let trades =
                    since.map { history.since($0) } ?? history.lastDay(before: summary.stamp)
                text.addTrades(trades)
            }
        }
        counters.replies += 1
        var fields = Self.json
        var body = text.bytes
        if head.fields.contains("gzip", in: "Accept-Encoding"),
            let packed = try? Gzip.compress(body.span, level: 1)
        {
            fields.append("Content-Encoding", "gzip")
            body = packed
        }
        connection.reply(200, fields, body.span)
    }

    /// Five an hour and address, as at the venue.
    private func countFullDepth(_ peer: String, _ my: Context) throws(PublicCallError) {
        guard let limit = configuration.fullDepthPerHour else { return }
        let address = Self.host(of: peer)
        let begin = my.now + .seconds(-3600)
        var calls = (fullDepthCalls[address] ?? []).filter { $0 > begin }
        guard calls.count < limit else { throw .tooMany(limit) }
        calls.append(my.now)
        fullDepthCalls[address] = calls
        if fullDepthCalls.count > 10_000 {
            fullDepthCalls = fullDepthCalls.filter { ($0.value.last ?? begin) > begin }
        }
    }

    /// The address of a peer without its port.
    static func host(of peer: String) -> String {
        peer.lastIndex(of: ":").map { String(peer[..<$0]) } ?? peer
    }

    // MARK: The door to the stream

    /// Makes a WebSocket of a connection: `/mtgox` and `/`, with any Origin but none without.
    private func upgrade(
        _ head: HTTPRequestHead, _ connection: ServerConnection, _ my: Context
    ) throws(PublicCallError) {
        guard head.path == "/mtgox" || head.path == "/" else {
            throw .unknown(String(head.path))
        }
        guard head.fields["Origin"] != nil else { throw .noOrigin }
        let handshake: WebSocketServerHandshake
        do {
            handshake = try WebSocketServerHandshake(head)
        } catch {
            throw PublicCallError(
                status: error.status, message: "\(error)", fields: error.fields)
        }
        connection.upgrade(handshake)
        let client = SandboxClient(.webSocket(connection))
        clients[connection.number] = client
        counters.webSockets += 1
        let query = (head.query.flatMap { try? PercentEncoding.items($0) }) ?? []
        welcome(client, query, isBare: head.path == "/", my)
    }

    static let json: HTTPFields = [HTTPField("Content-Type", "application/json")]
}

extension HTTPRequestHead {
    /// Whether the query has `raw`: the reply comes without its envelope.
    fileprivate var asksRaw: Bool {
        guard let query, let items = try? PercentEncoding.items(query) else { return false }
        return items.contains { $0.name == "raw" }
    }
}
