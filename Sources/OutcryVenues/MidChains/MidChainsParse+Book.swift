import OutcryMarket
import OutcryWire

extension MidChainsParser {
    /// Reads the lines of a book as usual; false where one has to be read with care.
    @inline(__always)
    static func book(
        _ json: inout JSONReader, _ text: Span<UInt8>, _ instrument: Instrument,
        _ lines: MidChainsBuffer<MidChainsEntry>
    ) throws(JSONError) -> Bool {
        lines.removeAll()
        try json.beginArray()
        while try json.nextElement() {
            guard let line = try line(&json, text, instrument) else { return false }
            lines.append(line)
        }
        return true
    }

    /// Reads one line as usual; nil where it is not complete, or not as usual.
    ///
    /// In the order of the wire no key is looked at twice, and in any other order it is right too.
    @inline(__always)
    private static func line(
        _ json: inout JSONReader, _ text: Span<UInt8>, _ instrument: Instrument
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
            if json.key(is: "src") { try json.skip(expecting: "CROX") }
            if json.key(is: "price") {
                line.priceUnits = try units(&json, text, instrument.quote.decimals)
                if line.priceUnits <= 0 { isUsual = false }
            }
            if json.key(is: "qty") {
                line.quantityUnits = try units(&json, text, instrument.base.decimals)
                if line.quantityUnits < 0 { isUsual = false }
            }
            if json.key(is: "id") { line.id = try json.integer() }
            if json.key(is: "time") {
                line.stamp = try json.integer()
                if line.stamp < 0 || line.stamp > 1 << 52 { isUsual = false }
            }
            if json.key(is: "mpid") { try json.skip(expecting: "ANON") }
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
    ///
    /// In a string without white space before it, up to 18 bytes are read where they stand, at the cursor.
    @inline(__always)
    static func units(
        _ json: inout JSONReader, _ text: Span<UInt8>, _ scale: Int
    ) throws(JSONError) -> Int64 {
        let first = json.offset &+ 1
        let end = min(text.count, first &+ 19)
        guard first < end, text[first &- 1] == UInt8(ascii: "\"") else {
            return try anyUnits(&json, scale)
        }
        var index = first
        var value: Int64 = 0
        var point = 0
        while index < end {
            let digit = text[index] &- UInt8(ascii: "0")
            if digit > 9 {
                guard text[index] == UInt8(ascii: "."), point == 0 else { break }
                point = index
            } else {
                value = value &* 10 &+ Int64(digit)
            }
            index &+= 1
        }
        // As JSON has numbers: digits on both sides of a point, no zero before other digits.
        let decimals = point == 0 ? 0 : index &- 1 &- point
        let isPlain = text[first] != UInt8(ascii: "0") || index == first &+ 1 || point == first &+ 1
        guard index < end, index > first, text[index] == UInt8(ascii: "\""), isPlain,
            point == 0 || point > first && decimals > 0, decimals <= scale
        else { return try anyUnits(&json, scale) }
        try json.skip()
        let (units, isOver) = value.multipliedReportingOverflow(by: power(scale &- decimals))
        return isOver ? .min : units
    }

    /// As a number, or with white space: `Int64.min` for the careful way, where it has to be.
    @inline(never)
    private static func anyUnits(
        _ json: inout JSONReader, _ scale: Int
    ) throws(JSONError) -> Int64 {
        let number = try json.decimal()
        let exact = try? Quantity(ascii: number.bytes, scale: scale)
        return exact?.units ?? .min
    }

    /// Ten to the power of 0 to 18.
    @inline(__always)
    private static func power(_ exponent: Int) -> Int64 {
        switch exponent {
        case 0: 1
        case 1: 10
        case 2: 100
        case 3: 1_000
        case 4: 10_000
        case 5: 100_000
        case 6: 1_000_000
        case 7: 10_000_000
        case 8: 100_000_000
        default: farPower(exponent)
        }
    }

    @inline(never)
    private static func farPower(_ exponent: Int) -> Int64 {
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }

    // MARK: With care

    /// Reads the lines of a book that are written in any way.
    static func lines(
        _ text: Span<UInt8>, _ array: Range<Int>, _ instrument: Instrument,
        into lines: MidChainsBuffer<MidChainsEntry>
    ) throws(Stop) {
        lines.removeAll()
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
