// For texts that are always built alike: pieces, strings and numbers straight into memory that is there. Who
// uses these sees to the structure.

extension JSONWriter {
    /// Appends a piece of JSON as it is.
    ///
    /// - Precondition: there is room for it.
    public static func put(_ piece: Span<UInt8>, to text: inout OutputSpan<UInt8>) {
        precondition(text.freeCapacity >= piece.count, "there is room for the piece")
        unsafe piece.withUnsafeBufferPointer { source in
            unsafe text.withUnsafeMutableBufferPointer { target, count in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                // Sound: the memory behind `count` is the span's, not initialized, and long enough.
                unsafe (to + count).initialize(from: from, count: source.count)
                count += source.count
            }
        }
    }

    /// Appends a piece of JSON that is a literal of the program: a few stores.
    ///
    /// - Precondition: there is room for it.
    @inlinable @inline(always)
    public static func put(literal piece: StaticString, to text: inout OutputSpan<UInt8>) {
        precondition(
            text.freeCapacity >= piece.utf8CodeUnitCount, "there is room for the piece")
        unsafe text.withUnsafeMutableBufferPointer { target, count in
            guard let to = target.baseAddress else { return }
            // Sound as above; a literal is constant memory of that length.
            unsafe (to + count).initialize(
                from: piece.utf8Start, count: piece.utf8CodeUnitCount)
            count &+= piece.utf8CodeUnitCount
        }
    }

    /// Appends a string with its quotes, escaped where JSON demands it.
    ///
    /// - Precondition: there is room for six bytes a byte of it, and two.
    public static func put(string: String, to text: inout OutputSpan<UInt8>) {
        let bytes = string.utf8.span
        precondition(
            text.freeCapacity >= 6 * bytes.count + 2, "there is room for the string, escaped")
        guard !isPlain(bytes) else {
            text.append(0x22)
            put(bytes, to: &text)
            return text.append(0x22)
        }
        // Rare: by whoever knows the escapes.
        var escaped: [UInt8] = []
        appendString(string, to: &escaped)
        put(escaped.span, to: &text)
    }

    /// Whether no byte of a string has to be escaped: sixteen at a time, and the last ones once more; short
    /// ones in a word.
    private static func isPlain(_ bytes: Span<UInt8>) -> Bool {
        let raw = RawSpan(reading: bytes)
        let count = raw.byteCount
        if count >= 16 {
            var index = 0
            while index &+ 16 <= count {
                guard raw.stops(index) == 0 else { return false }
                index &+= 16
            }
            return raw.stops(count &- 16) == 0
        }
        // What is not there is as good as spaces.
        let spaces: UInt64 = 0x2020_2020_2020_2020
        if count < 8 { return isPlain(raw.head | spaces &<< UInt64(8 &* count)) }
        return isPlain(raw.word(0)) && isPlain(raw.word(count &- 8))
    }

    /// Whether eight bytes are ASCII that need no escape.
    private static func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        // A sum of seven bits has the top bit where the byte is large enough, or not zero.
        let isSpaceOrMore = word &+ ones &* 0x60
        let isNoQuote = (word ^ ones &* 0x22) &+ ones &* 0x7F
        let isNoBackslash = (word ^ ones &* 0x5C) &+ ones &* 0x7F
        let tops = ones &* 0x80
        return word & tops == 0 && isSpaceOrMore & isNoQuote & isNoBackslash & tops == tops
    }

    /// Appends a whole number.
    ///
    /// - Precondition: there is room for 20 digits.
    public static func put(_ number: UInt64, to text: inout OutputSpan<UInt8>) {
        var digits = InlineArray<24, UInt8>(repeating: 0)
        var index = 24
        var rest = number
        // Eight digits at a time, in the bytes of a word.
        while rest >= 100_000_000 {
            let (quotient, low) = rest.quotientAndRemainder(dividingBy: 100_000_000)
            var word = eightDigits(UInt32(truncatingIfNeeded: low))
            for _ in 0..<8 {
                index &-= 1
                digits[index] = UInt8(truncatingIfNeeded: word)
                word &>>= 8
            }
            rest = quotient
        }
        var word = eightDigits(UInt32(truncatingIfNeeded: rest))
        repeat {
            index &-= 1
            digits[index] = UInt8(truncatingIfNeeded: word)
            word &>>= 8
            rest /= 10
        } while rest != 0
        put(digits.span.extracting(index...), to: &text)
    }

    /// The eight digits of a number below 100,000,000 in ASCII, the last one in the lowest byte.
    private static func eightDigits(_ number: UInt32) -> UInt64 {
        // Halves, then quarters, then digits, in lanes of a word: each step divides all lanes at once by a
        // multiplication.
        let halves = UInt64(number / 10_000) &<< 32 | UInt64(number % 10_000)
        let hundreds = ((halves &* 5243) &>> 19) & 0x0000_007F_0000_007F
        let quarters = hundreds &<< 16 | (halves &- hundreds &* 100)
        let tens = ((quarters &* 103) &>> 10) & 0x000F_000F_000F_000F
        return (tens &<< 8 | (quarters &- tens &* 10)) | 0x3030_3030_3030_3030
    }
}
