/// The little JSON that the carrier itself needs.
public enum SocketIOJSON {
    /// Whether the bytes are one JSON array.
    public static func isArray(_ bytes: Span<UInt8>) -> Bool {
        do throws(JSONError) {
            var json = JSONReader(bytes)
            guard try json.peek() == .array else { return false }
            try json.skip()
            try json.finish()
            return true
        } catch { return false }
    }

    /// Whether the bytes are one JSON value.
    public static func isValue(_ bytes: Span<UInt8>) -> Bool {
        do throws(JSONError) {
            var json = JSONReader(bytes)
            try json.skip()
            try json.finish()
            return true
        } catch { return false }
    }

    /// Appends UTF-8 text as a JSON string that is good JavaScript too: U+2028 and U+2029 are escaped.
    ///
    /// - Parameter escapesSlash: Writes `/` as `\/`, so that no `</script>` can stand in it.
    public static func appendString(
        _ text: Span<UInt8>, escapesSlash: Bool = false, to bytes: inout [UInt8]
    ) {
        bytes.append(0x22)
        var index = 0
        while index < text.count {
            let byte = text[index]
            switch byte {
            case 0x22, 0x5C: bytes += [0x5C, byte]
            case 0x2F where escapesSlash: bytes += [0x5C, byte]
            case 0x08: bytes += Array("\\b".utf8)
            case 0x09: bytes += Array("\\t".utf8)
            case 0x0A: bytes += Array("\\n".utf8)
            case 0x0C: bytes += Array("\\f".utf8)
            case 0x0D: bytes += Array("\\r".utf8)
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                bytes += Array(("\\u00" + (byte < 16 ? "0" : "") + digits).utf8)
            case 0xE2
            where index + 2 < text.count && text[index + 1] == 0x80
                && text[index + 2] & 0xFE == 0xA8:
                bytes += Array((text[index + 2] == 0xA8 ? "\\u2028" : "\\u2029").utf8)
                index += 2
            default: bytes.append(byte)
            }
            index += 1
        }
        bytes.append(0x22)
    }

    /// The text of one JSON string; nil for anything else.
    public static func string(_ bytes: Span<UInt8>) -> [UInt8]? {
        do throws(JSONError) {
            var json = JSONReader(bytes)
            var text: [UInt8] = []
            try json.string().decode(into: &text)
            try json.finish()
            return text
        } catch { return nil }
    }
}
