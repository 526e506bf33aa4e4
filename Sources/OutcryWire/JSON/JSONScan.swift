// Where tokens end, with everything RFC 8259 asks for checked on the way: `RawSpan` in, index out.

/// Where the content of a string stands, and whether it holds no escape.
@usableFromInline
struct JSONStringPlace: BitwiseCopyable {
    /// The index after the opening quote.
    @usableFromInline var start: Int
    /// The index of the closing quote.
    @usableFromInline var end: Int
    @usableFromInline var isPlain: Bool

    @inlinable @inline(__always)
    init(start: Int, end: Int, isPlain: Bool) {
        self.start = start
        self.end = end
        self.isPlain = isPlain
    }
}

/// Where a number ends, and whether it has neither fraction nor exponent.
struct JSONNumberEnd {
    var index: Int
    var isInteger: Bool
}

extension RawSpan {
    /// The error for what stands at `index`.
    @inline(never)
    func error(_ expected: JSONError.Expectation, at index: Int) -> JSONError {
        JSONError(
            offset: index, expected: expected,
            found: index < byteCount ? .byte(byte(index)) : .endOfInput)
    }

    /// The first index from `start` on that holds no white space.
    @inline(always)
    func afterSpace(_ start: Int) -> Int {
        var index = start
        while index < byteCount {
            let byte = byte(index)
            // Most bytes are above the space: one comparison.
            if byte > 0x20 { break }
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { break }
            index &+= 1
        }
        return index
    }

    /// A bit for each of the last bytes, from `index` on, that a plain string cannot hold; for fewer
    /// than sixteen.
    ///
    /// The last sixteen bytes are loaded, and those before `index` shifted out. Inputs shorter than
    /// that go a byte at a time.
    @inline(always)
    private func tailStops(_ index: Int) -> UInt32 {
        let left = byteCount &- index
        if byteCount >= 16 {
            return stops(byteCount &- 16) &>> UInt32(truncatingIfNeeded: 16 &- left)
        }
        var mask: UInt32 = 0
        for offset in 0..<left {
            let byte = byte(index &+ offset)
            let stop = byte == 0x22 || byte == 0x5C || byte < 0x20 || byte >= 0x80
            mask |= (stop ? 1 : 0) &<< UInt32(truncatingIfNeeded: offset)
        }
        return mask
    }

    /// The string whose first content byte is at `start`.
    @inline(always)
    func stringPlace(from start: Int) throws(JSONError) -> JSONStringPlace {
        if byteCount &- start >= 16 {
            let mask = stops(start)
            if mask != 0 {
                let end = start &+ mask.trailingZeroBitCount
                if byte(end) == 0x22 {
                    return JSONStringPlace(start: start, end: end, isPlain: true)
                }
            }
        }
        return try longStringPlace(from: start)
    }

    /// The same for strings of any length and content.
    @inline(never)
    func longStringPlace(from start: Int) throws(JSONError) -> JSONStringPlace {
        var index = start
        var isPlain = true
        while true {
            let mask: UInt32
            if byteCount &- index >= 16 {
                mask = stops(index)
                if mask == 0 {
                    index &+= 16
                    continue
                }
            } else {
                mask = tailStops(index)
                if mask == 0 { throw error(.string, at: byteCount) }
            }
            index &+= mask.trailingZeroBitCount
            let byte = byte(index)
            switch byte {
            case 0x22:
                return JSONStringPlace(start: start, end: index, isPlain: isPlain)
            case 0x5C:
                isPlain = false
                index = try escapeEnd(at: index)
            case 0x80...:
                repeat {
                    index = try scalarEnd(at: index)
                } while index < byteCount && self.byte(index) >= 0x80
            default:
                throw error(.escapedControl, at: index)
            }
        }
    }

    /// The index after the escape whose backslash is at `start`; a surrogate pair is one escape.
    private func escapeEnd(at start: Int) throws(JSONError) -> Int {
        let letter = start &+ 1
        guard letter < byteCount else { throw error(.escape, at: letter) }
        switch byte(letter) {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74:
            return letter &+ 1
        case 0x75:
            let unit = try hexUnit(at: letter &+ 1)
            guard unit & 0xF800 == 0xD800 else { return letter &+ 5 }
            guard unit < 0xDC00 else { throw error(.surrogatePair, at: start) }
            let second = letter &+ 5
            guard second < byteCount, byte(second) == 0x5C else {
                throw error(.surrogatePair, at: second)
            }
            guard second &+ 1 < byteCount, byte(second &+ 1) == 0x75 else {
                throw error(.surrogatePair, at: second &+ 1)
            }
            guard try hexUnit(at: second &+ 2) & 0xFC00 == 0xDC00 else {
                throw error(.surrogatePair, at: second)
            }
            return second &+ 6
        default:
            throw error(.escape, at: letter)
        }
    }

    /// The four hexadecimal digits at `start`.
    func hexUnit(at start: Int) throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for index in start..<start &+ 4 {
            guard index < byteCount else { throw error(.hexDigit, at: index) }
            let byte = byte(index)
            switch byte {
            case 0x30...0x39: unit = unit &<< 4 | UInt32(byte &- 0x30)
            case 0x41...0x46: unit = unit &<< 4 | UInt32(byte &- 0x37)
            case 0x61...0x66: unit = unit &<< 4 | UInt32(byte &- 0x57)
            default: throw error(.hexDigit, at: index)
            }
        }
        return unit
    }

    /// The index after the UTF-8 sequence of two to four bytes at `start` (Unicode, table 3-7).
    private func scalarEnd(at start: Int) throws(JSONError) -> Int {
        let lead = byte(start)
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw error(.utf8, at: start)
        }
        for index in start &+ 1..<start &+ length {
            guard index < byteCount else { throw error(.utf8, at: index) }
            guard second.contains(byte(index)) else { throw error(.utf8, at: index) }
            second = 0x80...0xBF
        }
        return start &+ length
    }

    /// The end of the number whose first byte is at `start`, which is before the end of the input.
    @inline(never)
    func numberEnd(from start: Int) throws(JSONError) -> JSONNumberEnd {
        var index = start
        if byte(index) == 0x2D { index &+= 1 }
        guard index < byteCount else { throw error(.digit, at: index) }
        if byte(index) == 0x30 {
            index &+= 1
            if index < byteCount, byte(index) &- 0x30 <= 9 {
                throw error(.number, at: index)  // a leading zero
            }
        } else {
            index = try digitsEnd(from: index)
        }
        var isInteger = true
        if index < byteCount, byte(index) == 0x2E {
            isInteger = false
            index = try digitsEnd(from: index &+ 1)
        }
        if index < byteCount, byte(index) | 0x20 == 0x65 {
            isInteger = false
            index &+= 1
            if index < byteCount, byte(index) == 0x2B || byte(index) == 0x2D { index &+= 1 }
            index = try digitsEnd(from: index)
        }
        return JSONNumberEnd(index: index, isInteger: isInteger)
    }

    /// The index after one or more digits.
    @inline(always)
    private func digitsEnd(from start: Int) throws(JSONError) -> Int {
        var index = start
        while index < byteCount, byte(index) &- 0x30 <= 9 { index &+= 1 }
        if index == start { throw error(.digit, at: index) }
        return index
    }

    /// The index after `true`, `false` or `null` at `start`; `expected` names what was asked for.
    func wordEnd(
        _ word: StaticString, from start: Int, expected: JSONError.Expectation
    ) throws(JSONError) -> Int {
        for offset in 0..<word.utf8CodeUnitCount {
            let index = start &+ offset
            guard index < byteCount, byte(index) == word.byte(offset) else {
                throw error(expected, at: index)
            }
        }
        return start &+ word.utf8CodeUnitCount
    }
}
