public import OutcryComponents
public import OutcryKernel
public import OutcryMarket
public import OutcryWire

/// MidChains: one stream for market data and orders; a tenant of the exchange of Fundamental Interactions, whose
/// other tenants speak the same.
///
/// Its books are told order by order, without numbers, checksums or heartbeats: a book of it is
/// ``OutcryComponents/Evidence/unproven`` for as long as nothing is known to be missing.
public struct MidChainsVenue: Venue {
    /// `midchain`.
    public var id: VenueID { .midchains }
    /// The limits that are documented, and the practice of clients.
    public var rules: VenueRules
    /// What the feeds read, with the decimals that prices and amounts are counted in; the venue documents
    /// none. A finer number is malformed, and the book not to be relied upon.
    public let instruments: [Instrument]
    /// What nobody has documented.
    public var options: MidChainsOptions
    /// Links ask for the books and trades of their instruments; else they hear what they ask for themselves.
    public var asksForMarkets = true
    /// The account that the links have; nil for public data only.
    public var account: MidChainsAccess?

    /// Makes the venue for `instruments`.
    ///
    /// The rules: an address may ask three times in a second and six at once, so that subscriptions are a third of
    /// a second apart; a user five times and ten at once. The stream begins with the whole book. A connection that
    /// answers no pings of RFC 6455 for 60 s is dead: the venue has no heartbeat of its own.
    ///
    /// - Source: the protocol reference, sections 1, 2 and 6.
    public init(
        _ instruments: [Instrument], account: MidChainsAccess? = nil,
        options: MidChainsOptions = MidChainsOptions()
    ) {
        self.instruments = instruments
        self.account = account
        self.options = options
        rules = VenueRules(
            snapshotSource: .stream, silence: .seconds(60),
            reconnect: Backoff(
                first: .seconds(1), most: .seconds(30), floor: .milliseconds(500), limit: 20),
            subscriptionPace: .milliseconds(334), subscriptionTimeout: options.confirmation)
        // Nobody has documented what a second subscription does.
        rules.isBookToldAgain = false
        rules.settlesAfter = options.settlesAfter
        // Ten in any two seconds never ask more of a bucket of ten that gets five a second.
        rules.budgets = [RateBudget("requests of the user", 10, in: .seconds(2))]
        // The venue documents no fee and no least amount.
        rules.paper.notEnough = "not enough fund"
    }

    /// Whether it was made with a user.
    public var hasAccount: Bool { account != nil }

    /// Without the user.
    public var withoutAccount: any Venue {
        var venue = self
        venue.account = nil
        return venue
    }

    /// Starts the gateway of a link, where there is an account.
    public func startCalls(of link: Link, http: VenueURL, _ my: Context) {
        guard let account else { return }
        let settlesAfter = rules.settlesAfter
        var isFirst = true
        my.start(alias: link.gateway, onFailure: .restart()) {
            defer { isFirst = false }
            return MidChainsGateway(
                link, account, settlesAfter: settlesAfter, isRestarted: !isFirst)
        }
    }

    /// The instrument's book and trades, asked for in one message.
    public func channels(for instrument: Instrument) -> [Channel] {
        asksForMarkets ? [MidChainsChannels.market(instrument)] : []
    }

    /// The instrument's book and trades, also where a link does not ask for them.
    public func depthChannel(for instrument: Instrument) -> Channel? {
        MidChainsChannels.market(instrument)
    }

    /// Asks for the feeds of a channel, see ``MidChainsChannels``.
    public func subscribeMessage(_ channel: Channel) -> [UInt8] {
        MidChainsChannels.request("subscribe", channel)
    }

    /// Gives a channel up as ``options`` say.
    public func unsubscribeMessage(_ channel: Channel) -> [UInt8]? {
        switch options.unsubscribing {
        case .never: nil
        case .guessed: MidChainsChannels.request("unsubscribe", channel)
        }
    }

    /// Makes the parser of one connection's messages.
    public func makeFeed() -> any Feed { MidChainsFeed(instruments) }

    /// The call that brings a book at the vendor of the venue's exchange; MidChains documents no calls, and
    /// links do not make this one: their books come on the stream.
    ///
    /// - Source: the protocol reference, section 1.
    public func snapshotTarget(_ instrument: Instrument) -> String {
        "/firestapi/public/book?symbol=\(instrument)"
    }

    /// Reads the reply to that call: an array of orders, of which those that can be traded with are summed.
    ///
    /// - Throws: ``MidChainsFault``.
    public func snapshot(
        _ instrument: Instrument, from reply: HTTPReply
    ) throws -> BookSnapshot {
        try MidChainsReply.snapshot(reply.body.span, of: instrument)
    }
}
