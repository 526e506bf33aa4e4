import Outcry

/// `outcry-peer json-numbers`: texts from the standard input, one a line; for each the bits of the double
/// that `JSONNumber.double` makes of it, as 16 hex digits, or `refused` where it is no JSON number.
enum JSONNumbers {
    static func run(_ words: inout PeerWords) throws {
        try words.finish()
        while let line = readLine() {
            let digits = bits(line).map { String($0, radix: 16) }
            Output.line(
                digits.map { String(repeating: "0", count: 16 - $0.count) + $0 } ?? "refused")
        }
    }

    private static func bits(_ text: String) -> UInt64? {
        let bytes = Array(text.utf8)
        var reader = JSONReader(bytes.span)
        guard let bits = try? reader.number().double.bitPattern else { return nil }
        return (try? reader.finish()) == nil ? nil : bits
    }
}
