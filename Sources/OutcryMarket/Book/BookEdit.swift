/// What one change did to a book. Two words, returned in registers.
@frozen public struct BookEdit: Hashable, Sendable, BitwiseCopyable {
    /// What became of the level.
    @frozen public enum Kind: UInt8, Hashable, Sendable, BitwiseCopyable, CaseIterable {
        /// Nothing to see: an absent level was removed, or the total was already that.
        case nothing
        /// The level is new.
        case inserted
        /// The level has another total.
        case updated
        /// The level is gone.
        case removed
        /// The change was refused and the book is as it was; see ``BookEdit/error``.
        case refused
    }

    /// What became of the level.
    public let kind: Kind
    @usableFromInline let atBest: Bool
    /// The total that stood at the price before, in units of the base; 0 if none did. The total
    /// that was refused, if ``kind`` is ``Kind/refused``.
    public let previousUnits: Int64

    @inline(__always) init(_ kind: Kind, atBest: Bool, previous: Int64) {
        self.kind = kind
        self.atBest = atBest
        self.previousUnits = previous
    }

    /// Whether anything that can be seen changed; a stamp alone does not count.
    @inlinable public var didChange: Bool { kind != .nothing && kind != .refused }

    /// Whether the best level of the side has another price or another total, or came or went.
    @inlinable public var bestChanged: Bool { atBest && didChange }

    /// Whether the best price of the side is another one, or came or went.
    @inlinable public var bestPriceChanged: Bool {
        atBest && (kind == .inserted || kind == .removed)
    }

    /// Why the change was refused; nil if it was not.
    public var error: MarketError? {
        guard kind == .refused else { return nil }
        return previousUnits < 0
            ? .negativeTotal(found: previousUnits, index: nil) : .invalidPrice(index: nil)
    }

    /// This edit, unless the change was refused.
    ///
    /// - Throws: ``MarketError/negativeTotal(found:index:)`` or
    ///   ``MarketError/invalidPrice(index:)``.
    public func get() throws(MarketError) -> Self {
        if let error { throw error }
        return self
    }
}

extension BookEdit: CustomStringConvertible {
    /// The kind, and whether the best level is concerned.
    public var description: String { bestChanged ? "\(kind) (best)" : "\(kind)" }
}
