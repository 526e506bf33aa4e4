public import OutcryKernel

/// A driver that plays a journal back: the same code learns the same things in the same order.
///
/// ```swift
/// let replay = Replay(try JournalFiles(reading: "bot.journal"))
/// let kernel = Kernel(driver: replay)
/// kernel.start(Bot(), alias: "bot")
/// try kernel.run()
/// print(replay.end)                             // identical, or the first difference
/// ```
///
/// What the program asks of its driver has to be what it asked when it was recorded, in the same order,
/// with the same bytes; what it dispatches has to be the same, event for event. At the first difference the
/// kernel stops, and ``end`` shows both sides. No socket is opened, no file touched and no clock read.
/// Work that was offloaded is done again.
public final class Replay: Driver {
    let tap: ReplayTap
    private let emitter: (String) -> Void

    /// Plays back what is in `journal`.
    ///
    /// - Parameter emit: Where the kernel's log goes.
    public convenience init(
        _ journal: JournalMemory, _ options: ReplayOptions = ReplayOptions(),
        emit: @escaping (String) -> Void = { _ in }
    ) { self.init(reading: journal, options, emit: emit) }

    package init(
        reading source: any BlockSource, _ options: ReplayOptions,
        emit: @escaping (String) -> Void
    ) {
        tap = ReplayTap(source, options)
        emitter = emit
    }

    /// What becomes of the run is kept for whoever asks why; set before the kernel is made.
    package var story: Story?

    /// How it ended; nil while it goes on.
    public var end: ReplayEnd? { tap.end }
    /// Is told once how it ended.
    public var onEnd: ((ReplayEnd) -> Void)? {
        get { tap.onEnd }
        set { tap.onEnd = newValue }
    }
    /// Inputs that were played back.
    public var inputs: UInt64 { tap.inputs }
    /// Events that were dispatched, and compared.
    public var events: UInt64 { tap.events }
    /// Their hash: that of the ``Recorder``, where all were the same.
    public var dispatchHash: UInt64 { tap.hash }
    /// The time from the journal's first to its last turn so far.
    public var played: Duration { tap.played }

    /// Called by the kernel that is made on this driver.
    public func attach(to kernel: Kernel) {
        tap.kernel = kernel
        kernel.tap = tap
        if let story { kernel.setWatcher(story) }
    }

    /// Does nothing: a replay never sleeps.
    public var waker: @Sendable () -> Void { {} }
    /// The time that was told next.
    public func time() -> TurnTime { tap.nextTime() }
    /// The random word that was told next.
    public func entropy() -> UInt64 { tap.nextRandom() }
    /// Gives the line to whoever made the replay.
    public func emit(_ line: String) { emitter(line) }
    /// What is given what the program hands out; nil: whoever is given the lines.
    var onReport: ((String) -> Void)?
    /// Hands out what the program does.
    public func report(_ text: String) { (onReport ?? emitter)(text) }
    /// A variable of the environment, which no journal keeps.
    public func variable(_ name: String) -> String? { JournalDoor.variable(name) }
    /// Tells the kernel what it was told then.
    public func poll(until deadline: KernelTime?) { tap.poll() }
}
