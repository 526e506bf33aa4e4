public import OutcryMarket

/// What a sandbox is at its doors for MidChains: the same market, the same accounts, another language.
public struct SandboxMidChains: Sendable {
    /// Who may log in. A user is the account of that name, whoever opened it.
    public var users: [SandboxMidChainsUser] = []
    /// Securities that there are besides those of the sandbox's markets, each as another name of a market: its
    /// book and trades are told, and no orders taken. (The seed of MidChains' clients asks for `BCHUSD`.)
    public var listings: [(security: String, market: Instrument)] = []
    /// A login has to be finished so long after the connection was made: the venue's 30 s.
    public var loginTime = Duration.seconds(30)
    /// A connection that does not log in is cut off then, also where it only wants market data. Nobody knows
    /// whether the venue does that; without, only one that has asked for a challenge is.
    public var cutsOffStrangers = false
    /// Requests that an address may make in how long before it logs in; nil: as many as it likes. The venue's: six
    /// at once, three in a second.
    public var addressRate: RequestRateLimit?
    /// Requests that a user may make in how long; nil: as many as it likes. The venue's: ten at once, five in a
    /// second.
    public var userRate: RequestRateLimit?
    /// The `id` of the market's first order. Those of the venue's engine are beyond 2^53 where its vendor shows
    /// them, and below where MidChains does.
    public var firstEntry: Int64 = 120_946_647_655_360
    /// The `key` of an order in the book is its reference, as in the vendor's internal books; else `NA`, as
    /// MidChains shows it.
    public var showsKeys = false
    /// Answers repeat the client's own name of an order. MidChains shows that in one place only.
    public var echoesClientIDs = true
    /// Orders of a book that one message of its image has at most.
    public var imageLines = 500

    /// As documented, without users and limits.
    public init() {}

    /// Sets all limits as they are documented.
    public mutating func setVenueLimits() {
        addressRate = RequestRateLimit(requests: 6, span: .seconds(2))
        userRate = RequestRateLimit(requests: 10, span: .seconds(2))
    }
}

/// Who may log in at a sandbox's MidChains.
public struct SandboxMidChainsUser: Sendable, CustomStringConvertible, CustomReflectable {
    /// The `userid`, and the name of the account.
    public let name: String
    let password: [UInt8]
    /// What the account begins with that is opened for the user, where there is none of the name; nothing: none is.
    public let money: [Money]

    /// A user with a password.
    ///
    /// - Precondition: the password is 1 to 117 bytes of UTF-8: more cannot be encrypted by the venue's key.
    public init(_ name: String, password: String, money: [Money] = []) {
        precondition(
            (1...117).contains(password.utf8.count), "a password has 1 to 117 bytes of UTF-8")
        self.name = name
        self.money = money
        self.password = Array(password.utf8)
    }

    /// Without the password.
    public var description: String { "user \(name)" }
    /// Without the password.
    public var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}
