import OutcryMarket
import OutcryServing
import OutcryVenues

/// What an account of version 0 has: bitcoin, and the currency of the call.
struct OldBalances: Hashable, Sendable {
    var currency: Currency
    /// Units of the currency.
    var money: Int64
    /// Units of bitcoin.
    var bitcoin: Int64
}

extension OrderStatus {
    /// Version 0's number: 1 active, 2 not enough funds, 0 something else; in 2013 the unfunded were 0
    /// too.
    fileprivate func number(_ form: OldForm) -> Int64 {
        switch self {
        case .open: 1
        case .invalid: form == .june2011 ? 2 : 0
        default: 0
        }
    }
}

extension MessageText {
    /// Appends `getFunds.php`.
    mutating func addFunds(_ balances: OldBalances, _ form: OldForm) {
        add("{")
        addBalances(balances, form)
        add("}")
    }

    /// Appends `getOrders.php` and `cancelOrder.php`: what there is, and the orders that remain.
    mutating func addFunds(_ balances: OldBalances, orders: [OrderView], _ form: OldForm) {
        add("{")
        addBalances(balances, form)
        if form == .january2013 {
            add(",\"new_usds\":")
            addMoney(balances.money, balances.currency)
            add(",\"new_btcs\":")
            addMoney(balances.bitcoin, .btc)
        }
        add(",")
        addOldOrders(orders, form)
        add("}")
    }

    /// Appends `buyBTC.php` and `sellBTC.php`: that it is queued, and all orders of the account.
    mutating func addOldQueued(orders: [OrderView], _ form: OldForm) {
        add("{\"status\":\"Your order has been queued for execution\",")
        addOldOrders(orders, form)
        add("}")
    }

    private mutating func addBalances(_ balances: OldBalances, _ form: OldForm) {
        let isText = form == .january2013
        add(isText ? "\"usds\":\"" : "\"usds\":")
        addTrimmed(balances.money, balances.currency.decimals)
        add(isText ? "\",\"btcs\":\"" : ",\"btcs\":")
        addTrimmed(balances.bitcoin, Currency.btc.decimals)
        if isText { add("\"") }
    }

    private mutating func addOldOrders(_ orders: [OrderView], _ form: OldForm) {
        add("\"orders\":[")
        for (place, order) in orders.enumerated() {
            if place > 0 { add(",") }
            addOldOrder(order, form)
        }
        add("]")
    }

    private mutating func addOldOrder(_ order: OrderView, _ form: OldForm) {
        let (base, quote) = (order.instrument.base, order.instrument.quote)
        add("{\"oid\":\"")
        add(order.oid)
        add("\",\"currency\":\"")
        addCode(quote)
        add("\",\"item\":\"")
        addCode(base)
        add(order.side == .buy ? "\",\"type\":2,\"amount\":" : "\",\"type\":1,\"amount\":")
        switch form {
        case .june2011:
            addTrimmed(order.amount, base.decimals)
            add(",\"price\":")
            addTrimmed(order.price ?? 0, quote.decimals)
        case .january2013:
            add("\"")
            addFixed(order.amount, base.decimals)
            add("\",\"amount_int\":\"")
            add(order.amount)
            add("\",\"price\":\"")
            addFixed(order.price ?? 0, quote.decimals)
            add("\",\"price_int\":\"")
            add(order.price ?? 0)
            add("\"")
        }
        add(",\"status\":")
        add(order.status.number(form))
        if form == .january2013 {
            add(",\"real_status\":\"")
            add(Array(order.status.rawValue.utf8))
            add("\"")
        }
        add(",\"dark\":0,\"date\":")
        add(order.date)
        add(",\"priority\":\"")
        add(order.priority)
        add("\"}")
    }
}
