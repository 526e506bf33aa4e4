public import OutcryMarket

/// Why the engine did not do what it was told.
@nonexhaustive
public enum EngineError: Error, Equatable, Sendable, CustomStringConvertible {
    /// An amount is above zero; this one, in units of what is moved, is not.
    case amountNotPositive(Int64)
    /// An order is for at least so much; this one, in units of the base, is for less.
    case amountTooLow(Int64, least: Int64)
    /// An order of an account is for at most so much; this one, in units of the base, is for more.
    case amountTooHigh(Int64, most: Int64)
    /// A limit is above zero; this one, in units of the quote, is not.
    case priceNotPositive(Int64)
    /// A limit of an account is at most so high; this one, in units of the quote, is higher.
    case priceTooHigh(Int64, most: Int64)
    /// The open orders of an account on one side of a book hold at most so much together.
    case openTooLarge(open: Int64, amount: Int64, most: Int64)
    /// The total at one price would not fit 64 bits.
    case levelTooLarge(price: Int64, total: Int64, amount: Int64)
    /// What is left of all orders of one side of a book would not fit 64 bits; an order of an account is
    /// refused already where it would be more than half of that, so that the market has room.
    case bookTooLarge(total: Int64, amount: Int64)
    /// An order that is put into the book as it was recorded may not cross the other side's best.
    case crosses(price: Int64, best: Int64)
    /// There is no such open order (any more).
    case unknownOrder(OrderNumber)
    /// The engine has fewer books.
    case unknownBook(BookNumber, count: Int)
    /// No book of the engine trades this currency.
    case unknownCurrency(Currency)
    /// The owner has no account.
    case noAccount(OwnerNumber)
    /// The owner has an account already.
    case accountExists(OwnerNumber)
    /// The wallet holds less than is to be taken out of it.
    case balanceTooLow(Int64, amount: Int64)
    /// What was brought in of a currency and not taken out is bounded; this amount goes beyond.
    case depositTooLarge(Int64, most: Int64)

    /// One line with the numbers.
    public var description: String {
        switch self {
        case .amountNotPositive(let amount): "expected an amount above zero, found \(amount)"
        case .amountTooLow(let amount, let least):
            "expected an amount of at least \(least), found \(amount)"
        case .amountTooHigh(let amount, let most):
            "expected an amount of at most \(most), found \(amount)"
        case .priceNotPositive(let price): "expected a price above zero, found \(price)"
        case .priceTooHigh(let price, let most):
            "expected a price of at most \(most), found \(price)"
        case .openTooLarge(let open, let amount, let most):
            "expected at most \(most) in open orders of a side, found \(amount) beside \(open)"
        case .levelTooLarge(let price, let total, let amount):
            "the level at \(price) holds \(total) and cannot hold \(amount) more"
        case .bookTooLarge(let total, let amount):
            "the orders of a side hold \(total) and cannot hold \(amount) more"
        case .crosses(let price, let best):
            "expected an order that rests, found one at \(price) that crosses \(best)"
        case .unknownOrder(let order): "expected an open order, found none with the number \(order)"
        case .unknownBook(let book, let count): "expected one of \(count) books, found \(book)"
        case .unknownCurrency(let currency):
            "expected a currency that is traded here, found \(currency)"
        case .noAccount(let owner): "expected an owner with an account, found \(owner)"
        case .accountExists(let owner): "expected an owner without an account, found \(owner)"
        case .balanceTooLow(let balance, let amount):
            "expected at most the balance of \(balance), found \(amount)"
        case .depositTooLarge(let amount, let most):
            "expected a deposit of at most \(most), found \(amount)"
        }
    }
}
