import COutcrySystem
import Glibc
import OutcryKernel

/// SIGINT, SIGTERM and SIGHUP as a descriptor.
final class Signals {
    let descriptor: Descriptor

    /// Blocks the signals in this thread and in those that it will start, and ignores SIGPIPE.
    static func block() { _ = outcry_block_signals() }

    /// Ignores SIGPIPE, and leaves the others as they are.
    static func ignorePipes() { signal(SIGPIPE, SIG_IGN) }

    init() throws(SystemError) {
        descriptor = try Descriptor(outcry_signal_descriptor(), from: "signalfd")
    }

    /// The next signal that came.
    func next() -> SystemSignal? {
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        while unsafe read(descriptor.number, &info, size) == size {
            switch Int32(info.ssi_signo) {
            case SIGINT: return .interrupt
            case SIGTERM: return .terminate
            case SIGHUP: return .hangup
            default: continue
            }
        }
        return nil
    }
}
