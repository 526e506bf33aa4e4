import OutcryComponents
import OutcryMarket
import OutcryWire

extension MtGoxParser {
    /// Reads any message, or says why it cannot be read.
    @inline(never)
    static func anyMessage(_ text: Span<UInt8>) throws(MtGoxFault) -> MtGoxMessage {
        if let (id, body) = predictedResult(text) { return .result(id: id, body: body) }
        do throws(Stop) {
            return try message(text)
        } catch { throw MtGoxFault(error, in: text) }
    }

    /// Finds the answer to a call in one pass; nil for everything else, be it right or wrong.
    static func predictedResult(_ text: Span<UInt8>) -> (id: Range<Int>?, body: Range<Int>)? {
        // Most of the others are told by their first key.
        guard text.count > 16, text[2] == UInt8(ascii: "o") else { return nil }
        var json = JSONReader(text)
        var id: Range<Int>?
        var result: Range<Int>?
        do throws(JSONError) {
            try json.beginObject()
            guard json.key(is: "op"), json.string(is: "result") else { return nil }
            repeat {
                if json.key(is: "op") { return nil }
                if json.key(is: "id") { id = try json.place() }
                if json.key(is: "result") { result = try json.place() }
            } while try json.anotherKey()
            try json.finish()
        } catch { return nil }
        // No id is told as null too.
        if let place = id, text[place.lowerBound] == UInt8(ascii: "n") { id = nil }
        return result.map { (id, $0) }
    }

    /// What comes of a text, by its `op`.
    private static func message(_ text: Span<UInt8>) throws(Stop) -> MtGoxMessage {
        let root = try text.root()
        let op = try text.need("op", of: root)
        if try text.isString(op, "private") { return try privateMessage(text, root) }
        if try text.isString(op, "subscribe") { return .subscribed(try channel(text, root)) }
        if try text.isString(op, "unsubscribe") { return .unsubscribed(try channel(text, root)) }
        if try text.isString(op, "remark") { return .remark(try remark(text, root)) }
        if try text.isString(op, "result") { return try result(text, root) }
        throw .value(
            "\"private\", \"subscribe\", \"unsubscribe\", \"remark\" or \"result\"",
            at: op.lowerBound)
    }

    /// What comes of an `op:private`, by its kind.
    private static func privateMessage(
        _ text: Span<UInt8>, _ root: Range<Int>
    ) throws(Stop) -> MtGoxMessage {
        let kind = try text.need("private", of: root)
        if try text.isString(kind, "depth") {
            return .depth(try depth(text, text.need("depth", of: root)))
        }
        if try text.isString(kind, "trade") {
            let trade = try trade(text, text.need("trade", of: root), default: nil)
            return try isOwn(text, root) ? .ownTrade(trade) : .trade(trade)
        }
        if try text.isString(kind, "ticker") {
            return .ticker(try ticker(text, text.need("ticker", of: root), default: nil))
        }
        if try text.isString(kind, "lag") {
            return .lag(try lag(text, text.need("lag", of: root)))
        }
        if try text.isString(kind, "user_order") {
            return .account(.order, body: try text.need("user_order", of: root))
        }
        if try text.isString(kind, "wallet") {
            return .account(.wallet, body: try text.need("wallet", of: root))
        }
        if try text.isString(kind, "result") { return try result(text, root) }
        throw .value(
            "\"depth\", \"trade\", \"ticker\", \"lag\", \"user_order\", \"wallet\" or \"result\"",
            at: kind.lowerBound)
    }

    /// Whether a trade comes on a channel that is none of the public ones: then it is the account's
    /// copy, which differs from the public one in nothing else (section 10.4).
    private static func isOwn(_ text: Span<UInt8>, _ root: Range<Int>) throws(Stop) -> Bool {
        guard let place = try text.find("channel", of: root) else { return false }
        let guid = try text.string(place)
        return MtGoxChannels.index(guid: guid.utf8.span) == nil
    }

    /// Reads how far the engine is behind; its age is in microseconds.
    private static func lag(_ text: Span<UInt8>, _ object: Range<Int>) throws(Stop) -> EngineLag {
        let age = try text.whole(text.need("age", of: object))
        var stamp: Int64 = 0
        if let place = try text.find("stamp", of: object) { stamp = try text.whole(place) }
        return EngineLag(venue: .mtgox, age: .microseconds(age), stamp: stamp)
    }

    /// The place of the channel that a confirmation names.
    private static func channel(
        _ text: Span<UInt8>, _ root: Range<Int>
    ) throws(Stop) -> Range<Int> {
        let place = try text.need("channel", of: root)
        _ = try text.isString(place, "")
        return place
    }

    private static func remark(
        _ text: Span<UInt8>, _ root: Range<Int>
    ) throws(Stop) -> MtGoxRemark {
        var remark = MtGoxRemark()
        remark.message = try text.find("message", of: root)
        if let place = remark.message { _ = try text.isString(place, "") }
        if let place = try text.find("success", of: root) {
            remark.isSuccess = try text.bool(place)
        }
        remark.id = try text.find("id", of: root)
        remark.token = try text.find("token", of: root)
        return remark
    }

    /// The answer to a call; its result may be anything, `null` too.
    private static func result(
        _ text: Span<UInt8>, _ root: Range<Int>
    ) throws(Stop) -> MtGoxMessage {
        guard let body = try text.find("result", of: root, orNull: true) else {
            throw .missing("result", in: root.lowerBound)
        }
        return .result(id: try text.find("id", of: root), body: body)
    }
}
