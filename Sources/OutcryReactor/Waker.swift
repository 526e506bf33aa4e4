import COutcrySystem
import Glibc
import OutcryKernel

/// Ends the reactor's wait from any thread. Whoever may still call it keeps it alive.
final class Waker: Sendable {
    let descriptor: Descriptor

    init() throws(SystemError) {
        descriptor = try Descriptor(
            eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC)), from: "eventfd")
    }

    /// Makes the descriptor readable.
    func wake() {
        _ = eventfd_write(descriptor.number, 1)
    }

    /// Makes the descriptor unreadable.
    func reset() {
        var count: eventfd_t = 0
        _ = unsafe eventfd_read(descriptor.number, &count)
    }
}
