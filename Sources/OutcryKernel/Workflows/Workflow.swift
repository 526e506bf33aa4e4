import Glibc
import Synchronization

/// One running workflow of a session.
struct Workflow {
    let task: Task<Void, Never>
    func cancel() { task.cancel() }
}

/// Carries a value over a `Sendable` boundary that it does not cross: both sides are on the kernel's
/// thread, because the task that gets it runs on the kernel's own executor and inherits its isolation.
@safe struct Parcel<T>: @unchecked Sendable {
    let value: T
    @unsafe init(_ value: T) { self.value = value }
}

/// The isolation that workflows inherit: one a kernel.
actor Loop {
    nonisolated let executor: LoopExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }
    nonisolated var running: Int { executor.running }

    init(_ executor: LoopExecutor) { self.executor = executor }

    struct Start {
        let kernel: Kernel
        let id: SessionID
        let number: Int
        let body: nonisolated(nonsending) (Context) async throws -> Void
    }

    func run(_ parcel: Parcel<Start>) async {
        let start = parcel.value
        // Sound: tasks that would take it to another thread are refused by the compiler, as `body` is not
        // sendable; a task that is detached does not inherit it.
        let whose = unsafe Parcel(CurrentWorkflow(core: start.kernel.core, id: start.id))
        do {
            try await CurrentWorkflow.$whose.withValue(whose) {
                try await start.body(Context(start.kernel.core, start.id))
            }
        } catch is CancellationError {} catch { start.kernel.failed(start.id, error) }
        start.kernel.workflowEnded(start.id, start.number)
    }
}

/// Runs the pieces of workflows on the kernel's thread, between events.
///
/// Unchecked, because the ring is touched on that thread only; `thread` says which it is.
@safe final class LoopExecutor: SerialExecutor, TaskExecutor, @unchecked Sendable {
    private let mail: Mail
    @safe @exclusivity(unchecked) private var ring: [UnownedJob] = []
    @safe @exclusivity(unchecked) private var head = 0
    fileprivate(set) var running = 0

    init(_ mail: Mail) {
        self.mail = mail
        bind()
    }

    /// Makes the calling thread the one on which jobs run.
    func bind() { mail.bind() }

    private var isHere: Bool { mail.isHere }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isHere { push(job) } else { mail.push(.job(job)) }
    }

    var isEmpty: Bool { head == ring.count }

    func push(_ job: UnownedJob) { ring.append(job) }

    func drain(_ budget: Int) -> Int {
        let serial = unsafe asUnownedSerialExecutor()
        let tasks = unsafe asUnownedTaskExecutor()
        var count = 0
        while count < budget, head < ring.count {
            let job = ring[head]
            head += 1
            count += 1
            if head == ring.count {
                ring.removeAll(keepingCapacity: true)
                head = 0
            }
            unsafe job.runSynchronously(isolatedTo: serial, taskExecutor: tasks)
        }
        return count
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        unsafe UnownedSerialExecutor(ordinary: self)
    }

    func checkIsolated() { precondition(isHere, "not on the kernel's thread") }

    func isIsolatingCurrentContext() -> Bool? { isHere }
}

extension Kernel {
    func spawn(
        _ id: SessionID,
        _ body: nonisolated(nonsending) @escaping (_ my: Context) async throws -> Void
    ) {
        guard core.isAlive(id) else { return }
        let extras = extras(of: id)
        let number = extras.nextWorkflow
        extras.nextWorkflow += 1
        active += 1
        loop.executor.running += 1
        core.interest(id, 1)
        let loop = loop
        // Sound: the job runs on the kernel's thread, where the captures of `body` live.
        let parcel = unsafe Parcel(
            Loop.Start(kernel: self, id: id, number: number, body: body))
        extras.workflows[UInt64(number)] = Workflow(
            task: Task(executorPreference: loop.executor) { await loop.run(parcel) })
    }

    func workflowEnded(_ id: SessionID, _ number: Int) {
        active -= 1
        loop.executor.running -= 1
        guard core.isAlive(id) else { return }
        extras(of: id).workflows[UInt64(number)] = nil
        core.interest(id, -1)
    }

    @usableFromInline func workflowWoken() { core.noteWoken() }

    func closeInbox(_ inbox: AnyInbox) {
        guard core.isAlive(inbox.id), let extras = existingExtras(of: inbox.id) else { return }
        extras.close(inbox)
        core.respecial(inbox.id, extras)
    }

    @usableFromInline func openInbox(_ inbox: AnyInbox) {
        guard core.isAlive(inbox.id) else { return inbox.cancel() }
        let extras = extras(of: inbox.id)
        extras.open(inbox)
        core.respecial(inbox.id, extras)
    }
}

extension Core {
    /// The next event waits until the workflow that was woken has run.
    func noteWoken() { unsafe s.pointee.stopAt = s.pointee.sequence }
}

extension Context {
    /// Starts a workflow: `body` runs on the kernel's thread, between events, with the session and
    /// everything else captured as it is. It is cancelled when the session stops, and keeps it alive
    /// until then. What it throws fails the session; a `CancellationError` does not.
    public func task(
        _ body: nonisolated(nonsending) @escaping (_ my: Context) async throws -> Void
    ) { core.kernel.spawn(id, body) }

    /// Keeps the events of this name that reach the session from now on.
    @inlinable public func inbox<P>(_ event: Event<P>) -> Inbox<P> {
        let inbox = Inbox<P>(event.id, id, core.kernel)
        core.kernel.openInbox(inbox)
        return inbox
    }

    /// Waits for the next `event` after this call. In a loop use an inbox: it misses nothing in between.
    ///
    /// - Throws: `CancellationError` when the session stops.
    @inlinable public nonisolated(nonsending) func next<P>(
        _ event: Event<P>
    ) async throws(CancellationError) -> P { try await inbox(event).next() }

    /// Waits until `delay` has passed on the kernel's clock, virtual or real.
    ///
    /// - Throws: `CancellationError` when the session stops.
    public nonisolated(nonsending) func sleep(
        _ delay: Duration
    ) async throws(CancellationError) {
        let kernel = core.kernel
        let inbox = Inbox<Void>(Event.wake.id, id, kernel)
        kernel.openInbox(inbox)
        let alarm = kernel.arm(at: kernel.now + delay, period: nil, owner: id) { _ in
            inbox.accept(())
        }
        do { try await inbox.next() } catch {
            kernel.disarm(alarm)
            throw error
        }
    }
}
