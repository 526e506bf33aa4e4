import OutcryMarket
import OutcryWire

// Reading by places: for what is rare, and for whatever the predicting readers do not expect. A place
// is where a JSON value stands in the text; an object is looked at anew for each field, which is
// simple and right for every order of keys: of a key that comes twice, the last one counts.

extension Span where Element == UInt8 {
    /// Reads the value at a place; errors tell offsets in the whole text.
    func read<T>(
        _ place: Range<Int>, _ body: (inout JSONReader) throws(JSONError) -> T
    ) throws(Stop) -> T {
        var json = JSONReader(extracting(place))
        do {
            let value = try body(&json)
            try json.finish()
            return value
        } catch { throw .json(error, base: place.lowerBound) }
    }

    /// The place of the whole text's one value, checked to its end.
    func root() throws(Stop) -> Range<Int> {
        try read(0..<count) { (json) throws(JSONError) in try json.place() }
    }

    /// The place of a field; nil where the object has none of that name, or where it is null and
    /// that is not asked for.
    func find(
        _ name: StaticString, of object: Range<Int>, orNull: Bool = false
    ) throws(Stop) -> Range<Int>? {
        let place = try read(object) { (json) throws(JSONError) -> Range<Int>? in
            var found: Range<Int>?
            try json.beginObject()
            while let key = try json.nextKey() {
                if key.is(name) {
                    let isNull = try json.peek() == .null
                    let place = try json.place()
                    found = isNull && !orNull ? nil : place
                } else {
                    try json.skip()
                }
            }
            return found
        }
        guard let place else { return nil }
        return place.lowerBound + object.lowerBound..<place.upperBound + object.lowerBound
    }

    /// The place of a field that has to be there.
    func need(_ name: StaticString, of object: Range<Int>) throws(Stop) -> Range<Int> {
        guard let place = try find(name, of: object) else {
            throw .missing(name, in: object.lowerBound)
        }
        return place
    }

    /// The places of an array's elements.
    func elements(_ array: Range<Int>) throws(Stop) -> [Range<Int>] {
        try read(array) { (json) throws(JSONError) in
            var places: [Range<Int>] = []
            try json.beginArray()
            while try json.nextElement() {
                let place = try json.place()
                let base = array.lowerBound
                places.append(place.lowerBound + base..<place.upperBound + base)
            }
            return places
        }
    }

    /// A whole number, as such or in a string.
    func whole(_ place: Range<Int>) throws(Stop) -> Int64 {
        try read(place) { (json) throws(JSONError) in try json.integer() }
    }

    /// A string, decoded.
    func string(_ place: Range<Int>) throws(Stop) -> String {
        try read(place) { (json) throws(JSONError) in try json.string().string }
    }

    /// Whether the value is this string; throws where it is no string.
    func isString(_ place: Range<Int>, _ text: StaticString) throws(Stop) -> Bool {
        try read(place) { (json) throws(JSONError) in try json.string().is(text) }
    }

    /// Whether the value is `true`; throws where it is no truth value.
    func bool(_ place: Range<Int>) throws(Stop) -> Bool {
        try read(place) { (json) throws(JSONError) in try json.bool() }
    }

    /// A decimal number, as such or in a string, with the digits as they are written.
    func decimal<Number: FixedPoint>(
        _ place: Range<Int>, as type: Number.Type = Number.self
    ) throws(Stop) -> Number {
        let text = try read(place) { (json) throws(JSONError) in try json.decimal().string }
        guard let number = Number(text) else {
            throw .value("a number that fits, of at most 18 decimals", at: place.lowerBound)
        }
        return number
    }

    /// A decimal number, as such or in a string, exactly in units of a currency.
    func units(_ place: Range<Int>, of currency: Currency) throws(Stop) -> Int64 {
        let number = try decimal(place, as: Quantity.self)
        guard let exact = number.rescaled(to: currency.decimals) else {
            throw .value("a number of no more decimals than the currency has", at: place.lowerBound)
        }
        return exact.units
    }
}

extension JSONReader {
    /// Reads any value and gives its place in the reader's input.
    mutating func place() throws(JSONError) -> Range<Int> {
        _ = try peek()
        let start = offset
        try skip()
        return start..<offset
    }

    /// Reads a name: from where it stands, unless it has escapes.
    @inline(__always)
    mutating func orderID() throws(JSONError) -> OrderID {
        let text = try string()
        return text.isPlain ? OrderID(text.bytes) : OrderID(text.string)
    }
}
