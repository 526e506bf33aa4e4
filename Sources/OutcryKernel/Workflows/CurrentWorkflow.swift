// What a workflow can do without being handed its context: verbs of values that an application holds.

/// Whose workflow runs.
struct CurrentWorkflow {
    @TaskLocal static var whose: Parcel<CurrentWorkflow>?

    let core: Core
    let id: SessionID
}

extension Context {
    /// Runs `body` with the context of the workflow that calls: for verbs that are awaited and take no context.
    ///
    /// - Precondition: It is called in a workflow (`my.task { my in … }`).
    public nonisolated(nonsending) static func inWorkflow<Value, Failure: Error>(
        _ body: nonisolated(nonsending) (_ my: Context) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        guard let whose = CurrentWorkflow.whose?.value else {
            preconditionFailure("await it in a workflow: my.task { my in … }")
        }
        return try await body(Context(whose.core, whose.id))
    }
}

/// What a topic's source publishes, for a workflow: `for try await trade in link.trades { … }`.
///
/// Each loop has an inbox of its own, which loses nothing between two turns of the loop (see ``Inbox``); it
/// registers the session if that is not registered, and ends that with the loop.
public struct TopicEvents<Payload>: AsyncSequence {
    /// What the source publishes.
    public typealias Element = Payload
    /// The session stopped.
    public typealias Failure = CancellationError

    let topic: Topic<Payload>

    /// Begins to listen.
    ///
    /// - Precondition: It is called in a workflow.
    public func makeAsyncIterator() -> TopicIterator<Payload> {
        guard let whose = CurrentWorkflow.whose?.value else {
            preconditionFailure("read it in a workflow: my.task { my in … }")
        }
        return TopicIterator(topic, whose.id, whose.core.kernel)
    }
}

/// One loop over the events of a topic.
public final class TopicIterator<Payload>: AsyncIteratorProtocol {
    private let topic: Topic<Payload>
    private let inbox: Inbox<Payload>
    private let hasJoined: Bool

    init(_ topic: Topic<Payload>, _ id: SessionID, _ kernel: Kernel) {
        self.topic = topic
        inbox = Inbox(topic.event.id, id, kernel)
        kernel.openInbox(inbox)
        hasJoined = kernel.join(id, event: topic.event.id, source: topic.source)
    }

    deinit {
        // A session with a handler for it wants it for longer than the loop.
        let kernel = inbox.kernel
        if hasJoined, kernel.core.isAlive(inbox.id), !kernel.core.handles(topic.event.id, inbox.id)
        {
            kernel.unregister(inbox.id, event: topic.event.id, source: topic.source)
        }
    }

    /// How many events were lost because too many were waiting.
    public var dropped: Int { inbox.dropped }

    /// The next event; waits for it if there is none.
    public func next(
        isolation actor: isolated (any Actor)?
    ) async throws(CancellationError) -> Payload? { try await inbox.next() }
}

extension Topic {
    /// What the source publishes, for a workflow.
    public var events: TopicEvents<Payload> { TopicEvents(topic: self) }
}
