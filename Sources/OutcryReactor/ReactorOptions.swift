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

    /// The house's numbers.
    public init() {}
}
