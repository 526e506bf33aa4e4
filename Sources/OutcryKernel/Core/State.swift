// What the kernel's queue is made of; Core works on it, and its invariants are there.

/// One session's place in the kernel: one cache line.
@safe @frozen @usableFromInline struct Slot {
    /// Odd while the session lives.
    @usableFromInline var generation: UInt32 = 0
    /// Undelivered records for this session, published ones included.
    @usableFromInline var pending: UInt32 = 0
    /// Where the fast path ends: the mailbox's high mark; zero where a policy has to be asked.
    @usableFromInline var limit: UInt32 = 0
    @usableFromInline var rowCount: UInt32 = 0
    @usableFromInline var row: UnsafeMutablePointer<Unmanaged<Thunk>?>? = nil
    @usableFromInline var object: UnsafeRawPointer? = nil
    @usableFromInline var alias: UInt32 = .max
    /// Not zero when a delivery has to look at the extras first: open inboxes, mailbox policies, a mailbox
    /// above its mark.
    @usableFromInline var special: UInt32 = 0
    /// What keeps the session alive besides undelivered records; `whyAlive` lists it.
    @usableFromInline var interest: UInt32 = 0
    /// Already on the list of sessions that may have to end.
    @usableFromInline var isCandidate = false
    @usableFromInline var dispatched: UInt64 = 0
    /// The number of the start that made the session: orders sessions by age.
    @usableFromInline var born: UInt64 = 0
    @inlinable init() {}
}

@safe @frozen @usableFromInline struct Subscriber {
    @usableFromInline var session: SessionID
    /// Records of the topic up to and including this one were published before the session registered.
    @usableFromInline var joined: UInt64
    @inlinable init(session: SessionID, joined: UInt64) {
        self.session = session
        self.joined = joined
    }
}

@safe @frozen @usableFromInline struct TopicList {
    @usableFromInline var event: UInt32
    @usableFromInline var next: UInt32
    @usableFromInline var count: UInt32 = 0
    @usableFromInline var capacity: UInt32 = 0
    @usableFromInline var published: UInt64 = 0
    @usableFromInline var delivered: UInt64 = 0
    @usableFromInline var subscribers: UnsafeMutablePointer<Subscriber>? = nil
    @usableFromInline let alias: UInt32
    /// Some of the subscribers are sessions that have stopped.
    @usableFromInline var hasDead = false
    @inlinable init(event: UInt32, alias: UInt32, next: UInt32) {
        self.event = event
        self.alias = alias
        self.next = next
    }
}

@safe @frozen @usableFromInline struct AliasEntry {
    @usableFromInline var session = SessionID.none
    @usableFromInline var firstTopic = UInt32.max
    @inlinable init() {}
}

@safe @frozen @usableFromInline struct State {
    @usableFromInline var write: UnsafeMutableRawPointer
    @usableFromInline var end: UnsafeMutableRawPointer
    @usableFromInline var read: UnsafeMutableRawPointer
    @usableFromInline var writeBlock: UnsafeMutableRawPointer
    @usableFromInline var readBlock: UnsafeMutableRawPointer
    @usableFromInline var freeBlock: UnsafeMutableRawPointer? = nil
    @usableFromInline var slots: UnsafeMutablePointer<Slot>
    @usableFromInline var slotCount: UInt32 = 1
    @usableFromInline var slotCapacity: UInt32
    @usableFromInline var aliases: UnsafeMutablePointer<AliasEntry>
    @usableFromInline var aliasCapacity: UInt32
    @usableFromInline var topicCount: UInt32 = 0
    @usableFromInline var topics: UnsafeMutablePointer<TopicList>
    @usableFromInline var topicCapacity: UInt32
    /// Topics that were looked for lately, 64 places by event and alias; `.max` in a place where none was.
    @usableFromInline let recentTopics: UnsafeMutablePointer<UInt32>
    /// Records written since the kernel was made; those beyond `sequence` are in the queue, tombstones
    /// included.
    @usableFromInline var appended: UInt64 = 0
    /// Records dispatched since the kernel was made: the sequence number of the last one.
    @usableFromInline var sequence: UInt64 = 0
    @usableFromInline var current = SessionID.none
    @usableFromInline var depth: UInt32 = 0
    /// The topic that is being delivered and the place in its list; `.max` where none is.
    @usableFromInline var fanTopic = UInt32.max
    @usableFromInline var fanIndex: UInt32 = 0
    /// Each record has a shadow: somebody measures or explains.
    @usableFromInline var isShadowed = false
    /// By the number of a record, modulo the mask and one: what is noted of it while it is queued.
    @usableFromInline var shadows: UnsafeMutablePointer<Shadow>? = nil
    @usableFromInline var shadowMask: UInt64 = 0
    /// What is posted now is caused by this event, and not by the one that is being handled; `.max` where it is.
    @usableFromInline var outerCause = UInt64.max
    /// Where what is posted now comes from, if from no handler: see ``KernelOrigin``. Kept while somebody watches.
    @usableFromInline var origin: UInt64 = 0
    /// The last reading of the clock while events are measured, ns.
    @usableFromInline var clockReading: Int64 = 0
    /// What was dispatched, while somebody traces; and how many events stay readable.
    @usableFromInline var ring: UnsafeMutablePointer<TraceRing>? = nil
    @usableFromInline var kept = 0
    /// Events are being delivered: what is posted now is posted by the one of number `sequence`.
    @usableFromInline var isDispatching = false
    /// Each event's time in the queue and in its handlers is measured.
    @usableFromInline var isMeasuring = false
    /// A ``KernelWatcher`` is shown each event.
    @usableFromInline var isWatched = false
    /// Each event is timed.
    @usableFromInline var isTiming = false
    /// What was dispatched is noted for a ``KernelTap``.
    @usableFromInline var isTaped = false
    /// Three words of each noted record, its header and its payload's digest; and the number of records.
    @usableFromInline var tape: UnsafeMutablePointer<UInt64>? = nil
    @usableFromInline var tapeCount = 0
    /// The record behind which the running dispatch ends: its budget, or sooner where something (a woken
    /// workflow, a trace that is turned on) has to come before the next event.
    @usableFromInline var stopAt: UInt64 = 0
    @usableFromInline unowned(unsafe) var kernel: Kernel?
    /// How many sessions start when they are looked for.
    @usableFromInline var absent: UInt32 = 0
    /// By event: what ends the life of its payload.
    @usableFromInline var destroyers: UnsafeMutablePointer<Unmanaged<Names.Destroyer>>?
    @usableFromInline var destroyerCount: UInt32 = 0
    /// By event: what makes the digest of its payload, while a journal is written or replayed.
    @usableFromInline var digesters: UnsafeMutablePointer<Unmanaged<Digester>?>? = nil
    @usableFromInline var digesterCount = 0
}
