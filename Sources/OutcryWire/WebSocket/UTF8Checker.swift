/// Checks UTF-8 that arrives in pieces, and tells the first byte that can not be right.
///
/// The check is the table of Unicode 15, section 3.9, table 3-7: no overlong forms, no surrogates,
/// nothing above U+10FFFF. A byte is refused as soon as no valid text can begin with what came so
/// far, so a bad second byte is found before the third arrives.
struct UTF8Checker: Equatable, Sendable {
    /// How many continuation bytes are still missing.
    private var missing: UInt8 = 0
    /// The range that the next continuation byte must lie in; meant only while some are missing.
    private var low: UInt8 = 0x80
    private var high: UInt8 = 0xBF

    /// Whether the text may end here.
    var isComplete: Bool { missing == 0 }

    /// Checks the bytes of `range`, which follow those checked before.
    ///
    /// - Returns: The index in `bytes` of the first bad byte, or nil.
    /// - Complexity: O(n); 64 bytes a step over ASCII.
    mutating func firstBad(in bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        if missing == 0, ByteKernels.isASCII(bytes, range) { return nil }
        return firstBadSlow(in: bytes, range)
    }

    @inline(never)
    private mutating func firstBadSlow(in bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            if missing > 0 {
                guard byte >= low, byte <= high else { return index }
                low = 0x80
                high = 0xBF
                missing -= 1
            } else if byte < 0x80 {
                index = ByteKernels.asciiPrefix(of: bytes, index..<range.upperBound)
                continue
            } else if !start(byte) {
                return index
            }
            index += 1
        }
        return nil
    }

    /// Takes the first byte of a sequence; false where none may begin with it.
    private mutating func start(_ byte: UInt8) -> Bool {
        switch byte {
        case 0xC2...0xDF: missing = 1
        case 0xE0: (missing, low) = (2, 0xA0)
        case 0xED: (missing, high) = (2, 0x9F)
        case 0xE1...0xEF: missing = 2
        case 0xF0: (missing, low) = (3, 0x90)
        case 0xF1...0xF3: missing = 3
        case 0xF4: (missing, high) = (3, 0x8F)
        default: return false
        }
        return true
    }
}
