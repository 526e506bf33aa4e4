public import OutcryComponents
public import OutcryKernel

/// How a venue's private calls go, where both ways are open.
public enum MtGoxCarrierPolicy: Hashable, Sendable {
    /// Over the stream while it is up, otherwise over HTTP; calls that the stream does not know, over HTTP.
    case streamFirst
    /// Over HTTP always.
    case http
}

extension Event where Payload == Ask<MtGoxRawCall, Outcome<MtGoxRawReply, CallFailure>> {
    /// Asks a gateway for one call. It goes over the carrier that is there, in its turn, signed where it is
    /// private; the answer is what came, whatever it says, or why nothing did.
    public static let mtgoxCall = Self("mtgox.call")
}

extension Event where Payload == Void {
    static let gatewayDeadlines = Self("mtgox.gateway.deadlines")
    static let gatewayJoin = Self("mtgox.gateway.join")
    static let gatewayJoinLate = Self("mtgox.gateway.joinLate")
    static let gatewayRenew = Self("mtgox.gateway.renew")
    static let gatewayRenewStream = Self("mtgox.gateway.renewStream")
}
