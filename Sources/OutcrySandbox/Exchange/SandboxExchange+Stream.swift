import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryVenues
import OutcryWire

// What clients of the stream ask, and what they are told about it.

extension SandboxExchange {
    /// The remark on connecting, then the automatic subscriptions (protocol reference, section 7.3).
    ///
    /// `?Channel=` and `?Currency=` say what is subscribed (``ChannelWishes``).
    ///
    /// `?IdKey=` joins the channel of its account.
    func welcome(
        _ client: SandboxClient, _ query: [HTTPQueryItem], isBare: Bool, _ my: Context
    ) {
        send(StreamRemark.make("Now online (sandbox)", success: true), to: client, my)
        let channels = client.wishes.welcome(query, isBare: isBare)
        if let key = query.last(where: { $0.name == "IdKey" })?.value {
            join(key, client, my, nil)
        }
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
            let channels = client.wishes.channels(of: request)
            if channels.isEmpty { remark("Unknown channel", to: client, my, request.id) }
            for channel in channels { subscribe(client, to: channel, my) }
        case "unsubscribe", "mtgox.unsubscribe":
            if let guid = request.channel.flatMap({ MtGoxGUID($0) }), leave(guid, client) {
                return send(bytes, to: client, my)
            }
            let channels = client.wishes.channels(of: request)
            if channels.isEmpty { return remark("Unknown channel", to: client, my, request.id) }
            for channel in channels { unsubscribe(client, from: channel) }
            send(bytes, to: client, my)
        case "call": together(my) { call(request, client, my) }
        default: remark("Unknown operation", to: client, my, request.id, raw: bytes)
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
