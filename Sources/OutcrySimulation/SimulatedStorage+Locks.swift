import OutcryKernel

// Locks of files. A crashed disk answers nobody.

extension SimulatedStorage {
    /// Somebody who has a lock, or waits for it.
    struct Wait {
        /// The driver's number.
        let holder: UInt64
        let request: RequestID
        /// Tells what came of it, later.
        let tell: (RequestResult) -> Void
    }

    /// - Returns: The outcome; nil where there is none yet, or never.
    func lock(_ path: String, by wait: Wait, waits: Bool) -> RequestResult? {
        if hasCrashed { return nil }
        if locks[path] == nil {
            locks[path] = (wait, [])
            return .done
        }
        guard waits else { return .failed(.locked) }
        locks[path]?.waits.append(wait)
        return nil
    }

    /// Gives a lock back, or ends the wait for it.
    func unlock(_ path: String, by holder: UInt64, _ request: RequestID) {
        guard let lock = locks[path] else { return }
        func isMeant(_ wait: Wait) -> Bool { wait.holder == holder && wait.request == request }
        if isMeant(lock.holder) { return pass(path) }
        guard let index = lock.waits.firstIndex(where: isMeant) else { return }
        locks[path]?.waits.remove(at: index)
        lock.waits[index].tell(.failed(.canceled))
    }

    /// A process has ended: its locks are free, and it waits for none.
    func release(by holder: UInt64) {
        for path in locks.keys.sorted() {
            locks[path]?.waits.removeAll { $0.holder == holder }
            if locks[path]?.holder.holder == holder { pass(path) }
        }
    }

    /// Whoever has waited longest has the lock now.
    private func pass(_ path: String) {
        guard let next = locks[path]?.waits.first else {
            locks[path] = nil
            return
        }
        locks[path]?.waits.removeFirst()
        locks[path]?.holder = next
        next.tell(.done)
    }
}
