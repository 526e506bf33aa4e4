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
        let seconds = microseconds.floored(by: 1_000_000)
        let days = seconds.floored(by: 86_400)
        let second = seconds - days * 86_400
        // Civil date from days, after Howard Hinnant's chrono algorithms.
        let z = days + 719_468
        let era = z.floored(by: 146_097)
        let doe = z - era * 146_097
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100)
        let mp = (5 * doy + 2) / 153
        let day = doy - (153 * mp + 2) / 5 + 1
        let month = mp < 10 ? mp + 3 : mp - 9
        let year = yoe + era * 400 + (month <= 2 ? 1 : 0)
        func pad(_ value: Int64, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))T\(pad(second / 3600, 2)):"
            + "\(pad(second / 60 % 60, 2)):\(pad(second % 60, 2))"
            + ".\(pad(microseconds - seconds * 1_000_000, 6))Z"
    }
}

extension Int64 {
    fileprivate func floored(by divisor: Int64) -> Int64 {
        self / divisor - (self % divisor < 0 ? 1 : 0)
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
