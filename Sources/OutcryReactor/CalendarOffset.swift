import COutcrySystem
import Glibc
import OutcryKernel

/// The calendar as an offset to the monotonic clock, so that a turn reads one clock only.
///
/// The offset is measured anew every quarter of a second in which turns happen, which follows a clock that is
/// being slewed, and at once when the system says that the clock was set.
struct CalendarOffset: ~Copyable {
    /// Nanoseconds between two measurements.
    static let period: Int64 = 250_000_000
    /// Becomes readable when the clock is set.
    let descriptor: Descriptor
    private var offset: Int64
    private var measured: Int64
    private var step: Int64 = 0

    init() throws(SystemError) {
        descriptor = try Descriptor(
            timerfd_create(CLOCK_REALTIME, Int32(TFD_NONBLOCK) | Int32(TFD_CLOEXEC)),
            from: "timerfd_create")
        measured = outcry_monotonic()
        offset = outcry_realtime() - measured
        watch()
    }

    /// The calendar time at `monotonic` nanoseconds.
    mutating func wall(_ monotonic: Int64) -> WallTime {
        if monotonic - measured > Self.period { measure() }
        return WallTime(microseconds: (monotonic + offset) / 1000)
    }

    /// Measures the offset, and notes whether the clock was set since the last time.
    mutating func measure() {
        var expirations: UInt64 = 0
        let wasSet =
            unsafe read(descriptor.number, &expirations, 8) < 0 && errno == ECANCELED
        measured = outcry_monotonic()
        adopt(outcry_realtime() - measured, wasSet: wasSet)
        if wasSet { watch() }
    }

    /// Takes a new offset.
    mutating func adopt(_ new: Int64, wasSet: Bool) {
        if wasSet { step += new - offset }
        offset = new
    }

    /// The microseconds by which the clock was set since the last call; nil where it was not.
    mutating func takeStep() -> Int64? {
        guard step != 0 else { return nil }
        defer { step = 0 }
        return step / 1000
    }

    // An error leaves the offset to the regular measurements.
    private func watch() { _ = outcry_watch_calendar(descriptor.number) }
}
