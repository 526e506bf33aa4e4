/// An owner of state with one handler per event.
///
/// A session's events are delivered one after the other, on the kernel's thread, in the order they were
/// posted. It talks to others only by posting to them. Conforming classes must be final.
public protocol Session: AnyObject {
    /// Declares the handlers. Called once a type and kernel: the table is shared by all sessions of the
    /// type, and each handler is given its session as the first argument.
    static func handlers(_ on: inout Handlers<Self>)

    /// Says what it has to say of itself to somebody who looks at the running program (``Kernel/inspection()``).
    /// It changes nothing and posts nothing; secrets have no place in it. Nothing, where it is not written.
    func inspect(_ sheet: inout InspectionSheet)
}

extension Session {
    /// Says nothing.
    public func inspect(_ sheet: inout InspectionSheet) {}
}

/// What a session type does with each event; filled by ``Session/handlers(_:)``.
public struct Handlers<S: AnyObject> {
    var thunks: [(event: UInt32, thunk: Thunk)] = []
    var policies: [(event: UInt32, make: () -> MailboxPolicy)] = []
    var catchAll: CatchAll?
    var marks = MailboxMarks()

    /// Handles `event`; the payload is lent. Works for posted and published events, copyable or not.
    ///
    /// A handler that throws fails its session, and only that one (see ``FailurePolicy``).
    @inlinable public mutating func callAsFunction<P: ~Copyable>(
        _ event: Event<P>,
        _ body: @escaping (_ me: S, _ payload: borrowing P, _ my: Context) throws -> Void
    ) { add(event.id, Thunk(lending: body)) }

    /// Handles `event`; the payload is given. For payloads that can have one owner only.
    ///
    /// A published event is lent to many and cannot be taken: registering for one traps.
    @inlinable public mutating func callAsFunction<P: ~Copyable>(
        taking event: Event<P>,
        _ body: @escaping (_ me: S, _ payload: consuming P, _ my: Context) throws -> Void
    ) { add(event.id, Thunk(taking: body)) }

    /// Handles every event that has no handler here. Without it such events are counted as dead letters
    /// and reported once a name. The kernel's own events (`started`, `stopped` …) never come here.
    public mutating func unknown(
        _ body: @escaping (_ me: S, _ letter: DeadLetter, _ my: Context) throws -> Void
    ) { catchAll = CatchAll(body) }

    /// Bounds the mailbox: at most `limit` undelivered events, published ones included. 65,536 if not said.
    ///
    /// When `high` of them wait, the session gets `mailboxPressure` and its wheels stop reading; at `low`
    /// it is told that it is over. If not said, these are three quarters and one quarter of the limit; a
    /// mailbox for fewer than 16 has no marks then.
    public mutating func mailbox(limit: Int, high: Int? = nil, low: Int? = nil) {
        precondition(limit > 0, "a mailbox takes at least one event")
        marks = MailboxMarks(limit: UInt32(clamping: limit))
        if let high { marks.high = UInt32(clamping: high) }
        if let low { marks.low = UInt32(clamping: low) }
        precondition(
            marks.low < marks.high && marks.high > 0,
            "a mailbox's low mark lies below its high mark")
    }

    /// When the mailbox is full, a new `event` pushes out the oldest undelivered one of its name.
    public mutating func dropOldest<P>(_ event: Event<P>) {
        policies.append((event.id, { DropOldest() }))
    }

    /// A new `event` takes the place of an undelivered one with the same key: the old one is dropped and
    /// the new one queued at the end, so that order stays true. For news of which only the last counts.
    public mutating func coalesce<P, K: Hashable>(
        _ event: Event<P>, by key: @escaping (P) -> K
    ) { policies.append((event.id, { Coalesce(key) })) }

    @usableFromInline mutating func add(_ event: UInt32, _ thunk: Thunk) {
        thunks.append((event, thunk))
    }
}

/// An event that found no handler.
public struct DeadLetter: Sendable {
    /// The event's name.
    public let event: String
    /// The session that posted it, or ``SessionID/none`` where it came from outside.
    public let source: SessionID
}
