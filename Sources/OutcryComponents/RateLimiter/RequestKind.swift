/// What a request costs: the budgets of a venue are kept by kind.
public enum RequestKind: String, Sendable, CaseIterable, Comparable {
    /// Cancelling orders: first of all.
    case cancel
    /// Changing orders.
    case amend
    /// Placing orders.
    case place
    /// Asking for state.
    case query
    /// Fetching a whole book.
    case snapshot
    /// Fetching a whole book that nobody trades by: it leaves a part of the budget to ``snapshot``.
    case spareSnapshot

    /// Its place in the order of priority: 0 goes first.
    public var priority: Int {
        switch self {
        case .cancel: 0
        case .amend: 1
        case .place: 2
        case .query: 3
        case .snapshot: 4
        case .spareSnapshot: 5
        }
    }

    /// Whether the left one goes first.
    public static func < (left: Self, right: Self) -> Bool { left.priority < right.priority }
}
