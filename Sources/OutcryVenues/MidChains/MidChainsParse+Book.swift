import OutcryMarket
import OutcryWire

extension MidChainsParser {
    /// Reads the lines of a book as usual; false where one has to be read with care.
    @inline(__always)
    static func book(
        _ json: inout JSONReader, _ instrument: Instrument, _ lines: inout [MidChainsEntry]
    ) throws(JSONError) -> Bool {
        lines.removeAll(keepingCapacity: true)
        try json.beginArray()
        while try json.nextElement() {
            guard let line = try line(&json, instrument) else { return false }
            lines.append(line)
        }
        return true
    }

    /// Reads one line as usual; nil where it is not complete, or not as usual.
    ///
    /// In the order of the wire no key is looked at twice, and in any other order it is right too.
    @inline(__always)
    private static func line(
        _ json: inout JSONReader, _ instrument: Instrument
    ) throws(JSONError) -> MidChainsEntry? {
        var line = MidChainsEntry()
        var isUsual = true
        var hasAct = false
        var hasKey = false
        var key = MidChainsName(id: 0)
        try json.beginObject()
        repeat {
            if json.key(is: "side") {
                if json.string(is: "B") {
                    line.side = .bid
                } else if json.string(is: "S") {
                    line.side = .ask
                } else {
                    return nil
                }
            }
            if json.key(is: "ioi") { line.isIndication = try json.bool() }
            if json.key(is: "act") {
                hasAct = true
                if json.string(is: "U") {
                    line.act = .update
                } else if json.string(is: "R") {
                    line.act = .remove
                } else if json.string(is: "A") {
                    line.act = .add
                } else {
                    return nil
                }
            }
            if json.key(is: "src") { try json.skip() }
            if json.key(is: "price") {
                line.priceUnits = try units(&json, instrument.quote.decimals)
                if line.priceUnits <= 0 { isUsual = false }
            }
            if json.key(is: "qty") {
                line.quantityUnits = try units(&json, instrument.base.decimals)
                if line.quantityUnits < 0 { isUsual = false }
            }
            if json.key(is: "id") { line.id = try json.integer() }
            if json.key(is: "time") {
                line.stamp = try json.integer()
                if line.stamp < 0 || line.stamp > 1 << 52 { isUsual = false }
            }
            if json.key(is: "mpid") { try json.skip() }
            if json.key(is: "key") {
                if json.string(is: "NA") {
                    hasKey = false
                } else {
                    let text = try json.string()
                    if !text.isPlain || text.bytes.isEmpty { return nil }
                    key = MidChainsName(text.bytes)
                    hasKey = true
                }
            }
        } while try json.anotherKey()
        guard isUsual, hasAct, hasKey || line.id != .min else { return nil }
        line.name = hasKey ? key : MidChainsName(id: line.id)
        line.stamp &*= 1_000
        if line.act != .remove {
            guard line.side != nil, line.priceUnits > 0, line.quantityUnits >= 0 else { return nil }
        }
        return line
    }

    /// Reads a decimal in units of so many decimals; `Int64.min` where it has to be read with care.
    @inline(__always)
    static func units(_ json: inout JSONReader, _ scale: Int) throws(JSONError) -> Int64 {
        let number = try json.decimal()
        return units(number.bytes, scale)
    }

    /// Up to 18 digits with at most `scale` of them behind the point; `Int64.min` for all else.
    @inline(__always)
    private static func units(_ text: Span<UInt8>, _ scale: Int) -> Int64 {
        guard text.count <= 18 else { return .min }
        var value: Int64 = 0
        var decimals = 0
        var step = 0
        for index in text.indices {
            let digit = text[index] &- UInt8(ascii: "0")
            if digit < 10 {
                value = value &* 10 &+ Int64(digit)
                decimals &+= step
            } else if text[index] == UInt8(ascii: ".") {
                step = 1
            } else {
                return .min
            }
        }
        guard decimals <= scale else { return .min }
        let (units, isOver) = value.multipliedReportingOverflow(by: powers[scale &- decimals])
        return isOver ? .min : units
    }

    private static let powers: [Int64] = {
        var powers: [Int64] = [1]
        while powers.count < 19 { powers.append(powers[powers.count - 1] * 10) }
        return powers
    }()

    // MARK: With care

    /// Reads the lines of a book that are written in any way.
    static func lines(
        _ text: Span<UInt8>, _ array: Range<Int>, _ instrument: Instrument,
        into lines: inout [MidChainsEntry]
    ) throws(Stop) {
        lines.removeAll(keepingCapacity: true)
        for place in try text.elements(array) {
            lines.append(try line(text, place, instrument))
        }
    }

    private static func line(
        _ text: Span<UInt8>, _ object: Range<Int>, _ instrument: Instrument
    ) throws(Stop) -> MidChainsEntry {
        var line = MidChainsEntry()
        line.act = try act(text, text.need("act", of: object))
        if let place = try text.find("id", of: object) { line.id = try text.whole(place) }
        if let place = try text.find("time", of: object) {
            line.stamp = try microseconds(text, place)
        }
        if let place = try text.find("ioi", of: object) { line.isIndication = try text.bool(place) }
        if let place = try text.find("side", of: object) { line.side = try side(text, place) }
        if let key = try text.stringIfAny("key", of: object), key != "NA", !key.isEmpty {
            line.name = MidChainsName(key)
        } else if line.id != .min {
            line.name = MidChainsName(id: line.id)
        } else {
            throw .missing("id", in: object.lowerBound)
        }
        guard line.act != .remove else { return line }
        if line.side == nil { throw .missing("side", in: object.lowerBound) }
        let price = try text.need("price", of: object)
        line.priceUnits = try text.units(price, of: instrument.quote)
        guard line.priceUnits > 0 else {
            throw .value("a price above zero", at: price.lowerBound)
        }
        let quantity = try text.need("qty", of: object)
        line.quantityUnits = try text.units(quantity, of: instrument.base)
        guard line.quantityUnits >= 0 else {
            throw .value("an amount of zero or more", at: quantity.lowerBound)
        }
        return line
    }

    private static func act(
        _ text: Span<UInt8>, _ place: Range<Int>
    ) throws(Stop) -> MidChainsEntry.Act {
        if try text.isString(place, "A") { return .add }
        if try text.isString(place, "U") { return .update }
        if try text.isString(place, "R") { return .remove }
        throw .value("\"A\", \"U\" or \"R\"", at: place.lowerBound)
    }

    /// The side of a book.
    static func side(_ text: Span<UInt8>, _ place: Range<Int>) throws(Stop) -> Side {
        if try text.isString(place, "B") { return .bid }
        if try text.isString(place, "S") { return .ask }
        throw .value("\"B\" or \"S\"", at: place.lowerBound)
    }

    /// A time in milliseconds since 1970, as microseconds.
    static func microseconds(_ text: Span<UInt8>, _ place: Range<Int>) throws(Stop) -> Int64 {
        let time = try text.whole(place)
        guard time >= 0, time <= 1 << 52 else {
            throw .value("milliseconds since 1970", at: place.lowerBound)
        }
        return time * 1_000
    }
}
