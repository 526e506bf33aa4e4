/// How strings are escaped beyond what JSON demands.
public enum JSONEscaping: UInt8, Hashable, Sendable {
    /// Only quote, backslash and control characters; other characters as UTF-8.
    case minimal
    /// All but printable ASCII as escapes like `\u00a0`, in pairs beyond the basic plane: as PHP's
    /// `json_encode`, and so Mt. Gox, writes them (solidus is not escaped).
    case ascii
}

/// The bytes that the writers append to; knows tokens, not structure.
struct JSONSink: Sendable {
    var bytes: [UInt8]
    let escaping: JSONEscaping

    /// Appends one byte.
    @inline(always)
    mutating func put(_ byte: UInt8) { bytes.append(byte) }

    /// Appends a string with its quotes.
    mutating func put(string text: String) {
        put(0x22)
        let utf8 = text.utf8.span
        putContent(RawSpan(reading: utf8))
        put(0x22)
    }

    /// Appends UTF-8 text, escaped: runs of plain bytes at once.
    private mutating func putContent(_ text: RawSpan) {
        var index = 0
        var run = 0
        while index < text.byteCount {
            if text.byteCount &- index >= 16 {
                let stops = text.stops(index)
                if stops == 0 && escaping == .minimal {
                    index &+= 16
                    continue
                }
            }
            let byte = text.byte(index)
            let isPlain =
                byte >= 0x20 && byte != 0x22 && byte != 0x5C
                && (escaping == .minimal || byte < 0x7F)
            if isPlain {
                index &+= 1
                continue
            }
            bytes.append(reading: text.slice(run, index))
            index = putEscape(text, at: index)
            run = index
        }
        bytes.append(reading: text.slice(run, index))
    }

    /// Appends the character at `index` as an escape; the index after it.
    private mutating func putEscape(_ text: RawSpan, at index: Int) -> Int {
        let byte = text.byte(index)
        let letter: UInt8
        switch byte {
        case 0x22, 0x5C: letter = byte
        case 0x08: letter = 0x62
        case 0x09: letter = 0x74
        case 0x0A: letter = 0x6E
        case 0x0C: letter = 0x66
        case 0x0D: letter = 0x72
        case 0..<0x80:
            put(unit: UInt32(byte))
            return index &+ 1
        default:
            let length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
            var scalar = UInt32(byte) & (0x7F &>> UInt32(length))
            for next in index &+ 1..<index &+ length {
                scalar = scalar &<< 6 | UInt32(text.byte(next) & 0x3F)
            }
            if length == 4 {
                put(unit: 0xD800 &+ (scalar &- 0x10000) &>> 10)
                put(unit: 0xDC00 &+ scalar & 0x3FF)
            } else {
                put(unit: scalar)
            }
            return index &+ length
        }
        put(0x5C)
        put(letter)
        return index &+ 1
    }

    /// Appends `\u` and four hexadecimal digits, in small letters as PHP does.
    private mutating func put(unit: UInt32) {
        put(0x5C)
        put(0x75)
        for place in 1...4 {
            let digit = UInt8(truncatingIfNeeded: unit &>> UInt32(16 &- 4 &* place) & 0xF)
            put(digit < 10 ? 0x30 &+ digit : 0x57 &+ digit)
        }
    }

    /// Appends an integer.
    mutating func put(integer value: Int64) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var index = 20
        var rest = value.magnitude
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            index &-= 1
            digits[index] = 0x30 &+ UInt8(truncatingIfNeeded: digit)
            rest = quotient
        } while rest != 0
        if value < 0 {
            index &-= 1
            digits[index] = 0x2D
        }
        bytes.append(reading: RawSpan(reading: digits.span).slice(index, 20))
    }

    /// Appends `true` or `false`.
    mutating func put(bool value: Bool) {
        let word: StaticString = value ? "true" : "false"
        for index in 0..<word.utf8CodeUnitCount { put(word.byte(index)) }
    }

    /// Appends `null`.
    mutating func putNull() {
        let word: StaticString = "null"
        for index in 0..<word.utf8CodeUnitCount { put(word.byte(index)) }
    }

    /// Appends a number's text after checking that it is one.
    mutating func put(number text: Span<UInt8>) throws(JSONError) {
        let raw = RawSpan(reading: text)
        guard raw.byteCount > 0, raw.byte(0).startsNumber else { throw raw.error(.number, at: 0) }
        let end = try raw.numberEnd(from: 0).index
        guard end == raw.byteCount else { throw raw.error(.endOfInput, at: end) }
        bytes.append(reading: raw)
    }

    /// Appends a JSON text after checking it.
    mutating func put(json text: Span<UInt8>) throws(JSONError) {
        var reader = JSONReader(text, depthLimit: 1024)
        try reader.skip()
        try reader.finish()
        bytes.append(reading: RawSpan(reading: text))
    }

    /// Appends an object; nothing when `fill` throws.
    mutating func putObject<E>(
        _ fill: (inout JSONObjectWriter) throws(E) -> Void
    ) throws(E) {
        let start = bytes.count
        put(0x7B)
        var object = JSONObjectWriter(taking: &self)
        do {
            try fill(&object)
        } catch {
            object.giveBack(&self)
            bytes.removeLast(bytes.count - start)
            throw error
        }
        object.giveBack(&self)
        put(0x7D)
    }

    /// Appends an array; nothing when `fill` throws.
    mutating func putArray<E>(
        _ fill: (inout JSONArrayWriter) throws(E) -> Void
    ) throws(E) {
        let start = bytes.count
        put(0x5B)
        var array = JSONArrayWriter(taking: &self)
        do {
            try fill(&array)
        } catch {
            array.giveBack(&self)
            bytes.removeLast(bytes.count - start)
            throw error
        }
        array.giveBack(&self)
        put(0x5D)
    }

    /// Moves the buffer out, so that it is never shared and never copied.
    mutating func take() -> JSONSink {
        let taken = self
        bytes = []
        return taken
    }
}
