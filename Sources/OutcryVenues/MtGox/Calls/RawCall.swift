public import OutcryComponents
public import OutcryMarket

/// What is asked of the venue, whichever carrier brings it there, and what is known of asking it.
///
/// ``MtGoxCall`` makes them, and reads the answers; one of your own is for calls that this framework does
/// not know.
public struct MtGoxRawCall: Hashable, Sendable {
    /// The version of the API whose names and parameters these are.
    public var version: MtGoxVersion
    /// The path as that version has it, without the pair: `order/add`, `money/order/add`, `getFunds.php`.
    public var endpoint: String
    /// The pair in the path of version 1 and 2; nil where the call is about none.
    public var instrument: Instrument?
    /// The parameters, in the order they are sent; without a nonce or a tonce.
    public var parameters: [MtGoxParameter]
    /// It is signed, and is about an account.
    public var isPrivate: Bool
    /// Which of the venue's budgets it is taken from.
    public var kind: RequestKind
    /// Asked twice it does what it does once: it may be asked again when no answer has come.
    public var isRepeatable: Bool

    /// Makes a call.
    public init(
        version: MtGoxVersion = .v1, endpoint: String, instrument: Instrument? = nil,
        parameters: [MtGoxParameter] = [], isPrivate: Bool = true, kind: RequestKind = .query,
        isRepeatable: Bool = false
    ) {
        self.version = version
        self.endpoint = endpoint
        self.instrument = instrument
        self.parameters = parameters
        self.isPrivate = isPrivate
        self.kind = kind
        self.isRepeatable = isRepeatable
    }
}

/// A version of the venue's HTTP API. Over the stream calls have the names of version 1.
public enum MtGoxVersion: UInt8, Hashable, Sendable, CaseIterable {
    /// The scripts of 2011: `/api/0/getFunds.php`.
    case v0
    /// `/api/1/BTCUSD/order/add`.
    case v1
    /// `/api/2/BTCUSD/money/order/add`.
    case v2
}

/// What the venue answered to a call.
public struct MtGoxRawReply: Hashable, Sendable {
    /// The value's text, or all that came where it is no JSON; with or without the envelope.
    public let body: [UInt8]
    /// The status, where it came over HTTP.
    public let status: Int?

    /// Makes a reply.
    public init(body: [UInt8], status: Int?) {
        self.body = body
        self.status = status
    }
}
