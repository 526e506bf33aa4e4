import OutcryComponents
public import OutcryMarket

// What everybody may ask. Over HTTP these are GETs without a signature; over the stream every call is
// signed.

extension MtGoxCall {
    /// A call that changes nothing.
    static func query(
        _ endpoint: String, on instrument: Instrument? = nil, _ parameters: [MtGoxParameter] = [],
        isPrivate: Bool = true, version: MtGoxVersion = .v1,
        _ read: @escaping @Sendable (MtGoxRawReply) throws(MtGoxError) -> Reply
    ) -> Self {
        Self(
            MtGoxRawCall(
                version: version, endpoint: endpoint, instrument: instrument,
                parameters: parameters, isPrivate: isPrivate, isRepeatable: true), read: read)
    }
}

extension MtGoxCall where Reply == MtGoxTicker {
    /// The summary of a market; the venue keeps its answer for up to 30 s. `ticker`.
    public static func ticker(_ instrument: Instrument) -> Self {
        query("ticker", on: instrument, isPrivate: false) { (reply) throws(MtGoxError) in
            try MtGoxReply.ticker(reply.body.span, of: instrument, status: reply.status)
        }
    }

    /// The summary with the last prices and the best levels only. `ticker_fast`.
    public static func fastTicker(_ instrument: Instrument) -> Self {
        query("ticker_fast", on: instrument, isPrivate: false) { (reply) throws(MtGoxError) in
            try MtGoxReply.ticker(reply.body.span, of: instrument, status: reply.status)
        }
    }
}

extension MtGoxCall where Reply == MtGoxDepth {
    /// The levels within 10 % of the last price. `depth/fetch`.
    public static func depth(_ instrument: Instrument) -> Self {
        query("depth/fetch", on: instrument, isPrivate: false) { (reply) throws(MtGoxError) in
            try MtGoxReply.depth(reply.body.span, of: instrument, status: reply.status)
        }
    }

    /// All levels; at most five calls an hour, or the address is banned. `depth/full`.
    public static func fullDepth(_ instrument: Instrument) -> Self {
        let raw = MtGoxRawCall(
            endpoint: "depth/full", instrument: instrument, isPrivate: false, kind: .snapshot,
            isRepeatable: true)
        return Self(raw) { (reply) throws(MtGoxError) in
            try MtGoxReply.depth(reply.body.span, of: instrument, status: reply.status)
        }
    }
}

extension MtGoxCall where Reply == [Trade] {
    /// The trades after the one numbered `since`, oldest first, at most 1,000 or those of 24 hours;
    /// without, those of the last 24 hours. `trades/fetch`.
    public static func trades(_ instrument: Instrument, since: Int64? = nil) -> Self {
        let parameters = since.map { [MtGoxParameter("since", "\($0)")] } ?? []
        return query("trades/fetch", on: instrument, parameters, isPrivate: false) {
            (reply) throws(MtGoxError) in
            try MtGoxReply.trades(reply.body.span, of: instrument, status: reply.status)
        }
    }
}

extension MtGoxCall where Reply == [[UInt8]] {
    /// The trades that were taken back, each as JSON: none was ever seen. `trades/cancelled`.
    public static func cancelledTrades(_ instrument: Instrument) -> Self {
        query("trades/cancelled", on: instrument, isPrivate: false) { (reply) throws(MtGoxError) in
            try MtGoxReply.cancelledTrades(reply.body.span, status: reply.status)
        }
    }
}

extension MtGoxCall where Reply == MtGoxCurrency {
    /// What the venue tells of a currency. `currency`.
    public static func currency(_ currency: Currency) -> Self {
        query("currency", [MtGoxParameter("currency", currency.code)], isPrivate: false) {
            (reply) throws(MtGoxError) in
            try MtGoxReply.currency(reply.body.span, status: reply.status)
        }
    }
}

extension MtGoxCall where Reply == MtGoxLag {
    /// How far the engine is behind. `order/lag`.
    public static var lag: Self {
        query("order/lag", isPrivate: false) { (reply) throws(MtGoxError) in
            try MtGoxReply.lag(reply.body.span, status: reply.status)
        }
    }
}

extension MtGoxCall where Reply == MtGoxQuote {
    /// What an amount of the base would cost or bring now. `order/quote`.
    ///
    /// - Throws: ``MtGoxCallError`` for an amount that is finer than the base's unit, or not above zero.
    public static func quote(
        _ instrument: Instrument, _ side: OrderSide, _ quantity: Quantity
    ) throws(MtGoxCallError) -> Self {
        let units = try quantity.exactPositiveUnits("amount", of: instrument.base)
        let parameters = [
            MtGoxParameter("type", "\(side.rests)"), MtGoxParameter("amount", "\(units)"),
        ]
        return query("order/quote", on: instrument, parameters, isPrivate: false) {
            (reply) throws(MtGoxError) in
            try MtGoxReply.quote(reply.body.span, status: reply.status)
        }
    }
}

extension MtGoxCall where Reply == [MtGoxListedChannel] {
    /// The public channels of the stream, by name and GUID. Version 2 only: `stream/list_public`.
    public static var publicChannels: Self {
        query("stream/list_public", isPrivate: false, version: .v2) {
            (reply) throws(MtGoxError) in
            try MtGoxReply.publicChannels(reply.body.span, status: reply.status)
        }
    }
}
