public import OutcryMarket

// What an account is asked about: signed, and without effect.

extension MtGoxCall where Reply == MtGoxAccount {
    /// The account: its wallets, the key's rights, the fee. `info`.
    public static var info: Self {
        query("info") { (reply) throws(MtGoxError) in
            try MtGoxReply.account(reply.body.span, status: reply.status)
        }
    }
}

extension MtGoxCall where Reply == String {
    /// What the account's channel is subscribed with, for 24 hours. A secret. `idkey`.
    public static var identityKey: Self {
        query("idkey") { (reply) throws(MtGoxError) in
            try MtGoxReply.accountKey(reply.body.span, status: reply.status)
        }
    }
}

extension MtGoxCall where Reply == [MtGoxOrder] {
    /// The account's orders in all markets. `private/orders`.
    ///
    /// Over the stream no orders may be `null`.
    public static var orders: Self {
        query("private/orders") { (reply) throws(MtGoxError) in
            if reply.status == nil, reply.body == Array("null".utf8) { return [] }
            return try MtGoxReply.orders(reply.body.span, status: reply.status)
        }
    }
}

extension MtGoxCall where Reply == [Trade] {
    /// The account's trades, without fees. `private/trades`.
    ///
    /// What the answer looks like is not known; it is read as that of ``trades(_:since:)``. A trade that does
    /// not say its market is taken for one of bitcoin in dollars.
    public static var ownTrades: Self {
        query("private/trades") { (reply) throws(MtGoxError) in
            try MtGoxReply.trades(reply.body.span, of: .btcusd, status: reply.status)
        }
    }
}

extension MtGoxCall where Reply == MtGoxOrderResult {
    /// What an order has traded so far. `order/result`.
    ///
    /// Of an order without a trade the venue may say that it does not know it.
    ///
    /// - Parameter side: The side of the order, which the venue wants to hear.
    public static func orderResult(_ order: OrderID, _ side: OrderSide) -> Self {
        let parameters = [
            MtGoxParameter("type", "\(side.rests)"), MtGoxParameter("order", order.text),
        ]
        return query("order/result", parameters) { (reply) throws(MtGoxError) in
            try MtGoxReply.orderResult(reply.body.span, status: reply.status)
        }
    }
}

extension MtGoxCall where Reply == MtGoxHistory {
    /// A page of a wallet's history, the newest entry first. `private/wallet/history`.
    ///
    /// - Parameters:
    ///   - page: From 1.
    ///   - trade: Only what one trade moved.
    /// - Precondition: `page` is above zero.
    public static func walletHistory(
        _ currency: Currency, page: Int = 1, trade: Int64? = nil
    ) -> Self {
        precondition(page > 0, "pages are counted from 1")
        var parameters = [MtGoxParameter("currency", currency.code)]
        if page > 1 { parameters.append(MtGoxParameter("page", "\(page)")) }
        if let trade { parameters.append(MtGoxParameter("trade_id", "\(trade)")) }
        return query("private/wallet/history", parameters) { (reply) throws(MtGoxError) in
            try MtGoxReply.history(reply.body.span, status: reply.status)
        }
    }
}

extension MtGoxCall where Reply == MtGoxPrivateStream {
    /// What the account's channel is read with at PubNub. Version 2 only: `stream/private_get`.
    public static var privateStream: Self {
        query("stream/private_get", version: .v2) { (reply) throws(MtGoxError) in
            try MtGoxReply.privateStream(reply.body.span, status: reply.status)
        }
    }
}
