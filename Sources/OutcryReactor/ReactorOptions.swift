public import OutcryJournal
public import OutcryKernel

/// What one may set of a ``Reactor``.
public struct ReactorOptions: Sendable {
    /// How long the reactor looks for input again and again before it sleeps; zero: it sleeps at once.
    ///
    /// Saves the wake-up, some microseconds, at the price of a processor that is busy that long after
    /// every turn. For latency on a machine with processors to spare.
    public var busyPoll = Duration.zero
    /// The most connections that wait to be accepted, a listener; the system may allow fewer.
    public var backlog: Int32 = 1024
    /// The most connections that one readiness of a listener takes.
    public var acceptBatch = 64
    /// Names in lower case that mean these addresses, whatever the system's resolver says; the port is that
    /// which is dialled. A certificate has to be for the name all the same.
    public var hosts: [String: [SocketAddress]] = [:]

    /// SIGINT, SIGTERM and SIGHUP come as events. Where they do not, they do what they do to any program, also
    /// while no kernel runs: for programs that run one only now and then.
    public var takesSignals = true

    /// Where to write all that comes in, for a replay; nil: nowhere. `outcry record` and `outcry replay`
    /// say it by the environment, which counts more.
    public var journal: JournalFileOptions?

    /// Whether `outcry inspect` can look at the program while it runs, through a socket for this user alone. The
    /// environment can forbid it: `OUTCRY_INSPECT=0`.
    public var isInspectable = true

    /// The house's numbers.
    public init() {}
}
