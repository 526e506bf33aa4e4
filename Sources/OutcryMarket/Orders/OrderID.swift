/// A venue's name for an order: opaque text, compared and nothing else.
public struct OrderID: Hashable, Sendable {
    /// The text as the venue gave it.
    public let text: String

    /// Wraps a venue's text.
    public init(_ text: String) {
        self.text = text
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
