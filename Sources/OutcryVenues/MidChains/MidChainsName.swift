import OutcryCrypto

/// What tells one entry of a MidChains book from another: its `key` where it has one, else its `id`.
///
/// Sixteen bytes: a number, or a text of up to 15 bytes, as it is; of a longer text the first 120 bits of its
/// SHA-256. A security's name is kept the same way, to be compared with.
public struct MidChainsName: Hashable, Sendable, BitwiseCopyable {
    /// The kind in the top byte, 1 to 17: the length of a text and 1, or one of the two below; and the text's
    /// bytes 8 to 14. Never 0, so that a table's free places are told by that.
    let high: UInt64
    /// The number, or the text's first eight bytes.
    let low: UInt64

    private static let number: UInt64 = 17
    private static let digest: UInt64 = 18

    /// A number: an entry's `id`.
    @inline(__always)
    init(id: Int64) {
        high = Self.number << 56
        low = UInt64(bitPattern: id)
    }

    /// A text: an entry's `key`, or a security.
    @inline(__always)
    init(_ text: Span<UInt8>) {
        let count = text.count
        let bytes = unsafe text.bytes
        let kind = UInt64(truncatingIfNeeded: count &+ 1) << 56
        // Two words that overlap are the text, whatever its length between theirs.
        if count > 8, count <= 15 {
            let last = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
            low = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self)
            high = kind | last >> UInt64(truncatingIfNeeded: (16 &- count) &* 8)
        } else if count >= 4, count <= 8 {
            let last = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
            let first = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self)
            low = UInt64(first) | UInt64(last) &<< UInt64(truncatingIfNeeded: (count &- 4) &* 8)
            high = kind
        } else {
            self = Self.other(text)
        }
    }

    /// What ``high`` and ``low`` of another one say.
    @inline(__always)
    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    @inline(never)
    private static func other(_ text: Span<UInt8>) -> Self {
        guard text.count > 15 else {
            var low: UInt64 = 0
            for index in text.indices { low |= UInt64(text[index]) << UInt64(8 * index) }
            return Self(high: UInt64(text.count + 1) << 56, low: low)
        }
        var bytes: [UInt8] = []
        for index in text.indices { bytes.append(text[index]) }
        let hash = SHA256.hash(bytes)
        var (high, low) = (UInt64(0), UInt64(0))
        for byte in hash[0..<7] { high = high << 8 | UInt64(byte) }
        for byte in hash[7..<15] { low = low << 8 | UInt64(byte) }
        return Self(high: high | digest << 56, low: low)
    }

    /// Whether it is a `key`, not an `id`.
    @inline(__always)
    var isKey: Bool { high >> 56 != Self.number }

    /// A number for tables.
    @inline(__always)
    var tableHash: UInt64 {
        let mixed = (low ^ (high &* 0x9E37_79B9_7F4A_7C15)) &* 0xD6E8_FEB8_6659_FD93
        return mixed ^ (mixed >> 32)
    }
}

extension MidChainsName {
    /// A text in code or in a configuration.
    init(_ text: String) { self.init(Array(text.utf8).span) }
}
