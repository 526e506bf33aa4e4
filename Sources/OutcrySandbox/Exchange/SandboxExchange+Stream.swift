import OutcryMarket
import OutcryWire

// What clients of the stream ask, and what they are told about it.

extension SandboxExchange {
    /// The remark on connecting, then the automatic subscriptions (protocol reference, section 7.3).
    ///
    /// `?Channel=` names exactly what is subscribed (trades and lag cannot be had that way); `/mtgox`
    /// or `?Currency=` means the trades, and ticker and depth of the currencies, USD where none is
    /// named; a bare `/` nothing.
    func welcome(_ head: HTTPRequestHead, _ connection: SandboxConnection) {
        connection.send(StreamRemark.make("Now online (sandbox)", success: true).span)
        counters.sent += 1
        let query = (head.query.flatMap { try? PercentEncoding.items($0) }) ?? []
        if let named = query.last(where: { $0.name == "Channel" })?.value {
            for pattern in named.split(separator: "/") {
                for channel in PublicChannel.all
                where channel.name.matches(pattern)
                    && !channel.name.hasPrefix("trade.") && channel.name != "test"
                {
                    subscribe(connection, to: channel)
                }
            }
            return
        }
        if let named = query.last(where: { $0.name == "Currency" })?.value {
            connection.currencies = named.split(separator: ",").map(String.init)
        } else if head.path == "/" {
            return
        }
        subscribe(connection, to: .trades)
        for kind in ["ticker", "depth"] {
            for currency in connection.currencies {
                guard let channel = PublicChannel.find("\(kind).BTC\(currency)") else { continue }
                subscribe(connection, to: channel)
            }
        }
    }

    /// Answers one message of a client.
    func hear(_ bytes: [UInt8], _ connection: SandboxConnection) {
        guard let request = try? StreamRequest(bytes.span) else {
            return remark("Invalid message", to: connection, raw: bytes)
        }
        switch request.op {
        case "mtgox.subscribe", "subscribe":
            let channels = channels(of: request, connection)
            if channels.isEmpty { remark("Unknown channel", to: connection, request.id) }
            for channel in channels { subscribe(connection, to: channel) }
        case "unsubscribe", "mtgox.unsubscribe":
            let channels = channels(of: request, connection)
            if channels.isEmpty { return remark("Unknown channel", to: connection, request.id) }
            for channel in channels { unsubscribe(connection, from: channel) }
            connection.send(bytes.span)
            counters.sent += 1
        case "call":
            // No accounts yet: no signature can be right.
            remark("Invalid call", to: connection, request.id)
        default: remark("Unknown operation", to: connection, request.id, raw: bytes)
        }
    }

    /// The channels that a request means: one by name or GUID, or those of a type and the
    /// connection's currencies.
    private func channels(
        of request: StreamRequest, _ connection: SandboxConnection
    ) -> [PublicChannel] {
        if let text = request.channel { return PublicChannel.find(text).map { [$0] } ?? [] }
        switch request.type {
        case "trades", "trade": return [.trades]
        case "lag": return [.lag]
        case "ticker", "depth":
            return connection.currencies.compactMap {
                PublicChannel.find("\(request.type ?? "").BTC\($0)")
            }
        default: return []
        }
    }

    private func subscribe(_ connection: SandboxConnection, to channel: PublicChannel) {
        if !connection.channels.contains(channel.index) {
            connection.channels.append(channel.index)
            subscribers[channel.index].append(connection)
        }
        text.setSubscribed(channel)
        connection.send(text.bytes.span)
        counters.sent += 1
    }

    private func unsubscribe(_ connection: SandboxConnection, from channel: PublicChannel) {
        connection.channels.removeAll { $0 == channel.index }
        subscribers[channel.index].removeAll { $0 === connection }
    }

    private func remark(
        _ message: String, to connection: SandboxConnection, _ id: String? = nil,
        raw: [UInt8]? = nil
    ) {
        connection.send(StreamRemark.make(message, success: false, id: id, raw: raw).span)
        counters.sent += 1
    }
}

extension String {
    /// Whether this is the pattern, or begins with what stands before its `*`.
    fileprivate func matches(_ pattern: Substring) -> Bool {
        guard pattern.last == "*" else { return self == pattern }
        return hasPrefix(pattern.dropLast())
    }
}
