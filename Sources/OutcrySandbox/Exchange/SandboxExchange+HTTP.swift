import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryWire

// Public HTTP calls of versions 0, 1 and 2, and the door to the stream.

extension SandboxExchange {
    /// Answers one request.
    func serve(_ head: HTTPRequestHead, _ connection: ServerConnection, _ my: Context) {
        do throws(CallRefusal) {
            if WebSocketServerHandshake.isAsked(in: head) {
                try upgrade(head, connection, my)
            } else {
                try answer(head, connection, my)
            }
        } catch {
            counters.refused += 1
            let fields = HTTPFields(Array(Self.json) + Array(error.fields))
            text.setRefusal(APIVersion(path: head.path), error)
            let body = text.bytes
            connection.reply(error.status, fields, body.span)
        }
    }

    private func answer(
        _ head: HTTPRequestHead, _ connection: ServerConnection, _ my: Context
    ) throws(CallRefusal) {
        if configuration.requiresUserAgent, head.fields["User-Agent"] == nil {
            throw .noUserAgent
        }
        let markets = [engine.instrument]
        let route = try CallRoute(head, markets: markets)
        // No accounts yet.
        guard route.endpoint.access == .anyone else { throw .unknown(String(head.path)) }
        let call = try route.call(head, body: [], markets: markets)
        if case .fullDepth = call { try countFullDepth(connection.stream.peer, my) }
        try write(call, route, my)
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

    /// Writes the answer to a public call.
    private func write(
        _ call: ServedCall, _ route: CallRoute, _ my: Context
    ) throws(CallRefusal) {
        let summary = summary(my)
        let ticker = TickerView(summary, engine.instrument)
        let isOld = route.version == .v0
        try text.setReply(route.version, isRaw: route.isRaw) {
            [engine, history] (text) throws(CallRefusal) in
            switch call {
            case .ticker where isOld: text.addOldTicker(ticker)
            case .ticker: text.addTicker(ticker, isShort: true)
            case .fastTicker: text.addFastTicker(ticker)
            case .depth where isOld:
                text.addOldDepth(DepthView(engine, near: summary.last), .january2013)
            case .depth: text.addDepth(DepthView(engine, near: summary.last))
            case .fullDepth: text.addDepth(DepthView(engine))
            case .trades(_, let since):
                let trades =
                    since.map { history.since($0) } ?? history.lastDay(before: summary.stamp)
                let views = trades.map { TradeView($0, engine.instrument) }
                if isOld { text.addOldTrades(views) } else { text.addListedTrades(views) }
            case .cancelledTrades: text.addCancelledTrades()
            case .currency(let currency):
                guard text.addCurrency(currency) else { throw .unknownCurrency(currency.code) }
            case .lag: text.addLag(age: 0, length: 0)
            case .quote(_, let side, let units):
                guard let cost = DepthView(engine).quote(side, units: units) else {
                    throw .notEnoughDepth
                }
                text.addQuote(cost)
            case .publicChannels: text.addPublicChannels()
            default: throw .methodNotFound
            }
        }
    }

    /// Five an hour and address, as at the venue.
    private func countFullDepth(_ peer: String, _ my: Context) throws(CallRefusal) {
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
    ) throws(CallRefusal) {
        guard head.path == "/mtgox" || head.path == "/" else {
            throw .unknown(String(head.path))
        }
        guard head.fields["Origin"] != nil else { throw .noOrigin }
        let handshake: WebSocketServerHandshake
        do {
            handshake = try WebSocketServerHandshake(head)
        } catch {
            throw CallRefusal(
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
