/// The kernel's clock for async code: virtual in a simulation, real on a reactor.
///
/// `Task.sleep` knows nothing of a virtual time; `Task.sleep(for: .seconds(1), clock: my.kernel.clock)`
/// waits on an alarm of the kernel. It may be used from any task: what waits is woken where it was. Who
/// waits keeps the kernel running, and is cancelled when the kernel's run ends.
public struct KernelClock: Clock {
    /// A moment of the kernel.
    public typealias Instant = KernelTime
    private let mail: Mail

    init(_ mail: Mail) { self.mail = mail }

    /// The time of the kernel's turn.
    public var now: KernelTime { mail.time }

    /// One nanosecond.
    public var minimumResolution: Duration { .nanoseconds(1) }

    /// Waits until the kernel's time is `deadline`.
    ///
    /// - Throws: `CancellationError` when the task is cancelled or the kernel's run ends.
    public func sleep(until deadline: KernelTime, tolerance: Duration? = nil) async throws {
        let mail = mail
        let ticket = mail.nextTicket()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Void, any Error>) in
                mail.push(
                    .letter(mail.isHere ? .here : .clock) { kernel in
                        kernel.sleep(ticket, deadline, continuation)
                    })
            }
        } onCancel: {
            mail.push(.letter(mail.isHere ? .here : .clock) { kernel in kernel.endSleep(ticket) })
        }
        // Cancelled when it had been woken already: the letter found nobody.
        if Task.isCancelled {
            mail.push(.letter(mail.isHere ? .here : .clock) { $0.sleepers[ticket] = nil })
        }
    }
}

extension KernelTime: InstantProtocol {
    /// A later moment; saturates.
    public func advanced(by duration: Duration) -> KernelTime { self + duration }

    /// The time from this moment to `other`; saturates.
    public func duration(to other: KernelTime) -> Duration { other - self }
}

/// Who waits on a ``KernelClock``.
enum Sleeper {
    case waiting(CheckedContinuation<Void, any Error>, AlarmID)
    /// The news that it was cancelled came before it began to wait.
    case cancelled
}

extension Kernel {
    /// A clock for async code, here and in other tasks.
    public var clock: KernelClock { KernelClock(mail) }

    func sleep(
        _ ticket: UInt64, _ deadline: KernelTime,
        _ continuation: CheckedContinuation<Void, any Error>
    ) {
        guard sleepers[ticket] == nil, !isStopping else {
            sleepers[ticket] = nil
            return continuation.resume(throwing: CancellationError())
        }
        let alarm = arm(at: deadline, period: nil, owner: .none) { kernel in
            kernel.sleepers[ticket] = nil
            continuation.resume()
        }
        sleepers[ticket] = .waiting(continuation, alarm)
    }

    func endSleep(_ ticket: UInt64) {
        guard case .waiting(let continuation, let alarm)? = sleepers[ticket] else {
            return sleepers[ticket] = .cancelled
        }
        sleepers[ticket] = nil
        disarm(alarm)
        continuation.resume(throwing: CancellationError())
    }

    /// The run ends: nobody is woken any more.
    func endSleep() {
        for ticket in sleepers.numbers { endSleep(ticket) }
        sleepers = NumberMap()
    }
}
