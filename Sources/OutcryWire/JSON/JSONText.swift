/// A string of the input, where it stands: checked, not copied, not decoded.
///
/// It cannot outlive the bytes that the reader was given. Most strings of a feed have no escapes
/// (`isPlain`): their bytes are used in place. Others are decoded on demand.
public struct JSONText: ~Escapable {
    @usableFromInline let raw: RawSpan
    /// Whether there is no escape, so that `bytes` is the text itself.
    public let isPlain: Bool

    @inlinable @inline(always) @_lifetime(copy raw)
    init(_ raw: RawSpan, isPlain: Bool) {
        self.raw = raw
        self.isPlain = isPlain
    }

    /// The bytes between the quotes as they stand, escapes and all: well-formed UTF-8.
    @inlinable
    public var bytes: Span<UInt8> {
        @_lifetime(copy self)
        get { raw.span }
    }

    /// Whether the text is `literal`; never allocates, and costs a compare or two when plain.
    @inlinable @inline(always)
    public func `is`(_ literal: StaticString) -> Bool {
        isPlain ? raw.equals(literal) : decodedIs(literal)
    }

    /// Whether the text is `literal`; the same as `is(_:)`.
    @inlinable @inline(always)
    public static func == (text: borrowing JSONText, literal: StaticString) -> Bool {
        text.is(literal)
    }

    /// Lets a `switch` over a text have literals as its cases.
    @inlinable @inline(always)
    public static func ~= (literal: StaticString, text: borrowing JSONText) -> Bool {
        text.is(literal)
    }

    /// The text as a string of its own; allocates when it is longer than 15 raw.
    public var string: String {
        if isPlain { return raw.utf8String }
        var decoded: [UInt8] = []
        decode(into: &decoded)
        return String(decoding: decoded, as: UTF8.self)
    }

    /// Appends the decoded text (UTF-8) to a buffer of the caller's; allocates only to grow it.
    public func decode(into buffer: inout [UInt8]) {
        buffer.reserveCapacity(buffer.count + raw.byteCount)
        var index = 0
        while index < raw.byteCount {
            // What stands before the next escape goes in one move.
            var end = index
            while end < raw.byteCount, raw.byte(end) != 0x5C { end &+= 1 }
            unsafe raw.slice(index, end).withUnsafeBytes { unsafe buffer.append(contentsOf: $0) }
            guard end < raw.byteCount else { return }
            index = decodeStep(at: end) { buffer.append($0) }
        }
    }

    /// The decoded bytes: in place when plain, else those that were appended to `scratch` after
    /// emptying it.
    @_lifetime(copy self, &scratch)
    public func decoded(in scratch: inout [UInt8]) -> Span<UInt8> {
        if isPlain { return bytes }
        scratch.removeAll(keepingCapacity: true)
        decode(into: &scratch)
        return scratch.span
    }

    /// Compares the decoded text with `literal`.
    @usableFromInline @inline(never)
    func decodedIs(_ literal: StaticString) -> Bool {
        var index = 0
        var matched = 0
        var same = true
        while index < raw.byteCount, same {
            index = decodeStep(at: index) { byte in
                same =
                    same && matched < literal.utf8CodeUnitCount && literal.byte(matched) == byte
                matched += 1
            }
        }
        return same && matched == literal.utf8CodeUnitCount
    }

    /// Hands on the bytes of the character or escape at `index`; the index after it.
    ///
    /// The content was checked by the reader: escapes are whole, surrogates are paired.
    @inline(always)
    private func decodeStep(at index: Int, _ put: (UInt8) -> Void) -> Int {
        let byte = raw.byte(index)
        guard byte == 0x5C else {
            put(byte)
            return index &+ 1
        }
        let letter = raw.byte(index &+ 1)
        switch letter {
        case 0x62: put(0x08)
        case 0x66: put(0x0C)
        case 0x6E: put(0x0A)
        case 0x72: put(0x0D)
        case 0x74: put(0x09)
        case 0x75:
            var scalar = raw.checkedHexUnit(at: index &+ 2)
            var next = index &+ 6
            if scalar & 0xFC00 == 0xD800 {
                let low = raw.checkedHexUnit(at: index &+ 8)
                scalar = 0x10000 &+ (scalar & 0x3FF) &<< 10 &+ (low & 0x3FF)
                next = index &+ 12
            }
            if scalar < 0x80 {
                put(UInt8(truncatingIfNeeded: scalar))
            } else {
                if scalar < 0x800 {
                    put(0xC0 | UInt8(truncatingIfNeeded: scalar &>> 6))
                } else {
                    if scalar < 0x10000 {
                        put(0xE0 | UInt8(truncatingIfNeeded: scalar &>> 12))
                    } else {
                        put(0xF0 | UInt8(truncatingIfNeeded: scalar &>> 18))
                        put(0x80 | UInt8(truncatingIfNeeded: scalar &>> 12) & 0x3F)
                    }
                    put(0x80 | UInt8(truncatingIfNeeded: scalar &>> 6) & 0x3F)
                }
                put(0x80 | UInt8(truncatingIfNeeded: scalar) & 0x3F)
            }
            return next
        default: put(letter)
        }
        return index &+ 2
    }
}

extension RawSpan {
    /// The four hexadecimal digits at `start`, which the reader has checked.
    fileprivate func checkedHexUnit(at start: Int) -> UInt32 {
        var unit: UInt32 = 0
        for index in start..<start &+ 4 {
            let byte = byte(index)
            // Letters have bit 6 set and are 9 less than their value in the low four bits.
            unit = unit &<< 4 | UInt32(byte & 0xF &+ (byte &>> 6) &* 9)
        }
        return unit
    }
}
