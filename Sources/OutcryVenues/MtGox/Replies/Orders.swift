public import OutcryMarket
import OutcryWire

/// One of the account's orders.
public struct MtGoxOrder: Hashable, Sendable {
    /// The venue's name for it.
    public let id: OrderID
    /// What it trades.
    public let instrument: Instrument
    /// Whether it buys or sells.
    public let side: OrderSide
    /// What is still to be traded.
    public let amount: Quantity
    /// The part of it that is paid for; nil before 2013.
    public let effectiveAmount: Quantity?
    /// What cannot be paid for now; it comes besides `amount` where that is only the part that can.
    public let invalidAmount: Quantity?
    /// The limit; nil for a market order.
    public let price: Price?
    /// Where it is in its life.
    public let status: Status
    /// When it was made, in seconds since 1970.
    public let date: Int64
    /// Its place in the queue at its price: µs since 1970, nearly always of its making.
    public let priority: Int64?

    /// Where an order is in its life, as the venue says.
    @nonexhaustive
    public enum Status: Hashable, Sendable {
        /// It is queued.
        case pending
        /// It is being matched.
        case executing
        /// It was matched, and goes to rest.
        case postPending
        /// It rests in the book.
        case open
        /// It waits for its price.
        case stop
        /// The account cannot pay for it now.
        case invalid
        /// Something else, in the venue's word.
        case other(String)

        /// Reads the venue's word.
        init(_ word: String) {
            switch word {
            case "pending": self = .pending
            case "executing": self = .executing
            case "post-pending": self = .postPending
            case "open": self = .open
            case "stop": self = .stop
            case "invalid": self = .invalid
            default: self = .other(word)
            }
        }
    }
}

extension MtGoxOrder.Status: CustomStringConvertible {
    /// The venue's word.
    public var description: String {
        switch self {
        case .pending: "pending"
        case .executing: "executing"
        case .postPending: "post-pending"
        case .open: "open"
        case .stop: "stop"
        case .invalid: "invalid"
        case .other(let word): word
        }
    }
}

/// What became of an order so far.
public struct MtGoxOrderResult: Hashable, Sendable {
    /// The order.
    public let id: OrderID
    /// Its trades.
    public let fills: [MtGoxFill]
    /// What was traded.
    public let totalAmount: Money
    /// What was paid, without fees.
    public let totalSpent: Money
    /// The price on average, of the rounded total.
    public let averageCost: Money
}

/// One trade of an order.
public struct MtGoxFill: Hashable, Sendable {
    /// The number of the trade.
    public let tradeID: Int64
    /// False for a copy in another currency.
    public let isPrimary: Bool
    /// What was traded.
    public let instrument: Instrument
    /// The side of the order.
    public let side: OrderSide
    /// What the server says of the trade, such as `limit` or `market,mixed_currency`.
    public let properties: String
    /// How much.
    public let amount: Money
    /// At which price.
    public let price: Money
    /// Price times amount, rounded.
    public let spent: Money
    /// When, as the server wrote it: `YYYY-MM-DD hh:mm:ss`, UTC.
    public let date: String
}

/// The answer to a cancellation: it is queued, no more.
public struct MtGoxCancellation: Hashable, Sendable {
    /// The place in the queue: opaque.
    public var queueID: String { queue.text }
    /// The order.
    public let orderID: OrderID

    /// It is a name like an order's.
    private let queue: OrderID

    init(queue: OrderID, orderID: OrderID) {
        self.queue = queue
        self.orderID = orderID
    }
}

extension MtGoxReply {
    /// Reads `order/add`: the order is queued under this id.
    public static func orderID(
        _ body: Span<UInt8>, status: Int? = nil
    ) throws(MtGoxError) -> OrderID {
        if let usual = usualOrderID(body) { return usual }
        return try read(body, status: status) { (text, place) throws(Stop) in
            OrderID(try text.string(place))
        }
    }

    /// Reads a body that is a GUID and nothing else, as it comes over the stream; nil for all others.
    private static func usualOrderID(_ body: Span<UInt8>) -> OrderID? {
        guard body.count == 38, body[0] == UInt8(ascii: "\""), body[37] == UInt8(ascii: "\"")
        else { return nil }
        return OrderID(guid: body.extracting(1..<37))
    }

    /// Reads `order/cancel`.
    public static func cancellation(
        _ body: Span<UInt8>, status: Int? = nil
    ) throws(MtGoxError) -> MtGoxCancellation {
        if let usual = usualCancellation(body) { return usual }
        return try read(body, status: status) { (text, place) throws(Stop) in
            MtGoxCancellation(
                queue: OrderID(try text.string("qid", of: place)),
                orderID: OrderID(try text.string("oid", of: place)))
        }
    }

    /// Reads the answer to a cancellation over the stream in one pass; nil for everything else.
    private static func usualCancellation(_ body: Span<UInt8>) -> MtGoxCancellation? {
        var json = JSONReader(body)
        var queueID: OrderID?
        var orderID: OrderID?
        do throws(JSONError) {
            try json.beginObject()
            repeat {
                if json.key(is: "qid") { queueID = try json.orderID() }
                if json.key(is: "oid") { orderID = try json.orderID() }
            } while try json.anotherKey()
            try json.finish()
        } catch { return nil }
        guard let queueID, let orderID else { return nil }
        return MtGoxCancellation(queue: queueID, orderID: orderID)
    }

    /// Reads `orders`; `null` is none.
    public static func orders(
        _ body: Span<UInt8>, status: Int? = nil
    ) throws(MtGoxError) -> [MtGoxOrder] {
        try read(body, status: status) { (text, place) throws(Stop) in
            if text[place.lowerBound] == UInt8(ascii: "n") { return [] }
            var orders: [MtGoxOrder] = []
            for element in try text.elements(place) { orders.append(try order(text, element)) }
            return orders
        }
    }

    /// Reads one order, of a list or of the account's channel.
    static func order(
        _ text: Span<UInt8>, _ object: Range<Int>
    ) throws(Stop) -> MtGoxOrder {
        let instrument = try instrument(text, object)
        let price = try text.find("price", of: object)
        var priority: Int64?
        if let place = try text.find("priority", of: object) { priority = try text.whole(place) }
        return MtGoxOrder(
            id: OrderID(try text.string("oid", of: object)), instrument: instrument,
            side: try text.orderSide("type", of: object),
            amount: try quantity(text, text.need("amount", of: object), instrument),
            effectiveAmount: try quantityIfAny(text, "effective_amount", object, instrument),
            invalidAmount: try quantityIfAny(text, "invalid_amount", object, instrument),
            price: try price.map { (place) throws(Stop) in
                Price(units: try units(text, place, instrument.quote), of: instrument.quote)
            }, status: MtGoxOrder.Status(try text.string("status", of: object)),
            date: try text.whole(text.need("date", of: object)), priority: priority)
    }

    /// What an object with `item` and `currency` trades.
    static func instrument(
        _ text: Span<UInt8>, _ object: Range<Int>
    ) throws(Stop) -> Instrument {
        Instrument(
            base: try text.currency(text.need("item", of: object)),
            quote: try text.currency(text.need("currency", of: object)))
    }

    /// The units of a money object that has to be of this currency.
    private static func units(
        _ text: Span<UInt8>, _ place: Range<Int>, _ currency: Currency
    ) throws(Stop) -> Int64 {
        let money = try text.money(place)
        guard money.currency == currency else {
            throw .value("money in the currency of the order", at: place.lowerBound)
        }
        return money.units
    }

    private static func quantity(
        _ text: Span<UInt8>, _ place: Range<Int>, _ instrument: Instrument
    ) throws(Stop) -> Quantity {
        Quantity(units: try units(text, place, instrument.base), of: instrument.base)
    }

    private static func quantityIfAny(
        _ text: Span<UInt8>, _ field: StaticString, _ object: Range<Int>, _ instrument: Instrument
    ) throws(Stop) -> Quantity? {
        guard let place = try text.find(field, of: object) else { return nil }
        return try quantity(text, place, instrument)
    }

    /// Reads `order/result`.
    public static func orderResult(
        _ body: Span<UInt8>, status: Int? = nil
    ) throws(MtGoxError) -> MtGoxOrderResult {
        try read(body, status: status) { (text, place) throws(Stop) in
            var fills: [MtGoxFill] = []
            for element in try text.elements(text.need("trades", of: place)) {
                fills.append(try fill(text, element))
            }
            return MtGoxOrderResult(
                id: OrderID(try text.string("order_id", of: place)), fills: fills,
                totalAmount: try text.money("total_amount", of: place),
                totalSpent: try text.money("total_spent", of: place),
                averageCost: try text.money("avg_cost", of: place))
        }
    }

    private static func fill(
        _ text: Span<UInt8>, _ object: Range<Int>
    ) throws(Stop) -> MtGoxFill {
        MtGoxFill(
            tradeID: try text.whole(text.need("trade_id", of: object)),
            isPrimary: try text.isString(text.need("primary", of: object), "Y"),
            instrument: try instrument(text, object),
            side: try text.orderSide("type", of: object),
            properties: try text.string("properties", of: object),
            amount: try text.money("amount", of: object),
            price: try text.money("price", of: object),
            spent: try text.money("spent", of: object), date: try text.string("date", of: object))
    }
}
