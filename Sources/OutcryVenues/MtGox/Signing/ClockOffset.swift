public import OutcryKernel

/// How far the venue's clock is from this machine's, as far as its messages tell. A pure state machine.
///
/// A reading says that the venue's clock shows its time or more; one whose age is known says how much more
/// at most. What the last one to two minutes said is intersected; a reading that contradicts it begins
/// anew. Where this machine's clock may be right it is taken to be.
public struct ClockOffset: Sendable {
    /// For how long readings are kept together.
    static let period = Duration.seconds(60)
    /// By how much two clocks may drift in a period, and how exact a reading is: microseconds.
    static let slack: Int64 = 20_000
    /// Beyond this nobody is right: a hundred years, in microseconds.
    static let limit: Int64 = 3_155_760_000_000_000

    /// What some readings say together: the venue's clock less this machine's, in microseconds.
    private struct Bounds {
        var low: Int64?
        var high: Int64?

        func meeting(_ other: Bounds) -> Bounds {
            Bounds(
                low: [low, other.low].compactMap(\.self).max(),
                high: [high, other.high].compactMap(\.self).min())
        }
        /// No offset is within.
        var isEmpty: Bool {
            guard let low, let high else { return false }
            return low > high
        }
    }

    private var present = Bounds()
    private var past = Bounds()
    private var since: KernelTime?

    /// Nothing is known yet.
    public init() {}

    /// The venue's clock less this machine's, in microseconds; 0 where nothing is known.
    public private(set) var microseconds: Int64 = 0

    private var estimate: Int64 {
        let bounds = present.meeting(past)
        switch (bounds.low, bounds.high) {
        case (nil, nil): return 0
        case (let low?, nil): return max(0, low)
        case (nil, let high?): return min(0, high)
        case (let low?, let high?): return low <= 0 && high >= 0 ? 0 : low + (high - low) / 2
        }
    }

    /// The venue has told something of its clock.
    public var isKnown: Bool { since != nil }

    /// Takes a reading.
    ///
    /// - Parameters:
    ///   - wall: What this machine's clock shows now.
    ///   - now: The kernel's time, by which readings age.
    public mutating func take(_ reading: MtGoxClockReading, at wall: WallTime, _ now: KernelTime) {
        let (gap, isOver) = reading.venueMicroseconds.subtractingReportingOverflow(
            wall.microseconds)
        guard !isOver, gap.magnitude < Self.limit.magnitude else { return }
        if let since, now - since >= Self.period {
            past = present
            present = Bounds()
            self.since = now
        }
        var bounds = Bounds(low: gap - Self.slack, high: nil)
        if let age = reading.age {
            let width = (reading.resolution + age).nanoseconds / 1000
            bounds.high = gap + min(Self.limit, max(0, width)) + Self.slack
        }
        if since == nil || bounds.meeting(present).meeting(past).isEmpty {
            (present, past, since) = (bounds, Bounds(), now)
        } else {
            present = present.meeting(bounds)
        }
        microseconds = estimate
    }

    /// This machine's clock was set: what was known of it is worth nothing.
    public mutating func forget() { self = ClockOffset() }
}
