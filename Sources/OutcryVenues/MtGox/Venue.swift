public import OutcryComponents
public import OutcryKernel
public import OutcryMarket
public import OutcryWire

/// Mt. Gox, as it was from 2011 to 2014: the plain websocket and HTTP version 1.
public struct MtGoxVenue: Venue {
    /// `mtgox`.
    public var id: VenueID { .mtgox }
    /// The limits that are known of the venue, and the practice of its long-running clients.
    public var rules: VenueRules
    /// What the feeds count the messages of, one channel a pulse.
    public let instruments: [Instrument]
    /// The account that the links have; nil for public data only.
    public var account: MtGoxAccess?
    /// How the calls of links without an account are made; an account says it itself.
    public var gateway = MtGoxGatewayOptions()

    /// Makes the venue for `instruments`.
    ///
    /// The rules: five whole books an hour, or the address is banned; replies up to 10 s old; a
    /// connection that is silent for 60 s is dead; pauses between tries from 1 s to 30 s. The origin
    /// is the only one that the venue's server always took.
    ///
    /// Five orders in 6 s and 40 calls over HTTP in 20 s are what a bot lived with that ran for long.
    ///
    /// - Source: the protocol reference, sections 1, 5.1, 7.2, 13.1 to 13.3.
    public init(_ instruments: [Instrument], account: MtGoxAccess? = nil) {
        self.instruments = instruments
        self.account = account
        rules = VenueRules(
            snapshotAge: .seconds(10), snapshots: 5, snapshotPeriod: .seconds(3600),
            silence: .seconds(60),
            reconnect: Backoff(
                first: .seconds(1), most: .seconds(30), floor: .milliseconds(500), limit: 20),
            origin: "websocket.mtgox.com:443")
        rules.rareChannels = [Channel("trade.lag")]
        rules.cache = Self.cacheRules
        rules.budgets = [
            RateBudget("orders", 5, in: .seconds(6), kinds: [.place]),
            RateBudget("HTTP calls", 40, in: .seconds(20), isOfHTTP: true),
        ]
        rules.paper = Self.paperRules
    }

    /// Whether it was made with a key.
    public var hasAccount: Bool { account != nil }

    /// Without the key; what the account said about limits stays.
    public var withoutAccount: any Venue {
        guard let account else { return self }
        var venue = self
        venue.account = nil
        venue.gateway = account.gateway
        if !account.gateway.isLimited { venue.rules.budgets = [] }
        return venue
    }

    /// 0.6 % of what is received, at least 0.01 coins; open orders hold nothing back.
    ///
    /// - Source: the protocol reference, sections 3, 11 and 15.
    private static var paperRules: PaperRules {
        var rules = PaperRules()
        rules.feeRate = 60
        rules.leastQuantity = "0.01"
        rules.tooSmall = "Order amount is too low"
        rules.notFound = "Order not found"
        rules.funds = .free
        return rules
    }

    /// Starts the gateway of a link, and the signer of its account.
    public func startCalls(of link: Link, http: VenueURL, _ my: Context) {
        let account = account
        let options = account?.gateway ?? gateway
        let settlesAfter = rules.settlesAfter
        guard let account else {
            // Public calls only, which all go over HTTP: it has nothing to hear of the stream.
            return my.startWhenFound(link.gateway, onFailure: .restart()) {
                MtGoxGateway(
                    link, url: http, options, settlesAfter: settlesAfter, hasAccount: false)
            }
        }
        // What a signer has used outlives it.
        let marks = MtGoxMarks()
        my.start(alias: link.signer, onFailure: .restart()) {
            account.makeSigner(for: link.gateway, marks)
        }
        var starts = 0
        my.start(alias: link.gateway, onFailure: .restart()) {
            defer { starts += 1 }
            return MtGoxGateway(
                link, url: http, options, settlesAfter: settlesAfter, restarts: starts)
        }
    }

    /// The instrument's depth and ticker, and the trades of its base, which come for all currencies
    /// on one channel. The channel `trade.lag` is left to those who want it.
    public func channels(for instrument: Instrument) -> [Channel] {
        [
            Channel("depth.\(instrument)"), Channel("ticker.\(instrument)"),
            Channel("trade.\(instrument.base)"),
        ]
    }

    /// Asks for a channel by its name (`depth.BTCEUR`), which says the currency too; a type would mean
    /// that of the connection. Trades of bitcoin and the lag are asked for by type, the one form in
    /// which clients are known to have asked for them; a channel whose name is a GUID, by that.
    ///
    /// - Source: the protocol reference, sections 8.1 and 12.5.
    public func subscribeMessage(_ channel: Channel) -> [UInt8] {
        switch channel.name {
        case "trade.BTC": MtGoxRequest.text("mtgox.subscribe", "type", "trades")
        case "trade.lag": MtGoxRequest.text("mtgox.subscribe", "type", "lag")
        case let name where MtGoxChannels.isGUID(name):
            MtGoxRequest.text("subscribe", "channel", name)
        case let name: MtGoxRequest.text("mtgox.subscribe", "channel", name)
        }
    }

    /// Gives a channel up by its GUID, the only form whose answer is known; nil for an unknown name.
    ///
    /// - Source: the protocol reference, section 8.1.
    public func unsubscribeMessage(_ channel: Channel) -> [UInt8]? {
        let known = MtGoxChannels.guid(of: channel)
        guard let guid = known ?? (MtGoxChannels.isGUID(channel.name) ? channel.name : nil) else {
            return nil
        }
        return MtGoxRequest.text("unsubscribe", "channel", guid)
    }

    /// Makes the parser of one connection's messages.
    public func makeFeed() -> any Feed { MtGoxFeed(instruments) }

    /// The call that brings the whole book; five an hour.
    public func snapshotTarget(_ instrument: Instrument) -> String {
        MtGoxCall.fullDepth(instrument).raw.httpTarget
    }

    /// Reads the reply to that call, whatever its status.
    ///
    /// - Throws: ``MtGoxError``.
    public func snapshot(
        _ instrument: Instrument, from reply: HTTPReply
    ) throws -> BookSnapshot {
        try MtGoxReply.depth(reply.body.span, of: instrument, status: reply.head.status).snapshot
    }
}
