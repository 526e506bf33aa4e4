import OutcryComponents
public import OutcryMarket

// What makes orders and ends them.

extension MtGoxCall where Reply == OrderID {
    /// A new order. `order/add`.
    ///
    /// The answer means that it is queued, not that it is open. Amount and price go out in units; one below
    /// the venue's least amount, 0.01 BTC, is left to the venue to refuse.
    ///
    /// - Parameters:
    ///   - request: What to do, and in which market.
    ///   - prefersFiatFee: Whether a buyer's fee is taken from what is paid, not from what is received.
    /// - Throws: ``MtGoxCallError`` for a request without an instrument, and for an amount or a price that
    ///   is finer than the instrument's unit, or not above zero.
    public static func addOrder(
        _ request: OrderRequest, prefersFiatFee: Bool = false
    ) throws(MtGoxCallError) -> Self {
        guard let instrument = request.instrument else { throw .noInstrument }
        let amount = try request.quantity.exactPositiveUnits("amount", of: instrument.base)
        let side = MtGoxParameter("type", request.side == .buy ? "bid" : "ask")
        let quantity = MtGoxParameter("amount_int", amount)
        var parameters: [MtGoxParameter]
        if let price = request.price {
            let units = try price.exactPositiveUnits("price", of: instrument.quote)
            parameters = [side, quantity, MtGoxParameter("price_int", units)]
        } else {
            parameters = [side, quantity]
        }
        if prefersFiatFee { parameters.append(MtGoxParameter("prefer_fiat_fee", "1")) }
        let raw = MtGoxRawCall(
            endpoint: "order/add", instrument: instrument, parameters: parameters, kind: .place)
        return Self(raw) { (reply) throws(MtGoxError) in
            try MtGoxReply.orderID(reply.body.span, status: reply.status)
        }
    }
}

extension MtGoxCall where Reply == MtGoxCancellation {
    /// The end of an order. `order/cancel`.
    ///
    /// The answer means that it is queued: the order may still be filled before it goes.
    public static func cancelOrder(_ order: OrderID) -> Self {
        let raw = MtGoxRawCall(
            endpoint: "order/cancel", parameters: [MtGoxParameter("oid", order)],
            kind: .cancel, isRepeatable: true)
        return Self(raw) { (reply) throws(MtGoxError) in
            try MtGoxReply.cancellation(reply.body.span, status: reply.status)
        }
    }
}
