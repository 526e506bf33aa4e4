// What a driver asks of its kernel while it polls, and how requests go out and come back.

extension Kernel {
    /// Too much is queued for more to be read: streams keep their bytes until the queue is shorter.
    public var isCongested: Bool { core.pending > budget * 4 }

    /// Says that the driver is about to wait, so that mail from other threads wakes it.
    ///
    /// - Returns: False when mail is there already: then the driver does not wait.
    public func mayFallAsleep() -> Bool { mail.fallAsleep() }

    /// Says that the driver does not wait any more.
    public func isAwake() { mail.isAwake() }

    /// When the next alarm is due; nil where none is set.
    public var nextDeadline: KernelTime? { alarms.nextDue }

    /// ``stop()`` was called, or a failure came up to the root: the next thing to do is ``finish()``.
    public var wantsToStop: Bool { isStopping }

    /// Says that no input can ever come any more: the run ends as if nothing were left to do.
    public func runDry() { isDry = true }

    /// Hands out what the program was run for: on its standard output, where the driver is a live one.
    public func report(_ text: String) { driver.report(text) }

    /// What the program's surroundings say under a name: the process's environment, where the driver is a live one.
    /// A journal does not keep it; a replay needs it again.
    public func variable(_ name: String) -> String? { driver.variable(name) }

    /// Has the program's sessions end as by a signal, though nobody sent one: where it is known that nothing more
    /// will come.
    public func raise(_ signal: SystemSignal) { deliver(signal) }

    /// Asks the driver for something; `done` gets the outcome.
    @discardableResult func request(
        _ ask: (RequestID) -> Void, then done: @escaping (Kernel, RequestResult) -> Void
    ) -> RequestID {
        let number = nextTicket
        nextTicket += 1
        requests[number] = (currentCause, done)
        active += 1
        ask(RequestID(number: number))
        return RequestID(number: number)
    }

    /// Nobody wants to know any more what comes of a request: it does not keep the kernel running.
    func abandon(_ request: RequestID) {
        if requests.removeValue(forKey: request.number) != nil { active -= 1 }
    }
}

/// A file's lock that was asked for: gives it back. See ``Context/lockFile(_:waits:then:)``.
public struct FileLock: Sendable {
    let path: String
    let request: RequestID
}

/// The outcome of a file operation, as told to the session that asked.
public struct StorageOutcome: Sendable {
    /// The path that was asked for.
    public let path: String
    /// What came of it.
    public let result: RequestResult
}

extension Context {
    /// Runs `work` on another thread; its value comes back as `event`. The loop goes on meanwhile.
    public func offload<P: Sendable>(
        _ work: @escaping @Sendable () -> P, then event: Event<P>
    ) {
        let mail = core.kernel.mail
        let session = id
        let kernel = core.kernel
        let cause = kernel.currentCause
        kernel.active += 1
        kernel.core.interest(session, 1)
        kernel.offloads += 1
        let number = kernel.offloads
        kernel.driver.offload {
            let value = work()
            mail.push(
                .letter(.offload(number)) { kernel in
                    kernel.active -= 1
                    kernel.cause = cause
                    kernel.owe(event, session, value)
                    kernel.core.interest(session, -1)
                })
        }
    }

    /// Runs `work`, which may fail, on another thread; its outcome comes back as `event`.
    public func offload<P: Sendable>(
        _ work: @escaping @Sendable () throws -> P, then event: Event<Result<P, any Error>>
    ) {
        offload({ Result { try work() } }, then: event)
    }

    /// Reads a file; its content comes back as `event`.
    public func readFile(_ path: String, then event: Event<StorageOutcome>) {
        storage(path, event) { $0.read(path, $1) }
    }

    /// Appends to a file; the outcome comes back as `event`.
    public func appendFile(
        _ path: String, _ bytes: [UInt8], then event: Event<StorageOutcome>
    ) { storage(path, event) { $0.append(path, bytes, $1) } }

    /// Puts a new content in the place of a file's old one, wholly or not at all; the outcome comes back
    /// as `event`.
    public func replaceFile(
        _ path: String, _ bytes: [UInt8], then event: Event<StorageOutcome>
    ) { storage(path, event) { $0.replace(path, bytes, $1) } }

    /// Takes `count` consecutive numbers, `floor` or greater and greater than all before, from a file that
    /// processes share; the first comes back as `event`. See ``Storage/advance(_:past:by:_:)``.
    public func advanceMark(
        _ path: String, past floor: UInt64, by count: UInt64 = 1, then event: Event<StorageOutcome>
    ) {
        precondition(count > 0, "at least one number is taken from a mark")
        storage(path, event) { $0.advance(path, past: floor, by: count, $1) }
    }

    /// Locks a file against other processes; the outcome comes back as `event`.
    ///
    /// It does not end with the session: one that may stop while it has the lock, or waits for it, gives
    /// it back in `stopped`.
    ///
    /// - Parameter waits: Whether to wait for as long as somebody else has it, instead of failing.
    /// - Returns: What gives it back.
    @discardableResult public func lockFile(
        _ path: String, waits: Bool = false, then event: Event<StorageOutcome>
    ) -> FileLock {
        FileLock(
            path: path, request: storage(path, event) { $0.lock(path, waits: waits, $1) })
    }

    /// Gives a file's lock back. Where it is still waited for, the wait ends with a failure.
    public func unlockFile(_ lock: FileLock) {
        core.kernel.driver.unlock(lock.path, of: lock.request)
    }

    @discardableResult private func storage(
        _ path: String, _ event: Event<StorageOutcome>,
        _ ask: (any Driver, RequestID) -> Void
    ) -> RequestID {
        let session = id
        let kernel = core.kernel
        kernel.core.interest(session, 1)
        return kernel.request({ ask(kernel.driver, $0) }) { kernel, result in
            kernel.owe(event, session, StorageOutcome(path: path, result: result))
            kernel.core.interest(session, -1)
        }
    }
}
