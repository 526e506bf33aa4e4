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

/// Why the engine did not do what it was told.
@nonexhaustive
public enum EngineError: Error, Equatable, Sendable, CustomStringConvertible {
    /// An amount is above zero; this one, in units of the base, is not.
    case amountNotPositive(Int64)
    /// A limit is above zero; this one, in units of the quote, is not.
    case priceNotPositive(Int64)
    /// The total at one price would not fit 64 bits.
    case levelTooLarge(price: Int64, total: Int64, amount: Int64)
    /// An order that is put into the book as it was recorded may not cross the other side's best.
    case crosses(price: Int64, best: Int64)
    /// There is no such open order (any more).
    case unknownOrder(OrderNumber)

    /// One line with the numbers.
    public var description: String {
        switch self {
        case .amountNotPositive(let amount): "expected an amount above zero, found \(amount)"
        case .priceNotPositive(let price): "expected a price above zero, found \(price)"
        case .levelTooLarge(let price, let total, let amount):
            "the level at \(price) holds \(total) and cannot hold \(amount) more"
        case .crosses(let price, let best):
            "expected an order that rests, found one at \(price) that crosses \(best)"
        case .unknownOrder(let order): "expected an open order, found none with the number \(order)"
        }
    }
}
