/// Bytes as a line of text, shortened, without what looks like a secret.
package enum Redaction {
    /// The most characters of a text that are shown.
    static let most = 400

    /// Parts of names whose values are not shown, and whole names.
    private static let parts = ["secret", "sign", "nonce", "token", "pass", "cookie", "auth"]
    private static let names = ["user", "username", "login"]

    package static func shown(_ bytes: Span<UInt8>) -> String {
        // More than is shown, since names are looked for before it is cut: half of one would not be known.
        let count = min(bytes.count, most * 2)
        var text: [UInt8] = []
        for place in 0..<count {
            switch bytes[place] {
            case 0x20..<0x7f, newline: text.append(bytes[place])
            case 13: break
            default: text.append(UInt8(ascii: "."))
            }
        }
        let line = String(
            decoding: hidden(text).map { $0 == newline ? 0x20 : $0 }, as: UTF8.self)
        let isCut = line.count > most || count < bytes.count
        return line.prefix(most) + (isCut ? "... (\(bytes.count) bytes)" : "")
    }

    private static let newline: UInt8 = 10
    private static let quote = UInt8(ascii: "\"")

    /// Replaces the values of names that tell of secrets: `"name":"value"`, `Name: value`, `name=value`.
    private static func hidden(_ text: [UInt8]) -> [UInt8] {
        var shown: [UInt8] = []
        var place = 0
        while place < text.count {
            guard let (name, value) = named(text, place), isSecret(text[place..<name]) else {
                shown.append(text[place])
                place += 1
                continue
            }
            shown += text[place..<value]
            let end = valueEnd(text, value, isField: text[name] == UInt8(ascii: ":"))
            if end > value { shown += Array("(hidden)".utf8) }
            place = end
        }
        return shown
    }

    /// Where the name that begins here ends, and where its value begins, if there are any.
    private static func named(_ text: [UInt8], _ start: Int) -> (name: Int, value: Int)? {
        guard isLetter(text[start]), start == 0 || !isLetter(text[start - 1]) else { return nil }
        var end = start
        while end < text.count, isLetter(text[end]) { end += 1 }
        var place = end
        while place < text.count, text[place] == quote || text[place] == 0x20 { place += 1 }
        guard place < text.count,
            text[place] == UInt8(ascii: ":") || text[place] == UInt8(ascii: "=")
        else { return nil }
        place += 1
        while place < text.count, text[place] == 0x20 { place += 1 }
        if place < text.count, text[place] == quote { place += 1 }
        return (end, place)
    }

    /// Where a value ends: at its quote, at the end of a field's line, or at what parts it from the next.
    private static func valueEnd(_ text: [UInt8], _ start: Int, isField: Bool) -> Int {
        // What is in an object or a list has names of its own.
        if start < text.count, text[start] == UInt8(ascii: "{") || text[start] == UInt8(ascii: "[")
        {
            return start
        }
        let ends: [UInt8] =
            start > 0 && text[start - 1] == quote
            ? [quote] : isField ? [newline] : Array("&,} ".utf8) + [newline]
        var end = start
        while end < text.count, !ends.contains(text[end]) {
            if text[end] == UInt8(ascii: "\\") { end += 1 }
            end += 1
        }
        return min(end, text.count)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || byte == 0x2D || byte == 0x5F
            || (0x30...0x39).contains(byte)
    }

    private static func isSecret(_ name: ArraySlice<UInt8>) -> Bool {
        let text = String(decoding: name, as: UTF8.self).lowercased()
        return names.contains(text) || text.hasSuffix("key")
            || parts.contains { text.contains($0) }
    }
}
