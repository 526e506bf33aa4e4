public import OutcryKernel

/// A driver that stands before another and writes all that a kernel learns of the world into a journal.
///
/// ```swift
/// let reactor = try Reactor(options)            // with options.journal set: this is done there
/// let kernel = Kernel(driver: reactor)
/// ```
///
/// What is asked of it goes on to the other driver; the question and what it said are noted. What was
/// written is noted as lengths and hashes, what came as bytes: TLS lies below, so the journal is in clear.
/// It is good up to the last turn, whatever happens to the process.
public final class Recorder: Driver {
    let base: any Driver
    let tap: RecordingTap
    private var writer: TapeWriter { tap.writer }

    /// Stands before `base`, and writes into `sink`.
    package init(_ base: any Driver, into sink: any BlockSink) {
        self.base = base
        tap = RecordingTap(TapeWriter(sink)) { [weak base] in base?.emit("outcry: \($0)") }
    }

    /// Stands before `base`, and writes into memory.
    public convenience init(_ base: any Driver, into memory: JournalMemory) {
        self.init(base, into: memory as any BlockSink)
    }

    /// Events that were dispatched so far; bytes of the same journal played back dispatch the same.
    public var events: UInt64 { writer.events }
    /// The hash of all events so far, the same in every process, debug or release.
    public var dispatchHash: UInt64 { writer.dispatchHash }
    /// Inputs so far.
    public var inputs: UInt64 { writer.inputs }

    /// Called by the kernel that is made on this driver.
    public func attach(to kernel: Kernel) {
        tap.kernel = kernel
        kernel.tap = tap
        base.attach(to: kernel)
    }

    /// The other driver's.
    public var waker: @Sendable () -> Void { base.waker }
    /// The other driver's.
    public func time() -> TurnTime { base.time() }
    /// The other driver's.
    public func entropy() -> UInt64 { base.entropy() }
    /// By the other driver.
    public func emit(_ line: String) { base.emit(line) }
    /// By the other driver.
    public func report(_ text: String) { base.report(text) }
    /// The other driver's.
    public func variable(_ name: String) -> String? { base.variable(name) }

    /// Notes what the turn did, then has the other driver wait.
    public func poll(until deadline: KernelTime?) {
        guard let kernel = tap.kernel else { return }
        tap.poll(kernel)
        tap.depth += 1
        base.poll(until: deadline)
        tap.depth -= 1
        // What came is there before anybody acts on it, should that be the last that is done.
        tap.writer.publish()
    }

    /// Notes a question and its answer; what comes in meanwhile stands before them.
    func noted<Failure: Error>(
        _ call: TapeCall, _ body: (inout TapeAnswer) throws(Failure) -> Void
    ) throws(Failure) {
        var answer = TapeAnswer()
        tap.depth += 1
        defer {
            tap.depth -= 1
            writer.put(call, answer, tap.depth)
        }
        try body(&answer)
    }
}
