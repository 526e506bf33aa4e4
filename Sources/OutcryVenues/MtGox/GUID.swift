/// A GUID of the venue as a number: keys, orders, queue entries and channels are named by them.
public struct MtGoxGUID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The first eight bytes, the first one highest.
    public let high: UInt64
    /// The last eight bytes.
    public let low: UInt64

    /// Makes a GUID of its two halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads `8-4-4-4-12` hexadecimal digits, whatever their case; nil for anything else. Allocates
    /// nothing.
    public init?(_ text: Span<UInt8>) {
        guard text.count == 36 else { return nil }
        var halves: (UInt64, UInt64) = (0, 0)
        for index in text.indices {
            let byte = text[index]
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            if index < 18 {
                halves.0 = halves.0 << 4 | UInt64(digit)
            } else {
                halves.1 = halves.1 << 4 | UInt64(digit)
            }
        }
        (high, low) = halves
    }

    /// Reads the text of a GUID; nil for anything else.
    public init?(_ text: String) { self.init(text.utf8.span) }

    /// Takes the sixteen bytes at an offset, in the order of the text.
    ///
    /// - Precondition: they are there.
    public init(bytes: Span<UInt8>, at offset: Int = 0) {
        var halves: (UInt64, UInt64) = (0, 0)
        for index in 0..<8 {
            halves.0 = halves.0 << 8 | UInt64(bytes[offset + index])
            halves.1 = halves.1 << 8 | UInt64(bytes[offset + 8 + index])
        }
        (high, low) = halves
    }

    /// The sixteen bytes, in the order of the text.
    public var bytes: [UInt8] {
        [UInt8](capacity: 16) { span in
            for shift in stride(from: 56, through: 0, by: -8) {
                span.append(UInt8(truncatingIfNeeded: high >> UInt64(shift)))
            }
            for shift in stride(from: 56, through: 0, by: -8) {
                span.append(UInt8(truncatingIfNeeded: low >> UInt64(shift)))
            }
        }
    }

    /// Appends the text, in small letters: 36 bytes.
    public func write(to output: inout OutputSpan<UInt8>) {
        for place in 0..<32 {
            if place == 8 || place == 12 || place == 16 || place == 20 {
                output.append(UInt8(ascii: "-"))
            }
            let half = place < 16 ? high : low
            let digit = UInt8(truncatingIfNeeded: half >> UInt64(60 - place % 16 * 4) & 15)
            output.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
        }
    }

    /// The text, in small letters.
    public var description: String {
        let text = [UInt8](capacity: 36) { span in write(to: &span) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Orders GUIDs as their texts.
    public static func < (left: Self, right: Self) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }
}
