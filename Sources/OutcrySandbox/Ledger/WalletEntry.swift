public import OutcryMarket
import OutcryServing

/// Why a wallet's balance changed; MTGOX.md 5.6 and 10.3 have the venue's words for it.
@frozen public enum WalletEntryKind: UInt8, Hashable, Sendable {
    /// Bought: the base comes.
    case `in`
    /// Sold: the base goes.
    case out
    /// Sold: the quote comes.
    case earned
    /// Bought: the quote goes.
    case spent
    /// The house takes its part.
    case fee
    /// Brought in from outside.
    case deposit
    /// Taken outside.
    case withdraw

    /// Whether the balance grew.
    public var adds: Bool { self == .in || self == .earned || self == .deposit }
}

/// One change of one wallet. Amounts are units of its currency, stamps microseconds since 1970.
@frozen public struct WalletEntry: Hashable, Sendable {
    /// Whose wallet.
    public let owner: OwnerNumber
    /// Which of its wallets.
    public let currency: Currency
    /// Why.
    public let kind: WalletEntryKind
    /// How much, never below zero; ``WalletEntryKind/adds`` is the sign.
    public let amount: Int64
    /// What the wallet holds after it.
    public let balance: Int64
    /// The book of the trade; the first for deposits and withdrawals.
    public let book: BookNumber
    /// The trade's number; 0 for deposits and withdrawals.
    public let trade: Int64
    /// The trade's price, in units of the quote; 0 for deposits and withdrawals.
    public let price: Int64
    /// How much was traded, in units of the base; 0 for deposits and withdrawals.
    public let traded: Int64
    /// The owner's order that traded; 0 for deposits and withdrawals.
    public let order: OrderNumber
    /// Of a fee: hundredths of a percent; else 0.
    public let feeRate: Int32
    /// When; of a trade's entries its stamp.
    public let stamp: Int64
}
