/// What an account has of one currency.
@frozen public struct Balance: Hashable, Sendable, BitwiseCopyable {
    /// All that the account has.
    public var total: Money
    /// What is not held back for open orders; equal to the total where a venue holds nothing back.
    public var available: Money

    /// Makes a balance.
    ///
    /// - Precondition: both amounts are of the same currency.
    public init(total: Money, available: Money) {
        precondition(total.currency == available.currency, "a balance is of one currency")
        self.total = total
        self.available = available
    }

    /// Makes a balance of which nothing is held back.
    public init(_ total: Money) {
        self.init(total: total, available: total)
    }

    /// What the balance is of.
    public var currency: Currency { total.currency }
}

/// What an account has, by currency. Always in the order of the currency codes.
public struct Wallet: Hashable, Sendable {
    /// The balances, sorted by currency.
    public private(set) var balances: [Balance] = []

    /// Makes a wallet; of balances of one currency the last counts.
    public init(_ balances: [Balance] = []) {
        for balance in balances { set(balance) }
    }

    /// The balance of a currency, or nil when the account has none of it.
    public subscript(currency: Currency) -> Balance? {
        balances.first { $0.currency == currency }
    }

    /// Puts a balance in place of the one of the same currency.
    public mutating func set(_ balance: Balance) {
        guard let index = balances.firstIndex(where: { $0.currency >= balance.currency }) else {
            balances.append(balance)
            return
        }
        if balances[index].currency == balance.currency {
            balances[index] = balance
        } else {
            balances.insert(balance, at: index)
        }
    }
}

extension Wallet: CustomStringConvertible {
    /// The totals, such as `1.00000000 BTC, 14.43000 USD`.
    public var description: String {
        balances.map { "\($0.total)" }.joined(separator: ", ")
    }
}
