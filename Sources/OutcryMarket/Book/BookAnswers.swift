/// What taking a quantity out of one side of a book costs or brings.
@frozen public struct BookCost: Hashable, Sendable, BitwiseCopyable {
    /// The money in the quote, rounded once as named; invalid when it does not fit.
    public let money: Money
    /// The price of the last level that was needed; nil when nothing was filled.
    public let worst: Price?
    /// How much of the quantity the side could fill.
    public let filled: Quantity

    /// What a question that has no answer gives: a negative, invalid or too fine quantity.
    static func invalid(_ instrument: Instrument) -> Self {
        Self(money: .invalid(instrument.quote), worst: nil, filled: .invalid)
    }
}

/// What stands on one side of a book within a distance.
@frozen public struct BookDepth: Hashable, Sendable, BitwiseCopyable {
    /// The sum of the totals; invalid when it does not fit.
    public let quantity: Quantity
    /// The sum of price times total, rounded down once; invalid when it does not fit.
    public let value: Money
    /// How many levels that are.
    public let levels: Int
}

/// The first place where two books differ.
public struct BookDifference: Hashable, Sendable, CustomStringConvertible {
    /// The side; bids are compared first.
    public let side: Side
    /// The level's place counted from the best, which is 0.
    public let rank: Int
    /// What this book has there; nil if the side ends before.
    public let here: BookLevel?
    /// What the other book has there; nil if the side ends before.
    public let there: BookLevel?

    /// A sentence for logs, such as `bid 3: 1.5 at 14.43000 here, none there`.
    public var description: String {
        "\(side) \(rank): \(Self.text(here)) here, \(Self.text(there)) there"
    }

    private static func text(_ level: BookLevel?) -> String {
        guard let level else { return "none" }
        return level.stamp == 0 ? "\(level)" : "\(level) (stamp \(level.stamp))"
    }
}
