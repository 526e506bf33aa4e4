/// The engine's number of an order: 1, 2, 3 … in the order of arrival, never given out twice.
@frozen public struct OrderNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number.
    public let value: Int64

    /// Wraps a number.
    @inlinable public init(_ value: Int64) { self.value = value }

    /// Orders by arrival.
    @inlinable public static func < (left: Self, right: Self) -> Bool { left.value < right.value }

    /// The number, for logs.
    public var description: String { "#\(value)" }
}

/// Whose an order is.
///
/// An owner with an account in the ``Ledger`` pays for what it trades; one without, such as the
/// market's own below, has no wallets and no limits.
@frozen public struct OwnerNumber: Hashable, Sendable, CustomStringConvertible {
    /// The number.
    public let value: Int64

    /// Wraps a number.
    @inlinable public init(_ value: Int64) { self.value = value }

    /// The orders that a recording opened the market with.
    public static var recording: Self { Self(0) }
    /// Whoever sends the recorded trades' orders.
    public static var replay: Self { Self(1) }
    /// The makers that the sandbox invents.
    public static var makers: Self { Self(2) }
    /// The crowd that the sandbox invents.
    public static var crowd: Self { Self(3) }

    /// The number, for logs.
    public var description: String { "owner \(value)" }
}

/// One of an engine's books: its place in ``MatchingEngine/instruments``.
@frozen public struct BookNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The place.
    public let value: UInt8

    /// Wraps a place.
    @inlinable public init(_ value: UInt8) { self.value = value }

    /// The first book, of an engine with one the only one.
    @inlinable public static var first: Self { Self(0) }

    /// Orders by place.
    @inlinable public static func < (left: Self, right: Self) -> Bool { left.value < right.value }

    /// The place, for logs.
    public var description: String { "book \(value)" }
}
