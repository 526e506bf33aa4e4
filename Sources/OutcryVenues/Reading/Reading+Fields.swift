import OutcryMarket
import OutcryWire

// Fields by name: those that have to be there, and those that may be missing or null.

extension Span where Element == UInt8 {
    /// A string field that has to be there.
    func string(_ name: StaticString, of object: Range<Int>) throws(Stop) -> String {
        try string(need(name, of: object))
    }

    /// A string field, or nil.
    func stringIfAny(_ name: StaticString, of object: Range<Int>) throws(Stop) -> String? {
        guard let place = try find(name, of: object) else { return nil }
        return try string(place)
    }

    /// A decimal field, or nil.
    func decimalIfAny<Number: FixedPoint>(
        _ name: StaticString, of object: Range<Int>, as type: Number.Type = Number.self
    ) throws(Stop) -> Number? {
        guard let place = try find(name, of: object) else { return nil }
        return try decimal(place, as: type)
    }

    /// A count: a whole number from zero to 2^31 - 1.
    func count(_ place: Range<Int>) throws(Stop) -> Int {
        guard let count = Int32(exactly: try whole(place)), count >= 0 else {
            throw .value("a count", at: place.lowerBound)
        }
        return Int(count)
    }

    /// A count field, or nil.
    func countIfAny(_ name: StaticString, of object: Range<Int>) throws(Stop) -> Int? {
        guard let place = try find(name, of: object) else { return nil }
        return try count(place)
    }

    /// The strings of an array.
    func strings(_ array: Range<Int>) throws(Stop) -> [String] {
        var strings: [String] = []
        for place in try elements(array) { strings.append(try string(place)) }
        return strings
    }

    /// The fields of an object in their order, each key decoded.
    func fields(_ object: Range<Int>) throws(Stop) -> [(key: String, place: Range<Int>)] {
        try read(object) { (json) throws(JSONError) in
            var fields: [(key: String, place: Range<Int>)] = []
            try json.beginObject()
            while let key = try json.nextKey() {
                let name = key.string
                let place = try json.place()
                let base = object.lowerBound
                fields.append((name, place.lowerBound + base..<place.upperBound + base))
            }
            return fields
        }
    }
}
