/// A number of the input, where it stands: its grammar checked, its text exact.
///
/// It cannot outlive the bytes that the reader was given.
public struct JSONNumber: ~Escapable {
    let raw: RawSpan
    /// Whether it is written without fraction and exponent.
    public let isInteger: Bool
    /// Where it stands in the input, for errors.
    let offset: Int

    @_lifetime(copy raw)
    init(_ raw: RawSpan, isInteger: Bool, offset: Int) {
        self.raw = raw
        self.isInteger = isInteger
        self.offset = offset
    }

    /// The number's text, byte for byte: `-271000000`, `71.06028`, `1e-05`.
    public var bytes: Span<UInt8> {
        @_lifetime(copy self)
        get { raw.span }
    }

    /// The exact value of a whole number.
    ///
    /// - Throws: `JSONError` (expected `.int64`) for a fraction, an exponent (even where the value
    ///   would be whole) and anything outside `Int64`.
    public func int64() throws(JSONError) -> Int64 {
        guard isInteger, let value = raw.int64(0, raw.byteCount) else {
            throw JSONError(offset: offset, expected: .int64, found: .byte(raw.byte(0)))
        }
        return value
    }

    /// The nearest double, correctly rounded; infinite beyond the doubles. Never for money.
    ///
    /// Allocates for texts longer than 15 bytes.
    public var double: Double { Double(raw.utf8String) ?? .nan }

    /// The text as a string; allocates when it is longer than 15 bytes.
    public var string: String { raw.utf8String }
}

extension RawSpan {
    /// The integer written between two indices in the grammar of JSON; nil when it is none or does
    /// not fit.
    func int64(_ start: Int, _ end: Int, mayBeginWithZeros: Bool = false) -> Int64? {
        guard start < end else { return nil }
        let isNegative = byte(start) == 0x2D
        var index = isNegative ? start &+ 1 : start
        guard index < end else { return nil }
        if byte(index) == 0x30 && index &+ 1 < end && !mayBeginWithZeros { return nil }
        var value: Int64 = 0
        while index < end {
            let digit = byte(index) &- 0x30
            guard digit <= 9 else { return nil }
            // Downwards, so that the smallest value fits too.
            let (tens, over) = value.multipliedReportingOverflow(by: 10)
            let (next, under) = tens.subtractingReportingOverflow(Int64(digit))
            if over || under { return nil }
            value = next
            index &+= 1
        }
        if isNegative { return value }
        return value == .min ? nil : 0 &- value
    }

    /// The integer of `count` digits (1 to 16) at `start`, eight digits in three multiplications.
    ///
    /// `text` is the word at `start`. What is behind the digits does not matter: a borrow moves up,
    /// and the bytes up there are shifted out.
    @inline(always)
    func digits(_ count: Int, of text: UInt64, at start: Int) -> UInt64 {
        let zeros: UInt64 = 0x3030_3030_3030_3030
        let first = text &- zeros
        if count <= 8 {
            return first.eightDigits(shiftedBy: 8 &- count)
        }
        let last = (word(start &+ count &- 8) &- zeros).eightDigits(shiftedBy: 0)
        return first.eightDigits(shiftedBy: 16 &- count) &* 100_000_000 &+ last
    }
}

extension UInt64 {
    /// The value of eight digits (their values, not their characters), the first one in the lowest
    /// byte, after zeros were put before them and as many dropped behind.
    @inline(always)
    fileprivate func eightDigits(shiftedBy zeros: Int) -> UInt64 {
        let digits = self &<< UInt64(truncatingIfNeeded: zeros &* 8)
        let pairs = digits &* 10 &+ digits &>> 8
        let even = (pairs & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
        let odd = (pairs &>> 16 & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001
        return (even &+ odd) &>> 32
    }
}
