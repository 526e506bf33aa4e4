// The events that the kernel itself sends. They go to a session only if it has a handler for them.

/// A child of a session, as told to its parent.
public struct Child: Sendable {
    /// The child.
    public let id: SessionID
    /// Its alias, if it has one.
    public let alias: Alias?
}

/// The end of a child, as told to its parent.
public struct ChildEnd: Sendable {
    /// The child, which is no more.
    public let id: SessionID
    /// The alias it had.
    public let alias: Alias?
    /// Why it ended.
    public let reason: StopReason
    /// The kernel will start it anew, by its ``FailurePolicy``.
    public let willRestart: Bool
}

/// Why a session ended.
public enum StopReason: Sendable, CustomStringConvertible {
    /// It, its parent or the program asked for it.
    case stopped
    /// Nothing could happen to it any more.
    case idle
    /// A handler or a workflow threw; the text is the error's.
    case failed(String)
    /// The kernel stops.
    case kernelStopped
    /// A sibling that it depends on was started anew.
    case siblingRestarted

    /// In words, for logs.
    public var description: String {
        switch self {
        case .stopped: "stopped"
        case .idle: "idle"
        case .failed(let text): "failed: \(text)"
        case .kernelStopped: "kernel stopped"
        case .siblingRestarted: "sibling restarted"
        }
    }
}

/// A session changed hands.
public struct ParentChange: Sendable {
    /// The parent until now; ``SessionID/none`` for the kernel.
    public let from: SessionID
    /// The parent from now on; ``SessionID/none`` for the kernel.
    public let to: SessionID
}

/// A mailbox was full and an event was not taken.
public struct Overflow: Sendable {
    /// The name of the event.
    public let event: String
    /// How many of all names were refused to this session since it started.
    public let refused: Int
}

extension Event where Payload == Void {
    /// The first event of every session, delivered before `start` returns.
    public static let started = Self("started")
    /// The last event of every session, delivered while it still has everything. What it posts is lost.
    public static let stopped = Self("stopped")
    /// SIGINT (^C). Without any handler in the kernel, the kernel stops.
    public static let interrupt = Self("interrupt")
    /// SIGTERM. Without any handler in the kernel, the kernel stops.
    public static let terminate = Self("terminate")
    /// SIGHUP. Ignored where there is no handler.
    public static let hangup = Self("hangup")
    /// The kernel wants to stop within a deadline: finish what must be finished, then stop.
    public static let shutdown = Self("shutdown")
    /// A workflow's delay has passed.
    static let wake = Self("kernel.wake")
}

extension Event where Payload == Child {
    /// A session started a child; delivered between the child's `started` and the return of `start`.
    public static let childStarted = Self("childStarted")
    /// A session got a child from somebody else.
    public static let childGained = Self("childGained")
    /// A session gave a child to somebody else.
    public static let childGiven = Self("childGiven")
}

extension Event where Payload == ChildEnd {
    /// A child ended; delivered after the child's `stopped`.
    public static let childStopped = Self("childStopped")
}

extension Event where Payload == ParentChange {
    /// The session has another parent now.
    public static let parentChanged = Self("parentChanged")
}

extension Event where Payload == Overflow {
    /// The session's mailbox refused a published event. Told once until there is room again.
    public static let overflow = Self("overflow")
}

extension Event where Payload == UInt64 {
    /// A question has been answered or has timed out; the payload is its ticket.
    @usableFromInline static let answered = Self("kernel.answered")
    /// A stream has unread bytes left from its last budget; the payload is its number.
    static let resumeReading = Self("kernel.resumeReading")
}

/// Mistakes in using the kernel that the caller can be told about.
public enum KernelError: Error, CustomStringConvertible {
    /// A chain of nested `call`s reached 64; the event's name.
    case callTooDeep(String)
    /// A child was started anew too often; its alias or id, and how often within which time.
    case restartsExhausted(child: String, restarts: Int, within: Duration)
    /// A root session with the policy `escalate` failed.
    case escalated(session: String, reason: String)

    /// In words, with the numbers.
    public var description: String {
        switch self {
        case .callTooDeep(let event):
            "call of \"\(event)\" is nested deeper than 64: post it instead"
        case .restartsExhausted(let child, let restarts, let period):
            "child \(child) failed again after \(restarts) restarts within \(period)"
        case .escalated(let session, let reason): "session \(session) failed: \(reason)"
        }
    }
}
