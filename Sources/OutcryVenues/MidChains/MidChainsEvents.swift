// What the venue's feed publishes besides the venue-neutral events.

public import OutcryKernel

/// The answer to a request, or news of the account, as it came.
public struct MidChainsReply: Sendable, Equatable {
    /// Its type.
    public let kind: MidChainsKind
    /// The whole message.
    public let json: [UInt8]
}

/// Messages of a type that is not known here: they are passed over, as the venue asks of its clients.
public struct MidChainsUnknown: Sendable, Equatable {
    /// The type; for market data of a security that the link was not told of, with that.
    public let type: String
    /// How many have come on this connection.
    public let count: Int
}

extension Event where Payload == MidChainsReply {
    /// The answer to a request has come, or news of the account.
    public static let midchainsReply = Self("midchains.reply")
}
extension Event where Payload == MidChainsUnknown {
    /// A message was passed over: told of the first of its type, the tenth, the hundredth …
    public static let midchainsUnknown = Self("midchains.unknown")
}
