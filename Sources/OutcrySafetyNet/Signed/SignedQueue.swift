import OutcryComponents

/// Signed calls in their turn: those of one key one after the other, in the order in which they came, since
/// the venue takes a nonce only when it is greater than the last; those of others go on meanwhile. No
/// kernel, no I/O.
struct SignedQueue<Call> {
    /// Where a call has got to.
    enum Place: Equatable {
        /// It goes now.
        case now
        /// It waits for its turn.
        case waiting
        /// So many wait that it is refused.
        case refused
    }

    private let most: Int
    /// The calls that wait, of each key that has one on its way. Only looked up.
    private var queues: [String: [Call]] = [:]
    /// Calls that wait.
    private(set) var waiting = 0

    /// - Parameter most: Calls of one key that may wait.
    init(most: Int) { self.most = most }

    /// Keys with a call on its way.
    var busy: Int { queues.count }

    /// A call comes.
    mutating func add(_ call: Call, key: String) -> Place {
        guard let queue = queues[key] else {
            queues[key] = []
            return .now
        }
        guard queue.count < most else { return .refused }
        queues[key, default: []].append(call)
        waiting += 1
        return .waiting
    }

    /// A key's call has its answer: the next one goes.
    mutating func finish(_ key: String) -> Call? {
        guard let queue = queues[key], !queue.isEmpty else {
            queues[key] = nil
            return nil
        }
        waiting -= 1
        return queues[key]?.removeFirst()
    }
}
