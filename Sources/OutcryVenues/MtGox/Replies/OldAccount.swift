public import OutcryMarket

/// What version 0 tells of an account: balances, orders, or both.
public struct MtGoxOldAccount: Hashable, Sendable {
    /// What became of a new order, in words; nil for other calls.
    public let status: String?
    /// The balance in the account's currency; nil in the answer to a new order.
    public let currencyBalance: Money?
    /// The balance in bitcoin; nil in the answer to a new order.
    public let coinBalance: Money?
    /// The account's orders; nil in a reply that has no list.
    public let orders: [MtGoxOldOrder]?
}

/// An order as version 0 tells it.
public struct MtGoxOldOrder: Hashable, Sendable {
    /// The venue's name for it.
    public let id: OrderID
    /// What it trades.
    public let instrument: Instrument
    /// Whether it buys or sells.
    public let side: OrderSide
    /// What is still to be traded.
    public let amount: Quantity
    /// The limit; nil for a market order.
    public let price: Price?
    /// 1 active, 2 not enough funds, 0 something else.
    public let status: Int
    /// The status in the words of version 1; nil before 2013.
    public let realStatus: String?
    /// Whether it is hidden.
    public let isDark: Bool
    /// When it was made, in seconds since 1970.
    public let date: Int64
    /// Its place in the queue at its price, µs since 1970.
    public let priority: Int64
}

extension MtGoxReply {
    /// Reads version 0's `getFunds.php`, `getOrders.php`, `buyBTC.php`, `sellBTC.php` and
    /// `cancelOrder.php`.
    ///
    /// - Parameter currency: What the balance is of where the reply has a bare number.
    public static func oldAccount(
        _ body: Span<UInt8>, currency: Currency = .usd, status: Int? = nil
    ) throws(MtGoxError) -> MtGoxOldAccount {
        try read(body, status: status) { (text, place) throws(Stop) in
            var orders: [MtGoxOldOrder]?
            if let list = try text.find("orders", of: place) {
                orders = []
                for element in try text.elements(list) {
                    orders?.append(try oldOrder(text, element))
                }
            }
            return MtGoxOldAccount(
                status: try text.stringIfAny("status", of: place),
                currencyBalance: try balance(text, "new_usds", "usds", place, currency),
                coinBalance: try balance(text, "new_btcs", "btcs", place, .btc), orders: orders)
        }
    }

    /// A balance as a money object, which counts, or as a number.
    private static func balance(
        _ text: Span<UInt8>, _ money: StaticString, _ number: StaticString, _ object: Range<Int>,
        _ currency: Currency
    ) throws(Stop) -> Money? {
        if let place = try text.find(money, of: object) { return try text.money(place) }
        guard let place = try text.find(number, of: object) else { return nil }
        return Money(units: try text.units(place, of: currency), currency: currency)
    }

    private static func oldOrder(
        _ text: Span<UInt8>, _ object: Range<Int>
    ) throws(Stop) -> MtGoxOldOrder {
        let instrument = try instrument(text, object)
        let (base, quote) = (instrument.base, instrument.quote)
        let amount = try text.amount("amount_int", "amount", of: object, in: base)
        var price: Price?
        if try text.find("price", of: object) != nil {
            let units = try text.amount("price_int", "price", of: object, in: quote)
            price = Price(units: units, of: quote)
        }
        let type = try text.need("type", of: object)
        let number = try text.whole(type)
        guard number == 1 || number == 2 else {
            throw .value("1 (sell) or 2 (buy)", at: type.lowerBound)
        }
        return MtGoxOldOrder(
            id: OrderID(try text.string("oid", of: object)), instrument: instrument,
            side: number == 1 ? .sell : .buy, amount: Quantity(units: amount, of: base),
            price: price, status: try text.count(text.need("status", of: object)),
            realStatus: try text.stringIfAny("real_status", of: object),
            isDark: try text.whole(text.need("dark", of: object)) != 0,
            date: try text.whole(text.need("date", of: object)),
            priority: try text.whole(text.need("priority", of: object)))
    }
}
