/// The state of a kernel as a value.
public struct KernelSnapshot: Sendable {
    /// One session.
    public struct Session: Sendable {
        /// Its id.
        public let id: SessionID
        /// Its type's name.
        public let type: String
        /// Its alias, if it has one.
        public let alias: String?
        /// Its parent, if it has one.
        public let parent: SessionID?
        /// Its children, in the order of their start.
        public let children: [SessionID]
        /// Undelivered events.
        public let pending: Int
        /// Events delivered to it.
        public let dispatched: UInt64
        /// Events its full mailbox refused.
        public let refused: Int
        /// Events its mailbox policies dropped.
        public let dropped: Int
        /// Throws of its handlers and workflows.
        public let failures: Int
        /// The last of them, in words.
        public let lastFailure: String?
        /// What keeps it alive, in words.
        public let whyAlive: [String]
    }
    /// A failure of a session, which may have ended by it.
    public struct Failure: Sendable {
        /// The time of the turn.
        public let time: KernelTime
        /// The session: its alias, or its type and id.
        public let session: String
        /// The error, in words.
        public let reason: String
    }
    /// A name and a count.
    public struct Count: Sendable {
        /// The event's name.
        public let event: String
        /// How many.
        public let count: Int
    }

    /// The time of the turn.
    public let time: KernelTime
    /// The living sessions, in the order of their start.
    public let sessions: [Session]
    /// Events in the queue, by name, in the order in which the names stand there.
    public let queue: [Count]
    /// Events that found no handler, by name, in the order of the names' numbers.
    public let deadLetters: [Count]
    /// Alarms that are set.
    public let alarms: Int
    /// Sessions started since the kernel was made.
    public let started: UInt64
    /// Sessions ended since.
    public let stopped: UInt64
    /// Handlers and workflows that threw since.
    public let failed: Int
    /// Sessions started anew since.
    public let restarted: Int
    /// Events dispatched since.
    public let dispatched: UInt64
    /// Events whose receiver had ended.
    public let undelivered: Int
    /// Events taken back by policies and stops.
    public let tombstones: Int
    /// Events that full mailboxes refused.
    public let refused: Int
    /// Turns of the loop.
    public let turns: UInt64
    /// Looks at the driver for input.
    public let polls: UInt64
    /// Alarms that fired.
    public let alarmsFired: Int
    /// The longest that an alarm was late.
    public let latestAlarm: Duration
    /// The most events that were queued when a turn began.
    public let peakQueue: Int
    /// Turns that used their whole budget: there was more to do than one turn does.
    public let fullTurns: Int
    /// What took longer than ``Kernel/stallLimit``.
    public let stalls: Int
    /// The longest time between two looks at the driver for input in which the kernel did not wait; zero where
    /// ``Kernel/measuresTurns`` is not set.
    public let longestTurn: Duration
    /// The last 16 failures, the oldest first.
    public let failures: [Failure]
}

extension Kernel {
    /// The kernel's state now.
    public func snapshot() -> KernelSnapshot { snapshot(of: living()) }

    func snapshot(of sessions: [SessionID]) -> KernelSnapshot {
        KernelSnapshot(
            time: now, sessions: sessions.map(describe),
            queue: core.queueByEvent().map { .init(event: entry($0.event).name, count: $0.count) },
            deadLetters: deadLetters.numbers.map {
                .init(event: entry(UInt32($0)).name, count: deadLetters[$0] ?? 0)
            },
            alarms: alarms.count, started: counters.started, stopped: counters.stopped,
            failed: counters.failed, restarted: counters.restarted, dispatched: core.sequence,
            undelivered: counters.undelivered, tombstones: counters.tombstones,
            refused: counters.refused, turns: counters.turns, polls: counters.polls,
            alarmsFired: counters.alarmsFired, latestAlarm: counters.latestAlarm,
            peakQueue: counters.peakQueue, fullTurns: counters.fullTurns,
            stalls: counters.stalls, longestTurn: counters.longestTurn, failures: failures)
    }

    /// What a kernel has to do and has done, at no cost: for whoever looks at it again and again.
    package var load: (dispatched: UInt64, queued: Int, alarms: Int, failed: Int) {
        (core.sequence, core.pending, alarms.count, counters.failed)
    }

    private func describe(_ id: SessionID) -> KernelSnapshot.Session {
        let facts = core.facts(id)
        let extras = existingExtras(of: id)
        let parent = parent(of: id)
        return KernelSnapshot.Session(
            id: id, type: typeName(of: id), alias: facts.alias?.description,
            parent: core.isAlive(parent) ? parent : nil, children: extras?.children ?? [],
            pending: facts.pending, dispatched: facts.dispatched, refused: extras?.refused ?? 0,
            dropped: extras?.dropped ?? 0, failures: extras?.failures ?? 0,
            lastFailure: extras?.lastFailure,
            whyAlive: whyAlive(id))
    }

    /// The names of all events that were declared in this process so far, in alphabetical order.
    public static var eventNames: [String] { Names.all() }

    /// The bytes that the kernel itself keeps for each session, its object apart.
    public static var bytesPerSession: Int { MemoryLayout<Slot>.stride }
}
