import OutcryMarket
import OutcryServing

/// What changes an exchange: each is in its journal, and the same commands make the same exchange.
enum ExchangeCommand: Hashable, Sendable {
    /// The first one: what is played by which rules (``ExchangeSetup/text``), and what the exchange keeps to
    /// itself.
    case open(setup: String, secrets: ExchangeSecrets)
    /// The market does the next thing.
    case step
    /// The market's makers bid in the first book: so much at this price.
    case rest(Int64, price: Int64)
    /// What waits in the queue goes to the engine: so many entries. With 0, money that came in
    /// goes on bringing orders back.
    case work(Int)
    /// Somebody gets an account.
    case account(name: String)
    /// An account gets a key.
    case key(NewAPIKey)
    /// A key is no more.
    case revoke(key: String)
    /// A key has signed a call: its nonce or tonce is used.
    case stamp(key: String, name: String, value: UInt64)
    /// Money comes from outside.
    case deposit(OwnerNumber, Currency, Int64, info: String)
    /// Money goes outside.
    case withdraw(OwnerNumber, Currency, Int64, info: String)
    /// Coins go to an address, and the fee to nobody: to an account of the exchange's where the address is
    /// one's.
    case send(OwnerNumber, Int64, fee: Int64, address: String)
    /// Money becomes a code that anybody may redeem.
    case makeCode(OwnerNumber, Currency, Int64)
    /// A code becomes money again.
    case redeem(OwnerNumber, code: Int64)
    /// An account gets another address for deposits.
    case address(OwnerNumber, description: String)
    /// An order is taken on; at once where nothing waits before it.
    case submit(OrderWish, atOnce: Bool)
    /// An order is to be taken back; at once where nothing waits before it.
    case cancel(OwnerNumber, ticket: Int64, atOnce: Bool)
}

/// An order as its owner wants it.
struct OrderWish: Hashable, Sendable {
    let owner: OwnerNumber
    let book: BookNumber
    let side: OrderSide
    /// Units of the base.
    let amount: Int64
    /// Units of the quote; nil for a market order.
    let price: Int64?
    /// A buyer's fee is paid in the quote.
    var prefersFiatFee = false
}

/// Why an exchange does not do what it was told; nothing has changed.
enum ExchangeRefusal: Error, Equatable, CustomStringConvertible {
    /// The engine's reason.
    case engine(EngineError)
    /// The key's reason.
    case access(AccessRefusal)
    /// There is no such order of this owner, or it is no more.
    case orderNotFound
    /// There is no such account.
    case noAccount(OwnerNumber)
    /// Another account has the name.
    case nameTaken(String)
    /// There is no such key.
    case noKey(String)
    /// The code was never given out, or was redeemed.
    case noCode
    /// The journal was begun with another market or other rules: expected, found.
    case otherSetup(expected: String, found: String)

    /// One line with the numbers.
    var description: String {
        switch self {
        case .engine(let error): "\(error)"
        case .access(let error): "\(error)"
        case .orderNotFound: "Order not found"
        case .noAccount(let owner): "expected an account, found none for \(owner)"
        case .nameTaken(let name): "expected a new name, found one that is taken: \(name)"
        case .noKey(let key): "expected a key that exists, found \(key)"
        case .noCode: "expected a code that can be redeemed, found another"
        case .otherSetup(let expected, let found):
            "the journal was begun with another setup: expected (\(expected)), found (\(found))"
        }
    }
}
