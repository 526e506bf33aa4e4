import COutcryBits

// The only file of the JSON code that reads memory without a check of its own.
//
// Invariants, kept by the callers and asserted in debug builds (so every test checks them):
// 1. `byte(i)` reads one byte:      0 <= i < byteCount.
// 2. `word(i)` reads eight bytes:   0 <= i and i + 8 <= byteCount.
// 3. `stops(i)`, `nondigits(i)` read sixteen: 0 <= i and i + 16 <= byteCount.
//    `areEqual(b, at: i)` reads as many as b has, more than none: 0 <= i and i + b.byteCount <= byteCount.
// 4. `slice(a, b)`:                 0 <= a <= b <= byteCount.
// Nothing is read behind the end of the span: what a receive buffer holds after a message is not
// ours. The span itself, a `~Escapable` value, proves that the memory is alive.
extension RawSpan {
    /// The byte at `index`.
    @inlinable @inline(always)
    func byte(_ index: Int) -> UInt8 {
        assert(index >= 0 && index < byteCount, "a byte within the input")
        return unsafe unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)
    }

    /// The eight bytes from `index` on, the first one lowest.
    @inlinable @inline(always)
    func word(_ index: Int) -> UInt64 {
        assert(index >= 0 && index &+ 8 <= byteCount, "eight bytes within the input")
        return unsafe UInt64(
            littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self))
    }

    /// The bytes from `start` up to `end`.
    @inlinable @inline(always) @_lifetime(copy self)
    func slice(_ start: Int, _ end: Int) -> RawSpan {
        assert(start >= 0 && start <= end && end <= byteCount, "a range within the input")
        return unsafe extracting(unchecked: Range(uncheckedBounds: (start, end)))
    }

    /// A bit for each of the sixteen bytes from `index` on that a plain string cannot hold.
    @inline(always)
    func stops(_ index: Int) -> UInt32 {
        assert(index >= 0 && index &+ 16 <= byteCount, "sixteen bytes within the input")
        return unsafe withUnsafeBytes { bytes in
            unsafe outcry_bits_string_stops(bytes.baseAddress.unsafelyUnwrapped + index)
        }
    }

    /// Whether the bytes from `index` on are those of `other`.
    @inline(always)
    func areEqual(_ other: RawSpan, at index: Int) -> Bool {
        assert(index >= 0 && index &+ other.byteCount <= byteCount, "bytes within the input")
        return unsafe withUnsafeBytes { bytes in
            unsafe other.withUnsafeBytes { others in
                unsafe outcry_bits_are_equal(
                    bytes.baseAddress.unsafelyUnwrapped + index,
                    others.baseAddress.unsafelyUnwrapped, others.count)
            }
        }
    }

    /// A bit for each of the sixteen bytes from `index` on that is no digit.
    @inline(always)
    func nondigits(_ index: Int) -> UInt32 {
        assert(index >= 0 && index &+ 16 <= byteCount, "sixteen bytes within the input")
        return unsafe withUnsafeBytes { bytes in
            unsafe outcry_bits_nondigits(bytes.baseAddress.unsafelyUnwrapped + index)
        }
    }
}

extension RawSpan {
    /// The bytes of `span`. `Span.bytes` is the same, and unsafe only for elements with padding.
    @inlinable @inline(always) @_lifetime(copy span)
    init(reading span: Span<UInt8>) {
        self = unsafe span.bytes
    }

    /// These bytes as a span of bytes, for the public interface.
    @inlinable @inline(always)
    var span: Span<UInt8> {
        @_lifetime(copy self)
        get { Span(_bytes: self) }
    }

    /// These bytes, known to be UTF-8, as a string.
    var utf8String: String {
        unsafe withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

extension RawSpan {
    /// The first eight bytes, or all of fewer, the first one lowest, the rest zero.
    @inlinable @inline(always)
    var head: UInt64 {
        let count = byteCount
        if count >= 8 { return word(0) }
        if count >= 4 {
            let low: UInt32 = unsafe unsafeLoadUnaligned(
                fromUncheckedByteOffset: 0, as: UInt32.self)
            let high: UInt32 = unsafe unsafeLoadUnaligned(
                fromUncheckedByteOffset: count &- 4, as: UInt32.self)
            return UInt64(UInt32(littleEndian: low))
                | UInt64(UInt32(littleEndian: high))
                &<< UInt64(truncatingIfNeeded: count &* 8 &- 32)
        }
        var bytes: UInt64 = 0
        if count > 0 { bytes = UInt64(byte(0)) }
        if count > 1 { bytes |= UInt64(byte(1)) &<< 8 }
        if count > 2 { bytes |= UInt64(byte(2)) &<< 16 }
        return bytes
    }
}

// A literal of the program: its pointer is to constant memory of `utf8CodeUnitCount` bytes, and
// nothing but those is read. Where the literal stands at the call, all of this folds to constants.
extension StaticString {
    /// The byte at `index`, for `0 <= index < utf8CodeUnitCount`.
    @inlinable @inline(always)
    func byte(_ index: Int) -> UInt8 {
        assert(index >= 0 && index < utf8CodeUnitCount, "a byte within the literal")
        return unsafe utf8Start[index]
    }

    /// The eight bytes from `index` on, for `0 <= index` and `index + 8 <= utf8CodeUnitCount`.
    @inlinable @inline(always)
    func word(_ index: Int) -> UInt64 {
        assert(index >= 0 && index &+ 8 <= utf8CodeUnitCount, "eight bytes within the literal")
        return unsafe UInt64(
            littleEndian: UnsafeRawPointer(utf8Start).loadUnaligned(
                fromByteOffset: index, as: UInt64.self))
    }

    /// The first eight bytes, or all of fewer, the first one lowest, the rest zero.
    @inlinable @inline(always)
    var head: UInt64 {
        let count = utf8CodeUnitCount
        if count >= 8 { return word(0) }
        var bytes: UInt64 = 0
        if count > 0 { bytes = UInt64(byte(0)) }
        if count > 1 { bytes |= UInt64(byte(1)) &<< 8 }
        if count > 2 { bytes |= UInt64(byte(2)) &<< 16 }
        if count > 3 { bytes |= UInt64(byte(3)) &<< 24 }
        if count > 4 { bytes |= UInt64(byte(4)) &<< 32 }
        if count > 5 { bytes |= UInt64(byte(5)) &<< 40 }
        if count > 6 { bytes |= UInt64(byte(6)) &<< 48 }
        return bytes
    }

    /// The last eight bytes, or all of fewer, the last one highest, the rest zero.
    @inlinable @inline(always)
    var tail: UInt64 {
        let count = utf8CodeUnitCount
        if count >= 8 { return word(count &- 8) }
        if count == 0 { return 0 }
        return head &<< UInt64(truncatingIfNeeded: 64 &- count &* 8)
    }
}

extension [UInt8] {
    /// Appends all bytes of `span`.
    @inline(always)
    mutating func append(reading span: RawSpan) {
        unsafe span.withUnsafeBytes { unsafe append(contentsOf: $0) }
    }
}
