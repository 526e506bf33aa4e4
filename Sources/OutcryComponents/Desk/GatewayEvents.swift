// What an order desk and the private side of a venue's link, its gateway, say to each other. Venue-neutral: each
// venue's gateway makes its own calls of these, and these of its own messages.

public import OutcryKernel
public import OutcryMarket

/// An order that a gateway is to place.
public struct OrderPlacement: Sendable {
    /// The desk's name for it.
    public let id: OrderID
    /// What is wanted; the instrument and the name are there, the numbers in the instrument's units.
    public let request: OrderRequest

    /// Puts the parts together.
    public init(id: OrderID, request: OrderRequest) {
        self.id = id
        self.request = request
    }

    /// Places an order that is pending.
    init(_ order: Order) {
        id = order.id
        request = OrderRequest(
            side: order.side, quantity: order.remaining, price: order.price,
            instrument: order.instrument, id: order.id)
    }
}

/// An order that a gateway is to cancel.
public struct OrderCancellation: Sendable {
    /// The desk's name for it.
    public let id: OrderID
    /// The venue's.
    public let venueID: OrderID
    /// What it trades.
    public let instrument: Instrument

    /// Puts the parts together.
    public init(id: OrderID, venueID: OrderID, instrument: Instrument) {
        self.id = id
        self.venueID = venueID
        self.instrument = instrument
    }
}

/// What became of a desk's request.
public enum GatewayReport: Sendable {
    /// The venue has taken an order, and calls it so.
    case placed(OrderID, venueID: OrderID)
    /// The venue has not placed an order, or nothing has left: it does not exist.
    case refused(OrderID, reason: String)
    /// Nobody can say whether an order exists. It cannot come into being any more after `settled`.
    case uncertain(OrderID, reason: String, settled: KernelTime)
    /// The venue will cancel an order.
    case cancelTaken(OrderID)
    /// The venue knows of no such order that could be cancelled: it is over, or was never there.
    case cancelPointless(OrderID, reason: String)
    /// The venue has not taken a cancellation; the order stands.
    case cancelRefused(OrderID, reason: String)
    /// Nobody can say whether a cancellation was taken.
    case cancelUncertain(OrderID, reason: String)
}

/// How one of the account's orders stands, as its venue tells it.
public struct VenueOrder: Hashable, Sendable {
    /// The venue's name.
    public var venueID: OrderID
    /// What it trades.
    public var instrument: Instrument
    /// Whether it buys or sells.
    public var side: OrderSide
    /// The limit; nil for a market order.
    public var price: Price?
    /// How much is still to be traded.
    public var remaining: Quantity
    /// How much of that can be paid for; nil if not told.
    public var funded: Quantity?
    /// ``OutcryMarket/OrderState/pending``, `.executing` or `.open`.
    public var state: OrderState
    /// When it was made, µs since 1970; 0 if not told.
    public var created: Int64

    /// Puts the parts together.
    public init(
        venueID: OrderID, instrument: Instrument, side: OrderSide, price: Price?,
        remaining: Quantity, funded: Quantity? = nil, state: OrderState, created: Int64 = 0
    ) {
        self.venueID = venueID
        self.instrument = instrument
        self.side = side
        self.price = price
        self.remaining = remaining
        self.funded = funded
        self.state = state
        self.created = created
    }
}

/// Why an order is gone.
public enum OrderRemoval: Sendable, Hashable {
    /// All of it was traded.
    case filled
    /// It was cancelled, or the venue gave it up; what was filled before stays filled.
    case cancelled
    /// The venue does not say.
    case untold
}

/// News of the account's orders, as they come.
public enum OrderNews: Sendable {
    /// An order stands so now.
    case changed(VenueOrder)
    /// An order is gone.
    case removed(OrderID, OrderRemoval)
}

/// One trade of the account's, or what is known of it so far: it comes in pieces.
public struct ExecutionNews: Hashable, Sendable {
    /// The venue's number of the trade.
    public var tradeID: Int64
    /// What was traded; nil if this piece does not say.
    public var instrument: Instrument?
    /// Whether the account bought or sold; nil if this piece does not say.
    public var side: OrderSide?
    /// At which price.
    public var price: Price?
    /// How much.
    public var quantity: Quantity?
    /// What the venue took.
    public var fee: Money?
    /// What was paid or earned in the quote.
    public var cost: Money?
    /// The order, where the venue tells it.
    public var venueID: OrderID?
    /// When, µs since 1970; 0 if not told.
    public var stamp: Int64 = 0

    /// News of a trade of which nothing is known yet.
    public init(tradeID: Int64) { self.tradeID = tradeID }
}

/// What a desk asks about an account.
public enum AccountQuestion: Sendable, Hashable {
    /// Its open orders.
    case openOrders
    /// What it has.
    case wallet
    /// What an order has traded so far; an order of which the venue knows no trades has none.
    case fills(OrderID, OrderSide)
    /// What the account has traded since a time (µs since 1970), the oldest first, each with its order.
    case executions(since: Int64)
}

/// The answer to an ``AccountQuestion``.
public enum AccountAnswer: Sendable {
    /// Its open orders.
    case openOrders([VenueOrder])
    /// What it has.
    case wallet(Wallet)
    /// What it, or an order, has traded.
    case executions([ExecutionNews])
}

/// Why a call has no answer.
public enum CallFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Nothing has left: the reason in words.
    case notSent(String)
    /// The venue refused it, in these words: nothing was done.
    case refused(String)
    /// It may have been done: no answer came, or none that says so.
    case uncertain(String)

    /// In words.
    public var description: String {
        switch self {
        case .notSent(let reason): "not sent: \(reason)"
        case .refused(let reason): "refused: \(reason)"
        case .uncertain(let reason): "outcome unknown: \(reason)"
        }
    }
}

/// One entry of a wallet, as it comes.
public struct WalletChange: Hashable, Sendable {
    /// How much the balance changed, with its sign.
    public var change: Money
    /// What is there now; nil if not told.
    public var balance: Money?
    /// Why, in the venue's words.
    public var info: String

    /// Puts the parts together.
    public init(change: Money, balance: Money?, info: String) {
        self.change = change
        self.balance = balance
        self.info = info
    }
}

extension Event where Payload == OrderPlacement {
    /// Asks a gateway to place an order. It answers by a report.
    public static let gatewayPlace = Self("gateway.place")
}
extension Event where Payload == OrderCancellation {
    /// Asks a gateway to cancel an order. It answers by a report.
    public static let gatewayCancel = Self("gateway.cancel")
}
extension Event where Payload == GatewayReport {
    /// Tells a desk what became of its request.
    public static let gatewayReport = Self("gateway.report")
}
extension Event where Payload == OrderNews {
    /// One of the account's orders changed; published by the connection or by the gateway, whoever hears of it.
    public static let orderNews = Self("gateway.order")
}
extension Event where Payload == ExecutionNews {
    /// The account traded: told to the desk, or published by the gateway.
    public static let execution = Self("gateway.execution")
}
extension Event where Payload == WalletChange {
    /// Money of the account moved; published by the gateway.
    public static let walletChange = Self("gateway.wallet")
}
extension Event where Payload == Bool {
    /// The account's own channel is up, or is no more: while it is down, changes are missed. Published by
    /// the gateway; told to be up once more when it was joined anew, for it may have been silent until then.
    public static let accountChannel = Self("gateway.channel")
}
extension Event where Payload == Ask<AccountQuestion, Outcome<AccountAnswer, CallFailure>> {
    /// Asks a gateway about the account.
    public static let askAccount = Self("gateway.ask")
}
extension Event where Payload == Void {
    /// Tells a desk that its gateway has begun anew: what the one before it had on its way has no answer.
    public static let gatewayRestarted = Self("gateway.restarted")
    /// Has a gateway join the account's channel anew, since it seems to be silent.
    public static let renewAccountChannel = Self("gateway.renewChannel")
}
