/// A name for an order: opaque text, compared and nothing else.
///
/// A GUID as venues write them (36 characters, lower case) is kept as its 16 bytes: making, comparing and
/// hashing one allocates nothing. Short texts, up to 15 bytes, allocate nothing either.
public struct OrderID: Sendable {
    // The two halves of a GUID, and then no text; otherwise the text, and two zeros. The GUID of zeros is
    // kept as text.
    private let high: UInt64
    private let low: UInt64
    private let words: String

    /// Wraps a text.
    public init(_ text: String) {
        let halves = Self.halves(text.utf8.span)
        (high, low) = halves ?? (0, 0)
        words = halves == nil ? text : ""
    }

    /// Wraps a text in UTF-8; what is no UTF-8 in it is replaced as `String` does.
    public init(_ text: Span<UInt8>) {
        if let halves = Self.halves(text) {
            (high, low) = halves
            words = ""
        } else {
            (high, low) = (0, 0)
            var bytes: [UInt8] = []
            bytes.reserveCapacity(text.count)
            for index in text.indices { bytes.append(text[index]) }
            words = String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Makes a name of 64 random bits: thirteen digits and letters from `a` to `v`.
    public init(random: UInt64) {
        (high, low) = (0, 0)
        words = String(asciiCapacity: 13) { output in
            for place in 0..<13 {
                let digit = UInt8(truncatingIfNeeded: random >> UInt64(max(60 - 5 * place, 0))) & 31
                output.append(digit < 10 ? 48 + digit : 87 + digit)
            }
        }
    }

    /// The text.
    public var text: String {
        guard high | low != 0 else { return words }
        return String(asciiCapacity: 36) { output in
            for nibble in 0..<32 {
                if nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20 {
                    output.append(UInt8(ascii: "-"))
                }
                let half = nibble < 16 ? high : low
                let digit = UInt8(truncatingIfNeeded: half >> UInt64(60 - 4 * (nibble & 15))) & 15
                output.append(digit < 10 ? 48 + digit : 87 + digit)
            }
        }
    }

    /// The halves of a GUID in its canonical spelling; nil for any other text, and for that of zeros.
    private static func halves(_ text: Span<UInt8>) -> (UInt64, UInt64)? {
        guard text.count == 36 else { return nil }
        var (first, second): (UInt64, UInt64) = (0, 0)
        for index in 0..<36 {
            let byte = text[index]
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte &- UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte &- UInt8(ascii: "a") &+ 10
            default: return nil
            }
            if index < 18 {
                first = first << 4 | UInt64(digit)
            } else {
                second = second << 4 | UInt64(digit)
            }
        }
        return first | second == 0 ? nil : (first, second)
    }
}

extension OrderID: Hashable {
    /// Whether the texts are the same.
    public static func == (left: Self, right: Self) -> Bool {
        left.high == right.high && left.low == right.low && left.words == right.words
    }

    /// Hashes what the text says.
    public func hash(into hasher: inout Hasher) {
        if high | low != 0 {
            hasher.combine(high)
            hasher.combine(low)
        } else {
            hasher.combine(words)
        }
    }
}

extension OrderID: ExpressibleByStringLiteral {
    /// Wraps a literal.
    public init(stringLiteral text: String) {
        self.init(text)
    }
}

extension OrderID: CustomStringConvertible {
    /// The text.
    public var description: String { text }
}

extension OrderID: Comparable {
    /// Orders ids by their text; for determinism only, it is not the order of time.
    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}
