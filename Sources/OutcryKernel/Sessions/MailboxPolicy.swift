/// What a mailbox does with one more event.
@usableFromInline enum Admission {
    case refuse
    case admit
    case replace(QueueReference)
}

/// The rule of one session for one event. `payload` points to a value of that event's payload type,
/// `raw` to the place in a record where it (or its box) lies.
@safe @usableFromInline class MailboxPolicy {
    @usableFromInline func admit(_ payload: UnsafeRawPointer, isFull: Bool) -> Admission {
        isFull ? .refuse : .admit
    }
    @usableFromInline func queued(_ payload: UnsafeRawPointer, _ reference: QueueReference) {}
    func dequeued(_ raw: UnsafeMutableRawPointer, _ reference: QueueReference) {}
    /// Some queued records will not come any more: none of them is to be taken back.
    func forget(_ isGone: (QueueReference) -> Bool) {}
}

/// Pushes out the oldest event of the name when the mailbox is full.
@safe final class DropOldest: MailboxPolicy {
    private var queue: [QueueReference] = []
    private var head = 0

    override func admit(_ payload: UnsafeRawPointer, isFull: Bool) -> Admission {
        guard isFull else { return .admit }
        guard head < queue.count else { return .refuse }
        defer { forget() }
        return .replace(queue[head])
    }

    override func queued(_ payload: UnsafeRawPointer, _ reference: QueueReference) {
        queue.append(reference)
    }

    override func dequeued(_ raw: UnsafeMutableRawPointer, _ reference: QueueReference) {
        if head < queue.count, queue[head].isSame(as: reference) { forget() }
    }

    override func forget(_ isGone: (QueueReference) -> Bool) {
        queue.removeSubrange(..<head)
        head = 0
        queue.removeAll(where: isGone)
    }

    private func forget() {
        head += 1
        if head == queue.count {
            queue.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 1024, head * 2 > queue.count {
            queue.removeFirst(head)
            head = 0
        }
    }
}

/// Keeps the last event of each key.
@safe final class Coalesce<P, K: Hashable>: MailboxPolicy {
    private let key: (P) -> K
    private var latest: [K: QueueReference] = [:]

    init(_ key: @escaping (P) -> K) { self.key = key }

    private func key(_ payload: UnsafeRawPointer) -> K {
        unsafe key(payload.assumingMemoryBound(to: P.self).pointee)
    }

    override func admit(_ payload: UnsafeRawPointer, isFull: Bool) -> Admission {
        if let old = latest[unsafe key(payload)] { return .replace(old) }
        return isFull ? .refuse : .admit
    }

    override func queued(_ payload: UnsafeRawPointer, _ reference: QueueReference) {
        latest[unsafe key(payload)] = reference
    }

    override func dequeued(_ raw: UnsafeMutableRawPointer, _ reference: QueueReference) {
        let key = unsafe key(Payload<P>.find(raw).pointee)
        if let last = latest[key], last.isSame(as: reference) { latest[key] = nil }
    }

    override func forget(_ isGone: (QueueReference) -> Bool) {
        latest = latest.filter { !isGone($0.value) }
    }
}
