import OutcryMarket
import OutcryWire

/// An order as its owner is told of it.
struct MidChainsRecord {
    let reference: String
    let security: String
    let market: Instrument
    let side: OrderSide
    let force: MidChainsOrder.Force
    let clientID: String?
    /// Units of the quote; nil for a market order.
    let price: Int64?
    /// Units of the base.
    let amount: Int64
    /// How much of it may still be traded; 0: it is over.
    let live: Int64
    /// How much of it was traded.
    let traded: Int64
    /// What that cost or brought, in units of the quote.
    let cost: Int64
    /// µs since 1970.
    let updated: Int64

    /// As `queryorder` answers, and as it is pushed.
    func addOrder(to record: inout JSONObjectWriter) {
        record.field("updtime", quoted: updated / 1_000)
        record.field("tif", force.rawValue)
        record.field("execamount", MidChainsText.number(cost, market.quote.decimals))
        record.field("qty", MidChainsText.number(amount, market.base.decimals))
        record.field("security", security)
        record.field("type", "order")
        if let clientID { record.field("clientorderid", clientID) }
        record.field("liveqty", MidChainsText.number(live, market.base.decimals))
        record.field("category", "CROX")
        record.field("refno", reference)
        if let price { record.field("price", MidChainsText.number(price, market.quote.decimals)) }
        record.field("execqty", MidChainsText.number(traded, market.base.decimals))
        record.field("side", side == .buy ? "B" : "S")
    }

    /// As `querymultiorders` answers, with its number.
    func addListed(_ number: Int, to record: inout JSONObjectWriter) {
        record.field("updtime", quoted: updated / 1_000)
        record.field("liveqty", MidChainsText.number(live, market.base.decimals))
        record.field("refno", reference)
        record.field("category", "CROX")
        record.field("execqty", MidChainsText.number(traded, market.base.decimals))
        if let price { record.field("price", MidChainsText.number(price, market.quote.decimals)) }
        record.field("side", side == .buy ? "B" : "S")
        record.field("execamount", MidChainsText.number(cost, market.quote.decimals))
        record.field("qty", MidChainsText.number(amount, market.base.decimals))
        record.field("rec_no", number)
        record.field("security", security)
        record.field("type", "order")
        if let clientID { record.field("clientorderid", clientID) }
    }
}

/// An account's part of a trade, as it is told of it.
struct MidChainsSale {
    let reference: String
    let security: String
    let market: Instrument
    let side: OrderSide
    let clientID: String?
    let trade: EngineTrade

    /// As it is pushed.
    func add(to record: inout JSONObjectWriter) {
        record.field("refno", reference)
        if let clientID { record.field("clientorderid", clientID) }
        record.field("category", "CROX")
        addNumbers(to: &record)
        record.field("security", security)
        record.field("type", "sale")
    }

    /// As `querytrade` answers, with its number.
    func addListed(_ number: Int, to record: inout JSONObjectWriter) {
        record.field("refno", reference)
        record.field("category", "CROX")
        addNumbers(to: &record)
        record.field("rec_no", number)
        record.field("security", security)
        record.field("type", "sale")
        if let clientID { record.field("clientorderid", clientID) }
    }

    private func addNumbers(to record: inout JSONObjectWriter) {
        record.field("execqty", MidChainsText.number(trade.amount, market.base.decimals))
        record.field("execprice", MidChainsText.number(trade.price, market.quote.decimals))
        record.field("traderefno", MidChainsReference.make(reference, trade: trade.id))
        record.field("side", side == .buy ? "B" : "S")
        record.field("trdtime", quoted: trade.stamp / 1_000)
    }
}
