import OutcryMarket
import OutcryServing

/// An order of somebody with an account, from its acknowledgement on; kept when it is over.
struct ClientOrder {
    /// How it stands.
    enum Status: Hashable, Sendable {
        /// It waits in the queue.
        case pending
        /// It is being matched, or a market order that waits for somebody to trade with.
        case executing
        /// It was matched, and is about to rest.
        case postPending
        /// It rests in the book, with its effective part.
        case open
        /// Its owner's wallet pays for none of it.
        case invalid
        /// It is no more.
        case gone(EngineOrderEnd)

        /// As the venue tells it; of one that is no more, the last that it had.
        var told: OrderStatus {
            switch self {
            case .pending: .pending
            case .executing: .executing
            case .postPending: .postPending
            case .open, .gone: .open
            case .invalid: .invalid
            }
        }
    }

    /// 1, 2, 3 … in the order of acknowledgement; the client knows it as a GUID.
    let ticket: Int64
    let wish: OrderWish
    /// When it was acknowledged, microseconds since 1970; no two orders have the same.
    let created: Int64
    /// The engine's number, once it has it.
    var number: OrderNumber?
    var status = Status.pending
    /// Units of the base that are still to be traded.
    var remaining: Int64
    /// How much of that its owner's wallet pays for.
    var effective: Int64
    /// What it traded.
    var trades: [EngineTrade] = []

    init(_ ticket: Int64, _ wish: OrderWish, at created: Int64, effective: Int64) {
        self.ticket = ticket
        self.wish = wish
        self.created = created
        remaining = wish.amount
        self.effective = effective
    }

    /// Whether it is no more.
    var isOver: Bool { if case .gone = status { true } else { false } }
    /// Whether it has no limit.
    var isMarket: Bool { wish.price == nil }
}

/// What happened in an exchange, as its clients are told.
enum ExchangeEffect {
    /// Two orders traded.
    case trade(EngineTrade)
    /// What stands at a price changed.
    case depth(EngineDepth)
    /// A wallet of an account changed.
    case wallet(AccountEntry)
    /// An order of an account changed: as it stands now.
    case order(ClientOrder)
    /// An order of anybody changed in the engine, where somebody is told of each.
    case entry(EngineOrder)
}
