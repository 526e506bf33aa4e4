public import OutcryKernel

/// How a replay ended.
public enum ReplayEnd: Error, Equatable, Sendable, CustomStringConvertible {
    /// The program did all that it had done when it was recorded, to the end of its run.
    case identical
    /// It did all that the journal knows, which ends before the run does: the process was killed, or the
    /// recording was given up.
    case journalEnded(String)
    /// It came to the time at which it was to stop.
    case reached(KernelTime)
    /// It did something else.
    case different(ReplayDifference)
    /// The journal cannot be read on.
    case unreadable(String)

    /// In words.
    public var description: String {
        switch self {
        case .identical: "identical to the end"
        case .journalEnded(let why): "identical as far as the journal goes: \(why)"
        case .reached(let time): "identical up to \(time)"
        case .different(let difference): "\(difference)"
        case .unreadable(let why): why
        }
    }
}

/// The first thing that a replay did otherwise, both sides of it.
public struct ReplayDifference: Equatable, Sendable, CustomStringConvertible {
    /// The number of the last input before it.
    public var input: UInt64
    /// The number of the event that differs, or of the last before what differs.
    public var event: UInt64
    /// The time of the turn.
    public var time: KernelTime
    /// What was recorded.
    public var recorded: String
    /// What the program did now.
    public var replayed: String
    /// What was dispatched last before it, alike on both sides; the oldest first.
    public var before: [String]

    /// Several lines.
    public var description: String {
        var lines = ["the first difference: after input \(input), at event \(event), \(time)"]
        lines += before.map { "            \($0)" }
        lines.append("  recorded: \(recorded)")
        lines.append("  replayed: \(replayed)")
        return lines.joined(separator: "\n")
    }
}

/// What one may set of a ``Replay``.
public struct ReplayOptions: Sendable {
    /// The time after the journal's first at which to stop; nil: to its end.
    public var until: Duration?
    /// How many times as fast as it was recorded; nil: as fast as it goes.
    public var speed: Double?
    /// Called before each turn with a line that says what comes; false ends the replay.
    public var step: (@Sendable (String) -> Bool)?
    /// Whether the bytes that are written have to be the same, and not only as many: a replay without the
    /// keys that the program had signs otherwise.
    public var comparesBytes = true
    /// How long work on other threads may take that the recorded run had a letter from.
    public var patience = Duration.seconds(10)

    /// As fast as it goes, to the end, everything compared.
    public init() {}
}
