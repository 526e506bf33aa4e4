/// What only some sessions have: a parent, children, policies, workflows, inboxes, leases, named alarms.
@safe @usableFromInline final class Extras {
    var parent = SessionID.none
    /// By age: in the order in which they, or those whose successors they are, were started.
    var children: [SessionID] = []
    var revival: Revival?
    var isEnding = false

    var marks = MailboxMarks()
    /// The mailbox is above its high mark, or was and has not come down to the low one.
    var isHigh = false
    @usableFromInline var policies: [UInt32: MailboxPolicy]?
    /// Published records that are not for this session any more: topic -> sequence numbers.
    var skips: [UInt32: Set<UInt64>] = [:]
    var refused = 0
    var dropped = 0
    var failures = 0
    var lastFailure: String?
    /// `overflow` was told; it is not told again before the session has dispatched so many events.
    var overflowUntil: UInt64 = 0

    var inboxCount = 0
    private var inboxes: [Unmanaged<AnyInbox>] = unsafe []
    var workflows = NumberMap<Workflow>()
    var nextWorkflow = 0

    /// Reason and count, in the order of first use.
    var leases: [(reason: String, count: Int)] = []
    var alarms = 0
    /// The head of the chain of the session's alarms in the heap.
    var firstAlarm = UInt32.max
    var namedAlarms = TextMap<AlarmID>()
    var registrations = 0
    var wheels = NumberMap<AnyWheel>()

    func open(_ inbox: AnyInbox) {
        unsafe inboxes.append(.passUnretained(inbox))
        inboxCount += 1
    }

    func close(_ inbox: AnyInbox) {
        let gone = unsafe Unmanaged.passUnretained(inbox).toOpaque()
        unsafe inboxes.removeAll { unsafe $0.toOpaque() == gone }
        inboxCount = unsafe inboxes.count
    }

    /// Copies the payload into every open inbox for `event`.
    func deliver(_ event: UInt32, _ raw: UnsafeMutableRawPointer) {
        for i in 0..<inboxCount {
            unsafe inboxes[i]._withUnsafeGuaranteedRef {
                if $0.event == event { unsafe $0.take(raw) }
            }
        }
    }

    func hasInbox(for event: UInt32) -> Bool {
        for i in 0..<inboxCount {
            if unsafe inboxes[i]._withUnsafeGuaranteedRef({ $0.event == event }) { return true }
        }
        return false
    }

    func cancelWorkflows() {
        for workflow in workflows.values { workflow.cancel() }
        for i in 0..<inboxCount { unsafe inboxes[i]._withUnsafeGuaranteedRef { $0.cancel() } }
        unsafe inboxes.removeAll()
        inboxCount = 0
    }
}

/// How a session is made anew, and when it was before. Goes from the failed session to its successor.
final class Revival {
    let policy: FailurePolicy
    /// The number of the first start: orders siblings by age, and stays when the session is started anew.
    var born: UInt64 = 0
    /// Starts the successor, as a child of the last parent.
    let start: (Kernel, Revival, SessionID) -> SessionID
    var restarts: [KernelTime] = []
    /// Failures in a row, each before the session had run for a whole period.
    var attempt = 0

    init(
        _ policy: FailurePolicy, _ start: @escaping (Kernel, Revival, SessionID) -> SessionID
    ) {
        self.policy = policy
        self.start = start
    }
}
