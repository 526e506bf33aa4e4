import COutcrySystem
import Glibc
import OutcryKernel

/// A timer of the system's for the next deadline, among what epoll watches.
///
/// It stays set over many waits. A deadline that goes with each wait instead is set before it and taken back
/// after it, which on a virtual machine can cost more than the turn in between.
struct DeadlineTimer: ~Copyable {
    /// Becomes readable at ``moment``.
    let descriptor: Descriptor
    /// When it rings, nanoseconds on the monotonic clock; nil when it is not set.
    private(set) var moment: Int64?

    init() throws(SystemError) {
        descriptor = try Descriptor(
            timerfd_create(CLOCK_MONOTONIC, Int32(TFD_NONBLOCK) | Int32(TFD_CLOEXEC)),
            from: "timerfd_create")
    }

    /// Sees to it that it rings at `end` or before; false when the system refuses.
    ///
    /// An earlier ring costs one look at the clock; setting it anew with each new deadline would cost a call
    /// each time.
    mutating func ring(by end: Int64) -> Bool {
        if let moment, moment <= end { return true }
        guard outcry_set_timer(descriptor.number, end) == 0 else { return false }
        moment = end
        return true
    }

    /// It has rung: makes the descriptor unreadable.
    mutating func reset() {
        var count: UInt64 = 0
        _ = unsafe read(descriptor.number, &count, 8)
        moment = nil
    }
}
