// What the venue's feed publishes besides the venue-neutral events.

public import OutcryKernel
public import OutcryMarket

extension Event where Payload == MtGoxResult {
    /// The answer to a call over the stream has come. A refused call is answered by a `notice`.
    public static let mtgoxResult = Self("mtgox.result")
}
extension Event where Payload == MtGoxOrderNews {
    /// An order of the account changed, with all that the venue tells; `orderNews` carries the neutral part of it.
    public static let mtgoxOrder = Self("mtgox.order")
}
extension Event where Payload == MtGoxWalletNews {
    /// Money of the account moved.
    public static let mtgoxWallet = Self("mtgox.wallet")
}
extension Event where Payload == MtGoxTicker {
    /// A market's summary with all that the venue tells; `ticker` carries the neutral part of it.
    public static let mtgoxTicker = Self("mtgox.ticker")
}
extension Event where Payload == Trade {
    /// The account traded: the copy of a public trade that comes on the account's channel. It is not
    /// published as `trade`, where it would count twice.
    public static let mtgoxOwnTrade = Self("mtgox.ownTrade")
}
