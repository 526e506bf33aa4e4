import OutcryKernel
import Synchronization

/// What a thread has done, on its way to the kernel's.
enum Completion: Sendable {
    /// A request has this outcome.
    case outcome(RequestID, RequestResult)
    /// A lock was taken, or cannot be.
    case lock(LockOutcome)
}

/// Where other threads leave the outcomes of requests: a stack without locks, taken whole and turned round.
@safe final class Completions: Sendable {
    private final class Node: Sendable {
        let completion: Completion
        let next: UInt
        init(_ completion: Completion, _ next: UInt) {
            self.completion = completion
            self.next = next
        }
    }

    /// The bits of a retained node's address; 0 is the end. Who takes them owns the nodes.
    private let head = Atomic<UInt>(0)
    private let waker: Waker

    init(_ waker: Waker) { self.waker = waker }

    /// Leaves an outcome and wakes the reactor; from any thread.
    func push(_ completion: Completion) {
        var seen = head.load(ordering: .relaxed)
        while true {
            let node = unsafe Unmanaged.passRetained(Node(completion, seen))
            let (done, now) = head.compareExchange(
                expected: seen, desired: unsafe UInt(bitPattern: node.toOpaque()),
                ordering: .acquiringAndReleasing)
            if done { break }
            unsafe node.release()
            seen = now
        }
        waker.wake()
    }

    /// Takes everything, the oldest first.
    func takeAll(_ body: (Completion) -> Void) {
        var bits = head.exchange(0, ordering: .acquiringAndReleasing)
        guard bits != 0 else { return }
        var taken: [Completion] = []
        while let pointer = unsafe UnsafeRawPointer(bitPattern: bits) {
            let node = unsafe Unmanaged<Node>.fromOpaque(pointer).takeRetainedValue()
            bits = node.next
            taken.append(node.completion)
        }
        for completion in taken.reversed() { body(completion) }
    }

    deinit { takeAll { _ in } }
}
