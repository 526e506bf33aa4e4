/// What a handler or a workflow may do. Lent for one call: it cannot be kept, captured or sent.
@frozen public struct Context: ~Escapable {
    @usableFromInline let core: Core
    /// The session whose handler this is.
    public let id: SessionID

    @_lifetime(immortal) @inlinable init(_ core: Core, _ id: SessionID) {
        self.core = core
        self.id = id
    }

    /// The kernel that runs the session.
    public var kernel: Kernel { core.kernel }

    /// The session's log: lines carry its name and go where the kernel's log goes.
    public var log: Log { Log(kernel: core.kernel, session: id) }

    /// The time of this turn. It stands still until the next.
    public var now: KernelTime { core.kernel.now }

    /// The calendar time of this turn.
    public var wallNow: WallTime { core.kernel.wallNow }

    // MARK: Events

    /// Queues `event` for `session`. Never runs its handler now.
    @discardableResult @inline(__always) @inlinable public func post<P: ~Copyable>(
        _ event: Event<P>, to session: SessionID, _ payload: consuming P
    ) -> Posted { core.post(event, to: session, from: id, payload) }

    /// Queues `event` for the session that bears `alias` now.
    @discardableResult @inline(__always) @inlinable public func post<P: ~Copyable>(
        _ event: Event<P>, to alias: Alias, _ payload: consuming P
    ) -> Posted { core.post(event, to: core.find(alias), from: id, payload) }

    /// Queues an event without payload for `session`.
    @discardableResult @inline(__always) @inlinable public func post(
        _ event: Event<Void>, to session: SessionID
    ) -> Posted { core.post(event, to: session, from: id, ()) }

    /// Queues an event without payload for the session that bears `alias` now.
    @discardableResult @inline(__always) @inlinable public func post(
        _ event: Event<Void>, to alias: Alias
    ) -> Posted { core.post(event, to: core.find(alias), from: id, ()) }

    /// Queues `event` for this session itself.
    @discardableResult @inline(__always) @inlinable public func yield<P: ~Copyable>(
        _ event: Event<P>, _ payload: consuming P
    ) -> Posted { core.post(event, to: id, from: id, payload) }

    /// Queues an event without payload for this session itself.
    @discardableResult @inline(__always) @inlinable public func yield(_ event: Event<Void>)
        -> Posted
    {
        core.post(event, to: id, from: id, ())
    }

    /// Runs the handler of `event` now, past the queue, and rethrows what it throws.
    ///
    /// For reading another session's state. It breaks the order of events: when in doubt, post.
    /// - Throws: What the handler throws; ``KernelError/callTooDeep(_:)`` at 64 nested calls.
    @discardableResult @inlinable public func call<P: ~Copyable>(
        _ event: Event<P>, to session: SessionID, _ payload: consuming P
    ) throws -> Posted { try core.call(event, to: session, payload) }

    /// Runs the handler of `event` now in the session that bears `alias`.
    @discardableResult @inlinable public func call<P: ~Copyable>(
        _ event: Event<P>, to alias: Alias, _ payload: consuming P
    ) throws -> Posted { try core.call(event, to: core.find(alias), payload) }

    /// Announces `event` under this session's alias: everybody registered gets it, in the order of
    /// registration, each lent the one payload. Costs nothing where nobody is registered.
    ///
    /// - Returns: `gone` when this session has no alias, else `taken`.
    @discardableResult @inlinable public func publish<P: ~Copyable>(
        _ event: Event<P>, _ payload: consuming P
    ) -> Posted { core.publish(event, from: id, payload) }

    /// Announces an event without payload.
    @discardableResult @inlinable public func publish(_ event: Event<Void>) -> Posted {
        core.publish(event, from: id, ())
    }

    /// Whether anybody would get `event` if this session published it now: for payloads that cost
    /// something to make.
    @inlinable public func hasListeners<P: ~Copyable>(_ event: Event<P>) -> Bool {
        core.hasListeners(event.id, from: id)
    }

    /// Delivers to this session, from now on, what the topics' sources publish. Ends with the session.
    public func register<each P>(_ topics: repeat Topic<each P>) {
        repeat core.kernel.register(
            id, event: (each topics).event.id, source: (each topics).source)
    }

    /// Stops the delivery of a topic, with what was published and not yet delivered.
    public func unregister<P>(_ topic: Topic<P>) {
        core.kernel.unregister(id, event: topic.event.id, source: topic.source)
    }

    // MARK: Sessions

    /// Starts `session` as a child of this one. Its `started` handler has run when this returns.
    @discardableResult public func start<S: Session>(
        _ session: S, alias: Alias? = nil
    ) -> SessionID {
        core.kernel.start(session, alias: alias, parent: id, onFailure: .stop, make: nil)
    }

    /// Starts a child that can be started anew when it fails; `make` makes each new object.
    @discardableResult public func start<S: Session>(
        alias: Alias? = nil, onFailure policy: FailurePolicy, _ make: @escaping () -> S
    ) -> SessionID {
        core.kernel.start(make(), alias: alias, parent: id, onFailure: policy, make: make)
    }

    /// Ends this session, its children first.
    public func stop() { core.kernel.stop(id) }

    /// Ends `session`, its children first.
    public func stop(_ session: SessionID) { core.kernel.stop(session) }

    /// Asks `session` and its descendants, leaves first, to finish (`shutdown`), and stops them after
    /// `deadline` at the latest.
    public func stop(_ session: SessionID, within deadline: Duration) {
        core.kernel.stop(session, within: deadline)
    }

    /// Makes `supervisor` the parent of `child`, which is a child of this session or this session itself.
    public func give(_ child: SessionID, to supervisor: SessionID) {
        precondition(
            child == id || !core.isAlive(child) || core.kernel.parent(of: child) == id,
            "a session gives away itself and its own children")
        core.kernel.give(child, to: supervisor)
    }

    /// Keeps this session alive until the lease is given back or forgotten.
    public func lease(_ reason: StaticString) -> Lease { Lease(core.kernel, id, reason) }

    /// A random number from the kernel's generator, which the driver seeded.
    public func random<T: FixedWidthInteger & UnsignedInteger>(_ type: T.Type = T.self) -> T {
        core.kernel.random.next()
    }

    /// A random number in `range`, from the kernel's generator.
    public func random<T: FixedWidthInteger>(in range: ClosedRange<T>) -> T {
        .random(in: range, using: &core.kernel.random)
    }
}

/// Keeps a session alive: given back with ``release()``, or by being forgotten.
public struct Lease: ~Copyable {
    private weak var kernel: Kernel?
    private let id: SessionID
    private let reason: StaticString

    init(_ kernel: Kernel, _ id: SessionID, _ reason: StaticString) {
        self.kernel = kernel
        self.id = id
        self.reason = reason
        kernel.leased(id, "\(reason)", 1)
    }

    /// Gives the lease back.
    public consuming func release() {}

    deinit { kernel?.leased(id, "\(reason)", -1) }
}
