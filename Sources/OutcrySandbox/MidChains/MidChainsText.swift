import OutcryMarket
import OutcryWire

/// The messages that MidChains' clients get, with their keys in the documented order.
enum MidChainsText {
    /// An amount without zeros at its end: `184.3`, `10`.
    static func number(_ units: Int64, _ decimals: Int) -> String {
        var (units, decimals) = (units, decimals)
        while decimals > 0, units % 10 == 0 {
            units /= 10
            decimals -= 1
        }
        return Quantity(units: units, scale: decimals).description
    }

    static func text<E: Error>(
        _ body: (inout JSONObjectWriter) throws(E) -> Void
    ) throws(E) -> [UInt8] {
        var writer = JSONWriter()
        try writer.object(body)
        return writer.bytes
    }

    // MARK: The market

    /// Lines of a book.
    static func book(
        _ security: String, _ market: Instrument, _ lines: some Sequence<MidChainsLine>,
        firstEntry: Int64
    ) -> [UInt8] {
        text { message in
            message.field("security", security)
            message.array("books") { books in
                for line in lines {
                    books.object { add(line, market, firstEntry, to: &$0) }
                }
            }
            message.field("type", "book")
        }
    }

    private static func add(
        _ line: MidChainsLine, _ market: Instrument, _ firstEntry: Int64,
        to entry: inout JSONObjectWriter
    ) {
        entry.field("side", line.side == .bid ? "B" : "S")
        entry.field("act", line.act)
        guard line.act != "R" else {
            // As much as is known of removals.
            entry.field("id", firstEntry &+ line.number.value)
            if line.key != "NA" { entry.field("key", line.key) }
            return
        }
        entry.field("src", "CROX")
        entry.field("price", number(line.price, market.quote.decimals))
        entry.field("qty", number(line.quantity, market.base.decimals))
        entry.field("id", firstEntry &+ line.number.value)
        entry.field("time", quoted: line.stamp / 1_000)
        entry.field("mpid", "ANON")
        entry.field("key", line.key)
    }

    /// A trade.
    static func trade(_ security: String, _ market: Instrument, _ trade: EngineTrade) -> [UInt8] {
        text { message in
            message.field("security", security)
            message.field("src", "CROX")
            message.field("price", number(trade.price, market.quote.decimals))
            message.field("qty", number(trade.amount, market.base.decimals))
            message.field("time", quoted: trade.stamp / 1_000)
            message.field("type", "trade")
            message.field("matchid", MidChainsReference.match(trade.id))
            message.field("maker_side", trade.aggressor == .buy ? "S" : "B")
        }
    }

    // MARK: Answers

    /// An answer of a word.
    static func answer(_ type: String, _ result: String = "OK") -> [UInt8] {
        text { message in
            message.field("result", result)
            message.field("type", type)
        }
    }

    /// The answer with the key that passwords are encrypted for.
    static func challenge(key: String) -> [UInt8] {
        text { message in
            message.field("result", "OK")
            message.field("type", "challenge")
            message.field("key", key)
        }
    }

    /// What became of an order that was to be placed; the request's own fields come back.
    static func added(
        _ request: MidChainsRequest, _ result: String, reference: String?, echoesID: Bool
    ) -> [UInt8] {
        text { message in
            if echoesID { request.repeatField("clientorderid", in: &message) }
            message.field("result", result)
            request.repeatField("tif", in: &message)
            request.repeatField("ordertype", in: &message)
            if let reference { message.field("refno", reference) }
            for name in [
                "security", "side", "price", "qty", "amount", "stoptype", "stopprice", "exptime",
            ] { request.repeatField(name, in: &message) }
            message.field("type", request.type)
        }
    }

    /// What became of a cancellation, or that an order is not there.
    static func reference(_ request: MidChainsRequest, _ result: String) -> [UInt8] {
        text { message in
            message.field("result", result)
            if let reference = request["refno"] { message.field("refno", reference) }
            if let security = request["security"] { message.field("security", security) }
            message.field("type", request.type)
        }
    }

    /// One order.
    static func order(_ request: MidChainsRequest, _ record: MidChainsRecord) -> [UInt8] {
        text { message in
            message.field("result", "OK")
            message.field("refno", record.reference)
            message.object("data") { record.addOrder(to: &$0) }
            message.field("security", record.security)
            message.field("type", request.type)
        }
    }

    /// A page of records, each written with its number.
    static func page<Record>(
        _ type: String, _ records: ArraySlice<Record>, of total: Int, user: String?,
        _ add: (Record, Int, inout JSONObjectWriter) -> Void
    ) -> [UInt8] {
        text { message in
            message.field("result", "OK")
            if total > 0 {
                message.array("data") { data in
                    for (place, record) in zip(records.indices, records) {
                        data.object { add(record, place + 1, &$0) }
                    }
                }
            } else if let user {
                message.field("userid", user)
            }
            message.field("type", type)
            message.field("total_rec", total)
        }
    }

    /// What an account has.
    static func positions(_ balances: [(Currency, Int64)], user: String) -> [UInt8] {
        text { message in
            message.field("result", "OK")
            message.field("firm", "MIDC")
            message.array("data") { data in
                for (place, (currency, balance)) in balances.enumerated() {
                    data.object { record in
                        record.field("curpos", number(balance, currency.decimals))
                        record.field("rec_no", place + 1)
                        record.field("security", currency.code)
                        record.field("type", "position")
                    }
                }
            }
            message.field("userid", user)
            message.field("type", "querypos")
            message.field("total_rec", balances.count)
        }
    }

    /// That a balance is another now.
    static func position(_ currency: Currency, _ balance: Int64) -> [UInt8] {
        text { message in
            message.field("curpos", number(balance, currency.decimals))
            message.field("security", currency.code)
            message.field("type", "position")
        }
    }
}
