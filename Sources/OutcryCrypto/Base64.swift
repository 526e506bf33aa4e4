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
        let alphabet = alphabet
        let letters = alphabet.span
        var index = 0
        while index < bytes.count {
            let left = bytes.count - index
            let first = UInt32(bytes[index]) << 16
            let second = left > 1 ? UInt32(bytes[index + 1]) << 8 : 0
            let group = first | second | (left > 2 ? UInt32(bytes[index + 2]) : 0)
            text.append(letters[Int(group >> 18)])
            text.append(letters[Int(group >> 12 & 63)])
            text.append(left > 1 ? letters[Int(group >> 6 & 63)] : pad)
            text.append(left > 2 ? letters[Int(group & 63)] : pad)
            index += 3
        }
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
