/// What a cache has done, for one kind of thing. Every question is one of the first six.
public struct CacheKindCounts: Hashable, Sendable {
    /// Answered from memory.
    public var hits = 0
    /// Answered with what the stream keeps current.
    public var streamed = 0
    /// Asked the venue.
    public var misses = 0
    /// Joined a call that was under way.
    public var joined = 0
    /// Answered with something stale, at once.
    public var stale = 0
    /// Refused at once.
    public var refused = 0
    /// Of ``misses`` and ``joined``: answered with something stale, because the call failed.
    public var rescued = 0
    /// Of ``misses`` and ``joined``: told that the call failed.
    public var failed = 0
    /// Answers given up for want of room.
    public var evicted = 0

    /// No counts yet.
    public init() {}
}

/// What a cache has done and holds.
public struct CacheCounts: Hashable, Sendable {
    /// In the order of the kinds.
    private var kinds = CacheKind.allCases.map { _ in CacheKindCounts() }
    /// Answers that are kept.
    public internal(set) var entries = 0
    /// Bytes that they take, about.
    public internal(set) var bytes = 0
    /// Calls to fill the trades of a market, first and over gaps: a call a page.
    public internal(set) var tradePages = 0

    /// No counts yet.
    public init() {}

    /// The counts of a kind.
    public subscript(kind: CacheKind) -> CacheKindCounts {
        get { kinds[Int(kind.rawValue)] }
        set { kinds[Int(kind.rawValue)] = newValue }
    }

    /// All kinds together.
    public var total: CacheKindCounts {
        var sum = CacheKindCounts()
        for count in kinds {
            sum.hits += count.hits
            sum.streamed += count.streamed
            sum.misses += count.misses
            sum.joined += count.joined
            sum.stale += count.stale
            sum.refused += count.refused
            sum.rescued += count.rescued
            sum.failed += count.failed
            sum.evicted += count.evicted
        }
        return sum
    }
}
