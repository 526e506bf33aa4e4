/// Bytes as a line of text, shortened, without what looks like a secret.
enum Redaction {
    /// The most characters of a text that are shown.
    static let most = 400

    /// Parts of names whose values are not shown.
    private static let words = [
        "key", "secret", "sign", "nonce", "token", "pass", "cookie", "auth", "user", "login",
    ]

    static func shown(_ bytes: Span<UInt8>) -> String {
        var line = ""
        // More than is shown, since names are looked for before it is cut: half of one would not be known.
        let count = min(bytes.count, most * 2)
        for place in 0..<count {
            let byte = bytes[place]
            switch byte {
            case 0x20..<0x7f: line.unicodeScalars.append(UnicodeScalar(byte))
            case 10: line += " "
            case 13: break
            default: line += "."
            }
        }
        line = hidden(line)
        let isCut = line.count > most || count < bytes.count
        return line.prefix(most) + (isCut ? "... (\(bytes.count) bytes)" : "")
    }

    /// Replaces the values of names that tell of secrets: `"name":"value"`, `Name: value`, `name=value`.
    private static func hidden(_ line: String) -> String {
        let text = Array(line.utf8)
        var shown: [UInt8] = []
        var place = 0
        while place < text.count {
            guard let name = nameEnd(text, place), isSecret(text[place..<name]) else {
                shown.append(text[place])
                place += 1
                continue
            }
            shown += text[place..<name]
            place = name
            while place < text.count, [0x22, 0x3A, 0x3D, 0x20].contains(text[place]) {
                shown.append(text[place])
                place += 1
            }
            guard place > name else { continue }
            let value = place
            while place < text.count, ![0x22, 0x26, 0x20, 0x2C, 0x7D].contains(text[place]) {
                place += 1
            }
            if place > value { shown += Array("(hidden)".utf8) }
        }
        return String(decoding: shown, as: UTF8.self)
    }

    /// The end of the name that begins here, where one does and a value follows.
    private static func nameEnd(_ text: [UInt8], _ start: Int) -> Int? {
        guard isLetter(text[start]), start == 0 || !isLetter(text[start - 1]) else { return nil }
        var end = start
        while end < text.count, isLetter(text[end]) { end += 1 }
        guard end < text.count else { return nil }
        let isQuoted = text[end] == 0x22 && end + 1 < text.count && text[end + 1] == 0x3A
        return isQuoted || text[end] == 0x3A || text[end] == 0x3D ? end : nil
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || byte == 0x2D || byte == 0x5F
            || (0x30...0x39).contains(byte)
    }

    private static func isSecret(_ name: ArraySlice<UInt8>) -> Bool {
        let text = String(decoding: name, as: UTF8.self).lowercased()
        return words.contains { text.contains($0) }
    }
}
