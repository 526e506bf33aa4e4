import OutcryBytes

/// A moment on the kernel's own clock: nanoseconds since an origin that the driver chooses.
///
/// It never goes back, and stands still during a turn. It cannot be turned into a date; see ``WallTime``.
@frozen public struct KernelTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Nanoseconds since the driver's origin.
    public let nanoseconds: Int64

    /// Makes a moment from nanoseconds since the driver's origin.
    @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The driver's origin.
    public static let zero = KernelTime(nanoseconds: 0)

    /// Orders by time.
    @inlinable public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }

    /// A later moment; saturates.
    @inlinable public static func + (a: Self, b: Duration) -> Self {
        let (sum, overflow) = a.nanoseconds.addingReportingOverflow(b.nanoseconds)
        return Self(nanoseconds: overflow ? (b.nanoseconds < 0 ? .min : .max) : sum)
    }

    /// The time from `b` to `a`; saturates.
    @inlinable public static func - (a: Self, b: Self) -> Duration {
        let (gap, overflow) = a.nanoseconds.subtractingReportingOverflow(b.nanoseconds)
        return .nanoseconds(overflow ? (a.nanoseconds < 0 ? .min : .max) : gap)
    }

    /// Seconds with nine digits.
    public var description: String { "\(Duration.nanoseconds(nanoseconds))" }
}

/// A moment on the calendar: microseconds since 1970-01-01 00:00 UTC, as exchanges count.
@frozen public struct WallTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Microseconds since 1970-01-01 00:00 UTC.
    public let microseconds: Int64

    /// Makes a moment from microseconds since 1970.
    @inlinable public init(microseconds: Int64) { self.microseconds = microseconds }

    /// Orders by time.
    @inlinable public static func < (a: Self, b: Self) -> Bool { a.microseconds < b.microseconds }

    /// A later moment.
    @inlinable public static func + (a: Self, b: Duration) -> Self {
        Self(microseconds: a.microseconds &+ b.nanoseconds / 1000)
    }

    /// The time from `b` to `a`.
    @inlinable public static func - (a: Self, b: Self) -> Duration {
        .microseconds(a.microseconds &- b.microseconds)
    }

    /// ISO 8601 with microseconds, UTC: `2013-04-16T09:48:34.000000Z`.
    public var description: String {
        let (seconds, rest) = microseconds.dividedDown(by: 1_000_000)
        let time = CivilTime(secondsSince1970: seconds)
        func pad(_ value: Int64, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        return "\(pad(time.year, 4))-\(pad(time.month, 2))-\(pad(time.day, 2))T"
            + "\(pad(time.hour, 2)):\(pad(time.minute, 2)):\(pad(time.second, 2)).\(pad(rest, 6))Z"
    }
}

extension Duration {
    /// Whole nanoseconds; saturates.
    @inlinable public var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, more) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return more ? (seconds < 0 ? .min : .max) : sum
    }
}
