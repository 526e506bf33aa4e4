import OutcryMarket
import OutcryWire

extension MidChainsParser {
    /// Reads what comes behind the security of a trade; nil where it is not one, or not as usual.
    @inline(__always)
    static func trade(
        _ json: inout JSONReader, _ text: Span<UInt8>, _ market: Int, _ instrument: Instrument
    ) throws(JSONError) -> MidChainsMessage? {
        var price = Int64.min
        var quantity = Int64.min
        var time: Int64 = 0
        var id: Int64?
        var aggressor: OrderSide?
        var isTrade = false
        repeat {
            if json.key(is: "src") { try json.skip() }
            if json.key(is: "price") { price = try units(&json, text, instrument.quote.decimals) }
            if json.key(is: "qty") { quantity = try units(&json, text, instrument.base.decimals) }
            if json.key(is: "time") { time = try json.integer() }
            if json.key(is: "type") {
                isTrade = json.string(is: "trade")
                if !isTrade { isTrade = try json.string().is("trade") }
                if !isTrade { return nil }
            }
            if json.key(is: "matchid") {
                let name = try json.string()
                guard name.isPlain else { return nil }
                id = MidChainsMatch.number(name.bytes)
            }
            if json.key(is: "maker_side") {
                let side = try json.string()
                if side.is("B") {
                    aggressor = .sell
                } else if side.is("S") {
                    aggressor = .buy
                } else {
                    return nil
                }
            }
            if json.key(is: "security") { return nil }
        } while try json.anotherKey()
        try json.finish()
        guard isTrade, price > 0, quantity > 0, let id, time >= 0, time <= 1 << 52 else {
            return nil
        }
        return .trade(
            Trade(
                venue: .midchains, instrument: instrument, id: id, priceUnits: price,
                quantityUnits: quantity, aggressor: aggressor, stamp: time &* 1_000),
            market: market)
    }

    /// Reads a trade that is written in any way.
    static func trade(
        _ text: Span<UInt8>, _ root: Range<Int>, _ instrument: Instrument
    ) throws(Stop) -> Trade {
        let price = try text.need("price", of: root)
        let priceUnits = try text.units(price, of: instrument.quote)
        guard priceUnits > 0 else { throw .value("a price above zero", at: price.lowerBound) }
        let quantity = try text.need("qty", of: root)
        let quantityUnits = try text.units(quantity, of: instrument.base)
        guard quantityUnits > 0 else {
            throw .value("an amount above zero", at: quantity.lowerBound)
        }
        var stamp: Int64 = 0
        if let place = try text.find("time", of: root) { stamp = try microseconds(text, place) }
        var aggressor: OrderSide?
        if let place = try text.find("maker_side", of: root) {
            aggressor = try side(text, place) == .bid ? .sell : .buy
        }
        return Trade(
            venue: .midchains, instrument: instrument,
            id: MidChainsMatch.number(of: try text.string("matchid", of: root)),
            priceUnits: priceUnits, quantityUnits: quantityUnits, aggressor: aggressor,
            stamp: stamp)
    }
}

/// The venue's names of matches, as the numbers that the framework has for trades.
enum MidChainsMatch {
    /// Up to 12 digits and capital letters are a number in base 36, exactly: each name its own, and 0 or more.
    /// Any other name, such as those of an account's trades, is told by 63 bits of a hash: below 0.
    static func number(_ text: Span<UInt8>) -> Int64 {
        guard !text.isEmpty, text.count <= 12, text[0] != UInt8(ascii: "0") else {
            return hash(text)
        }
        var number: Int64 = 0
        for index in text.indices {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                number = number &* 36 &+ Int64(byte &- UInt8(ascii: "0"))
            case UInt8(ascii: "A")...UInt8(ascii: "Z"):
                number = number &* 36 &+ Int64(byte &- UInt8(ascii: "A")) &+ 10
            default: return hash(text)
            }
        }
        return number
    }

    static func number(of text: String) -> Int64 { number(Array(text.utf8).span) }

    /// FNV-1a and a last mixing, with the sign.
    @inline(never)
    private static func hash(_ text: Span<UInt8>) -> Int64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in text.indices {
            hash = (hash ^ UInt64(text[index])) &* 0x0000_0100_0000_01B3
        }
        hash ^= hash >> 32
        hash &*= 0xD6E8_FEB8_6659_FD93
        hash ^= hash >> 32
        return Int64(bitPattern: hash | 1 << 63)
    }

    /// The name that a number of 0 or more stands for; nil for others.
    static func name(_ number: Int64) -> String? {
        number < 0 ? nil : String(number, radix: 36, uppercase: true)
    }
}
