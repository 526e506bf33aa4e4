/// Percent-encoding (RFC 3986 section 2.1) and the query strings made with it.
public enum PercentEncoding {
    /// Encodes every byte but the unreserved ones: letters, digits and `-._~`.
    public static func encode(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            if isUnreserved(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += byte < 16 ? "%0" : "%"
                result += String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }

    /// Decodes percent-encoded text.
    ///
    /// - Parameter plusIsSpace: Whether `+` stands for a space, as in forms and many query strings.
    /// - Throws: ``CodecError`` where `%` is not followed by two hex digits, or where the result is
    ///   not UTF-8; the offset counts the bytes of `text`.
    public static func decode(
        _ text: some StringProtocol, plusIsSpace: Bool = false
    ) throws(CodecError) -> String {
        try decode(bytes: Array(text.utf8), plusIsSpace: plusIsSpace)
    }

    private static func decode(
        bytes source: [UInt8], plusIsSpace: Bool
    ) throws(CodecError) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(source.count)
        var index = 0
        while index < source.count {
            let byte = source[index]
            if byte == 0x25 {
                bytes.append(try triplet(source, index))
                index += 3
            } else {
                bytes.append(byte == 0x2B && plusIsSpace ? 0x20 : byte)
                index += 1
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw CodecError(
                .invalidUTF8, at: 0, expected: "percent-encoded UTF-8",
                found: HTTPSyntax.shown(source.span, 0..<source.count))
        }
        return decoded
    }

    /// The items as a query string without `?`: `name=value&name=value`, both encoded.
    public static func query(_ items: [HTTPQueryItem]) -> String {
        items.map { "\(encode($0.name))=\(encode($0.value))" }.joined(separator: "&")
    }

    /// The items of a query string or form body; `+` stands for a space, a name without `=` has an
    /// empty value, empty items are left out.
    ///
    /// - Throws: ``CodecError`` as ``decode(_:plusIsSpace:)``; the offset counts within the item.
    public static func items(_ query: some StringProtocol) throws(CodecError) -> [HTTPQueryItem] {
        var items: [HTTPQueryItem] = []
        // By bytes: a Character may be a separator with something combined to it.
        for part in Array(query.utf8).split(separator: UInt8(ascii: "&")) {
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            items.append(
                HTTPQueryItem(
                    try decode(bytes: Array(part[..<equals]), plusIsSpace: true),
                    try decode(bytes: Array(part[equals...].dropFirst()), plusIsSpace: true)))
        }
        return items
    }

    static func triplet(_ bytes: [UInt8], _ index: Int) throws(CodecError) -> UInt8 {
        guard index + 2 < bytes.count, let high = HTTPSyntax.hexValue(bytes[index + 1]),
            let low = HTTPSyntax.hexValue(bytes[index + 2])
        else {
            throw CodecError(
                .malformed, at: index, expected: "'%' and two hex digits",
                found: HTTPSyntax.shown(bytes.span, index..<min(index + 3, bytes.count)))
        }
        return UInt8(high << 4 | low)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x2D, 0x2E, 0x5F, 0x7E: true
        default: false
        }
    }
}

/// One `name=value` of a query string or a form body, decoded.
public struct HTTPQueryItem: Equatable, Sendable {
    /// The name.
    public var name: String
    /// The value.
    public var value: String

    /// Makes an item of decoded text.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
