public import OutcryMarket

/// What a simulated account has, and where everything else of it went: for each currency what the account, the house
/// and the market have together is always what the account began with.
public struct PaperLedger: Sendable, Equatable {
    /// One currency.
    public struct Entry: Sendable, Equatable {
        /// Which.
        public let currency: Currency
        /// What the account began with, in the currency's units; as all of these.
        public let initial: Int64
        /// What it has.
        public internal(set) var account: Int64
        /// What the house took as fees.
        public internal(set) var house: Int64 = 0
        /// What those have got who were traded with; below zero: what they have given.
        public internal(set) var market: Int64 = 0

        /// Nothing has come from nowhere, and nothing is lost.
        public var isBalanced: Bool {
            Int128(account) + Int128(house) + Int128(market) == Int128(initial) && account >= 0
        }
    }

    /// The currencies, in the order of their codes.
    public private(set) var entries: [Entry]

    /// Makes the ledger of an account that has `balances`.
    public init(_ balances: [Money]) {
        entries = balances.sorted { $0.currency < $1.currency }
            .map { Entry(currency: $0.currency, initial: $0.units, account: $0.units) }
    }

    /// Everything adds up, and the account owes nothing.
    public var isBalanced: Bool { entries.allSatisfy(\.isBalanced) }

    /// What the account has, in units.
    public func units(of currency: Currency) -> Int64 {
        entries.first { $0.currency == currency }?.account ?? 0
    }

    /// What the account has now, by currency.
    public var wallet: Wallet {
        Wallet(entries.map { Balance(Money(units: $0.account, currency: $0.currency)) })
    }

    /// What the account began with.
    public var initialWallet: Wallet {
        Wallet(entries.map { Balance(Money(units: $0.initial, currency: $0.currency)) })
    }

    /// The fees, those that are not zero.
    public var fees: [Money] {
        entries.filter { $0.house != 0 }.map { Money(units: $0.house, currency: $0.currency) }
    }

    /// Gives `paid` to the market for `received`, of which the house takes `fee`.
    ///
    /// - Returns: False, and nothing is done, where the account has not so much, or a sum does not fit.
    mutating func exchange(_ paid: Money, for received: Money, fee: Int64) -> Bool {
        let from = place(of: paid.currency)
        let to = place(of: received.currency)
        guard from != to, paid.units >= 0, received.units >= fee, fee >= 0,
            entries[from].account >= paid.units,
            let given = entries[from].market.plus(paid.units),
            let got = entries[to].market.plus(-received.units),
            let account = entries[to].account.plus(received.units - fee),
            let house = entries[to].house.plus(fee)
        else { return false }
        entries[from].account -= paid.units
        entries[from].market = given
        entries[to].market = got
        entries[to].account = account
        entries[to].house = house
        return true
    }

    /// The place of a currency, which is entered where it is new.
    private mutating func place(of currency: Currency) -> Int {
        if let place = entries.firstIndex(where: { $0.currency == currency }) { return place }
        enter(currency)
        return place(of: currency)
    }

    /// Enters a currency of which the account has nothing.
    mutating func enter(_ currency: Currency) {
        guard !entries.contains(where: { $0.currency == currency }) else { return }
        let place = entries.firstIndex { currency < $0.currency } ?? entries.count
        entries.insert(Entry(currency: currency, initial: 0, account: 0), at: place)
    }
}

extension Int64 {
    /// The sum, where it fits.
    fileprivate func plus(_ other: Int64) -> Int64? {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? nil : sum
    }
}
