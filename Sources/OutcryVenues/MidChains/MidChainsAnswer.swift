import OutcryComponents
import OutcryMarket
import OutcryWire

/// What an answer says, and to what it is one.
struct MidChainsAnswer {
    let kind: MidChainsKind
    /// `OK`, or why not.
    let result: String
    let clientID: String?
    let reference: String?
    let security: String?
    /// The records that there are in all pages; nil where the answer has none.
    let total: Int?
    /// The key of a challenge.
    let key: String?

    var isOK: Bool { result == "OK" }

    /// Reads the head of an answer.
    init(_ reply: MidChainsReply) throws(MidChainsFault) {
        let text = reply.json.span
        kind = reply.kind
        do throws(Stop) {
            let root = try text.root()
            result = try text.string("result", of: root)
            clientID = try text.stringIfAny("clientorderid", of: root)
            reference = try text.stringIfAny("refno", of: root)
            security = try text.stringIfAny("security", of: root)
            total = try text.countIfAny("total_rec", of: root)
            key = try text.stringIfAny("key", of: root)
        } catch { throw MidChainsFault(error, in: text) }
    }
}

/// An order as the venue tells it: pushed, or in an answer.
struct MidChainsOrderRecord: Equatable {
    var reference: String
    var clientID: String?
    var security: String
    var side: OrderSide
    /// Nil for a market order.
    var price: Price?
    var quantity: Quantity
    /// How much may still be traded; 0: it is over.
    var live: Quantity
    var executed: Quantity
    /// µs since 1970; 0 if not told.
    var updated: Int64

    /// Reads a record.
    init(_ text: Span<UInt8>, _ object: Range<Int>) throws(Stop) {
        reference = try text.string("refno", of: object)
        clientID = try text.stringIfAny("clientorderid", of: object)
        security = try text.string("security", of: object)
        side = try MidChainsParser.side(text, text.need("side", of: object)).order
        price = try text.decimalIfAny("price", of: object)
        quantity = try text.decimal(text.need("qty", of: object))
        live = try text.decimal(text.need("liveqty", of: object))
        executed = try text.decimal(text.need("execqty", of: object))
        updated = 0
        if let place = try text.find("updtime", of: object) {
            updated = try MidChainsParser.microseconds(text, place)
        }
    }
}

/// One of the account's trades as the venue tells it.
struct MidChainsSaleRecord: Equatable {
    var reference: String
    var clientID: String?
    var security: String
    var side: OrderSide
    var price: Price
    var quantity: Quantity
    /// The venue's name of this part of the trade.
    var name: String
    /// µs since 1970; 0 if not told.
    var stamp: Int64

    /// Reads a record.
    init(_ text: Span<UInt8>, _ object: Range<Int>) throws(Stop) {
        reference = try text.string("refno", of: object)
        clientID = try text.stringIfAny("clientorderid", of: object)
        security = try text.string("security", of: object)
        side = try MidChainsParser.side(text, text.need("side", of: object)).order
        price = try text.decimal(text.need("execprice", of: object))
        quantity = try text.decimal(text.need("execqty", of: object))
        name = try text.string("traderefno", of: object)
        stamp = 0
        if let place = try text.find("trdtime", of: object) {
            stamp = try MidChainsParser.microseconds(text, place)
        }
    }
}

/// What an account has of something, as the venue tells it.
struct MidChainsPositionRecord: Equatable {
    var security: String
    var quantity: Quantity

    /// Reads a record.
    init(_ text: Span<UInt8>, _ object: Range<Int>) throws(Stop) {
        security = try text.string("security", of: object)
        quantity = try text.decimal(text.need("curpos", of: object))
    }
}

extension MidChainsReply {
    /// The message as one record: what is pushed.
    func record<Record>(
        _ read: (Span<UInt8>, Range<Int>) throws(Stop) -> Record
    ) throws(MidChainsFault) -> Record {
        do throws(Stop) { return try read(json.span, json.span.root()) } catch {
            throw MidChainsFault(error, in: json.span)
        }
    }

    /// The records in its `data`: an array of them, one of them, or none.
    func records<Record>(
        _ read: (Span<UInt8>, Range<Int>) throws(Stop) -> Record
    ) throws(MidChainsFault) -> [Record] {
        let text = json.span
        do throws(Stop) {
            guard let data = try text.find("data", of: text.root()) else { return [] }
            guard text[data.lowerBound] == UInt8(ascii: "[") else { return [try read(text, data)] }
            var records: [Record] = []
            for place in try text.elements(data) { records.append(try read(text, place)) }
            return records
        } catch { throw MidChainsFault(error, in: text) }
    }
}
