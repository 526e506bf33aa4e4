/// A name and the type of its payload.
///
/// One name has one payload type in a process; meeting the same name with another type traps. Declare
/// events once, as `static let` in an extension, which costs nothing to read:
///
/// ```swift
/// extension Event where Payload == Trade { public static let trade = Self("trade") }
/// ```
///
/// Payloads up to 4 KiB with an alignment of at most 16 bytes lie inline in the kernel's queue; larger
/// ones are boxed, one allocation a post.
@frozen public struct Event<Payload: ~Copyable>: Sendable {
    /// The process-wide number of the name, 1 … 65,535.
    public let id: UInt32

    // Inlined for `destroy`, which has to know the type: without it a payload's end is looked up at run time,
    // which takes some 300 instructions.

    /// Interns `name`. Takes a lock (about 50 ns).
    @inlinable public init(_ name: StaticString) {
        id = unsafe Names.event(
            name, type: unsafeBitCast(Payload.self, to: UInt.self),
            destroy: { unsafe endPayload(Payload.self, at: $0) })
    }

    /// The name as it was interned.
    public var name: String { Names.eventName(id) }
}

/// A session's name in its kernel. It survives a restart of the session that bears it.
public struct Alias: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    @usableFromInline let id: UInt32

    /// Interns `name`. Takes a lock (about 50 ns): keep aliases, do not make them in a loop.
    public init(_ name: String) { id = Names.alias(name) }

    init(id: UInt32) { self.id = id }

    /// Interns a literal.
    public init(stringLiteral name: String) { self.init(name) }

    /// The name as it was interned.
    public var description: String { Names.aliasName(id) }
}

/// An event as published by one session: what one registers for.
///
/// Keyed by alias, so that a registration survives the publisher's restart.
public struct Topic<Payload>: Sendable {
    /// The event that is published.
    public let event: Event<Payload>
    /// The alias of the session that publishes it.
    public let source: Alias

    /// Names `event` as published by the session called `source`.
    public init(_ event: Event<Payload>, from source: Alias) {
        self.event = event
        self.source = source
    }
}

/// One session of one kernel, for as long as it lives: an id is never given out again.
@frozen public struct SessionID: Hashable, Sendable, CustomStringConvertible {
    // One word, written and read whole: two halves would stall the hot path.
    @usableFromInline let word: UInt64

    @inlinable init(slot: UInt32, generation: UInt32) {
        word = UInt64(slot) &<< 32 | UInt64(generation)
    }

    @inlinable var slot: UInt32 { UInt32(truncatingIfNeeded: word &>> 32) }
    @inlinable var generation: UInt32 { UInt32(truncatingIfNeeded: word) }

    /// The id that no session has: mail from outside the kernel comes from here.
    public static var none: SessionID { SessionID(slot: 0, generation: 0) }

    /// What no session is and no slot can hold: an entry to be swept.
    static var nobody: SessionID { SessionID(slot: 0, generation: 1) }

    /// `slot.generation`, for traces and logs.
    public var description: String { "\(slot).\(generation >> 1)" }
}

/// What became of a post.
@frozen public enum Posted: Sendable {
    /// The event is in the queue and will be delivered unless its receiver stops first.
    case taken
    /// There is no such session (any more).
    case gone
    /// The receiver's mailbox is full and its policy for this event is to refuse.
    case full
}
