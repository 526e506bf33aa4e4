/// The canonical spellings of order names, eight characters at a time.
///
/// A character is a byte of a word, the first one highest. Names come with every message of an account: a
/// byte at a time they were a tenth of what an order costs.
enum OrderIDText {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let tops: UInt64 = 0x8080_8080_8080_8080

    // MARK: Reading

    /// The halves of a GUID of 36 characters in lower case; nil for any other text, and where the first half
    /// is 0.
    static func halves(_ text: Span<UInt8>) -> (UInt64, UInt64)? {
        guard text.count == 36, text[8] == dash, text[13] == dash, text[18] == dash,
            text[23] == dash
        else { return nil }
        guard let first = digits(word(text, 0), upTo: 0x66),
            let second = digits(half(text, 9) << 32 | half(text, 14), upTo: 0x66),
            let third = digits(half(text, 19) << 32 | half(text, 24), upTo: 0x66),
            let fourth = digits(word(text, 28), upTo: 0x66)
        else { return nil }
        let high = packed4(first) << 32 | packed4(second)
        return high == 0 ? nil : (high, packed4(third) << 32 | packed4(fourth))
    }

    /// The number of a random name of 13 characters; nil for any other text, and for 0.
    static func random(_ text: Span<UInt8>) -> UInt64? {
        guard text.count == 13, let first = digits(word(text, 0), upTo: 0x76),
            let last = digits(word(text, 5), upTo: 0x76)
        else { return nil }
        let head = packed5(first)
        // Thirteen digits of five bits are one bit too many.
        guard head < 1 << 39 else { return nil }
        let value = head << 25 | packed5(last) & 0x1FF_FFFF
        return value == 0 ? nil : value
    }

    /// The values of eight digits, a byte each; nil where one is neither `0` to `9` nor `a` to `last`.
    @inline(__always)
    private static func digits(_ word: UInt64, upTo last: UInt64) -> UInt64? {
        guard word & tops == 0 else { return nil }
        // A sum sets the top bit of each byte that is as large as asked; none carries over.
        let isDigit = (word &+ ones &* 0x50) & ~(word &+ ones &* 0x46)
        let isLetter = (word &+ ones &* 0x1F) & ~(word &+ ones &* (0x7F &- last))
        guard (isDigit | isLetter) & tops == tops else { return nil }
        return word &- ones &* 0x30 &- ((isLetter & tops) >> 7) &* 0x27
    }

    /// Eight values of four bits as one number.
    @inline(__always)
    private static func packed4(_ values: UInt64) -> UInt64 {
        var values = (values | values >> 4) & 0x00FF_00FF_00FF_00FF
        values = (values | values >> 8) & 0x0000_FFFF_0000_FFFF
        return (values | values >> 16) & 0xFFFF_FFFF
    }

    /// Eight values of five bits as one number.
    @inline(__always)
    private static func packed5(_ values: UInt64) -> UInt64 {
        var values = (values & 0x1F00_1F00_1F00_1F00) >> 3 | values & 0x001F_001F_001F_001F
        values = (values & 0x03FF_0000_03FF_0000) >> 6 | values & 0x0000_03FF_0000_03FF
        return (values & 0x000F_FFFF_0000_0000) >> 12 | values & 0xF_FFFF
    }

    @inline(__always)
    private static func word(_ text: Span<UInt8>, _ index: Int) -> UInt64 {
        // Within bounds, which is checked; eight bytes are a number, whatever they are.
        UInt64(
            bigEndian: unsafe text.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
        )
    }

    @inline(__always)
    private static func half(_ text: Span<UInt8>, _ index: Int) -> UInt64 {
        UInt64(
            UInt32(
                bigEndian: unsafe text.bytes.unsafeLoadUnaligned(
                    fromByteOffset: index, as: UInt32.self)))
    }

    private static let dash = UInt8(ascii: "-")

    // MARK: Writing

    /// Appends the 36 characters of a GUID.
    static func put(_ high: UInt64, _ low: UInt64, to output: inout OutputSpan<UInt8>) {
        put(text(spread4(high >> 32)), 8, to: &output)
        let middle = text(spread4(high & 0xFFFF_FFFF))
        output.append(dash)
        put(middle, 4, to: &output)
        output.append(dash)
        put(middle << 32, 4, to: &output)
        let next = text(spread4(low >> 32))
        output.append(dash)
        put(next, 4, to: &output)
        output.append(dash)
        put(next << 32, 4, to: &output)
        put(text(spread4(low & 0xFFFF_FFFF)), 8, to: &output)
    }

    /// Appends the 13 characters of a random name.
    static func put(random: UInt64, to output: inout OutputSpan<UInt8>) {
        put(text(spread5(random >> 25)), 8, to: &output)
        put(text(spread5(random & 0x1FF_FFFF)) << 24, 5, to: &output)
    }

    /// Appends the first characters of a word.
    @inline(__always)
    private static func put(_ word: UInt64, _ count: Int, to output: inout OutputSpan<UInt8>) {
        var word = word
        for _ in 0..<count {
            output.append(UInt8(truncatingIfNeeded: word >> 56))
            word <<= 8
        }
    }

    /// The digits for eight values below 32.
    @inline(__always)
    private static func text(_ values: UInt64) -> UInt64 {
        values &+ ones &* 0x30 &+ ((values &+ ones &* 0x76) & tops) >> 7 &* 0x27
    }

    @inline(__always)
    private static func spread4(_ number: UInt64) -> UInt64 {
        var number = (number | number << 16) & 0x0000_FFFF_0000_FFFF
        number = (number | number << 8) & 0x00FF_00FF_00FF_00FF
        return (number | number << 4) & 0x0F0F_0F0F_0F0F_0F0F
    }

    @inline(__always)
    private static func spread5(_ number: UInt64) -> UInt64 {
        var number = (number << 12) & 0x000F_FFFF_0000_0000 | number & 0xF_FFFF
        number = (number << 6) & 0x03FF_0000_03FF_0000 | number & 0x0000_03FF_0000_03FF
        return (number << 3) & 0x1F00_1F00_1F00_1F00 | number & 0x001F_001F_001F_001F
    }
}
