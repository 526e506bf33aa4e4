/// The short name of a venue, up to eight ASCII characters such as `mtgox`. One word wide.
@frozen public struct VenueID: Hashable, Sendable, BitwiseCopyable {
    /// The packed form: the first character in the lowest byte.
    public let bits: UInt64

    /// Names a venue in code.
    ///
    /// - Precondition: `name` is one to eight printable ASCII characters.
    public init(_ name: String) {
        guard let value = Self(validating: name) else {
            preconditionFailure("a venue's name has one to eight printable ASCII characters")
        }
        self = value
    }

    /// Names a venue from untrusted text, or returns nil when the text cannot be a name.
    public init?(validating name: some StringProtocol) {
        guard let word = PackedText.pack(name, limit: 8) else { return nil }
        bits = word
    }
}

extension VenueID: ExpressibleByStringLiteral {
    /// Names a venue by a literal.
    ///
    /// - Precondition: as for ``init(_:)``.
    public init(stringLiteral name: String) {
        self.init(name)
    }
}

extension VenueID: CustomStringConvertible {
    /// The name.
    public var description: String { PackedText.unpack(bits) }
}

extension VenueID: Comparable {
    /// Orders venues by name.
    public static func < (left: Self, right: Self) -> Bool {
        PackedText.precedes(left.bits, right.bits)
    }
}
