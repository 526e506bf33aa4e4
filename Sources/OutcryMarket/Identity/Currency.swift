/// A currency or coin: its code, and the number of decimals it is counted with.
///
/// The decimals are part of the identity: `USD` in units of 0.00001 and `USD` in cents are two
/// currencies, so amounts of different units cannot be mixed by mistake. One word wide.
@frozen public struct Currency: Hashable, Sendable, BitwiseCopyable {
    /// The packed form: up to seven ASCII characters in the low bytes, the decimals in the top one.
    public let bits: UInt64

    /// The largest number of decimals that an amount in an `Int64` can have.
    public static var maximumDecimals: Int { 18 }

    /// Names a currency in code.
    ///
    /// - Precondition: `code` is one to seven printable ASCII characters, `decimals` is 0 to 18.
    public init(_ code: String, decimals: Int) {
        guard let value = Self(validating: code, decimals: decimals) else {
            preconditionFailure(
                "a currency has one to seven printable ASCII characters and 0 to 18 decimals")
        }
        self = value
    }

    /// Names a currency from untrusted text, or returns nil when the text cannot be a code.
    public init?(validating code: some StringProtocol, decimals: Int) {
        guard let word = PackedText.pack(code, limit: 7) else { return nil }
        self.init(word: word, decimals: decimals)
    }

    /// Names a currency from the bytes of a message, without allocating.
    ///
    /// - Returns: nil when the bytes are not one to seven printable ASCII characters or the
    ///   decimals are not 0 to 18.
    public init?(ascii code: Span<UInt8>, decimals: Int) {
        guard let word = PackedText.pack(code, limit: 7) else { return nil }
        self.init(word: word, decimals: decimals)
    }

    private init?(word: UInt64, decimals: Int) {
        guard (0...Self.maximumDecimals).contains(decimals) else { return nil }
        bits = word | UInt64(decimals) << 56
    }

    /// Restores a currency from ``bits``.
    ///
    /// - Precondition: `bits` came from a currency.
    public init(bits: UInt64) {
        precondition(
            bits >> 56 <= 18 && bits << 8 != 0, "the bits of a currency come from a currency")
        self.bits = bits
    }

    @inlinable init(
        _ a: Unicode.Scalar, _ b: Unicode.Scalar, _ c: Unicode.Scalar, _ decimals: UInt64
    ) {
        bits =
            UInt64(a.value) | UInt64(b.value) << 8 | UInt64(c.value) << 16 | decimals << 56
    }

    /// The code, such as `BTC`.
    public var code: String { PackedText.unpack(bits & 0x00FF_FFFF_FFFF_FFFF) }

    /// How many decimals an amount has: 8 means that one unit is 0.00000001.
    @inlinable public var decimals: Int { Int(truncatingIfNeeded: bits >> 56) }
}

extension Currency: CustomStringConvertible {
    /// The code.
    public var description: String { code }
}

extension Currency: Comparable {
    /// Orders currencies by code, then by decimals.
    public static func < (left: Self, right: Self) -> Bool {
        let mask: UInt64 = 0x00FF_FFFF_FFFF_FFFF
        if left.bits & mask == right.bits & mask { return left.decimals < right.decimals }
        return PackedText.precedes(left.bits & mask, right.bits & mask)
    }
}
