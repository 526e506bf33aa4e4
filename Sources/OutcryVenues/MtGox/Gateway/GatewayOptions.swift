/// How a gateway goes about its work.
public struct MtGoxGatewayOptions: Sendable {
    /// Which way calls go.
    public var carrier = MtGoxCarrierPolicy.streamFirst
    /// A call without an answer within this time has none.
    public var timeout = Duration.seconds(10)
    /// A call whose turn does not come within this time, because of the venue's limits, does not go.
    public var patience = Duration.seconds(60)
    /// So many times more a call that changes nothing is tried, with pauses that double from the first.
    public var retries = 6
    /// The first of these pauses.
    public var retryPause = Duration.milliseconds(250)
    /// So many times more a call is tried whose nonce, tonce or signature was refused.
    public var stampTries = 3
    /// The account's channel is joined anew so often: its key is good for 24 hours, but the venue can lose a channel
    /// without a trace (section 13.2 of the protocol reference).
    public var renewal = Duration.seconds(1_800)
    /// The budgets of the venue's rules are kept.
    public var isLimited = true
    /// A buyer's fee is taken from what is paid, not from what is received.
    public var prefersFiatFee = false

    /// The usual ways.
    public init() {}
}
