import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryWire

// What clients of the stream ask, and what they are told about it.

extension SandboxExchange {
    /// The remark on connecting, then the automatic subscriptions (protocol reference, section 7.3).
    ///
    /// `?Channel=` names exactly what is subscribed (trades and lag cannot be had that way); `/mtgox`
    /// or `?Currency=` means the trades, and ticker and depth of the currencies, USD where none is
    /// named; a bare `/` nothing.
    func welcome(
        _ client: SandboxClient, _ query: [HTTPQueryItem], isBare: Bool, _ my: Context
    ) {
        send(StreamRemark.make("Now online (sandbox)", success: true), to: client, my)
        if let named = query.last(where: { $0.name == "Channel" })?.value {
            for pattern in named.split(separator: "/") {
                for channel in PublicChannel.all
                where channel.name.matches(pattern)
                    && !channel.name.hasPrefix("trade.") && channel.name != "test"
                {
                    subscribe(client, to: channel, my)
                }
            }
            return
        }
        if let named = query.last(where: { $0.name == "Currency" })?.value {
            client.currencies = named.split(separator: ",").map(String.init)
        } else if isBare {
            return
        }
        subscribe(client, to: .trades, my)
        for kind in ["ticker", "depth"] {
            for currency in client.currencies {
                guard let channel = PublicChannel.find("\(kind).BTC\(currency)") else { continue }
                subscribe(client, to: channel, my)
            }
        }
    }

    /// Answers one message of a client.
    func hear(_ bytes: [UInt8], _ client: SandboxClient, _ my: Context) {
        guard let request = try? StreamRequest(bytes.span) else {
            return remark("Invalid message", to: client, my, raw: bytes)
        }
        switch request.op {
        case "mtgox.subscribe", "subscribe":
            let channels = channels(of: request, client)
            if channels.isEmpty { remark("Unknown channel", to: client, my, request.id) }
            for channel in channels { subscribe(client, to: channel, my) }
        case "unsubscribe", "mtgox.unsubscribe":
            let channels = channels(of: request, client)
            if channels.isEmpty { return remark("Unknown channel", to: client, my, request.id) }
            for channel in channels { unsubscribe(client, from: channel) }
            send(bytes, to: client, my)
        case "call":
            // No accounts yet: no signature can be right.
            remark("Invalid call", to: client, my, request.id)
        default: remark("Unknown operation", to: client, my, request.id, raw: bytes)
        }
    }

    /// The channels that a request means: one by name or GUID, or those of a type and the
    /// connection's currencies.
    private func channels(
        of request: StreamRequest, _ client: SandboxClient
    ) -> [PublicChannel] {
        if let text = request.channel { return PublicChannel.find(text).map { [$0] } ?? [] }
        switch request.type {
        case "trades", "trade": return [.trades]
        case "lag": return [.lag]
        case "ticker", "depth":
            return client.currencies.compactMap {
                PublicChannel.find("\(request.type ?? "").BTC\($0)")
            }
        default: return []
        }
    }

    private func subscribe(
        _ client: SandboxClient, to channel: PublicChannel, _ my: Context
    ) {
        if !client.channels.contains(channel.index) {
            client.channels.append(channel.index)
            subscribers[channel.index].append(client)
        }
        text.setSubscribed(channel)
        send(text.bytes, to: client, my)
    }

    private func unsubscribe(_ client: SandboxClient, from channel: PublicChannel) {
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

extension String {
    /// Whether this is the pattern, or begins with what stands before its `*`.
    fileprivate func matches(_ pattern: Substring) -> Bool {
        guard pattern.last == "*" else { return self == pattern }
        return hasPrefix(pattern.dropLast())
    }
}
