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
    /// The places of each wallet's among them. Only looked up.
    private var places: [Currency: [Int]] = [:]
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
    func count(of currency: Currency) -> Int { places[currency]?.count ?? 0 }

    /// The places of a wallet's lines among ``entries``, oldest first.
    func places(of currency: Currency) -> [Int] { places[currency] ?? [] }

    /// Writes a change of a wallet down.
    mutating func add(
        _ entry: WalletEntry, _ info: String, ticket: Int64, transfer: Int64
    ) -> AccountEntry {
        let index = count(of: entry.currency) + 1
        places[entry.currency, default: []].append(entries.count)
        let line = AccountEntry(
            entry: entry, index: index, info: info, ticket: ticket, transfer: transfer)
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
    /// The number of the transfer; 0 for trades.
    let transfer: Int64
}
