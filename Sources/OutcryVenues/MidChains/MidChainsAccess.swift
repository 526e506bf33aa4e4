/// A user of MidChains: a name and a password, which nothing shows.
public struct MidChainsCredentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The `userid`.
    public let user: String
    let password: [UInt8]

    /// Takes a name and a password.
    ///
    /// - Returns: Nil for an empty one of them, and for a password of more than 117 bytes of UTF-8, which the
    ///   venue's key cannot encrypt.
    public init?(user: String, password: String) {
        guard !user.isEmpty, (1...117).contains(password.utf8.count) else { return nil }
        self.user = user
        self.password = Array(password.utf8)
    }

    /// The name, nothing of the password.
    public var description: String { "MidChains user \(user)" }
    /// The name, nothing of the password.
    public var debugDescription: String { description }
    /// Shows the name only.
    public var customMirror: Mirror { Mirror(self, children: ["user": user]) }
}

/// An account of the venue, as a link uses it.
public struct MidChainsAccess: Sendable {
    let credentials: MidChainsCredentials
    /// How requests are made.
    public var gateway = MidChainsGatewayOptions()

    /// An account, used in the usual ways.
    public init(_ credentials: MidChainsCredentials) { self.credentials = credentials }
}

/// How a gateway goes about its work.
public struct MidChainsGatewayOptions: Sendable {
    /// What becomes of an order to buy so much at any price. The venue takes only orders to buy for so much money.
    public enum MarketBuys: Sendable, Hashable {
        /// A limit so many thousandths above the best ask of the link's book, immediate or cancelled: what it does
        /// not get at once, or only dearer, it does not get.
        case limited(permille: Int64)
        /// It is refused.
        case refused
    }

    /// What becomes of an order to buy so much at any price.
    public var marketBuys = MarketBuys.limited(permille: 50)
    /// Orders carry the program's own name as `clientorderid`. The vendor's documents have it, and that it comes
    /// back; MidChains' have it in one answer.
    public var sendsClientIDs = true
    /// A request without an answer within this time has none.
    public var timeout = Duration.seconds(10)
    /// A request whose turn does not come within this time, because of the venue's limits, does not go.
    public var patience = Duration.seconds(60)
    /// After so many refused logins in a row there are no more.
    public var logins = 3
    /// The budgets of the venue's rules are kept.
    public var isLimited = true

    /// The usual ways.
    public init() {}
}
