import COutcrySystem
import Glibc
import OutcryKernel

/// The system's readiness queue, level-triggered, and the buffer of what it last said.
///
/// The buffer is allocated once; `events` points to `capacity` of them as long as this object lives, and
/// the first that the last ``wait(nanoseconds:)`` counted are initialized.
@safe final class Epoll {
    /// The most events that one wait brings.
    static let capacity = 256
    private let descriptor: Descriptor
    private let events: UnsafeMutablePointer<epoll_event>
    /// The system has `epoll_pwait2` (Linux 5.11).
    @safe @exclusivity(unchecked) var hasNanoseconds = true

    init() throws(SystemError) {
        descriptor = try Descriptor(epoll_create1(Int32(EPOLL_CLOEXEC)), from: "epoll_create1")
        unsafe events = .allocate(capacity: Self.capacity)
    }

    deinit { unsafe events.deallocate() }

    /// Begins to watch for `interest`, and will call what happens `word`.
    func add(_ number: Int32, _ interest: UInt32, _ word: UInt64) throws(SystemError) {
        guard outcry_epoll_control(descriptor.number, EPOLL_CTL_ADD, number, interest, word) == 0
        else { throw SystemError(last: "epoll_ctl") }
    }

    /// Watches for `interest` from now on.
    func change(_ number: Int32, _ interest: UInt32, _ word: UInt64) {
        _ = outcry_epoll_control(descriptor.number, EPOLL_CTL_MOD, number, interest, word)
    }

    /// Stops watching, also for what is always told: errors and hang-ups.
    func remove(_ number: Int32) {
        _ = outcry_epoll_control(descriptor.number, EPOLL_CTL_DEL, number, 0, 0)
    }

    /// Waits at most `nanoseconds`, without a limit when negative, and says how many events there are.
    func wait(nanoseconds: Int64) -> Int {
        if hasNanoseconds {
            let count = unsafe outcry_epoll_wait(
                descriptor.number, events, Int32(Self.capacity), nanoseconds)
            // ENOSYS: an old kernel; EPERM: a sandbox that does not know the call.
            guard count < 0, errno == ENOSYS || errno == EPERM else { return max(0, Int(count)) }
            hasNanoseconds = false
        }
        let milliseconds = Self.milliseconds(nanoseconds)
        return max(
            0,
            unsafe Int(epoll_wait(descriptor.number, events, Int32(Self.capacity), milliseconds)))
    }

    /// Rounds up, so that nothing wakes before its time.
    static func milliseconds(_ nanoseconds: Int64) -> Int32 {
        guard nanoseconds >= 0 else { return -1 }
        return Int32(clamping: nanoseconds / 1_000_000 + (nanoseconds % 1_000_000 > 0 ? 1 : 0))
    }

    /// Event `i` of the last wait.
    func event(_ i: Int) -> (word: UInt64, flags: UInt32) {
        precondition(i >= 0 && i < Self.capacity, "an event of the last wait")
        return unsafe (events[i].data.u64, events[i].events)
    }
}

/// The flags of readiness.
enum Flags {
    static let readable = EPOLLIN.rawValue
    static let writable = EPOLLOUT.rawValue
    static let failed = EPOLLERR.rawValue
    static let hungUp = EPOLLHUP.rawValue
    /// Told whether asked for or not.
    static let broken = EPOLLERR.rawValue | EPOLLHUP.rawValue
}
