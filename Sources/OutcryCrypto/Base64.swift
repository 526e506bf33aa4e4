/// Base64 with the standard alphabet and padding (RFC 4648 section 4).
public enum Base64 {
    /// The bytes in base64, padded, on one line.
    ///
    /// - Complexity: O(n).
    public static func encode(_ bytes: Span<UInt8>) -> String {
        let text = [UInt8](capacity: encodedCount(bytes.count)) { write(bytes, to: &$0) }
        return String(decoding: text, as: UTF8.self)
    }

    /// How many bytes the text of so many bytes has.
    public static func encodedCount(_ count: Int) -> Int { (count + 2) / 3 * 4 }

    /// Appends the text of some bytes, padded, on one line.
    ///
    /// - Precondition: there is room for ``encodedCount(_:)``.
    /// - Complexity: O(n), no allocation.
    public static func write(_ bytes: Span<UInt8>, to text: inout OutputSpan<UInt8>) {
        precondition(
            text.freeCapacity >= encodedCount(bytes.count), "there is room for the whole text")
        let bulk = writeBulk(bytes, to: &text)
        let alphabet = alphabet
        var index = bulk
        while index < bytes.count {
            let left = bytes.count - index
            let first = UInt32(bytes[index]) << 16
            let second = left > 1 ? UInt32(bytes[index + 1]) << 8 : 0
            let group = first | second | (left > 2 ? UInt32(bytes[index + 2]) : 0)
            text.append(alphabet[Int(group >> 18)])
            text.append(alphabet[Int(group >> 12 & 63)])
            text.append(left > 1 ? alphabet[Int(group >> 6 & 63)] : pad)
            text.append(left > 2 ? alphabet[Int(group & 63)] : pad)
            index += 3
        }
    }

    /// Writes what goes by six bytes at a time, reading eight, two letters a look-up.
    ///
    /// Sound: a read ends at or before the last byte, a write has room by the caller's check, and there is
    /// a pair for each 12 bits.
    ///
    /// - Returns: How many bytes that was; a multiple of six.
    private static func writeBulk(_ bytes: Span<UInt8>, to text: inout OutputSpan<UInt8>) -> Int {
        guard bytes.count >= 8 else { return 0 }
        let rounds = (bytes.count - 2) / 6
        unsafe bytes.withUnsafeBytes { source in
            unsafe text.withUnsafeMutableBufferPointer { target, count in
                unsafe pairs.withUnsafeBufferPointer { pairs in
                    let raw = UnsafeMutableRawBufferPointer(target)
                    for round in 0..<rounds {
                        let word = unsafe UInt64(
                            bigEndian: source.loadUnaligned(
                                fromByteOffset: round &* 6, as: UInt64.self))
                        let letters =
                            unsafe UInt64(pairs[Int(word &>> 52)])
                            | UInt64(pairs[Int(word &>> 40 & 0xFFF)]) &<< 16
                            | UInt64(pairs[Int(word &>> 28 & 0xFFF)]) &<< 32
                            | UInt64(pairs[Int(word &>> 16 & 0xFFF)]) &<< 48
                        unsafe raw.storeBytes(
                            of: letters.littleEndian, toByteOffset: count &+ round &* 8,
                            as: UInt64.self)
                    }
                    count += rounds * 8
                }
            }
        }
        return rounds * 6
    }

    /// The two letters of each 12 bits, the first one lowest.
    private static let pairs: [UInt16] = (0..<4096).map {
        UInt16(alphabet[$0 >> 6]) | UInt16(alphabet[$0 & 63]) << 8
    }

    /// The bytes of an array in base64, padded, on one line.
    public static func encode(_ bytes: [UInt8]) -> String { encode(bytes.span) }

    /// The bytes that base64 text stands for.
    ///
    /// Strict: the padding must be there, nothing may follow it, and the bits that it leaves over
    /// must be zero, so each array of bytes has one text only.
    ///
    /// - Parameter skipsWhitespace: Whether spaces, tabs and line ends are passed over.
    /// - Throws: ``CryptoError/malformed(offset:expected:found:)``.
    /// - Complexity: O(n).
    public static func decode(
        _ text: Span<UInt8>, skipsWhitespace: Bool = false
    ) throws(CryptoError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var group: UInt32 = 0
        var digits = 0
        var pads = 0
        for index in text.indices {
            let byte = text[index]
            if skipsWhitespace, byte == 0x20 || (0x09...0x0D).contains(byte) { continue }
            if byte == pad, digits + pads < 4, digits >= 2 {
                pads += 1
                continue
            }
            guard pads == 0 else {
                throw malformed(index, digits + pads < 4 ? "'='" : "the end", byte)
            }
            guard let value = value(byte) else { throw malformed(index, "base64", byte) }
            group = group << 6 | value
            digits += 1
            if digits == 4 {
                bytes.append(UInt8(truncatingIfNeeded: group >> 16))
                bytes.append(UInt8(truncatingIfNeeded: group >> 8))
                bytes.append(UInt8(truncatingIfNeeded: group))
                (group, digits) = (0, 0)
            }
        }
        guard digits == 0 || digits + pads == 4 else {
            throw .malformed(
                offset: text.count, expected: digits >= 2 ? "'='" : "base64", found: "the end")
        }
        if digits > 0 { try appendRest(group, digits, text.count, to: &bytes) }
        return bytes
    }

    /// The bytes that base64 text stands for; see ``decode(_:skipsWhitespace:)``.
    public static func decode(
        _ text: String, skipsWhitespace: Bool = false
    ) throws(CryptoError) -> [UInt8] {
        try decode(text.utf8.span, skipsWhitespace: skipsWhitespace)
    }

    private static let pad: UInt8 = 0x3D

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static func value(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x41...0x5A: UInt32(byte) - 0x41
        case 0x61...0x7A: UInt32(byte) - 0x61 + 26
        case 0x30...0x39: UInt32(byte) - 0x30 + 52
        case 0x2B: 62
        case 0x2F: 63
        default: nil
        }
    }

    private static func appendRest(
        _ group: UInt32, _ digits: Int, _ end: Int, to bytes: inout [UInt8]
    ) throws(CryptoError) {
        let spare: UInt32 = digits == 2 ? 0xF : 0x3
        guard group & spare == 0 else {
            throw .malformed(
                offset: end, expected: "zero bits before the padding", found: "\(group & spare)")
        }
        bytes.append(UInt8(truncatingIfNeeded: digits == 2 ? group >> 4 : group >> 10))
        if digits == 3 { bytes.append(UInt8(truncatingIfNeeded: group >> 2)) }
    }

    private static func malformed(_ offset: Int, _ expected: String, _ byte: UInt8) -> CryptoError {
        .malformed(offset: offset, expected: expected, found: Hex.shown(byte))
    }
}
