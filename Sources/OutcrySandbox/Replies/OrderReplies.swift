import OutcryMarket
import OutcryServing
import OutcryVenues

/// What the venue calls the states of an order.
enum OrderStatus: String, Hashable, CaseIterable, Sendable {
    case pending
    case executing
    case postPending = "post-pending"
    case open
    case stop
    case invalid
}

/// An order as the venue tells it. Amounts are units of the base, prices units of the quote.
struct OrderView: Hashable, Sendable {
    var oid: MtGoxGUID
    var instrument: Instrument
    var side: OrderSide
    /// What remains.
    var amount: Int64
    /// How much of it is paid for.
    var effective: Int64
    /// How much of it is not; told only where another part is.
    var invalid: Int64 = 0
    /// Nil for a market order.
    var price: Int64?
    var status: OrderStatus
    /// When it was made, seconds since 1970.
    var date: Int64
    /// Its place in the queue at its price, microseconds since 1970.
    var priority: Int64

    /// An order with what it has and what of it is paid for: the unpaid part is told of open ones
    /// that have both.
    init(
        oid: MtGoxGUID, instrument: Instrument, side: OrderSide, remaining: Int64, effective: Int64,
        price: Int64?, status: OrderStatus, priority: Int64
    ) {
        self.oid = oid
        self.instrument = instrument
        self.side = side
        amount = remaining
        self.effective = effective
        invalid = effective > 0 && status == .open ? remaining - effective : 0
        self.price = price
        self.status = status
        date = priority / 1_000_000
        self.priority = priority
    }
}

/// What an order has traded.
struct OrderResultView: Hashable, Sendable {
    var oid: MtGoxGUID
    var instrument: Instrument
    /// Oldest first.
    var trades: [ResultTradeView]
}

/// One trade of an order's result.
struct ResultTradeView: Hashable, Sendable {
    /// The number of the trade.
    var tid: Int64
    /// What the aggressor did, or the order: recordings do not tell them apart.
    var side: OrderSide
    var isMarketOrder: Bool
    /// Units of the base.
    var amount: Int64
    /// Units of the quote.
    var price: Int64
    /// What was paid, in units of the quote: price times amount, the nearest unit.
    var spent: Int64
}

extension MessageText {
    /// Appends the account's orders (section 5.4 of the protocol reference); none are `[]`.
    mutating func addOrders(_ orders: [OrderView]) {
        add("[")
        for (place, order) in orders.enumerated() {
            if place > 0 { add(",") }
            addOrderHead(order)
            add("\",\"date\":")
            add(order.date)
            add(",\"priority\":\"")
            add(order.priority)
            add("\",\"actions\":[]}")
        }
        add("]")
    }

    /// Appends what replies and messages say alike of an order, up to its status without the last
    /// quote.
    mutating func addOrderHead(_ order: OrderView) {
        add("{\"oid\":\"")
        add(order.oid)
        add("\",\"currency\":\"")
        addCode(order.instrument.quote)
        add("\",\"item\":\"")
        addCode(order.instrument.base)
        add(order.side == .buy ? "\",\"type\":\"bid" : "\",\"type\":\"ask")
        add("\",\"amount\":")
        addMoney(order.amount, order.instrument.base)
        add(",\"effective_amount\":")
        addMoney(order.effective, order.instrument.base)
        if order.invalid > 0 {
            add(",\"invalid_amount\":")
            addMoney(order.invalid, order.instrument.base)
        }
        if let price = order.price {
            add(",\"price\":")
            addMoney(price, order.instrument.quote)
        }
        add(",\"status\":\"")
        add(Array(order.status.rawValue.utf8))
    }

    /// Appends the answer to a new order: its name.
    mutating func addOrderName(_ oid: MtGoxGUID) {
        add("\"")
        add(oid)
        add("\"")
    }

    /// Appends the answer to the end of an order: it is queued under `qid`.
    mutating func addCancelled(_ oid: MtGoxGUID, queued qid: MtGoxGUID) {
        add("{\"qid\":\"")
        add(qid)
        add("\",\"oid\":\"")
        add(oid)
        add("\"}")
    }

    /// Appends what an order has traded (section 5.5 of the protocol reference).
    ///
    /// The totals are sums of the rounded parts, and the average comes from the rounded total, as in
    /// the recording; a total beyond 64 bits is told as the largest number.
    mutating func addOrderResult(_ result: OrderResultView) {
        let (base, quote) = (result.instrument.base, result.instrument.quote)
        add("{\"order_id\":\"")
        add(result.oid)
        add("\",\"trades\":[")
        var (amount, spent) = (Int128(0), Int128(0))
        for (place, trade) in result.trades.enumerated() {
            if place > 0 { add(",") }
            addResultTrade(trade, base, quote)
            amount += Int128(trade.amount)
            spent += Int128(trade.spent)
        }
        add("],\"total_amount\":")
        addMoney(Int64(clamping: amount), base)
        add(",\"total_spent\":")
        addMoney(Int64(clamping: spent), quote)
        add(",\"avg_cost\":")
        var unit = Int128(1)
        for _ in 0..<base.decimals { unit *= 10 }
        let average = amount == 0 ? 0 : (spent * unit + amount / 2) / amount
        addMoney(Int64(clamping: average), quote)
        add("}")
    }

    private mutating func addResultTrade(
        _ trade: ResultTradeView, _ base: Currency, _ quote: Currency
    ) {
        add("{\"trade_id\":\"")
        add(trade.tid)
        add("\",\"primary\":\"Y\",\"currency\":\"")
        addCode(quote)
        add(trade.side == .buy ? "\",\"type\":\"bid" : "\",\"type\":\"ask")
        add(trade.isMarketOrder ? "\",\"properties\":\"market" : "\",\"properties\":\"limit")
        add("\",\"item\":\"")
        addCode(base)
        add("\",\"amount\":")
        addMoney(trade.amount, base)
        add(",\"price\":")
        addMoney(trade.price, quote)
        add(",\"spent\":")
        addMoney(trade.spent, quote)
        add(",\"date\":\"")
        addTime(trade.tid / 1_000_000)
        add("\"}")
    }
}
