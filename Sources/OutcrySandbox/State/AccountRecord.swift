import OutcryMarket

/// What an exchange knows of an account beside its money.
struct AccountRecord {
    let owner: OwnerNumber
    /// Its login.
    let name: String
    /// Microseconds since 1970.
    let created: Int64
    /// Changes of its wallets, oldest first.
    private(set) var entries: [AccountEntry] = []
    /// How many of them each wallet has. Only looked up.
    private var counts: [Currency: Int] = [:]
    /// Its open orders, in the order of their tickets.
    var open: [Int64] = []
    /// What it traded, oldest first, with the ticket of its own order.
    var trades: [(trade: EngineTrade, ticket: Int64)] = []
    /// Addresses for deposits that it was given, beside the first one.
    var addresses = 0
    /// The last call that one of its keys has signed, microseconds since 1970.
    var lastLogin: Int64

    init(_ owner: OwnerNumber, name: String, at now: Int64) {
        self.owner = owner
        self.name = name
        created = now
        lastLogin = now
    }

    /// How many changes a wallet has seen.
    func count(of currency: Currency) -> Int { counts[currency] ?? 0 }

    /// Writes a change of a wallet down.
    mutating func add(_ entry: WalletEntry, _ info: String, ticket: Int64) -> AccountEntry {
        let index = count(of: entry.currency) + 1
        counts[entry.currency] = index
        let line = AccountEntry(entry: entry, index: index, info: info, ticket: ticket)
        entries.append(line)
        return line
    }
}

/// One line of an account's wallet history.
struct AccountEntry: Hashable, Sendable {
    let entry: WalletEntry
    /// Its place among the entries of its wallet: 1, 2, 3 …
    let index: Int
    /// What a deposit or withdrawal was for; empty for trades.
    let info: String
    /// The ticket of the order that traded; 0 else.
    let ticket: Int64
}
