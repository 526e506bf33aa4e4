extension JSONReader {
    /// Reads a string.
    @inlinable @inline(always) @_lifetime(copy self)
    public mutating func string() throws(JSONError) -> JSONText {
        checkValueIsDue()
        let place = try bytes.string(at: position)
        valueEnded(at: place.end &+ 1)
        return JSONText(bytes.slice(place.start, place.end), isPlain: place.isPlain)
    }

    /// Takes the next value if it is the string `text`, written without white space before it and
    /// without escapes.
    ///
    /// Like `key(is:)` a prediction: false means that the value has to be read in another way.
    ///
    /// - Parameter text: printable ASCII without quote and backslash.
    @inlinable @inline(always)
    public mutating func string(is text: StaticString) -> Bool {
        assert(text.isPlain, "a text to compare with is plain ASCII")
        let count = text.utf8CodeUnitCount &+ 2
        checkValueIsDue()
        guard bytes.byteCount &- position >= (count > 8 ? count : 8),
            bytes.hasString(text, at: position)
        else { return false }
        position &+= count
        lead = Self.comma
        return true
    }

    /// Reads a number.
    @_lifetime(copy self)
    public mutating func number() throws(JSONError) -> JSONNumber {
        checkValueIsDue()
        let start = try bytes.valueStart(position, .number)
        guard bytes.byte(start).startsNumber else { throw bytes.unexpected(.number, at: start) }
        let end = try bytes.numberEnd(from: start)
        valueEnded(at: end.index)
        return JSONNumber(
            bytes.slice(start, end.index), isInteger: end.isInteger, offset: start)
    }

    /// Reads a number that stands as such or in a string, `71.06028` or `"71.06028"`.
    ///
    /// The string has to hold a number of JSON's grammar and nothing else, without escapes.
    @_lifetime(copy self)
    public mutating func decimal() throws(JSONError) -> JSONNumber {
        checkValueIsDue()
        let quote = try bytes.valueStart(position, .number)
        guard bytes.byte(quote) == 0x22 else { return try number() }
        let place = try bytes.stringPlace(from: quote &+ 1)
        let start = place.start
        guard bytes.byte(start).startsNumber else { throw bytes.error(.number, at: start) }
        let end = try bytes.numberEnd(from: start)
        guard end.index == place.end else { throw bytes.error(.number, at: end.index) }
        valueEnded(at: end.index &+ 1)
        return JSONNumber(
            bytes.slice(start, end.index), isInteger: end.isInteger, offset: start)
    }

    /// Reads a whole number exactly.
    ///
    /// - Throws: `JSONError` (expected `.int64`) for a fraction, an exponent and anything outside
    ///   `Int64`.
    public mutating func int64() throws(JSONError) -> Int64 {
        checkValueIsDue()
        position = try bytes.valueStart(position, .int64)
        guard bytes.byte(position) != 0x22 else { throw bytes.unexpected(.int64, at: position) }
        return try integer()
    }

    /// Reads a whole number that stands as such or in a string, `123` or `"123"`, exactly.
    ///
    /// The string has to hold a sign or none and digits, without escapes; there, unlike in a number, they
    /// may begin with zeros: `"0042"`.
    ///
    /// - Throws: `JSONError` (expected `.int64`) for a fraction, an exponent and anything outside
    ///   `Int64`.
    @inlinable @inline(always)
    public mutating func integer() throws(JSONError) -> Int64 {
        checkValueIsDue()
        let place = try bytes.integer(at: position)
        valueEnded(at: place.end)
        return place.value
    }

    /// Reads `true` or `false`.
    public mutating func bool() throws(JSONError) -> Bool {
        checkValueIsDue()
        let start = try bytes.valueStart(position, .bool)
        let value = bytes.byte(start) == 0x74
        guard value || bytes.byte(start) == 0x66 else {
            throw bytes.unexpected(.bool, at: start)
        }
        valueEnded(
            at: try bytes.wordEnd(value ? "true" : "false", from: start, expected: .bool))
        return value
    }

    /// Reads `null`.
    public mutating func null() throws(JSONError) {
        checkValueIsDue()
        let start = try bytes.valueStart(position, .null)
        guard bytes.byte(start) == 0x6E else { throw bytes.unexpected(.null, at: start) }
        valueEnded(at: try bytes.wordEnd("null", from: start, expected: .null))
    }

    /// Reads `null` if it comes next; else reads nothing and gives false.
    public mutating func isNull() throws(JSONError) -> Bool {
        checkValueIsDue()
        position = try bytes.valueStart(position, .value)
        guard bytes.byte(position) == 0x6E else { return false }
        try null()
        return true
    }

    /// Reads any value and gives its bytes as they stand, checked: for passing on, or for later.
    @_lifetime(copy self)
    public mutating func raw() throws(JSONError) -> Span<UInt8> {
        checkValueIsDue()
        let start = try bytes.valueStart(position, .value)
        try skip()
        return bytes.slice(start, position).span
    }
}

extension RawSpan {
    /// The string that has to come at `start` or after white space.
    @usableFromInline
    func string(at start: Int) throws(JSONError) -> JSONStringPlace {
        if byteCount &- start > 16, byte(start) == 0x22 {
            var index = start &+ 1
            while byteCount &- index >= 16 {
                let mask = stops(index)
                if mask == 0 {
                    index &+= 16
                    continue
                }
                let end = index &+ mask.trailingZeroBitCount
                guard byte(end) == 0x22 else { break }
                return JSONStringPlace(start: start &+ 1, end: end, isPlain: true)
            }
        }
        return try slowString(at: start)
    }

    @inline(never)
    private func slowString(at start: Int) throws(JSONError) -> JSONStringPlace {
        let index = try valueStart(start, .string)
        if index != start { return try string(at: index) }
        guard byte(index) == 0x22 else { throw unexpected(.string, at: index) }
        return try longStringPlace(from: index &+ 1)
    }

    /// The whole number that has to come at `start` or after white space, and the index after it.
    @usableFromInline
    func integer(at start: Int) throws(JSONError) -> (value: Int64, end: Int) {
        // Quote, sign, sixteen digits and one byte behind them to look at.
        if byteCount &- start >= 19 {
            let isQuoted = byte(start) == 0x22
            let quote = isQuoted ? 1 : 0
            let isNegative = byte(start &+ quote) == 0x2D
            let first = start &+ quote &+ (isNegative ? 1 : 0)
            let text = word(first)
            let count = (nondigits(first) | 0x10000).trailingZeroBitCount
            let end = first &+ count
            let next = byte(end)
            let isWhole = next == (isQuoted ? 0x22 : 0x2C) || (!isQuoted && next | 0x20 == 0x7D)
            // Not without digits; with a leading zero only in a string.
            if isWhole, count == 1 || (count > 0 && (isQuoted || text & 0xFF != 0x30)) {
                let value = Int64(truncatingIfNeeded: digits(count, of: text, at: first))
                let sign: Int64 = isNegative ? -1 : 0
                return ((value ^ sign) &- sign, end &+ quote)
            }
        } else if let place = lastInteger(at: start) {
            return place
        }
        return try slowInteger(at: start)
    }

    /// A whole number near the end of the input, a digit at a time: `"1364767201"` or `7`, with a bracket behind
    /// it; nil for all others, right or wrong.
    @inline(never)
    private func lastInteger(at start: Int) -> (value: Int64, end: Int)? {
        guard start < byteCount else { return nil }
        let quote = byte(start) == 0x22 ? 1 : 0
        let first = start &+ quote
        var (index, value) = (first, Int64(0))
        // No more than eighteen digits come before the end: they fit.
        while index < byteCount, case let digit = byte(index) &- 0x30, digit < 10 {
            value = value &* 10 &+ Int64(digit)
            index &+= 1
        }
        guard index > first, index < byteCount else { return nil }
        if quote == 1 { return byte(index) == 0x22 ? (value, index &+ 1) : nil }
        guard index == first &+ 1 || byte(first) != 0x30 else { return nil }
        let next = byte(index)
        return next == 0x2C || next | 0x20 == 0x7D ? (value, index) : nil
    }

    /// `integer(at:)` for long and unusual ones.
    @inline(never)
    private func slowInteger(at start: Int) throws(JSONError) -> (value: Int64, end: Int) {
        let index = try valueStart(start, .int64)
        if index != start { return try integer(at: index) }
        let (first, end, after): (Int, Int, Int)
        if byte(index) == 0x22 {
            first = index &+ 1
            end = try stringPlace(from: first).end
            after = end &+ 1
        } else {
            guard byte(index).startsNumber else { throw unexpected(.int64, at: index) }
            first = index
            end = try numberEnd(from: first).index
            after = end
        }
        guard let value = int64(first, end, mayBeginWithZeros: first != index) else {
            throw error(.int64, at: first)
        }
        return (value, after)
    }
}

extension UInt8 {
    /// Whether a number may begin with this byte.
    @inline(always)
    var startsNumber: Bool { self &- 0x30 <= 9 || self == 0x2D }
}
