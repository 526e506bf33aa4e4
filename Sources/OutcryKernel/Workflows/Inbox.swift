/// An open inbox of whatever payload.
@safe public class AnyInbox {
    @usableFromInline let event: UInt32
    @usableFromInline let id: SessionID
    @usableFromInline let kernel: Kernel

    @usableFromInline init(_ event: UInt32, _ id: SessionID, _ kernel: Kernel) {
        self.event = event
        self.id = id
        self.kernel = kernel
    }

    deinit { kernel.closeInbox(self) }

    /// Keeps a copy of the payload of the record whose payload lies at `raw`.
    @usableFromInline func take(_ raw: UnsafeMutableRawPointer) {}
    @usableFromInline func cancel() {}
}

/// The events of one name that reach a session, kept for a workflow from the moment the inbox is made.
///
/// It loses nothing between two awaits, up to 1,024 events; what comes beyond is counted in
/// ``dropped``. The session's handler for the event, if any, runs as always.
@safe public final class Inbox<P>: AnyInbox, AsyncSequence, AsyncIteratorProtocol {
    /// What the inbox brings.
    public typealias Element = P
    /// The session stopped.
    public typealias Failure = CancellationError

    @usableFromInline var waiter: UnsafeContinuation<Void, Never>?
    @usableFromInline var first: P?
    @usableFromInline var backlog: [P] = []
    @usableFromInline var head = 0
    @usableFromInline var isCancelled = false
    /// How many events were lost because 1,024 were waiting.
    public internal(set) var dropped = 0

    @usableFromInline override init(_ event: UInt32, _ id: SessionID, _ kernel: Kernel) {
        unsafe waiter = nil
        super.init(event, id, kernel)
    }

    @inlinable override func take(_ raw: UnsafeMutableRawPointer) {
        accept(unsafe Payload<P>.find(raw).pointee)
    }

    @inlinable func accept(_ payload: P) {
        if first == nil, head == backlog.count {
            first = payload
        } else if backlog.count - head + (first == nil ? 0 : 1) < 1024 {
            backlog.append(payload)
        } else {
            lost()
        }
        wake()
    }

    @usableFromInline func lost() { dropped += 1 }

    @inlinable override func cancel() {
        isCancelled = true
        wake()
    }

    @inlinable func wake() {
        guard let waiter = unsafe waiter else { return }
        unsafe self.waiter = nil
        kernel.workflowWoken()
        unsafe waiter.resume()
    }

    /// The next event; waits for it if there is none.
    ///
    /// - Throws: `CancellationError` when the session stops.
    @inlinable public nonisolated(nonsending) func next() async throws(CancellationError) -> P {
        if first == nil, head == backlog.count, !isCancelled {
            unsafe precondition(waiter == nil, "one workflow at a time waits for an inbox")
            unsafe await withUnsafeContinuation { continuation in
                unsafe waiter = unsafe continuation
            }
        }
        if let payload = first {
            first = nil
            return payload
        }
        guard head < backlog.count else { throw CancellationError() }
        let payload = backlog[head]
        head += 1
        if head == backlog.count {
            backlog.removeAll(keepingCapacity: true)
            head = 0
        }
        return payload
    }

    /// The inbox is its own iterator.
    @inlinable public func makeAsyncIterator() -> Inbox<P> { self }

    /// The next event, for `for try await`.
    @inlinable public func next(
        isolation actor: isolated (any Actor)?
    ) async throws(CancellationError) -> P? { try await next() }
}
