import OutcryComponents
public import OutcryMarket

/// The calls of version 0: scripts of 2011, whose answers have no envelope and forms of their own.
///
/// What a call of version 1 is called there it is called here; the scripts stand behind each. They go over
/// HTTP only.
///
/// - Source: the protocol reference, section 4.
public enum MtGoxOldCall {
    // MARK: Public

    /// The summary of a market. `data/ticker.php`.
    public static func ticker(
        _ instrument: Instrument
    ) throws(MtGoxCallError) -> MtGoxCall<MtGoxOldTicker> {
        try market("data/ticker.php", instrument) { (reply) throws(MtGoxError) in
            try MtGoxReply.oldTicker(reply.body.span, status: reply.status)
        }
    }

    /// The book. `data/getDepth.php`.
    public static func depth(
        _ instrument: Instrument
    ) throws(MtGoxCallError) -> MtGoxCall<MtGoxDepth> {
        try market("data/getDepth.php", instrument) { (reply) throws(MtGoxError) in
            try MtGoxReply.depth(reply.body.span, of: instrument, status: reply.status)
        }
    }

    /// The trades after the one numbered `since`, oldest first; without, those of the last 24 hours.
    /// `data/getTrades.php`.
    public static func trades(
        _ instrument: Instrument, since: Int64? = nil
    ) throws(MtGoxCallError) -> MtGoxCall<[Trade]> {
        let parameters = since.map { [MtGoxParameter("since", "\($0)")] } ?? []
        return try market("data/getTrades.php", instrument, parameters) {
            (reply) throws(MtGoxError) in
            try MtGoxReply.trades(reply.body.span, of: instrument, status: reply.status)
        }
    }

    // MARK: The account

    /// The balances in bitcoin and in a currency. `getFunds.php`.
    public static func funds(_ currency: Currency) -> MtGoxCall<MtGoxOldAccount> {
        account("getFunds.php", currency)
    }

    /// The orders, and the balances. `getOrders.php`.
    public static func orders(_ currency: Currency) -> MtGoxCall<MtGoxOldAccount> {
        account("getOrders.php", currency)
    }

    /// The account. `info.php`.
    ///
    /// What the answer looks like is not known; it is read as version 1's.
    public static var info: MtGoxCall<MtGoxAccount> {
        .query("info.php", version: .v0) { (reply) throws(MtGoxError) in
            try MtGoxReply.account(reply.body.span, status: reply.status)
        }
    }

    /// A wallet's history, as a table. `history_BTC.csv`, `history_USD.csv`.
    public static func history(_ currency: Currency) -> MtGoxCall<[MtGoxHistoryLine]> {
        .query("history_\(currency).csv", version: .v0) { (reply) throws(MtGoxError) in
            try MtGoxReply.historyTable(reply.body.span, of: currency, status: reply.status)
        }
    }

    /// The transactions that the network has not confirmed, as they come: of the form nothing is known.
    /// `bitcoin_tx.php`.
    public static var pendingTransactions: MtGoxCall<[UInt8]> {
        .raw(MtGoxRawCall(version: .v0, endpoint: "bitcoin_tx.php", isRepeatable: true))
    }

    // MARK: Orders

    /// A new order, answered with all orders of the account: which of them is the new one it does not say.
    /// `buyBTC.php`, `sellBTC.php`.
    ///
    /// - Throws: ``MtGoxCallError`` as ``MtGoxCall/addOrder(_:prefersFiatFee:)``, and for another base
    ///   than bitcoin.
    public static func addOrder(
        _ request: OrderRequest
    ) throws(MtGoxCallError) -> MtGoxCall<MtGoxOldAccount> {
        guard let instrument = request.instrument else { throw .noInstrument }
        try check(instrument)
        let amount = try request.quantity.exactPositiveUnits("amount", of: .btc)
        var parameters = [MtGoxParameter("amount", "\(Quantity(units: amount, of: .btc))")]
        if let price = request.price {
            let units = try price.exactPositiveUnits("price", of: instrument.quote)
            let exact = Price(units: units, of: instrument.quote)
            parameters.append(MtGoxParameter("price", "\(exact)"))
        }
        parameters.append(MtGoxParameter("Currency", instrument.quote.code))
        let script = request.side == .buy ? "buyBTC.php" : "sellBTC.php"
        return account(script, instrument.quote, parameters, kind: .place, isRepeatable: false)
    }

    /// The end of an order; answered with the balances and the orders that remain. `cancelOrder.php`.
    ///
    /// - Parameter currency: What the balance is told in.
    public static func cancelOrder(
        _ order: OrderID, _ side: OrderSide, _ currency: Currency
    ) -> MtGoxCall<MtGoxOldAccount> {
        let parameters = [
            MtGoxParameter("oid", order.text), MtGoxParameter("type", side == .sell ? "1" : "2"),
            MtGoxParameter("Currency", currency.code),
        ]
        return account(
            "cancelOrder.php", currency, parameters, kind: .cancel, isRepeatable: true)
    }
}
