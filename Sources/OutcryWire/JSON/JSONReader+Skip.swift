extension JSONReader {
    /// Reads any value and drops it, checking all of it; containers without recursion.
    @inlinable @inline(always)
    public mutating func skip() throws(JSONError) {
        checkValueIsDue()
        valueEnded(at: try bytes.valueEnd(from: position, room: room))
    }

    /// Skips a value that is nearly always the string `text`: a compare or two when it is.
    ///
    /// - Parameter text: printable ASCII without quote and backslash.
    @inlinable @inline(always)
    public mutating func skip(expecting text: StaticString) throws(JSONError) {
        if !string(is: text) { try skip() }
    }
}

extension RawSpan {
    /// The end of the value that has to come at `start` or after white space; `room` more
    /// containers may be opened in it.
    @usableFromInline
    func valueEnd(from start: Int, room: Int) throws(JSONError) -> Int {
        if byteCount &- start > 16, byte(start) == 0x22 {
            let end = quickStringEnd(from: start &+ 1)
            if end >= 0 { return end &+ 1 }
        }
        return try slowValueEnd(from: start, room: room)
    }

    /// The index of the quote that ends the string whose first content byte is at `start`; -1 for one with
    /// anything but printable ASCII and escapes like `\u00a0` of no surrogate.
    ///
    /// Needs sixteen bytes of input.
    @inline(__always)
    private func quickStringEnd(from start: Int) -> Int {
        var index = start
        while byteCount &- index >= 16 {
            let mask = stops(index)
            if mask == 0 {
                index &+= 16
                continue
            }
            index &+= mask.trailingZeroBitCount
            if byte(index) == 0x22 { return index }
            guard byteCount &- index >= 8, isSimpleUnit(at: index) else { return -1 }
            index &+= 6
        }
        // The last bytes of the input, in a load that begins before them; there are as many.
        let mask = stops(byteCount &- 16) &>> UInt32(truncatingIfNeeded: 16 &- (byteCount &- index))
        guard mask != 0 else { return -1 }
        index &+= mask.trailingZeroBitCount
        return byte(index) == 0x22 ? index : -1
    }

    /// Whether an escape `\uXXXX` stands at `index`, with four digits that are no surrogate: not `D8` to `DF`.
    ///
    /// Needs eight bytes.
    @inline(__always)
    private func isSimpleUnit(at index: Int) -> Bool {
        let word = word(index)
        guard word & 0xFFFF == 0x755C else { return false }
        let text = UInt32(truncatingIfNeeded: word &>> 16)
        guard text & 0x8080_8080 == 0 else { return false }
        // A sum sets the top bit of each byte that is as large as asked; none carries over. In lower case a
        // letter is `a` to `f`; a digit is itself.
        let lower = text | 0x2020_2020
        let isDigit = (text &+ 0x5050_5050) & ~(text &+ 0x4646_4646)
        let isLetter = (lower &+ 0x1F1F_1F1F) & ~(lower &+ 0x1919_1919)
        return (isDigit | isLetter) & 0x8080_8080 == 0x8080_8080 && lower & 0xFF != 0x64
    }

    @inline(never)
    private func slowValueEnd(from start: Int, room: Int) throws(JSONError) -> Int {
        let index = try valueStart(start, .value)
        if index != start { return try valueEnd(from: index, room: room) }
        let first = byte(index)
        if first.startsNumber {
            if let end = shortNumberEnd(from: index) { return end }
            return try numberEnd(from: index).index
        }
        switch first {
        case 0x22: return try longStringPlace(from: index &+ 1).end &+ 1
        case 0x7B, 0x5B: return try containerEnd(from: index, room: room)
        default: return try literalEnd(first, at: index)
        }
    }

    /// The end of a number like `7`, `-120` or `14.49` with a comma or bracket behind it; nil for
    /// all others, right or wrong.
    @inline(always)
    private func shortNumberEnd(from start: Int) -> Int? {
        // Sign, fifteen digits and a point, and sixteen bytes behind them.
        guard byteCount &- start >= 33 else { return nil }
        let first = start &+ (byte(start) == 0x2D ? 1 : 0)
        let whole = (nondigits(first) | 0x8000).trailingZeroBitCount
        guard whole == 1 || (whole > 1 && byte(first) != 0x30) else { return nil }
        var end = first &+ whole
        if byte(end) == 0x2E {
            let fraction = (nondigits(end &+ 1) | 0x8000).trailingZeroBitCount
            guard fraction > 0 else { return nil }
            end &+= 1 &+ fraction
        }
        let next = byte(end)
        return next == 0x2C || next | 0x20 == 0x7D ? end : nil
    }

    /// The end of the number or word with the first byte `first` at `index`.
    private func literalEnd(_ first: UInt8, at index: Int) throws(JSONError) -> Int {
        switch first {
        case 0x2D, 0x30...0x39: return try numberEnd(from: index).index
        case 0x74: return try wordEnd("true", from: index, expected: .bool)
        case 0x66: return try wordEnd("false", from: index, expected: .bool)
        case 0x6E: return try wordEnd("null", from: index, expected: .null)
        default: throw unexpected(.value, at: index)
        }
    }

    /// The end of the array or object at `start`; what is open within it is a stack of bits, one for an object.
    @inline(never)
    private func containerEnd(from start: Int, room: Int) throws(JSONError) -> Int {
        var objects = InlineArray<16, UInt64>(repeating: 0)
        var level = 0
        var index = start
        repeat {
            // A value begins at `index`, which may be behind the end.
            var isFirst = false
            guard index < byteCount else { throw error(.value, at: index) }
            let first = byte(index)
            switch first {
            case 0x22:
                index = try stringPlace(from: index &+ 1).end &+ 1
            case 0x7B, 0x5B:
                guard level < room else {
                    throw error(.lessDepth, at: index)
                }
                let bit: UInt64 = 1 &<< UInt64(truncatingIfNeeded: level)
                if first == 0x7B {
                    objects[level &>> 6] |= bit
                } else {
                    objects[level &>> 6] &= ~bit
                }
                level &+= 1
                index &+= 1
                isFirst = true
            default:
                index = try literalEnd(first, at: index)
            }
            // Close what ends here, and go on to the next value.
            while level > 0 {
                let top = level &- 1
                let isObject =
                    objects[top &>> 6] &>> UInt64(truncatingIfNeeded: top & 63) & 1 == 1
                index = afterSpace(index)
                let next = index < byteCount ? byte(index) : 0
                if next == (isObject ? 0x7D : 0x5D) {
                    index &+= 1
                    level &-= 1
                    isFirst = false
                    continue
                }
                if !isFirst {
                    guard next == 0x2C else {
                        throw error(
                            isObject ? .commaOrObjectEnd : .commaOrArrayEnd, at: index)
                    }
                    index = afterSpace(index &+ 1)
                }
                guard isObject else { break }
                guard index < byteCount, byte(index) == 0x22 else {
                    throw error(isFirst ? .keyOrObjectEnd : .key, at: index)
                }
                index = try stringPlace(from: index &+ 1).end
                index = afterSpace(try colonEnd(from: index &+ 1))
                break
            }
        } while level > 0
        return index
    }
}
