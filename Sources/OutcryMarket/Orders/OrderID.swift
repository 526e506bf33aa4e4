/// A name for an order: opaque text, compared and nothing else.
///
/// A GUID as venues write them (36 characters, lower case) is kept as its 16 bytes, a name of
/// ``init(random:)`` as its 8: making, comparing and hashing one allocates nothing. Other short texts, up to
/// 15 bytes, allocate nothing either.
public struct OrderID: Sendable {
    // The two halves of a GUID whose first is not 0, and no text; 0 and the random bits, if they are not 0, and
    // no text; otherwise two zeros and the text.
    private let high: UInt64
    private let low: UInt64
    private let words: String

    /// Wraps a text.
    public init(_ text: String) {
        let packed = Self.packed(text.utf8.span)
        (high, low) = packed ?? (0, 0)
        words = packed == nil ? text : ""
    }

    /// Wraps a text in UTF-8; what is no UTF-8 in it is replaced as `String` does.
    public init(_ text: Span<UInt8>) {
        if let packed = Self.packed(text) {
            (high, low) = packed
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
        (high, low) = (0, random)
        words = random == 0 ? "0000000000000" : ""
    }

    /// The text.
    public var text: String {
        if high == 0 {
            guard low != 0 else { return words }
            return String(asciiCapacity: 13) { output in
                for shift in stride(from: 60 as UInt64, through: 0, by: -5) {
                    let digit = UInt8(truncatingIfNeeded: low >> shift) & 31
                    output.append(digit < 10 ? 48 + digit : 87 + digit)
                }
            }
        }
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

    /// The numbers of a GUID or of a random name in its canonical spelling; nil for any other text.
    private static func packed(_ text: Span<UInt8>) -> (UInt64, UInt64)? {
        switch text.count {
        case 13: random(text).map { (0, $0) }
        case 36: halves(text)
        default: nil
        }
    }

    private static func random(_ text: Span<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for index in 0..<13 {
            let byte = text[index]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte &- UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "v"): digit = byte &- UInt8(ascii: "a") &+ 10
            default: return nil
            }
            // Thirteen digits of five bits are one bit too many.
            if index == 0, digit > 15 { return nil }
            value = value << 5 | UInt64(digit)
        }
        return value == 0 ? nil : value
    }

    private static func halves(_ text: Span<UInt8>) -> (UInt64, UInt64)? {
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
        return first == 0 ? nil : (first, second)
    }

    /// A number for tables: equal for equal names, and spread well for the names that venues make.
    ///
    /// Not seeded: whoever can choose names can make a table slow.
    public var tableHash: UInt64 {
        var hash = high ^ (low &* 0x9E37_79B9_7F4A_7C15)
        if hash == 0 {
            for byte in words.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        }
        hash ^= hash >> 32
        hash &*= 0xD6E8_FEB8_6659_FD93
        return hash ^ (hash >> 32)
    }
}

extension OrderID: Hashable {
    /// Whether the texts are the same.
    public static func == (left: Self, right: Self) -> Bool {
        left.high == right.high && left.low == right.low
            && (left.high | left.low != 0 || left.words == right.words)
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
