/// Hexadecimal text: two digits a byte (RFC 4648 section 8).
public enum Hex {
    /// The bytes in lower-case digits.
    public static func encode(_ bytes: Span<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = [UInt8](capacity: bytes.count * 2) { span in
            for index in bytes.indices {
                span.append(digits[Int(bytes[index] >> 4)])
                span.append(digits[Int(bytes[index] & 15)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of an array in lower-case digits.
    public static func encode(_ bytes: [UInt8]) -> String { encode(bytes.span) }

    /// The bytes that hexadecimal text stands for; both cases of letters are taken.
    ///
    /// - Throws: ``CryptoError/malformed(offset:expected:found:)``, also for an odd length.
    public static func decode(_ text: String) throws(CryptoError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 2)
        var high: UInt8?
        for (offset, byte) in text.utf8.enumerated() {
            guard let digit = value(byte) else {
                throw .malformed(offset: offset, expected: "a hex digit", found: shown(byte))
            }
            if let upper = high {
                bytes.append(upper << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        guard high == nil else {
            throw .malformed(
                offset: text.utf8.count, expected: "a second hex digit", found: "the end")
        }
        return bytes
    }

    private static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    /// A byte as an error shows it.
    static func shown(_ byte: UInt8) -> String {
        byte > 0x20 && byte < 0x7F ? "'\(Unicode.Scalar(byte))'" : "0x" + encode([byte])
    }
}
