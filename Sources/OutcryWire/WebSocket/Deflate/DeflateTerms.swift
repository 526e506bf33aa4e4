/// One element of Sec-WebSocket-Extensions, read (RFC 6455 section 9.1, RFC 7692 section 7.1).
struct DeflateTerms {
    static let name = "permessage-deflate"

    /// The extension is this one, spelled right so far.
    var isDeflate = false
    /// The parameters; nil where one is unknown, twice there, or out of its range.
    var agreement: DeflateAgreement? = DeflateAgreement()
    /// `client_max_window_bits` is there, with or without a value.
    var mayLimitClient = false
    /// It is there without a value, which only an offer may have.
    var hasBareClientBits = false

    /// The elements of a field's value; one that cannot be read is an extension that nobody knows.
    static func list(_ field: String) -> [DeflateTerms] {
        split(field, at: UInt8(ascii: ",")).compactMap { element in
            let parts = split(element, at: UInt8(ascii: ";")).map(trim)
            guard let first = parts.first, !first.isEmpty else { return nil }
            var terms = DeflateTerms()
            terms.isDeflate = first.lowercased() == name
            var seen: [String] = []
            for part in parts.dropFirst() { terms.read(part, &seen) }
            return terms
        }
    }

    private mutating func read(_ parameter: String, _ seen: inout [String]) {
        let halves = Self.split(parameter, at: UInt8(ascii: "=")).map(Self.trim)
        let key = halves[0].lowercased()
        let value = halves.count > 1 ? Self.unquote(halves[1]) : nil
        guard halves.count <= 2, !seen.contains(key) else { return agreement = nil }
        seen.append(key)
        switch (key, value) {
        case ("server_no_context_takeover", nil): agreement?.serverNoContextTakeover = true
        case ("client_no_context_takeover", nil): agreement?.clientNoContextTakeover = true
        case ("server_max_window_bits", let value?):
            guard let bits = Self.bits(value) else { return agreement = nil }
            agreement?.serverWindowBits = bits
        case ("client_max_window_bits", let value):
            mayLimitClient = true
            guard let value else { return hasBareClientBits = true }
            guard let bits = Self.bits(value) else { return agreement = nil }
            agreement?.clientWindowBits = bits
        default: agreement = nil
        }
    }

    /// 8 to 15, without zeros in front.
    private static func bits(_ text: String) -> Int? {
        guard text.utf8.count <= 2, text.utf8.first != UInt8(ascii: "0"), let bits = Int(text),
            text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), (8...15).contains(bits)
        else { return nil }
        return bits
    }

    /// Cuts at a byte that does not stand in a quoted string.
    private static func split(_ text: String, at separator: UInt8) -> [String] {
        var parts: [[UInt8]] = [[]]
        var isQuoted = false
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if byte == separator, !isQuoted {
                parts.append([])
            } else {
                parts[parts.count - 1].append(byte)
            }
        }
        return parts.map { String(decoding: $0, as: UTF8.self) }
    }

    private static func trim(_ text: String) -> String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        let body = Array(text.utf8.drop(while: isSpace))
        let end = body.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? 0
        return String(decoding: body[..<end], as: UTF8.self)
    }

    private static func unquote(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.count >= 2, bytes.first == 0x22, bytes.last == 0x22 else { return text }
        return String(decoding: bytes[1..<bytes.count - 1], as: UTF8.self)
    }
}
