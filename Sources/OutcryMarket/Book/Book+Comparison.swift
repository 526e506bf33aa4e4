extension Book {
    /// The first level, bids before asks and best first, that differs between two books.
    ///
    /// - Parameter comparingStamps: Whether equal totals of different stamps differ.
    /// - Precondition: both books are of the same instrument.
    /// - Returns: nil when the books are equal level by level.
    /// - Complexity: O(n).
    public func firstDifference(
        from other: Book, comparingStamps: Bool = false
    ) -> BookDifference? {
        precondition(
            other.instrument == instrument, "books of different instruments do not compare")
        for side in Side.allCases {
            let (mine, others) = (levels(side), other.levels(side))
            for rank in 0..<max(mine.count, others.count) {
                let here = rank < mine.count ? mine[rank] : nil
                let there = rank < others.count ? others[rank] : nil
                let equal =
                    here?.price == there?.price && here?.quantity == there?.quantity
                    && (!comparingStamps || here?.stamp == there?.stamp)
                if !equal {
                    return BookDifference(side: side, rank: rank, here: here, there: there)
                }
            }
        }
        return nil
    }

    /// Whether two books have the same totals at the same prices; stamps aside.
    ///
    /// - Precondition: both books are of the same instrument.
    public func hasSameLevels(as other: Book) -> Bool {
        firstDifference(from: other) == nil
    }
}

extension Book: CustomStringConvertible {
    /// For logs: the instrument, the best levels and the counts.
    public var description: String {
        let bid = bestBid.map { "\($0)" } ?? "none"
        let ask = bestAsk.map { "\($0)" } ?? "none"
        return "\(instrument) bid \(bid) (\(count(of: .bid)) levels), "
            + "ask \(ask) (\(count(of: .ask)) levels)"
    }
}
