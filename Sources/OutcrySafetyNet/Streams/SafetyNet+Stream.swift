import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryVenues
import OutcryWire

// What clients of the stream ask, and what they are told about it.

extension SafetyNet {
    /// The remark on connecting, then what the query asks for (``ChannelWishes``); `?IdKey=` joins the
    /// channel of an account.
    func welcome(
        _ client: NetClient, _ query: [HTTPQueryItem], isBare: Bool, _ my: Context
    ) {
        put(StreamRemark.make("Now online (SafetyNet)", success: true), to: client, my)
        let channels = client.wishes.welcome(query, isBare: isBare)
        if let key = query.last(where: { $0.name == "IdKey" })?.value, !key.isEmpty {
            var writer = JSONWriter()
            writer.object { message in
                message.field("op", "mtgox.subscribe")
                message.field("key", key)
            }
            passUp(writer.bytes, client, joins: true, my)
        }
        for channel in channels { subscribe(client, to: channel, my) }
    }

    /// Answers one message of a client.
    func hear(_ bytes: [UInt8], _ client: NetClient, _ my: Context) {
        guard let request = try? StreamRequest(bytes.span) else {
            return remark("Invalid message", to: client, my, raw: bytes)
        }
        switch request.op {
        case "mtgox.subscribe" where request.key != nil, "subscribe" where request.key != nil:
            passUp(bytes, client, joins: true, my)
        case "mtgox.subscribe", "subscribe":
            let channels = client.wishes.channels(of: request)
            if channels.isEmpty { return unknown(request, bytes, client, my) }
            for channel in channels { subscribe(client, to: channel, my) }
        case "unsubscribe", "mtgox.unsubscribe":
            let channels = client.wishes.channels(of: request)
            if channels.isEmpty { return unknown(request, bytes, client, my) }
            for channel in channels { fanOut.unsubscribe(client, from: channel.index, my) }
            put(bytes, to: client, my)
        case "call": passCall(request, bytes, client, my)
        case "snapshot": snapshot(request, client, my)
        default: remark("Unknown operation", to: client, my, request.id, raw: bytes)
        }
    }

    /// A channel that is none of the public ones is its account's, where it has a line of its own.
    private func unknown(
        _ request: StreamRequest, _ bytes: [UInt8], _ client: NetClient, _ my: Context
    ) {
        if client.line != nil, request.channel.flatMap({ MtGoxGUID($0) }) != nil {
            _ = passUp(bytes, client, my)
            return
        }
        remark("Unknown channel", to: client, my, request.id)
    }

    private func subscribe(_ client: NetClient, to channel: PublicChannel, _ my: Context) {
        fanOut.subscribe(client, to: channel.index, my)
        demand(channel, my)
        text.setSubscribed(channel)
        put(text.bytes, to: client, my)
    }

    /// Has a channel subscribed upstream that no market of ours brings.
    private func demand(_ channel: PublicChannel, _ my: Context) {
        let markets = configuration.instruments.map(\.name)
        let own = ["ticker", "depth"].contains { kind in
            markets.contains { channel.name == "\(kind).\($0)" }
        }
        guard !own, channel != .trades, !demanded.contains(channel.index) else { return }
        demanded.append(channel.index)
        link.subscribe(Channel(channel.name), my)
    }

    /// `{"op":"snapshot","channel":"depth.BTCUSD"}`, which the venue had not: subscribes to the channel
    /// where that is not done, and tells the whole book as of this place in the channel's messages. What
    /// comes on the channel from then on goes on from it: nothing is missing, nothing comes twice.
    ///
    /// ```json
    /// {"op":"snapshot","channel":"24e67e0d-…","channel_name":"depth.BTCUSD","now":"1364767201381791",
    ///  "snapshot":{"asks":[{"price":…,"amount":…,"price_int":"…","amount_int":"…","stamp":"…"}],"bids":[…]}}
    /// ```
    ///
    /// Refused by a remark for any other channel, while the book is not known to be good, more than once a
    /// second, and where the book is larger than ``FanOutLimits/snapshot``. A client that is behind is told
    /// the book as it is when it reads again, once for all that it has asked until then.
    private func snapshot(_ request: StreamRequest, _ client: NetClient, _ my: Context) {
        guard let channel = request.channel.flatMap({ PublicChannel.find($0) }),
            let place = markets.firstIndex(where: {
                channel.name == "depth.\($0.mirror.instrument.name)"
            })
        else {
            return remark(
                "Unknown channel (should be the depth of a market that is kept)", to: client, my,
                request.id)
        }
        guard markets[place].trust == .live else {
            return remark("The book is not trusted now, please wait", to: client, my, request.id)
        }
        guard !fanOut.awaitsSnapshot(of: channel.index, client) else { return }
        guard client.nextSnapshot <= my.now else {
            return remark("Too many snapshots, please wait 1 secs", to: client, my, request.id)
        }
        client.nextSnapshot = my.now + .seconds(1)
        guard snapshotText(place, channel).count <= configuration.fanOut.snapshot else {
            return remark("The book is too large to be told", to: client, my, request.id)
        }
        if !client.listens(to: channel.index) { subscribe(client, to: channel, my) }
        fanOut.putSnapshot(of: channel.index, to: client, my)
    }

    /// The whole book of a channel as a message, as of what was told on it.
    func snapshotText(_ channel: Int) -> [UInt8] {
        let channel = PublicChannel.all[channel]
        let place = markets.firstIndex { channel.name == "depth.\($0.mirror.instrument.name)" }
        return place.map { snapshotText($0, channel) } ?? []
    }

    /// The whole book of a market, made once for all who ask between two changes.
    private func snapshotText(_ place: Int, _ channel: PublicChannel) -> [UInt8] {
        let mirror = markets[place].mirror
        if let made = snapshots[place], made.version == mirror.version { return made.text }
        var text = MessageText(mirror.instrument)
        text.add("{\"op\":\"snapshot\",\"channel\":\"")
        text.add(Array(channel.guid.utf8))
        text.add("\",\"channel_name\":\"")
        text.add(Array(channel.name.utf8))
        text.add("\",\"now\":\"")
        text.add(mirror.stamp)
        text.add("\",\"snapshot\":")
        text.addDepth(mirror.depth)
        text.add("}")
        snapshots[place] = (mirror.version, text.bytes)
        return text.bytes
    }

    func remark(
        _ message: String, to client: NetClient, _ my: Context, _ id: String? = nil,
        raw: [UInt8]? = nil
    ) {
        put(StreamRemark.make(message, success: false, id: id, raw: raw), to: client, my)
    }

    func forget(_ client: NetClient, _ my: Context) {
        fanOut.remove(client)
        closeLine(of: client, my)
    }
}
