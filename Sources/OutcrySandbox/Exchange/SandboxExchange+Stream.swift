import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryVenues
import OutcryWire

// What clients of the stream ask, and what they are told about it.

extension SandboxExchange {
    /// The remark on connecting, then the automatic subscriptions (protocol reference, section 7.3).
    ///
    /// `?Channel=` says exactly what is subscribed, with slashes or commas between: channels by name (a
    /// `*` stands for any text; trades and lag cannot be had that way), or types, of the currencies:
    /// `ticker,depth,trades`. Else `/mtgox` or `?Currency=` means the trades, and ticker and depth of the
    /// currencies; a bare `/` nothing. The currency is USD where none is named; one that the venue has
    /// not is passed over.
    ///
    /// `?IdKey=` joins the channel of its account.
    ///
    /// - Source: names by goxtool; types by the venue's trade page of September 2012, its checkout button
    ///   and other programs (`?Channel=ticker&Currency=USD`, `?Channel=trades,ticker,depth`).
    func welcome(
        _ client: SandboxClient, _ query: [HTTPQueryItem], isBare: Bool, _ my: Context
    ) {
        send(StreamRemark.make("Now online (sandbox)", success: true), to: client, my)
        let wanted = query.last { $0.name == "Currency" }?.value
        if let wanted, !wanted.isEmpty { client.currencies = PublicChannel.currencies(in: wanted) }
        if let key = query.last(where: { $0.name == "IdKey" })?.value {
            join(key, client, my, nil)
        }
        if let named = query.last(where: { $0.name == "Channel" })?.value {
            for word in named.split(whereSeparator: { $0 == "/" || $0 == "," }) {
                subscribe(client, toEach: channels(named: word, client), my)
            }
        } else if wanted != nil || !isBare {
            for type in ["trades", "ticker", "depth"] {
                subscribe(client, toEach: channels(ofType: type, client), my)
            }
        }
    }

    /// What stands in `?Channel=`.
    private func channels(named word: Substring, _ client: SandboxClient) -> [PublicChannel] {
        let ofType = channels(ofType: String(word), client)
        guard ofType.isEmpty else { return ofType }
        return PublicChannel.all.filter {
            $0.isNamedAtTheDoor && $0.name.utf8.matches(word.utf8)
        }
    }

    /// Each once, also where it was named twice.
    private func subscribe(
        _ client: SandboxClient, toEach channels: [PublicChannel], _ my: Context
    ) {
        for channel in channels where !client.channels.contains(channel.index) {
            subscribe(client, to: channel, my)
        }
    }

    /// Answers one message of a client.
    func hear(_ bytes: [UInt8], _ client: SandboxClient, _ my: Context) {
        guard let request = try? StreamRequest(bytes.span) else {
            return remark("Invalid message", to: client, my, raw: bytes)
        }
        switch request.op {
        case "mtgox.subscribe" where request.key != nil, "subscribe" where request.key != nil:
            join(request.key ?? "", client, my, request.id)
        case "mtgox.subscribe", "subscribe":
            let channels = channels(of: request, client)
            if channels.isEmpty { remark("Unknown channel", to: client, my, request.id) }
            for channel in channels { subscribe(client, to: channel, my) }
        case "unsubscribe", "mtgox.unsubscribe":
            if let guid = request.channel.flatMap({ MtGoxGUID($0) }), leave(guid, client) {
                return send(bytes, to: client, my)
            }
            let channels = channels(of: request, client)
            if channels.isEmpty { return remark("Unknown channel", to: client, my, request.id) }
            for channel in channels { unsubscribe(client, from: channel) }
            send(bytes, to: client, my)
        case "call": together(my) { call(request, client, my) }
        default: remark("Unknown operation", to: client, my, request.id, raw: bytes)
        }
    }

    /// The channels that a request means: one by name or GUID, or those of a type and the
    /// connection's currencies.
    private func channels(
        of request: StreamRequest, _ client: SandboxClient
    ) -> [PublicChannel] {
        if let text = request.channel { return PublicChannel.find(text).map { [$0] } ?? [] }
        return channels(ofType: request.type ?? "", client)
    }

    private func channels(ofType type: String, _ client: SandboxClient) -> [PublicChannel] {
        switch type {
        case "trades", "trade": [.trades]
        case "lag": [.lag]
        case "ticker", "depth":
            client.currencies.compactMap { PublicChannel.find("\(type).BTC\($0)") }
        default: []
        }
    }

    private func subscribe(
        _ client: SandboxClient, to channel: PublicChannel, _ my: Context
    ) {
        if !client.channels.contains(channel.index) {
            client.channels.append(channel.index)
            client.heldBefore[channel.index] = held.isEmpty ? nil : heldEver
            subscribers[channel.index].append(client)
        }
        text.setSubscribed(channel)
        send(text.bytes, to: client, my)
    }

    func unsubscribe(_ client: SandboxClient, from channel: PublicChannel) {
        client.channels.removeAll { $0 == channel.index }
        subscribers[channel.index].removeAll { $0 === client }
    }

    private func remark(
        _ message: String, to client: SandboxClient, _ my: Context, _ id: String? = nil,
        raw: [UInt8]? = nil
    ) {
        send(StreamRemark.make(message, success: false, id: id, raw: raw), to: client, my)
    }
}

extension PublicChannel {
    /// It may stand in `?Channel=`.
    fileprivate var isNamedAtTheDoor: Bool { !name.hasPrefix("trade.") && name != "test" }

    /// The currencies of a list such as `USD,EUR` that the venue has, each once, in their order.
    fileprivate static func currencies(in list: String) -> [String] {
        var known: [String] = []
        for word in list.split(whereSeparator: { $0 == "," || $0 == " " }) {
            let currency = word.uppercased()
            if !known.contains(currency), find("ticker.BTC\(currency)") != nil {
                known.append(currency)
            }
        }
        return known
    }
}

extension Substring.UTF8View {
    /// The rest behind what it begins with; nil if it does not.
    fileprivate func dropping(_ first: UInt8) -> Substring.UTF8View? {
        self.first == first ? dropFirst() : nil
    }
}

extension String.UTF8View {
    /// Whether this is the pattern, in which a `*` stands for any text.
    ///
    /// - Complexity: O(n m), whatever the pattern: the last `*` alone is tried again.
    fileprivate func matches(_ pattern: Substring.UTF8View) -> Bool {
        var text = self[...]
        var pattern = pattern
        var star: (pattern: Substring.UTF8View, text: Substring.UTF8View)?
        while let byte = text.first {
            if let rest = pattern.dropping(UInt8(ascii: "*")) {
                pattern = rest
                star = (rest, text)
            } else if let rest = pattern.dropping(byte) {
                pattern = rest
                text = text.dropFirst()
            } else if let (behind, from) = star {
                pattern = behind
                text = from.dropFirst()
                star = (behind, text)
            } else {
                return false
            }
        }
        return pattern.allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
